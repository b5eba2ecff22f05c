/// Dates, times and timestamps: PostgreSQL's free input forms, ISO output.
enum DateTimeText {
  private static let months = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
  ]
  private static let weekdays = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]

  private struct Fields {
    var year: Int?
    var month: Int?
    var day: Int?
    var isTwoDigitYear = false
    var isBC = false
    var time: Int64?
    var isPM: Bool?
    var secondsEast: Int?
    var zone: TimeZone?
    var numbers: [(value: Int, digits: Int)] = []
    var special: String?
  }

  static func parse(
    _ bytes: [UInt8], as type: SQLType, settings: FormatSettings
  ) throws(SQLError) -> Value {
    let text = String(decoding: bytes, as: UTF8.self)
    let isTimeOnly = type.oid == SQLType.time.oid || type.oid == SQLType.timetz.oid
    let name = type.info?.displayName ?? "timestamp"
    let shown = type.oid == SQLType.timestamp.oid ? "timestamp" : name
    func syntax() -> SQLError {
      SQLError(.invalidDatetimeFormat, "invalid input syntax for type \(shown): \"\(text)\"")
    }
    func range() -> SQLError {
      SQLError(.datetimeFieldOverflow, "date/time field value out of range: \"\(text)\"")
    }
    guard bytes.count <= 128 else { throw syntax() }
    var fields = Fields()
    for token in tokens(bytes) {
      guard try take(token, into: &fields, isTimeOnly: isTimeOnly, range: range) else {
        if token.first.map(ASCII.isLetter) == true, token.contains(47) {
          throw SQLError(
            .invalidParameterValue,
            "time zone \"\(String(decoding: token, as: UTF8.self))\" not recognized")
        }
        throw syntax()
      }
    }
    let now = settings.currentTimestamp
    let zone = fields.zone ?? settings.timeZone
    if let special = fields.special, special.hasSuffix("infinity") {
      guard !isTimeOnly else { throw syntax() }
      let isNegative = special.hasPrefix("-")
      if type.oid == SQLType.date.oid { return .int(Int64(isNegative ? Int32.min : Int32.max)) }
      return .int(isNegative ? .min : .max)
    }
    if var time = fields.time {
      if let isPM = fields.isPM {
        let hour = time / 3_600_000_000
        guard hour >= 1 && hour <= 12 else { throw range() }
        if isPM && hour != 12 { time += 43_200_000_000 }
        if !isPM && hour == 12 { time -= 43_200_000_000 }
      }
      fields.time = time
    }
    var days: Int?
    if let special = fields.special {
      let local = now + Int64(zone.secondsEast(at: now)) * 1_000_000
      switch special {
      case "now":
        days = Calendar.split(local).days
        fields.time = Calendar.split(local).time
      case "epoch":
        days = -10_957
        fields.time = 0
        fields.secondsEast = 0
      case "today": days = Calendar.split(local).days
      case "tomorrow": days = Calendar.split(local).days + 1
      default: days = Calendar.split(local).days - 1
      }
    } else {
      days = try resolve(&fields, order: settings.dateOrder, range: range)
    }
    if isTimeOnly {
      guard let time = fields.time else { throw syntax() }
      let rounded = round(time, to: type.modifier)
      if type.oid == SQLType.time.oid { return .int(rounded) }
      let day = Int64(days ?? Calendar.split(now).days) * Calendar.microsecondsPerDay
      let east = fields.secondsEast ?? zone.secondsEast(atLocal: day + time)
      // A rule of a zone's own may lie further out than any offset that is written in digits.
      guard abs(east) < 57_600 else {
        throw SQLError(.invalidTimeZoneDisplacement, "time zone displacement out of range")
      }
      return .timetz(TimeTZValue(microseconds: rounded, secondsWest: Int32(-east)))
    }
    guard let days else { throw syntax() }
    if type.oid == SQLType.date.oid {
      guard days >= Calendar.dateMin, days < Calendar.dateEnd else {
        throw SQLError(.datetimeFieldOverflow, "date out of range: \"\(text)\"")
      }
      return .int(Int64(days))
    }
    let overflow = SQLError(.datetimeFieldOverflow, "timestamp out of range: \"\(text)\"")
    guard days >= Calendar.dateMin - 2, days < 106_751_990 else { throw overflow }
    let wide = Int128(days) * Int128(Calendar.microsecondsPerDay) + Int128(fields.time ?? 0)
    guard var timestamp = Int64(exactly: wide) else { throw overflow }
    if type.oid == SQLType.timestamptz.oid {
      let east = fields.secondsEast ?? zone.secondsEast(atLocal: timestamp)
      let (shifted, failed) = timestamp.subtractingReportingOverflow(Int64(east) * 1_000_000)
      if failed { throw overflow }
      timestamp = shifted
    }
    timestamp = round(timestamp, to: type.modifier)
    guard timestamp >= Calendar.timestampMin, timestamp < Calendar.timestampEnd else {
      throw overflow
    }
    return .int(timestamp)
  }

  /// Rounds half away from zero to the modifier's digits of a second; what cannot be rounded stays.
  static func round(_ microseconds: Int64, to modifier: Int32) -> Int64 {
    guard modifier >= 0, modifier < 6, microseconds != .min, microseconds != .max else {
      return microseconds
    }
    let unit: Int64 = [1_000_000, 100_000, 10_000, 1_000, 100, 10][Int(modifier)]
    let half = microseconds < 0 ? -unit / 2 : unit / 2
    let (rounded, overflow) = (microseconds / unit + (microseconds % unit + half) / unit)
      .multipliedReportingOverflow(by: unit)
    return overflow ? microseconds : rounded
  }

  /// Words, numbers with their punctuation, and signed zones.
  private static func tokens(_ bytes: [UInt8]) -> [[UInt8]] {
    var result: [[UInt8]] = []
    var current: [UInt8] = []
    func flush() {
      if !current.isEmpty { result.append(current) }
      current = []
    }
    for (index, byte) in bytes.enumerated() {
      if ASCII.isSpace(byte) || byte == 44 {
        flush()
        continue
      }
      if let last = current.last, let first = current.first {
        let isTime = current.contains(58)
        let startsZone =
          (byte == 43 || (byte == 45 && isTime)) && ASCII.isDigit(first)
        let isT =
          (byte | 0x20) == 0x74 && ASCII.isDigit(last) && current.count >= 8
          && index + 1 < bytes.count && ASCII.isDigit(bytes[index + 1])
        if isT {
          flush()
          continue
        }
        let letterAfterDigit =
          ASCII.isDigit(first) && ASCII.isDigit(last) && ASCII.isLetter(byte)
          && !current.contains(45)
        let compactTime =
          byte == 45 && current.count >= 6 && current.allSatisfy(ASCII.isDigit)
          && !result.isEmpty
        if startsZone || letterAfterDigit || compactTime { flush() }
      }
      current.append(byte)
    }
    flush()
    return result
  }

  private static func take(
    _ token: [UInt8], into fields: inout Fields, isTimeOnly: Bool, range: () -> SQLError
  ) throws(SQLError) -> Bool {
    let first = token[0]
    let word = ASCII.lowercased(token)
    if word == "-infinity" || word == "+infinity" || word == "infinity" {
      fields.special = word
      return true
    }
    if ASCII.isLetter(first) {
      switch word {
      case "now", "today", "tomorrow", "yesterday", "epoch":
        fields.special = word
        return true
      case "allballs":
        (fields.time, fields.secondsEast) = (0, 0)
        return true
      case "am", "pm":
        fields.isPM = word == "pm"
        return true
      case "bc", "ad":
        fields.isBC = word == "bc"
        return true
      case "t", "at", "on", "of": return true
      default: break
      }
      let trimmed = word.hasSuffix(".") ? String(word.dropLast()) : word
      if trimmed.utf8.count >= 3 {
        if let month = monthNumber(trimmed) {
          fields.month = month
          return true
        }
        if weekdays.contains(String(trimmed.prefix(3))) && trimmed.hasSuffix("day")
          || weekdays.contains(trimmed)
        {
          return true
        }
        let parts = trimmed.split(separator: "-")
        if parts.count == 3, let month = monthNumber(String(parts[0])), let day = Int(parts[1]),
          let year = Int(parts[2])
        {
          (fields.month, fields.day, fields.year) = (month, day, year)
          fields.isTwoDigitYear = parts[2].utf8.count <= 2
          return true
        }
      }
      if word == "z" {
        fields.secondsEast = 0
        return true
      }
      if let offset = ZoneAbbreviations.offset(word) {
        fields.secondsEast = offset
        return true
      }
      if let zone = TimeZone.named(String(decoding: token, as: UTF8.self)) {
        fields.zone = zone
        return true
      }
      return false
    }
    if first == 43 || first == 45 {
      guard
        fields.time != nil || fields.special != nil || !fields.numbers.isEmpty
          || fields.year != nil
      else { return false }
      guard let offset = try zoneOffset(token) else { return false }
      fields.secondsEast = offset
      return true
    }
    guard ASCII.isDigit(first) else { return false }
    if token.contains(58) {
      guard let time = try clock(token, range: range) else { return false }
      fields.time = time
      return true
    }
    for separator in [UInt8(ascii: "-"), UInt8(ascii: "/"), UInt8(ascii: ".")]
    where token.contains(separator) {
      let parts = token.split(separator: separator, omittingEmptySubsequences: false)
      if separator == UInt8(ascii: "."), parts.count == 2, parts[0].count == 6,
        parts.allSatisfy({ $0.allSatisfy(ASCII.isDigit) })
      {
        fields.time = try compactClock(Array(parts[0]), fraction: Array(parts[1]), range: range)
        return true
      }
      guard parts.count == 3 else { return false }
      for part in parts {
        if let number = number(part) {
          fields.numbers.append((number, part.count))
        } else if let month = monthNumber(ASCII.lowercased(part)) {
          fields.month = month
        } else {
          return false
        }
      }
      return true
    }
    guard token.allSatisfy(ASCII.isDigit), let value = number(token[...]) else { return false }
    if token.count == 8 && fields.numbers.isEmpty && fields.month == nil && fields.year == nil {
      (fields.year, fields.month, fields.day) = (value / 10_000, value / 100 % 100, value % 100)
      return true
    }
    let hasDate = fields.year != nil || fields.numbers.count == 3
    if (token.count == 6 || token.count == 4) && (hasDate || isTimeOnly) && fields.time == nil {
      fields.time = try compactClock(token, fraction: [], range: range)
      return true
    }
    if token.count == 6 && fields.numbers.isEmpty && fields.month == nil {
      fields.year = value / 10_000
      fields.isTwoDigitYear = true
      (fields.month, fields.day) = (value / 100 % 100, value % 100)
      return true
    }
    fields.numbers.append((value, token.count))
    return true
  }

  private static func monthNumber(_ word: String) -> Int? {
    guard word.utf8.count >= 3, let index = months.firstIndex(of: String(word.prefix(3))) else {
      return nil
    }
    let full = [
      "january", "february", "march", "april", "may", "june", "july", "august", "september",
      "october", "november", "december",
    ][index]
    return word.utf8.count == 3 || word == full || word == "sept" ? index + 1 : nil
  }

  private static func number(_ part: ArraySlice<UInt8>) -> Int? {
    guard part.count > 0, part.count <= 9, part.allSatisfy(ASCII.isDigit) else { return nil }
    return Int(String(decoding: part, as: UTF8.self))
  }

  /// Microseconds of a fraction's digits, rounded.
  static func fraction(_ digits: some Collection<UInt8>) -> Int64 {
    var value: Int64 = 0
    for (index, digit) in digits.enumerated() {
      if index < 6 {
        value = value * 10 + Int64(digit - 48)
      } else {
        if digit >= 53 { value += 1 }
        break
      }
    }
    for _ in min(6, digits.count)..<6 { value *= 10 }
    return value
  }

  private static func assemble(
    _ hour: Int, _ minute: Int, _ second: Int, _ fraction: Int64, range: () -> SQLError
  ) throws(SQLError) -> Int64 {
    guard hour <= 24, minute < 60, second <= 60 else { throw range() }
    let time = Int64(hour * 3_600 + minute * 60 + second) * 1_000_000 + fraction
    guard time <= Calendar.microsecondsPerDay else { throw range() }
    return time
  }

  private static func clock(_ token: [UInt8], range: () -> SQLError) throws(SQLError) -> Int64? {
    let parts = token.split(separator: 58, omittingEmptySubsequences: false)
    guard parts.count == 2 || parts.count == 3, let hour = number(parts[0]),
      let minute = number(parts[1])
    else { return nil }
    var (second, micros): (Int, Int64) = (0, 0)
    if parts.count == 3 {
      let pieces = parts[2].split(separator: 46, omittingEmptySubsequences: false)
      guard pieces.count <= 2, let whole = number(pieces[0]) else { return nil }
      second = whole
      if pieces.count == 2 {
        guard pieces[1].allSatisfy(ASCII.isDigit) else { return nil }
        micros = fraction(pieces[1])
      }
    }
    return try assemble(hour, minute, second, micros, range: range)
  }

  private static func compactClock(
    _ digits: [UInt8], fraction part: [UInt8], range: () -> SQLError
  ) throws(SQLError) -> Int64 {
    let value = number(digits[...]) ?? 0
    let packed = digits.count == 4 ? value * 100 : value
    return try assemble(
      packed / 10_000, packed / 100 % 100, packed % 100, fraction(part), range: range)
  }

  private static func zoneOffset(_ token: [UInt8]) throws(SQLError) -> Int? {
    let parts = token.dropFirst().split(separator: 58, omittingEmptySubsequences: false)
    guard parts.count <= 3, let head = parts.first, let lead = number(head) else { return nil }
    var values = [lead]
    for part in parts.dropFirst() {
      guard let value = number(part) else { return nil }
      values.append(value)
    }
    if parts.count == 1 && head.count > 2 { values = [lead / 100, lead % 100] }
    while values.count < 3 { values.append(0) }
    guard values[0] <= 15, values[1] < 60, values[2] < 60 else {
      throw SQLError(
        .invalidTimeZoneDisplacement,
        "time zone displacement out of range: \"\(String(decoding: token, as: UTF8.self))\"")
    }
    let seconds = values[0] * 3_600 + values[1] * 60 + values[2]
    return token[0] == 45 ? -seconds : seconds
  }

  /// Days since 2000-01-01 of the date's fields; nil without a date.
  private static func resolve(
    _ fields: inout Fields, order: FormatSettings.DateOrder, range: () -> SQLError
  ) throws(SQLError) -> Int? {
    var numbers = fields.numbers
    func setYear(_ number: (value: Int, digits: Int)) {
      fields.year = number.value
      fields.isTwoDigitYear = number.digits <= 2
    }
    if fields.month != nil && fields.year == nil && fields.day == nil {
      guard numbers.count == 2 else { throw range() }
      if numbers[0].digits > 2 || (order == .ymd && numbers[1].digits <= 2) {
        setYear(numbers[0])
        fields.day = numbers[1].value
      } else {
        fields.day = numbers[0].value
        setYear(numbers[1])
      }
    } else if numbers.count == 3 {
      if numbers[0].digits > 2 || order == .ymd {
        setYear(numbers.removeFirst())
        (fields.month, fields.day) = (numbers[0].value, numbers[1].value)
      } else {
        setYear(numbers.removeLast())
        let (first, second) = (numbers[0].value, numbers[1].value)
        (fields.month, fields.day) = order == .dmy ? (second, first) : (first, second)
      }
    } else if !numbers.isEmpty {
      return nil
    }
    guard var year = fields.year, let month = fields.month, let day = fields.day else { return nil }
    if fields.isBC {
      guard year > 0 else { throw range() }
      year = 1 - year
    } else if fields.isTwoDigitYear {
      year += year < 70 ? 2_000 : 1_900
    } else if year == 0 {
      throw range()
    }
    guard (1...12).contains(month), day >= 1, day <= 31, year <= 6_000_000,
      day <= Calendar.daysIn(month: month, year: year)
    else {
      throw range()
    }
    return Calendar.days(year: year, month: month, day: day)
  }

  // MARK: output

  static func write(
    _ value: Int64, as type: SQLType, settings: FormatSettings, into output: inout [UInt8]
  ) {
    switch type.oid {
    case SQLType.time.oid: writeTime(value, into: &output)
    case SQLType.date.oid:
      if value == Int64(Int32.max) { return output.append(contentsOf: "infinity".utf8) }
      if value == Int64(Int32.min) { return output.append(contentsOf: "-infinity".utf8) }
      if writeDate(days: Int(value), into: &output) { output.append(contentsOf: " BC".utf8) }
    default:
      if value == .max { return output.append(contentsOf: "infinity".utf8) }
      if value == .min { return output.append(contentsOf: "-infinity".utf8) }
      var local = value
      var east = 0
      let hasZone = type.oid == SQLType.timestamptz.oid
      if hasZone {
        east = settings.timeZone.secondsEast(at: value)
        local = value.addingReportingOverflow(Int64(east) * 1_000_000).partialValue
      }
      let (days, time) = Calendar.split(local)
      let isBC = writeDate(days: days, into: &output)
      output.append(32)
      writeTime(time, into: &output)
      if hasZone { writeOffset(secondsEast: east, into: &output) }
      if isBC { output.append(contentsOf: " BC".utf8) }
    }
  }

  /// True when the year was before Christ.
  private static func writeDate(days: Int, into output: inout [UInt8]) -> Bool {
    let date = Calendar.date(days: days)
    ASCII.appendPadded(date.year > 0 ? date.year : 1 - date.year, width: 4, into: &output)
    output.append(ASCII.minus)
    ASCII.appendPadded(date.month, width: 2, into: &output)
    output.append(ASCII.minus)
    ASCII.appendPadded(date.day, width: 2, into: &output)
    return date.year <= 0
  }

  static func writeTime(_ microseconds: Int64, into output: inout [UInt8]) {
    let seconds = Int(microseconds / 1_000_000)
    ASCII.appendPadded(seconds / 3_600, width: 2, into: &output)
    output.append(58)
    ASCII.appendPadded(seconds / 60 % 60, width: 2, into: &output)
    output.append(58)
    ASCII.appendPadded(seconds % 60, width: 2, into: &output)
    writeFraction(microseconds % 1_000_000, into: &output)
  }

  static func writeFraction(_ microseconds: Int64, into output: inout [UInt8]) {
    guard microseconds != 0 else { return }
    output.append(46)
    ASCII.appendPadded(Int(microseconds.magnitude), width: 6, into: &output)
    while output.last == 48 { output.removeLast() }
  }

  static func writeOffset(secondsEast: Int, into output: inout [UInt8]) {
    output.append(secondsEast < 0 ? ASCII.minus : ASCII.plus)
    let seconds = abs(secondsEast)
    ASCII.appendPadded(seconds / 3_600, width: 2, into: &output)
    if seconds % 3_600 != 0 {
      output.append(58)
      ASCII.appendPadded(seconds / 60 % 60, width: 2, into: &output)
    }
    if seconds % 60 != 0 {
      output.append(58)
      ASCII.appendPadded(seconds % 60, width: 2, into: &output)
    }
  }
}
