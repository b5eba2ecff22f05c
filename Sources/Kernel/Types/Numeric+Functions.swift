#if canImport(Glibc)
  import Glibc
#endif

/// Roots, exponentials and logarithms, with PostgreSQL's choice of result scales.
extension Numeric {
  private static func invalid(_ state: SQLState, _ message: String) -> SQLError {
    SQLError(state, message)
  }

  /// 2201F below zero.
  public func squareRoot() throws(SQLError) -> Numeric {
    if isNaN { return self }
    if isNegative {
      throw Self.invalid(
        .invalidArgumentForPowerFunction, "cannot take square root of a negative number")
    }
    if isInfinite { return self }
    let value = decimal
    let integerDigits = value.weight * Decimal.width / 2 + 1
    let scale = min(
      max(Self.significantDigitsMin - integerDigits, value.scale, 0), Self.displayScaleMax)
    return try Numeric(Self.squareRoot(value, scale: scale))
  }

  /// Newton's iteration from a double's estimate, with spare digits.
  static func squareRoot(_ value: Decimal, scale: Int) -> Decimal {
    if value.digits.isEmpty {
      var zero = Decimal()
      zero.scale = scale
      return zero
    }
    // value = head × 10000^(2 × shift), head between 1 and 10^8.
    let shift = value.weight >= 0 ? value.weight / 2 : -((1 - value.weight) / 2)
    var head = value
    head.weight -= 2 * shift
    var estimate = 0.0
    for power in stride(from: 1, through: -3, by: -1) {
      estimate = estimate * 10_000 + Double(head.digit(at: power))
    }
    estimate = (estimate / 1e12).squareRoot()
    let places = max(scale + shift * Decimal.width, 0) + 8
    var root = Numeric(estimate).decimal
    if root.digits.isEmpty { root = Decimal(1) }
    let half = Decimal.divide(Decimal(1), Decimal(2), scale: 1, rounding: false)
    var precision = 12
    repeat {
      precision = min(precision * 2, places)
      let quotient = Decimal.divide(head, root, scale: places, rounding: false)
      root = Decimal.multiply(Decimal.add(root, quotient), half).truncated(to: places)
    } while precision < places
    let quotient = Decimal.divide(head, root, scale: places, rounding: false)
    root = Decimal.multiply(Decimal.add(root, quotient), half).truncated(to: places)
    root.weight += shift
    root.round(to: scale)
    return root
  }

  /// 22003 when the result is beyond the format.
  public func exponential() throws(SQLError) -> Numeric {
    if isNaN { return self }
    if isInfinite { return isNegative ? .zero : self }
    let value = decimal
    let logarithm = min(max(double * 0.434294481903252, -2_000), 2_000)
    let scale = min(
      max(Self.significantDigitsMin - Int(logarithm), value.scale, 0), Self.displayScaleMax)
    return try Numeric(try Self.exponential(value, scale: scale))
  }

  /// e^value to `scale` places, by Taylor's series of a value halved until it is small.
  static func exponential(_ value: Decimal, scale: Int) throws(SQLError) -> Decimal {
    let approximate = Numeric(unchecked: value).double
    if approximate > 6_000 * 2 { throw overflow }
    if approximate < -6_000 * 2 {
      var zero = Decimal()
      zero.scale = scale
      return zero
    }
    var halvings = 0
    var magnitude = abs(approximate)
    while magnitude > 0.01 {
      magnitude /= 2
      halvings += 1
    }
    // Every squaring may double the relative error; the result has `lead` digits before the point.
    let lead = Int(approximate * 0.434294481903252)
    let places = scale + max(0, lead) + halvings + 12
    var divisor = Decimal(1)
    for _ in 0..<halvings { divisor = Decimal.add(divisor, divisor) }
    let small = Decimal.divide(value, divisor, scale: places, rounding: true)
    var sum = Decimal(1)
    var term = Decimal(1)
    var count: Int64 = 0
    repeat {
      count += 1
      term = Decimal.divide(
        Decimal.multiply(term, small, scale: places + 4), Decimal(count), scale: places + 4,
        rounding: true)
      sum = Decimal.add(sum, term)
    } while !term.digits.isEmpty
    for _ in 0..<halvings { sum = Decimal.multiply(sum, sum, scale: places) }
    return sum.rounded(to: scale)
  }

  /// 2201E at or below zero.
  public func naturalLogarithm() throws(SQLError) -> Numeric {
    if isNaN { return self }
    try Self.checkLogarithm(self)
    if isInfinite { return self }
    let value = decimal
    let scale = min(
      max(Self.significantDigitsMin - Self.logarithmWeight(value), value.scale, 0),
      Self.displayScaleMax)
    return try Numeric(Self.naturalLogarithm(value, scale: scale))
  }

  private static func checkLogarithm(_ value: Numeric) throws(SQLError) {
    if value.isZero {
      throw invalid(.invalidArgumentForLogarithm, "cannot take logarithm of zero")
    }
    if value.isNegative {
      throw invalid(.invalidArgumentForLogarithm, "cannot take logarithm of a negative number")
    }
  }

  /// About log10(|ln(value)|), which says how many digits ln(value) has before the point.
  static func logarithmWeight(_ value: Decimal) -> Int {
    let approximate = Numeric(unchecked: value).double
    if approximate >= 0.9 && approximate <= 1.1 {
      let distance = Decimal.subtract(value, Decimal(1))
      guard let first = distance.digits.first else { return 0 }
      return distance.weight * Decimal.width + Int(log10(Double(first)))
    }
    guard let first = value.digits.first else { return 0 }
    var digits = Double(first)
    var weight = value.weight * Decimal.width
    if value.digits.count > 1 {
      digits = digits * 10_000 + Double(value.digits[1])
      weight -= Decimal.width
    }
    let logarithm = log(digits) + Double(weight) * 2.302585092994046
    return logarithm == 0 ? 0 : Int(log10(abs(logarithm)))
  }

  /// ln(value), value > 0: square roots bring it near 1, then the series of
  /// ln((1 + z) / (1 − z)) = 2 (z + z³/3 + z⁵/5 + …).
  static func naturalLogarithm(_ value: Decimal, scale: Int) -> Decimal {
    var places = scale + 16
    var x = value
    var doublings = 0
    // 10000^weight is taken out first: ln(value) = ln(head) + weight × ln(10000).
    let shift = abs(value.weight) > 1 ? value.weight : 0
    x.weight -= shift
    places += String(abs(shift)).count
    let (low, high) = (Numeric.parseConstant("0.9"), Numeric.parseConstant("1.1"))
    while Decimal.compare(x, low) <= 0 || Decimal.compare(x, high) >= 0 {
      x = squareRoot(x, scale: places + 8)
      doublings += 1
    }
    let one = Decimal(1)
    let z = Decimal.divide(
      Decimal.subtract(x, one), Decimal.add(x, one), scale: places + 8, rounding: true)
    let square = Decimal.multiply(z, z, scale: places + 8)
    var sum = z
    var power = z
    var count: Int64 = 1
    while !power.digits.isEmpty {
      power = Decimal.multiply(power, square, scale: places + 8)
      count += 2
      let term = Decimal.divide(power, Decimal(count), scale: places + 8, rounding: true)
      if term.digits.isEmpty { break }
      sum = Decimal.add(sum, term)
    }
    for _ in 0...doublings { sum = Decimal.add(sum, sum) }
    if shift != 0 {
      let unit = naturalLogarithm(Decimal(10_000), scale: places + 8)
      sum = Decimal.add(sum, Decimal.multiply(unit, Decimal(Int64(shift))))
    }
    return sum.rounded(to: scale)
  }

  private static func parseConstant(_ text: String) -> Decimal {
    ((try? Numeric.parse(text)) ?? .one).decimal
  }

  /// log to `base`; PostgreSQL's log(b, x).
  public func logarithm(base: Numeric) throws(SQLError) -> Numeric {
    if isNaN || base.isNaN { return .nan }
    try Self.checkLogarithm(base)
    try Self.checkLogarithm(self)
    if isInfinite { return base.isInfinite ? .nan : .infinity }
    if base.isInfinite { return .zero }
    let (x, b) = (decimal, base.decimal)
    let (weightBase, weightX) = (Self.logarithmWeight(b), Self.logarithmWeight(x))
    let weight = weightX - weightBase
    let scale = min(
      max(Self.significantDigitsMin - weight, b.scale, x.scale, 0), Self.displayScaleMax)
    let places = max(0, scale + weight - min(weightBase, 0) + 16)
    let divisor = Self.naturalLogarithm(b, scale: places + 8)
    if divisor.digits.isEmpty { throw Self.divisionByZero }
    let dividend = Self.naturalLogarithm(x, scale: places + 8)
    return try Numeric(Decimal.divide(dividend, divisor, scale: scale, rounding: true))
  }

  /// 2201F for 0 to a negative power and negative values to a broken one; 22003 out of range.
  public func power(_ exponent: Numeric) throws(SQLError) -> Numeric {
    if isFinite && exponent.isFinite { return try finitePower(exponent) }
    if isNaN { return exponent.isZero ? .one : .nan }
    if exponent.isNaN { return self == .one ? .one : .nan }
    if self == .one || exponent.isZero { return .one }
    if isZero {
      if exponent.isNegative { throw Self.zeroToNegative }
      return .zero
    }
    if exponent.isInfinite {
      if magnitude == .one { return .one }
      return (Numeric.compare(magnitude, .one) > 0) == exponent.isNegative ? .zero : .infinity
    }
    // ±Infinity to a finite power.
    if !isNegative { return exponent.isNegative ? .zero : .infinity }
    guard exponent.isInteger else { throw Self.complexResult }
    if exponent.isNegative { return .zero }
    return exponent.isOdd ? .negativeInfinity : .infinity
  }

  private static var zeroToNegative: SQLError {
    invalid(.invalidArgumentForPowerFunction, "zero raised to a negative power is undefined")
  }
  private static var complexResult: SQLError {
    invalid(
      .invalidArgumentForPowerFunction,
      "a negative number raised to a non-integer power yields a complex result")
  }

  private var isOdd: Bool { isInteger && decimal.digit(at: 0) % 2 == 1 }

  private func finitePower(_ exponent: Numeric) throws(SQLError) -> Numeric {
    if isZero && exponent.isNegative { throw Self.zeroToNegative }
    if isNegative && !exponent.isInteger { throw Self.complexResult }
    let base = decimal
    if exponent.isInteger, let whole = exponent.roundedInt64, Int32(exactly: whole) != nil {
      return try Self.integerPower(base, Int(whole))
    }
    if isZero { return Numeric(unchecked: Decimal(0, scale: Self.significantDigitsMin)) }
    var positive = base
    positive.isNegative = false
    let weight = Self.logarithmWeight(positive)
    let estimate = log(magnitude.double) * exponent.double
    if abs(estimate) > 2_000 * 3.01 {
      if estimate > 0 { throw Self.overflow }
      return Numeric(unchecked: Decimal(0, scale: Self.displayScaleMax))
    }
    let digits = Int(estimate * 0.434294481903252)
    let scale = min(
      max(Self.significantDigitsMin - digits, base.scale, exponent.scale, 0), Self.displayScaleMax)
    let exponentDigits = max(0, (exponent.weight + 1) * Decimal.width)
    let places = max(0, max(scale + digits, 0) - weight + 12 + exponentDigits)
    let logarithm = Self.naturalLogarithm(positive, scale: places)
    let product = Decimal.multiply(logarithm, exponent.decimal, scale: places)
    var result = try Self.exponential(product, scale: scale)
    if isNegative && exponent.isOdd { result = result.negated() }
    return try Numeric(result)
  }

  /// By repeated squaring with as many significant digits as the result shows.
  private static func integerPower(_ base: Decimal, _ exponent: Int) throws(SQLError) -> Numeric {
    let scale = min(max(significantDigitsMin, base.scale, 0), displayScaleMax)
    if exponent == 0 { return Numeric(unchecked: Decimal(1, scale: scale)) }
    if base.digits.isEmpty { return Numeric(unchecked: Decimal(0, scale: scale)) }
    let logarithm = Double(exponent) * logarithm10(base)
    if logarithm > Double(weightMax + 1) * 4 { throw overflow }
    if logarithm + Double(scale) < 0 { return Numeric(unchecked: Decimal(0, scale: scale)) }
    let significant = Int(abs(logarithm)) + scale + 24 + Int(log2(abs(Double(exponent))) + 1)
    func limited(_ value: Decimal) -> Decimal {
      let spare = significant - (value.weight + 1) * Decimal.width
      return value.scale > spare ? value.rounded(to: max(spare, -value.weight * 4)) : value
    }
    var result = Decimal(1)
    var factor = base
    var rest = exponent.magnitude
    while true {
      if rest & 1 == 1 { result = limited(Decimal.multiply(result, factor)) }
      rest >>= 1
      if rest == 0 { break }
      factor = limited(Decimal.multiply(factor, factor))
      if result.weight > weightMax * 2 || factor.weight.magnitude > weightMax * 2 { break }
    }
    if rest > 0 {
      // The remaining squarings leave the format on one side or the other.
      if (factor.weight > 0) == (exponent > 0) { throw overflow }
      return Numeric(unchecked: Decimal(0, scale: scale))
    }
    if exponent < 0 {
      if result.digits.isEmpty { throw overflow }
      return try Numeric(Decimal.divide(Decimal(1), result, scale: scale, rounding: true))
    }
    return try Numeric(result.rounded(to: scale))
  }

  private static func logarithm10(_ value: Decimal) -> Double {
    var head = 0.0
    for digit in value.digits.prefix(5) { head = head * 10_000 + Double(digit) }
    return log10(head) + Double((value.weight - min(5, value.digits.count) + 1) * Decimal.width)
  }
}
