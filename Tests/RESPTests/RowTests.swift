import Base
import Catalog
import Testing
import Types

@testable import RESP

/// The rows that commands write are those that SQL reads.
struct RowTests {
  private static let keyTypes = RedisSchema.types(of: "keys")

  @Test(arguments: [nil, Int64(1_700_000_000_123), -5])
  func keyRow(expiresAt: Int64?) throws {
    for type in KeyType.allCases {
      var row = KeyRow(type)
      row.expiresAt = expiresAt
      if type == .string { row.value = Array("v\u{0}é".utf8) }
      if type != .string { row.length = 7 }
      if type == .list { row.first = -3 }
      if type == .stream { row.detail = [1, 2, 3] }
      let bytes = row.encoded(db: 3, key: "k\u{0}ey".utf8)
      let values: [Value] = [
        .int(3), .text(Array("k\u{0}ey".utf8)), .text(Array(type.name.utf8)),
        row.value.map { .text($0) } ?? .null,
        expiresAt.map { .int(($0 - 946_684_800_000) * 1_000) } ?? .null,
        type == .string ? .null : .int(7), type == .list ? .int(-3) : .null,
        row.detail.map { .bytes($0) } ?? .null,
      ]
      var expected: [UInt8] = []
      RowCodec.encode(values, Self.keyTypes, into: &expected)
      #expect(bytes == expected)
      #expect(try bytes.withUnsafeBytes { try KeyRow($0) } == row)
    }
  }

  @Test func rowKeys() {
    let name = Array("a\u{0}b".utf8)
    var expected: [UInt8] = []
    KeyCodec.encode(.int(-2), type: .int4, into: &expected)
    KeyCodec.encode(.text(name), type: .text, into: &expected)
    let key = RowKey.key(db: -2, name)
    #expect(key == expected)
    let parsed = key.withUnsafeBytes { RowKey.parse($0) }
    #expect(parsed?.db == -2)
    #expect(parsed?.name == name)
    #expect(parsed?.end == key.count)
    for number in [0.0, -0.0, 1.5, -1.5, .infinity, -.infinity] {
      var (mine, theirs): ([UInt8], [UInt8]) = ([], [])
      RowKey.append(number, to: &mine)
      KeyCodec.encode(.float(number), type: .float8, into: &theirs)
      #expect(mine == theirs)
    }
  }

  @Test func slots() {
    #expect(KeySlot.slot("foo".utf8) == 12_182)
    #expect(KeySlot.slot("{user1000}.following".utf8) == KeySlot.slot("user1000".utf8))
    #expect(KeySlot.slot("foo{}{bar}".utf8) == DistributionHash.slot(Array("foo{}{bar}".utf8)))
  }
}
