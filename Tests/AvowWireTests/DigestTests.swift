import AvowWire
import Testing

@Suite struct DigestTests {
  /// FIPS 180-4 examples and the long one of NIST's test vectors.
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
    ),
  ])
  func `SHA-256 gives NIST's digests`(message: String, digest: String) {
    #expect(hexadecimal(SHA256.hash(message.utf8)) == digest)
  }

  @Test func `SHA-256 of a million letters is NIST's`() {
    #expect(
      hexadecimal(SHA256.hash(repeatElement(UInt8(ascii: "a"), count: 1_000_000)))
        == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }

  @Test func `pieces give the digest of the whole, wherever they are cut`() {
    let message = (0..<200).map { UInt8($0) }
    let whole = SHA256.hash(message)
    for cut in 0...message.count {
      var hash = SHA256()
      hash.update(message[..<cut])
      hash.update(message[cut...])
      #expect(hash.finalize() == whole)
    }
  }

  /// RFC 4231, test cases 1 to 4, 6 and 7.
  @Test(arguments: [
    (
      [UInt8](repeating: 0x0B, count: 20), Array("Hi There".utf8),
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
    ),
    (
      Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    ),
    (
      [UInt8](repeating: 0xAA, count: 20), [UInt8](repeating: 0xDD, count: 50),
      "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
    ),
    (
      (1...25).map { UInt8($0) }, [UInt8](repeating: 0xCD, count: 50),
      "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
    ),
    (
      [UInt8](repeating: 0xAA, count: 131),
      Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
    ),
    (
      [UInt8](repeating: 0xAA, count: 131),
      Array(
        "This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm."
          .utf8),
      "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
    ),
  ])
  func `HMAC-SHA-256 gives the codes of RFC 4231`(key: [UInt8], message: [UInt8], code: String) {
    #expect(hexadecimal(SHA256.authenticate(message, key: key)) == code)
  }

  @Test func `the canonical form has sorted keys and is the JSON of what is collected`() throws {
    let types: [FieldType] = [
      .boolean, .integer(), .integer(.init(min: -3, max: 9, bucket: [-3, 0, 5])),
      .number(.init(min: 0.5, max: 1e300, bucket: [0.5, 2])), .text(.oneOf(["b", "a \"quoted\""])),
      .text(.pattern("[a-z]{1,8}")), .text(.free(reason: "x", maxLength: 40)), .version(.minor),
      .list(of: .integer(.init(min: 1)), maxItems: 3),
      .records([Field("inner", .boolean), Field("outer", .version())], maxItems: 2),
    ]
    let fields = types.enumerated().map { Field("field_\($0.offset)", $0.element, unit: "s", since: "1.0") }
    var catalog = Catalog(
      app: "x", name: "X", version: 4,
      consent: .init(optOut: [.init(name: "X_OFF", meaning: .truthy), .init(name: "A_OFF", meaning: .set)]),
      delivery: .init(to: "https://x.example"), never: [.kind(.email), .sentence("nothing else")],
      context: [Field("os_name", .text(.oneOf(["linux"])), source: .osName)],
      events: [
        EventDeclaration(
          "one", status: .dormant, expires: .date("2030-01-01"), since: "1.0", retention: .days(90),
          properties: fields),
        EventDeclaration("two", expires: .version("3.0")),
      ],
      published: [.init(text: "users by week")])
    let bytes = catalog.canonicalBytes
    // Reading and writing sorts, so equal bytes were sorted.
    #expect(try JSONValue(parsing: bytes).bytes == bytes)
    #expect(
      catalog.canonical["events"]?.arrayValue?.first?["properties"]?.arrayValue?.count == types.count)
    #expect(catalog.canonical["never"] == ["email"])
    #expect(catalog.canonical["consent"]?["opt_out"]?["X_OFF"] == "truthy")
    let digest = catalog.digest
    catalog.purpose = "prose"
    #expect(catalog.digest == digest)
    catalog.events[0].properties[2].type = .integer(.init(min: -3, max: 9, bucket: [-3, 0, 6]))
    #expect(catalog.digest != digest)
  }
}
