import Logging
import ServiceLifecycle
import UnixSignals

/// Writes down the quarantine's counts every few seconds, and loads catalogs anew on SIGHUP.
struct UpkeepService: Service {
  let state: CollectorState

  func run() async throws {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await keepCounts() }
      group.addTask { await reloadOnHangup() }
      await group.waitForAll()
    }
    save()
  }

  private func keepCounts() async {
    let ticks = AsyncTimerTicks(every: .seconds(5)).cancelOnGracefulShutdown()
    for await _ in ticks { save() }
  }

  private func reloadOnHangup() async {
    for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
      do {
        for warning in try await state.reload() { state.logger.warning("\(warning)") }
      } catch {
        state.logger.error("catalogs not reloaded, the old ones stay in force: \(error)")
      }
    }
  }

  private func save() {
    do { try state.saveQuality() } catch { state.logger.error("counts not saved: \(error)") }
  }
}

/// One element each interval, until cancelled.
struct AsyncTimerTicks: AsyncSequence, Sendable {
  let every: Duration

  struct Iterator: AsyncIteratorProtocol {
    let every: Duration
    mutating func next() async -> Void? {
      do { try await Task.sleep(for: every) } catch { return nil }
      return ()
    }
  }

  func makeAsyncIterator() -> Iterator { Iterator(every: every) }
}
