import AvowIngest
import AvowWire
import Testing

/// A second corpus, written without a look at the rules and kept as it was: what the first one says about the
/// texts the rules were made for, this one says about others.
struct DetectorCorpusTests {
  static let harmful = [
    // E-mail
    "john.smith@corp.internal", "o'brien@example.com", "x@localhost", "first.last+news@sub.domain.travel",
    "contact:admin@example.net", "<root@server01.example.org>", "\"very unusual\"@example.com", "用户@例子.公司",
    "me@192.168.0.1", "name_1999@mail.ru",
    // Addresses of machines
    "172.16.254.1", "255.255.255.0", "Connected to 10.1.2.3:5432", "host=127.0.0.1", "0.0.0.0", "fd00::8",
    "2a02:8108:1:2:3:4:5:6", "[::1]:8080", "::ffff:10.0.0.1", "64:ff9b::192.0.2.33", "192.168.1.0/24",
    "00:1A:2B:3C:4D:5E", "00-1a-2b-3c-4d-5e", "001A.2B3C.4D5E", "ether 0a:00:27:00:00:00",
    // Addresses on the web
    "http://localhost:3000/admin", "https://user:secret@git.example.com/repo.git", "ftp://files.example.org",
    "git@github.com:acme/secret-project.git", "ssh://deploy@10.0.0.5", "www.my-company.co.uk/login",
    "redis://:pw@cache:6379/0", "gs://private-bucket/data.parquet", "wss://stream.example.io",
    "file:///home/ada/notes.txt", "example.com/path/to/page",
    // Places of files
    "/Users/ada/Projects/thesis", "/home/bob", "/root/.ssh/id_rsa", "/var/log/syslog", "/opt/app/config.yml",
    "~/.aws/credentials", "~bob/data", "../../secret.txt", "./models/best.pt",
    "C:\\Users\\Bob\\Desktop\\a.docx",
    "c:/Program Files/Tool/tool.exe", "\\\\nas\\share\\x", "data/raw/patients_2023.csv", "$HOME/work",
    "%USERPROFILE%\\x", "No such file or directory: '/mnt/data/x.bin'", "/tmp", "/Volumes/Backup/x",
    "file not found at /srv/www/index.html:12", "D:\\data",
    // Secrets
    "550e8400-e29b-41d4-a716-446655440000", "urn:uuid:6ba7b810-9dad-11d1-80b4-00c04fd430c8",
    "550e8400e29b41d4a716446655440000", "sk_live_4eC39HqLyjWDarjtT1zdp7dc", "sk-ant-api03-abcdefghijklmnop",
    "ghp_abcdefghijklmnopqrstuvwxyz0123456789", "github_pat_11ABCDEFG0abcdefghijkl",
    "glpat-ABCDEFGHIJKLMNOPQRST",
    "xoxp-1234567890-abcdefghij", "AKIAI44QH8DHBEXAMPLE", "AIzaSyA1234567890abcdefghijklmnopqrstuv",
    "ya29.a0AfH6SMBx1234567890abcdef", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.", "Bearer 9f8e7d6c5b4a39281706",
    "api_key=abcd1234", "password: correcthorse", "PASSWORD=letmein", "secret=shh", "token=deadbeefcafe",
    "-----BEGIN RSA PRIVATE KEY-----", "5500005555555559", "378282246310005", "DE89370400440532013000",
    "d41d8cd98f00b204e9800998ecf8427e", "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "SG.ngeVfQFYQlKU0ufo8x5d1A.TwL2iGABf9DHoTf", "npm_abcdefghijklmnopqrstuvwxyz0123456789",
    "AccountKey=Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4", "hunter2:x8Kd93jfLq02mZpw7Vn4",
  ]

  static let harmless = [
    // Models and algorithms
    "bert-base-multilingual-cased", "google/flan-t5-xl", "meta-llama/Llama-3.1-8B-Instruct", "Qwen2.5-72B",
    "stable-diffusion-xl-base-1.0", "whisper-large-v3", "text-embedding-3-small", "gpt-4o-mini-2024-07-18",
    "XGBClassifier", "sklearn.ensemble.RandomForestClassifier", "torch.nn.Linear", "resnext101_32x8d",
    "swin_v2_t", "mobilenet_v3_small_075_224", "ggml-model-q4_0", "deepseek-r1-distill-qwen-7b",
    "phi-3.5-mini",
    "all-mpnet-base-v2", "facebook/opt-1.3b", "sentence-transformers/LaBSE",
    // Machines
    "NVIDIA GeForce RTX 4090", "NVIDIA H100 80GB HBM3", "AMD Radeon RX 7900 XTX", "Apple M3 Max",
    "Intel(R) Core(TM) i9-14900K", "13th Gen Intel(R) Core(TM) i7-1365U", "AMD EPYC 9654 96-Core Processor",
    "Raspberry Pi 4 Model B Rev 1.4", "Neoverse-N1", "ARMv8 Processor rev 3 (v8l)", "cpu", "cuda:0", "mps",
    "TPU v4", "Qualcomm Snapdragon 8 Gen 2", "GenuineIntel", "Tesla V100-SXM2-16GB", "Quadro P2000",
    "Microsoft Hyper-V", "KVM",
    // Systems and versions
    "Ubuntu 24.04.1 LTS", "Debian GNU/Linux 12 (bookworm)", "Windows Server 2022 Datacenter", "macOS 15.1",
    "Darwin", "5.15.0-91-generic", "6.6.87.2-microsoft-standard-WSL2", "10.0.22631", "Python 3.12.3",
    "node v20",
    "go1.22.1", "rustc 1.80.0", "openjdk 21", "2024.10.3", "1.0.0+build.7", "v2.3.4-rc.2", "20.04",
    "3.11.0b1",
    "r2450", "0.1.dev5+g1a2b3c4",
    // Words of programs
    "train_model", "predict", "--verbose", "build --release", "docker-compose up", "npm run test", "GET",
    "POST",
    "HTTP/1.1", "application/json", "utf8mb4", "en_GB.UTF-8", "de-CH", "Europe/Berlin", "UTC+2", "true",
    "none",
    "default", "N/A", "n/a", "foo", "ValueError", "KeyError: missing", "TypeError", "OSError: [Errno 28]",
    "RuntimeError: CUDA out of memory", "timeout after 30 s", "connection refused", "exit code 137",
    "SIGKILL",
    "404 Not Found", "division by zero", "index 5 out of range", "assert x == 1", "deprecated since 2.0",
    // Settings and shapes
    "(1, 3, 224, 224)", "[64, 128, 256]", "1024x768", "16:9", "8bit", "float16", "int8/int4", "adamw",
    "cosine",
    "lr=0.001", "batch_size=32", "epochs: 10", "k=v", "a|b", "dark mode", "#ff8800", "rgb(1, 2, 3)", "50 %",
    "1e-5", "-1", "3.14159", "1,234,567", "100 MB", "2x faster", "p99", "Q3 2024", "12h 30m", "07:45",
    "2024-02-29", "2024-02-29T12:00:00Z", "Feb 29", "week 9", "left/right", "read/write", "client/server",
    "yes/no", "input/output error", "TCP/UDP", "@dataclass", "user@", "hello world", "naïve café", "日本語",
    "😀👍",
    "feature-flag-new-onboarding", "ab-test-variant-b", "checkout_v2", "plan:pro", "tier-1", "gitlab-runner",
    "github-actions", "CircleCI", "vscode", "JetBrains PyCharm", "jupyter", "colab", "kaggle", "pytest-xdist",
  ]

  /// A class counts as found whatever its name: what matters is whether the text is kept.
  @Test func `precision and recall on texts the rules were not made for`() {
    let missed = Self.harmful.filter { Detector.find(in: $0) == nil }
    let wronged = Self.harmless.filter { Detector.find(in: $0) != nil }
    let found = Self.harmful.count - missed.count
    let recall = Double(found) / Double(Self.harmful.count)
    let precision = Double(found) / Double(found + wronged.count)
    let kept = 1 - Double(wronged.count) / Double(Self.harmless.count)
    print(
      "detectors: recall \(recall), precision \(precision), harmless texts kept \(kept); "
        + "missed \(missed), removed without need \(wronged)")
    // 81 of 85 and 151 of 153 when it was written.
    #expect(recall >= 0.95)
    #expect(precision >= 0.97)
    #expect(kept >= 0.98)
  }
}
