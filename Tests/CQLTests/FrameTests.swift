import Testing

@testable import CQL

/// Frames, segments and bodies, cut at each byte.
struct FrameTests {
  private static let query: [UInt8] = {
    var body = BodyWriter()
    let text = Array("SELECT 1".utf8)
    body.int(text.count)
    body.bytes.append(contentsOf: text)
    body.short(1)
    body.byte(0x01 | 0x04 | 0x20)
    body.short(2)
    body.bytes([1, 2, 3])
    body.int(-2)
    body.int(100)
    body.long(1_234_567)
    return body.bytes
  }()

  private static func frame(version: UInt8, stream: Int16, _ opcode: UInt8, _ body: [UInt8])
    -> [UInt8]
  {
    var bytes: [UInt8] = []
    FrameHeader(version: version, flags: [], stream: stream, opcode: opcode, length: body.count)
      .encode(into: &bytes)
    // A request's.
    bytes[0] &= 0x7F
    return bytes + body
  }

  @Test func headersCutAtEachByte() throws {
    let bytes = Self.frame(version: 4, stream: -3, 7, Self.query)
    for count in 0..<FrameHeader.bytes {
      #expect(try FrameHeader.decode(bytes[..<count]) == nil)
    }
    let header = try FrameHeader.decode(bytes[...])
    #expect(
      header
        == FrameHeader(version: 4, flags: [], stream: -3, opcode: 7, length: Self.query.count))
  }

  @Test(arguments: [0, 1, 2, 6, 0x41, 0x42] as [UInt8])
  func otherVersionsAreRefused(_ version: UInt8) {
    #expect(throws: CQLError.self) { try FrameHeader.decode([version]) }
  }

  @Test func hugeBodiesAreRefusedBeforeTheyCome() {
    #expect(throws: CQLError.self) {
      try FrameHeader.decode([4, 0, 0, 0, 7, 0x7F, 0xFF, 0xFF, 0xFF])
    }
  }

  @Test func aBodyCutAtAnyByteIsAnError() throws {
    let request = try Request.decode(7, Self.query[...], version: 4)
    guard case .query(let text, let parameters) = request else {
      Issue.record("no query")
      return
    }
    #expect(text == "SELECT 1")
    #expect(parameters.values == [.bytes([1, 2, 3]), .unset])
    #expect(parameters.pageSize == 100)
    #expect(parameters.timestamp == 1_234_567)
    for count in 0..<Self.query.count {
      #expect(throws: CQLError.self) {
        _ = try Request.decode(7, Self.query[..<count], version: 4)
      }
    }
  }

  /// Checksums as the reference implementation gives them.
  @Test func checksums() {
    #expect(Checksums.crc24([]) == 0x87_5060)
    // zlib's CRC32 of the four fixed bytes and "123456789".
    #expect(Checksums.crc32(Array("123456789".utf8)) == 0xE2A2_61A7)
  }

  @Test(arguments: [false, true])
  func segmentsCutAtEachByte(isCompressed: Bool) throws {
    for size in [0, 1, 100, 5_000] {
      let message = (0..<size).map { UInt8(truncatingIfNeeded: $0 / 7) }
      var bytes: [UInt8] = []
      Segments.encode(message, isCompressed: isCompressed, into: &bytes)
      for count in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 97)) {
        #expect(try Segments.decode(bytes[..<count], isCompressed: isCompressed) == nil)
      }
      if size == 0 { continue }
      let (payload, count) = try #require(
        try Segments.decode(bytes[...], isCompressed: isCompressed))
      #expect(payload == message)
      #expect(count == bytes.count)
    }
  }

  @Test func longMessagesAreCutIntoSegments() throws {
    let message = (0..<400_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }
    for isCompressed in [false, true] {
      var bytes: [UInt8] = []
      Segments.encode(message, isCompressed: isCompressed, into: &bytes)
      var rest = bytes[...]
      var whole: [UInt8] = []
      while !rest.isEmpty {
        let (payload, count) = try #require(try Segments.decode(rest, isCompressed: isCompressed))
        whole += payload
        rest = rest.dropFirst(count)
      }
      #expect(whole == message)
    }
  }

  @Test(arguments: [false, true])
  func aDamagedByteIsFound(isCompressed: Bool) {
    var bytes: [UInt8] = []
    Segments.encode(
      Array("hello, hello, hello, hello".utf8), isCompressed: isCompressed, into: &bytes)
    for place in bytes.indices {
      var damaged = bytes
      damaged[place] ^= 0x10
      let read = Result { try Segments.decode(damaged[...], isCompressed: isCompressed) }
      if case .success(let found?) = read { Issue.record("byte \(place) passed: \(found)") }
    }
  }

  @Test(arguments: Compression.allCases)
  func compressedBodies(_ codec: Compression) throws {
    for size in [0, 1, 1_000, 70_000] {
      let body = (0..<size).map { UInt8(truncatingIfNeeded: $0 / 11) }
      #expect(try codec.decompress(codec.compress(body)[...]) == body)
    }
    #expect(throws: CQLError.self) { try codec.decompress([0xFF, 0xFF, 0xFF, 0xFF, 0x7F, 1]) }
    #expect(throws: CQLError.self) { try codec.decompress([]) }
  }
}
