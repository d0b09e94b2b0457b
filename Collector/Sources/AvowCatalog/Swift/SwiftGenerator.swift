public import AvowWire

/// Writes the Swift code with which a program records exactly what its catalog declares.
///
/// The result is one file for the host to commit: the catalog as a value, its digest, one enum of events
/// and the context values that only the host knows. It is formatted, and the same catalog always gives
/// the same bytes.
///
/// ```swift
/// let code = SwiftGenerator.generate(catalog)
/// ```
public struct SwiftGenerator {
  /// Returns the generated file.
  ///
  /// - Parameter layouts: The foreign formats for which the code is to know where the requests of the tool's
  ///   own clients hold each value; those that the catalog does not accept have nothing to know.
  public static func generate(_ catalog: Catalog, layouts: [Catalog.Delivery.Format] = []) -> String {
    var generator = SwiftGenerator(catalog: catalog, layouts: layouts)
    return generator.file()
  }

  /// The formats a generated file was asked to know, as its first line says.
  public static func layouts(in code: some StringProtocol) -> [Catalog.Delivery.Format] {
    let words = code.prefix { !$0.isNewline }.split { $0 == " " || $0 == "`" }
    return zip(words, words.dropFirst()).compactMap { word, next in
      word == "--layout" ? Catalog.Delivery.Format(rawValue: String(next)) : nil
    }
  }

  /// The name of the type that `generate` declares.
  public static func typeName(of catalog: Catalog) -> String { SwiftNames.type(of: catalog) }

  let catalog: Catalog
  let layouts: [Catalog.Delivery.Format]
  var types: SwiftTypes

  private init(catalog: Catalog, layouts: [Catalog.Delivery.Format]) {
    self.catalog = catalog
    self.layouts = Catalog.Delivery.Format.allCases.filter(layouts.contains)
    types = SwiftTypes(catalog)
  }

  private mutating func file() -> String {
    let name = SwiftNames.type(of: catalog)
    var code = SwiftCode()
    let asked = layouts.map { " --layout \($0.rawValue)" }.joined()
    code.line(
      "// Written by `avow generate swift\(asked)` from the catalog of \(oneLine(catalog.name)), version \(catalog.version)."
    )
    code.line("// Change the catalog and write it again instead of changing this file.")
    code.line()
    code.line("public import Avow")
    code.line()
    code.comment("What \(catalog.name) declares about its telemetry.")
    code.block("public enum \(name): DeclaredCatalog") { code in
      code.comment("Names what is collected: client and collector compute the same.")
      code.assign("public static let digest = ", .string(catalog.digest))
      code.line()
      code.comment("The declaration, without the prose that no running program needs.")
      code.assign("public static let catalog = ", SwiftLiteral.catalog(catalog))
      code.line()
      layout(&code)
      context(&code)
      code.line()
      events(&code)
      counters(&code)
      timings(&code)
      for set in types.sets {
        code.line()
        closedSet(set, &code)
      }
      for record in types.records {
        code.line()
        self.record(record, &code)
      }
    }
    return code.text
  }

  /// A name inside a line comment must not end it.
  private func oneLine(_ text: String) -> String {
    String(text.map { $0.isNewline ? " " : $0 })
  }

  /// Where requests in the formats asked for hold each value; nothing where none was asked for.
  private func layout(_ code: inout SwiftCode) {
    let known = layouts.compactMap { format in WireLayout(catalog, format).map { (format, $0) } }
    guard !known.isEmpty else { return }
    code.comment("Where requests in a format that the tool's clients have always used hold what is declared.")
    code.block("public static func layout(of format: Catalog.Delivery.Format) -> WireLayout?") { code in
      code.line("switch format {")
      for (format, layout) in known {
        code.line("case .\(format.rawValue):")
        code.indented { $0.assign("", SwiftLiteral.layout(layout)) }
      }
      code.line("default: nil")
      code.line("}")
    }
    code.line()
  }

  // MARK: Events

  private func events(_ code: inout SwiftCode) {
    code.comment("What can be recorded.")
    code.block("public enum Event: DeclaredEvent") { code in
      for event in types.events {
        documentation(event, &code)
        code.list(
          "case \(SwiftNames.escaped(event.name))",
          event.members.map { "\(SwiftNames.escaped($0.name)): \($0.type)? = nil" }, "", omitsEmptyList: true)
      }
      if !types.events.isEmpty { code.line() }
      buckets(types.events.flatMap(\.members), &code)
      code.comment("Writes the event's number and its present properties.")
      code.block("public func encode(into encoder: inout EventEncoder)") { code in
        guard !types.events.isEmpty else {
          code.line("switch self {}")
          return
        }
        code.line("switch self {")
        for (index, event) in types.events.enumerated() {
          code.list(
            "case .\(SwiftNames.escaped(event.name))",
            event.members.map { "let \(SwiftNames.escaped($0.name))" }, ":",
            omitsEmptyList: true)
          code.indented { code in
            code.line("encoder.begin(event: \(index))")
            for member in event.members { encode(member, &code) }
          }
        }
        code.line("}")
      }
    }
  }

  private func documentation(_ event: SwiftTypes.Event, _ code: inout SwiftCode) {
    let declaration = event.declaration
    var text = declaration.description ?? "The event `\(declaration.name)`."
    if declaration.status == .dormant { text += " Not sent today." }
    if let note = declaration.note { text += " " + note }
    code.comment(text)
    let described = event.members.filter { $0.field.description != nil }
    guard !described.isEmpty else { return }
    code.line("///")
    code.line("/// - Parameters:")
    for member in described {
      code.comment("- \(member.name): \(member.field.description ?? "")", prefix: "  ", hanging: 4)
    }
  }

  /// Events that can be counted; nothing where there is none.
  private func counters(_ code: inout SwiftCode) {
    places(
      catalog.counters, "counter", "What can be counted: an interval's sum becomes one event.", &code)
  }

  /// Events that can be timed; nothing where there is none.
  private func timings(_ code: inout SwiftCode) {
    places(
      catalog.timings, "timing", "What can be timed: an interval's times become one event with their spread.",
      &code)
  }

  /// An enumeration of events that have cells of their own, each case numbered by its place among them.
  private func places(_ events: [Int], _ noun: String, _ summary: String, _ code: inout SwiftCode) {
    guard !events.isEmpty else { return }
    let type = noun.prefix(1).uppercased() + noun.dropFirst()
    code.line()
    code.comment(summary)
    code.block("public enum \(type): Int, Declared\(type)") { code in
      for index in events {
        code.comment(
          types.events[index].declaration.description
            ?? "The event `\(types.events[index].declaration.name)`.")
        code.line("case \(SwiftNames.escaped(types.events[index].name))")
      }
      code.line()
      code.comment("The \(noun)'s place among the catalog's \(noun)s.")
      code.line("public var slot: Int { rawValue }")
    }
  }

  // MARK: Context

  private func context(_ code: inout SwiftCode) {
    code.comment("The context values that the program gives; all others the client finds out by itself.")
    let members = types.context
    code.block("public struct Context: DeclaredContext") { code in
      for member in members {
        code.comment(member.field.description ?? "The field `\(member.field.name)`.")
        code.line("public var \(SwiftNames.escaped(member.name)): \(member.type)?")
      }
      if !members.isEmpty { code.line() }
      code.comment("Creates a context in which nothing is known.")
      code.line("public init() {}")
      code.line()
      if !members.isEmpty {
        code.comment("Creates a context from what is known.")
        memberwise(members, &code)
        code.line()
      }
      buckets(members, &code)
      code.comment("Writes the present values.")
      if members.isEmpty {
        code.line("public func encode(into encoder: inout EventEncoder) {}")
      } else {
        code.block("public func encode(into encoder: inout EventEncoder)") { code in
          for member in members { encode(member, &code) }
        }
      }
    }
  }

  private func memberwise(_ members: [SwiftTypes.Member], _ code: inout SwiftCode) {
    code.list("public init", members.map { "\(SwiftNames.escaped($0.name)): \($0.type)? = nil" }, " {")
    code.indented { code in
      for member in members { code.line("self.\(member.name) = \(SwiftNames.escaped(member.name))") }
    }
    code.line("}")
  }

  // MARK: Nested types

  private func closedSet(_ set: SwiftTypes.ClosedSet, _ code: inout SwiftCode) {
    code.comment(
      "A value of \(set.uses.map { "`\($0)`" }.joined(separator: ", ")); the number is its place in the catalog."
    )
    code.block("public enum \(set.name): Int, Sendable, CaseIterable") { code in
      for (value, name) in zip(set.values, set.cases) {
        code.comment("`\(value)`")
        code.line("case \(SwiftNames.escaped(name))")
      }
    }
  }

  private func record(_ record: SwiftTypes.Record, _ code: inout SwiftCode) {
    code.comment(record.description ?? "A row of `\(record.field)`.")
    code.block("public struct \(record.name): Sendable") { code in
      for member in record.members {
        code.comment(member.field.description ?? "The column `\(member.field.name)`.")
        code.line("public var \(SwiftNames.escaped(member.name)): \(member.type)?")
      }
      code.line()
      code.comment("Creates a row from what is known.")
      memberwise(record.members, &code)
      code.line()
      buckets(record.members, &code)
      code.block("func encode(into encoder: inout EventEncoder)") { code in
        code.line("encoder.beginRow()")
        for member in record.members { encode(member, &code) }
        code.line("encoder.endRow()")
      }
    }
  }
}
