import Types

/// Writes a response's fields, the way `MessageReader` reads a request's.
struct MessageWriter {
  /// Behind `pieces`.
  var bytes: [UInt8] = []
  /// What is complete and is not to be copied together.
  private(set) var pieces: [[UInt8]] = []
  let isFlexible: Bool

  init(isFlexible: Bool) { self.isFlexible = isFlexible }

  mutating func int8(_ value: Int8) { bytes.append(UInt8(bitPattern: value)) }
  mutating func int16(_ value: Int16) { number(UInt64(bitPattern: Int64(value)), 2) }
  mutating func int32(_ value: Int32) { number(UInt64(bitPattern: Int64(value)), 4) }
  mutating func int64(_ value: Int64) { number(UInt64(bitPattern: value), 8) }
  mutating func bool(_ value: Bool) { bytes.append(value ? 1 : 0) }

  mutating func uuid(_ value: UUIDValue) {
    number(value.high, 8)
    number(value.low, 8)
  }

  mutating func error(_ value: KafkaError) { int16(value.rawValue) }

  private mutating func number(_ value: UInt64, _ count: Int) {
    for shift in stride(from: (count - 1) * 8, through: 0, by: -8) {
      bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(shift)))
    }
  }

  mutating func unsignedVarint(_ value: Int) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  mutating func string(_ value: String) { nullableString(value) }

  mutating func nullableString(_ value: String?) {
    length(value?.utf8.count, of: 2)
    if let value { bytes.append(contentsOf: value.utf8) }
  }

  mutating func data(_ value: [UInt8]) { nullableData(value) }

  mutating func nullableData(_ value: [UInt8]?) {
    length(value?.count, of: 4)
    if let value { bytes.append(contentsOf: value) }
  }

  /// Data that stays where it is, as a piece of its own.
  mutating func largeData(_ value: [UInt8]) {
    length(value.count, of: 4)
    if value.isEmpty { return }
    pieces.append(bytes)
    pieces.append(value)
    bytes = []
  }

  /// All that was written, in order.
  var allPieces: [[UInt8]] { bytes.isEmpty ? pieces : pieces + [bytes] }

  private mutating func length(_ count: Int?, of size: Int) {
    if isFlexible {
      unsignedVarint((count ?? -1) + 1)
    } else if size == 2 {
      int16(Int16(clamping: count ?? -1))
    } else {
      int32(Int32(clamping: count ?? -1))
    }
  }

  mutating func array<T>(_ items: [T]?, _ write: (T, inout MessageWriter) -> Void) {
    length(items?.count, of: 4)
    for item in items ?? [] { write(item, &self) }
  }

  mutating func strings(_ items: [String]) { array(items) { $1.string($0) } }
  mutating func int32s(_ items: [Int32]) { array(items) { $1.int32($0) } }

  /// Ends a structure of a flexible version, with the tagged fields it has, in the order of their numbers.
  mutating func tags(_ fields: [(tag: Int, bytes: [UInt8])] = []) {
    guard isFlexible else { return }
    unsignedVarint(fields.count)
    for field in fields {
      unsignedVarint(field.tag)
      unsignedVarint(field.bytes.count)
      bytes.append(contentsOf: field.bytes)
    }
  }
}
