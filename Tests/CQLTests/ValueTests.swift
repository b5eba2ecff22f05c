import Base
import Testing
import Types

@testable import CQL

/// Values on the wire, in rows and as JSON.
struct ValueTests {
  static let samples: [(CQLType, [UInt8])] = [
    (.int, [0xFF, 0xFF, 0xFF, 0xFE]), (.bigint, [0x80, 0, 0, 0, 0, 0, 0, 0]), (.boolean, [1]),
    (.native(.tinyint), [0x80]), (.native(.smallint), [0x7F, 0xFF]), (.text, Array("é".utf8)),
    (.blob, [0, 1, 2]), (.double, [0x40, 9, 0x21, 0xFB, 0x54, 0x44, 0x2D, 0x18]),
    (.native(.float), [0x3F, 0x80, 0, 0]), (.inet, [127, 0, 0, 1]),
    (.inet, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
    (.timestamp, [0, 0, 1, 0x6D, 0, 0, 0, 1]),
    (.timestamp, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]),
    (.native(.date), [0x80, 0, 0x47, 0x91]), (.native(.time), [0, 0, 0, 0, 0, 0x0F, 0x42, 0x40]),
    (.native(.varint), [0x80]), (.native(.varint), [0, 0x80]),
    (.native(.varint), [0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
    (.native(.decimal), [0, 0, 0, 2, 0xFF]), (.native(.duration), [2, 4, 0xDE, 0x84, 0x80]),
    (.list(.int), [0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0, 9]),
    (.set(.native(.tinyint)), [0, 0, 0, 2, 0, 0, 0, 1, 0xFF, 0, 0, 0, 1, 1]),
    (.map(.native(.tinyint), .text), [0, 0, 0, 1, 0, 0, 0, 1, 5, 0, 0, 0, 1, 0x61]),
    (.tuple([.int, .text]), [0, 0, 0, 4, 0, 0, 0, 1, 0xFF, 0xFF, 0xFF, 0xFF]),
    (.list(.frozen(.list(.boolean))), [0, 0, 0, 1, 0, 0, 0, 9, 0, 0, 0, 1, 0, 0, 0, 1, 1]),
    (
      .user(keyspace: "k", name: "u", fields: [.init(name: "a", type: .int)]),
      [0, 0, 0, 4, 0, 0, 0, 3]
    ),
  ]

  @Test(arguments: samples)
  func comesBack(_ type: CQLType, _ bytes: [UInt8]) throws {
    let datum = try ValueCodec.decode(bytes, type)
    #expect(ValueCodec.encode(datum, type) == bytes)
    let stored = try StoredForm.store(datum, type)
    var row: [UInt8] = []
    RowCodec.encode([stored], [type.sqlType], into: &row)
    let read = try RowCodec.decode(row, [type.sqlType])[0]
    #expect(try StoredForm.load(read, type) == datum)
    let json = try StoredForm.json(datum, type)
    #expect(try StoredForm.read(json, type) == datum)
  }

  @Test(arguments: samples)
  func cutAtEachByte(_ type: CQLType, _ bytes: [UInt8]) {
    for count in 0..<bytes.count {
      // An error or another value, and no trap.
      _ = Result { try ValueCodec.decode(Array(bytes[..<count]), type) }
    }
    if case .native(let native) = type, ![.text, .blob, .varint, .decimal, .inet].contains(native) {
      #expect(throws: CQLError.self) { try ValueCodec.decode(Array(bytes.dropLast()), type) }
    }
  }

  @Test func collectionsThatLieAboutTheirCount() {
    for bytes in [
      [0x7F, 0xFF, 0xFF, 0xFF], [0xFF, 0xFF, 0xFF, 0xFF], [0, 0, 0, 2, 0, 0, 0, 4, 0, 0, 0, 1],
    ]
      as [[UInt8]]
    {
      #expect(throws: CQLError.self) { try ValueCodec.decode(bytes, .list(.int)) }
      #expect(throws: CQLError.self) { try ValueCodec.decode(bytes, .map(.int, .int)) }
    }
  }

  /// Tokens as the DataStax driver computes them.
  @Test(
    arguments: [
      (Array("a".utf8), -8_839_064_797_231_613_815),
      (Array("abc".utf8), -5_434_086_359_492_102_041),
      (Array("hello world".utf8), 5_998_619_086_395_760_910),
      (Array("0123456789abcdef".utf8), 5_467_490_433_528_156_583),
      ([0, 0, 0, 1], -4_069_959_284_402_364_209), (Array(200...255), 4_032_995_824_025_522_200),
      ([UInt8](repeating: 255, count: 15), -2_195_530_867_418_009_455),
      ([UInt8](repeating: 128, count: 33), 8_320_964_553_149_094_587),
    ] as [([UInt8], Int64)])
  func tokens(_ bytes: [UInt8], _ token: Int64) {
    #expect(DistributionHash.token(bytes) == token)
  }

  @Test func theTokenOfAKeyIsThatOfItsBytes() throws {
    let values: [Value] = [.int(5), .string("x")]
    let key = DistributionHash.distributionKey(values, [.int4, .text])
    #expect(key == [0, 4, 0, 0, 0, 5, 0, 0, 1, 0x78, 0])
    #expect(
      DistributionHash.distributionToken(values, [.int4, .text]) == DistributionHash.token(key))
    // So what belongs to a partition lies where it does: `cql.deletions`.
    #expect(
      DistributionHash.distributionToken(.bytes(key), .bytea) == DistributionHash.token(key))
  }

  @Test func lastTokensAreThoseOfTheirBuckets() {
    for bucket in [0, 1, 8_191, 8_192, 16_383] {
      let token = CQLShard.lastToken(of: bucket)
      #expect(Int(DistributionHash.bucket(token: token).rawValue) == bucket)
      if token < .max {
        #expect(Int(DistributionHash.bucket(token: token + 1).rawValue) == bucket + 1)
      }
    }
  }

  @Test func timeUUIDsAsKeysLieInTheOrderOfTime() throws {
    let early = TimeUUID.make(ticks: 0x0123_FFFF_FFFF_FFFF, low: 0xFFFF)
    let late = TimeUUID.make(ticks: 0x0124_0000_0000_0001, low: 1)
    #expect(TimeUUID.version1(TimeUUID.version6(early)) == early)
    #expect(TimeUUID.version6(early) < TimeUUID.version6(late))
    #expect(TimeUUID.compare(.uuid(early), .uuid(late)) < 0)
    #expect(
      TimeUUID.unixMilliseconds(
        TimeUUID.make(ticks: TimeUUID.ticks(unixMilliseconds: 1_234), low: 0)) == 1_234)
  }

  @Test(arguments: [
    ("1y2mo3w4d5h6m7s8ms9us", "1y2mo25d5h6m7s8ms9us"), ("-1h", "-1h"),
    ("P1Y2M3DT4H5M6S", "1y2mo3d4h5m6s"),
    ("90s", "1m30s"),
  ])
  func durations(_ text: String, _ normal: String) throws {
    #expect(DurationText.text(try DurationText.parse(text)) == normal)
  }

  @Test(arguments: ["99999999999h", "1", "h", "", "1x", "99999999999999999999s", "P", "PT"])
  func textsThatAreNoDurations(_ text: String) {
    #expect(throws: CQLError.self) { try DurationText.parse(text) }
  }

  @Test func arithmeticAtTheEnds() throws {
    for sign in ["+", "-", "*", "/", "%"] {
      // An error or a value, and no trap.
      _ = Result { try Arithmetic.apply(sign, .int(.min), .int(-1), .bigint) }
    }
    #expect(throws: CQLError.self) { try Arithmetic.apply("/", .int(1), .int(0), .int) }
    #expect(throws: CQLError.self) { try Arithmetic.apply("+", .int(2_147_483_647), .int(1), .int) }
  }

  @Test func cellTimes() throws {
    var times = CellTimes()
    times.marker = .init(written: 5, expires: 100)
    times[3] = .init(written: 5, expires: 100)
    times[1] = .init(written: -7)
    times[9] = .init(written: .max)
    let bytes = times.encoded
    #expect(try CellTimes(bytes) == times)
    for count in 0..<bytes.count {
      #expect(throws: DecodingFault.self) { try CellTimes(Array(bytes[..<count])) }
      #expect(throws: DecodingFault.self) {
        try Array(bytes[..<count]).withUnsafeBytes { _ = try CellTimes.Summary($0) }
      }
    }
    let summary = try bytes.withUnsafeBytes { try CellTimes.Summary($0) }
    #expect(summary.newest == times.newest && summary.marker == times.marker)
    var even = CellTimes()
    even.marker = .init(written: 8)
    for position in [2, 5, 300] { even[position] = .init(written: 8) }
    #expect(CellTimes.encoded(.init(written: 8), at: [2, 5, 300]) == even.encoded)
    let row: [Value] = [.int(0), .int(1), .null, .int(1)]
    #expect(times.expiry(of: row, columns: [3]) == 100)
    #expect(times.expiry(of: row, columns: [1, 3]) == nil)
    #expect(times.isGone(row, columns: [3], at: 100) && !times.isGone(row, columns: [3], at: 99))
    #expect(!times.isGone(row, columns: [1, 3], at: 100))
    times[1] = nil
    #expect(times[1] == nil && times.newest == .max)
  }

  @Test func pagingStates() throws {
    var state = PagingState()
    state.place = 7
    state.resume = .init(range: 2, key: [1, 2, 3])
    state.remaining = 9
    state.partition = [5]
    state.given = 3
    let bytes = state.bytes
    #expect(try PagingState(bytes) == state)
    for count in 0..<bytes.count {
      #expect(throws: CQLError.self) { try PagingState(Array(bytes[..<count])) }
    }
  }
}
