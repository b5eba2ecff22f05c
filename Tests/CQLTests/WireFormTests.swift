import Base
import Catalog
import Testing
import Types

@testable import CQL

/// Values that are taken as they come are stored, found and told apart as those that are read first.
struct WireFormTests {
  private static let natives = CQLType.Native.allCases

  private static func column(
    _ native: CQLType.Native, _ kind: CQLColumn.Kind, isDescending: Bool = false
  ) -> CQLColumn {
    CQLColumn(
      name: "c", type: .native(native), kind: kind, component: 0, slot: 0,
      isDescending: isDescending)
  }

  /// Bytes of all lengths, more often of those that are right, and texts.
  private static func bytes(_ random: inout Xoshiro256) -> [UInt8] {
    let length =
      [0, 1, 2, 4, 8, 16, 4, 8, 16, Int.random(in: 0...40, using: &random)]
      .randomElement(using: &random) ?? 0
    var bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
    switch Int.random(in: 0...5, using: &random) {
    case 0: bytes = bytes.map { $0 & 0x7F }
    case 1: bytes = Array("é€𝄞ab\u{0}".utf8) + bytes.prefix(2)
    case 2 where bytes.count == 16: bytes[6] = 0x10 | bytes[6] & 0xF
    // Times of this age.
    case 3 where bytes.count == 8: bytes.replaceSubrange(0..<3, with: [0, 0, 1])
    case 4: bytes = bytes.map { $0 & 1 }
    default: break
    }
    return bytes
  }

  @Test(arguments: natives) func likeTheUsualWay(native: CQLType.Native) throws {
    var random = Xoshiro256(seed: 7)
    for kind in [CQLColumn.Kind.partitionKey, .clustering, .regular] {
      let column = Self.column(native, kind)
      guard let form = WireForm(column) else { continue }
      var taken = 0
      for _ in 0..<2_000 {
        let bytes = Self.bytes(&random)
        let usual = Result<Value, CQLError> { () throws(CQLError) in
          try column.store(try ValueCodec.decode(bytes, column.type))
        }
        try bytes.withUnsafeBytes { buffer in
          guard let view = form.view(buffer) else {
            #expect(throws: CQLError.self) { try usual.get() }
            return
          }
          taken += 1
          try check(view, try usual.get(), native)
          if form.isHashedAsSent {
            let token = DistributionHash.distributionToken(
              try usual.get(), column.type.sqlType)
            #expect(DistributionHash.token(buffer) == token, "\(native) \(bytes)")
          }
        }
      }
      #expect(taken > 50, "\(native)")
    }
  }

  private func check(_ view: ValueView, _ value: Value, _ native: CQLType.Native) throws {
    for isDescending in [false, true] {
      var (mine, usual): ([UInt8], [UInt8]) = ([], [])
      KeyCodec.encode(view, descending: isDescending, into: &mine)
      KeyCodec.encode(
        value, type: CQLType.native(native).sqlType, descending: isDescending, into: &usual)
      #expect(mine == usual, "\(native) \(value)")
    }
    var row = RowBytes()
    // The second time in the same memory.
    for count in [1, 9] {
      row.begin(columns: count)
      for _ in 1..<count { row.append(.null) }
      row.append(view)
      var usual: [UInt8] = []
      RowCodec.encode(
        Array(repeating: .null, count: count - 1) + [value],
        Array(repeating: CQLType.native(native).sqlType, count: count), into: &usual)
      #expect(row.bytes == usual, "\(native) \(value)")
    }
  }

  /// Those that have a form are those that the documentation of it says.
  @Test func types() {
    let forms = Self.natives.filter { WireForm(Self.column($0, .regular)) != nil }
    #expect(
      Set(forms) == [
        .ascii, .bigint, .blob, .boolean, .double, .float, .int, .smallint, .text, .timestamp,
        .timeuuid, .tinyint, .uuid,
      ])
    #expect(
      WireForm(
        CQLColumn(name: "c", type: .list(.int), kind: .regular, component: -1, slot: 0)) == nil)
  }

  @Test func timesOfCells() {
    let markers: [CellTimes.Cell?] = [
      nil, .init(written: 5), .init(written: 4), .init(written: 5, expires: 9),
      .init(written: -1, expires: 0),
    ]
    for marker in markers {
      for positions in [[1], [0, 3, 200]] {
        for cell in [CellTimes.Cell(written: 5), .init(written: 6, expires: 9)] {
          var times = CellTimes()
          times.marker = marker
          for position in positions { times[position] = cell }
          var bytes: [UInt8] = []
          CellTimes.encode(cell, at: positions, marker: marker, into: &bytes)
          #expect(bytes == times.encoded, "\(times)")
        }
      }
    }
  }
}
