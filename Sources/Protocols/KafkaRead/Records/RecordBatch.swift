import Base

/// One record as consumers see it.
struct KafkaRecord: Equatable, Sendable {
  var offset: Int64
  /// Milliseconds since the Unix epoch: when the change was committed.
  var timestamp: Int64
  var key: [UInt8]?
  /// Nil: a tombstone.
  var value: [UInt8]?
}

/// Collects records and gives them the form of format 2, one batch: a header of fixed length with a CRC32C
/// over all that follows it, then the records, which tell offsets and times as differences from the
/// header's. No producer has an id, so none has a sequence to be watched.
struct RecordBatch {
  static let headerBytes = 61
  private static let magic: Int8 = 2
  /// From the attributes on the CRC covers everything.
  private static let crcStart = 21

  private let base: Int64
  /// Of the leader.
  private let epoch: Int32
  private var firstTimestamp: Int64 = 0
  private var maxTimestamp: Int64 = .min
  private var lastOffset: Int64
  private(set) var count = 0
  /// It tells how far it goes.
  private var isWanted = false
  private var records: [UInt8] = []

  /// `base`: the offset of the first record.
  init(base: Int64, epoch: Int32) {
    self.base = base
    self.epoch = epoch
    lastOffset = base
  }

  /// Before compression, without the header.
  var bytes: Int { records.count }

  /// The record lies behind the last one; offsets between them may be missing.
  mutating func append(_ record: KafkaRecord) {
    invariant(
      record.offset >= base && (count == 0 || record.offset > lastOffset),
      "offset \(record.offset) after \(lastOffset)")
    if count == 0 { firstTimestamp = record.timestamp }
    var body: [UInt8] = [0]
    Varint.write(record.timestamp - firstTimestamp, into: &body)
    Varint.write(record.offset - base, into: &body)
    Self.field(record.key, into: &body)
    Self.field(record.value, into: &body)
    Varint.write(0, into: &body)
    Varint.write(Int64(body.count), into: &records)
    records += body
    maxTimestamp = max(maxTimestamp, record.timestamp)
    lastOffset = record.offset
    count += 1
    isWanted = true
  }

  /// The offset belongs to the batch and has no record for this topic: readers go on behind it.
  mutating func skip(_ offset: Int64) {
    lastOffset = max(lastOffset, offset)
    isWanted = true
  }

  private static func field(_ bytes: [UInt8]?, into out: inout [UInt8]) {
    Varint.write(Int64(bytes?.count ?? -1), into: &out)
    if let bytes { out += bytes }
  }

  /// The batch's bytes. One of which all records are skipped is told like one that compaction has emptied.
  func encoded(_ wanted: RecordCompression) -> [UInt8] {
    if !isWanted { return [] }
    let compression = count == 0 ? .none : wanted
    let payload = compression.compress(records)
    var out = MessageWriter(isFlexible: false)
    out.bytes.reserveCapacity(Self.headerBytes + payload.count)
    out.int64(base)
    out.int32(Int32(Self.headerBytes - 12 + payload.count))
    out.int32(epoch)
    out.int8(Self.magic)
    out.int32(0)
    out.int16(compression.rawValue)
    out.int32(Int32(lastOffset - base))
    out.int64(firstTimestamp)
    out.int64(count == 0 ? -1 : maxTimestamp)
    out.int64(-1)
    out.int16(-1)
    out.int32(-1)
    out.int32(Int32(count))
    out.bytes += payload
    let checksum = out.bytes.withUnsafeBytes {
      crc32c(UnsafeRawBufferPointer(rebasing: $0[Self.crcStart...]))
    }
    for (place, shift) in [24, 16, 8, 0].enumerated() {
      out.bytes[Self.crcStart - 4 + place] = UInt8(truncatingIfNeeded: checksum >> UInt32(shift))
    }
    return out.bytes
  }
}

/// Signed integers of records: zigzag, seven bits a byte.
enum Varint {
  static func write(_ value: Int64, into out: inout [UInt8]) {
    var rest = UInt64(bitPattern: value << 1 ^ value >> 63)
    while rest >= 0x80 {
      out.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    out.append(UInt8(rest))
  }
}
