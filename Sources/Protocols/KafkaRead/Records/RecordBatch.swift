import Base
import Types

/// One record as it is made, again and again in the same memory.
struct RecordDraft {
  var offset: Int64 = 0
  /// Milliseconds since the Unix epoch: when the change was committed.
  var timestamp: Int64 = 0
  var key: [UInt8] = []
  /// Otherwise the key is null.
  var hasKey = false
  var value: [UInt8] = []
  /// Otherwise the record is a tombstone.
  var hasValue = false
  /// The columns of the rows that the record is made of, valid while it is.
  var oldFields: [RowField] = []
  var newFields: [RowField] = []

  /// Without key and value.
  mutating func reset(offset: Int64, timestamp: Int64) {
    self.offset = offset
    self.timestamp = timestamp
    key.removeAll(keepingCapacity: true)
    value.removeAll(keepingCapacity: true)
    hasKey = false
    hasValue = false
  }
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
  /// Where the header will be, then the records: without compression they stay where they are.
  private var bytes: [UInt8]

  /// `base`: the offset of the first record. `capacity`: about what all records take.
  init(base: Int64, epoch: Int32, capacity: Int = 0) {
    self.base = base
    self.epoch = epoch
    lastOffset = base
    bytes = []
    bytes.reserveCapacity(Self.headerBytes + capacity)
    bytes.append(contentsOf: repeatElement(0, count: Self.headerBytes))
  }

  /// The record lies behind the last one; offsets between them may be missing.
  mutating func append(_ record: RecordDraft) {
    invariant(
      record.offset >= base && (count == 0 || record.offset > lastOffset),
      "offset \(record.offset) after \(lastOffset)")
    if count == 0 { firstTimestamp = record.timestamp }
    let time = record.timestamp - firstTimestamp
    let distance = record.offset - base
    // Attributes before, no headers behind.
    let size =
      2 + Varint.bytes(of: time) + Varint.bytes(of: distance)
      + Self.fieldBytes(record.key, record.hasKey) + Self.fieldBytes(record.value, record.hasValue)
    Varint.write(Int64(size), into: &bytes)
    bytes.append(0)
    Varint.write(time, into: &bytes)
    Varint.write(distance, into: &bytes)
    Self.field(record.key, record.hasKey, into: &bytes)
    Self.field(record.value, record.hasValue, into: &bytes)
    bytes.append(0)
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

  private static func fieldBytes(_ bytes: [UInt8], _ isThere: Bool) -> Int {
    isThere ? Varint.bytes(of: Int64(bytes.count)) + bytes.count : 1
  }

  private static func field(_ bytes: [UInt8], _ isThere: Bool, into out: inout [UInt8]) {
    Varint.write(isThere ? Int64(bytes.count) : -1, into: &out)
    if isThere { out += bytes }
  }

  /// The batch's bytes, which leave it: it is used up. One of which all records are skipped is told like one that compaction
  /// has emptied.
  mutating func encoded(_ wanted: RecordCompression) -> [UInt8] {
    if !isWanted { return [] }
    let compression = count == 0 ? .none : wanted
    if compression != .none {
      let packed = compression.compress(bytes[Self.headerBytes...])
      bytes.replaceSubrange(Self.headerBytes..., with: packed)
    }
    writeHeader(compression)
    defer { bytes = [] }
    return bytes
  }

  private mutating func writeHeader(_ compression: RecordCompression) {
    var out = MessageWriter(isFlexible: false)
    out.bytes.reserveCapacity(Self.headerBytes)
    out.int64(base)
    out.int32(Int32(bytes.count - 12))
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
    bytes.withUnsafeMutableBytes { whole in
      whole.copyBytes(from: out.bytes)
      let checksum = crc32c(UnsafeRawBufferPointer(rebasing: whole[Self.crcStart...]))
      for (place, shift) in [24, 16, 8, 0].enumerated() {
        whole[Self.crcStart - 4 + place] = UInt8(truncatingIfNeeded: checksum >> UInt32(shift))
      }
    }
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

  /// How many bytes `write` appends.
  static func bytes(of value: Int64) -> Int {
    let bits = 64 - (UInt64(bitPattern: value << 1 ^ value >> 63) | 1).leadingZeroBitCount
    return (bits + 6) / 7
  }
}
