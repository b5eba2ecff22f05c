import Base

extension [UInt8] {
  init(decimal number: Int64) {
    var digits = ReplyWriter(version: 2)
    digits.decimal(number)
    self = digits.bytes
  }
}

/// Replies as bytes, in RESP2 or RESP3: what one version lacks is written as the other's nearest.
struct ReplyWriter: Sendable {
  var bytes: [UInt8] = []
  /// 2 or 3.
  var version: Int

  init(version: Int) { self.version = version }

  var isRESP3: Bool { version >= 3 }

  private mutating func line(_ kind: Unicode.Scalar, _ number: Int64) {
    bytes.append(UInt8(truncatingIfNeeded: kind.value))
    decimal(number)
    end()
  }

  private mutating func end() {
    bytes.append(UInt8(ascii: "\r"))
    bytes.append(UInt8(ascii: "\n"))
  }

  mutating func decimal(_ number: Int64) {
    if number < 0 { bytes.append(UInt8(ascii: "-")) }
    var rest = number.magnitude
    if rest < 10 { return bytes.append(UInt8(ascii: "0") + UInt8(rest)) }
    let start = bytes.count
    repeat {
      bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
      rest /= 10
    } while rest > 0
    var (low, high) = (start, bytes.count - 1)
    while low < high {
      bytes.swapAt(low, high)
      low += 1
      high -= 1
    }
  }

  mutating func ok() {
    ("+OK\r\n" as StaticString).withUTF8Buffer { bytes.append(contentsOf: $0) }
  }

  mutating func simple(_ text: StaticString) {
    bytes.append(UInt8(ascii: "+"))
    text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    end()
  }

  mutating func simple(_ text: String) {
    bytes.append(UInt8(ascii: "+"))
    bytes.append(contentsOf: text.utf8)
    end()
  }

  mutating func simple(_ text: ArraySlice<UInt8>) {
    bytes.append(UInt8(ascii: "+"))
    bytes.append(contentsOf: text)
    end()
  }

  /// `message` begins with its code: "ERR …", "WRONGTYPE …". Line ends in it become blanks.
  mutating func error(_ message: String) {
    bytes.append(UInt8(ascii: "-"))
    for byte in message.utf8 { bytes.append(byte == 10 || byte == 13 ? 32 : byte) }
    end()
  }

  mutating func integer(_ number: Int64) { line(":", number) }
  mutating func integer(_ number: Int) { line(":", Int64(number)) }

  mutating func bulk(_ value: some Collection<UInt8>) {
    line("$", Int64(value.count))
    bytes.append(contentsOf: value)
    end()
  }

  mutating func bulk(_ value: UnsafeRawBufferPointer) {
    line("$", Int64(value.count))
    bytes.append(contentsOf: value)
    end()
  }

  mutating func bulk(_ text: String) { bulk(text.utf8) }

  mutating func bulk(_ number: Int64) {
    var digits = ReplyWriter(version: 2)
    digits.decimal(number)
    bulk(digits.bytes)
  }

  mutating func optional(_ value: (some Collection<UInt8>)?) {
    if let value { bulk(value) } else { null() }
  }

  mutating func null() {
    let text: StaticString = isRESP3 ? "_\r\n" : "$-1\r\n"
    text.withUTF8Buffer { bytes.append(contentsOf: $0) }
  }

  mutating func nullArray() {
    bytes.append(contentsOf: isRESP3 ? "_\r\n".utf8 : "*-1\r\n".utf8)
  }

  mutating func array(_ count: Int) { line("*", Int64(count)) }

  /// `count` pairs follow.
  mutating func map(_ count: Int) {
    if isRESP3 { line("%", Int64(count)) } else { line("*", Int64(count) * 2) }
  }

  mutating func set(_ count: Int) { line(isRESP3 ? "~" : "*", Int64(count)) }

  /// A message that answers nothing; an array in RESP2.
  mutating func push(_ count: Int) { line(isRESP3 ? ">" : "*", Int64(count)) }

  mutating func double(_ number: Double) {
    guard isRESP3 else { return bulk(number.redisText) }
    bytes.append(UInt8(ascii: ","))
    bytes.append(contentsOf: number.redisText.utf8)
    end()
  }

  mutating func bool(_ flag: Bool) {
    guard isRESP3 else { return integer(flag ? 1 : 0) }
    bytes.append(contentsOf: flag ? "#t\r\n".utf8 : "#f\r\n".utf8)
  }

  mutating func bigNumber(_ digits: String) {
    guard isRESP3 else { return bulk(digits) }
    bytes.append(UInt8(ascii: "("))
    bytes.append(contentsOf: digits.utf8)
    end()
  }

  /// Text to be shown as it is; `format` has three letters.
  mutating func verbatim(_ text: String, format: String = "txt") {
    guard isRESP3 else { return bulk(text) }
    line("=", Int64(text.utf8.count + 4))
    bytes.append(contentsOf: format.utf8)
    bytes.append(UInt8(ascii: ":"))
    bytes.append(contentsOf: text.utf8)
    end()
  }
}
