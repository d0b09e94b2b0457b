extension Scanner {
  struct Text {
    var start: UInt32
    var length: UInt32
    var isAside: Bool
  }

  /// Reads a string whose opening quote was passed.
  @inline(__always)
  mutating func text() throws(ScanError) -> Text {
    let start = position
    try plain()
    if base[position] == UInt8(ascii: "\"") {
      position += 1
      return Text(start: UInt32(start), length: UInt32(position - 1 - start), isAside: false)
    }
    return try escapedText(from: start)
  }

  /// Passes over valid UTF-8 up to a quote or a backslash.
  @inline(__always)
  private mutating func plain() throws(ScanError) {
    while true {
      // Eight bytes at once: a quote, a backslash, a control character or a byte beyond ASCII raises the
      // high bit of its place. Borrows can raise it wrongly, but only above a place raised rightly.
      while position + 8 <= count {
        let word = UnsafeRawPointer(base + position).loadUnaligned(as: UInt64.self).littleEndian
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quote = word ^ (ones &* 0x22)
        let slash = word ^ (ones &* 0x5C)
        let found =
          ((quote &- ones) & ~quote | (slash &- ones) & ~slash | (word &- ones &* 0x20) & ~word | word)
          & (ones &* 0x80)
        if found != 0 {
          position += found.trailingZeroBitCount / 8
          break
        }
        position += 8
      }
      while true {
        let byte = try here()
        if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return }
        guard byte >= 0x20 else { throw failure(.control) }
        if byte >= 0x80 {
          try sequence(byte)
          break
        }
        position += 1
        if position + 8 <= count { break }
      }
    }
  }

  /// Passes over one multi-byte sequence (Unicode, table 3-7).
  private mutating func sequence(_ lead: UInt8) throws(ScanError) {
    let length: Int
    var low: UInt8 = 0x80
    var high: UInt8 = 0xBF
    switch lead {
    case 0xC2...0xDF: length = 2
    case 0xE0: (length, low) = (3, 0xA0)
    case 0xED: (length, high) = (3, 0x9F)
    case 0xE1...0xEF: length = 3
    case 0xF0: (length, low) = (4, 0x90)
    case 0xF1...0xF3: length = 4
    case 0xF4: (length, high) = (4, 0x8F)
    default: throw failure(.utf8)
    }
    guard position + length <= count else { throw failure(.utf8) }
    guard base[position + 1] >= low, base[position + 1] <= high else { throw failure(.utf8) }
    for offset in 2..<max(length, 2) where base[position + offset] & 0xC0 != 0x80 { throw failure(.utf8) }
    position += length
  }

  /// Decodes a string with escapes into the side buffer; `position` is at the first backslash.
  private mutating func escapedText(from start: Int) throws(ScanError) -> Text {
    let first = side.count
    append(from: start)
    while true {
      if base[position] == UInt8(ascii: "\"") {
        position += 1
        return Text(start: UInt32(first), length: UInt32(side.count - first), isAside: true)
      }
      position += 1
      try escape()
      let next = position
      try plain()
      append(from: next)
    }
  }

  private mutating func append(from start: Int) {
    side.append(contentsOf: UnsafeBufferPointer(start: base + start, count: position - start))
  }

  private mutating func escape() throws(ScanError) {
    let byte = try here()
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): side.append(byte)
    case UInt8(ascii: "n"): side.append(0x0A)
    case UInt8(ascii: "r"): side.append(0x0D)
    case UInt8(ascii: "t"): side.append(0x09)
    case UInt8(ascii: "b"): side.append(0x08)
    case UInt8(ascii: "f"): side.append(0x0C)
    case UInt8(ascii: "u"):
      var code = try hexadecimal()
      if code & 0xFC00 == 0xD800 {
        guard position + 1 < count, base[position] == UInt8(ascii: "\\"),
          base[position + 1] == UInt8(ascii: "u")
        else { throw failure(.surrogate) }
        position += 2
        let low = try hexadecimal()
        guard low & 0xFC00 == 0xDC00 else { throw failure(.surrogate) }
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw failure(.surrogate) }
      side.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    default: throw failure(.escape)
    }
  }

  private mutating func hexadecimal() throws(ScanError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      let digit = hexadecimalValue(try here())
      guard digit < 16 else { throw failure(.escape) }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }
}

/// The value of a hexadecimal digit, 255 for any other byte.
@inline(__always)
func hexadecimalValue(_ byte: UInt8) -> UInt8 {
  switch byte {
  case 48...57: byte - 48
  case 65...70: byte - 55
  case 97...102: byte - 87
  default: 255
  }
}
