import Types

/// Numbers and times of Avro as JSON has them.
enum AvroNumber {
  static func json(_ text: String) throws(SQLError) -> JSONValue {
    try JSONText.parse(Array(text.utf8))
  }

  /// What is no number is a string, which floats of SQL read.
  static func json(_ value: some BinaryFloatingPoint & CustomStringConvertible) throws(SQLError)
    -> JSONValue
  {
    if value.isNaN { return .string("NaN") }
    if value.isInfinite { return .string(value < 0 ? "-Infinity" : "Infinity") }
    return try json(value.description)
  }

  /// A number in two's complement, the first byte first, with the point `scale` digits from the right.
  static func decimal(_ bytes: ArraySlice<UInt8>, scale: Int) throws(SQLError) -> String {
    guard bytes.count <= 512 else {
      throw SQLError(.numericValueOutOfRange, "a decimal of \(bytes.count) bytes")
    }
    let isNegative = (bytes.first ?? 0) & 0x80 != 0
    var magnitude = Array(bytes)
    if isNegative {
      var carry = true
      for place in magnitude.indices.reversed() {
        magnitude[place] = ~magnitude[place]
        if carry { (magnitude[place], carry) = magnitude[place].addingReportingOverflow(1) }
      }
    }
    var digits: [UInt8] = []
    while magnitude.contains(where: { $0 != 0 }) {
      var rest = 0
      for place in magnitude.indices {
        let part = rest << 8 | Int(magnitude[place])
        magnitude[place] = UInt8(part / 10)
        rest = part % 10
      }
      digits.append(UInt8(ascii: "0") + UInt8(rest))
    }
    while digits.count <= scale { digits.append(UInt8(ascii: "0")) }
    var text = String(decoding: digits.reversed(), as: UTF8.self)
    if scale > 0 { text.insert(".", at: text.index(text.endIndex, offsetBy: -scale)) }
    return isNegative ? "-" + text : text
  }

  static func time(_ logical: AvroSchema.Logical, _ value: Int64) throws(SQLError) -> String {
    switch logical {
    case .date: return try text(value, less: AvroTime.epochDays, as: .date)
    case .timeMillis: return try text(try scaled(value, 1_000), less: 0, as: .time)
    case .timeMicros: return try text(value, less: 0, as: .time)
    case .timestamp(let perSecond, let isLocal):
      let microseconds =
        perSecond > 1_000_000
        ? value / (perSecond / 1_000_000) : try scaled(value, 1_000_000 / perSecond)
      return try text(
        microseconds, less: AvroTime.epochMicroseconds, as: isLocal ? .timestamp : .timestamptz)
    case .decimal: throw outOfRange
    }
  }

  private static var outOfRange: SQLError {
    SQLError(.datetimeFieldOverflow, "a time is out of range")
  }

  private static func scaled(_ value: Int64, _ factor: Int64) throws(SQLError) -> Int64 {
    let (product, isBeyond) = value.multipliedReportingOverflow(by: factor)
    if isBeyond { throw outOfRange }
    return product
  }

  /// A year on either side of what SQL's times reach would be read as something else.
  private static func text(_ value: Int64, less epoch: Int64, as type: SQLType) throws(SQLError)
    -> String
  {
    let (moved, isBeyond) = value.subtractingReportingOverflow(epoch)
    let most: Int64 = type.oid == SQLType.date.oid ? 2_000_000 : 200_000_000_000_000_000
    guard !isBeyond, abs(moved) <= most,
      type.oid != SQLType.time.oid || (0...86_400_000_000).contains(moved)
    else { throw outOfRange }
    var bytes: [UInt8] = []
    TypeIO.formatText(.int(moved), as: type, settings: FormatSettings(), into: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// Where SQL's days and times begin (2000-01-01), counted from where Avro's do (1970-01-01).
enum AvroTime {
  static let epochDays: Int64 = 10_957
  static let epochMicroseconds: Int64 = 946_684_800_000_000
  static let microsecondsInDay: Int64 = 86_400_000_000
}

extension AvroNumber {
  /// The number without its point, `scale` digits behind it, in two's complement of as few bytes as it needs. Nil:
  /// it is not finite, or has more digits there. Cost: the square of its digits.
  static func unscaled(_ number: Numeric, scale: Int) -> [UInt8]? {
    guard number.isFinite else { return nil }
    // Of 10,000: as many digits as there are before the point, and those behind it down to the scale's last.
    let behind = (scale + 3) / 4
    guard number.isZero || number.digits.count - 1 - number.weight <= behind else { return nil }
    var magnitude = BigMagnitude()
    if !number.isZero, number.weight + behind >= 0 {
      for place in 0...(number.weight + behind) {
        let index = number.digits.startIndex + place
        magnitude.append(
          digit: index < number.digits.endIndex ? UInt32(number.digits[index]) : 0, base: 10_000)
      }
    }
    for _ in 0..<(behind * 4 - scale) {
      guard magnitude.divide(by: 10) == 0 else { return nil }
    }
    return magnitude.twosComplement(isNegative: number.isNegative)
  }
}

/// A number of any size without a sign: 32 bits a word, the last first.
private struct BigMagnitude {
  private var words: [UInt32] = []

  /// Itself times the base, and the digit.
  mutating func append(digit: UInt32, base: UInt32) {
    var carry = UInt64(digit)
    for place in words.indices {
      carry += UInt64(words[place]) * UInt64(base)
      words[place] = UInt32(truncatingIfNeeded: carry)
      carry >>= 32
    }
    if carry > 0 { words.append(UInt32(carry)) }
  }

  /// What is left over.
  mutating func divide(by divisor: UInt32) -> UInt32 {
    var rest: UInt64 = 0
    for place in words.indices.reversed() {
      let part = rest << 32 | UInt64(words[place])
      words[place] = UInt32(part / UInt64(divisor))
      rest = part % UInt64(divisor)
    }
    return UInt32(rest)
  }

  /// The first byte first; one byte at least.
  func twosComplement(isNegative: Bool) -> [UInt8] {
    var bytes: [UInt8] = [0]
    for word in words.reversed() {
      for shift in [24, 16, 8, 0] as [UInt32] {
        bytes.append(UInt8(truncatingIfNeeded: word >> shift))
      }
    }
    if isNegative {
      var carry: UInt8 = 1
      for place in bytes.indices.reversed() {
        let (sum, isOver) = (~bytes[place]).addingReportingOverflow(carry)
        bytes[place] = sum
        carry = isOver ? 1 : 0
      }
    }
    // A byte that only repeats the sign is not needed.
    let sign: UInt8 = bytes[0] & 0x80 == 0 ? 0 : 0xFF
    let needed = bytes.firstIndex { $0 != sign } ?? bytes.count - 1
    let start = needed > 0 && bytes[needed] & 0x80 != sign & 0x80 ? needed - 1 : needed
    return Array(bytes[start...])
  }
}
