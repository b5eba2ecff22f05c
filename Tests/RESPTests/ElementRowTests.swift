import Base
import Catalog
import Testing
import Types

@testable import RESP

/// The rows of collections' elements, and their keys, are those that SQL reads.
struct ElementRowTests {
  private static let name = Array("k\u{0}ey".utf8)
  private static let member = Array("m\u{0}é".utf8)

  private func row(_ table: String, _ values: [Value]) -> [UInt8] {
    var row: [UInt8] = []
    RowCodec.encode(
      [.int(3), .text(Self.name)] + values, RedisSchema.types(of: table), into: &row)
    return row
  }

  private func key(_ parts: [(Value, SQLType)]) -> [UInt8] {
    var key: [UInt8] = []
    for (value, type) in parts { KeyCodec.encode(value, type: type, into: &key) }
    return key
  }

  @Test(arguments: [nil, Int64(1_700_000_000_123), -5])
  func hash(expiresAt: Int64?) throws {
    let bytes = HashRows.encoded(
      db: 3, key: Self.name, Self.member, "v".utf8, expiresAt: expiresAt)
    let expires: Value =
      expiresAt.map { .int(($0 - RowBytes.epochMilliseconds) * 1_000) } ?? .null
    #expect(bytes == row("hash", [.text(Self.member), .text(Array("v".utf8)), expires]))
    let field = try bytes.withUnsafeBytes { try HashFieldView($0).copy }
    let expected = HashField(name: Self.member, value: Array("v".utf8), expiresAt: expiresAt)
    #expect(field == expected)
    #expect(
      try bytes.withUnsafeBytes { try HashRows.expires($0) } == KeyRow.timestamp(expiresAt))
  }

  @Test func set() throws {
    let bytes = SetRows.encoded(db: 3, key: Self.name, Self.member)
    #expect(bytes == row("set", [.text(Self.member)]))
    #expect(try bytes.withUnsafeBytes { Array(try SetRows.member($0)) } == Self.member)
  }

  @Test(arguments: [0.0, 1.5, -2.25, .infinity, -.infinity, 3_479_099_956_230_698])
  func zset(score: Double) throws {
    let bytes = ZSetRows.encoded(db: 3, key: Self.name, Self.member, score)
    #expect(bytes == row("zset", [.text(Self.member), .float(score)]))
    let element = ZSetElement(member: Self.member, score: score)
    #expect(try bytes.withUnsafeBytes { try ZSetRows.element($0) } == element)

    let rowKey = RowKey.key(db: 3, Self.name)
    let entry = ZSetRows.entry(rowKey, Self.member, score)
    let (db, name) = ((Value.int(3), SQLType.int4), (Value.text(Self.name), SQLType.text))
    #expect(
      entry
        == key([
          db, name, (.float(score), .float8), db, name, (.text(Self.member), .text),
        ]))
    #expect(try entry.withUnsafeBytes { try ZSetRows.element(entry: $0, rowKey) } == element)
  }

  @Test func detailOfAnotherLengthIsDamage() {
    var row = KeyRow(.hash)
    row.detail = [1]
    let bytes = row.encoded(db: 0, key: Self.name)
    #expect(throws: DecodingFault.self) { try bytes.withUnsafeBytes { try KeyRow($0) } }
  }

  @Test func hashExpiry() {
    let uncounted = HashExpiry.uncounted
    #expect(uncounted.earliest == 0 && uncounted.latest == .max && uncounted.permanent == 1)
    var row = KeyRow(.hash)
    #expect(row.expires == nil)
    var expiry = HashExpiry(permanent: 1)
    expiry.add(expiresAt: 2_000)
    expiry.add(expiresAt: 1_000)
    row.hashExpiry = expiry
    #expect(row.hashExpiry == expiry)
    #expect(expiry.earliest == 1_000 && expiry.latest == 2_000)
    #expect(row.expires == nil)
    expiry.permanent = 0
    row.hashExpiry = expiry
    #expect(row.expires == Timestamp(rawValue: 2_000_000_000))
    row.expiresAt = 1_500
    #expect(row.expires == Timestamp(rawValue: 1_500_000_000))
  }
}

/// Random choices are uniform, and distinct where they have to be.
struct RandomRanksTests {
  @Test func distinct() {
    var random = Xoshiro256(seed: 7)
    var counts = Array(repeating: 0, count: 10)
    for _ in 0..<10_000 {
      let ranks = RandomRanks.distinct(3, of: 10, &random)
      #expect(ranks.count == 3 && Set(ranks).count == 3 && ranks == ranks.sorted())
      for rank in ranks { counts[rank] += 1 }
    }
    // 3,000 each, with a standard deviation of 46.
    #expect(counts.allSatisfy { abs($0 - 3_000) < 250 })
    #expect(RandomRanks.distinct(5, of: 3, &random) == [0, 1, 2])
  }

  @Test func draw() throws {
    var random = Xoshiro256(seed: 8)
    let elements = ["a", "b", "c", "d"]
    func pick(_ ranks: [Int]) -> [String] { ranks.map { elements[$0] } }
    var counts: [String: Int] = [:]
    for element in try RandomRanks.draw(-4_000, of: 4, &random, pick) {
      counts[element, default: 0] += 1
    }
    #expect(elements.allSatisfy { abs(counts[$0, default: 0] - 1_000) < 150 })
    #expect(try RandomRanks.draw(9, of: 4, &random, pick) == elements)
    #expect(try RandomRanks.draw(-3, of: 0, &random, pick).isEmpty)
  }
}
