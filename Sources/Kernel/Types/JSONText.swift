/// JSON as PostgreSQL reads and jsonb prints it.
public enum JSONText {
  /// Parses one document. `isStored`: as jsonb, where \u0000 has no place. Errors: 22P02, 22P05,
  /// and 54001 beyond `JSONValue.depthMax`.
  public static func parse(
    _ bytes: [UInt8], type: String = "json", isStored: Bool = true
  ) throws(SQLError) -> JSONValue {
    var parser = Parser(bytes: bytes, type: type, isStored: isStored)
    let value = try parser.value(depth: 1)
    parser.skipSpace()
    if parser.position < bytes.count { throw parser.failure("Expected end of input, but found ") }
    return value
  }

  private struct Parser {
    let bytes: [UInt8]
    let type: String
    let isStored: Bool
    var position = 0

    init(bytes: [UInt8], type: String, isStored: Bool) {
      self.bytes = bytes
      self.type = type
      self.isStored = isStored
    }

    mutating func skipSpace() {
      while position < bytes.count,
        bytes[position] == 32 || (bytes[position] >= 9 && bytes[position] <= 10)
          || bytes[position] == 13
      {
        position += 1
      }
    }

    func failure(_ expectation: String, exact: Bool = false) -> SQLError {
      var end = position
      while end < bytes.count, ASCII.isLetter(bytes[end]) || ASCII.isDigit(bytes[end]) { end += 1 }
      if end == position { end = min(bytes.count, position + 1) }
      while end < bytes.count && bytes[end] & 0xC0 == 0x80 { end += 1 }
      let token = String(decoding: bytes[min(position, bytes.count)..<end], as: UTF8.self)
      let detail =
        exact
        ? expectation
        : position >= bytes.count
          ? "The input string ended unexpectedly." : "\(expectation)\"\(token)\"."
      let line = bytes[..<min(end, bytes.count)].filter { $0 == 10 }.count + 1
      let lineStart = (bytes[..<min(end, bytes.count)].lastIndex(of: 10) ?? -1) + 1
      var error = SQLError(
        .invalidTextRepresentation, "invalid input syntax for type \(type)", detail: detail)
      let shown = String(decoding: bytes[lineStart..<end], as: UTF8.self)
      error.context = "JSON data, line \(line): \(shown)\(end < bytes.count ? "..." : "")"
      return error
    }

    mutating func value(depth: Int) throws(SQLError) -> JSONValue {
      if depth > JSONValue.depthMax {
        throw SQLError(.statementTooComplex, "stack depth limit exceeded")
      }
      skipSpace()
      guard position < bytes.count else { throw failure("") }
      switch bytes[position] {
      case UInt8(ascii: "{"): return try object(depth: depth)
      case UInt8(ascii: "["): return try array(depth: depth)
      case UInt8(ascii: "\""): return .string(try string())
      case UInt8(ascii: "-"), 48...57: return .number(try number())
      default:
        for (word, value) in [("null", JSONValue.null), ("true", .true), ("false", .false)] {
          let end = position + word.utf8.count
          if end <= bytes.count, bytes[position..<end].elementsEqual(word.utf8),
            end == bytes.count || !(ASCII.isLetter(bytes[end]) || ASCII.isDigit(bytes[end]))
          {
            position = end
            return value
          }
        }
        if ASCII.isLetter(bytes[position]) {
          var error = failure("Token ")
          error.detail = error.detail.map { String($0.dropLast()) + " is invalid." }
          throw error
        }
        throw failure("Expected JSON value, but found ")
      }
    }

    private mutating func array(depth: Int) throws(SQLError) -> JSONValue {
      position += 1
      var elements: [JSONValue] = []
      skipSpace()
      if position < bytes.count, bytes[position] == UInt8(ascii: "]") {
        position += 1
        return .array([])
      }
      while true {
        elements.append(try value(depth: depth + 1))
        skipSpace()
        guard position < bytes.count else { throw failure("") }
        if bytes[position] == UInt8(ascii: ",") {
          position += 1
        } else if bytes[position] == UInt8(ascii: "]") {
          position += 1
          return .array(elements)
        } else {
          throw failure("Expected \",\" or \"]\", but found ")
        }
      }
    }

    private mutating func object(depth: Int) throws(SQLError) -> JSONValue {
      position += 1
      var members: [JSONValue.Member] = []
      skipSpace()
      if position < bytes.count, bytes[position] == UInt8(ascii: "}") {
        position += 1
        return .object([])
      }
      while true {
        skipSpace()
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
          throw failure(
            members.isEmpty ? "Expected string or \"}\", but found " : "Expected string, but found "
          )
        }
        let key = try string()
        skipSpace()
        guard position < bytes.count, bytes[position] == UInt8(ascii: ":") else {
          throw failure("Expected \":\", but found ")
        }
        position += 1
        members.append(JSONValue.Member(key: key, value: try value(depth: depth + 1)))
        skipSpace()
        guard position < bytes.count else { throw failure("") }
        if bytes[position] == UInt8(ascii: ",") {
          position += 1
        } else if bytes[position] == UInt8(ascii: "}") {
          position += 1
          return .object(members)
        } else {
          throw failure("Expected \",\" or \"}\", but found ")
        }
      }
    }

    private mutating func number() throws(SQLError) -> Numeric {
      let start = position
      func isDigit(_ at: Int) -> Bool { at < bytes.count && ASCII.isDigit(bytes[at]) }
      var end = position + (bytes[position] == ASCII.minus ? 1 : 0)
      var valid = isDigit(end)
      if valid && bytes[end] == 48 {
        end += 1
      } else {
        while isDigit(end) { end += 1 }
      }
      if end < bytes.count, bytes[end] == UInt8(ascii: ".") {
        end += 1
        if !isDigit(end) { valid = false }
        while isDigit(end) { end += 1 }
      }
      if end < bytes.count, bytes[end] | 0x20 == UInt8(ascii: "e") {
        end += 1
        if end < bytes.count, bytes[end] == ASCII.minus || bytes[end] == ASCII.plus { end += 1 }
        if !isDigit(end) { valid = false }
        while isDigit(end) { end += 1 }
      }
      while end < bytes.count, ASCII.isLetter(bytes[end]) || ASCII.isDigit(bytes[end]) {
        end += 1
        valid = false
      }
      guard valid else {
        let token = String(decoding: bytes[start..<end], as: UTF8.self)
        throw failure("Token \"\(token)\" is invalid.", exact: true)
      }
      position = end
      return isStored ? try Numeric.parse(Array(bytes[start..<end])) : .zero
    }

    private mutating func string() throws(SQLError) -> [UInt8] {
      position += 1
      var result: [UInt8] = []
      while true {
        guard position < bytes.count else { throw failure("") }
        let byte = bytes[position]
        if byte == UInt8(ascii: "\"") {
          position += 1
          return result
        }
        if byte < 32 {
          let code = [ASCII.hex[Int(byte >> 4)], ASCII.hex[Int(byte & 15)]]
          throw failure(
            "Character with value 0x\(String(decoding: code, as: UTF8.self)) must be escaped.",
            exact: true)
        }
        position += 1
        if byte != UInt8(ascii: "\\") {
          result.append(byte)
          continue
        }
        guard position < bytes.count else { throw failure("") }
        let escaped = bytes[position]
        position += 1
        switch escaped {
        case UInt8(ascii: "b"): result.append(8)
        case UInt8(ascii: "f"): result.append(12)
        case UInt8(ascii: "n"): result.append(10)
        case UInt8(ascii: "r"): result.append(13)
        case UInt8(ascii: "t"): result.append(9)
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): result.append(escaped)
        case UInt8(ascii: "u"): try unicode(into: &result)
        default:
          position -= 1
          let shown = String(decoding: [escaped], as: UTF8.self)
          throw failure("Escape sequence \"\\\(shown)\" is invalid.", exact: true)
        }
      }
    }

    private mutating func hexQuad() throws(SQLError) -> UInt32 {
      var code: UInt32 = 0
      for _ in 0..<4 {
        guard position < bytes.count, let digit = ASCII.hexDigit(bytes[position]) else {
          throw failure("\"\\u\" must be followed by four hexadecimal digits.", exact: true)
        }
        code = code << 4 | UInt32(digit)
        position += 1
      }
      return code
    }

    private mutating func unicode(into result: inout [UInt8]) throws(SQLError) {
      var code = try hexQuad()
      if code == 0 && isStored {
        throw SQLError(
          .untranslatableCharacter, "unsupported Unicode escape sequence",
          detail: "\\u0000 cannot be converted to text.")
      }
      if (0xDC00...0xDFFF).contains(code) {
        throw failure("Unicode low surrogate must follow a high surrogate.", exact: true)
      }
      if (0xD800...0xDBFF).contains(code) {
        guard position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
          bytes[position + 1] == UInt8(ascii: "u")
        else { throw failure("Unicode low surrogate must follow a high surrogate.", exact: true) }
        position += 2
        let low = try hexQuad()
        guard (0xDC00...0xDFFF).contains(low) else {
          throw failure("Unicode low surrogate must follow a high surrogate.", exact: true)
        }
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)
      }
      if let scalar = Unicode.Scalar(code) {
        result.append(contentsOf: String(Character(scalar)).utf8)
      }
    }
  }
}

extension JSONValue {
  /// Appends jsonb's text form: `{"a": 1, "b": [true, null]}`.
  public func write(into output: inout [UInt8]) {
    switch kind {
    case .null: output.append(contentsOf: "null".utf8)
    case .bool(let flag): output.append(contentsOf: (flag ? "true" : "false").utf8)
    case .number(let number): number.write(into: &output)
    case .string(let text): Self.writeString(text, into: &output)
    case .array(let elements):
      output.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { output.append(contentsOf: ", ".utf8) }
        element.write(into: &output)
      }
      output.append(UInt8(ascii: "]"))
    case .object(let members):
      output.append(UInt8(ascii: "{"))
      for (index, member) in members.enumerated() {
        if index > 0 { output.append(contentsOf: ", ".utf8) }
        Self.writeString(member.key, into: &output)
        output.append(contentsOf: ": ".utf8)
        member.value.write(into: &output)
      }
      output.append(UInt8(ascii: "}"))
    }
  }

  /// Appends a quoted and escaped JSON string.
  public static func writeString(_ text: [UInt8], into output: inout [UInt8]) {
    text.withUnsafeBytes { writeString($0, into: &output) }
  }

  /// The same of bytes that lie elsewhere. Cost: what needs no escape is copied as a whole.
  public static func writeString(_ text: UnsafeRawBufferPointer, into output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    var start = 0
    for (place, byte) in text.enumerated() where isEscaped(byte) {
      output.append(contentsOf: UnsafeRawBufferPointer(rebasing: text[start..<place]))
      writeEscape(byte, into: &output)
      start = place + 1
    }
    output.append(contentsOf: UnsafeRawBufferPointer(rebasing: text[start...]))
    output.append(UInt8(ascii: "\""))
  }

  private static func isEscaped(_ byte: UInt8) -> Bool {
    byte < 32 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
  }

  private static func writeEscape(_ byte: UInt8, into output: inout [UInt8]) {
    switch byte {
    case 8: output.append(contentsOf: "\\b".utf8)
    case 9: output.append(contentsOf: "\\t".utf8)
    case 10: output.append(contentsOf: "\\n".utf8)
    case 12: output.append(contentsOf: "\\f".utf8)
    case 13: output.append(contentsOf: "\\r".utf8)
    case UInt8(ascii: "\""): output.append(contentsOf: "\\\"".utf8)
    case UInt8(ascii: "\\"): output.append(contentsOf: "\\\\".utf8)
    default:
      output.append(contentsOf: "\\u00".utf8)
      output.append(ASCII.hex[Int(byte >> 4)])
      output.append(ASCII.hex[Int(byte & 15)])
    }
  }
}

extension JSONValue: CustomStringConvertible {
  public var description: String {
    var output: [UInt8] = []
    write(into: &output)
    return String(decoding: output, as: UTF8.self)
  }
}
