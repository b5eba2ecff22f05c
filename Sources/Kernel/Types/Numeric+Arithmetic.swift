extension Numeric {
  static var divisionByZero: SQLError { SQLError(.divisionByZero, "division by zero") }

  public func negated() -> Numeric {
    switch kind {
    case .nan: self
    case .positiveInfinity: .negativeInfinity
    case .negativeInfinity: .infinity
    case .positive, .negative: Numeric(unchecked: decimal.negated())
    }
  }

  public var magnitude: Numeric { isNegative ? negated() : self }

  /// 22003 beyond the format; infinities of opposite sign give NaN.
  public func adding(_ other: Numeric) throws(SQLError) -> Numeric {
    if isFinite && other.isFinite { return try Numeric(Decimal.add(decimal, other.decimal)) }
    if isNaN || other.isNaN { return .nan }
    if isInfinite && other.isInfinite { return isNegative == other.isNegative ? self : .nan }
    return isInfinite ? self : other
  }

  public func subtracting(_ other: Numeric) throws(SQLError) -> Numeric {
    try adding(other.negated())
  }

  /// The scales add up. Infinity times zero is NaN.
  public func multiplied(by other: Numeric) throws(SQLError) -> Numeric {
    if isFinite && other.isFinite {
      var product = Decimal.multiply(decimal, other.decimal)
      if product.scale > Self.storedScaleMax { product.round(to: Self.storedScaleMax) }
      return try Numeric(product)
    }
    if isNaN || other.isNaN || isZero || other.isZero { return .nan }
    return isNegative == other.isNegative ? .infinity : .negativeInfinity
  }

  /// PostgreSQL's choice of a quotient's scale: 16 significant digits at least, and no fewer places
  /// than either operand shows.
  static func quotientScale(_ a: Decimal, _ b: Decimal) -> Int {
    var weight = (a.digits.isEmpty ? 0 : a.weight) - (b.digits.isEmpty ? 0 : b.weight)
    if (a.digits.first ?? 0) <= (b.digits.first ?? 0) { weight -= 1 }
    let scale = max(significantDigitsMin - weight * Decimal.width, a.scale, b.scale, 0)
    return min(scale, displayScaleMax)
  }

  /// 22012 for a zero divisor.
  public func divided(by other: Numeric) throws(SQLError) -> Numeric {
    if isNaN || other.isNaN { return .nan }
    if other.isZero { throw Self.divisionByZero }
    if isInfinite {
      if other.isInfinite { return .nan }
      return isNegative == other.isNegative ? .infinity : .negativeInfinity
    }
    if other.isInfinite { return .zero }
    let (a, b) = (decimal, other.decimal)
    let scale = Self.quotientScale(a, b)
    return try Numeric(Decimal.divide(a, b, scale: scale, rounding: true))
  }

  /// The integral quotient, towards zero, as SQL's div().
  public func dividedTruncating(by other: Numeric) throws(SQLError) -> Numeric {
    guard isFinite, other.isFinite, !other.isZero else { return try divided(by: other) }
    return try Numeric(Decimal.integerQuotient(decimal, other.decimal))
  }

  /// The rest of the division towards zero, with this value's sign.
  public func modulo(_ other: Numeric) throws(SQLError) -> Numeric {
    if isNaN || other.isNaN { return .nan }
    if other.isZero { throw Self.divisionByZero }
    if isInfinite { return .nan }
    if other.isInfinite { return self }
    return try Numeric(Self.remainder(decimal, other.decimal))
  }

  static func remainder(_ a: Decimal, _ b: Decimal) -> Decimal {
    let quotient = Decimal.integerQuotient(a, b)
    var result = Decimal.subtract(a, Decimal.multiply(quotient, b))
    result.scale = max(a.scale, b.scale)
    return result
  }

  /// Half away from zero, to `places` digits after the point (negative: before it).
  public func rounded(to places: Int) -> Numeric {
    guard isFinite else { return self }
    let limited = max(-Self.storedScaleMax * 8, min(places, Self.storedScaleMax))
    return (try? Numeric(decimal.rounded(to: limited))) ?? self
  }

  public func truncated(to places: Int) -> Numeric {
    guard isFinite else { return self }
    let limited = max(-Self.storedScaleMax * 8, min(places, Self.storedScaleMax))
    return Numeric(unchecked: decimal.truncated(to: limited))
  }

  public func floor() throws(SQLError) -> Numeric {
    guard isFinite else { return self }
    let whole = decimal.truncated(to: 0)
    if isNegative && !isInteger { return try Numeric(Decimal.subtract(whole, Decimal(1))) }
    return Numeric(unchecked: whole)
  }

  public func ceiling() throws(SQLError) -> Numeric {
    guard isFinite else { return self }
    let whole = decimal.truncated(to: 0)
    if !isNegative && !isInteger { return try Numeric(Decimal.add(whole, Decimal(1))) }
    return Numeric(unchecked: whole)
  }

  /// The fewest digits after the point that show the value exactly.
  public var minimalScale: Int {
    guard isFinite, !isZero, let last = digits.last else { return 0 }
    var places = (digits.count - 1 - weight) * Decimal.width
    if places <= 0 { return 0 }
    var rest = last
    while rest % 10 == 0 {
      places -= 1
      rest /= 10
    }
    return max(0, places)
  }

  /// The same value with another display scale; digits beyond it are rounded.
  public func withScale(_ scale: Int) -> Numeric { rounded(to: scale) }

  /// Rounds to numeric(precision, scale); 22003 with PostgreSQL's detail when it does not fit.
  public func fitted(to type: SQLType) throws(SQLError) -> Numeric {
    guard let limits = type.numericLimits else { return self }
    if isNaN { return self }
    let (precision, scale) = limits
    func refusal(_ detail: String) -> SQLError {
      SQLError(.numericValueOutOfRange, "numeric field overflow", detail: detail)
    }
    if isInfinite {
      throw refusal(
        "A field with precision \(precision), scale \(scale) cannot hold an infinite value.")
    }
    let value = decimal.rounded(to: scale)
    if let first = value.digits.first {
      let integerDigits = value.weight * Decimal.width + String(first).count
      if integerDigits > precision - scale {
        let limit = precision - scale
        throw refusal(
          "A field with precision \(precision), scale \(scale) must round to an absolute value "
            + "less than \(limit == 0 ? "" : "10^")\(limit == 0 ? 1 : limit).")
      }
    }
    return try Numeric(value)
  }
}
