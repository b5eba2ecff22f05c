import Base

/// Reads the compact forms in which Redis keeps small collections: one piece of memory with all elements.
/// Numbers come as their text. Every length is checked before it is used.
enum PackedElements {
  private static let bad = DecodingFault.malformed("packed elements")

  // MARK: Listpack

  /// All bytes and the number of elements, the elements, 0xFF.
  static func listpack(_ bytes: [UInt8]) throws(DecodingFault) -> [[UInt8]] {
    try bytes.read { (reader) throws(DecodingFault) in
      guard try reader.integer(UInt32.self) == UInt32(reader.count) else { throw bad }
      let count: UInt16 = try reader.integer()
      var elements: [[UInt8]] = []
      while true {
        let start = reader.offset
        let first: UInt8 = try reader.integer()
        if first == 0xFF { break }
        elements.append(try listpackElement(first, &reader))
        // Behind an element stands its length, for walks from the end.
        let length = reader.offset - start
        _ = try reader.view(
          length < 128
            ? 1
            : length < 16_384
              ? 2
              : length < 2_097_152
                ? 3
                : length < 268_435_456 ? 4 : 5)
      }
      guard reader.isAtEnd, count == .max || Int(count) == elements.count else { throw bad }
      return elements
    }
  }

  private static func listpackElement(_ first: UInt8, _ reader: inout ByteReader)
    throws(DecodingFault) -> [UInt8]
  {
    if first & 0x80 == 0 { return text(Int64(first)) }
    if first & 0xC0 == 0x80 { return Array(try reader.view(Int(first & 0x3F))) }
    if first & 0xE0 == 0xC0 {
      let low: UInt8 = try reader.integer()
      return text(Int64(Int16(bitPattern: (UInt16(first & 0x1F) << 8 | UInt16(low)) << 3) >> 3))
    }
    if first & 0xF0 == 0xE0 {
      let low: UInt8 = try reader.integer()
      return Array(try reader.view(Int(first & 0x0F) << 8 | Int(low)))
    }
    switch first {
    case 0xF0: return Array(try reader.view(Int(try reader.integer(UInt32.self))))
    case 0xF1: return text(Int64(try reader.integer(Int16.self)))
    case 0xF2: return text(try int24(&reader))
    case 0xF3: return text(Int64(try reader.integer(Int32.self)))
    case 0xF4: return text(try reader.integer(Int64.self))
    default: throw bad
    }
  }

  private static func int24(_ reader: inout ByteReader) throws(DecodingFault) -> Int64 {
    let low: UInt16 = try reader.integer()
    let high: UInt8 = try reader.integer()
    return Int64(Int32(bitPattern: UInt32(high) << 24 | UInt32(low) << 8) >> 8)
  }

  private static func text(_ number: Int64) -> [UInt8] { Array(String(number).utf8) }

  // MARK: Ziplist

  /// All bytes, the place of the last element, the number of elements, the elements, 0xFF.
  static func ziplist(_ bytes: [UInt8]) throws(DecodingFault) -> [[UInt8]] {
    try bytes.read { (reader) throws(DecodingFault) in
      guard try reader.integer(UInt32.self) == UInt32(reader.count) else { throw bad }
      let tail: UInt32 = try reader.integer()
      let count: UInt16 = try reader.integer()
      var elements: [[UInt8]] = []
      var last = reader.offset
      var lengthBefore = 0
      while true {
        let start = reader.offset
        var before = Int(try reader.integer(UInt8.self))
        if before == 0xFF { break }
        if before == 0xFE { before = Int(try reader.integer(UInt32.self)) }
        guard before == lengthBefore else { throw bad }
        elements.append(try ziplistElement(&reader))
        last = start
        lengthBefore = reader.offset - start
      }
      guard reader.isAtEnd, Int(tail) == last, count == .max || Int(count) == elements.count else {
        throw bad
      }
      return elements
    }
  }

  private static func ziplistElement(_ reader: inout ByteReader) throws(DecodingFault) -> [UInt8] {
    let first: UInt8 = try reader.integer()
    switch first >> 6 {
    case 0: return Array(try reader.view(Int(first)))
    case 1:
      let low: UInt8 = try reader.integer()
      return Array(try reader.view(Int(first & 0x3F) << 8 | Int(low)))
    case 2:
      guard first == 0x80 else { throw bad }
      return Array(try reader.view(Int(try reader.integer(UInt32.self).byteSwapped)))
    default: break
    }
    switch first {
    case 0xC0: return text(Int64(try reader.integer(Int16.self)))
    case 0xD0: return text(Int64(try reader.integer(Int32.self)))
    case 0xE0: return text(try reader.integer(Int64.self))
    case 0xF0: return text(try int24(&reader))
    case 0xFE: return text(Int64(try reader.integer(Int8.self)))
    case 0xF1...0xFD: return text(Int64(first & 0x0F) - 1)
    default: throw bad
    }
  }

  // MARK: Intset

  /// The width of a number, how many there are, and they in order.
  static func intset(_ bytes: [UInt8]) throws(DecodingFault) -> [[UInt8]] {
    try bytes.read { (reader) throws(DecodingFault) in
      let width: UInt32 = try reader.integer()
      let count: UInt32 = try reader.integer()
      guard [2, 4, 8].contains(width), Int(count) * Int(width) == reader.remaining else {
        throw bad
      }
      var elements: [[UInt8]] = []
      var last: Int64?
      for _ in 0..<count {
        let number =
          switch width {
          case 2: Int64(try reader.integer(Int16.self))
          case 4: Int64(try reader.integer(Int32.self))
          default: try reader.integer(Int64.self)
          }
        if let last, last >= number { throw bad }
        last = number
        elements.append(text(number))
      }
      return elements
    }
  }
}

extension ByteReader {
  /// What there was at first.
  var count: Int { offset + remaining }
}

extension [UInt8] {
  func read<R>(_ body: (inout ByteReader) throws(DecodingFault) -> R) throws(DecodingFault) -> R {
    let result = withUnsafeBytes { bytes in
      Result { () throws(DecodingFault) -> R in
        var reader = ByteReader(bytes)
        return try body(&reader)
      }
    }
    return try result.get()
  }
}

/// Makes a listpack.
struct ListpackWriter {
  private var bytes: [UInt8] = Array(repeating: 0, count: 6)
  private var count = 0
  /// With its end.
  var byteCount: Int { bytes.count + 1 }

  mutating func append(_ text: some Collection<UInt8>) {
    if let number = text.strictInteger() { return append(number) }
    let start = bytes.count
    switch text.count {
    case ..<64: bytes.append(0x80 | UInt8(text.count))
    case ..<4_096:
      bytes.append(0xE0 | UInt8(text.count >> 8))
      bytes.append(UInt8(text.count & 0xFF))
    default:
      bytes.append(0xF0)
      append(little: UInt32(text.count))
    }
    bytes.append(contentsOf: text)
    end(start)
  }

  mutating func append(_ number: Int64) {
    let start = bytes.count
    if (0...127).contains(number) {
      bytes.append(UInt8(number))
    } else if (-4_096...4_095).contains(number) {
      let bits = UInt16(bitPattern: Int16(number)) & 0x1FFF
      bytes.append(0xC0 | UInt8(bits >> 8))
      bytes.append(UInt8(bits & 0xFF))
    } else if let small = Int16(exactly: number) {
      bytes.append(0xF1)
      append(little: small)
    } else if (-8_388_608...8_388_607).contains(number) {
      bytes.append(0xF2)
      withUnsafeBytes(of: Int32(number).littleEndian) { bytes.append(contentsOf: $0.prefix(3)) }
    } else if let middle = Int32(exactly: number) {
      bytes.append(0xF3)
      append(little: middle)
    } else {
      bytes.append(0xF4)
      append(little: number)
    }
    end(start)
  }

  private mutating func append(little number: some FixedWidthInteger) {
    withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
  }

  /// The length of the element behind it, seven bits in a byte, to be read from the end.
  private mutating func end(_ start: Int) {
    let length = bytes.count - start
    let size =
      length < 128 ? 1 : length < 16_384 ? 2 : length < 2_097_152 ? 3 : length < 268_435_456 ? 4 : 5
    for index in (0..<size).reversed() {
      let part = UInt8(length >> (7 * index) & 0x7F)
      bytes.append(index == size - 1 ? part : part | 0x80)
    }
    count += 1
  }

  func finished() -> [UInt8] {
    var out = bytes
    withUnsafeBytes(of: UInt32(byteCount).littleEndian) { out.replaceSubrange(0..<4, with: $0) }
    withUnsafeBytes(of: UInt16(min(count, Int(UInt16.max))).littleEndian) {
      out.replaceSubrange(4..<6, with: $0)
    }
    out.append(0xFF)
    return out
  }
}
