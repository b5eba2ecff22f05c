/// Intervals: `1 year 2 mons -3 days 04:05:06.7`, ISO 8601's `P1Y2M`, `1 day ago`.
enum IntervalText {
  private struct Sum {
    var months: Int128 = 0
    var days: Int128 = 0
    var micros: Int128 = 0

    /// `value` × 10^−places of a unit; the fraction spills into the smaller fields.
    mutating func add(_ value: Int128, places: Int, unit: String) -> Bool {
      var scale: Int128 = 1
      for _ in 0..<places { scale *= 10 }
      func time(_ micros: Int128) -> Int128 {
        let product = value * micros
        let half = product < 0 ? -scale / 2 : scale / 2
        return (product + half) / scale
      }
      func addDays(_ numerator: Int128, _ denominator: Int128) {
        days += numerator / denominator
        micros += numerator % denominator * 86_400_000_000 / denominator
      }
      func addMonths(_ factor: Int128) {
        let product = value * factor
        if factor >= 12 {
          let half = product < 0 ? -scale / 2 : scale / 2
          months += (product + half) / scale
        } else {
          months += product / scale
          addDays(product % scale * 30, scale)
        }
      }
      switch unit {
      case "us", "usec", "usecs", "microsecond", "microseconds", "microsecon": micros += time(1)
      case "ms", "msec", "msecs", "millisecond", "milliseconds", "msecond", "mseconds":
        micros += time(1_000)
      case "s", "sec", "secs", "second", "seconds": micros += time(1_000_000)
      case "m", "min", "mins", "minute", "minutes": micros += time(60_000_000)
      case "h", "hr", "hrs", "hour", "hours": micros += time(3_600_000_000)
      case "d", "day", "days": addDays(value, scale)
      case "w", "week", "weeks": addDays(value * 7, scale)
      case "mon", "mons", "month", "months": addMonths(1)
      case "y", "yr", "yrs", "year", "years": addMonths(12)
      case "dec", "decs", "decade", "decades": addMonths(120)
      case "c", "cent", "century", "centuries": addMonths(1_200)
      case "mil", "mils", "millennium", "millennia": addMonths(12_000)
      default: return false
      }
      return true
    }
  }

  static func parse(_ bytes: [UInt8], as type: SQLType) throws(SQLError) -> IntervalValue {
    let text = String(decoding: bytes, as: UTF8.self)
    let syntax = SQLError(
      .invalidDatetimeFormat, "invalid input syntax for type interval: \"\(text)\"")
    let trimmed = Array(ASCII.trimmed(bytes))
    guard !trimmed.isEmpty, trimmed.count <= 256 else { throw syntax }
    var sum = Sum()
    let fields = IntervalFields(modifier: type.modifier)
    let valid =
      trimmed[0] == UInt8(ascii: "P") && trimmed.count > 1
      ? parseISO(trimmed, into: &sum) : parsePhrase(trimmed, fields: fields, into: &sum)
    guard valid else { throw syntax }
    guard let months = Int32(exactly: sum.months), let days = Int32(exactly: sum.days),
      let micros = Int64(exactly: sum.micros)
    else {
      throw SQLError(.datetimeFieldOverflow, "interval field value out of range: \"\(text)\"")
    }
    return adjust(
      IntervalValue(months: months, days: days, microseconds: micros), to: type)
  }

  /// Drops the fields and digits that the modifier does not keep.
  static func adjust(_ value: IntervalValue, to type: SQLType) -> IntervalValue {
    guard type.modifier >= 0 else { return value }
    let fields = IntervalFields(modifier: type.modifier)
    var (months, days, micros) = (value.months, value.days, value.microseconds)
    if fields.mask != IntervalFields.all && fields.mask != 0 {
      let unit: Int64
      if fields.mask & IntervalFields.second != 0 {
        unit = 1
      } else if fields.mask & IntervalFields.minute != 0 {
        unit = 60_000_000
      } else if fields.mask & IntervalFields.hour != 0 {
        unit = 3_600_000_000
      } else {
        unit = 0
      }
      micros = unit == 0 ? 0 : micros / unit * unit
      let keepsDay = fields.mask & IntervalFields.day != 0
      if unit == 0 && !keepsDay { days = 0 }
      if unit == 0 && !keepsDay && fields.mask & IntervalFields.month == 0 {
        months = months / 12 * 12
      }
    }
    if let precision = fields.precision {
      micros = DateTimeText.round(micros, to: Int32(precision))
    }
    return IntervalValue(months: months, days: days, microseconds: micros)
  }

  /// A signed decimal; its digits as an integer and how many follow the point. At most 18 digits.
  private static func decimal(_ bytes: ArraySlice<UInt8>) -> (value: Int128, places: Int)? {
    var rest = bytes
    var isNegative = false
    if let first = rest.first, first == 43 || first == 45 {
      isNegative = first == 45
      rest = rest.dropFirst()
    }
    let parts = rest.split(separator: 46, omittingEmptySubsequences: false)
    guard parts.count <= 2, rest.contains(where: ASCII.isDigit),
      parts.allSatisfy({ $0.allSatisfy(ASCII.isDigit) }), parts[0].count <= 18
    else { return nil }
    let fraction = parts.count == 2 ? parts[1].prefix(12) : []
    var value: Int128 = 0
    for digit in parts[0] { value = value * 10 + Int128(digit - 48) }
    for digit in fraction { value = value * 10 + Int128(digit - 48) }
    return (isNegative ? -value : value, fraction.count)
  }

  private static func parsePhrase(
    _ bytes: [UInt8], fields: IntervalFields, into sum: inout Sum
  ) -> Bool {
    var tokens: [ArraySlice<UInt8>] = []
    for word in bytes.split(whereSeparator: { ASCII.isSpace($0) || $0 == 44 || $0 == 64 }) {
      var start = word.startIndex
      for index in word.indices.dropFirst()
      where ASCII.isLetter(word[index]) != ASCII.isLetter(word[index - 1]) {
        tokens.append(word[start..<index])
        start = index
      }
      tokens.append(word[start...])
    }
    var index = 0
    var isAgo = false
    while index < tokens.count {
      let token = tokens[index]
      index += 1
      if ASCII.lowercased(token) == "ago" {
        guard index == tokens.count, index > 1 else { return false }
        isAgo = true
        continue
      }
      if token.contains(58) {
        guard let micros = clock(token, fields: fields) else { return false }
        sum.micros += micros
        continue
      }
      if let dash = token.dropFirst().firstIndex(of: 45) {
        // year-month
        guard let years = decimal(token[..<dash]), let months = decimal(token[(dash + 1)...]),
          years.places == 0, months.places == 0, months.value >= 0, months.value < 12
        else { return false }
        let sign: Int128 = token.first == 45 ? -1 : 1
        sum.months += years.value * 12 + sign * months.value
        continue
      }
      guard let number = decimal(token) else { return false }
      if index < tokens.count, let first = tokens[index].first, ASCII.isLetter(first),
        ASCII.lowercased(tokens[index]) != "ago"
      {
        let unit = ASCII.lowercased(tokens[index])
        index += 1
        guard sum.add(number.value, places: number.places, unit: unit) else { return false }
      } else if index < tokens.count, tokens[index].contains(58) {
        guard sum.add(number.value, places: number.places, unit: "day") else { return false }
      } else {
        let unit: String
        switch fields.mask {
        case IntervalFields.year: unit = "year"
        case IntervalFields.month, IntervalFields.year | IntervalFields.month: unit = "month"
        case IntervalFields.day: unit = "day"
        case IntervalFields.hour, IntervalFields.day | IntervalFields.hour: unit = "hour"
        case IntervalFields.minute, IntervalFields.hour | IntervalFields.minute,
          IntervalFields.day | IntervalFields.hour | IntervalFields.minute:
          unit = "minute"
        default: unit = "second"
        }
        guard sum.add(number.value, places: number.places, unit: unit) else { return false }
      }
    }
    if isAgo { (sum.months, sum.days, sum.micros) = (-sum.months, -sum.days, -sum.micros) }
    return !tokens.isEmpty
  }

  private static func clock(_ token: ArraySlice<UInt8>, fields: IntervalFields) -> Int128? {
    var rest = token
    var sign: Int128 = 1
    if let first = rest.first, first == 43 || first == 45 {
      sign = first == 45 ? -1 : 1
      rest = rest.dropFirst()
    }
    let parts = rest.split(separator: 58, omittingEmptySubsequences: false)
    var numbers: [(value: Int128, places: Int)] = []
    for part in parts {
      guard let first = part.first, ASCII.isDigit(first), let number = decimal(part) else {
        return nil
      }
      numbers.append(number)
    }
    guard parts.count == 2 || parts.count == 3, numbers[0].places == 0 else { return nil }
    let isMinuteSecond =
      parts.count == 2
      && (numbers[1].places > 0 || fields.mask == IntervalFields.minute | IntervalFields.second)
    if isMinuteSecond { numbers.insert((0, 0), at: 0) }
    if numbers.count == 2 { numbers.append((0, 0)) }
    guard numbers[1].places == 0, numbers[1].value < 60 else { return nil }
    var scale: Int128 = 1
    for _ in 0..<numbers[2].places { scale *= 10 }
    guard numbers[2].value <= 60 * scale else { return nil }
    let seconds = (numbers[2].value * 1_000_000 + scale / 2) / scale
    return sign * (numbers[0].value * 3_600_000_000 + numbers[1].value * 60_000_000 + seconds)
  }

  private static func parseISO(_ bytes: [UInt8], into sum: inout Sum) -> Bool {
    var inTime = false
    var start = 1
    for index in 1..<bytes.count where ASCII.isLetter(bytes[index]) {
      if bytes[index] == UInt8(ascii: "T") {
        guard start == index, !inTime else { return false }
        inTime = true
      } else {
        guard let number = decimal(bytes[start..<index]) else { return false }
        let unit: String
        switch (bytes[index], inTime) {
        case (UInt8(ascii: "Y"), false): unit = "year"
        case (UInt8(ascii: "M"), false): unit = "month"
        case (UInt8(ascii: "W"), false): unit = "week"
        case (UInt8(ascii: "D"), false): unit = "day"
        case (UInt8(ascii: "H"), true): unit = "hour"
        case (UInt8(ascii: "M"), true): unit = "minute"
        case (UInt8(ascii: "S"), true): unit = "second"
        default: return false
        }
        guard sum.add(number.value, places: number.places, unit: unit) else { return false }
      }
      start = index + 1
    }
    return start == bytes.count
  }

  static func write(
    _ value: IntervalValue, style: FormatSettings.IntervalStyle, into output: inout [UInt8]
  ) {
    let (years, months) = (value.months / 12, value.months % 12)
    let micros = value.microseconds
    let (hours, minutes) = (micros / 3_600_000_000, micros / 60_000_000 % 60)
    let seconds = micros / 1_000_000 % 60
    if style == .iso8601 {
      if value.months == 0 && value.days == 0 && micros == 0 {
        return output.append(contentsOf: "PT0S".utf8)
      }
      func part(_ number: Int64, _ letter: String) {
        if number != 0 { output.append(contentsOf: "\(number)\(letter)".utf8) }
      }
      output.append(UInt8(ascii: "P"))
      part(Int64(years), "Y")
      part(Int64(months), "M")
      part(Int64(value.days), "D")
      guard micros != 0 else { return }
      output.append(UInt8(ascii: "T"))
      part(hours, "H")
      part(minutes, "M")
      if micros % 60_000_000 != 0 {
        if micros < 0 { output.append(ASCII.minus) }
        output.append(contentsOf: String(seconds.magnitude).utf8)
        DateTimeText.writeFraction(micros % 1_000_000, into: &output)
        output.append(UInt8(ascii: "S"))
      }
      return
    }
    var isFirst = true
    var wasNegative = false
    func part(_ number: Int32, _ name: String) {
      guard number != 0 else { return }
      if !isFirst { output.append(32) }
      if wasNegative && number > 0 { output.append(ASCII.plus) }
      output.append(contentsOf: "\(number) \(name)\(number == 1 ? "" : "s")".utf8)
      (isFirst, wasNegative) = (false, number < 0)
    }
    part(years, "year")
    part(months, "mon")
    part(value.days, "day")
    guard isFirst || micros != 0 else { return }
    if !isFirst { output.append(32) }
    if micros < 0 {
      output.append(ASCII.minus)
    } else if wasNegative {
      output.append(ASCII.plus)
    }
    ASCII.appendPadded(Int(hours.magnitude), width: 2, into: &output)
    output.append(58)
    ASCII.appendPadded(Int(minutes.magnitude), width: 2, into: &output)
    output.append(58)
    ASCII.appendPadded(Int(seconds.magnitude), width: 2, into: &output)
    DateTimeText.writeFraction(micros % 1_000_000, into: &output)
  }
}
