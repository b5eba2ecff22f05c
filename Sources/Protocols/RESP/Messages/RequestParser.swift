import Base

/// Bytes that are not of the protocol: told to the client, who is then disconnected.
struct ProtocolFault: Error, Equatable {
  var message: String
  init(_ message: String) { self.message = "Protocol error: " + message }
}

/// Turns a client's bytes into commands: arrays of bulk strings, or inline commands (a line of words).
/// Lives on: its session. Keeps what has come of a command, so that nothing is looked at twice.
struct RequestParser {
  static let argumentsMax = 1_024 * 1_024
  static let bulkBytesMax = 512 << 20
  /// Of a line: an inline command, a count or a length.
  static let lineBytesMax = 64 << 10
  /// What somebody may send who has not said who they are.
  static let unauthenticatedArgumentsMax = 10
  static let unauthenticatedBulkBytesMax = 16_384

  /// What has come and is not taken yet begins at `used`.
  var input: [UInt8] = []
  private var used = 0
  private var arguments = CommandArguments()
  /// Of an array under way; 0: none is.
  private var argumentsLeft = 0
  private var bulkLength: Int?
  var isAuthenticated = true

  /// Bytes that wait, of a command that is not whole or was not asked for yet.
  var pendingBytes: Int { input.count - used }

  /// Makes room for more at the end of `input`.
  mutating func compact() {
    if used == input.count {
      input.removeAll(keepingCapacity: input.capacity <= 1 << 18)
      used = 0
    } else if used > 1 << 16 {
      input.removeFirst(used)
      used = 0
    }
  }

  /// The next command, nil where it has not come whole. An empty one (an empty line, an array of none)
  /// is passed over.
  mutating func next() throws(ProtocolFault) -> CommandArguments? {
    while true {
      if argumentsLeft == 0 {
        guard used < input.count else { return nil }
        if takeWhole() { return arguments }
        if input[used] != UInt8(ascii: "*") {
          guard let words = try inline() else { return nil }
          if words.count > 0 { return words }
          continue
        }
        guard let count = try number("mbulk") else { return nil }
        let limit = isAuthenticated ? Self.argumentsMax : Self.unauthenticatedArgumentsMax
        guard let count = count.value, count <= Self.argumentsMax else {
          throw ProtocolFault("invalid multibulk length")
        }
        guard count <= limit else { throw ProtocolFault("unauthenticated multibulk length") }
        if count <= 0 { continue }
        argumentsLeft = count
        arguments = CommandArguments()
        arguments.reserve(min(count, 64))
      }
      guard try takeBulks() else { return nil }
      defer { arguments = CommandArguments() }
      return arguments
    }
  }

  /// An array that has come whole, as nearly all do. False: it is to be taken in parts, or not an array.
  private mutating func takeWhole() -> Bool {
    guard isAuthenticated else { return false }
    arguments.removeAll()
    let start = used
    let end = input.withUnsafeBytes { bytes -> Int? in
      var position = start
      guard let count = Self.shortNumber(bytes, &position, UInt8(ascii: "*")), count > 0,
        count <= Self.wholeArgumentsMax
      else { return nil }
      for _ in 0..<count {
        guard let length = Self.shortNumber(bytes, &position, UInt8(ascii: "$")),
          position + length + 2 <= bytes.count
        else { return nil }
        arguments.append(UnsafeRawBufferPointer(rebasing: bytes[position..<position + length]))
        position += length + 2
      }
      return position
    }
    guard let end else {
      arguments.removeAll()
      return false
    }
    used = end
    return true
  }

  private static let wholeArgumentsMax = 32

  /// The number of up to six digits behind the sign, to the line's end; nil where there is anything else.
  private static func shortNumber(
    _ bytes: UnsafeRawBufferPointer, _ position: inout Int, _ sign: UInt8
  ) -> Int? {
    guard position < bytes.count, bytes[position] == sign else { return nil }
    var place = position + 1
    let limit = min(place + 6, bytes.count)
    var value = 0
    while place < limit {
      let digit = bytes[place] &- UInt8(ascii: "0")
      if digit > 9 { break }
      value = value * 10 + Int(digit)
      place += 1
    }
    // No leading zeros, and none at all: that is told in parts.
    guard place > position + 1, place + 1 < bytes.count, bytes[place] == UInt8(ascii: "\r"),
      bytes[place + 1] == UInt8(ascii: "\n"),
      place == position + 2 || bytes[position + 1] != UInt8(ascii: "0")
    else { return nil }
    position = place + 2
    return value
  }

  private mutating func takeBulks() throws(ProtocolFault) -> Bool {
    while argumentsLeft > 0 {
      if bulkLength == nil {
        guard used < input.count else { return false }
        guard input[used] == UInt8(ascii: "$") else {
          let found = Character(UnicodeScalar(input[used]))
          throw ProtocolFault("expected '$', got '\(found)'")
        }
        guard let length = try number("bulk") else { return false }
        guard let length = length.value, length >= 0, length <= Self.bulkBytesMax else {
          throw ProtocolFault("invalid bulk length")
        }
        guard isAuthenticated || length <= Self.unauthenticatedBulkBytesMax else {
          throw ProtocolFault("unauthenticated bulk length")
        }
        bulkLength = length
      }
      guard let length = bulkLength, input.count - used >= length + 2 else { return false }
      input.withUnsafeBytes {
        arguments.append(UnsafeRawBufferPointer(rebasing: $0[used..<used + length]))
      }
      used += length + 2
      bulkLength = nil
      argumentsLeft -= 1
    }
    return true
  }

  private struct Number {
    /// Nil: not a number.
    var value: Int?
  }

  /// The number of a line like `*3` or `$10`; nil where its end has not come.
  private mutating func number(_ kind: String) throws(ProtocolFault) -> Number? {
    guard let end = lineEnd() else {
      if pendingBytes > Self.lineBytesMax { throw ProtocolFault("too big \(kind) count string") }
      return nil
    }
    defer { used = end + 1 }
    var last = end
    if last > used, input[last - 1] == UInt8(ascii: "\r") { last -= 1 }
    return Number(value: input[(used + 1)..<max(last, used + 1)].strictInteger().map { Int($0) })
  }

  private func lineEnd() -> Int? {
    input.withUnsafeBytes { bytes in
      var position = used
      while position < bytes.count {
        if bytes[position] == UInt8(ascii: "\n") { return position }
        position += 1
      }
      return nil
    }
  }

  private mutating func inline() throws(ProtocolFault) -> CommandArguments? {
    guard let end = lineEnd() else {
      if pendingBytes > Self.lineBytesMax { throw ProtocolFault("too big inline request") }
      return nil
    }
    var last = end
    if last > used, input[last - 1] == UInt8(ascii: "\r") { last -= 1 }
    let words = InlineWords.split(input[used..<last])
    used = end + 1
    guard let words else { throw ProtocolFault("unbalanced quotes in request") }
    return CommandArguments(words)
  }
}

/// Words of a line: separated by blanks, quoted like `"a\x00\n"` or `'it\'s'`.
enum InlineWords {
  /// Nil where quotes are not closed, or something follows a closing one.
  static func split(_ line: ArraySlice<UInt8>) -> [[UInt8]]? {
    var words: [[UInt8]] = []
    var rest = line
    while true {
      while let first = rest.first, isBlank(first) { rest.removeFirst() }
      if rest.isEmpty { return words }
      var word: [UInt8] = []
      while let first = rest.first, !isBlank(first) {
        if first == UInt8(ascii: "\"") || first == UInt8(ascii: "'") {
          guard quoted(first, &rest, &word) else { return nil }
          if let next = rest.first, !isBlank(next) { return nil }
        } else {
          word.append(first)
          rest.removeFirst()
        }
      }
      words.append(word)
    }
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }

  private static func quoted(
    _ quote: UInt8, _ rest: inout ArraySlice<UInt8>, _ word: inout [UInt8]
  ) -> Bool {
    rest.removeFirst()
    while let byte = rest.popFirst() {
      if byte == quote { return true }
      guard byte == UInt8(ascii: "\\"), let next = rest.first else {
        word.append(byte)
        continue
      }
      if quote == UInt8(ascii: "'") {
        word.append(next == quote ? quote : byte)
        if next == quote { rest.removeFirst() }
        continue
      }
      rest.removeFirst()
      switch next {
      case UInt8(ascii: "n"): word.append(10)
      case UInt8(ascii: "r"): word.append(13)
      case UInt8(ascii: "t"): word.append(9)
      case UInt8(ascii: "b"): word.append(8)
      case UInt8(ascii: "a"): word.append(7)
      case UInt8(ascii: "x"):
        let digits = rest.prefix(2)
        if digits.count == 2, let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16),
          digits.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") })
        {
          word.append(value)
          rest.removeFirst(2)
        } else {
          word.append(next)
        }
      default: word.append(next)
      }
    }
    return false
  }
}
