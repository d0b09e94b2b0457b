import AvowDemo
import AvowWire
import Glibc
import Testing

/// The built collector with certificates that `openssl` makes, met by `curl`, Python and an SDK.
@Suite(.serialized, .enabled(if: TLSTools.arePresent, "openssl, curl or python3 is not installed"))
struct TLSTests {
  /// Makes a certificate of this machine's own, and its key.
  private static func make(_ name: String, in folder: String) throws {
    let outcome = try TLSTools.run(
      "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
      "-days", "30", "-subj", "/CN=\(name)", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
      "\(folder)/\(name).key", "-out", "\(folder)/\(name).pem")
    #expect(outcome.status == 0, "\(BuiltCollector.errors(outcome))")
  }

  private static func collector() throws -> BuiltCollector {
    let collector = try BuiltCollector(catalog: SDKEnvironment.catalog)
    try make("first", in: collector.folder)
    try make("second", in: collector.folder)
    collector.arguments = [
      "--tls-certificate", collector.folder + "/first.pem", "--tls-key", collector.folder + "/first.key",
    ]
    return collector
  }

  private static func curl(_ collector: BuiltCollector, _ words: String...) throws -> HostProcess.Outcome {
    try HostProcess(
      program: "/usr/bin/env",
      arguments: ["curl", "-sS", "--max-time", "60", "--cacert", collector.folder + "/first.pem"] + words,
      environment: ["PATH": TLSTools.path]
    ).run(timeout: .seconds(90))
  }

  @Test func `curl is served over TLS 1.2 and 1.3, and neither below nor in the clear`() throws {
    let collector = try Self.collector()
    try collector.start()
    let ready = "https://127.0.0.1:\(collector.port)/ready"
    for version in ["1.2", "1.3"] {
      let outcome = try Self.curl(collector, "--tlsv\(version)", "--tls-max", version, ready)
      #expect(outcome.status == 0 && outcome.output == Array("ready\n".utf8), "TLS \(version)")
    }
    // At this level OpenSSL itself would still speak it.
    let old = try Self.curl(
      collector, "--tlsv1.0", "--tls-max", "1.1", "--ciphers", "DEFAULT:@SECLEVEL=0", ready)
    #expect(old.status != 0)
    #expect(try Self.curl(collector, "http://127.0.0.1:\(collector.port)/ready").status != 0)
    // Whatever a stranger sent in the clear, others are served.
    #expect(try Self.curl(collector, ready).status == 0)
    // A session's cookie stays inside TLS.
    let sign = try collector.run("sign-in")
    let link = String(decoding: sign.output, as: UTF8.self).split(separator: "\n").last ?? ""
    let cookie = try Self.curl(
      collector, "-o", "/dev/null", "-D", "-", String(link))
    let headers = String(decoding: cookie.output, as: UTF8.self)
    #expect(headers.contains("HttpOnly; SameSite=Strict") && headers.contains("; Secure"), "\(headers)")
  }

  /// Holds a connection open over a change of the certificate's files; the files come as pairs.
  private static let swap = """
    import hashlib, http.client, json, os, shutil, signal, ssl, sys, time
    port, process, folder, log = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
    context = ssl.create_default_context(cafile=folder + "/first.pem")
    context.load_verify_locations(folder + "/second.pem")
    def ask(connection):
        connection.request("GET", "/health")
        return connection.getresponse().read().decode()
    def fresh():
        connection = http.client.HTTPSConnection("127.0.0.1", port, context=context, timeout=60)
        answer = ask(connection)
        subject = dict(pair[0] for pair in connection.sock.getpeercert()["subject"])
        return connection, answer, subject["commonName"]
    def text():
        with open(log) as file:
            return file.read()
    def until(what):
        deadline = time.monotonic() + 60
        while not what() and time.monotonic() < deadline:
            time.sleep(0.05)
    result = {}
    old, result["first"], result["before"] = fresh()
    # A new certificate without its key changes nothing but the log.
    shutil.copy(folder + "/first.pem", folder + "/kept.pem")
    with open(folder + "/first.pem", "w") as file:
        file.write(open(folder + "/second.pem").read())
    os.kill(process, signal.SIGHUP)
    until(lambda: "certificate not reloaded" in text())
    result["half"] = fresh()[2]
    shutil.copy(folder + "/second.key", folder + "/first.key")
    os.kill(process, signal.SIGHUP)
    until(lambda: "certificate loaded" in text())
    result["after"] = fresh()[2]
    result["old"] = ask(old)
    with open(folder + "/first.pem", "w") as file:
        file.write("nonsense")
    os.kill(process, signal.SIGHUP)
    until(lambda: "holds no certificate" in text())
    result["broken"] = fresh()[2]
    result["still"] = ask(old)
    # Without a signal, the files are looked at every few seconds.
    shutil.copy(folder + "/kept.pem", folder + "/first.pem")
    shutil.copy(folder + "/kept.key", folder + "/first.key")
    until(lambda: text().count("certificate loaded") == 2)
    result["watched"] = fresh()[2]
    print(json.dumps(result))
    """

  @Test func `a new certificate meets new connections, and one that cannot be used changes nothing`() throws {
    let collector = try Self.collector()
    try Files.write(Files.bytes(collector.folder + "/first.key"), to: collector.folder + "/kept.key")
    try collector.start()
    let outcome = try HostProcess(
      program: "/usr/bin/env",
      arguments: [
        "python3", "-c", Self.swap, "\(collector.port)", "\(try #require(collector.process))",
        collector.folder, collector.log,
      ], environment: ["PATH": TLSTools.path]
    ).run(timeout: .seconds(300))
    #expect(outcome.status == 0, "\(BuiltCollector.errors(outcome))")
    let result = try JSONValue(parsing: outcome.output)
    #expect(result["first"] == "ok\n" && result["before"] == "first")
    #expect(result["half"] == "first")
    #expect(result["after"] == "second")
    #expect(result["old"] == "ok\n", "the connection from before the change was cut")
    #expect(result["broken"] == "second")
    #expect(result["still"] == "ok\n")
    #expect(result["watched"] == "first")
    let log = Files.text(collector.log)
    #expect(log.contains("does not belong to the certificate"))
    #expect(!log.contains("PRIVATE KEY") && !log.contains("nonsense"))
  }

  @Test(.enabled(if: SDKEnvironment.python != nil, "Scripts/sdk-environment has no SDKs to offer"))
  func `an SDK delivers over TLS`() async throws {
    let collector = try Self.collector()
    try collector.start()
    let key = try collector.key(for: "sdks")
    let verdict = try await SDKEnvironment.send(
      ["segment", "https://127.0.0.1:\(collector.port)", key, "0", "60"], home: collector.folder,
      environment: ["REQUESTS_CA_BUNDLE": collector.folder + "/first.pem"])
    #expect(SDKEnvironment.marks(verdict["delivered"]).count == 60)
    let stored = try collector.export("sdks").compactMap { $0["properties"]?["mark"]?.integerValue }
    #expect(stored.sorted() == Array(0..<60))
  }

  @Test func `what cannot be used as a certificate is one line that says why`() throws {
    let collector = try Self.collector()
    let folder = collector.folder
    let locked = try TLSTools.run(
      "openssl", "ec", "-in", folder + "/first.key", "-aes128", "-passout", "pass:secret", "-out",
      folder + "/locked.key")
    #expect(locked.status == 0)
    try Files.write("", to: folder + "/empty.pem")
    let first = folder + "/first"
    for (certificate, key, words) in [
      (first + ".pem", folder + "/second.key", "does not belong"),
      (first + ".pem", folder + "/locked.key", "passphrase"),
      (first + ".key", first + ".key", "no certificate in PEM form"),
      (folder + "/empty.pem", first + ".key", "no certificate in PEM form"),
      (folder + "/none.pem", first + ".key", "cannot read"),
      (first + ".pem", "", "--tls-key"),
    ] {
      let outcome = try BuiltCollector.command([
        "serve", "--listen", "0.0.0.0:0", "--data", collector.data, "--catalog", collector.catalogs,
        "--tls-certificate", certificate, "--tls-key", key,
      ]).run(timeout: .seconds(60))
      let errors = BuiltCollector.errors(outcome)
      #expect(outcome.status != 0 && errors.contains(words), "\(words): \(errors)")
      #expect(errors.split(separator: "\n").count == 1, "\(errors)")
    }
    #expect(Files.bytes(collector.data + "/avow-data").isEmpty, "a folder was made for nothing")
  }
}

/// The programs of others that the tests need.
enum TLSTools {
  static let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"

  static func run(_ words: String...) throws -> HostProcess.Outcome {
    try HostProcess(program: "/usr/bin/env", arguments: words, environment: ["PATH": path]).run()
  }

  static let arePresent = [["openssl", "version"], ["curl", "--version"], ["python3", "-c", "import ssl"]]
    .allSatisfy { words in
      let process = HostProcess(program: "/usr/bin/env", arguments: words, environment: ["PATH": path])
      return (try? process.run())?.status == 0
    }
}
