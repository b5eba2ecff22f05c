import Base

/// Reads what DUMP makes, Redis' or ours: a value in the format of Redis' files, the format's version and
/// a checksum. The bytes come from anybody: whatever is wrong with them is an error.
struct DumpReader {
  private static let bad = DecodingFault.malformed("dump")

  /// Whether version and checksum are right.
  static func isWhole(_ payload: ArraySlice<UInt8>) -> Bool {
    guard payload.count >= DumpKind.footerBytes else { return false }
    let footer = payload.suffix(DumpKind.footerBytes)
    let version = UInt16(footer[footer.startIndex]) | UInt16(footer[footer.startIndex + 1]) << 8
    let stored = footer.suffix(8).reversed().reduce(0) { UInt64($0) << 8 | UInt64($1) }
    return version <= DumpKind.version && CRC64.checksum(payload.dropLast(8)) == stored
  }

  static func value(_ payload: ArraySlice<UInt8>) throws(DecodingFault) -> DumpedValue {
    try Array(payload.dropLast(DumpKind.footerBytes)).read { (bytes) throws(DecodingFault) in
      var reader = DumpReader(bytes: bytes)
      return try reader.value()
    }
  }

  var bytes: ByteReader

  private mutating func value() throws(DecodingFault) -> DumpedValue {
    guard let kind = DumpKind(rawValue: try bytes.integer()) else { throw Self.bad }
    switch kind {
    case .string: return .string(try string())
    case .list: return .list(try full(try strings()))
    case .set: return .set(try distinct(try strings()))
    case .hash: return .hash(try fields(try pairs()))
    case .zset, .zsetOfTexts: return .zset(try members(isText: kind == .zsetOfTexts))
    case .listOfZiplist: return .list(try full(PackedElements.ziplist(try string())))
    case .intset: return .set(try full(PackedElements.intset(try string())))
    case .zsetOfZiplist: return .zset(try members(PackedElements.ziplist(try string())))
    case .zsetOfListpack: return .zset(try members(PackedElements.listpack(try string())))
    case .hashOfZiplist: return .hash(try fields(PackedElements.ziplist(try string())))
    case .hashOfListpack: return .hash(try fields(PackedElements.listpack(try string())))
    case .listOfZiplists, .listOfListpacks:
      return .list(try nodes(areListpacks: kind == .listOfListpacks))
    case .streamOfListpacks, .streamOfListpacks2:
      return .stream(try stream(isFirstVersion: kind == .streamOfListpacks))
    }
  }

  // MARK: Lengths and strings

  private enum Length {
    case number(UInt64)
    /// The string is written in a form of its own.
    case special(UInt8)
  }

  private mutating func lengthOrForm() throws(DecodingFault) -> Length {
    let first: UInt8 = try bytes.integer()
    switch first >> 6 {
    case 0: return .number(UInt64(first))
    case 1: return .number(UInt64(first & 0x3F) << 8 | UInt64(try bytes.integer(UInt8.self)))
    case 2:
      if first == 0x80 { return .number(UInt64(try bytes.integer(UInt32.self).byteSwapped)) }
      if first == 0x81 { return .number(try bytes.integer(UInt64.self).byteSwapped) }
      throw Self.bad
    default: return .special(first & 0x3F)
    }
  }

  mutating func number() throws(DecodingFault) -> UInt64 {
    guard case .number(let number) = try lengthOrForm() else { throw Self.bad }
    return number
  }

  /// How many follow, each of a byte at least.
  mutating func count() throws(DecodingFault) -> Int {
    let number = try number()
    guard number <= UInt64(bytes.remaining) else { throw Self.bad }
    return Int(number)
  }

  mutating func string() throws(DecodingFault) -> [UInt8] {
    switch try lengthOrForm() {
    case .number(let length):
      guard length <= UInt64(bytes.remaining) else { throw Self.bad }
      return Array(try bytes.view(Int(length)))
    case .special(0): return Array(String(try bytes.integer(Int8.self)).utf8)
    case .special(1): return Array(String(try bytes.integer(Int16.self)).utf8)
    case .special(2): return Array(String(try bytes.integer(Int32.self)).utf8)
    case .special(3):
      let packed = try count()
      let length = try number()
      guard packed <= bytes.remaining, length <= UInt64(StringRanges.bytesMax),
        let text = LZF.decompress(try bytes.view(packed), count: Int(length))
      else { throw Self.bad }
      return text
    case .special: throw Self.bad
    }
  }

  private mutating func strings(_ each: Int = 1) throws(DecodingFault) -> [[UInt8]] {
    let count = try count()
    var strings: [[UInt8]] = []
    for _ in 0..<count * each { strings.append(try string()) }
    return strings
  }

  private mutating func pairs() throws(DecodingFault) -> [[UInt8]] { try strings(2) }

  // MARK: Collections

  /// Redis has no empty ones.
  private func full(_ elements: [[UInt8]]) throws(DecodingFault) -> [[UInt8]] {
    if elements.isEmpty { throw Self.bad }
    return elements
  }

  private func distinct(_ elements: [[UInt8]]) throws(DecodingFault) -> [[UInt8]] {
    guard Set(elements).count == elements.count else { throw Self.bad }
    return try full(elements)
  }

  private func fields(_ elements: [[UInt8]]) throws(DecodingFault) -> [DumpedValue.Field] {
    guard elements.count % 2 == 0 else { throw Self.bad }
    let fields = stride(from: 0, to: elements.count, by: 2).map {
      DumpedValue.Field(name: elements[$0], value: elements[$0 + 1])
    }
    _ = try distinct(fields.map(\.name))
    return fields
  }

  private func members(_ elements: [[UInt8]]) throws(DecodingFault) -> [DumpedValue.Member] {
    guard elements.count % 2 == 0 else { throw Self.bad }
    var members: [DumpedValue.Member] = []
    for index in stride(from: 0, to: elements.count, by: 2) {
      guard let score = elements[index + 1].double() else { throw Self.bad }
      members.append(DumpedValue.Member(name: elements[index], score: score))
    }
    _ = try distinct(members.map(\.name))
    return members
  }

  private mutating func members(isText: Bool) throws(DecodingFault) -> [DumpedValue.Member] {
    let count = try count()
    var members: [DumpedValue.Member] = []
    for _ in 0..<count {
      let name = try string()
      let score =
        isText ? try scoreText() : Double(bitPattern: try bytes.integer(UInt64.self))
      if score.isNaN { throw Self.bad }
      members.append(DumpedValue.Member(name: name, score: score))
    }
    _ = try distinct(members.map(\.name))
    return members
  }

  /// A length and digits, or one byte for what has none.
  private mutating func scoreText() throws(DecodingFault) -> Double {
    let length: UInt8 = try bytes.integer()
    switch length {
    case 253: return .nan
    case 254: return .infinity
    case 255: return -.infinity
    default:
      guard let score = Array(try bytes.view(Int(length))).double() else { throw Self.bad }
      return score
    }
  }

  /// A list in pieces; those of version 2 say whether they are one element or many.
  private mutating func nodes(areListpacks: Bool) throws(DecodingFault) -> [[UInt8]] {
    let count = try count()
    var elements: [[UInt8]] = []
    for _ in 0..<count {
      guard areListpacks else {
        elements += try PackedElements.ziplist(try string())
        continue
      }
      switch try number() {
      case 1: elements.append(try string())
      case 2: elements += try PackedElements.listpack(try string())
      default: throw Self.bad
      }
    }
    return try full(elements)
  }
}
