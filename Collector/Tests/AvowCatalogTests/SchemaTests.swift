import AvowCatalog
import AvowWire
import Foundation
import Testing

/// The schema, put to a validator that others wrote.
struct SchemaTests {
  /// Reads catalogs in both ways other tools do: every scalar as its text, and resolved as an editor does.
  private static let script = """
    import json, sys
    import yaml
    from jsonschema import Draft202012Validator

    class Resolved(yaml.SafeLoader): pass
    # YAML 1.2, as editors read it: no dates, and on, off, yes, no are words.
    Resolved.yaml_implicit_resolvers = {
        first: [(tag, expression) for tag, expression in entries
                if tag not in ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:bool")]
        for first, entries in yaml.SafeLoader.yaml_implicit_resolvers.items()}

    schema = json.load(open(sys.argv[1]))
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    for path in sys.argv[2:]:
        for loader in (yaml.BaseLoader, Resolved):
            text = open(path, encoding="utf-8").read()
            errors = list(validator.iter_errors(yaml.load(text, loader)))
            where = ["/".join(map(str, error.absolute_path)) + ": " + error.message[:160] for error in errors]
            print(path.split("/")[-1], loader.__name__, len(errors), "; ".join(where[:3]).replace("\\n", " "))
    """

  /// A Python that has the validator; Debian's own when the first on the path has not.
  private static let python: String? = ["python3", "/usr/bin/python3"].first { program in
    let arguments = [program, "-c", "import yaml; from jsonschema import Draft202012Validator"]
    return (try? Tool.run(arguments, in: FileManager.default.temporaryDirectory))?.status == 0
  }

  /// How many errors the validator finds in each text, in each of the two readings.
  private func errors(in files: [String: String]) throws -> [String: [Int]] {
    let python = try #require(Self.python)
    return try Tool.withFolder { folder in
      let schema = folder.appending(path: "schema.json")
      let script = folder.appending(path: "validate.py")
      try CatalogSchema.text.write(to: schema, atomically: true, encoding: .utf8)
      try Self.script.write(to: script, atomically: true, encoding: .utf8)
      var arguments = [python, script.path(), schema.path()]
      for (name, text) in files.sorted(by: { $0.key < $1.key }) {
        let file = folder.appending(path: name)
        try text.write(to: file, atomically: true, encoding: .utf8)
        arguments.append(file.path())
      }
      let result = try Tool.run(arguments, in: folder)
      try #require(result.status == 0, "\(result.output)")
      var counts: [String: [Int]] = [:]
      for line in result.output.split(separator: "\n") {
        let words = line.split(separator: " ")
        counts[String(words[0]), default: []].append(Int(words[2]) ?? -1)
        if counts[String(words[0])]?.last != 0, files.count < 40 { Self.seen(String(line)) }
      }
      return counts
    }
  }

  private static func seen(_ line: String) {
    if ProcessInfo.processInfo.environment["AVOW_SHOW"] != nil { print(line) }
  }

  private static let hasPython: Comment =
    "python3 with PyYAML and jsonschema is missing; Scripts/bootstrap installs it"

  @Test(.enabled(if: python != nil, hasPython))
  func `a validator of others takes what the reader takes`() throws {
    var files = ["whole.yaml": WholeCatalog.yaml, "free.yaml": WholeCatalog.free, "small.yaml": smallCatalog]
    for name in Catalogs.names { files["\(name).yaml"] = try Catalogs.text("\(name).yaml") }
    files["template.yaml"] =
      CatalogTemplate(name: "My Tool", purpose: "To see what is used.", contact: "a@example.org").yaml
    for seed in 1...25 as ClosedRange<UInt64> {
      files["random_\(seed).yaml"] = CatalogPrinter.yaml(RandomCatalog.make(seed: seed))
    }
    let counts = try errors(in: files)
    #expect(counts.count == files.count)
    for (name, found) in counts.sorted(by: { $0.key < $1.key }) { #expect(found == [0, 0], "\(name)") }
  }

  /// What the reader refuses and a schema can say: a change of the small catalog each.
  static let slips: [(String, String)] = [
    ("name: Tool", "nmae: Tool"), ("ci: enabled", "ci: sometimes"), ("app: tool", "app: My Tool"),
    ("TOOL_OFF: truthy", "TOOL_OFF: thruthy"), ("TOOL_OFF: truthy", "1TOOL: truthy"), ("2s", "soon"),
    ("13 months", "13 moons"), ("source: runtime_version", "source: runtime"),
    ("type: text, one_of", "type: string, one_of"), ("one_of: [oss, cloud],", "max_length: 20,"),
    ("min: 0, bucket", "min: many, bucket"), ("count: {", "Count-Total: {"),
    ("dependency: version", "dependency: text"), ("dependency: version", "dependency: list"),
    ("dependency: version", "dependency: {type: version, min: 3}"),
    ("dependency: version", "dependency: {type: list}"),
    ("dependency: version", "dependency: {type: records}"),
    ("dependency: version", "dependency: {min: 3}"),
    ("dependency: version", "dependency: {source: os_name}"),
    ("dependency: version", "dependency: {type: list, of: {type: list, of: boolean}}"),
    ("dependency: version", "dependency: {type: text, one_of: [a], pattern: x}"),
    ("avow: 1", "avow: 2"), ("avow: 1", "app: tool"), ("version: 2", "version: 0"),
    ("version: 2", "version: new"),
    ("events:", "evnets:"), ("expires: never", "expires: {a: b}"),
    ("contact: privacy@example.org", "contact: [a]"),
    ("{every: 2s, to: https:", "{every: 2s, to: ftp:"), ("latency: {type: number", "latency: {type: list"),
    ("edition: {type: text", "edition: {tpye: text"), ("ip_address, Anything", "{a: b}, Anything"),
    ("consent:", "recipient: {url: x}\nconsent:"),
    ("consent:", "recipient: {name: x, country: Germany}\nconsent:"),
    ("consent:", "accepts: [{path: /a}]\nconsent:"), ("consent:", "accepts: [{format: json}]\nconsent:"),
    ("consent:", "accepts: [{format: [segment, json]}]\nconsent:"),
    ("consent:", "accepts: [{format: avow}]\nconsent:"),
    ("consent:", "accepts: [{format: segment, items: a}]\nconsent:"),
    ("consent:", "accepts: [{format: segment, drop: {event: [a]}}]\nconsent:"),
    ("consent:", "accepts: [{format: segment, fields: {count: {unit: s}}}]\nconsent:"),
    ("consent:", "identity: {user: machine}\nconsent:"),
  ]

  @Test(.enabled(if: python != nil, hasPython))
  func `a validator of others refuses what the reader refuses`() throws {
    var files: [String: String] = [:]
    for (index, (old, new)) in Self.slips.enumerated() {
      precondition(smallCatalog.contains(old))
      let text = smallCatalog.replacing(old, with: new, maxReplacements: 1)
      #expect(CatalogFile.read(text, file: "t.yaml").catalog == nil, "\(new)")
      files["slip_\(index).yaml"] = text
    }
    let counts = try errors(in: files)
    for (index, slip) in Self.slips.enumerated() {
      let found = counts["slip_\(index).yaml"] ?? []
      #expect(found.count == 2 && found.allSatisfy { $0 > 0 }, "\(slip.1)")
    }
  }
}
