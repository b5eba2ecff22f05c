import Base
import Catalog
import Testing

@testable import Node

private let key = StreamKey(table: ObjectID(rawValue: 20_000), partition: 3)

private func records() -> [ChangeRecord] {
  let time = Timestamp(rawValue: 1_000)
  let transaction = TransactionID(rawValue: 77)
  func record(_ offset: Int64, _ operation: ChangeOperation, _ before: [UInt8]?, _ after: [UInt8]?)
    -> ChangeRecord
  {
    ChangeRecord(
      offset: offset, operation: operation, key: operation == .truncate ? [] : [1, 2],
      before: before, after: after, timestamp: time, transaction: transaction,
      term: Term(rawValue: 9), tableVersion: 300)
  }
  return [
    record(40, .insert, nil, [5]), record(41, .update, [5], []), record(42, .delete, [], nil),
    record(43, .truncate, nil, nil),
  ]
}

private func batch() -> ChangeBatch {
  var batch = ChangeBatch(first: 40, newestBefore: .zero, termBefore: .zero)
  for record in records() {
    record.key.withUnsafeBytes { key in
      (record.before ?? []).withUnsafeBytes { before in
        (record.after ?? []).withUnsafeBytes { after in
          batch.add(
            ChangeRecordCodec.Source(
              operation: record.operation, key: key, before: record.before == nil ? nil : before,
              after: record.after == nil ? nil : after, timestamp: record.timestamp,
              transaction: record.transaction, origin: 0, term: record.term,
              tableVersion: record.tableVersion))
        }
      }
    }
  }
  return batch
}

@Suite struct ChangeFormatTests {
  @Test("a segment's header is what it was, and a cut or changed one is refused")
  func segmentHeader() throws {
    let header = SegmentHeader(
      tablet: TabletID(rawValue: 5), key: key, first: 1 << 40,
      newestBefore: Timestamp(rawValue: 6), termBefore: Term(rawValue: 7))
    let (bytes, seed) = ChangeFormat.encode(header)
    #expect(bytes.count == ChangeFormat.segmentHeaderBytes)
    let found = try bytes.withUnsafeBytes { try ChangeFormat.segmentHeader($0) }
    #expect(found.header == header && found.checksum == seed)
    for size in 0..<60 {
      #expect(throws: DecodingFault.self) {
        try Array(bytes[..<size]).withUnsafeBytes { _ = try ChangeFormat.segmentHeader($0) }
      }
    }
    for place in 0..<60 {
      var other = bytes
      other[place] ^= 0x10
      #expect(throws: DecodingFault.self) {
        try other.withUnsafeBytes { _ = try ChangeFormat.segmentHeader($0) }
      }
    }
  }

  @Test("a batch is whole at its place with its bytes, and nowhere else")
  func batchIsWhole() throws {
    let made = batch()
    let body = made.body.bytes
    let head = body.withUnsafeBytes { ChangeFormat.encode(made.header, $0, at: 64, seed: 1) }
    #expect(head.count == ChangeFormat.batchHeaderBytes)
    func isWhole(_ head: [UInt8], _ body: [UInt8], at place: Int = 64, seed: UInt32 = 1) -> Bool {
      head.withUnsafeBytes { head in
        body.withUnsafeBytes { body in
          guard let header = try? ChangeFormat.batchHeader(head) else { return false }
          return ChangeFormat.isWhole(header, head, body, at: place, seed: seed)
        }
      }
    }
    #expect(isWhole(head, body))
    #expect(!isWhole(head, body, at: 128))
    #expect(!isWhole(head, body, seed: 2))
    for place in head.indices {
      var other = head
      other[place] ^= 1
      #expect(!isWhole(other, body), "byte \(place)")
    }
    for place in body.indices {
      var other = body
      other[place] ^= 1
      #expect(!isWhole(head, other), "byte \(place)")
    }
  }

  @Test("records come back as they were, from any offset, and cut ones are refused")
  func recordsComeBack() throws {
    let made = batch()
    for start in Int64(38)...44 {
      var found = ChangeRecords()
      #expect(try !made.read(from: start, maxBytes: .max, into: &found))
      #expect(Array(found) == records().filter { $0.offset >= start })
    }
    var one = ChangeRecords()
    #expect(try made.read(from: 40, maxBytes: 1, into: &one))
    #expect(Array(one) == [records()[0]])
    let body = made.body.bytes
    for size in 0..<body.count {
      let isEdge = made.starts.contains(size)
      var found = ChangeRecords()
      let cut = Array(body[..<size])
      let isRefused =
        (try? cut.withUnsafeBytes {
          _ = try found.take($0, base: 40, from: 40, maxBytes: .max)
        }) == nil
      #expect(isRefused != isEdge, "cut at \(size)")
    }
  }

  @Test("names of files, and what is none")
  func names() {
    let name = ChangeFiles.name(TabletID(rawValue: 12), key, first: 345)
    #expect(name == "12-20000-3-0000000000000000345.changes")
    let parsed = ChangeFiles.parse(name)
    #expect(parsed?.tablet.rawValue == 12 && parsed?.key == key && parsed?.first == 345)
    for other in ["12-20000-3.changes", "a-1-1-1.changes", "12-20000-3-1.wal", "", "---.changes"] {
      #expect(ChangeFiles.parse(other) == nil)
    }
  }

  @Test("records cross to another node as they are, and cut or damaged ones are refused")
  func recordsCross() throws {
    var sent = ChangeRecords()
    #expect(try !batch().read(from: 41, maxBytes: .max, into: &sent))
    var out = WireEncoder(catalog: CatalogSnapshot())
    sent.encode(into: &out)
    let bytes = out.bytes.bytes
    func read(_ bytes: [UInt8]) throws -> ChangeRecords {
      try bytes.withUnsafeBytes { buffer in
        var reader = WireDecoder(ByteReader(buffer), catalog: CatalogSnapshot())
        return try ChangeRecords(from: &reader)
      }
    }
    let found = try read(bytes)
    #expect(found == sent && found.count == 3 && found.bytes == sent.bytes)
    #expect(found.firstOffset == 41 && found.lastOffset == 43)
    #expect(Array(found) == Array(records()[1...]))
    var offsets: [Int64] = []
    found.forEach(view: { offsets.append($0.offset) })
    #expect(offsets == [41, 42, 43])
    for size in 0..<bytes.count {
      #expect(throws: DecodingFault.self) { try read(Array(bytes[..<size])) }
    }
    // The base is below zero; the first record has no operation.
    for (place, value) in [(1, UInt8(79)), (3, 0)] {
      var other = bytes
      other[place] = value
      #expect(throws: DecodingFault.self) { try read(other) }
    }
  }

  @Test("records of another node whose offsets do not rise are refused")
  func recordsRise() throws {
    var twice = ChangeRecords()
    for _ in 0..<2 { _ = try batch().read(from: 41, maxBytes: .max, into: &twice) }
    var out = WireEncoder(catalog: CatalogSnapshot())
    twice.encode(into: &out)
    #expect(throws: DecodingFault.self) {
      try out.bytes.bytes.withUnsafeBytes { buffer in
        var reader = WireDecoder(ByteReader(buffer), catalog: CatalogSnapshot())
        return try ChangeRecords(from: &reader)
      }
    }
  }

  @Test("marked entries are what they were")
  func entries() throws {
    let space = KeyspaceID(rawValue: 7)
    let mark = ChangeMark(table: key.table, partition: 3, tableVersion: 4)
    var truncation = mark
    truncation.isTruncation = true
    let writes = [
      WriteRecord(space: space, key: [1], value: [2], change: .init(mark: mark, before: [9])),
      WriteRecord(space: space, key: [2], value: nil, change: .init(mark: mark, before: [])),
      WriteRecord(
        space: space, key: [3], value: [], expires: Timestamp(rawValue: 5),
        change: .init(mark: mark, before: nil)),
      WriteRecord(space: space, key: [4], value: [], change: .init(mark: truncation)),
      WriteRecord(space: space, key: [5], value: [6]),
    ]
    let entry = TabletEntry.commit(
      transaction: TransactionID(rawValue: 1), timestamp: Timestamp(rawValue: 2), writes: writes)
    let bytes = entry.encoded()
    #expect(try TabletEntry(decoding: bytes) == entry)
    for size in 0..<bytes.count {
      #expect(throws: DecodingFault.self) { try TabletEntry(decoding: Array(bytes[..<size])) }
    }
  }
}
