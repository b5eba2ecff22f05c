import Base
import Fuzzing
import Testing

@testable import RESP

struct DumpTests {
  private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

  private static let stream: DumpedStream = {
    var stream = DumpedStream()
    for number: UInt64 in 1...250 {
      let names = number % 7 == 0 ? ["x", "y"] : ["a"]
      stream.entries.append(
        .init(
          id: StreamID(milliseconds: 1_000 + number / 3, sequence: number % 3),
          fields: names.flatMap { [bytes($0), bytes("value \(number)")] }))
    }
    stream.state.lastID = StreamID(milliseconds: 9_999, sequence: 4)
    stream.state.entriesAdded = 300
    stream.state.maxDeletedID = StreamID(milliseconds: 5, sequence: 0)
    let group = StreamGroup(
      name: bytes("g"), lastID: StreamID(milliseconds: 1_001, sequence: 1), entriesRead: 4)
    let unread = StreamGroup(name: bytes("h"), lastID: .zero, entriesRead: nil)
    let pending = PendingEntry(
      id: StreamID(milliseconds: 1_000, sequence: 1), consumer: bytes("c"), deliveredAt: 77,
      deliveries: 2)
    stream.groups = [
      .init(
        group: group,
        consumers: [
          StreamConsumer(name: bytes("c"), seenAt: 88),
          StreamConsumer(name: bytes("d"), seenAt: 99),
        ], pending: [pending]),
      .init(group: unread, consumers: [], pending: []),
    ]
    return stream
  }()

  static let values: [DumpedValue] = [
    .string([]), .string(bytes("12")), .string(bytes("-70000")), .string(bytes("007")),
    .string(bytes("99999999999")), .string(Array(repeating: 7, count: 70_000)),
    .list(["a", "", "-1", "300"].map { bytes($0) }),
    .list((0..<20_000).map { bytes("element \($0)") }), .set([bytes("b"), bytes("5")]),
    .hash([.init(name: bytes("f"), value: bytes("1")), .init(name: [], value: [0])]),
    .zset([
      .init(name: bytes("m"), score: -1.5), .init(name: bytes("n"), score: .infinity),
    ]), .stream(stream), .stream(DumpedStream()),
  ]

  @Test(arguments: values)
  func comesBack(value: DumpedValue) throws {
    let payload = DumpWriter.payload(value)
    #expect(DumpReader.isWhole(payload[...]))
    #expect(try DumpReader.value(payload[...]) == value)
  }

  @Test func checksum() {
    #expect(CRC64.checksum("123456789".utf8) == 0xE9C6_D914_C4B8_D9CA)
  }

  @Test func versionAndChecksumAreChecked() {
    var payload = DumpWriter.payload(.string(Self.bytes("abc")))
    payload[1] ^= 1
    #expect(!DumpReader.isWhole(payload[...]))
    var newer: [UInt8] = [0, 1, 65, 11, 0]
    withUnsafeBytes(of: CRC64.checksum(newer).littleEndian) { newer.append(contentsOf: $0) }
    #expect(!DumpReader.isWhole(newer[...]))
    #expect(!DumpReader.isWhole([1, 2, 3]))
  }

  /// As a file has them: the kind, the value, and room for the footer, which is not looked at here.
  private static func read(_ kind: DumpKind, _ body: [UInt8]) throws -> DumpedValue {
    let payload = [kind.rawValue] + body + Array(repeating: 0, count: DumpKind.footerBytes)
    return try DumpReader.value(payload[...])
  }

  private static func blob(_ bytes: [UInt8]) -> [UInt8] { [UInt8(bytes.count)] + bytes }

  @Test func ziplists() throws {
    // "ab", 5 as an immediate, -200, 300000 in three bytes, 70000 in four.
    var body: [UInt8] = [0, 2, 0x61, 0x62, 4, 0xF6, 2, 0xC0, 0x38, 0xFF, 4, 0xF0, 0xE0, 0x93, 0x04]
    body += [5, 0xD0, 0x70, 0x11, 0x01, 0x00]
    let tail = UInt8(10 + 15)
    let pack = [UInt8(10 + body.count + 1), 0, 0, 0, tail, 0, 0, 0, 5, 0] + body + [0xFF]
    let expected = ["ab", "5", "-200", "300000", "70000"].map { Self.bytes($0) }
    #expect(try PackedElements.ziplist(pack) == expected)
    #expect(try Self.read(.listOfZiplist, Self.blob(pack)) == .list(expected))
    #expect(try Self.read(.listOfZiplists, [1] + Self.blob(pack)) == .list(expected))
    #expect(throws: DecodingFault.self) { try Self.read(.hashOfZiplist, Self.blob(pack)) }
    for cut in 0..<pack.count {
      #expect(throws: DecodingFault.self) { try PackedElements.ziplist(Array(pack[..<cut])) }
    }
  }

  @Test func listpacksOfAllSizes() throws {
    var writer = ListpackWriter()
    let numbers: [Int64] = [
      0, 127, 128, -1, 4_095, -4_096, 4_096, 32_767, -32_768, 8_388_607, -8_388_608, 1 << 30,
      .min, .max,
    ]
    let texts = [0, 1, 63, 64, 4_095, 4_096, 70_000].map {
      Array(repeating: UInt8(0x61), count: $0)
    }
    for number in numbers { writer.append(number) }
    for text in texts { writer.append(text) }
    let pack = writer.finished()
    #expect(pack.count == writer.byteCount)
    #expect(try PackedElements.listpack(pack) == numbers.map { Self.bytes("\($0)") } + texts)
  }

  @Test func intsets() throws {
    let pack: [UInt8] = [2, 0, 0, 0, 2, 0, 0, 0, 0xFF, 0xFF, 5, 0]
    #expect(try Self.read(.intset, Self.blob(pack)) == .set([Self.bytes("-1"), Self.bytes("5")]))
    #expect(throws: DecodingFault.self) {
      try Self.read(.intset, Self.blob([2, 0, 0, 0, 2, 0, 0, 0, 5, 0, 5, 0]))
    }
  }

  @Test func compressedStrings() throws {
    // One literal, then a copy of it that overlaps itself.
    let packed: [UInt8] = [0, 0x61, 0xE0, 10, 0]
    let body: [UInt8] = [0xC3, UInt8(packed.count), 20] + packed
    #expect(try Self.read(.string, body) == .string(Array(repeating: 0x61, count: 20)))
    #expect(throws: DecodingFault.self) {
      try Self.read(.string, [0xC3, UInt8(packed.count), 21] + packed)
    }
    packed.withUnsafeBytes { #expect(LZF.decompress($0, count: 19) == nil) }
  }

  @Test func collectionsAreNeitherEmptyNorDoubled() {
    #expect(throws: DecodingFault.self) { try Self.read(.set, [0]) }
    #expect(throws: DecodingFault.self) { try Self.read(.set, [2, 1, 0x61, 1, 0x61]) }
    #expect(throws: DecodingFault.self) { try Self.read(.hash, [0]) }
    #expect(throws: DecodingFault.self) {
      try Self.read(.list, [0x81] + Array(repeating: 0xFF, count: 8))
    }
  }

  /// Whatever comes, reading it ends, and what is read can be written and read again.
  @Test(arguments: 0..<40 as Range<UInt64>)
  func fuzz(seed: UInt64) throws {
    var mutator = Mutator(seed: seed)
    let samples = Self.values.map { DumpWriter.payload($0) }.filter { $0.count < 20_000 }
    for _ in 0..<200 {
      let changed = mutator.mutate(samples)
      if changed.count < DumpKind.footerBytes { continue }
      guard let found = try? DumpReader.value(changed[...]) else { continue }
      #expect(try DumpReader.value(DumpWriter.payload(found)[...]) == found)
    }
  }
}
