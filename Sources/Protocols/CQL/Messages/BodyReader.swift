/// Reads a message's body. Every length is checked against what is left before it is used.
struct BodyReader {
  private let bytes: ArraySlice<UInt8>
  private var position: Int

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    position = bytes.startIndex
  }
  init(_ bytes: [UInt8]) { self.init(bytes[...]) }

  var remaining: Int { bytes.endIndex - position }

  mutating func take(_ count: Int) throws(CQLError) -> ArraySlice<UInt8> {
    guard count >= 0, count <= remaining else {
      throw .violation("The body ends where \(count) more bytes were to come")
    }
    defer { position += count }
    return bytes[position..<position + count]
  }

  private mutating func number(_ count: Int) throws(CQLError) -> UInt64 {
    guard count <= remaining else {
      throw .violation("The body ends where \(count) more bytes were to come")
    }
    var value: UInt64 = 0
    for place in position..<position + count { value = value << 8 | UInt64(bytes[place]) }
    position += count
    return value
  }

  mutating func byte() throws(CQLError) -> UInt8 { UInt8(try number(1)) }
  mutating func short() throws(CQLError) -> Int { Int(try number(2)) }
  mutating func int() throws(CQLError) -> Int {
    Int(Int32(truncatingIfNeeded: try number(4)))
  }
  mutating func long() throws(CQLError) -> Int64 { Int64(bitPattern: try number(8)) }

  private static func text(_ bytes: ArraySlice<UInt8>) throws(CQLError) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw .violation("Invalid UTF-8")
    }
    return text
  }

  mutating func string() throws(CQLError) -> String { try Self.text(try take(try short())) }
  mutating func longString() throws(CQLError) -> String { try Self.text(try take(try int())) }

  mutating func stringList() throws(CQLError) -> [String] {
    var list: [String] = []
    for _ in 0..<(try short()) { list.append(try string()) }
    return list
  }

  mutating func stringMap() throws(CQLError) -> [String: String] {
    var map: [String: String] = [:]
    for _ in 0..<(try short()) { map[try string()] = try string() }
    return map
  }

  mutating func skipBytesMap() throws(CQLError) {
    for _ in 0..<(try short()) {
      _ = try string()
      _ = try bytesOrNull()
    }
  }

  mutating func shortBytes() throws(CQLError) -> [UInt8] { Array(try take(try short())) }

  mutating func bytesOrNull() throws(CQLError) -> [UInt8]? {
    let count = try int()
    return count < 0 ? nil : Array(try take(count))
  }

  /// A value of a statement: bytes, null, or unset.
  mutating func value() throws(CQLError) -> BoundValue {
    let count = try int()
    switch count {
    case -1: return .null
    case -2: return .unset
    case ..<(-2): throw .violation("Invalid length of a value: \(count)")
    default: return .bytes(Array(try take(count)))
    }
  }

  mutating func consistency() throws(CQLError) -> Consistency {
    let code = try short()
    guard let level = Consistency(rawValue: UInt16(code)) else {
      throw .violation("Unknown code \(code) for a consistency level")
    }
    return level
  }
}

/// A value that a client gave for a marker.
enum BoundValue: Equatable, Sendable {
  case bytes([UInt8])
  case null
  /// The column stays as it is.
  case unset
}
