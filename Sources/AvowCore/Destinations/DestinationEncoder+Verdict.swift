#if ForeignFormats
  extension DestinationEncoder {
    /// Returns what an answer means.
    public func verdict(status: Int, body: [UInt8], for report: EventReport) -> Verdict {
      if status == 413 { return .tooLarge }
      switch dialect {
      case .native: return NativeRequest.verdict(status, body, report)
      case .amplitude, .amplitudeBatch: return amplitude(status, body, report)
      case .jitsu2: return jitsu2(status, body, report)
      case .otlp: return otlp(status, body, report)
      // RudderStack and PostHog mean by any other success that somebody else answered; Segment has no other.
      case .segment, .postHog: return plain(status, body, report, success: 200...200)
      case .jitsu, .json: return plain(status, body, report, success: 200...299)
      }
    }

    private func plain(
      _ status: Int, _ body: [UInt8], _ report: EventReport, success: ClosedRange<Int>
    ) -> Verdict {
      switch status {
      case success:
        return Self.isPage(body) ? .again(Verdict.notACollector) : .delivered(accepted: report.events.count)
      case 400, 415, 422: return .refused(Verdict.refusal(status))
      // A wrong key or address can be mended, and the events are still there then.
      default: return .again(Verdict.failure(status))
      }
    }

    /// The number in the body counts, as for Amplitude's own clients.
    private func amplitude(_ status: Int, _ body: [UInt8], _ report: EventReport) -> Verdict {
      let json = try? JSONValue(parsing: body)
      let code = json?["code"]?.integerValue.flatMap { Int(exactly: $0) }
      switch code ?? status {
      case 200..<300:
        guard code != nil else { return .again(Verdict.notACollector) }
        return .delivered(accepted: report.events.count)
      case 413: return .tooLarge
      case 400:
        guard let json else { return .refused(Verdict.refusal(400)) }
        var listed: [Int] = []
        for member in [
          "events_with_invalid_fields", "events_with_missing_fields", "events_with_invalid_id_lengths",
        ] {
          for places in (json[member]?.objectValue ?? [:]).values { listed += Self.positions(places) }
        }
        listed += Self.positions(json["silenced_events"])
        let known = Self.known(listed, of: report)
        if !known.isEmpty { return .without(known) }
        let isAboutKey =
          json["error"]?.stringValue?.hasPrefix("Invalid API key") == true
          || json["missing_field"]?.stringValue == "api_key"
        return isAboutKey ? .again("the server does not know the key") : .refused(Verdict.refusal(400))
      case 429:
        let listed = Self.known(Self.positions(json?["throttled_events"]), of: report)
        guard !listed.isEmpty else { return .again(Verdict.failure(429)) }
        // One report has one user, so that a used-up day is everybody's on the list.
        let isOver = ["exceeded_daily_quota_users", "exceeded_daily_quota_devices"].contains {
          json?[$0]?.objectValue?.isEmpty == false
        }
        return isOver ? .throttled([], over: listed) : .throttled(listed)
      default: return .again(Verdict.failure(code ?? status))
      }
    }

    private func jitsu2(_ status: Int, _ body: [UInt8], _ report: EventReport) -> Verdict {
      guard status == 200, let json = try? JSONValue(parsing: body), let isGood = json["ok"]?.boolValue else {
        return plain(status, body, report, success: 200...200)
      }
      guard let received = json["receivedEvents"]?.integerValue, let good = json["okEvents"]?.integerValue
      else {
        return isGood ? .delivered(accepted: report.events.count) : .refused("the server refused a request")
      }
      let count = report.events.count
      let accepted = Int(max(0, min(good, Int64(count))))
      return .delivered(
        accepted: accepted,
        duplicates: Int(max(0, min(json["deduplicatedEvents"]?.integerValue ?? 0, Int64(count)))),
        refused: Int(max(0, min(received, Int64(count)) - Int64(accepted))))
    }

    /// The specification names the four answers after which the same may be sent again.
    private func otlp(_ status: Int, _ body: [UInt8], _ report: EventReport) -> Verdict {
      switch status {
      case 200..<300:
        if Self.isPage(body) { return .again(Verdict.notACollector) }
        let member = (try? JSONValue(parsing: body))?["partialSuccess"]?["rejectedLogRecords"]
        let rejected = member?.integerValue ?? member?.stringValue.flatMap { PlainText.number($0[...]) } ?? 0
        let refused = Int(max(0, min(rejected, Int64(report.events.count))))
        return .delivered(accepted: report.events.count - refused, refused: refused)
      case 429, 502, 503, 504, 300..<400: return .again(Verdict.failure(status))
      default: return .refused(Verdict.refusal(status))
      }
    }

    private static func positions(_ value: JSONValue?) -> [Int] {
      (value?.arrayValue ?? []).compactMap { $0.integerValue.flatMap { Int(exactly: $0) } }
    }

    /// The positions that the report has, each once and in order.
    private static func known(_ positions: [Int], of report: EventReport) -> [Int] {
      var isListed = [Bool](repeating: false, count: report.events.count)
      for position in positions where isListed.indices.contains(position) { isListed[position] = true }
      return isListed.indices.filter { isListed[$0] }
    }

    /// Whether a web page came back, as from the sign-in of a guest network.
    private static func isPage(_ body: [UInt8]) -> Bool {
      body.first { $0 != 0x20 && $0 != 0x0A && $0 != 0x0D && $0 != 0x09 } == UInt8(ascii: "<")
    }
  }
#endif
