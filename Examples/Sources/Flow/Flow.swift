import HostSupport

/// Runs one executor over the documents that reach it.
struct Runtime {
  let executor: any Executor

  init(_ executor: any Executor, reporter: Reporter<Jina>) {
    reporter.record(.runtimeStart)
    reporter.record(.executorStart)
    self.executor = executor
  }

  func serve(_ documents: [Document]) -> [Document] { executor.process(documents) }
}

/// The way into a flow: takes requests and walks them through the runtimes in their order.
struct Gateway {
  private let runtimes: [Runtime]

  init(_ runtimes: [Runtime], reporter: Reporter<Jina>) {
    self.runtimes = runtimes
    reporter.record(.gatewayStart)
  }

  func handle(_ documents: [Document]) -> [Document] {
    runtimes.reduce(documents) { $1.serve($0) }
  }
}

/// Executors behind a gateway. Only that a part starts is reported, never what passes through it.
struct Flow {
  private var executors: [any Executor] = []

  /// Returns the flow with one more executor at its end.
  func adding(_ executor: any Executor) -> Flow {
    var flow = self
    flow.executors.append(executor)
    return flow
  }

  /// Starts all parts and returns the way in.
  func start(reporter: Reporter<Jina>) -> Gateway {
    let gateway = Gateway(executors.map { Runtime($0, reporter: reporter) }, reporter: reporter)
    reporter.record(.flowStart)
    return gateway
  }
}

/// Sends documents to a gateway.
struct Client {
  private let gateway: Gateway

  init(_ gateway: Gateway, reporter: Reporter<Jina>) {
    self.gateway = gateway
    reporter.record(.clientStart)
  }

  func post(_ texts: [String]) -> [Document] {
    gateway.handle(texts.map { Document(text: $0) })
  }
}
