/// What the server sends for a page of the dashboard: HTML, or the address to go to.
public struct Page: Sendable, Hashable {
  public var status: Int
  /// The whole document; empty for a redirect.
  public var html: String
  /// Where to go instead, set with 303.
  public var location: String?

  /// Creates a page.
  public init(status: Int, html: String, location: String? = nil) {
    self.status = status
    self.html = html
    self.location = location
  }

  /// Sends the reader to another page of the dashboard.
  public static func redirect(to location: String) -> Page { Page(status: 303, html: "", location: location) }
}
