/// A span of time in three fields that do not convert into one another: a month has 28 to 31 days,
/// a day 23 to 25 hours. For order and equality alone a month is 30 days and a day 24 hours.
public final class IntervalValue: Sendable, Hashable, Comparable {
  public let months: Int32
  public let days: Int32
  public let microseconds: Int64

  public init(months: Int32, days: Int32, microseconds: Int64) {
    self.months = months
    self.days = days
    self.microseconds = microseconds
  }

  /// Microseconds, by 30-day months and 24-hour days.
  public var comparable: Int128 {
    (Int128(months) * 30 + Int128(days)) * 86_400_000_000 + Int128(microseconds)
  }

  public static func compare(_ a: IntervalValue, _ b: IntervalValue) -> Int {
    let (left, right) = (a.comparable, b.comparable)
    return left < right ? -1 : (left == right ? 0 : 1)
  }
  public static func == (a: IntervalValue, b: IntervalValue) -> Bool {
    a.comparable == b.comparable
  }
  public static func < (a: IntervalValue, b: IntervalValue) -> Bool {
    a.comparable < b.comparable
  }
  public func hash(into hasher: inout Hasher) { hasher.combine(comparable) }
}

/// A time of day with a fixed offset. Ordered by the moment in UTC, then by the zone.
public final class TimeTZValue: Sendable, Hashable, Comparable {
  /// Local time since midnight, 0 to 86,400,000,000.
  public let microseconds: Int64
  /// Seconds west of Greenwich, the sign of PostgreSQL's wire format: UTC+2 is −7200.
  public let secondsWest: Int32

  public init(microseconds: Int64, secondsWest: Int32) {
    self.microseconds = microseconds
    self.secondsWest = secondsWest
  }

  /// Microseconds since midnight in UTC; may lie outside one day.
  public var utcMicroseconds: Int64 { microseconds + Int64(secondsWest) * 1_000_000 }

  public static func compare(_ a: TimeTZValue, _ b: TimeTZValue) -> Int {
    let (left, right) = (a.utcMicroseconds, b.utcMicroseconds)
    if left != right { return left < right ? -1 : 1 }
    return a.secondsWest < b.secondsWest ? -1 : (a.secondsWest == b.secondsWest ? 0 : 1)
  }
  public static func == (a: TimeTZValue, b: TimeTZValue) -> Bool { compare(a, b) == 0 }
  public static func < (a: TimeTZValue, b: TimeTZValue) -> Bool { compare(a, b) < 0 }
  public func hash(into hasher: inout Hasher) {
    hasher.combine(microseconds)
    hasher.combine(secondsWest)
  }
}
