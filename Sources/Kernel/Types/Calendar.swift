/// The proleptic Gregorian calendar over days since 2000-01-01, and the limits of PostgreSQL's
/// date and timestamp types.
public enum Calendar {
  public static let microsecondsPerSecond: Int64 = 1_000_000
  public static let microsecondsPerDay: Int64 = 86_400_000_000
  /// Seconds from 1970-01-01 to 2000-01-01.
  public static let epochOffsetSeconds: Int64 = 946_684_800
  /// 4714-11-24 BC and the day after 5874897-12-31.
  public static let dateMin = -2_451_545
  public static let dateEnd = 2_145_031_949
  /// The same first day and the start of the year 294277, in microseconds.
  public static let timestampMin: Int64 = -211_813_488_000_000_000
  public static let timestampEnd: Int64 = 9_223_371_331_200_000_000

  /// `year` counts 1 BC as 0. Cost: constant; the caller keeps the year below ten millions.
  public static func days(year: Int, month: Int, day: Int) -> Int {
    let y = month <= 2 ? year - 1 : year
    let era = (y >= 0 ? y : y - 399) / 400
    let yearOfEra = y - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 730_425
  }

  public static func date(days: Int) -> (year: Int, month: Int, day: Int) {
    let z = days + 730_425
    let era = (z >= 0 ? z : z - 146_096) / 146_097
    let dayOfEra = z - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let m = (5 * dayOfYear + 2) / 153
    let month = m < 10 ? m + 3 : m - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * m + 2) / 5 + 1)
  }

  public static func isLeap(_ year: Int) -> Bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
  }

  public static func daysIn(month: Int, year: Int) -> Int {
    switch month {
    case 2: isLeap(year) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Days and the microseconds within the day, for any timestamp.
  public static func split(_ microseconds: Int64) -> (days: Int, time: Int64) {
    var days = microseconds / microsecondsPerDay
    var time = microseconds % microsecondsPerDay
    if time < 0 {
      days -= 1
      time += microsecondsPerDay
    }
    return (Int(days), time)
  }
}
