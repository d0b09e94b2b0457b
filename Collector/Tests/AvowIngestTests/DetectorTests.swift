import AvowIngest
import AvowWire
import Testing

/// A labelled corpus: what must be found, and what tools really send and must be kept.
struct DetectorTests {
  static let harmful: [(String, SensitiveClass)] = [
    ("ada@example.org", .email), ("Ada Lovelace <ada.l@mail.example.co.uk>", .email),
    ("user+tag@x-y.io", .email),
    ("jürgen@bücher.example", .email), ("error for ada@example.org.", .email), ("a@b.museum", .email),
    ("192.168.1.17", .ipAddress), ("from 10.0.0.1 port 22", .ipAddress), ("8.8.8.8:53", .ipAddress),
    ("::1", .ipAddress), ("fe80::1%eth0", .ipAddress), ("2001:db8:85a3:0:0:8a2e:370:7334", .ipAddress),
    ("[2001:db8::1]", .ipAddress), ("addr=203.0.113.9", .ipAddress), ("::ffff:192.0.2.128", .ipAddress),
    ("56:28:6d:1a:91:c2", .macAddress), ("56-28-6D-1A-91-C2", .macAddress), ("5628.6d1a.91c2", .macAddress),
    ("if eth0 56:28:6d:1a:91:c2 up", .macAddress),
    ("https://example.org/a?b=c", .url), ("HTTP://EXAMPLE.ORG", .url), ("see www.example.org", .url),
    ("s3://bucket/key", .url), ("mailto:ada", .url), ("postgres://u:p@host/db", .url),
    ("/home/ada/models/resnet.onnx", .filePath), ("/etc/passwd", .filePath), ("~/models", .filePath),
    ("./run.sh", .filePath), ("../x", .filePath), ("C:\\Users\\Ada\\x.txt", .filePath),
    ("D:/data", .filePath),
    ("\\\\server\\share", .filePath), ("models/resnet.onnx", .filePath), ("a/b/c", .filePath),
    ("could not open /var/lib/x", .filePath), ("--out=/tmp/x", .filePath), ("src\\main.swift", .filePath),
    ("da9d4ade-2171-11ed-8713-56286d1a91c2", .secret), ("id DA9D4ADE-2171-11ED-8713-56286D1A91C2", .secret),
    ("sk-proj-abcDEF0123456789xyz", .secret), ("ghp_16C7e42F292c6912E7710c838347Ae178B4a", .secret),
    ("AKIAIOSFODNN7EXAMPLE", .secret), ("AIzaSyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY", .secret),
    ("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0In0.dBjftJeZ4CVP", .secret),
    ("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", .secret),
    ("5F3C1A9077D2E4B0AA13C5D7", .secret), ("wJalrXUtnFEMI7MDENGbPxRfiCYEXAMPLEKEY1", .secret),
    ("password=hunter2", .secret), ("token: abc", .secret), ("Bearer abcdefgh12", .secret),
    ("66119386239198", .secret),
    ("4111111111111111", .secret), ("xoxb-123456789012-abcdefGHIJ", .secret),
    ("hf_aBcDeFgHiJkLmNoPqR1234567", .secret),
    ("glpat-abc123def456ghi789", .secret), ("-----BEGIN PRIVATE KEY-----", .secret),
  ]

  static let harmless = [
    "ResNet", "ResNet50", "distilbert-base-uncased", "DistilBertForSequenceClassification", "bert/base",
    "org/model-v1.5",
    "numpy_onnxruntime", "torch_tensor_rt", "half", "none", "Linux - SGX SW", "Apple M1 Pro",
    "Intel(R) Core(TM) i7-8700K CPU @ 3.70GHz", "Intel(R) Xeon(R) CPU E5-2686 v4 @ 2.30GHz", "AMD EPYC 7B12",
    "AMD Ryzen 9 5950X 16-Core Processor", "Tesla T4", "NVIDIA A100-SXM4-80GB", "i386", "x86_64", "aarch64",
    "DatasetDriftMetric", "ColumnQuantileMetric", "GITHUB_ACTIONS", "gitlab-ci", "blindai_python",
    "python-requests",
    "6.1.119", "21.6.0", "1.2.3rc1", "3.10", "2022-08-21", "2022/08/21", "12:30:45", "12:30", "N/A", "and/or",
    "I/O",
    "std::vector", "a::b", "Error: not found", "key: value", "en-US", "de_DE", "utf-8", "text/plain",
    "TCP/IP",
    "ViTForImageClassification", "gpt2-medium", "llama-2-7b-chat-hf", "mistral-7b-instruct-v0-2", "yolov8n",
    "efficientnet_b7_ns_jft", "resnet50_v1_onnx_quantized_int8", "all-MiniLM-L6-v2", "bge-large-en-v1.5",
    "fp16", "int8",
    "Ubuntu 22.04.3 LTS", "macOS Sonoma", "Windows 11 Pro", "build 19045", "release-2024.1",
    "feature_flag_enabled",
    "@ home", "user@", "@mention", "50%", "1/2", "C++", "C#", ".NET", "Node.js", "vue.js", "4 cores",
    "service_backend",
    "OptimizeModelForInferenceWithTensorRT8", "a.b.c", "foo.bar", "main.py", "1.2.3-beta.4", "deadbeef",
    "cafe",
    "v1.28.3+k3s1", "secretary", "tokenizer", "password", "bearer", "http", "mailto",
  ]

  @Test(arguments: harmful)
  func `what is personal or secret is found`(_ text: String, _ kind: SensitiveClass) {
    #expect(Detector.find(in: text) == kind)
  }

  @Test(arguments: harmless)
  func `what tools report about themselves is kept`(_ text: String) {
    #expect(Detector.find(in: text) == nil)
  }

  @Test func `what is found is found inside a sentence as well`() {
    for (text, _) in Self.harmful where !text.hasPrefix("-----") {
      #expect(Detector.find(in: "failed with \(text) twice") != nil, "\(text)")
    }
  }

  @Test func `a long text is searched whole and quickly`() {
    let long = String(repeating: "word ", count: 40_000)
    #expect(Detector.find(in: long) == nil)
    #expect(Detector.find(in: long + "ada@example.org") == .email)
  }
}
