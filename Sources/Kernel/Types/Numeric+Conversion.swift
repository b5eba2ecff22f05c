#if canImport(Glibc)
  import Glibc
#endif

extension Numeric {
  /// As PostgreSQL casts float8: 15 significant digits.
  public init(_ value: Double) { self.init(value, significantDigits: 15) }

  /// As PostgreSQL casts float4: 6 significant digits.
  public init(_ value: Float) { self.init(Double(value), significantDigits: 6) }

  private init(_ value: Double, significantDigits: Int) {
    if value.isNaN {
      self = .nan
      return
    }
    if value.isInfinite {
      self = value < 0 ? .negativeInfinity : .infinity
      return
    }
    let text = FloatText.general(value, significantDigits: significantDigits)
    self = (try? Numeric.parse(text)) ?? .zero
  }

  /// Rounded to the nearest integer, half away from zero; nil for NaN, infinities and values
  /// beyond 64 bits.
  public var roundedInt64: Int64? {
    guard isFinite else { return nil }
    let value = decimal.rounded(to: 0)
    guard value.weight <= 4 else { return nil }
    var result: Int64 = 0
    var power = value.digits.isEmpty ? -1 : value.weight
    while power >= 0 {
      let (product, overflow) = result.multipliedReportingOverflow(by: 10_000)
      let (sum, again) = product.subtractingReportingOverflow(Int64(value.digit(at: power)))
      if overflow || again { return nil }
      result = sum
      power -= 1
    }
    if value.isNegative { return result }
    return result == .min ? nil : -result
  }

  /// The cast to int2, int4 or int8: 22003 out of range, 0A000 for NaN and infinities.
  public func toInteger(_ type: SQLType) throws(SQLError) -> Int64 {
    let name = formatType(type.withoutModifier)
    guard isFinite else {
      throw SQLError(
        .featureNotSupported, "cannot convert \(isNaN ? "NaN" : "infinity") to \(name)")
    }
    guard let value = roundedInt64, IntegerText.range(of: type).contains(value) else {
      throw SQLError(.numericValueOutOfRange, "\(name) out of range")
    }
    return value
  }

  /// The nearest double; too large values give infinities, too small ones zero.
  public var double: Double {
    switch kind {
    case .nan: return .nan
    case .positiveInfinity: return .infinity
    case .negativeInfinity: return -.infinity
    case .positive, .negative: break
    }
    if words.count <= 6 && weight == words.count - 4 {
      var exact: Int64 = 0
      for digit in digits { exact = exact * 10_000 + Int64(digit) }
      return Double(isNegative ? -exact : exact)
    }
    // Mantissa digits and an exponent, so that strtod rounds once and a huge scale costs nothing.
    var text = isNegative ? "-0." : "0."
    for digit in digits.prefix(220) {
      let four = String(digit)
      text += String(repeating: "0", count: 4 - four.count) + four
    }
    text += "e\((weight + 1) * Decimal.width)"
    return strtod(text, nil)
  }

  /// The cast to float8: 22003 when the value is beyond it.
  public func toDouble() throws(SQLError) -> Double {
    let value = double
    if isFinite && (value.isInfinite || (value == 0 && !isZero)) {
      throw SQLError(
        .numericValueOutOfRange, "\"\(description)\" is out of range for type double precision")
    }
    return value
  }

  /// Parses PostgreSQL's text form: 22P02 for what is no number, 22003 beyond the format.
  public static func parse(_ text: String) throws(SQLError) -> Numeric {
    try parse(Array(text.utf8))
  }

  public static func parse(_ bytes: [UInt8]) throws(SQLError) -> Numeric {
    try bytes.withUnsafeBufferPointer { buffer throws(SQLError) in try parse(buffer) }
  }

  public static func parse(_ bytes: UnsafeBufferPointer<UInt8>) throws(SQLError) -> Numeric {
    func syntaxError() -> SQLError {
      .invalidSyntax("numeric", bytes)
    }
    var position = 0
    var end = bytes.count
    while position < end && ASCII.isSpace(bytes[position]) { position += 1 }
    while end > position && ASCII.isSpace(bytes[end - 1]) { end -= 1 }
    guard position < end else { throw syntaxError() }
    var isNegative = false
    if bytes[position] == ASCII.minus || bytes[position] == ASCII.plus {
      isNegative = bytes[position] == ASCII.minus
      position += 1
    }
    guard position < end else { throw syntaxError() }
    if ASCII.isLetter(bytes[position]) {
      switch ASCII.lowercased(bytes[position..<end]) {
      case "nan":
        if position > 0 && (bytes[position - 1] == ASCII.minus || bytes[position - 1] == ASCII.plus)
        {
          throw syntaxError()
        }
        return .nan
      case "infinity", "inf": return isNegative ? .negativeInfinity : .infinity
      default: throw syntaxError()
      }
    }
    var decimals: [UInt8] = []
    decimals.reserveCapacity(end - position)
    var integerDigits = 0
    var sawPoint = false
    while position < end {
      let byte = bytes[position]
      if ASCII.isDigit(byte) {
        decimals.append(byte - 48)
        if !sawPoint { integerDigits += 1 }
      } else if byte == UInt8(ascii: "."), !sawPoint {
        sawPoint = true
      } else {
        break
      }
      position += 1
    }
    guard !decimals.isEmpty else { throw syntaxError() }
    var exponent = 0
    if position < end && (bytes[position] | 0x20) == UInt8(ascii: "e") {
      position += 1
      var isBelow = false
      if position < end && (bytes[position] == ASCII.minus || bytes[position] == ASCII.plus) {
        isBelow = bytes[position] == ASCII.minus
        position += 1
      }
      guard position < end, ASCII.isDigit(bytes[position]) else { throw syntaxError() }
      while position < end, ASCII.isDigit(bytes[position]) {
        exponent = min(exponent * 10 + Int(bytes[position] - 48), 1 << 31)
        position += 1
      }
      if isBelow { exponent = -exponent }
      if position == end && exponent.magnitude >= 1 << 30 { throw overflow }
    }
    guard position == end else { throw syntaxError() }

    var value = Decimal()
    value.isNegative = isNegative
    value.scale = max(0, decimals.count - integerDigits - exponent)
    // The first decimal has power of ten `lead`; digits start where a base 10,000 digit does.
    let lead = integerDigits + exponent - 1
    value.weight = lead >= 0 ? lead / 4 : -((-lead + 3) / 4)
    let padding = 3 - (lead - value.weight * 4)
    var digit = 0
    var filled = padding
    value.digits.reserveCapacity(decimals.count / 4 + 2)
    for decimal in decimals {
      digit = digit * 10 + Int(decimal)
      filled += 1
      if filled == 4 {
        value.digits.append(UInt16(digit))
        (digit, filled) = (0, 0)
      }
    }
    if filled > 0 {
      for _ in filled..<4 { digit *= 10 }
      value.digits.append(UInt16(digit))
    }
    return try Numeric(value)
  }
}
