public import AvowWire

/// Says which files made from a catalog no longer say what it says.
///
/// The caller reads the files; this only compares, byte for byte, with what would be written today.
///
/// ```swift
/// let stale = CatalogFreshness.stale(catalog, [.init(.page, path: "telemetry.md", text: text)])
/// ```
public enum CatalogFreshness {
  /// What is made from a catalog.
  public enum Product: String, Sendable, Hashable, CaseIterable {
    /// The page as Markdown.
    case page
    /// The page as HTML.
    case html
    /// The generated Swift code.
    case swift
    /// A block between markers in a text such as the README.
    case block
  }

  /// A file that was made from a catalog.
  public struct Artifact: Sendable, Hashable {
    public var product: Product
    /// Its path, for messages.
    public var path: String
    /// What it holds; `nil` when there is no such file.
    public var text: String?

    /// Creates an artifact.
    public init(_ product: Product, path: String, text: String?) {
      self.product = product
      self.path = path
      self.text = text
    }
  }

  /// A file that is not what the catalog would give.
  public struct Stale: Sendable, Hashable, CustomStringConvertible {
    public var path: String
    /// What is wrong with it.
    public var reason: String
    /// How to mend it.
    public var hint: String

    /// One line.
    public var description: String { "\(path): \(reason) (\(hint))" }
  }

  /// Returns the files that differ from what the catalog gives, in the order of `artifacts`.
  public static func stale(_ catalog: Catalog, _ artifacts: [Artifact]) -> [Stale] {
    artifacts.compactMap { artifact in
      guard let text = artifact.text else {
        return Stale(path: artifact.path, reason: "there is no such file", hint: mend(artifact.product))
      }
      guard let expected = expected(catalog, artifact.product, in: text) else {
        return Stale(
          path: artifact.path, reason: "it has no block for the page",
          hint: "write \(CatalogPage.blockStart) and \(CatalogPage.blockEnd) on lines of their own")
      }
      guard text != expected else { return nil }
      let line = firstDifference(text, expected)
      return Stale(
        path: artifact.path, reason: "it differs from the catalog at line \(line)",
        hint: mend(artifact.product))
    }
  }

  private static func expected(_ catalog: Catalog, _ product: Product, in text: String) -> String? {
    switch product {
    case .page: CatalogPage.markdown(catalog)
    case .html: CatalogPage.html(catalog)
    case .swift: SwiftGenerator.generate(catalog, layouts: SwiftGenerator.layouts(in: text))
    case .block: CatalogPage.embedding(catalog, in: text)
    }
  }

  private static func mend(_ product: Product) -> String {
    switch product {
    case .page, .html, .block: "run `avow docs`"
    case .swift: "run `avow generate swift`"
    }
  }

  /// The first line, from 1, in which two texts differ.
  private static func firstDifference(_ a: String, _ b: String) -> Int {
    let left = a.split(separator: "\n", omittingEmptySubsequences: false)
    let right = b.split(separator: "\n", omittingEmptySubsequences: false)
    let same = zip(left, right).prefix { $0 == $1 }.count
    return same + 1
  }
}
