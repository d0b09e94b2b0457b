import AvowIngest
import AvowWire
import Testing

/// Every body shape the four tools' published clients send, through their catalogs alone.
struct SeedClientTests {
  private func receive(_ name: String) throws -> (
    received: Received, lines: [Quarantine.Line], ingest: Ingest
  ) {
    let quarantine = Quarantine()
    let ingest = try World.all(quarantine: quarantine)
    return (ingest.take(try World.fixture(name)), quarantine.snapshot(), ingest)
  }

  // MARK: Evidently

  @Test func `Evidently 0.4.0 reports a start without a Python version`() throws {
    let (received, lines, _) = try receive("evidently-0.4.0-startup")
    let event = try #require(received.events.first)
    #expect(received.events.count == 1)
    #expect(event.event == "startup")
    #expect(event.properties == [:])
    #expect(
      event.context == [
        "app_version": "0.4.0", "os_name": "macos", "os_version": "13.0.1", "source_ip": "203.0.113.0/24",
        "tool_name": "evidently", "interface": "service_backend",
      ])
    #expect(event.entry.user != nil)
    #expect(event.entry.time == World.received)
    #expect(event.entry.sentTime == Timestamp(milliseconds: 0))
    #expect(lines == [])
    #expect(received.answer?.status == 200)
    #expect(received.json == ["status": "ok"])
  }

  @Test func `Evidently 0.4.2 reports how many reports a list shows`() throws {
    let (received, lines, ingest) = try receive("evidently-0.4.2-list_reports")
    let event = try #require(received.events.first)
    #expect(event.event == "list_reports")
    #expect(event.properties == ["reports_count": 19])
    #expect(event.context["python_version"] == "3.9.16")
    #expect(lines == [])
    let quoted = ingest.names(
      of: "6a1f0f6e-93f1-4f3c-a2c7-0d0f6c0f9e11", in: try World.catalog("evidently").history,
      at: World.received)
    #expect(quoted.pseudonyms.contains(try #require(event.entry.user)))
  }

  @Test func `Evidently 0.4.30 reports lists of classes`() throws {
    let (received, lines, _) = try receive("evidently-0.4.30-get_snapshot_data")
    let event = try #require(received.events.first)
    #expect(event.event == "get_snapshot_data")
    #expect(
      event.properties == [
        "snapshot_type": "report",
        "metrics": ["DatasetDriftMetric", "ColumnDriftMetric", "ColumnDriftMetric"],
        "metric_presets": [], "metric_generators": [], "tests": [], "test_presets": [], "test_generators": [],
      ])
    #expect(event.context["interface"] == "service")
    #expect(event.context["os_name"] == "linux")
    #expect(lines == [])
  }

  // MARK: Jina

  @Test func `Jina 3.7.13 sends base64 under a form content type`() throws {
    let (received, lines, ingest) = try receive("jina-3.7.13-worker")
    let event = try #require(received.events.first)
    #expect(event.event == "runtime_start")
    #expect(
      event.context == [
        "app_version": "3.7.13", "docarray": "0.15.2", "grpcio": "1.46.3", "jcloud": "0.0.35",
        "jina_hubble_sdk": "0.15.1", "jina_proto": "0.1.13", "protobuf": "3.20.1", "pyyaml": "6.0",
        "python": "3.7.9", "proto_backend": "cpp", "platform": "macos", "platform_release": "21.6.0",
        "platform_version": "21.6.0", "architecture": "x86_64", "processor": "i386",
      ])
    #expect(lines == [])
    let quoted = ingest.names(
      of: "66119386239198", in: try World.catalog("jina").history, at: World.received)
    #expect(quoted.pseudonyms.contains(try #require(event.entry.user)))
    #expect(event.entry.session != nil)
    #expect(received.answer?.status == 200)
  }

  @Test func `Jina 3.34.0 names a user's own executor, and the name goes no further`() throws {
    let (received, lines, _) = try receive("jina-3.34.0-executor")
    let event = try #require(received.events.first)
    #expect(event.event == "executor_start")
    #expect(event.context["ci_vendor"] == "GITHUB_ACTIONS")
    #expect(event.context["platform_version"] == "6.1.119")
    #expect(event.context["platform_release"] == "6.1.0")
    #expect(event.context["proto_backend"] == "upb")
    #expect(lines == [])
    let bytes = String(decoding: try #require(received.batch).bytes, as: UTF8.self)
    #expect(!bytes.contains("Legal"))
  }

  // MARK: Speedster

  @Test func `nebullvm 0.6.0 sends a map of maps that becomes rows`() throws {
    let (received, lines, _) = try receive("nebullvm-0.6.0")
    let event = try #require(received.events.first)
    #expect(event.event == "optimization")
    #expect(
      event.properties == [
        "model_name": "ResNet", "model_size": 102_230_000, "framework": "torch",
        "optimizations": [
          ["compiler": "onnx_numpy", "technique": "noopt", "latency": 0.012],
          ["compiler": "torch", "technique": "noopt", "latency": 0.03],
          ["compiler": "torch", "technique": "half"],
        ],
      ])
    #expect(
      event.context == [
        "nebullvm_version": "0.6.0", "os_name": "macos", "processor": "Apple M1 Pro",
        "memory": 17_180_000_000,
      ])
    #expect(event.entry.user == nil)
    #expect(lines == [])
  }

  @Test func `Speedster 0.1.0 sends a list of records, a path for a name and the user's address`() throws {
    let (received, lines, _) = try receive("speedster-0.1.0")
    let event = try #require(received.events.first)
    #expect(
      event.properties == [
        "model_size": 102_230_000, "framework": "torch",
        "optimizations": [
          ["compiler": "torch", "technique": "original", "latency": 0.03],
          ["compiler": "numpy_onnxruntime", "technique": "none", "latency": 0.000001],
          ["compiler": "torch_tensor_rt", "technique": "half"],
        ],
      ])
    #expect(event.context["app_version"] == "0.1.0")
    #expect(lines.map(\.field) == ["model_name"])
    #expect(lines.map(\.reason) == [.filePath])
    let bytes = String(decoding: try #require(received.batch).bytes, as: UTF8.self)
    #expect(!bytes.contains("198.51") && !bytes.contains("ada"))
  }

  @Test func `Speedster 0.4.0 sends memory as a bare number of gigabytes`() throws {
    let (received, lines, _) = try receive("speedster-0.4.0")
    let event = try #require(received.events.first)
    #expect(
      event.context == [
        "app_version": "0.4.0", "nebullvm_version": "0.9.0", "os_name": "linux",
        "processor": "Intel(R) Xeon(R) CPU @ 2.20GHz", "memory": 25_280_000_000, "accelerator": "Tesla T4",
      ])
    #expect(event.properties["model_name"] == "BertModel")
    #expect(event.properties["model_size"] == 438_010_000)
    #expect(lines == [])
  }

  // MARK: BlindAI

  @Test func `BlindAI 0.1 reports to Amplitude with times in seconds`() throws {
    let quarantine = Quarantine()
    let ingest = try World.all(quarantine: quarantine)
    var request = try World.fixture("blindai-0.1")
    request.received = Timestamp(milliseconds: 1_663_056_002_500)
    let received = ingest.take(request)
    #expect(received.events.map(\.event) == ["started", "send_model"])
    #expect(received.events[1].properties == ["model_size": 44_670_016])
    #expect(received.events[1].context["uptime"] == 61)
    #expect(received.events[0].entry.time == Timestamp(milliseconds: 1_663_056_000_000))
    #expect(received.events[0].entry.sentTime == Timestamp(milliseconds: 1_663_056_000_000))
    #expect(quarantine.snapshot() == [])
    #expect(received.answer?.status == 200)
    #expect(received.json?["code"] == 200)
    #expect(received.json?["events_ingested"] == 2)
  }

  @Test func `BlindAI 0.3.0 reports each request twice and one counts`() throws {
    let (received, lines, _) = try receive("blindai-0.3.0")
    #expect(received.events.map(\.event) == ["send_model", "run_model"])
    #expect(
      received.events[0].properties == [
        "model_name": "distilbert", "model_size": 267_893_248, "sign": false, "time_taken": 1.25,
        "client_platform_name": "Linux", "client_platform_arch": "x86_64",
        "client_platform_release": "5.15.0", "client_user_agent": "blindai_python",
        "client_user_agent_version": "0.3.0",
      ])
    #expect(
      received.events[0].context == [
        "app_version": "0.3.0", "system": "Linux - SGX SW", "sgx_mode": "SW",
        "azure_dcsv3_patch_enabled": false,
        "uptime": 4,
      ])
    #expect(received.events[1].properties["time_taken"] == 0.031)
    // "#66-Ubuntu SMP ..." holds no version at all.
    #expect(lines.map(\.field) == ["client_platform_version", "client_platform_version"])
    #expect(Set(lines.map(\.event)) == ["send_model", "run_model"])
    // The time of 2022 is out of the window, so the time of receipt stands.
    #expect(received.events[0].entry.time == World.received)
  }

  @Test func `BlindAI 0.4.1 posts a bare array to its own address without a key`() throws {
    let quarantine = Quarantine()
    let ingest = try World.all(quarantine: quarantine)
    let received = ingest.take(try World.fixture("blindai-0.4.1"))
    #expect(received.events.map(\.event) == ["send_model"])
    #expect(received.events[0].context["app_version"] == "0.4.1")
    _ = received.answer
    let counters = try #require(quarantine.counters()["blindai"])
    #expect(counters.received == 2)
    #expect(counters.unauthenticated == 2)
    #expect(counters.stored == 1)
    #expect(counters.clock == 1)
  }

  @Test func `BlindAI 0.5 names an account that is dropped`() throws {
    let (received, lines, _) = try receive("blindai-0.5")
    #expect(received.events.map(\.event) == ["started", "run_model"])
    #expect(received.events[0].properties == [:])
    #expect(!String(decoding: try #require(received.batch).bytes, as: UTF8.self).contains("acct"))
    #expect(lines.map(\.field) == ["client_platform_version"])
  }

  @Test func `BlindAI 0.6.3 without its runner has no user and no device`() throws {
    let (received, _, _) = try receive("blindai-0.6.3")
    #expect(received.events.map(\.event) == ["started", "run_model"])
    #expect(received.events.allSatisfy { $0.entry.user == nil })
    #expect(received.events[1].properties["time_taken"] == 0.002)
    #expect(received.events[1].properties["model_name"] == nil)
    #expect(received.events[1].context["system"] == nil)
  }
}
