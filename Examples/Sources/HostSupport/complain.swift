#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Prints an error on stderr and ends the program with status 2.
public func complain(_ error: any Error) -> Never {
  let line = Array("error: \(error)\n".utf8)
  _ = write(2, line, line.count)
  exit(2)
}

/// Prints a text, if there is one, and ends the program.
public func end(with text: String? = nil, status: Int32 = 0) -> Never {
  if let text { print(text) }
  exit(status)
}
