import Types

/// Whole numbers of any size between two's complement bytes and decimal digits: varint and decimal.
enum BigInteger {
  /// Digits with a minus where it is negative; empty bytes are 0.
  static func text(_ bytes: [UInt8]) -> String {
    let isNegative = (bytes.first ?? 0) & 0x80 != 0
    var magnitude = bytes
    if isNegative { negate(&magnitude) }
    // Base 10⁹, least significant first.
    var limbs: [UInt64] = [0]
    for byte in magnitude {
      var carry = UInt64(byte)
      for place in limbs.indices {
        let next = limbs[place] << 8 | carry
        limbs[place] = next % 1_000_000_000
        carry = next / 1_000_000_000
      }
      if carry > 0 { limbs.append(carry) }
    }
    var text = isNegative ? "-" : ""
    text += String(limbs[limbs.count - 1])
    for limb in limbs.dropLast().reversed() {
      let digits = String(limb)
      text += String(repeating: "0", count: 9 - digits.utf8.count) + digits
    }
    return text == "-0" ? "0" : text
  }

  /// The shortest two's complement bytes of decimal digits with an optional minus; nil for other text.
  static func bytes(_ text: some StringProtocol) -> [UInt8]? {
    var digits = Array(text.utf8)
    let isNegative = digits.first == UInt8(ascii: "-")
    if isNegative || digits.first == UInt8(ascii: "+") { digits.removeFirst() }
    guard !digits.isEmpty, digits.allSatisfy({ (48...57).contains($0) }) else { return nil }
    // Little-endian bytes.
    var magnitude: [UInt8] = [0]
    for digit in digits {
      var carry = UInt32(digit - 48)
      for place in magnitude.indices {
        let next = UInt32(magnitude[place]) * 10 + carry
        magnitude[place] = UInt8(truncatingIfNeeded: next)
        carry = next >> 8
      }
      if carry > 0 { magnitude.append(UInt8(carry)) }
    }
    var bytes = [0] + Array(magnitude.reversed())
    if isNegative { negate(&bytes) }
    while bytes.count > 1, bytes[0] == 0 && bytes[1] < 0x80 || bytes[0] == 0xFF && bytes[1] >= 0x80
    {
      bytes.removeFirst()
    }
    return bytes
  }

  private static func negate(_ bytes: inout [UInt8]) {
    var carry: UInt16 = 1
    for place in bytes.indices.reversed() {
      let next = UInt16(~bytes[place]) + carry
      bytes[place] = UInt8(truncatingIfNeeded: next)
      carry = next >> 8
    }
  }

  /// Digits before and behind the point, as an unscaled number: the value's own scale is kept.
  static func decimal(_ number: Numeric) -> (unscaled: [UInt8], scale: Int)? {
    guard number.isFinite else { return nil }
    let text = number.description
    let scale = text.firstIndex(of: ".").map { text[$0...].utf8.count - 1 } ?? 0
    return bytes(text.replacing(".", with: "")).map { ($0, scale) }
  }

  static func numeric(unscaled: [UInt8], scale: Int) throws(CQLError) -> Numeric {
    // SQL's numbers reach that far.
    guard (-1_000...1_000).contains(scale), unscaled.count <= 4_096 else {
      throw .invalid("A decimal of scale \(scale) is out of range")
    }
    var text = Self.text(unscaled)
    if scale < 0 { text += String(repeating: "0", count: -scale) }
    if scale > 0 {
      let isNegative = text.hasPrefix("-")
      var digits = isNegative ? String(text.dropFirst()) : text
      if digits.utf8.count <= scale {
        digits = String(repeating: "0", count: scale + 1 - digits.utf8.count) + digits
      }
      digits = digits.dropLast(scale) + "." + digits.suffix(scale)
      text = (isNegative ? "-" : "") + digits
    }
    return try parse(text)
  }

  static func parse(_ text: String) throws(CQLError) -> Numeric {
    do throws(SQLError) {
      return try Numeric.parse(text)
    } catch {
      throw .invalid("Unable to make a number from '\(text)'")
    }
  }
}
