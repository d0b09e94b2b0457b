import AvowWire
import Logging
import ServiceLifecycle

/// Publishes each week soon after it settled, whether somebody looks or not.
struct Publishing: Service {
  let state: CollectorState

  func run() async throws {
    for await _ in AsyncTimerTicks(every: .seconds(30)).cancelOnGracefulShutdown() {
      for entry in state.catalogs.entries where !entry.catalog.published.isEmpty {
        do {
          try await state.publisher.update(entry, today: state.today(for: entry.catalog))
        } catch {
          state.logger.error(
            "not published, it tries again: \(error)", metadata: ["app": "\(entry.catalog.app)"])
        }
      }
    }
  }
}
