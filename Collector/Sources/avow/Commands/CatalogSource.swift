import ArgumentParser
import AvowCatalog
import AvowServer
import AvowWire

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A catalog's file and what reading it found.
struct CatalogSource {
  let path: String
  let reading: CatalogReading

  /// Reads a file.
  ///
  /// - Throws: `CollectorError` when it cannot be read at all.
  init(_ path: String) throws {
    self.path = path
    guard let bytes = Self.bytes(path) else {
      throw CollectorError(.catalog, "cannot read \(path): \(String(cString: strerror(errno)))")
    }
    reading = CatalogFile.read(bytes: bytes, file: path, today: Self.today)
  }

  /// Takes bytes that were read from elsewhere.
  init(bytes: [UInt8], named name: String) {
    path = name
    reading = CatalogFile.read(bytes: bytes, file: name, today: Self.today)
  }

  /// The first bytes of a file, one more than a catalog may have, so that a larger file is told so and
  /// costs no memory.
  private static func bytes(_ path: String) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: CatalogFile.maxBytes + 1)
    var count = 0
    while count < bytes.count {
      let length = bytes.count - count
      let got = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress! + count, length) }
      if got < 0, errno == EINTR { continue }
      guard got >= 0 else { return nil }
      if got == 0 { break }
      count += got
    }
    return Array(bytes.prefix(count))
  }

  private static var today: CivilDate { CivilDate(dayNumber: Int(time(nil)) / 86_400) }

  /// The catalog; what is wrong with it is printed when there is none.
  func catalog() throws -> Catalog {
    let errors = reading.diagnostics.filter { $0.severity == .error }
    guard let catalog = reading.catalog, errors.isEmpty else {
      for error in errors { printError("\(error)") }
      throw ExitCode(1)
    }
    return catalog
  }
}

/// Prints a line to standard error.
func printError(_ line: String, terminator: String = "\n") {
  let bytes = Array((line + terminator).utf8)
  guard !bytes.isEmpty else { return }
  _ = bytes.withUnsafeBytes { write(2, $0.baseAddress!, $0.count) }
}

/// Prints a text, or writes it to a file.
func deliver(_ text: String, to path: String?) throws {
  guard let path else {
    print(text, terminator: text.hasSuffix("\n") ? "" : "\n")
    return
  }
  guard SmallFile.write(text, to: path) else {
    throw CollectorError(.failed, "cannot write \(path): \(String(cString: strerror(errno)))")
  }
}
