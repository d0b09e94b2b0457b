#if canImport(Darwin)
  import Foundation

  /// Apple's own stack: the system's proxies and certificates. Foundation is part of those systems, so that
  /// linking it costs a program nothing there.
  struct URLSessionTransport: Transport {
    func send(_ request: TransportRequest, timeout: Duration) -> TransportResult {
      guard let url = URL(string: request.url), let scheme = url.scheme?.lowercased(),
        scheme == "https" || scheme == "http"
      else { return .failure("the collector's address is none") }
      var post = URLRequest(url: url)
      post.httpMethod = "POST"
      post.httpBody = Data(request.body)
      for header in request.headers { post.setValue(header.value, forHTTPHeaderField: header.name) }
      let seconds = Double(max(1, timeout.milliseconds)) / 1000
      let configuration = URLSessionConfiguration.ephemeral
      configuration.timeoutIntervalForRequest = min(seconds, 10)
      configuration.timeoutIntervalForResource = seconds
      configuration.httpShouldSetCookies = false
      configuration.urlCache = nil
      let reception = Reception()
      let session = URLSession(configuration: configuration, delegate: reception, delegateQueue: nil)
      let task = session.dataTask(with: post)
      task.resume()
      let isOver = reception.ended.wait(timeout: .now() + seconds + 1) == .success
      // Ends the task and lets go of the delegate.
      session.invalidateAndCancel()
      return isOver ? reception.result : .failure("no answer came in time")
    }
  }

  private final class Reception: NSObject, URLSessionDataDelegate, @unchecked Sendable {
    // Unchecked: written by the session's serial queue, read after `ended` was signalled.
    let ended = DispatchSemaphore(value: 0)
    private var body: [UInt8] = []
    private var isTooLong = false
    private(set) var result = TransportResult.failure("no answer came")

    func urlSession(
      _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
      newRequest request: URLRequest, completionHandler: @escaping @Sendable (URLRequest?) -> Void
    ) {
      completionHandler(nil)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
      guard body.count + data.count <= HTTPAnswer.limit else {
        isTooLong = true
        dataTask.cancel()
        return
      }
      body.append(contentsOf: data)
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
      if isTooLong {
        result = .failure("the answer is too long")
      } else if let error {
        result = .failure("network error \((error as NSError).code)")
      } else if let answer = task.response as? HTTPURLResponse {
        let retryAfter = answer.value(forHTTPHeaderField: "Retry-After").flatMap {
          RetryAfter.parse(
            $0, date: answer.value(forHTTPHeaderField: "Date"),
            now: Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)))
        }
        result = .answer(status: answer.statusCode, retryAfter: retryAfter, body: body)
      }
      ended.signal()
    }
  }
#endif
