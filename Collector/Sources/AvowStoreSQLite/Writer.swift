import AvowStore
import AvowWire
import Foundation
import GRDB
import Logging
import Synchronization

/// The one thread that writes: takes everything queued, stores it in one transaction, answers.
final class Writer: Sendable {
  /// What may wait before `overloaded` is answered.
  struct Limits: Sendable {
    var queuedEvents = 100_000
    var queuedBytes = 64 << 20
    /// How many events one transaction takes at most, unless a single batch has more.
    var transactionEvents = 10_000
  }

  typealias Reply = CheckedContinuation<Result<AppendResult, StoreError>, Never>

  private enum Job: Sendable {
    case append(EventBatch, Reply)
    case work(@Sendable (WriterState?) -> Void)
  }

  private struct Queue: Sendable {
    var jobs: [Job] = []
    var events = 0
    var bytes = 0
    var isClosed = false
  }

  private let queue = Mutex(Queue())
  private let wakeUp = DispatchSemaphore(value: 0)
  private let limits: Limits

  init(limits: Limits) { self.limits = limits }

  /// Starts the thread, which makes its own state and reports whether that went well.
  func start(_ make: @escaping @Sendable () throws -> WriterState) async throws {
    try await withCheckedThrowingContinuation { (started: CheckedContinuation<Void, any Error>) in
      let thread = Thread { [self] in
        // For those who look with `top -H`: the kernel keeps 15 characters, and only from inside.
        Thread.current.name = "avow.writer"
        do {
          var state: WriterState? = try make()
          started.resume()
          let last = state.flatMap(run)
          // Its statements must be gone before the files can be closed.
          state = nil
          last?(nil)
        } catch {
          started.resume(throwing: error)
        }
      }
      thread.stackSize = 1 << 20
      thread.start()
    }
  }

  /// Queues a batch; it is answered once it is durable.
  func append(_ batch: EventBatch) async -> Result<AppendResult, StoreError> {
    await withCheckedContinuation { reply in
      let size = Self.size(of: batch)
      let refusal = enqueue(.append(batch, reply)) { queue in
        // A batch alone is always taken, however large.
        if queue.events > 0,
          queue.events + batch.entries.count > limits.queuedEvents || queue.bytes + size > limits.queuedBytes
        {
          return .overloaded
        }
        queue.events += batch.entries.count
        queue.bytes += size
        return nil
      }
      if let refusal { reply.resume(returning: .failure(refusal)) }
    }
  }

  /// Runs `body` on the writer's thread, between transactions.
  func perform<Value: Sendable>(
    _ body: @escaping @Sendable (WriterState) throws -> Value
  ) async throws(StoreError) -> Value {
    let result: Result<Value, StoreError> = await withCheckedContinuation { reply in
      let job = Job.work { state in
        guard let state else { return reply.resume(returning: .failure(.closed)) }
        do { reply.resume(returning: .success(try body(state))) } catch {
          reply.resume(returning: .failure(StoreError(error)))
        }
      }
      if let refusal = enqueue(job) { reply.resume(returning: .failure(refusal)) }
    }
    return try result.get()
  }

  /// Takes nothing more; what is queued is still done. Returns once the thread has let go of the files.
  func close() async {
    await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
      let refusal = enqueue(.work { _ in done.resume() }) { queue in
        queue.isClosed = true
        return nil
      }
      if refusal != nil { done.resume() }
    }
  }

  /// Queues a job unless `admit` refuses it.
  private func enqueue(_ job: Job, _ admit: (inout Queue) -> StoreError? = { _ in nil }) -> StoreError? {
    let (refusal, wasEmpty) = queue.withLock { queue -> (StoreError?, Bool) in
      if queue.isClosed { return (.closed, false) }
      if let refusal = admit(&queue) { return (refusal, false) }
      queue.jobs.append(job)
      return (nil, queue.jobs.count == 1)
    }
    if wasEmpty { wakeUp.signal() }
    return refusal
  }

  /// How many events wait.
  var queuedEvents: Int { queue.withLock { $0.events } }

  private static func size(of batch: EventBatch) -> Int {
    batch.bytes.count + (batch.values.count + batch.items.count) * MemoryLayout<EventBatch.Slot>.stride
      + batch.entries.count * MemoryLayout<EventBatch.Entry>.stride
  }

  // MARK: The thread

  /// Works until the store is closed; returns what is to be done when the state is gone.
  private func run(_ state: WriterState) -> (@Sendable (WriterState?) -> Void)? {
    var lingers = false
    while true {
      wakeUp.wait()
      // Under medium load the transactions are small and dear; two milliseconds make them fewer.
      if lingers { Thread.sleep(forTimeInterval: 0.002) }
      var (jobs, isClosed) = queue.withLock { queue in
        defer {
          queue.jobs = []
          queue.events = 0
          queue.bytes = 0
        }
        return (queue.jobs, queue.isClosed)
      }
      // Nothing is queued after the job that closes.
      let last = isClosed ? jobs.popLast() : nil
      var group: [(EventBatch, Reply)] = []
      var events = 0
      lingers = false
      func flush() {
        if group.isEmpty { return }
        Self.store(group, state)
        lingers = group.count > 1 && events < 1000
        group = []
        events = 0
      }
      for job in jobs {
        switch job {
        case .append(let batch, let reply):
          if events + batch.entries.count > limits.transactionEvents { flush() }
          group.append((batch, reply))
          events += batch.entries.count
        case .work(let body):
          flush()
          state.holdLog()
          body(state)
        }
      }
      flush()
      if case .work(let body)? = last { return body }
    }
  }

  /// Stores a group of batches together, and one by one when that fails for a reason that may lie in one.
  private static func store(_ group: [(EventBatch, Reply)], _ state: WriterState) {
    do {
      let results = try state.store(group.map(\.0))
      for (index, entry) in group.enumerated() { entry.1.resume(returning: .success(results[index])) }
    } catch {
      let problem = StoreError(error)
      guard group.count > 1, problem.code == .failed || problem.code == .unknownApp else {
        for entry in group { entry.1.resume(returning: .failure(problem)) }
        return
      }
      for entry in group { store([entry], state) }
    }
  }
}
