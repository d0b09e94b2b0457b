import Logging
import ServiceLifecycle
import UnixSignals

/// Writes down the quarantine's counts every few seconds and looks whether the certificate's files changed; loads
/// catalogs and certificate anew on SIGHUP.
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
    for await _ in ticks {
      save()
      state.rates.note(state.totals, at: .now)
      reloadCertificate(isAsked: false)
    }
  }

  private func reloadOnHangup() async {
    for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
      do {
        for warning in try await state.reload() { state.logger.warning("\(warning)") }
      } catch {
        state.logger.error("catalogs not reloaded, the old ones stay in force: \(error)")
      }
      reloadCertificate(isAsked: true)
    }
  }

  private func reloadCertificate(isAsked: Bool) {
    guard let tls = state.tls else { return }
    do {
      guard try tls.reload(isAsked: isAsked) else { return }
      state.logger.info("certificate loaded", metadata: ["expires": "\(tls.expires)"])
    } catch {
      state.logger.error("certificate not reloaded, the old one stays in force: \(error)")
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
