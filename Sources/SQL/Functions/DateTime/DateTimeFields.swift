import Types

/// Fields of dates, times and intervals: extract, date_part, date_trunc.
enum DateTimeFields {
  enum Source {
    /// Local microseconds; `secondsEast` for a timestamptz; `moment` in UTC.
    case timestamp(Int64, secondsEast: Int?, moment: Int64)
    case time(Int64, secondsEast: Int?)
    case interval(IntervalValue)
    case date(Int)
  }

  static func normalized(_ unit: String) -> String {
    switch unit.lowercased() {
    case "years", "y", "yr", "yrs": "year"
    case "months", "mon", "mons": "month"
    case "days", "d": "day"
    case "hours", "h", "hr", "hrs": "hour"
    case "minutes", "m", "min", "mins": "minute"
    case "seconds", "s", "sec", "secs": "second"
    case "weeks", "w": "week"
    case "quarters", "qtr": "quarter"
    case "decades", "dec", "decs": "decade"
    case "centuries", "c", "cent": "century"
    case "millennia", "mil", "mils": "millennium"
    case "millisecond", "ms", "msec", "msecs": "milliseconds"
    case "microsecond", "us", "usec", "usecs": "microseconds"
    case let other: other
    }
  }

  private static func fraction(_ value: Int128, places: Int) -> Numeric {
    let isNegative = value < 0
    var digits = String(value.magnitude)
    if digits.count <= places {
      digits = String(repeating: "0", count: places + 1 - digits.count) + digits
    }
    let text = "\(isNegative ? "-" : "")\(digits.dropLast(places)).\(digits.suffix(places))"
    return (try? Numeric.parse(text)) ?? .zero
  }

  /// 22023 for a unit that is unknown, 0A000 for one that the type lacks.
  static func extract(_ unit: String, _ source: Source, typeName: String) throws(SQLError)
    -> Numeric
  {
    let unit = normalized(unit)
    switch source {
    case .timestamp(let local, let east, let moment):
      let (days, time) = Calendar.split(local)
      if unit == "epoch" {
        return fraction(
          Int128(moment) + Int128(Calendar.epochOffsetSeconds) * 1_000_000, places: 6)
      }
      if let value = clock(unit, time) { return value }
      if unit == "julian" {
        let value = try Numeric(time).divided(by: Numeric(IntervalMath.day))
        return try Numeric(days + 2_451_545).adding(value)
      }
      if let east, let value = zone(unit, east) { return value }
      if let value = date(unit, days) { return value }
    case .date(let days):
      if unit == "epoch" {
        return Numeric(Int64(days) * 86_400 + Calendar.epochOffsetSeconds)
      }
      if unit == "julian" { return Numeric(days + 2_451_545) }
      if let value = date(unit, days) { return value }
    case .time(let time, let east):
      if unit == "epoch" {
        return fraction(Int128(time) - Int128(east ?? 0) * 1_000_000, places: 6)
      }
      if let value = clock(unit, time) { return value }
      if let east, let value = zone(unit, east) { return value }
    case .interval(let span):
      if let value = interval(unit, span) { return value }
    }
    let known = [
      "epoch", "julian", "timezone", "timezone_hour", "timezone_minute", "hour", "minute", "second",
      "milliseconds", "microseconds", "year", "month", "day", "week", "quarter", "decade",
      "century", "millennium", "dow", "isodow", "doy", "isoyear",
    ]
    if known.contains(unit) {
      throw SQLError(
        .featureNotSupported, "unit \"\(unit)\" not supported for type \(typeName)")
    }
    throw Fault.invalid("unit \"\(unit)\" not recognized for type \(typeName)")
  }

  private static func clock(_ unit: String, _ time: Int64) -> Numeric? {
    let inMinute = time % 60_000_000
    return switch unit {
    case "hour": Numeric(time / 3_600_000_000)
    case "minute": Numeric(time / 60_000_000 % 60)
    case "second": fraction(Int128(inMinute), places: 6)
    case "milliseconds": fraction(Int128(inMinute), places: 3)
    case "microseconds": Numeric(inMinute)
    default: nil
    }
  }

  private static func zone(_ unit: String, _ east: Int) -> Numeric? {
    switch unit {
    case "timezone": Numeric(east)
    case "timezone_hour": Numeric(east / 3_600)
    case "timezone_minute": Numeric(east / 60 % 60)
    default: nil
    }
  }

  private static func date(_ unit: String, _ days: Int) -> Numeric? {
    let (year, month, day) = Calendar.date(days: days)
    // Years before 1 are shown as −1, −2, …
    let shown = year > 0 ? year : year - 1
    switch unit {
    case "year": return Numeric(shown)
    case "month": return Numeric(month)
    case "day": return Numeric(day)
    case "quarter": return Numeric((month - 1) / 3 + 1)
    case "decade": return Numeric(year >= 0 ? year / 10 : -((8 - (year - 1)) / 10))
    case "century": return Numeric(year > 0 ? (year + 99) / 100 : -((99 - (year - 1)) / 100))
    case "millennium":
      return Numeric(year > 0 ? (year + 999) / 1000 : -((999 - (year - 1)) / 1000))
    case "dow": return Numeric(weekday(days))
    case "isodow": return Numeric(weekday(days) == 0 ? 7 : weekday(days))
    case "doy": return Numeric(days - Calendar.days(year: year, month: 1, day: 1) + 1)
    case "week": return Numeric(isoWeek(days).week)
    case "isoyear":
      let isoYear = isoWeek(days).year
      return Numeric(isoYear > 0 ? isoYear : isoYear - 1)
    default: return nil
    }
  }

  /// 0 is Sunday; 2000-01-01 was a Saturday.
  static func weekday(_ days: Int) -> Int { ((days + 6) % 7 + 7) % 7 }

  static func isoWeek(_ days: Int) -> (year: Int, week: Int) {
    let monday = (weekday(days) + 6) % 7
    let thursday = days - monday + 3
    let year = Calendar.date(days: thursday).year
    return (year, (thursday - Calendar.days(year: year, month: 1, day: 1)) / 7 + 1)
  }

  private static func interval(_ unit: String, _ span: IntervalValue) -> Numeric? {
    let months = Int(span.months)
    let years = months / 12
    switch unit {
    case "epoch":
      // A year counts 365.25 days, a month 30.
      let days = Int128(years) * 36_525 + Int128(months % 12) * 3_000 + Int128(span.days) * 100
      return fraction(days * 864_000_000 + Int128(span.microseconds), places: 6)
    case "year": return Numeric(years)
    case "month": return Numeric(months % 12)
    case "quarter": return Numeric(months % 12 / 3 + 1)
    case "day": return Numeric(Int(span.days))
    case "decade": return Numeric(years / 10)
    case "century": return Numeric(years / 100)
    case "millennium": return Numeric(years / 1000)
    case "hour": return Numeric(span.microseconds / 3_600_000_000)
    case "minute": return Numeric(span.microseconds / 60_000_000 % 60)
    case "second", "milliseconds", "microseconds":
      return clock(unit, span.microseconds % 60_000_000)
    default: return nil
    }
  }

  /// date_trunc of a local timestamp.
  static func truncate(_ unit: String, _ local: Int64, typeName: String) throws(SQLError) -> Int64 {
    if IntervalMath.isInfinite(local) { return local }
    let unit = normalized(unit)
    let (days, time) = Calendar.split(local)
    let step: Int64? =
      switch unit {
      case "microseconds": 1
      case "milliseconds": 1_000
      case "second": 1_000_000
      case "minute": 60_000_000
      case "hour": 3_600_000_000
      case "day": IntervalMath.day
      default: nil
      }
    if let step { return local - time % step }
    let (year, month, _) = Calendar.date(days: days)
    let first: Int
    switch unit {
    case "week": first = days - (weekday(days) + 6) % 7
    case "month": first = Calendar.days(year: year, month: month, day: 1)
    case "quarter": first = Calendar.days(year: year, month: (month - 1) / 3 * 3 + 1, day: 1)
    case "year": first = Calendar.days(year: year, month: 1, day: 1)
    case "decade":
      let start = year >= 0 ? year / 10 * 10 : -((9 - year) / 10) * 10
      first = Calendar.days(year: start, month: 1, day: 1)
    case "century":
      let start = year > 0 ? (year + 99) / 100 * 100 - 99 : -((99 - (year - 1)) / 100) * 100 + 1
      first = Calendar.days(year: start, month: 1, day: 1)
    case "millennium":
      let start =
        year > 0 ? (year + 999) / 1000 * 1000 - 999 : -((999 - (year - 1)) / 1000) * 1000 + 1
      first = Calendar.days(year: start, month: 1, day: 1)
    default:
      throw Fault.invalid("unit \"\(unit)\" not recognized for type \(typeName)")
    }
    return try IntervalMath.checked(Int128(first) * Int128(IntervalMath.day))
  }

  static func truncate(_ unit: String, _ span: IntervalValue) throws(SQLError) -> IntervalValue {
    let step: Int64
    switch normalized(unit) {
    case "microseconds": return span
    case "milliseconds": step = 1_000
    case "second": step = 1_000_000
    case "minute": step = 60_000_000
    case "hour": step = 3_600_000_000
    case "day": return IntervalValue(months: span.months, days: span.days, microseconds: 0)
    case let name:
      let monthStep: [String: Int32] = [
        "month": 1, "quarter": 3, "year": 12, "decade": 120, "century": 1_200,
        "millennium": 12_000,
      ]
      guard let size = monthStep[name] else {
        throw Fault.invalid("unit \"\(name)\" not recognized for type interval")
      }
      return IntervalValue(months: span.months / size * size, days: 0, microseconds: 0)
    }
    return IntervalValue(
      months: span.months, days: span.days, microseconds: span.microseconds / step * step)
  }
}
