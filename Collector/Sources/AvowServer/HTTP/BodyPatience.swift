import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Ends requests whose body comes too slowly or not at all, so that nobody holds memory and a connection for ever.
///
/// A body may take the patience and one second more for each 16 KiB it brought. Then reading it fails with
/// `TooSlow`, which leaves time to answer; two seconds later the connection is closed.
final class BodyPatience: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart

  struct TooSlow: Error {}

  private let patience: TimeAmount
  private var start: NIODeadline?
  private var received = 0
  private var watch: Scheduled<Void>?

  init(_ patience: Duration) { self.patience = TimeAmount(patience) }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head:
      start = .now()
      received = 0
    case .body(let bytes): received += bytes.readableBytes
    case .end: stop()
    }
    context.fireChannelRead(data)
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    // Most requests are whole by now and never need a timer.
    if start != nil, watch == nil { schedule(context) }
    context.fireChannelReadComplete()
  }

  func channelInactive(context: ChannelHandlerContext) {
    stop()
    context.fireChannelInactive()
  }

  func handlerRemoved(context: ChannelHandlerContext) { stop() }

  private func stop() {
    start = nil
    watch?.cancel()
    watch = nil
  }

  private func schedule(_ context: ChannelHandlerContext) {
    guard let start else { return }
    let deadline = start + patience + .seconds(Int64(received >> 14))
    watch = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { [self] in
      watch = nil
      guard let begun = self.start else { return }
      if NIODeadline.now() < begun + patience + .seconds(Int64(received >> 14)) { return schedule(context) }
      self.start = nil
      context.fireErrorCaught(TooSlow())
      watch = context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(2)) {
        context.close(promise: nil)
      }
    }
  }
}
