/// The parser's tree as it arrives: JSON, read by a small recursive reader with a depth limit.
indirect enum ParseTree {
  case object([(key: String, value: ParseTree)])
  case array([ParseTree])
  case string(String)
  case number(Int)
  case bool(Bool)
  case null
}

/// Reads the JSON that libpg_query writes. Its strings are UTF-8 with JSON's escapes.
struct ParseTreeReader {
  /// Each SQL expression takes about three levels.
  static let depthMax = 6_000

  private let bytes: UnsafeBufferPointer<UInt8>
  /// The SQL text, for what the JSON leaves out.
  private let source: [UInt8]
  private var position = 0
  private var depth = 0

  init(_ bytes: UnsafeBufferPointer<UInt8>, source: [UInt8]) {
    self.bytes = bytes
    self.source = source
  }

  mutating func read() throws(ParseError) -> ParseTree {
    depth += 1
    defer { depth -= 1 }
    if depth > Self.depthMax { throw .tooDeep }
    switch bytes[position] {
    case UInt8(ascii: "{"): return .object(try readObject())
    case UInt8(ascii: "["): return .array(try readArray())
    case UInt8(ascii: "\""): return .string(readString())
    case UInt8(ascii: "t"):
      position += 4
      return .bool(true)
    case UInt8(ascii: "f"):
      position += 5
      return .bool(false)
    case UInt8(ascii: "n"):
      position += 4
      return .null
    default: return .number(readNumber())
    }
  }

  private mutating func readObject() throws(ParseError) -> [(key: String, value: ParseTree)] {
    position += 1
    var members: [(key: String, value: ParseTree)] = []
    while bytes[position] != UInt8(ascii: "}") {
      if bytes[position] == UInt8(ascii: ",") { position += 1 }
      let key = readString()
      position += 1
      members.append((key, try read()))
    }
    position += 1
    try restoreNegative(&members)
    return members
  }

  /// libpg_query 15 writes a negative integer constant as if it were 0: `"ival":{}`. Its location is
  /// that of the minus sign, so the text tells.
  private func restoreNegative(_ members: inout [(key: String, value: ParseTree)])
    throws(ParseError)
  {
    try restoreNegativeOption(&members)
    guard let place = members.firstIndex(where: { $0.key == "ival" }),
      case .object(let inner) = members[place].value, inner.isEmpty,
      case .number(let location)? = members.first(where: { $0.key == "location" })?.value,
      location >= 0, location < source.count, source[location] == UInt8(ascii: "-")
    else { return }
    let digits = source[(location + 1)...].drop { $0 == 32 || (9...13).contains($0) }
      .prefix { (48...57).contains($0) }
    guard let value = Int(String(decoding: digits, as: UTF8.self)) else {
      throw .unsupported("a comment between a minus sign and its number", location: location)
    }
    members[place].value = .object([("ival", .number(-value))])
  }

  /// The same for options (`INCREMENT BY -1`), whose location is that of their first word.
  private func restoreNegativeOption(_ members: inout [(key: String, value: ParseTree)])
    throws(ParseError)
  {
    guard let place = members.firstIndex(where: { $0.key == "arg" }),
      case .object(let argument) = members[place].value, argument.count == 1,
      argument[0].key == "Integer", case .object(let inner) = argument[0].value, inner.isEmpty,
      case .number(let location)? = members.first(where: { $0.key == "location" })?.value,
      location >= 0, location < source.count
    else { return }
    let rest = source[location...].drop { !(48...57).contains($0) && $0 != UInt8(ascii: "-") }
    guard rest.first == UInt8(ascii: "-") else { return }
    let digits = rest.dropFirst().drop { $0 == 32 }.prefix { (48...57).contains($0) }
    guard let value = Int(String(decoding: digits, as: UTF8.self)) else {
      throw .unsupported("a comment between a minus sign and its number", location: location)
    }
    members[place].value = .object([("Integer", .object([("ival", .number(-value))]))])
  }

  private mutating func readArray() throws(ParseError) -> [ParseTree] {
    position += 1
    var elements: [ParseTree] = []
    while bytes[position] != UInt8(ascii: "]") {
      if bytes[position] == UInt8(ascii: ",") { position += 1 }
      elements.append(try read())
    }
    position += 1
    return elements
  }

  private mutating func readNumber() -> Int {
    let isNegative = bytes[position] == UInt8(ascii: "-")
    if isNegative { position += 1 }
    var value = 0
    while position < bytes.count, bytes[position] >= 48, bytes[position] <= 57 {
      value = value &* 10 &+ Int(bytes[position] - 48)
      position += 1
    }
    return isNegative ? -value : value
  }

  private mutating func readString() -> String {
    position += 1
    var text: [UInt8] = []
    while bytes[position] != UInt8(ascii: "\"") {
      if bytes[position] == UInt8(ascii: "\\") {
        readEscape(into: &text)
      } else {
        text.append(bytes[position])
        position += 1
      }
    }
    position += 1
    return String(decoding: text, as: UTF8.self)
  }

  private mutating func readEscape(into text: inout [UInt8]) {
    let letter = bytes[position + 1]
    position += 2
    switch letter {
    case UInt8(ascii: "n"): text.append(10)
    case UInt8(ascii: "r"): text.append(13)
    case UInt8(ascii: "t"): text.append(9)
    case UInt8(ascii: "b"): text.append(8)
    case UInt8(ascii: "f"): text.append(12)
    case UInt8(ascii: "u"):
      let digits = String(decoding: bytes[position..<position + 4], as: UTF8.self)
      position += 4
      let scalar = UInt32(digits, radix: 16).flatMap(Unicode.Scalar.init) ?? "\u{FFFD}"
      text.append(contentsOf: Array(String(Character(scalar)).utf8))
    default: text.append(letter)
    }
  }
}
