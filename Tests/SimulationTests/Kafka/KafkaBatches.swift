import Base

@testable import KafkaRead

/// A record as a consumer saw it.
struct KafkaSighting: Equatable {
  var offset: Int64
  /// The leader's term that its batch tells.
  var epoch: Int32
  var timestamp: Int64
  var key: [UInt8]?
  var value: [UInt8]?
}

/// A consumer's side of batches without compression.
enum KafkaBatches {
  private static let checkedFrom = 21
  private static let lengthEnd = 12
  private static let format: Int8 = 2

  /// The records of all batches, in their order.
  static func records(_ bytes: [UInt8]) throws(MessageFault) -> [KafkaSighting] {
    var found: [KafkaSighting] = []
    var reader = MessageReader(bytes, isFlexible: false)
    while !reader.isAtEnd { try batch(&reader, bytes, into: &found) }
    return found
  }

  private static func batch(
    _ reader: inout MessageReader, _ bytes: [UInt8], into found: inout [KafkaSighting]
  ) throws(MessageFault) {
    let start = reader.offset
    let base = try reader.int64()
    let end = start + lengthEnd + Int(try reader.int32())
    guard end <= bytes.count else { throw .truncated }
    let epoch = try reader.int32()
    guard try reader.int8() == format else { throw .malformed("a batch of another format") }
    let checksum = UInt32(bitPattern: try reader.int32())
    guard crc32c(Array(bytes[start + checkedFrom..<end])) == checksum else {
      throw .malformed("a batch's checksum")
    }
    guard try reader.int16() == 0 else { throw .malformed("a batch's attributes") }
    let last = base + Int64(try reader.int32())
    let first = try reader.int64()
    _ = try reader.int64()
    // No producer.
    guard try reader.int64() == -1, try reader.int16() == -1, try reader.int32() == -1 else {
      throw .malformed("a batch's producer")
    }
    for _ in 0..<(try reader.int32()) {
      found.append(try record(&reader, base, first, epoch))
    }
    guard reader.offset == end, found.last?.offset == last else {
      throw .malformed("a batch to offset \(last) ends with \(found.last?.offset ?? -1)")
    }
  }

  private static func record(
    _ reader: inout MessageReader, _ base: Int64, _ first: Int64, _ epoch: Int32
  ) throws(MessageFault) -> KafkaSighting {
    let end = try signed(&reader)
    let start = reader.offset
    _ = try reader.int8()
    let timestamp = first + Int64(try signed(&reader))
    let offset = base + Int64(try signed(&reader))
    let found = KafkaSighting(
      offset: offset, epoch: epoch, timestamp: timestamp, key: try field(&reader),
      value: try field(&reader))
    guard try signed(&reader) == 0, reader.offset == start + end else {
      throw .malformed("a record's end")
    }
    return found
  }

  private static func field(_ reader: inout MessageReader) throws(MessageFault) -> [UInt8]? {
    let count = try signed(&reader)
    return count == -1 ? nil : Array(try reader.take(count))
  }

  /// Zigzag.
  private static func signed(_ reader: inout MessageReader) throws(MessageFault) -> Int {
    let value = try reader.unsignedVarint()
    return value >> 1 ^ -(value & 1)
  }
}

extension MessageReader {
  mutating func error() throws(MessageFault) -> KafkaError {
    let code = try int16()
    guard let error = KafkaError(rawValue: code) else { throw .malformed("error \(code)") }
    return error
  }
}
