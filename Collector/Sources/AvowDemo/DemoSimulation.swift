public import AvowWire
import Dispatch

/// Sixty days in the life of four tools, played against a running collector in less than a minute.
///
/// The foreign clients' requests go over loopback as bytes; the example hosts run as programs of their own,
/// each simulated user with a state directory that it keeps. Before each step the collector's clock is set.
public struct DemoSimulation: Sendable {
  /// Where and as whom to send.
  public struct Target: Sendable {
    /// The collector's port on 127.0.0.1.
    public var port: UInt16
    /// The write keys by app.
    public var keys: [String: String]
    /// Sets the collector's clock.
    public var setClock: @Sendable (Timestamp) -> Void

    /// Creates a target.
    public init(
      port: UInt16, keys: [String: String], setClock: @escaping @Sendable (Timestamp) -> Void
    ) {
      self.port = port
      self.keys = keys
      self.setClock = setClock
    }
  }

  /// The clients whose requests are sent.
  public let clients: SeedClients
  /// The last moment that may be simulated: nothing happens after it.
  public let end: Timestamp
  /// The folder of the built example programs; `nil` leaves them out.
  public let examples: String?
  /// A folder for the hosts' state directories.
  public let workspace: String
  let seed: UInt64
  let target: Target

  /// Creates a simulation of the `days` that end now.
  ///
  /// - Parameters:
  ///   - end: The real time, so that the hosts' clocks and the simulated one meet at the end.
  ///   - examples: The folder of the built example programs; `nil` leaves them out.
  ///   - workspace: A folder for the hosts' state directories; made if it is missing.
  public init(
    target: Target, seed: UInt64 = 1, days: Int = 60, end: Timestamp, examples: String?,
    workspace: String
  ) {
    self.target = target
    self.seed = seed
    self.end = end
    self.examples = examples
    self.workspace = workspace
    clients = SeedClients(seed: seed, keys: target.keys, firstDay: end.day - days + 1, days: days)
  }

  /// Plays all days on a thread of its own and returns what was sent.
  ///
  /// - Parameter progress: Called after each day with its number, from 1.
  public func play(progress: @escaping @Sendable (Int) -> Void = { _ in }) async -> DemoLedger {
    await withCheckedContinuation { continuation in
      // Sockets and child processes block; the collector in this process needs the other threads.
      DispatchQueue(label: "avow.demo").async {
        continuation.resume(returning: playBlocking(progress: progress))
      }
    }
  }

  private func playBlocking(progress: (Int) -> Void) -> DemoLedger {
    var ledger = DemoLedger()
    let connection = LoopbackClient(port: target.port)
    for day in 0..<clients.days {
      let visits = hostVisits(day: day)
      let requests = clients.requests(day: day)
      // The hosts' hour; what is later than the end of the simulation does not happen.
      let noon = Timestamp(milliseconds: Timestamp(day: clients.firstDay + day).milliseconds + 43_200_000)
      for request in requests where request.time <= noon {
        send(request, over: connection, &ledger)
      }
      if noon <= end || day == clients.days - 1 {
        target.setClock(min(noon, end))
        run(visits, &ledger)
      }
      for request in requests where request.time > noon {
        send(request, over: connection, &ledger)
      }
      progress(day + 1)
    }
    target.setClock(end)
    return ledger
  }

  private func send(
    _ request: ForeignRequest, over connection: LoopbackClient, _ ledger: inout DemoLedger
  ) {
    guard request.time <= end else { return }
    target.setClock(request.time)
    let status = (try? connection.send(request))?.status
    ledger.note(request, status: status)
  }
}
