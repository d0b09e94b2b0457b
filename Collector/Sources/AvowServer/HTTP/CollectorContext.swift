import Hummingbird
import NIOCore

/// A request's context with the connection's address.
struct CollectorContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  /// The address without the port; `nil` on a unix socket.
  let address: String?

  init(source: ApplicationRequestContextSource) {
    coreContext = .init(source: source)
    address = source.channel.remoteAddress?.ipAddress
  }
}
