import Types

/// Operators, casts and functions of dates and times.
extension FunctionRegistry {
  static func addTimes(_ table: inout BodyTable) {
    addNow(&table)
    addDateArithmetic(&table)
    addIntervalArithmetic(&table)
    addTimeCasts(&table)
    addMixedComparisons(&table)
    addFields(&table)
    addMakers(&table)
    addZones(&table)
    addTimeFormatting(&table)
  }

  private static func addNow(_ table: inout BodyTable) {
    table.scalar("now") { (_, context) throws(SQLError) in .int(context.transactionTimestamp) }
    table.scalar("statement_timestamp") { (_, context) throws(SQLError) in
      .int(context.statementTimestamp)
    }
    table.scalar("clock_timestamp") { (_, context) throws(SQLError) in
      .int(context.clockTimestamp())
    }
    table.scalar("fn timeofday") { (_, context) throws(SQLError) in
      .string(
        TypeIO.formatText(
          .int(context.clockTimestamp()), as: .timestamptz, settings: context.settings))
    }
    table.unary("date_finite") { (value, _) throws(SQLError) in
      .bool(try !isInfiniteDate(value.int))
    }
    table.unary("timestamp_finite") { (value, _) throws(SQLError) in
      .bool(!IntervalMath.isInfinite(try value.int))
    }
    table.unary("interval_finite") { (_, _) throws(SQLError) in .bool(true) }
    for prefix in ["date", "time", "timestamp", "timetz", "interval"] {
      table.binary(prefix + "_larger") { (a, b, _) throws(SQLError) in
        Value.compare(a, b) >= 0 ? a : b
      }
      table.binary(prefix + "_smaller") { (a, b, _) throws(SQLError) in
        Value.compare(a, b) <= 0 ? a : b
      }
    }
  }

  static func isInfiniteDate(_ days: Int64) -> Bool {
    days == Int64(Int32.min) || days == Int64(Int32.max)
  }

  static func dateStart(_ days: Int64) throws(SQLError) -> Int64 {
    if days == Int64(Int32.min) { return .min }
    if days == Int64(Int32.max) { return .max }
    guard days < Int64(Calendar.timestampEnd / IntervalMath.day) else {
      throw SQLError(.datetimeFieldOverflow, "date out of range for timestamp")
    }
    return days * IntervalMath.day
  }

  private static func checkedDate(_ days: Int64) throws(SQLError) -> Value {
    guard days >= Int64(Calendar.dateMin), days < Int64(Calendar.dateEnd) else {
      throw IntervalMath.dateOverflow
    }
    return .int(days)
  }

  private static func addDateArithmetic(_ table: inout BodyTable) {
    table.binary("date_pli") { (date, days, _) throws(SQLError) in
      isInfiniteDate(try date.int) ? date : try checkedDate(date.int + days.int)
    }
    table.binary("sql integer_pl_date(int4 date)") { (days, date, _) throws(SQLError) in
      isInfiniteDate(try date.int) ? date : try checkedDate(date.int + days.int)
    }
    table.binary("date_mii") { (date, days, _) throws(SQLError) in
      isInfiniteDate(try date.int) ? date : try checkedDate(date.int - days.int)
    }
    table.binary("date_mi") { (a, b, _) throws(SQLError) in
      let (left, right) = (try a.int, try b.int)
      if isInfiniteDate(left) || isInfiniteDate(right) {
        throw SQLError(.datetimeFieldOverflow, "cannot subtract infinite dates")
      }
      return .int(left - right)
    }
    table.binary("date_pl_interval") { (date, span, _) throws(SQLError) in
      .int(try IntervalMath.add(dateStart(date.int), span.interval))
    }
    table.binary("sql interval_pl_date(interval date)") { (span, date, _) throws(SQLError) in
      .int(try IntervalMath.add(dateStart(date.int), span.interval))
    }
    table.binary("date_mi_interval") { (date, span, _) throws(SQLError) in
      .int(try IntervalMath.add(dateStart(date.int), IntervalMath.negate(span.interval)))
    }
    table.binary("timestamp_pl_interval") { (time, span, _) throws(SQLError) in
      .int(try IntervalMath.add(time.int, span.interval))
    }
    table.binary("sql interval_pl_timestamp(interval timestamp)") {
      (span, time, _) throws(SQLError) in
      .int(try IntervalMath.add(time.int, span.interval))
    }
    table.binary("timestamp_mi_interval") { (time, span, _) throws(SQLError) in
      .int(try IntervalMath.add(time.int, IntervalMath.negate(span.interval)))
    }
    table.binary("timestamptz_pl_interval") { (time, span, context) throws(SQLError) in
      .int(try IntervalMath.add(time.int, span.interval, zone: context.settings.timeZone))
    }
    table.binary("sql interval_pl_timestamptz(interval timestamptz)") {
      (span, time, context) throws(SQLError) in
      .int(try IntervalMath.add(time.int, span.interval, zone: context.settings.timeZone))
    }
    table.binary("timestamptz_mi_interval") { (time, span, context) throws(SQLError) in
      let back = try IntervalMath.negate(span.interval)
      return .int(try IntervalMath.add(time.int, back, zone: context.settings.timeZone))
    }
    table.binary("timestamp_mi") { (a, b, _) throws(SQLError) in
      .interval(try IntervalMath.difference(a.int, b.int))
    }
    for (name, sign) in [
      ("time_pl_interval", 1), ("time_mi_interval", -1),
    ] as [(String, Int64)] {
      table.binary(name) { (time, span, _) throws(SQLError) in
        let moved =
          (try time.int + sign * (span.interval.microseconds % IntervalMath.day))
          % IntervalMath.day
        return .int(moved < 0 ? moved + IntervalMath.day : moved)
      }
    }
    table.binary("sql interval_pl_time(interval time)") { (span, time, _) throws(SQLError) in
      let moved =
        (try time.int + span.interval.microseconds % IntervalMath.day)
        % IntervalMath.day
      return .int(moved < 0 ? moved + IntervalMath.day : moved)
    }
    table.binary("time_mi_time") { (a, b, _) throws(SQLError) in
      .interval(IntervalValue(months: 0, days: 0, microseconds: try a.int - b.int))
    }
    table.binary("datetime_timestamp") { (date, time, _) throws(SQLError) in
      let start = try dateStart(date.int)
      return .int(IntervalMath.isInfinite(start) ? start : start + (try time.int))
    }
    table.binary("sql timedate_pl(time date)") { (time, date, _) throws(SQLError) in
      let start = try dateStart(date.int)
      return .int(IntervalMath.isInfinite(start) ? start : start + (try time.int))
    }
    table.scalar("overlaps_timestamp", "overlaps_time", "overlaps_timetz") {
      (arguments, _) throws(SQLError) in
      overlaps(arguments)
    }
  }

  /// OVERLAPS of two spans, each of two ends in any order.
  private static func overlaps(_ ends: [Value]) -> Value {
    if ends.contains(where: \.isNull) { return .null }
    func ordered(_ a: Value, _ b: Value) -> (Value, Value) {
      Value.compare(a, b) <= 0 ? (a, b) : (b, a)
    }
    let (startA, endA) = ordered(ends[0], ends[1])
    let (startB, endB) = ordered(ends[2], ends[3])
    let order = Value.compare(startA, startB)
    if order == 0 { return .bool(true) }
    return .bool(
      order > 0 ? Value.compare(startA, endB) < 0 : Value.compare(startB, endA) < 0)
  }

  private static func addIntervalArithmetic(_ table: inout BodyTable) {
    table.binary("interval_pl") { (a, b, _) throws(SQLError) in
      .interval(try IntervalMath.add(a.interval, b.interval))
    }
    table.binary("interval_mi") { (a, b, _) throws(SQLError) in
      .interval(try IntervalMath.add(a.interval, IntervalMath.negate(b.interval)))
    }
    table.unary("interval_um") { (value, _) throws(SQLError) in
      .interval(try IntervalMath.negate(value.interval))
    }
    table.binary("interval_mul") { (span, factor, _) throws(SQLError) in
      .interval(try IntervalMath.multiply(span.interval, by: factor.float))
    }
    table.binary("mul_d_interval") { (factor, span, _) throws(SQLError) in
      .interval(try IntervalMath.multiply(span.interval, by: factor.float))
    }
    table.binary("interval_div") { (span, divisor, _) throws(SQLError) in
      .interval(try IntervalMath.divide(span.interval, by: divisor.float))
    }
    table.unary("interval_justify_hours") { (span, _) throws(SQLError) in
      .interval(try IntervalMath.justifyHours(span.interval))
    }
    table.unary("interval_justify_days") { (span, _) throws(SQLError) in
      .interval(try IntervalMath.justifyDays(span.interval))
    }
    table.unary("interval_justify_interval") { (span, _) throws(SQLError) in
      .interval(try IntervalMath.justify(span.interval))
    }
    for (name, isZoned) in [("timestamp_age", false), ("timestamptz_age", true)] {
      table.binary(name) { (a, b, context) throws(SQLError) in
        let zone = isZoned ? context.settings.timeZone : .utc
        return .interval(
          try IntervalMath.age(
            IntervalMath.toLocal(a.int, zone), IntervalMath.toLocal(b.int, zone)))
      }
    }
    for name in ["sql age(timestamp)", "sql age(timestamptz)"] {
      let isZoned = name.contains("tz")
      table.unary(name) { (value, context) throws(SQLError) in
        let zone = context.settings.timeZone
        let now = IntervalMath.toLocal(context.transactionTimestamp, zone)
        let today = now - Calendar.split(now).time
        let local = isZoned ? IntervalMath.toLocal(try value.int, zone) : try value.int
        return .interval(try IntervalMath.age(today, local))
      }
    }
  }

  private static func addTimeCasts(_ table: inout BodyTable) {
    table.unary("date_timestamp") { (date, _) throws(SQLError) in .int(try dateStart(date.int)) }
    table.unary("date_timestamptz") { (date, context) throws(SQLError) in
      .int(IntervalMath.toUTC(try dateStart(date.int), context.settings.timeZone))
    }
    table.unary("timestamp_date") { (time, _) throws(SQLError) in .int(dateOf(try time.int)) }
    table.unary("timestamptz_date") { (time, context) throws(SQLError) in
      .int(dateOf(IntervalMath.toLocal(try time.int, context.settings.timeZone)))
    }
    table.unary("timestamp_time") { (time, _) throws(SQLError) in
      let time = try time.int
      return IntervalMath.isInfinite(time) ? .null : .int(Calendar.split(time).time)
    }
    table.unary("timestamptz_time") { (time, context) throws(SQLError) in
      let time = try time.int
      if IntervalMath.isInfinite(time) { return .null }
      let local = IntervalMath.toLocal(time, context.settings.timeZone)
      return .int(Calendar.split(local).time)
    }
    table.unary("timestamp_timestamptz") { (time, context) throws(SQLError) in
      .int(IntervalMath.toUTC(try time.int, context.settings.timeZone))
    }
    table.unary("timestamptz_timestamp") { (time, context) throws(SQLError) in
      .int(IntervalMath.toLocal(try time.int, context.settings.timeZone))
    }
    table.unary("timestamptz_timetz") { (time, context) throws(SQLError) in
      let time = try time.int
      if IntervalMath.isInfinite(time) { return .null }
      let zone = context.settings.timeZone
      let local = Calendar.split(IntervalMath.toLocal(time, zone)).time
      return .timetz(
        TimeTZValue(microseconds: local, secondsWest: -Int32(zone.secondsEast(at: time))))
    }
    table.unary("time_interval") { (time, _) throws(SQLError) in
      .interval(IntervalValue(months: 0, days: 0, microseconds: try time.int))
    }
    table.unary("interval_time") { (span, _) throws(SQLError) in
      let time = try span.interval.microseconds % IntervalMath.day
      return .int(time < 0 ? time + IntervalMath.day : time)
    }
    table.unary("time_timetz") { (time, context) throws(SQLError) in
      let east = context.settings.timeZone.secondsEast(at: context.transactionTimestamp)
      return .timetz(TimeTZValue(microseconds: try time.int, secondsWest: -Int32(east)))
    }
    table.unary("timetz_time") { (time, _) throws(SQLError) in .int(try time.timetz.microseconds) }
  }

  static func dateOf(_ local: Int64) -> Int64 {
    if local == .min { return Int64(Int32.min) }
    if local == .max { return Int64(Int32.max) }
    return Int64(Calendar.split(local).days)
  }

  private static func addMixedComparisons(_ table: inout BodyTable) {
    addOrdered(
      &table, { "date_\($0)_timestamp" },
      compare: { (a, b, _) throws(SQLError) in
        Value.compare(.int(try dateStart(a.int)), b)
      })
    addOrdered(
      &table, { "timestamp_\($0)_date" },
      compare: { (a, b, _) throws(SQLError) in
        Value.compare(a, .int(try dateStart(b.int)))
      })
    addOrdered(
      &table, { "date_\($0)_timestamptz" },
      compare: { (a, b, context) throws(SQLError) in
        let start = IntervalMath.toUTC(try dateStart(a.int), context.settings.timeZone)
        return Value.compare(.int(start), b)
      })
    addOrdered(
      &table, { "timestamptz_\($0)_date" },
      compare: { (a, b, context) throws(SQLError) in
        let start = IntervalMath.toUTC(try dateStart(b.int), context.settings.timeZone)
        return Value.compare(a, .int(start))
      })
    addOrdered(
      &table, { "timestamp_\($0)_timestamptz" },
      compare: { (a, b, context) throws(SQLError) in
        Value.compare(.int(IntervalMath.toUTC(try a.int, context.settings.timeZone)), b)
      })
    addOrdered(
      &table, { "timestamptz_\($0)_timestamp" },
      compare: { (a, b, context) throws(SQLError) in
        Value.compare(a, .int(IntervalMath.toUTC(try b.int, context.settings.timeZone)))
      })
  }

  private static func addFields(_ table: inout BodyTable) {
    let sources:
      [(
        String,
        @Sendable (Value, EvaluationContext) throws(SQLError)
          -> DateTimeFields.Source?, String
      )] = [
        (
          "timestamp",
          { (value, _) throws(SQLError) in
            let time = try value.int
            if IntervalMath.isInfinite(time) { return nil }
            return .timestamp(time, secondsEast: nil, moment: time)
          }, "timestamp without time zone"
        ),
        (
          "timestamptz",
          { (value, context) throws(SQLError) in
            let time = try value.int
            if IntervalMath.isInfinite(time) { return nil }
            let zone = context.settings.timeZone
            return .timestamp(
              IntervalMath.toLocal(time, zone), secondsEast: zone.secondsEast(at: time),
              moment: time)
          }, "timestamp with time zone"
        ),
        (
          "date",
          { (value, _) throws(SQLError) in
            let days = try value.int
            return isInfiniteDate(days) ? nil : .date(Int(days))
          }, "date"
        ),
        (
          "time", { (value, _) throws(SQLError) in .time(try value.int, secondsEast: nil) },
          "time without time zone"
        ),
        (
          "timetz",
          { (value, _) throws(SQLError) in
            let time = try value.timetz
            return .time(time.microseconds, secondsEast: -Int(time.secondsWest))
          }, "time with time zone"
        ),
        ("interval", { (value, _) throws(SQLError) in .interval(try value.interval) }, "interval"),
      ]
    for (name, source, typeName) in sources {
      let extracted: @Sendable (Value, Value, EvaluationContext) throws(SQLError) -> Numeric? = {
        (unit, value, context) throws(SQLError) in
        guard let source = try source(value, context) else {
          let field = DateTimeFields.normalized(try unit.string)
          guard field == "epoch" || field == "year" else { return nil }
          let isPast = try value.int < 0
          return isPast ? .negativeInfinity : .infinity
        }
        return try DateTimeFields.extract(unit.string, source, typeName: typeName)
      }
      table.binary("extract_" + name) { (unit, value, context) throws(SQLError) in
        try extracted(unit, value, context).map { .numeric($0) } ?? .null
      }
      table.binary(name == "date" ? "sql date_part(text date)" : name + "_part") {
        (unit, value, context) throws(SQLError) in
        try extracted(unit, value, context).map { .float($0.double) } ?? .null
      }
    }
    table.binary("timestamp_trunc") { (unit, time, _) throws(SQLError) in
      .int(
        try DateTimeFields.truncate(
          unit.string, time.int, typeName: "timestamp without time zone"))
    }
    table.scalar("timestamptz_trunc", "timestamptz_trunc_zone") {
      (arguments, context) throws(SQLError) in
      let zone = arguments.count > 2 ? try zone(arguments[2]) : context.settings.timeZone
      let local = IntervalMath.toLocal(try arguments[1].int, zone)
      let cut = try DateTimeFields.truncate(
        arguments[0].string, local, typeName: "timestamp with time zone")
      return .int(IntervalMath.toUTC(cut, zone))
    }
    table.binary("interval_trunc") { (unit, span, _) throws(SQLError) in
      .interval(try DateTimeFields.truncate(unit.string, span.interval))
    }
    table.scalar("timestamp_bin", "timestamptz_bin") { (arguments, _) throws(SQLError) in
      let stride = try arguments[0].interval
      guard stride.months == 0 else {
        throw SQLError(
          .featureNotSupported,
          "timestamps cannot be binned into intervals containing months or years")
      }
      let step = Int128(stride.days) * Int128(IntervalMath.day) + Int128(stride.microseconds)
      guard step > 0 else {
        throw SQLError(.datetimeFieldOverflow, "stride must be greater than zero")
      }
      let origin = Int128(try arguments[2].int)
      let distance = Int128(try arguments[1].int) - origin
      var bins = distance / step
      if distance % step < 0 { bins -= 1 }
      return .int(try IntervalMath.checked(origin + bins * step))
    }
  }

  private static func addMakers(_ table: inout BodyTable) {
    table.scalar("make_date") { (arguments, _) throws(SQLError) in
      .int(
        Int64(
          try civil(
            arguments[0].count, arguments[1].count, arguments[2].count)))
    }
    table.scalar("make_time") { (arguments, _) throws(SQLError) in
      .int(try clock(arguments[0], arguments[1], arguments[2]))
    }
    for (name, isZoned) in [("make_timestamp", false), ("make_timestamptz", true)] {
      table.scalar(name) { (arguments, context) throws(SQLError) in
        let days = try civil(arguments[0].count, arguments[1].count, arguments[2].count)
        let time = try clock(arguments[3], arguments[4], arguments[5])
        let local = try IntervalMath.checked(
          Int128(days) * Int128(IntervalMath.day) + Int128(time))
        return .int(isZoned ? IntervalMath.toUTC(local, context.settings.timeZone) : local)
      }
    }
    table.scalar("make_interval") { (arguments, _) throws(SQLError) in
      let months = try arguments[0].int * 12 + arguments[1].int
      let days = try arguments[2].int * 7 + arguments[3].int
      let seconds = try arguments[6].float * 1e6
      let clock = try arguments[4].int * 3_600_000_000 + arguments[5].int * 60_000_000
      guard let wholeMonths = Int32(exactly: months), let wholeDays = Int32(exactly: days),
        seconds.magnitude < 0x1p62
      else { throw IntervalMath.overflow }
      let (time, overflow) = clock.addingReportingOverflow(Int64(seconds.rounded()))
      if overflow { throw IntervalMath.overflow }
      return .interval(IntervalValue(months: wholeMonths, days: wholeDays, microseconds: time))
    }
    table.unary("float8_timestamptz") { (value, _) throws(SQLError) in
      let seconds = try value.float
      if seconds.isInfinite { return .int(seconds < 0 ? .min : .max) }
      guard seconds.magnitude < 1e13 else { throw IntervalMath.timestampOverflow }
      let whole = seconds.rounded(.down)
      let part = ((seconds - whole) * 1e6).rounded(.toNearestOrEven)
      return .int(
        try IntervalMath.checked(
          (Int128(whole) - Int128(Calendar.epochOffsetSeconds)) * 1_000_000 + Int128(part)))
    }
  }

  /// Days of a date with a year as shown: −1 is 1 BC.
  static func civil(_ year: Int, _ month: Int, _ day: Int) throws(SQLError) -> Int {
    let astronomical = year < 0 ? year + 1 : year
    guard year != 0, year.magnitude < 6_000_000, (1...12).contains(month), day >= 1,
      day <= Calendar.daysIn(month: month, year: astronomical)
    else {
      throw SQLError(
        .datetimeFieldOverflow, "date field value out of range: \(year)-\(month)-\(day)")
    }
    let days = Calendar.days(year: astronomical, month: month, day: day)
    guard days >= Calendar.dateMin, days < Calendar.dateEnd else {
      throw SQLError(.datetimeFieldOverflow, "date out of range: \(year)-\(month)-\(day)")
    }
    return days
  }

  private static func clock(_ hour: Value, _ minute: Value, _ second: Value) throws(SQLError)
    -> Int64
  {
    let (hours, minutes, seconds) = (try hour.int, try minute.int, try second.float)
    let total =
      (0...24).contains(hours) && (0...59).contains(minutes) && seconds >= 0 && seconds <= 60
      ? hours * 3_600_000_000 + minutes * 60_000_000 + Int64((seconds * 1e6).rounded()) : -1
    guard total >= 0, total <= IntervalMath.day else {
      throw SQLError(
        .datetimeFieldOverflow, "time field value out of range: \(hours):\(minutes):\(seconds)")
    }
    return total
  }

  static func zone(_ name: Value) throws(SQLError) -> TimeZone {
    let text = try name.string
    guard let zone = TimeZone.named(text) else {
      throw Fault.invalid("time zone \"\(text)\" not recognized")
    }
    return zone
  }

  private static func addZones(_ table: inout BodyTable) {
    table.binary("timestamp_zone") { (name, time, _) throws(SQLError) in
      .int(IntervalMath.toUTC(try time.int, try zone(name)))
    }
    table.binary("timestamptz_zone") { (name, time, _) throws(SQLError) in
      .int(IntervalMath.toLocal(try time.int, try zone(name)))
    }
    for (name, sign) in [("timestamp_izone", -1), ("timestamptz_izone", 1)] as [(String, Int64)] {
      table.binary(name) { (offset, time, _) throws(SQLError) in
        let (span, time) = (try offset.interval, try time.int)
        guard span.months == 0 && span.days == 0 else {
          throw Fault.invalid("interval time zone must not include months or days")
        }
        if IntervalMath.isInfinite(time) { return .int(time) }
        return .int(try IntervalMath.checked(Int128(time) + Int128(sign * span.microseconds)))
      }
    }
    table.binary("timetz_zone") { (name, time, context) throws(SQLError) in
      let east = Int32(try zone(name).secondsEast(at: context.transactionTimestamp))
      var moved = (try time.timetz.utcMicroseconds + Int64(east) * 1_000_000) % IntervalMath.day
      if moved < 0 { moved += IntervalMath.day }
      return .timetz(TimeTZValue(microseconds: moved, secondsWest: -east))
    }
  }
}
