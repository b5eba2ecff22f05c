import Base
import CLZ4
import CSnappy
import CZlib
import CZstd
import Testing

@testable import KafkaRead

/// A record as a consumer reads it.
struct KafkaRecord: Equatable {
  var offset: Int64
  var timestamp: Int64
  var key: [UInt8]?
  var value: [UInt8]?

  var draft: RecordDraft {
    RecordDraft(
      offset: offset, timestamp: timestamp, key: key ?? [], hasKey: key != nil, value: value ?? [],
      hasValue: value != nil)
  }
}

struct RecordBatchTests {
  private static let records = (0..<40).map { number in
    KafkaRecord(
      offset: 1_000 + Int64(number) * 3, timestamp: 1_700_000_000_000 - Int64(number) * 7,
      key: number % 5 == 0 ? nil : Array("key \(number)".utf8),
      value: number % 7 == 0
        ? nil : Array(repeating: UInt8(ascii: "a") + UInt8(number % 26), count: number * 900))
  }

  private func encoded(_ records: [KafkaRecord], _ compression: RecordCompression) -> [UInt8] {
    var batch = RecordBatch(base: records.first?.offset ?? 0, epoch: 9)
    for record in records { batch.append(record.draft) }
    return batch.encoded(compression)
  }

  @Test func withoutRecordsThereAreNoBytes() {
    var batch = RecordBatch(base: 5, epoch: 1)
    #expect(batch.encoded(.lz4).isEmpty)
  }

  @Test(arguments: RecordCompression.allCases)
  func recordsComeBack(compression: RecordCompression) throws {
    let bytes = encoded(Self.records, compression)
    let read = try ReadBatch(bytes)
    #expect(read.records == Self.records)
    #expect(read.epoch == 9)
    #expect(read.attributes == compression.rawValue)
    #expect(read.lastOffset == Self.records[39].offset)
    #expect(read.maxTimestamp == Self.records[0].timestamp)
  }

  /// One record's bytes, worked out by hand from the protocol's description.
  @Test func layout() {
    let one = encoded(
      [KafkaRecord(offset: 5, timestamp: 1_000, key: [0x6B], value: [0x76, 0x77])], .none)
    let record: [UInt8] = [18, 0, 0, 0, 2, 0x6B, 4, 0x76, 0x77, 0]
    #expect(Array(one[61...]) == record)
    #expect(Array(one[..<8]) == [0, 0, 0, 0, 0, 0, 0, 5])
    #expect(Array(one[8..<12]) == [0, 0, 0, UInt8(one.count - 12)])
    #expect(one[16] == 2)
    #expect(Array(one[43..<57]) == Array(repeating: 0xFF, count: 14))
    #expect(Array(one[57..<61]) == [0, 0, 0, 1])
  }

  /// Numbers of every length, and what they are told to take.
  @Test func varints() {
    for shift in 0..<64 {
      for value in [Int64(1) << shift, (Int64(1) << shift) &- 1, -(Int64(1) << (shift % 63))] {
        var bytes: [UInt8] = []
        Varint.write(value, into: &bytes)
        #expect(bytes.count == Varint.bytes(of: value), "\(value)")
      }
    }
  }

  @Test func aChangedByteIsFound() throws {
    let bytes = encoded(Self.records, .none)
    for place in stride(from: 21, to: bytes.count, by: 501) {
      var damaged = bytes
      damaged[place] ^= 1
      #expect(throws: ReadFault.self) { try ReadBatch(damaged) }
    }
  }
}

enum ReadFault: Error { case checksum, codec, malformed }

/// A consumer's side of a batch.
struct ReadBatch {
  var records: [KafkaRecord] = []
  var epoch: Int32
  var attributes: Int16
  var lastOffset: Int64
  var maxTimestamp: Int64

  init(_ bytes: [UInt8]) throws {
    var reader = MessageReader(bytes, isFlexible: false)
    let base = try reader.int64()
    guard Int(try reader.int32()) == bytes.count - 12 else { throw ReadFault.malformed }
    epoch = try reader.int32()
    guard try reader.int8() == 2 else { throw ReadFault.malformed }
    let checksum = UInt32(bitPattern: try reader.int32())
    guard crc32c(Array(bytes[reader.offset...])) == checksum else { throw ReadFault.checksum }
    attributes = try reader.int16()
    lastOffset = base + Int64(try reader.int32())
    let first = try reader.int64()
    maxTimestamp = try reader.int64()
    guard try reader.int64() == -1, try reader.int16() == -1, try reader.int32() == -1 else {
      throw ReadFault.malformed
    }
    let count = try reader.int32()
    let compression = RecordCompression(rawValue: attributes & 7)
    let payload = try Inflation.of(Array(bytes[reader.offset...]), compression ?? .none)
    var place = 0
    for _ in 0..<count { records.append(try Self.record(payload, &place, base, first)) }
    guard place == payload.count else { throw ReadFault.malformed }
  }

  private static func varint(_ bytes: [UInt8], _ place: inout Int) throws -> Int64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while place < bytes.count {
      let byte = bytes[place]
      place += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1) }
      shift += 7
    }
    throw ReadFault.malformed
  }

  private static func record(
    _ bytes: [UInt8], _ place: inout Int, _ base: Int64, _ first: Int64
  ) throws -> KafkaRecord {
    let end = Int(try varint(bytes, &place)) + place
    place += 1
    let time = try varint(bytes, &place)
    let offset = try varint(bytes, &place)
    func field(_ place: inout Int) throws -> [UInt8]? {
      let count = Int(try varint(bytes, &place))
      if count < 0 { return nil }
      guard place + count <= bytes.count else { throw ReadFault.malformed }
      place += count
      return Array(bytes[place - count..<place])
    }
    let key = try field(&place)
    let value = try field(&place)
    guard try varint(bytes, &place) == 0, place == end else { throw ReadFault.malformed }
    return KafkaRecord(offset: base + offset, timestamp: first + time, key: key, value: value)
  }
}

enum Inflation {
  private static let bytesMax = 1 << 22

  static func of(_ bytes: [UInt8], _ compression: RecordCompression) throws -> [UInt8] {
    switch compression {
    case .none: return bytes
    case .gzip: return try gzip(bytes)
    case .snappy: return try snappy(bytes)
    case .lz4: return try lz4(bytes)
    case .zstd:
      var out = [UInt8](repeating: 0, count: bytesMax)
      let count = ZSTD_decompress(&out, out.count, bytes, bytes.count)
      guard ZSTD_isError(count) == 0 else { throw ReadFault.codec }
      return Array(out[..<count])
    }
  }

  private static func gzip(_ bytes: [UInt8]) throws -> [UInt8] {
    var out = [UInt8](repeating: 0, count: bytesMax)
    var input = bytes
    var stream = z_stream()
    guard
      inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
    else { throw ReadFault.codec }
    defer { inflateEnd(&stream) }
    let status = input.withUnsafeMutableBufferPointer { source in
      out.withUnsafeMutableBufferPointer { target in
        stream.next_in = source.baseAddress
        stream.avail_in = UInt32(source.count)
        stream.next_out = target.baseAddress
        stream.avail_out = UInt32(target.count)
        return inflate(&stream, Z_FINISH)
      }
    }
    guard status == Z_STREAM_END else { throw ReadFault.codec }
    return Array(out[..<Int(stream.total_out)])
  }

  private static func snappy(_ bytes: [UInt8]) throws -> [UInt8] {
    guard bytes.prefix(8) == [0x82, 0x53, 0x4E, 0x41, 0x50, 0x50, 0x59, 0] else {
      throw ReadFault.codec
    }
    var reader = MessageReader(bytes, from: 16, isFlexible: false)
    var out: [UInt8] = []
    while !reader.isAtEnd {
      let block = try reader.take(Int(try reader.int32())).map { CChar(bitPattern: $0) }
      var count = 1 << 17
      var part = [CChar](repeating: 0, count: count)
      guard snappy_uncompress(block, block.count, &part, &count) == SNAPPY_OK else {
        throw ReadFault.codec
      }
      out += part[..<count].map { UInt8(bitPattern: $0) }
    }
    return out
  }

  private static func lz4(_ bytes: [UInt8]) throws -> [UInt8] {
    // Bit 5 of the flags: blocks do not depend on one another.
    guard bytes.count > 4, bytes[4] & 0x20 != 0 else { throw ReadFault.codec }
    var context: OpaquePointer?
    LZ4F_createDecompressionContext(&context, UInt32(LZ4F_VERSION))
    defer { LZ4F_freeDecompressionContext(context) }
    var out = [UInt8](repeating: 0, count: bytesMax)
    var written = 0
    var read = 0
    while read < bytes.count {
      var targetCount = out.count - written
      var sourceCount = bytes.count - read
      let status = out.withUnsafeMutableBytes { target in
        bytes.withUnsafeBytes { source in
          LZ4F_decompress(
            context, target.baseAddress?.advanced(by: written), &targetCount,
            source.baseAddress?.advanced(by: read), &sourceCount, nil)
        }
      }
      guard LZ4F_isError(status) == 0, targetCount + sourceCount > 0 else { throw ReadFault.codec }
      written += targetCount
      read += sourceCount
    }
    return Array(out[..<written])
  }
}
