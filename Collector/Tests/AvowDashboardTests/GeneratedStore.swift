import AvowStore
import AvowWire
import Foundation

/// Answers every question with plausible numbers that depend on the question alone.
///
/// Numbers of one day are the same whatever interval is asked about, parts add up to their whole, and
/// quantiles come from a sample that the histogram counts too.
struct GeneratedStore: Sendable {
  let catalogs: [Catalog]
  let today: Int
  /// The share of the running day that has passed.
  var passed = 0.55

  @Sendable func ask(_ question: Question) async throws -> Answer {
    guard let catalog = catalogs.first(where: { $0.app == question.app }) else {
      throw StoreError.unknownApp(question.app)
    }
    let asksUsers =
      switch question.subject {
      case .activeUsers, .breakdown(_, .users): true
      default: false
      }
    if asksUsers, catalog.identity.user == .none {
      throw StoreError.unanswerable(
        "\(catalog.name) tells no users apart (identity: none), so they cannot be counted.")
    }
    let unit: Answer.Unit =
      switch question.subject {
      case .activeUsers, .breakdown(_, .users): catalog.identity.user == .process ? .starts : .installations
      case .events, .breakdown(_, .events): .events
      case .breakdown(_, .items): .items
      case .distribution: .values
      case .recent: .events
      case .rolling, .retention, .funnel, .adoption, .stickiness, .newAndReturning:
        catalog.identity.user == .process ? .starts : .installations
      }
    let periods = Self.periods(question)
    var answer = Answer(
      question: question, unit: unit, bound: unit == .starts ? .ceiling : .exact, periods: periods,
      lastPeriodIsRunning: question.interval.last >= today, reports: Int(total(question, catalog, .events)))
    switch question.subject {
    case .events(false): answer.series = [line([], question, catalog, .events, share: 1)]
    case .events(true):
      answer.series = catalog.events.map {
        line([$0.name], question, catalog, .events, share: Self.weight(of: $0.name, in: catalog))
      }.sorted { $0.total > $1.total }
    case .activeUsers, .rolling: answer.series = [line([], question, catalog, .installations, share: 1)]
    case .adoption(let field):
      answer.series = groups(field, .users, question, catalog).enumerated().map { index, group in
        let share = 1 / Double(index + 2)
        let all = line([], question, catalog, .installations, share: share).values
        return Answer.Series(key: group.key, isOther: group.isOther, values: all, total: group.total)
      }
    case .newAndReturning:
      answer.series = [("new", 0.3), ("returning", 0.7)].map { name, share in
        line([name], question, catalog, .installations, share: share)
      }
    case .retention:
      answer.series = periods.enumerated().map { cohort, start in
        let size = (40 + 60 * Self.noise(catalog.app, String(start))).rounded()
        let values = periods.indices.map { index in
          index < cohort ? 0 : (size / Double(index - cohort + 1)).rounded()
        }
        return Answer.Series(
          key: [CivilDate(dayNumber: start).description], values: values, total: size)
      }
    case .stickiness:
      answer.series = (1...9).map { days in
        let count = (900 / Double(days * days)).rounded()
        return Answer.Series(key: [String(days)], values: [count], total: count)
      }
    case .funnel(let steps, _):
      answer.series = steps.enumerated().map { index, step in
        let count = (700 / Double(index * 2 + 1)).rounded()
        return Answer.Series(key: [step], values: [count], total: count)
      }
    case .recent: throw StoreError.unanswerable("no page asks this of made-up data")
    case .breakdown(let fields, let counting):
      answer.series = groups(fields[0], counting, question, catalog)
    case .distribution(let path, let by):
      let keys: [[String?]] =
        by.first.map { field in
          values(of: field, question.event, catalog).prefix(question.top).map { [$0] }
        } ?? [[]]
      answer.distributions = keys.map { distribution(path, $0, question, catalog) }
      if let by = by.first {
        // Nine rows in ten carry the number.
        let rows = groups(by, .items, question, catalog)
        for (index, item) in answer.distributions.enumerated() {
          let share = 0.82 + 0.17 * Self.noise(by.description, item.key[0] ?? "")
          let all = rows.first { $0.key == item.key }?.total ?? 0
          answer.distributions[index].count = Int(all * share)
        }
      }
    }
    return answer
  }

  static func periods(_ question: Question) -> [Int] {
    guard question.period != .total else { return [question.interval.first] }
    var starts: [Int] = []
    for day in question.interval.first...question.interval.last {
      let start = max(question.period.start(of: day), question.interval.first)
      if starts.last != start { starts.append(start) }
    }
    return starts
  }

  /// From 0 to 1, the same for the same text.
  static func noise(_ parts: String...) -> Double {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in parts.joined(separator: "|").utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    hash ^= hash >> 29
    hash = hash &* 0xbf58_476d_1ce4_e5b9
    return Double((hash ^ (hash >> 32)) >> 11) / Double(UInt64(1) << 53)
  }

  static func weight(of event: String, in catalog: Catalog) -> Double {
    guard let index = catalog.events.firstIndex(where: { $0.name == event }),
      catalog.events[index].status == .active
    else { return 0 }
    return 0.42 / Double(index * index / 3 + 1) * (0.8 + 0.4 * noise(event))
  }

  private func daily(_ day: Int, _ catalog: Catalog) -> Double {
    let weekday = ((day + 3) % 7 + 7) % 7
    let growth = 1 + Double(day - (today - 200)) / 420
    let size = 260 + 900 * Self.noise(catalog.app, "size")
    let week = weekday >= 5 ? 0.42 : 1 - abs(Double(weekday) - 2) * 0.05
    let running = day == today ? passed : day > today ? 0 : 1
    return size * max(0.05, growth) * week * (0.9 + 0.2 * Self.noise(catalog.app, String(day))) * running
  }

  private func factor(_ question: Question, _ catalog: Catalog) -> Double {
    var factor = question.event.map { Self.weight(of: $0, in: catalog) } ?? 1
    for filter in question.filters { factor *= 0.25 + 0.5 * Self.noise(filter.text) }
    return factor
  }

  private func amount(
    _ days: ClosedRange<Int>, _ question: Question, _ catalog: Catalog, _ unit: Answer.Unit
  ) -> Double {
    let sum = days.reduce(0) { $0 + daily($1, catalog) } * factor(question, catalog)
    if unit == .installations { return (sum / pow(Double(days.count), 0.62)).rounded() }
    return (sum * 7.3).rounded()
  }

  private func total(_ question: Question, _ catalog: Catalog, _ unit: Answer.Unit) -> Double {
    amount(question.interval.first...question.interval.last, question, catalog, unit)
  }

  private func line(
    _ key: [String?], _ question: Question, _ catalog: Catalog, _ unit: Answer.Unit, share: Double
  ) -> Answer.Series {
    let periods = Self.periods(question)
    let values = periods.indices.map { index in
      let end = index + 1 < periods.count ? periods[index + 1] - 1 : question.interval.last
      let wobble = key.isEmpty ? 1 : 0.75 + 0.5 * Self.noise(key[0] ?? "", String(periods[index]))
      return (amount(periods[index]...end, question, catalog, unit) * share * wobble).rounded()
    }
    let total =
      unit == .events ? values.reduce(0, +) : (total(question, catalog, unit) * share).rounded()
    return Answer.Series(key: key, values: values, total: total)
  }

  private func values(of path: FieldPath, _ event: String?, _ catalog: Catalog) -> [String] {
    let field = catalog.field(at: path, of: event)
    switch field?.type {
    case .boolean: return ["false", "true"]
    case .text(.oneOf(let values)): return values.filter { $0 != "other" && !$0.hasSuffix("bsd") }
    case .version where path.description == "os_version":
      return ["6.8.0", "14.5", "6.5.0", "10.0.22631", "13.6.1", "5.15.0", "15.1", "6.11.0"]
    case .version:
      return path.description.hasPrefix("python")
        ? ["3.11", "3.10", "3.12", "3.9", "3.13", "3.8"]
        : ["0.4.2", "0.4.1", "0.4.0", "0.5.0rc1", "0.3.3", "0.4.2.dev3", "0.3.2", "0.3.1", "0.3.0", "0.2.8"]
    default: break
    }
    switch path.components.last {
    case "technique": return ["original", "quantization", "half_precision", "pruning", "compression"]
    case "compiler": return ["onnxruntime", "torchscript", "tensor_rt", "deepsparse", "openvino", "tvm"]
    case "processor":
      return [
        "Apple M1 Pro", "Intel(R) Xeon(R) CPU @ 2.20GHz", "AMD EPYC 7B12", "Apple M2", "AMD Ryzen 9 5900X",
      ]
    case "metrics":
      return [
        "DatasetDriftMetric", "ColumnDriftMetric", "DatasetMissingValuesMetric", "ColumnQuantileMetric",
        "RegressionQualityMetric", "ClassificationQualityMetric",
      ]
    default: return ["first", "second", "third"]
    }
  }

  private func groups(
    _ path: FieldPath, _ counting: Question.Counting, _ question: Question, _ catalog: Catalog
  ) -> [Answer.Series] {
    var names: [String?] = values(of: path, question.event, catalog)
    if catalog.field(at: path, of: question.event)?.type.keyword != "boolean" { names.append(nil) }
    let weights = names.map { name -> Double in
      guard let name else { return 0.02 }
      let rank = Double(names.firstIndex(of: name) ?? 0)
      return (0.7 + 0.6 * Self.noise(path.description, name)) / pow(rank + 1, 1.3)
    }
    let sum = weights.reduce(0, +)
    let unit: Answer.Unit = counting == .users ? .installations : .events
    var groups = zip(names, weights).map { name, weight in
      line([name], question, catalog, unit, share: weight / sum * (counting == .items ? 3.4 : 1))
    }.sorted { $0.total > $1.total }
    if groups.count > question.top {
      let rest = groups[question.top...]
      let other = Answer.Series(
        key: [], isOther: true,
        values: groups[0].values.indices.map { index in rest.reduce(0) { $0 + $1.values[index] } },
        total: rest.reduce(0) { $0 + $1.total })
      groups = Array(groups.prefix(question.top)) + [other]
    }
    return groups
  }

  private func distribution(
    _ path: FieldPath, _ key: [String?], _ question: Question, _ catalog: Catalog
  ) -> Answer.Distribution {
    let unit = catalog.field(at: path, of: question.event)?.unit
    let name = path.description + (key.first.flatMap { $0 } ?? "")
    let middle: Double =
      switch unit {
      case "bytes": path.description == "memory" ? 17e9 : 94e6
      case "s": 0.012 * (0.4 + 3 * Self.noise(name))
      default: 9
      }
    let spread = unit == "s" ? 0.5 : 0.8
    let sample = (0..<600).map { index -> Double in
      let u = max(1e-9, Self.noise(name, String(index), "u"))
      let v = Self.noise(name, String(index), "v")
      let value = middle * exp(spread * (-2 * log(u)).squareRoot() * cos(2 * .pi * v))
      return unit == "s" ? value : value.rounded()
    }.sorted()
    func quantile(_ q: Double) -> Double { sample[min(sample.count - 1, Int(q * Double(sample.count)))] }
    let top = quantile(0.995)
    let width = top / 24
    let scale = max(
      1, amount(question.interval.first...question.interval.last, question, catalog, .events) / 600)
    let bins = (0..<24).map { bin in
      let range = Double(bin) * width..<Double(bin + 1) * width
      return Answer.Distribution.Bin(
        from: range.lowerBound, to: range.upperBound,
        count: Int(Double(sample.count { range.contains($0) }) * scale))
    }
    return Answer.Distribution(
      key: key, count: Int(600 * scale), min: sample[0], p50: quantile(0.5), p90: quantile(0.9),
      p95: quantile(0.95), p99: quantile(0.99), max: sample[599],
      mean: sample.reduce(0, +) / 600, histogram: bins)
  }
}
