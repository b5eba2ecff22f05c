import Base
import Reactor

/// The bytes of a segment file; `docs/formats.md` says the same in words. Little-endian.
///
/// | offset | segment header, one block of 4096 |
/// | --- | --- |
/// | 0 | magic "QTRNWAL1" |
/// | 8 | format version, UInt32 |
/// | 12 | shard, UInt32 |
/// | 16 | generation, UInt64 |
/// | 24 | segment size in bytes, UInt64 |
/// | 32 | sequence of its first batch, UInt64: tells a lost end of the segment before |
/// | 40 | CRC32C of bytes 0..<40 |
///
/// Behind it, batches, each at the next multiple of 4096:
///
/// | offset | batch header |
/// | --- | --- |
/// | 0 | magic 0x51424154, UInt32 |
/// | 4 | bytes of records, UInt32 |
/// | 8 | batch sequence, UInt64: dense over the whole log |
/// | 16 | segment generation, UInt64 |
/// | 24 | CRC32C, UInt32, of bytes 0..<24, of the batch's offset in the file (UInt64) and of the records |
/// | 28 | 0, UInt32 |
///
/// The checksum covers generation and offset, so bytes of a recycled segment never pass (DESIGN
/// 22.10). A batch is written by one write and acknowledged as a whole; the next is written only
/// after that, so an invalid batch with a valid later one behind it is damage, not a torn tail.
enum LogFormat {
  static let headerMagic: [UInt8] = Array("QTRNWAL1".utf8)
  static let version: UInt32 = 1
  static let block = AlignedBuffer.blockBytes
  static let batchMagic: UInt32 = 0x5142_4154
  static let batchHeaderBytes = 32

  struct SegmentHeader: Equatable {
    var shard: UInt32
    var generation: UInt64
    var segmentBytes: UInt64
    var firstSequence: UInt64
  }

  static func write(_ header: SegmentHeader, into block: UnsafeMutableRawBufferPointer) {
    var out = ByteWriter(reserving: 44)
    out.raw(headerMagic)
    out.integer(version)
    out.integer(header.shard)
    out.integer(header.generation)
    out.integer(header.segmentBytes)
    out.integer(header.firstSequence)
    out.integer(crc32c(out.bytes))
    block.copyBytes(from: out.bytes)
  }

  static func readHeader(_ bytes: UnsafeRawBufferPointer) throws(DecodingFault) -> SegmentHeader {
    var reader = ByteReader(bytes)
    guard Array(try reader.view(8)) == headerMagic else { throw .malformed("no segment magic") }
    let found: UInt32 = try reader.integer()
    guard found == version else { throw .malformed("segment format version \(found)") }
    let header = SegmentHeader(
      shard: try reader.integer(), generation: try reader.integer(),
      segmentBytes: try reader.integer(), firstSequence: try reader.integer())
    let checksum: UInt32 = try reader.integer()
    guard checksum == crc32c(UnsafeRawBufferPointer(rebasing: bytes[..<40])) else {
      throw .malformed("segment header checksum")
    }
    return header
  }

  /// Writes the batch's header in front of `length` bytes of records that are already in place.
  static func sealBatch(
    _ batch: UnsafeMutableRawBufferPointer, length: Int, sequence: UInt64, generation: UInt64,
    offset: Int
  ) {
    var out = ByteWriter(reserving: batchHeaderBytes)
    out.integer(batchMagic)
    out.integer(UInt32(length))
    out.integer(sequence)
    out.integer(generation)
    let records = UnsafeRawBufferPointer(
      rebasing: batch[batchHeaderBytes..<batchHeaderBytes + length])
    out.integer(checksum(out.bytes, offset: offset, records: records))
    out.integer(UInt32(0))
    batch.copyBytes(from: out.bytes)
  }

  private static func checksum(_ head: [UInt8], offset: Int, records: UnsafeRawBufferPointer)
    -> UInt32
  {
    let place = withUnsafeBytes(of: UInt64(offset).littleEndian) { crc32c($0, seed: crc32c(head)) }
    return crc32c(records, seed: place)
  }

  struct Batch {
    var sequence: UInt64
    var records: UnsafeRawBufferPointer
    /// Bytes on disk, whole blocks.
    var paddedBytes: Int
  }

  /// The batch at `offset`; nil where there is none that is whole and of this generation.
  /// `isChecked` false believes what is there without its checksum.
  static func batch(
    in segment: UnsafeRawBufferPointer, at offset: Int, generation: UInt64, isChecked: Bool = true
  ) -> Batch? {
    guard offset + batchHeaderBytes <= segment.count else { return nil }
    var reader = ByteReader(UnsafeRawBufferPointer(rebasing: segment[offset...]))
    do throws(DecodingFault) {
      let magic: UInt32 = try reader.integer()
      let length: UInt32 = try reader.integer()
      let sequence: UInt64 = try reader.integer()
      let found: UInt64 = try reader.integer()
      let expected: UInt32 = try reader.integer()
      let reserved: UInt32 = try reader.integer()
      guard magic == batchMagic, found == generation, reserved == 0 else { return nil }
      let records = try reader.view(Int(length))
      let head = Array(segment[offset..<offset + 24])
      guard !isChecked || expected == checksum(head, offset: offset, records: records) else {
        return nil
      }
      return Batch(
        sequence: sequence, records: records,
        paddedBytes: AlignedBuffer.roundedUp(batchHeaderBytes + Int(length)))
    } catch {
      return nil
    }
  }

  /// The sequence in what looks like a batch header of this generation, its checksum unread.
  static func claimedSequence(
    in segment: UnsafeRawBufferPointer, at offset: Int, generation: UInt64
  ) -> UInt64? {
    guard offset + batchHeaderBytes <= segment.count else { return nil }
    let word = { (at: Int) in
      UInt64(littleEndian: segment.loadUnaligned(fromByteOffset: offset + at, as: UInt64.self))
    }
    guard UInt32(truncatingIfNeeded: word(0)) == batchMagic, word(16) == generation else {
      return nil
    }
    return word(8)
  }
}
