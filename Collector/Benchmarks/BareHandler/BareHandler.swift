import Hummingbird

/// The least a Hummingbird server can do: what the collector's requests a second are measured against.
@main
struct BareHandler {
  static func main() async throws {
    let router = Router()
    router.post("/") { request, _ in
      for try await _ in request.body {}
      return "ok"
    }
    router.get("/") { _, _ in "ok" }
    let port = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 8766
    try await Application(
      router: router, configuration: .init(address: .hostname("127.0.0.1", port: port)),
      onServerRunning: { _ in print("ready") }
    ).runService()
  }
}
