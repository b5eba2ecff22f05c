/// A word or sign of a statement.
enum Token: Equatable, Sendable {
  /// In lower case, unless it stood in double quotes.
  case name(String, isQuoted: Bool)
  case string(String)
  case integer(String)
  case decimal(String)
  case uuid(String)
  case blob([UInt8])
  case duration(String)
  case sign(String)
  /// `?`
  case marker
  case end
}

struct PlacedToken: Sendable {
  var token: Token
  /// Where it begins, in bytes.
  var offset: Int
  /// As it was written, for errors.
  var text: String
}

/// Cuts a statement into tokens.
struct Lexer {
  private let bytes: [UInt8]
  private var position = 0

  static func tokens(_ text: String) throws(CQLError) -> [PlacedToken] {
    var lexer = Lexer(bytes: Array(text.utf8))
    var tokens: [PlacedToken] = []
    while true {
      try lexer.skipSpace()
      let start = lexer.position
      let token = try lexer.next()
      tokens.append(
        PlacedToken(
          token: token, offset: start,
          text: token == .end
            ? "<EOF>" : String(decoding: lexer.bytes[start..<lexer.position], as: UTF8.self)))
      if token == .end { return tokens }
    }
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  /// Line and column of a place, as the original's errors have them.
  static func place(_ offset: Int, in text: String) -> String {
    let before = Array(text.utf8.prefix(offset))
    let line = before.count { $0 == 10 } + 1
    let column = before.count - (before.lastIndex(of: 10).map { $0 + 1 } ?? 0)
    return "line \(line):\(column)"
  }

  private func peek(_ ahead: Int = 0) -> UInt8 {
    position + ahead < bytes.count ? bytes[position + ahead] : 0
  }

  private mutating func skipSpace() throws(CQLError) {
    while position < bytes.count {
      switch (peek(), peek(1)) {
      case (9, _), (10, _), (13, _), (32, _): position += 1
      case (UInt8(ascii: "-"), UInt8(ascii: "-")), (UInt8(ascii: "/"), UInt8(ascii: "/")):
        while position < bytes.count, peek() != 10 { position += 1 }
      case (UInt8(ascii: "/"), UInt8(ascii: "*")):
        position += 2
        while position < bytes.count,
          peek() != UInt8(ascii: "*") || peek(1) != UInt8(ascii: "/")
        {
          position += 1
        }
        guard position < bytes.count else { throw .syntax("a comment does not end") }
        position += 2
      default: return
      }
    }
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
  private static func isLetter(_ byte: UInt8) -> Bool {
    (65...90).contains(byte) || (97...122).contains(byte)
  }
  private static func isHex(_ byte: UInt8) -> Bool {
    isDigit(byte) || (65...70).contains(byte) || (97...102).contains(byte)
  }

  private mutating func next() throws(CQLError) -> Token {
    guard position < bytes.count else { return .end }
    let first = peek()
    if first == UInt8(ascii: "'") { return .string(try quoted(first)) }
    if first == UInt8(ascii: "\"") { return .name(try quoted(first), isQuoted: true) }
    if first == UInt8(ascii: "$"), peek(1) == UInt8(ascii: "$") { return try dollars() }
    if Self.isHex(first), let uuid = uuid() { return uuid }
    if Self.isDigit(first) { return try number() }
    if Self.isLetter(first) { return word() }
    return try sign(first)
  }

  private mutating func quoted(_ quote: UInt8) throws(CQLError) -> String {
    position += 1
    var text: [UInt8] = []
    while position < bytes.count {
      if peek() == quote {
        guard peek(1) == quote else {
          position += 1
          return String(decoding: text, as: UTF8.self)
        }
        position += 1
      }
      text.append(peek())
      position += 1
    }
    throw .syntax("a text in quotes does not end")
  }

  private mutating func dollars() throws(CQLError) -> Token {
    position += 2
    let start = position
    while position + 1 < bytes.count {
      if peek() == UInt8(ascii: "$"), peek(1) == UInt8(ascii: "$") {
        defer { position += 2 }
        return .string(String(decoding: bytes[start..<position], as: UTF8.self))
      }
      position += 1
    }
    throw .syntax("a text between $$ does not end")
  }

  private mutating func uuid() -> Token? {
    let end = position + 36
    guard end <= bytes.count, end == bytes.count || !Self.isHex(bytes[end]) else { return nil }
    for place in 0..<36 {
      let byte = bytes[position + place]
      let isDash = [8, 13, 18, 23].contains(place)
      guard isDash ? byte == UInt8(ascii: "-") : Self.isHex(byte) else { return nil }
    }
    defer { position = end }
    return .uuid(String(decoding: bytes[position..<end], as: UTF8.self).lowercased())
  }

  private mutating func number() throws(CQLError) -> Token {
    let start = position
    if peek() == 48, peek(1) | 0x20 == UInt8(ascii: "x") {
      position += 2
      var digits: [UInt8] = []
      while Self.isHex(peek()), position < bytes.count {
        digits.append(peek())
        position += 1
      }
      guard let blob = HexText.bytes(digits[...]) else {
        throw .syntax("a blob wants an even number of digits")
      }
      return .blob(blob)
    }
    while Self.isDigit(peek()) { position += 1 }
    var isDecimal = false
    if peek() == UInt8(ascii: "."), Self.isDigit(peek(1)) {
      isDecimal = true
      position += 1
      while Self.isDigit(peek()) { position += 1 }
    }
    let sign = peek(1) == UInt8(ascii: "-") || peek(1) == UInt8(ascii: "+")
    if peek() | 0x20 == UInt8(ascii: "e"), Self.isDigit(peek(sign ? 2 : 1)) {
      isDecimal = true
      position += sign ? 2 : 1
      while Self.isDigit(peek()) { position += 1 }
    }
    if !isDecimal, Self.isLetter(peek()) || peek() == 0xC2 {
      // 1h30m, also with the sign for micro.
      while Self.isLetter(peek()) || Self.isDigit(peek()) || peek() >= 0x80 { position += 1 }
      return .duration(String(decoding: bytes[start..<position], as: UTF8.self))
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    return isDecimal ? .decimal(text) : .integer(text)
  }

  private mutating func word() -> Token {
    let start = position
    while Self.isLetter(peek()) || Self.isDigit(peek()) || peek() == UInt8(ascii: "_") {
      position += 1
    }
    if let end = ISODuration.end(bytes[start...], word: position) {
      position = end
      return .duration(String(decoding: bytes[start..<end], as: UTF8.self))
    }
    return .name(
      String(decoding: bytes[start..<position], as: UTF8.self).lowercased(), isQuoted: false)
  }

  /// A duration with its minus is one token; nil: what comes is something else.
  private mutating func negativeDuration() throws(CQLError) -> Token? {
    let start = position
    let next = peek(1)
    guard Self.isDigit(next) || next == UInt8(ascii: "P") else { return nil }
    position += 1
    if case .duration(let text) = Self.isDigit(next) ? try number() : word() {
      return .duration("-" + text)
    }
    position = start
    return nil
  }

  private mutating func sign(_ first: UInt8) throws(CQLError) -> Token {
    if first == UInt8(ascii: "?") {
      position += 1
      return .marker
    }
    if first == UInt8(ascii: "-"), let duration = try negativeDuration() { return duration }
    let pair = [first, peek(1)]
    for known in ["<=", ">=", "!=", "+=", "-="] where pair.elementsEqual(known.utf8) {
      position += 2
      return .sign(known)
    }
    guard "()[]{}<>=,;.:+-*/%@".utf8.contains(first) else {
      throw .syntax("no viable alternative at character '\(Character(UnicodeScalar(first)))'")
    }
    position += 1
    return .sign(String(UnicodeScalar(first)))
  }
}

/// Bytes as digits.
enum HexText {
  static func bytes(_ digits: ArraySlice<UInt8>) -> [UInt8]? {
    guard digits.count % 2 == 0 else { return nil }
    var output: [UInt8] = []
    var high: UInt8?
    for digit in digits {
      let value: UInt8
      switch digit {
      case 48...57: value = digit - 48
      case 65...70: value = digit - 55
      case 97...102: value = digit - 87
      default: return nil
      }
      if let upper = high {
        output.append(upper << 4 | value)
        high = nil
      } else {
        high = value
      }
    }
    return output
  }

  static func text(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var output: [UInt8] = []
    for byte in bytes {
      output.append(digits[Int(byte >> 4)])
      output.append(digits[Int(byte & 15)])
    }
    return String(decoding: output, as: UTF8.self)
  }
}
