import Types

extension DateTimeFormat {
  /// What to_date and to_timestamp found; time in microseconds since midnight.
  struct Parsed {
    var year: Int?, month: Int?, day: Int?, dayOfYear: Int?, julian: Int?
    var hour = 0, minute = 0, second = 0, micros = 0
    var isAfternoon: Bool?
    var isBC = false
    var secondsEast: Int?
    var isTwelveHour = false
  }

  /// Reads text by the pattern. 22007 where it doesn't fit, 22008 for fields out of range.
  func parse(_ text: [UInt8]) throws(SQLError) -> Parsed {
    var result = Parsed()
    var index = 0
    func skipSpace() { while index < text.count, text[index] == 32 { index += 1 } }
    func isDigit(_ at: Int) -> Bool { at < text.count && text[at] >= 48 && text[at] <= 57 }
    for (place, part) in parts.enumerated() {
      guard case .field(let name, _, let suffix) = part else {
        guard case .literal(let bytes) = part else { continue }
        for byte in bytes where index < text.count {
          let isLetter = (byte | 0x20) >= 97 && (byte | 0x20) <= 122
          // Separators match any separator, or nothing.
          if isLetter || !isDigit(index) && !isWordByte(text[index]) { index += 1 }
        }
        continue
      }
      skipSpace()
      if index >= text.count { break }
      let upper = name.uppercased()
      var followsDigit = false
      if place + 1 < parts.count, case .field(let next, _, _) = parts[place + 1] {
        followsDigit = !["MONTH", "MON", "DAY", "DY", "AM", "PM", "TZ", "BC", "AD"].contains(
          next.uppercased())
      }
      func word(_ words: [String], _ length: Int?) throws(SQLError) -> Int {
        for (number, word) in words.enumerated() {
          let wanted = Array((length.map { String(word.prefix($0)) } ?? word).lowercased().utf8)
          if text[index...].prefix(wanted.count).map({ $0 | 0x20 }).elementsEqual(wanted) {
            index += wanted.count
            return number
          }
        }
        let shown = String(decoding: text[index...].prefix(3), as: UTF8.self)
        throw SQLError(
          .invalidDatetimeFormat, "invalid value \"\(shown)\" for \"\(name)\"",
          detail: "The given value did not match any of the allowed values for this field.")
      }
      func number(_ width: Int) throws(SQLError) -> (value: Int, digits: Int) {
        var isNegative = false
        if index < text.count, text[index] == 45 || text[index] == 43 {
          isNegative = text[index] == 45
          index += 1
        }
        let limit = followsDigit ? width : max(width, 8)
        var (value, digits) = (0, 0)
        while isDigit(index), digits < limit {
          value = value * 10 + Int(text[index] - 48)
          digits += 1
          index += 1
        }
        guard digits > 0 else {
          let shown = String(decoding: text[index...].prefix(width), as: UTF8.self)
          throw SQLError(
            .invalidDatetimeFormat, "invalid value \"\(shown)\" for \"\(name)\"",
            detail: "Value must be an integer.")
        }
        return (isNegative ? -value : value, digits)
      }
      func fraction(_ places: Int) throws(SQLError) -> Int {
        followsDigit = true
        var (value, digits) = try number(places)
        while digits < 6 {
          value *= 10
          digits += 1
        }
        while isDigit(index) { index += 1 }
        return value
      }
      switch upper {
      case "YYYY", "IYYY": result.year = try number(4).value
      case "YYY", "YY", "Y":
        let (value, digits) = try number(upper.count)
        result.year = digits > 2 ? value : value + (value < 70 ? 2000 : 1900)
      case "Y,YYY":
        followsDigit = true
        let thousands = try number(3).value
        if index < text.count, text[index] == UInt8(ascii: ",") { index += 1 }
        result.year = thousands * 1000 + (try number(3).value)
      case "MM": result.month = try number(2).value
      case "MONTH": result.month = try word(Self.months, nil) + 1
      case "MON": result.month = try word(Self.months, 3) + 1
      case "DD": result.day = try number(2).value
      case "DDD": result.dayOfYear = try number(3).value
      case "J": result.julian = try number(8).value
      case "DAY": _ = try word(Self.weekdays, nil)
      case "DY": _ = try word(Self.weekdays, 3)
      case "HH24": result.hour = try number(2).value
      case "HH", "HH12":
        result.hour = try number(2).value
        result.isTwelveHour = true
      case "MI": result.minute = try number(2).value
      case "SS": result.second = try number(2).value
      case "MS", "FF3": result.micros = try fraction(3)
      case "US", "FF6": result.micros = try fraction(6)
      case "FF1", "FF2", "FF4", "FF5":
        result.micros = try fraction(Int(upper.suffix(1)) ?? 6)
      case "AM", "PM": result.isAfternoon = try word(["AM", "PM"], nil) == 1
      case "A.M.", "P.M.": result.isAfternoon = try word(["A.M.", "P.M."], nil) == 1
      case "AD", "BC": result.isBC = try word(["AD", "BC"], nil) == 1
      case "TZH":
        let isWest = text[index] == 45
        let hours = abs(try number(2).value)
        result.secondsEast = (isWest ? -1 : 1) * hours * 3_600
      case "TZM":
        let minutes = try number(2).value
        let east = result.secondsEast ?? 0
        result.secondsEast = east + (east < 0 ? -minutes : minutes) * 60
      default:
        throw SQLError(
          .featureNotSupported, "formatting field \"\(name)\" is not supported for input")
      }
      if !suffix.isEmpty { index = min(text.count, index + 2) }
    }
    return result
  }

  private func isWordByte(_ byte: UInt8) -> Bool {
    (byte | 0x20) >= 97 && (byte | 0x20) <= 122 || byte >= 0x80
  }
}

extension DateTimeFormat.Parsed {
  private func outOfRange(_ what: String) -> SQLError {
    SQLError(.datetimeFieldOverflow, "\(what) field value out of range")
  }

  var days: Int {
    get throws(SQLError) {
      if let julian { return julian - 2_451_545 }
      var shownYear = year ?? 0
      if isBC { shownYear = -shownYear }
      let astronomical = year == nil || shownYear == 0 ? (year == nil ? 0 : shownYear) : shownYear
      if let dayOfYear {
        guard (1...366).contains(dayOfYear), astronomical.magnitude < 6_000_000 else {
          throw outOfRange("date/time")
        }
        return Calendar.days(year: astronomical, month: 1, day: 1) + dayOfYear - 1
      }
      if astronomical == 0 {
        // Without a year it is 1 BC, as in PostgreSQL.
        return try FunctionRegistry.civil(-1, month ?? 1, day ?? 1)
      }
      return try FunctionRegistry.civil(astronomical, month ?? 1, day ?? 1)
    }
  }

  var time: Int64 {
    get throws(SQLError) {
      var hours = hour
      if isTwelveHour {
        guard (1...12).contains(hours) else {
          throw SQLError(
            .invalidDatetimeFormat, "hour \"\(hours)\" is invalid for the 12-hour clock",
            hint: "Use the 24-hour clock, or give an hour between 1 and 12.")
        }
        if isAfternoon == true && hours < 12 { hours += 12 }
        if isAfternoon == false && hours == 12 { hours = 0 }
      }
      guard (0...23).contains(hours), (0...59).contains(minute), (0...59).contains(second) else {
        throw outOfRange("date/time")
      }
      return Int64(hours * 3600 + minute * 60 + second) * 1_000_000 + Int64(micros)
    }
  }
}

extension FunctionRegistry {
  static func addTimeFormatting(_ table: inout BodyTable) {
    for (name, isZoned) in [("timestamp_to_char", false), ("timestamptz_to_char", true)] {
      table.binary(name) { (time, pattern, context) throws(SQLError) in
        let moment = try time.int
        let pattern = try pattern.bytes
        if pattern.isEmpty || IntervalMath.isInfinite(moment) { return .null }
        let zone = context.settings.timeZone
        let local = isZoned ? IntervalMath.toLocal(moment, zone) : moment
        let (days, clock) = Calendar.split(local)
        let date = Calendar.date(days: days)
        var fields = DateTimeFormat.Fields()
        (fields.year, fields.month, fields.day) = (date.year, date.month, date.day)
        fields.days = days
        fields.time = clock
        if isZoned {
          fields.secondsEast = zone.secondsEast(at: moment)
          fields.zone = zone.abbreviation(at: moment)
        }
        return .text(DateTimeFormat(pattern).text(fields))
      }
    }
    table.binary("interval_to_char") { (span, pattern, _) throws(SQLError) in
      let span = try span.interval
      var fields = DateTimeFormat.Fields()
      (fields.year, fields.month) = (Int(span.months) / 12, Int(span.months) % 12)
      fields.day = Int(span.days)
      fields.time = span.microseconds
      return .text(DateTimeFormat(try pattern.bytes).text(fields))
    }
    table.binary("to_date") { (text, pattern, _) throws(SQLError) in
      .int(Int64(try DateTimeFormat(pattern.bytes).parse(text.bytes).days))
    }
    table.binary("to_timestamp") { (text, pattern, context) throws(SQLError) in
      let parsed = try DateTimeFormat(pattern.bytes).parse(text.bytes)
      let local = try IntervalMath.checked(
        Int128(parsed.days) * Int128(IntervalMath.day) + Int128(parsed.time))
      if let east = parsed.secondsEast { return .int(local - Int64(east) * 1_000_000) }
      return .int(IntervalMath.toUTC(local, context.settings.timeZone))
    }
  }
}
