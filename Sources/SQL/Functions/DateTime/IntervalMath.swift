import Types

/// Sums and products of intervals and moments. 22008 beyond what the types hold.
enum IntervalMath {
  static let overflow = SQLError(.datetimeFieldOverflow, "interval out of range")
  static let timestampOverflow = SQLError(.datetimeFieldOverflow, "timestamp out of range")
  static let dateOverflow = SQLError(.datetimeFieldOverflow, "date out of range")
  static let day = Calendar.microsecondsPerDay

  static func add(_ a: IntervalValue, _ b: IntervalValue) throws(SQLError) -> IntervalValue {
    let (months, first) = a.months.addingReportingOverflow(b.months)
    let (days, second) = a.days.addingReportingOverflow(b.days)
    let (time, third) = a.microseconds.addingReportingOverflow(b.microseconds)
    if first || second || third { throw overflow }
    return IntervalValue(months: months, days: days, microseconds: time)
  }

  static func negate(_ a: IntervalValue) throws(SQLError) -> IntervalValue {
    guard a.months != .min, a.days != .min, a.microseconds != .min else { throw overflow }
    return IntervalValue(months: -a.months, days: -a.days, microseconds: -a.microseconds)
  }

  static func multiply(_ a: IntervalValue, by factor: Double) throws(SQLError) -> IntervalValue {
    try scaled(a) { $0 * factor }
  }

  static func divide(_ a: IntervalValue, by divisor: Double) throws(SQLError) -> IntervalValue {
    if divisor == 0 { throw Fault.divisionByZero }
    return try scaled(a) { $0 / divisor }
  }

  /// Fractions of months go to days (of 30 a month), those of days to the time.
  private static func scaled(_ a: IntervalValue, _ scale: (Double) -> Double) throws(SQLError)
    -> IntervalValue
  {
    func int32(_ value: Double) throws(SQLError) -> Int32 {
      guard let result = Int32(exactly: value.rounded(.towardZero)) else { throw overflow }
      return result
    }
    func rounded(_ value: Double) -> Double { (value * 1e6).rounded(.toNearestOrEven) / 1e6 }
    let months = scale(Double(a.months))
    var days = scale(Double(a.days))
    let wholeMonths = try int32(months)
    let wholeDays = try int32(days)
    var monthDays = rounded((months - Double(wholeMonths)) * 30)
    var seconds =
      (days - Double(wholeDays) + monthDays - monthDays.rounded(.towardZero)) * 86_400
    seconds = rounded(seconds)
    if abs(seconds) >= 86_400 {
      let extra = (seconds / 86_400).rounded(.towardZero)
      monthDays += extra
      seconds -= extra * 86_400
    }
    days = Double(wholeDays) + monthDays.rounded(.towardZero)
    let time = (scale(Double(a.microseconds)) + seconds * 1e6).rounded(.toNearestOrEven)
    guard time > -0x1p63, time < 0x1p63 else { throw overflow }
    return IntervalValue(
      months: wholeMonths, days: try int32(days), microseconds: Int64(time))
  }

  static func isInfinite(_ timestamp: Int64) -> Bool { timestamp == .min || timestamp == .max }

  static func checked(_ timestamp: Int128) throws(SQLError) -> Int64 {
    guard timestamp >= Int128(Calendar.timestampMin), timestamp < Int128(Calendar.timestampEnd)
    else { throw timestampOverflow }
    return Int64(timestamp)
  }

  static func addMonths(_ timestamp: Int64, _ months: Int) throws(SQLError) -> Int64 {
    if months == 0 { return timestamp }
    let (days, time) = Calendar.split(timestamp)
    let date = Calendar.date(days: days)
    let total = date.year * 12 + date.month - 1 + months
    let year = total >= 0 ? total / 12 : -((11 - total) / 12)
    let month = total - year * 12 + 1
    guard year.magnitude < 400_000 else { throw timestampOverflow }
    let last = Calendar.daysIn(month: month, year: year)
    let moved = Calendar.days(year: year, month: month, day: min(date.day, last))
    return try checked(Int128(moved) * Int128(day) + Int128(time))
  }

  /// A local timestamp plus an interval.
  static func add(_ timestamp: Int64, _ span: IntervalValue) throws(SQLError) -> Int64 {
    if isInfinite(timestamp) { return timestamp }
    let moved = try addMonths(timestamp, Int(span.months))
    return try checked(
      Int128(moved) + Int128(span.days) * Int128(day) + Int128(span.microseconds))
  }

  /// A moment plus an interval: months and days move the local clock, the rest is elapsed time.
  static func add(_ timestamp: Int64, _ span: IntervalValue, zone: TimeZone) throws(SQLError)
    -> Int64
  {
    if isInfinite(timestamp) { return timestamp }
    var moved = timestamp
    if span.months != 0 || span.days != 0 {
      let local = try addMonths(toLocal(timestamp, zone), Int(span.months))
      moved = toUTC(try checked(Int128(local) + Int128(span.days) * Int128(day)), zone)
    }
    return try checked(Int128(moved) + Int128(span.microseconds))
  }

  static func toLocal(_ timestamp: Int64, _ zone: TimeZone) -> Int64 {
    if isInfinite(timestamp) { return timestamp }
    return timestamp &+ Int64(zone.secondsEast(at: timestamp)) * 1_000_000
  }

  static func toUTC(_ local: Int64, _ zone: TimeZone) -> Int64 {
    if isInfinite(local) { return local }
    return local &- Int64(zone.secondsEast(atLocal: local)) * 1_000_000
  }

  /// Whole days out of the time, with its sign.
  static func difference(_ a: Int64, _ b: Int64) throws(SQLError) -> IntervalValue {
    if isInfinite(a) || isInfinite(b) {
      throw SQLError(.datetimeFieldOverflow, "cannot subtract infinite timestamps")
    }
    let span = a - b
    return IntervalValue(months: 0, days: Int32(span / day), microseconds: span % day)
  }

  /// age(): years, months, days and time between two local timestamps.
  static func age(_ a: Int64, _ b: Int64) throws(SQLError) -> IntervalValue {
    if isInfinite(a) || isInfinite(b) {
      throw SQLError(.datetimeFieldOverflow, "cannot subtract infinite timestamps")
    }
    let isNegative = a < b
    let (later, earlier) = isNegative ? (b, a) : (a, b)
    let (laterDays, laterTime) = Calendar.split(later)
    let (earlierDays, earlierTime) = Calendar.split(earlier)
    let (x, y) = (Calendar.date(days: laterDays), Calendar.date(days: earlierDays))
    var time = laterTime - earlierTime
    var days = x.day - y.day
    var months = (x.year - y.year) * 12 + x.month - y.month
    if time < 0 {
      time += day
      days -= 1
    }
    if days < 0 {
      // The month that the earlier moment lies in, as PostgreSQL counts.
      days +=
        isNegative
        ? Calendar.daysIn(
          month: x.month == 1 ? 12 : x.month - 1, year: x.month == 1 ? x.year - 1 : x.year)
        : Calendar.daysIn(month: y.month, year: y.year)
      months -= 1
    }
    let sign: Int32 = isNegative ? -1 : 1
    return IntervalValue(
      months: Int32(months) * sign, days: Int32(days) * sign, microseconds: time * Int64(sign))
  }

  static func justifyHours(_ a: IntervalValue) throws(SQLError) -> IntervalValue {
    var days = Int64(a.days) + a.microseconds / day
    var time = a.microseconds % day
    if days > 0 && time < 0 {
      time += day
      days -= 1
    } else if days < 0 && time > 0 {
      time -= day
      days += 1
    }
    guard let whole = Int32(exactly: days) else { throw overflow }
    return IntervalValue(months: a.months, days: whole, microseconds: time)
  }

  static func justifyDays(_ a: IntervalValue) throws(SQLError) -> IntervalValue {
    var months = Int64(a.months) + Int64(a.days) / 30
    var days = a.days % 30
    if months > 0 && days < 0 {
      days += 30
      months -= 1
    } else if months < 0 && days > 0 {
      days -= 30
      months += 1
    }
    guard let whole = Int32(exactly: months) else { throw overflow }
    return IntervalValue(months: whole, days: days, microseconds: a.microseconds)
  }

  /// Days of 24 hours out of the time, months of 30 days out of the days, all of one sign.
  static func justify(_ a: IntervalValue) throws(SQLError) -> IntervalValue {
    var time = a.microseconds % day
    let allDays = Int64(a.days) + a.microseconds / day
    var days = allDays % 30
    var months = Int64(a.months) + allDays / 30
    if months > 0 && (days < 0 || (days == 0 && time < 0)) {
      days += 30
      months -= 1
    } else if months < 0 && (days > 0 || (days == 0 && time > 0)) {
      days -= 30
      months += 1
    }
    if days > 0 && time < 0 {
      time += day
      days -= 1
    } else if days < 0 && time > 0 {
      time -= day
      days += 1
    }
    guard let whole = Int32(exactly: months) else { throw overflow }
    return IntervalValue(months: whole, days: Int32(days), microseconds: time)
  }
}
