import AvowCatalog
import AvowDemo
import AvowWire
import Glibc
import Testing

/// The catalog commands of the built `avow`, as a maintainer and a build machine run them.
struct CatalogCommandTests {
  /// A folder of its own that is gone afterwards.
  final class Folder {
    let path: String

    init() throws {
      var template = Array("/tmp/avow-catalog-XXXXXX".utf8CString)
      guard let made = mkdtemp(&template) else { throw Files.Failure() }
      path = String(cString: made)
    }

    deinit { Files.remove(path) }

    func write(_ text: String, _ name: String) throws -> String {
      try Files.write(text, to: path + "/" + name)
      return path + "/" + name
    }

    /// Runs a command line in the folder; `$AVOW` is the built command.
    func shell(_ line: String, path: String = "/usr/local/bin:/usr/bin:/bin") throws -> HostProcess.Outcome {
      try HostProcess(
        program: "/bin/sh", arguments: ["-c", "cd \"$FOLDER\" && \(line)"],
        environment: [
          "PATH": path, "HOME": self.path, "FOLDER": self.path, "AVOW": BuiltCollector.program,
          "GIT_CONFIG_NOSYSTEM": "1", "CATALOGS": BuiltCollector.catalogs,
        ]
      ).run(timeout: .seconds(60))
    }
  }

  private static func text(_ outcome: HostProcess.Outcome) -> String {
    String(decoding: outcome.output, as: UTF8.self)
  }

  private static let small = """
    avow: 1
    app: tool
    name: Tool
    version: 1
    contact: privacy@example.org
    purpose: To see what is used.
    events:
      started: {description: The tool started., why: To count users., expires: never}

    """

  // MARK: check

  @Test func `check ends with 0 for what is well, 1 for an error and 64 for a wrong call`() throws {
    let folder = try Folder()
    _ = try folder.write(Self.small, "a.yaml")
    _ = try folder.write(Self.small.replacing("name:", with: "nmae:"), "b.yaml")
    #expect(try folder.shell("$AVOW check a.yaml").status == 0)
    #expect(try folder.shell("$AVOW check $CATALOGS/jina.yaml").status == 0)
    let wrong = try folder.shell("$AVOW check a.yaml b.yaml")
    #expect(wrong.status == 1)
    #expect(
      BuiltCollector.errors(wrong).contains(
        "b.yaml:3:1: error A011: the catalog has no key \"nmae\" (did you mean \"name\"?)\n"))
    #expect(Self.text(wrong).hasPrefix("a.yaml: Tool, version 1, 1 event, digest "))
    #expect(try folder.shell("$AVOW check").status == 64)
    #expect(try folder.shell("$AVOW check --fresh a.yaml").status == 64)
    #expect(try folder.shell("$AVOW check no-such.yaml").status == 1)
    #expect(try folder.shell("$AVOW check .").status == 1)
  }

  @Test(arguments: ["json", "sarif"])
  func `check prints one document for machines, also without any finding`(format: String) throws {
    let folder = try Folder()
    _ = try folder.write(Self.small, "a.yaml")
    _ = try folder.write(Self.small.replacing("name:", with: "nmae:"), "b.yaml")
    let well = try folder.shell("$AVOW check --format \(format) a.yaml")
    #expect(well.status == 0)
    let empty = try JSONValue(parsing: well.output)
    let found = try folder.shell("$AVOW check --format \(format) b.yaml")
    #expect(found.status == 1)
    let document = try JSONValue(parsing: found.output)
    if format == "json" {
      #expect(empty == [])
      #expect(document.arrayValue?.contains { $0["code"] == "A011" } == true)
    } else {
      #expect(empty["runs"]?.arrayValue?[0]["results"] == [])
      #expect(
        document["runs"]?.arrayValue?[0]["results"]?.arrayValue?.contains { $0["ruleId"] == "A011" } == true)
    }
  }

  @Test func `check --fresh sees a page, a block and code that no longer follow`() throws {
    let folder = try Folder()
    _ = try folder.write(Self.small, "a.yaml")
    _ = try folder.write("# Tool\n<!-- avow:begin -->\n<!-- avow:end -->\nEnd.\n", "README.md")
    let made = try folder.shell(
      """
      $AVOW docs a.yaml --output page.md && $AVOW docs a.yaml --format html --output page.html \
      && $AVOW docs a.yaml --embed README.md && $AVOW generate swift a.yaml --output code.swift
      """)
    #expect(made.status == 0, "\(BuiltCollector.errors(made))")
    let check =
      "$AVOW check --fresh a.yaml --page page.md --html page.html --code code.swift --embedded README.md"
    #expect(try folder.shell(check).status == 0)
    let changed = try folder.shell("sed -i 's/The tool started/It began/' a.yaml && \(check)")
    #expect(changed.status == 1)
    let lines = BuiltCollector.errors(changed).split(separator: "\n")
    #expect(lines.map { $0.prefix { $0 != ":" } } == ["page.md", "page.html", "code.swift", "README.md"])
    #expect(try folder.shell("\(check) --page missing.md").status == 1)
  }

  // MARK: Bad input

  @Test func `whatever the file is, the command says so in bounded time and memory`() throws {
    let folder = try Folder()
    let bomb = (1...40).map { "a\($0): &a\($0) [*a\($0 - 1), *a\($0 - 1), *a\($0 - 1)]\n" }.joined()
    _ = try folder.write("a0: &a0 [x, x]\n" + bomb, "A006-bomb.yaml")
    _ = try folder.write("a: " + String(repeating: "[", count: 500_000), "A006-deep.yaml")
    _ = try folder.write(Self.small + "name: Again\n", "A007.yaml")
    _ = try folder.write(Self.small.replacing("  started", with: "\tstarted"), "A005.yaml")
    _ = try folder.write(Self.small.replacing("avow: 1", with: "avow: 2"), "A010.yaml")
    let made = try folder.shell(
      """
      head -c 10485760 /dev/zero | tr '\\0' '#' > A001.yaml
      printf 'avow: 1\\nname: Z\\374rich\\n' > A002-latin1.yaml
      printf '\\377\\376a\\0v\\0o\\0w\\0' > A002-utf16.yaml
      : > A008.yaml
      ln -s /dev/zero A001-endless.yaml
      """)
    #expect(made.status == 0)
    for name in [
      "A001", "A001-endless", "A002-latin1", "A002-utf16", "A005", "A006-bomb", "A006-deep", "A007", "A008",
      "A010",
    ] {
      // A gigabyte of address space and ten seconds of processor time are far more than it takes.
      let outcome = try folder.shell("ulimit -v 1500000; ulimit -t 10; $AVOW check \(name).yaml")
      #expect(outcome.status == 1, "\(name)")
      let errors = BuiltCollector.errors(outcome)
      #expect(errors.contains("\(name).yaml:") && errors.contains("error \(name.prefix(4)): "), "\(errors)")
      #expect(try folder.shell("$AVOW docs \(name).yaml").status == 1, "\(name)")
      #expect(try folder.shell("$AVOW diff \(name).yaml \(name).yaml").status == 1, "\(name)")
    }
  }

  // MARK: diff

  @Test func `diff reads a revision from git and ends with 2 when collection widened`() throws {
    let folder = try Folder()
    _ = try folder.write(Self.small, "telemetry.yaml")
    let made = try folder.shell(
      """
      git init -q . && git add telemetry.yaml \
      && git -c user.name=T -c user.email=t@example.org commit -q -m first && mkdir below
      """)
    #expect(made.status == 0, "\(BuiltCollector.errors(made))")
    let same = try folder.shell("$AVOW diff HEAD:telemetry.yaml telemetry.yaml")
    #expect(same.status == 0)
    #expect(Self.text(same) == "Nothing changed.\n")

    _ = try folder.write(
      Self.small + "  stopped: {description: It ended., why: To know., expires: never}\n", "telemetry.yaml")
    let wider = try folder.shell("$AVOW diff HEAD:telemetry.yaml telemetry.yaml")
    #expect(wider.status == 2)
    #expect(Self.text(wider).hasPrefix("widens: The event `stopped` (It ended.) is reported.\nerror: "))
    #expect(try folder.shell("$AVOW diff telemetry.yaml HEAD:telemetry.yaml").status == 0)
    #expect(try folder.shell("cd below && $AVOW diff HEAD:../telemetry.yaml ../telemetry.yaml").status == 2)
    let json = try folder.shell("$AVOW diff --format json HEAD:telemetry.yaml telemetry.yaml")
    #expect(try JSONValue(parsing: json.output)["needs_new_version"] == true)

    _ = try folder.write(
      Files.text(folder.path + "/telemetry.yaml").replacing("version: 1", with: "version: 2"),
      "telemetry.yaml")
    let raised = try folder.shell("$AVOW diff --format markdown HEAD:telemetry.yaml telemetry.yaml")
    #expect(raised.status == 0)
    #expect(Self.text(raised).hasPrefix("## Telemetry, catalog version 2\n\n### More is collected\n"))
  }

  @Test func `diff says what it could not read`() throws {
    let folder = try Folder()
    _ = try folder.write(Self.small, "telemetry.yaml")
    for (line, word) in [
      ("$AVOW diff HEAD:telemetry.yaml telemetry.yaml", "git cannot show"),
      ("$AVOW diff nowhere.yaml telemetry.yaml", "nowhere.yaml"),
      ("$AVOW diff -- -x:y telemetry.yaml", "neither"),
      ("mkdir none; PATH=$FOLDER/none $AVOW diff HEAD:telemetry.yaml telemetry.yaml", "git"),
    ] {
      let outcome = try folder.shell(line)
      #expect(outcome.status != 0 && outcome.status != 2, "\(line)")
      #expect(BuiltCollector.errors(outcome).contains(word), "\(BuiltCollector.errors(outcome))")
    }
  }

  // MARK: init and schema

  @Test func `init writes a catalog that passes, and never over another`() throws {
    let folder = try Folder()
    let line = "$AVOW init --name 'My Tool' --contact a@example.org --purpose 'To see what is used.'"
    #expect(try folder.shell(line).status == 0)
    let check = try folder.shell("$AVOW check telemetry.yaml")
    #expect(check.status == 0)
    #expect(check.errors == [])
    #expect(Self.text(check).hasPrefix("telemetry.yaml: My Tool, version 1, 1 event"))
    #expect(try folder.shell(line).status != 0)
    #expect(try folder.shell("\(line) --force --event run --event stop").status == 0)
    #expect(Self.text(try folder.shell("$AVOW check telemetry.yaml")).contains("2 events"))
    #expect(try folder.shell("\(line) --output b.yaml --event 'not a name'").status != 0)
    #expect(try folder.shell("test -e b.yaml").status != 0)
  }

  @Test func `init asks nothing without a terminal and names what is missing`() throws {
    let folder = try Folder()
    let outcome = try folder.shell("$AVOW init --name Tool < /dev/null")
    #expect(outcome.status != 0)
    #expect(BuiltCollector.errors(outcome).contains("--contact, --purpose"))
    #expect(try folder.shell("test -e telemetry.yaml").status != 0)
    #expect(try folder.shell("yes | $AVOW init --name Tool").status != 0)
  }

  @Test(.enabled(if: access("/usr/bin/script", X_OK) == 0, "script (bsdutils) is missing"))
  func `init asks on a terminal`() throws {
    let folder = try Folder()
    let outcome = try folder.shell(
      """
      printf 'My Tool\\nTo see what is used.\\nprivacy@example.org\\n\\n' \
      | script --quiet --return --command "$AVOW init" /dev/null
      """)
    #expect(outcome.status == 0, "\(Self.text(outcome))")
    #expect(Self.text(outcome).contains("What is the tool called?"))
    let check = try folder.shell("$AVOW check telemetry.yaml")
    #expect(check.status == 0)
    #expect(check.errors == [])
    #expect(Files.text(folder.path + "/telemetry.yaml").contains("\napp: my_tool\n"))
  }

  @Test func `schema prints a JSON Schema`() throws {
    let folder = try Folder()
    let schema = try JSONValue(parsing: try folder.shell("$AVOW schema").output)
    #expect(schema["$schema"] == "https://json-schema.org/draft/2020-12/schema")
    #expect(try folder.shell("$AVOW schema --output s.json && test -s s.json").status == 0)
  }
}
