import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Ends requests whose body comes too slowly or not at all, so that nobody holds memory and a connection for ever.
///
/// A body may stand still for the patience, or lag so far behind 16 KiB a second: each piece of it gives time
/// back, never more than the patience, so that nobody saves up for standing still by sending much at first. Time
/// passes only while there is room to read: a busy collector is not its client's fault. Then reading the body
/// fails with `TooSlow`, which leaves time to answer; two seconds later the connection is closed.
final class BodyPatience: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  struct TooSlow: Error {}

  private let patience: TimeAmount
  /// How long the body under way may still be waited for, from `since` on; `nil` between bodies.
  private var left: TimeAmount?
  /// Since when it is waited for; `nil` while nothing is read.
  private var since: NIODeadline?
  private var watch: Scheduled<Void>?
  /// Nanoseconds for a byte, at 16 KiB a second.
  private static let pace: Int64 = 1_000_000_000 >> 14

  init(_ patience: Duration) { self.patience = TimeAmount(patience) }

  func read(context: ChannelHandlerContext) {
    if left != nil, since == nil {
      since = .now()
      // Most requests are whole by now and never need a timer.
      if watch == nil { schedule(context) }
    }
    context.read()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head: left = patience
    case .body(let bytes):
      if let left {
        self.left = min(patience, left + .nanoseconds(Int64(bytes.readableBytes) * Self.pace))
      }
    case .end: stop()
    }
    context.fireChannelRead(data)
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    if let left, let since { self.left = left - (.now() - since) }
    since = nil
    context.fireChannelReadComplete()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event is ChannelShouldQuiesceEvent { stopWaiting(context) }
    context.fireUserInboundEventTriggered(event)
  }

  /// When the collector ends, a body that is not whole in five seconds is answered rather than cut off: some SDKs
  /// lose without a trace what they sent into a connection that closes.
  private func stopWaiting(_ context: ChannelHandlerContext) {
    _ = context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(5)) { [self] in
      if left != nil, context.channel.isActive { giveUp(context) }
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    stop()
    context.fireChannelInactive()
  }

  func handlerRemoved(context: ChannelHandlerContext) { stop() }

  private func stop() {
    left = nil
    since = nil
    watch?.cancel()
    watch = nil
  }

  private func schedule(_ context: ChannelHandlerContext) {
    guard let left, let since else { return }
    watch = context.eventLoop.assumeIsolated().scheduleTask(deadline: since + left) { [self] in
      watch = nil
      guard let left = self.left, let since = self.since else { return }
      if NIODeadline.now() < since + left { return schedule(context) }
      giveUp(context)
    }
  }

  private func giveUp(_ context: ChannelHandlerContext) {
    stop()
    context.fireErrorCaught(TooSlow())
    watch = context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(2)) {
      context.close(promise: nil)
    }
  }
}
