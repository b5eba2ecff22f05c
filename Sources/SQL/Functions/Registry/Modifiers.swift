import Types

/// Type modifiers applied to values that have the type already.
enum Modifiers {
  /// Errors: 22001 for a string that is too long, unless the cast is explicit; 22003 for a number
  /// with too many digits before the point.
  static func fit(_ value: Value, to type: SQLType, isExplicit: Bool) throws(SQLError) -> Value {
    guard type.modifier >= 0 else { return value }
    switch value {
    case .text(let text) where type.oid == SQLType.varchar.oid || type.oid == SQLType.bpchar.oid:
      return .text(try TextEncoding.fit(text, to: type, isExplicitCast: isExplicit))
    case .numeric(let number): return .numeric(try number.fitted(to: type))
    case .int(let time)
    where type.oid == SQLType.timestamp.oid || type.oid == SQLType.timestamptz.oid
      || type.oid == SQLType.time.oid:
      return .int(rounded(time, digits: Int(type.modifier)))
    case .timetz(let time):
      let rounded = rounded(time.microseconds, digits: Int(type.modifier))
      return .timetz(TimeTZValue(microseconds: rounded, secondsWest: time.secondsWest))
    case .interval(let interval):
      return .interval(fit(interval, IntervalFields(modifier: type.modifier)))
    case .array(let array):
      guard let element = type.elementType else { return value }
      var elements: [Value] = []
      elements.reserveCapacity(array.elements.count)
      for item in array.elements {
        elements.append(try fit(item, to: element, isExplicit: isExplicit))
      }
      return .array(
        ArrayValue(
          elementType: array.elementType, dimensions: array.dimensions, elements: elements))
    default: return value
    }
  }

  /// To so many digits of a second, half away from zero; infinities stay.
  static func rounded(_ microseconds: Int64, digits: Int) -> Int64 {
    guard digits < 6, microseconds != .min, microseconds != .max else { return microseconds }
    var unit: Int64 = 1
    for _ in max(0, digits)..<6 { unit *= 10 }
    let half = unit / 2
    let (moved, overflow) = microseconds.addingReportingOverflow(
      microseconds >= 0 ? half : -half)
    return overflow ? microseconds : moved / unit * unit
  }

  private static func fit(_ value: IntervalValue, _ fields: IntervalFields) -> IntervalValue {
    let (year, month, day, hour, minute, second) = (4, 2, 8, 1024, 2048, 4096)
    var (months, days, time) = (value.months, value.days, value.microseconds)
    let mask = fields.mask
    if mask != 0x7FFF && mask & second == 0 {
      if mask & minute != 0 {
        time = time / 60_000_000 * 60_000_000
      } else if mask & hour != 0 {
        time = time / 3_600_000_000 * 3_600_000_000
      } else {
        time = 0
        if mask & day == 0 {
          days = 0
          if mask & month == 0 && mask & year != 0 { months = months / 12 * 12 }
        }
      }
    }
    if let digits = fields.precision { time = rounded(time, digits: digits) }
    return IntervalValue(months: months, days: days, microseconds: time)
  }
}
