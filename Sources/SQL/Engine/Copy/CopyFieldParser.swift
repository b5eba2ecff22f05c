import Types

/// Makes values of a type straight from the input where that is simple; everything else goes
/// through `TypeIO`, which also has the errors.
struct CopyFieldParser {
  private enum Kind {
    case integer(ClosedRange<Int64>)
    case text
    case varchar(limit: Int)
    case character(length: Int)
    case other
  }

  private let kind: Kind

  init(_ type: SQLType) {
    switch type.oid {
    case SQLType.int2.oid, SQLType.int4.oid, SQLType.int8.oid, SQLType.oid.oid:
      kind = .integer(IntegerText.range(of: type))
    case SQLType.text.oid: kind = .text
    case SQLType.varchar.oid: kind = type.lengthLimit.map { .varchar(limit: $0) } ?? .text
    case SQLType.bpchar.oid: kind = type.lengthLimit.map { .character(length: $0) } ?? .text
    default: kind = .other
    }
  }

  /// Nil: ask `TypeIO`. The bytes are UTF-8 without zeros.
  @inline(__always)
  func value(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Value? {
    switch kind {
    case .integer(let allowed): return Self.integer(bytes, range, allowed)
    case .text: return .text(Array(bytes[range]))
    case .varchar(let limit):
      // Not more bytes than that are not more characters either.
      return range.count <= limit ? .text(Array(bytes[range])) : nil
    case .character(let length):
      guard range.count <= length, Self.isPlainASCII(bytes, range) else { return nil }
      return .text(Self.padded(bytes, range, length))
    case .other: return nil
    }
  }

  private static func padded(
    _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ length: Int
  ) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: length) { text, count in
      _ = text[..<range.count].initialize(fromContentsOf: bytes[range])
      text[range.count..<length].initialize(repeating: 32)
      count = length
    }
  }

  /// Up to 18 digits, which fit whatever they are.
  @inline(__always)
  private static func integer(
    _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ allowed: ClosedRange<Int64>
  ) -> Value? {
    var place = range.lowerBound
    let isNegative = !range.isEmpty && bytes[place] == UInt8(ascii: "-")
    if isNegative { place += 1 }
    guard place < range.upperBound, range.upperBound - place <= 18 else { return nil }
    var value: Int64 = 0
    while place < range.upperBound {
      let digit = bytes[place] &- 48
      guard digit <= 9 else { return nil }
      value = value &* 10 &+ Int64(digit)
      place += 1
    }
    if isNegative { value = -value }
    return allowed.contains(value) ? .int(value) : nil
  }

  /// Whether all bytes are 1 to 127; eight at a time.
  static func isPlainASCII(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool {
    let raw = UnsafeRawBufferPointer(bytes)
    let high: UInt64 = 0x8080_8080_8080_8080
    let ones: UInt64 = 0x0101_0101_0101_0101
    var found: UInt64 = 0
    var place = range.lowerBound
    while place + 8 <= range.upperBound {
      let word = raw.loadUnaligned(fromByteOffset: place, as: UInt64.self)
      // A borrow can only come from a zero byte, so that a hit may be misplaced but never false.
      found |= (word | ((word &- ones) & ~word)) & high
      place += 8
    }
    while place < range.upperBound {
      if bytes[place] == 0 || bytes[place] >= 0x80 { return false }
      place += 1
    }
    return found == 0
  }
}
