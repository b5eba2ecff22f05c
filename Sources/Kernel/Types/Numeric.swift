/// PostgreSQL's numeric: a decimal of any precision, or NaN or an infinity, with the number of
/// digits it shows after the point. Two are equal when their values are: 1.0 == 1.00. NaN equals
/// itself and is above everything, as in PostgreSQL's indexes.
///
/// One array, so that a `Value` stays 16 bytes: word 0 the class, 1 the weight (signed), 2 the
/// display scale, then the base 10,000 digits without leading or trailing zeros.
public struct Numeric: Sendable {
  let words: [UInt16]

  enum Class: UInt16 {
    case positive = 0
    case negative = 0x4000
    case nan = 0xC000
    case positiveInfinity = 0xD000
    case negativeInfinity = 0xF000
  }

  static let weightMax = Int(Int16.max)
  static let weightMin = Int(Int16.min)
  /// The largest display scale a stored value can have.
  public static let storedScaleMax = 16_383
  /// The largest scale of computed results and of `numeric(p, s)`.
  public static let displayScaleMax = 1_000
  /// Division and the like show at least this many significant digits.
  static let significantDigitsMin = 16

  private init(special: Class) { words = [special.rawValue, 0, 0] }
  init(words: [UInt16]) { self.words = words }

  public static let nan = Numeric(special: .nan)
  public static let infinity = Numeric(special: .positiveInfinity)
  public static let negativeInfinity = Numeric(special: .negativeInfinity)
  public static let zero = Numeric(Int64(0))
  public static let one = Numeric(Int64(1))

  public init(_ value: Int64) { self.init(unchecked: Decimal(value)) }
  public init(_ value: Int) { self.init(Int64(value)) }

  /// `value` has been checked or cannot be out of range.
  init(unchecked value: Decimal) {
    var stripped = value
    stripped.strip()
    var words: [UInt16] = []
    words.reserveCapacity(3 + stripped.digits.count)
    words.append(stripped.isNegative ? Class.negative.rawValue : Class.positive.rawValue)
    words.append(UInt16(bitPattern: Int16(truncatingIfNeeded: stripped.weight)))
    words.append(UInt16(stripped.scale))
    words.append(contentsOf: stripped.digits)
    self.words = words
  }

  /// 22003 when the weight or the scale is beyond what PostgreSQL stores.
  init(_ value: Decimal) throws(SQLError) {
    var stripped = value
    stripped.strip()
    guard stripped.weight <= Self.weightMax, stripped.weight >= Self.weightMin,
      stripped.scale <= Self.storedScaleMax
    else { throw Self.overflow }
    self.init(unchecked: stripped)
  }

  static var overflow: SQLError {
    SQLError(.numericValueOutOfRange, "value overflows numeric format")
  }

  var kind: Class { Class(rawValue: words[0]) ?? .nan }
  public var isNaN: Bool { words[0] == Class.nan.rawValue }
  public var isInfinite: Bool { isFinite ? false : !isNaN }
  public var isFinite: Bool {
    words[0] == Class.positive.rawValue || words[0] == Class.negative.rawValue
  }
  public var isZero: Bool { isFinite && words.count == 3 }
  public var isNegative: Bool {
    words[0] == Class.negative.rawValue || words[0] == Class.negativeInfinity.rawValue
  }
  /// Digits shown after the point.
  public var scale: Int { Int(words[2]) }
  /// The power of 10,000 of the first digit.
  public var weight: Int { Int(Int16(bitPattern: words[1])) }
  /// Base 10,000 digits, most significant first.
  public var digits: ArraySlice<UInt16> { words[3...] }
  /// True of finite values without a fractional part.
  public var isInteger: Bool { isFinite && words.count - 3 <= max(0, weight + 1) }
  /// −1, 0 or 1; NaN has 0.
  public var signum: Int {
    if isNaN || isZero { return 0 }
    return isNegative ? -1 : 1
  }

  var decimal: Decimal {
    var result = Decimal()
    result.isNegative = words[0] == Class.negative.rawValue
    result.weight = weight
    result.scale = scale
    result.digits = Array(words[3...])
    return result
  }
}

extension Numeric: Hashable, Comparable {
  private var rank: Int {
    switch kind {
    case .negativeInfinity: 0
    case .negative, .positive: 1
    case .positiveInfinity: 2
    case .nan: 3
    }
  }

  /// −1, 0 or 1 by value: −Infinity, numbers, Infinity, NaN.
  public static func compare(_ a: Numeric, _ b: Numeric) -> Int {
    let (rankA, rankB) = (a.rank, b.rank)
    if rankA != rankB { return rankA < rankB ? -1 : 1 }
    if rankA != 1 { return 0 }
    if a.words[0] != b.words[0] { return a.isNegative ? -1 : 1 }
    let direction = a.isNegative ? -1 : 1
    if a.words.count == 3 || b.words.count == 3 {
      if a.words.count == b.words.count { return 0 }
      return a.words.count == 3 ? -direction : direction
    }
    if a.weight != b.weight { return a.weight < b.weight ? -direction : direction }
    for index in 3..<min(a.words.count, b.words.count) where a.words[index] != b.words[index] {
      return a.words[index] < b.words[index] ? -direction : direction
    }
    if a.words.count == b.words.count { return 0 }
    return a.words.count < b.words.count ? -direction : direction
  }

  public static func == (a: Numeric, b: Numeric) -> Bool { compare(a, b) == 0 }
  public static func < (a: Numeric, b: Numeric) -> Bool { compare(a, b) < 0 }
  public func hash(into hasher: inout Hasher) {
    hasher.combine(words[0])
    hasher.combine(words[1])
    for digit in words[3...] { hasher.combine(digit) }
  }
}

extension Numeric: CustomStringConvertible {
  public var description: String {
    var bytes: [UInt8] = []
    write(into: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Appends PostgreSQL's text form, with `scale` digits after the point.
  public func write(into output: inout [UInt8]) {
    switch kind {
    case .nan: return output.append(contentsOf: "NaN".utf8)
    case .positiveInfinity: return output.append(contentsOf: "Infinity".utf8)
    case .negativeInfinity: return output.append(contentsOf: "-Infinity".utf8)
    case .negative: output.append(UInt8(ascii: "-"))
    case .positive: break
    }
    func digit(at power: Int) -> Int {
      let index = 3 + weight - power
      return index >= 3 && index < words.count ? Int(words[index]) : 0
    }
    if weight < 0 || words.count == 3 {
      output.append(UInt8(ascii: "0"))
    } else {
      var power = weight
      output.append(contentsOf: String(digit(at: power)).utf8)
      while power > 0 {
        power -= 1
        Self.appendFour(digit(at: power), into: &output)
      }
    }
    guard scale > 0 else { return }
    output.append(UInt8(ascii: "."))
    let end = output.count + scale
    var power = -1
    while output.count < end {
      Self.appendFour(digit(at: power), into: &output)
      power -= 1
    }
    output.removeLast(output.count - end)
  }

  private static func appendFour(_ value: Int, into output: inout [UInt8]) {
    output.append(UInt8(48 + value / 1_000))
    output.append(UInt8(48 + value / 100 % 10))
    output.append(UInt8(48 + value / 10 % 10))
    output.append(UInt8(48 + value % 10))
  }
}
