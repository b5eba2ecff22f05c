import Base

/// Names one partition of one table's change stream.
struct StreamKey: Hashable, Comparable {
  var table: ObjectID
  var partition: UInt16

  static func < (a: StreamKey, b: StreamKey) -> Bool {
    (a.table, a.partition) < (b.table, b.partition)
  }
}

/// The bytes of change streams' files; `docs/formats.md` says the same in words. Little-endian.
///
/// | offset | segment header |
/// | --- | --- |
/// | 0 | magic "QTRNCHG1" |
/// | 8 | format version (1), UInt32 |
/// | 12 | partition, UInt32 |
/// | 16 | tablet, UInt64 |
/// | 24 | table, UInt32 |
/// | 28 | 1 where records that later ones replace have gone, else 0, UInt32 |
/// | 32 | offset of its first record, UInt64 |
/// | 40 | newest timestamp of all records before it, UInt64 |
/// | 48 | term of the record before it, UInt64 |
/// | 56 | CRC32C of bytes 0..<56 |
/// | 60 | 0, UInt32 |
///
/// Batches follow without gaps:
///
/// | offset | batch |
/// | --- | --- |
/// | 0 | magic 0x48435451, UInt32 |
/// | 4 | bytes of records, UInt32 |
/// | 8 | offset of its first record, UInt64 |
/// | 16 | offset of its last record, UInt64 |
/// | 24 | newest timestamp of its records, UInt64 |
/// | 32 | term of its last record, UInt64 |
/// | 40 | number of records, UInt32 |
/// | 44 | CRC32C: the segment header's as seed; bytes 0..<44, the batch's place in the file as UInt64, the records |
/// | 48 | records |
enum ChangeFormat {
  static let magic: [UInt8] = Array("QTRNCHG1".utf8)
  static let version: UInt32 = 1
  static let batchMagic: UInt32 = 0x4843_5451
  static let segmentHeaderBytes = 64
  static let batchHeaderBytes = 48

  private static let segmentSummed = 56
  private static let batchSummed = 44

  static func encode(_ header: SegmentHeader) -> (bytes: [UInt8], checksum: UInt32) {
    var out = ByteWriter(reserving: segmentHeaderBytes)
    out.raw(magic)
    out.integer(version)
    out.integer(UInt32(header.key.partition))
    out.integer(header.tablet.rawValue)
    out.integer(header.key.table.rawValue)
    out.integer(UInt32(header.isCompacted ? 1 : 0))
    out.integer(UInt64(header.first))
    out.integer(header.newestBefore.rawValue)
    out.integer(header.termBefore.rawValue)
    let checksum = crc32c(out.bytes)
    out.integer(checksum)
    out.integer(UInt32(0))
    return (out.bytes, checksum)
  }

  static func segmentHeader(_ bytes: UnsafeRawBufferPointer) throws(DecodingFault) -> (
    header: SegmentHeader, checksum: UInt32
  ) {
    var reader = ByteReader(bytes)
    guard Array(try reader.view(magic.count)) == magic else { throw .malformed("magic") }
    let version: UInt32 = try reader.integer()
    guard version == Self.version else { throw .malformed("format version \(version)") }
    let partition: UInt32 = try reader.integer()
    let tablet = TabletID(rawValue: try reader.integer())
    let table = ObjectID(rawValue: try reader.integer())
    let flags: UInt32 = try reader.integer()
    let first: UInt64 = try reader.integer()
    let newest = Timestamp(rawValue: try reader.integer())
    let term = Term(rawValue: try reader.integer())
    let checksum: UInt32 = try reader.integer()
    guard flags <= 1,
      checksum == crc32c(UnsafeRawBufferPointer(rebasing: bytes[..<segmentSummed])),
      let partition = UInt16(exactly: partition), let first = Int64(exactly: first)
    else { throw .malformed("checksum of the header") }
    return (
      SegmentHeader(
        tablet: tablet, key: StreamKey(table: table, partition: partition), first: first,
        newestBefore: newest, termBefore: term, isCompacted: flags == 1), checksum
    )
  }

  /// The header of a batch with these records, at a place in a segment.
  static func encode(
    _ header: BatchHeader, _ body: UnsafeRawBufferPointer, at place: Int, seed: UInt32
  ) -> [UInt8] {
    var out = ByteWriter(reserving: batchHeaderBytes)
    out.integer(batchMagic)
    out.integer(UInt32(body.count))
    out.integer(UInt64(header.first))
    out.integer(UInt64(header.last))
    out.integer(header.newest.rawValue)
    out.integer(header.term.rawValue)
    out.integer(UInt32(header.count))
    out.integer(
      out.bytes.withUnsafeBytes { checksum($0, body, at: place, seed: seed) })
    return out.bytes
  }

  /// Reads a batch's header, whose records have not been looked at.
  static func batchHeader(_ bytes: UnsafeRawBufferPointer) throws(DecodingFault) -> BatchHeader {
    var reader = ByteReader(bytes)
    let magic: UInt32 = try reader.integer()
    guard magic == batchMagic else { throw .malformed("magic of a batch") }
    let bodyBytes: UInt32 = try reader.integer()
    let first: UInt64 = try reader.integer()
    let last: UInt64 = try reader.integer()
    let newest = Timestamp(rawValue: try reader.integer())
    let term = Term(rawValue: try reader.integer())
    let count: UInt32 = try reader.integer()
    let checksum: UInt32 = try reader.integer()
    guard let first = Int64(exactly: first), let last = Int64(exactly: last), first <= last else {
      throw .malformed("offsets of a batch")
    }
    return BatchHeader(
      first: first, last: last, newest: newest, term: term, count: Int(count),
      bodyBytes: Int(bodyBytes), checksum: checksum)
  }

  /// Whether header and records are what was written there.
  static func isWhole(
    _ header: BatchHeader, _ bytes: UnsafeRawBufferPointer, _ body: UnsafeRawBufferPointer,
    at place: Int, seed: UInt32
  ) -> Bool {
    header.checksum
      == checksum(
        UnsafeRawBufferPointer(rebasing: bytes[..<batchSummed]), body, at: place, seed: seed)
  }

  private static func checksum(
    _ head: UnsafeRawBufferPointer, _ body: UnsafeRawBufferPointer, at place: Int, seed: UInt32
  ) -> UInt32 {
    var sum = crc32c(head, seed: seed)
    sum = withUnsafeBytes(of: UInt64(place).littleEndian) { crc32c($0, seed: sum) }
    return crc32c(body, seed: sum)
  }
}

/// What a segment file is of.
struct SegmentHeader: Equatable {
  var tablet: TabletID
  var key: StreamKey
  var first: Int64
  /// Of all records before it.
  var newestBefore: Timestamp
  /// Of the record before it.
  var termBefore: Term
  /// Compared with everything before it, and itself.
  var isCompacted = false
}

/// What a batch says of its records.
struct BatchHeader: Equatable {
  var first: Int64
  var last: Int64
  var newest: Timestamp
  /// Of the last record.
  var term: Term
  var count: Int
  var bodyBytes = 0
  var checksum: UInt32 = 0
}

/// A record among others:
///
/// flags UInt8 (the operation; 0x08: an image before follows; 0x10: one after), the offset's distance from
/// the batch's first varint, timestamp UInt64, transaction UInt64, origin varint, term varint, the table's
/// version varint, key (varint length, bytes), the images (likewise).
enum ChangeRecordCodec {
  private static let operationMask: UInt8 = 0x07
  private static let beforeFlag: UInt8 = 0x08
  private static let afterFlag: UInt8 = 0x10

  /// What a record is made of, with borrowed bytes.
  struct Source {
    var operation: ChangeOperation
    var key: UnsafeRawBufferPointer
    var before: UnsafeRawBufferPointer?
    var after: UnsafeRawBufferPointer?
    var timestamp: Timestamp
    var transaction: TransactionID
    var origin: UInt32
    var term: Term
    var tableVersion: UInt64
  }

  static func encode(_ record: Source, distance: UInt64, into out: inout ByteWriter) {
    out.integer(
      record.operation.rawValue | (record.before == nil ? 0 : beforeFlag)
        | (record.after == nil ? 0 : afterFlag))
    out.varint(distance)
    out.integer(record.timestamp.rawValue)
    out.integer(record.transaction.rawValue)
    out.varint(UInt64(record.origin))
    out.varint(record.term.rawValue)
    out.varint(record.tableVersion)
    out.varint(UInt64(record.key.count))
    out.raw(record.key)
    if let before = record.before { image(before, into: &out) }
    if let after = record.after { image(after, into: &out) }
  }

  private static func image(_ bytes: UnsafeRawBufferPointer, into out: inout ByteWriter) {
    out.varint(UInt64(bytes.count))
    out.raw(bytes)
  }

  /// Reads one, which stays where it is.
  static func view(_ reader: inout ByteReader, base: Int64) throws(DecodingFault) -> RecordView {
    let flags: UInt8 = try reader.integer()
    guard let operation = ChangeOperation(rawValue: flags & operationMask),
      flags & ~(operationMask | beforeFlag | afterFlag) == 0
    else { throw .malformed("record flags \(flags)") }
    let distance = try reader.varint()
    guard let distance = Int64(exactly: distance), distance <= Int64.max - base else {
      throw .malformed("a record's offset")
    }
    let timestamp = Timestamp(rawValue: try reader.integer())
    let transaction = TransactionID(rawValue: try reader.integer())
    let origin = try reader.varint()
    let term = Term(rawValue: try reader.varint())
    let tableVersion = try reader.varint()
    let key = try reader.blobView()
    let before = flags & beforeFlag == 0 ? nil : try reader.blobView()
    let after = flags & afterFlag == 0 ? nil : try reader.blobView()
    guard let origin = UInt32(exactly: origin) else { throw .malformed("origin \(origin)") }
    return RecordView(
      offset: base + distance, operation: operation, key: key, before: before, after: after,
      timestamp: timestamp, transaction: transaction, origin: origin, term: term,
      tableVersion: tableVersion)
  }
}
