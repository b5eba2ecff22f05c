import Types

/// What was wrong with a message: the connection it came by is of no more use.
enum MessageFault: Error, Equatable {
  case truncated
  case malformed(String)
}

/// Reads a request's fields, big-endian. Every length is checked against what is left before anything is
/// allocated for it. In flexible versions strings, bytes and arrays are compact and structures end with
/// tagged fields; the same calls read both.
struct MessageReader {
  private let bytes: [UInt8]
  private var position: Int
  let isFlexible: Bool
  /// Items that one array may have, whatever room there is for them.
  static let itemsMax = 100_000

  init(_ bytes: [UInt8], from position: Int = 0, isFlexible: Bool) {
    self.bytes = bytes
    self.position = position
    self.isFlexible = isFlexible
  }

  var remaining: Int { bytes.count - position }
  var offset: Int { position }
  var isAtEnd: Bool { remaining == 0 }

  // MARK: Numbers

  mutating func int8() throws(MessageFault) -> Int8 { Int8(bitPattern: try byte()) }
  mutating func int16() throws(MessageFault) -> Int16 { Int16(truncatingIfNeeded: try number(2)) }
  mutating func int32() throws(MessageFault) -> Int32 { Int32(truncatingIfNeeded: try number(4)) }
  mutating func int64() throws(MessageFault) -> Int64 { Int64(bitPattern: try number(8)) }
  mutating func bool() throws(MessageFault) -> Bool { try byte() != 0 }

  mutating func uuid() throws(MessageFault) -> UUIDValue {
    UUIDValue(high: try number(8), low: try number(8))
  }

  private mutating func byte() throws(MessageFault) -> UInt8 {
    guard remaining >= 1 else { throw .truncated }
    position += 1
    return bytes[position - 1]
  }

  private mutating func number(_ count: Int) throws(MessageFault) -> UInt64 {
    guard remaining >= count else { throw .truncated }
    var value: UInt64 = 0
    for place in position..<position + count { value = value << 8 | UInt64(bytes[place]) }
    position += count
    return value
  }

  /// Seven bits a byte, the lowest first.
  mutating func unsignedVarint() throws(MessageFault) -> Int {
    var value = 0
    for shift in stride(from: 0, through: 28, by: 7) {
      let next = try byte()
      value |= Int(next & 0x7F) << shift
      if next < 0x80 {
        guard value <= UInt32.max else { break }
        return value
      }
    }
    throw .malformed("a varint over 32 bits")
  }

  // MARK: Strings and bytes

  mutating func string() throws(MessageFault) -> String {
    guard let text = try nullableString() else { throw .malformed("null where a string must be") }
    return text
  }

  mutating func nullableString() throws(MessageFault) -> String? {
    guard let count = try length(of: 2) else { return nil }
    return try text(count)
  }

  /// In the old form also where the version is flexible: the client's name in headers.
  mutating func plainNullableString() throws(MessageFault) -> String? {
    let count = Int(try int16())
    if count == -1 { return nil }
    guard count >= 0 else { throw .malformed("a length of \(count)") }
    return try text(count)
  }

  private mutating func text(_ count: Int) throws(MessageFault) -> String {
    guard let text = String(validating: try take(count), as: UTF8.self) else {
      throw .malformed("a string that is not UTF-8")
    }
    return text
  }

  mutating func data() throws(MessageFault) -> [UInt8] { try nullableData() ?? [] }

  mutating func nullableData() throws(MessageFault) -> [UInt8]? {
    guard let count = try length(of: 4) else { return nil }
    return Array(try take(count))
  }

  mutating func take(_ count: Int) throws(MessageFault) -> ArraySlice<UInt8> {
    guard count >= 0, remaining >= count else { throw .truncated }
    position += count
    return bytes[position - count..<position]
  }

  /// Nil stands for null.
  private mutating func length(of size: Int) throws(MessageFault) -> Int? {
    let count =
      isFlexible ? try unsignedVarint() - 1 : size == 2 ? Int(try int16()) : Int(try int32())
    guard count >= -1 else { throw .malformed("a length of \(count)") }
    return count == -1 ? nil : count
  }

  // MARK: Arrays and tags

  mutating func array<T>(_ read: (inout MessageReader) throws(MessageFault) -> T)
    throws(MessageFault) -> [T]
  {
    try nullableArray(read) ?? []
  }

  mutating func nullableArray<T>(_ read: (inout MessageReader) throws(MessageFault) -> T)
    throws(MessageFault) -> [T]?
  {
    guard let count = try length(of: 4) else { return nil }
    guard count <= remaining, count <= Self.itemsMax else {
      throw .malformed("an array of \(count) items")
    }
    var items: [T] = []
    for _ in 0..<count { items.append(try read(&self)) }
    return items
  }

  mutating func strings() throws(MessageFault) -> [String] {
    try array { (reader) throws(MessageFault) in try reader.string() }
  }

  mutating func int32s() throws(MessageFault) -> [Int32] {
    try array { (reader) throws(MessageFault) in try reader.int32() }
  }

  /// Skips the tagged fields that end a structure of a flexible version: none of those that clients send
  /// means anything here.
  mutating func tags() throws(MessageFault) {
    guard isFlexible else { return }
    for _ in 0..<(try unsignedVarint()) {
      _ = try unsignedVarint()
      _ = try take(try unsignedVarint())
    }
  }
}
