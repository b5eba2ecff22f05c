import Types

/// Scalars as texts: in literals, JSON, casts and DESCRIBE.
enum TextForm {
  static func parse(_ text: String, _ native: CQLType.Native) throws(CQLError) -> Datum {
    switch native {
    case .ascii:
      guard text.utf8.allSatisfy({ $0 < 0x80 }) else {
        throw .invalid("Invalid ASCII character in string literal")
      }
      return .text(text)
    case .text: return .text(text)
    case .timestamp: return try timestamp(text)
    case .date: return try date(text)
    case .time: return try time(text)
    case .uuid, .timeuuid: return try uuid(text, native)
    case .inet:
      guard let value = sql(text, .inet), case .inet(let inet) = value,
        inet.prefixLength == inet.prefixLengthMax
      else { throw .invalid("Unable to make inet address from '\(text)'") }
      return .scalar(value)
    case .duration: return .scalar(.interval(try DurationText.parse(text)))
    case .blob:
      guard text.hasPrefix("0x") || text.hasPrefix("0X"),
        let bytes = HexText.bytes(Array(text.utf8)[2...])
      else { throw .invalid("String representation of blob is missing 0x prefix: \(text)") }
      return .scalar(.bytes(bytes))
    case .boolean:
      switch text.lowercased() {
      case "true": return .bool(true)
      case "false": return .bool(false)
      default: throw .invalid("Unable to make boolean from '\(text)'")
      }
    default: return try number(text, native)
    }
  }

  static func number(_ text: String, _ native: CQLType.Native) throws(CQLError) -> Datum {
    let fault = CQLError.invalid("Unable to make \(native.rawValue) from '\(text)'")
    switch native {
    case .double, .float:
      guard let number = Double(text) else { throw fault }
      return .scalar(.float(native == .float ? Double(Float(number)) : number))
    case .decimal, .varint:
      let number = try BigInteger.parse(text)
      guard number.isFinite, native == .decimal || number.isInteger else { throw fault }
      return .scalar(.numeric(number))
    default:
      guard let number = Int64(text) else { throw fault }
      return .int(try ranged(number, native))
    }
  }

  static func ranged(_ number: Int64, _ native: CQLType.Native) throws(CQLError) -> Int64 {
    let isIn: Bool
    switch native {
    case .int: isIn = Int32(exactly: number) != nil
    case .smallint: isIn = Int16(exactly: number) != nil
    case .tinyint: isIn = Int8(exactly: number) != nil
    default: isIn = true
    }
    guard isIn else { throw .invalid("Unable to make \(native.rawValue) from '\(number)'") }
    return number
  }

  private static func sql(_ text: String, _ type: SQLType) -> Value? {
    // What it is, SQL's errors do not say in CQL's words.
    let parsed = Result<Value, SQLError> { () throws(SQLError) in
      try TypeIO.parseText(text, as: type)
    }
    if case .success(let value) = parsed { return value }
    return nil
  }

  private static func timestamp(_ text: String) throws(CQLError) -> Datum {
    if let milliseconds = Int64(text) {
      return .int(try Times.sql(unixMilliseconds: milliseconds))
    }
    let isPlain = text.utf8.first.map { (48...57).contains($0) || $0 == UInt8(ascii: "-") } ?? false
    let zoned = text.hasSuffix("z") ? String(text.dropLast()) + "Z" : text
    guard isPlain, let value = sql(zoned, .timestamptz), case .int(let micros) = value,
      micros != .max, micros != .min
    else { throw .invalid("Unable to coerce '\(text)' to a formatted date (long)") }
    // Milliseconds are all there is.
    return .int(
      Calendar.split(micros).time % 1_000 == 0
        ? micros : micros - Calendar.split(micros).time % 1_000)
  }

  private static func date(_ text: String) throws(CQLError) -> Datum {
    let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
    if !digits.isEmpty, digits.utf8.allSatisfy({ (48...57).contains($0) }) {
      guard let days = UInt32(text) else {
        throw .invalid("Unable to coerce '\(text)' to a formatted date: days are an unsigned int")
      }
      return .int(Int64(days) - 0x8000_0000 - Times.epochDays)
    }
    guard text.utf8.allSatisfy({ (48...57).contains($0) || $0 == UInt8(ascii: "-") }),
      let value = sql(text, .date), case .int(let days) = value
    else { throw .invalid("Unable to coerce '\(text)' to a formatted date (long)") }
    return .int(days)
  }

  private static func time(_ text: String) throws(CQLError) -> Datum {
    if let nanoseconds = Int64(text) { return .int(try Times.sql(timeNanoseconds: nanoseconds)) }
    let fault = CQLError.invalid("Unable to coerce '\(text)' to a formatted time (long)")
    let halves = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    let parts = halves[0].split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 3, let hours = Int64(parts[0]), let minutes = Int64(parts[1]),
      let seconds = Int64(parts[2]), (0...23).contains(hours), (0...59).contains(minutes),
      (0...59).contains(seconds)
    else { throw fault }
    var nanoseconds: Int64 = 0
    if halves.count == 2 {
      let digits = halves[1]
      guard (1...9).contains(digits.utf8.count), let fraction = UInt32(digits) else { throw fault }
      nanoseconds = Int64(fraction)
      for _ in digits.utf8.count..<9 { nanoseconds *= 10 }
    }
    return .int(
      try Times.sql(
        timeNanoseconds: ((hours * 60 + minutes) * 60 + seconds) * 1_000_000_000 + nanoseconds))
  }

  private static func uuid(_ text: String, _ native: CQLType.Native) throws(CQLError) -> Datum {
    guard text.utf8.count == 36, let value = sql(text, .uuid), case .uuid(let uuid) = value else {
      throw .invalid("Unable to make UUID from '\(text)'")
    }
    guard native == .uuid || TimeUUID.isVersion1(uuid) else {
      throw .invalid("Invalid version for TimeUUID type.")
    }
    return .scalar(value)
  }

  // MARK: Writing

  /// As a cast to text gives it.
  static func text(_ value: Value, _ native: CQLType.Native) -> String {
    switch value {
    case .null: return "null"
    case .bool(let flag): return flag ? "true" : "false"
    case .int(let number):
      switch native {
      case .timestamp: return timestampText(number)
      case .date: return padded(TypeIO.formatText(value, as: .date))
      case .time: return timeText(number)
      default: return String(number)
      }
    case .float(let number):
      if number.isNaN { return "NaN" }
      if number.isInfinite { return number < 0 ? "-Infinity" : "Infinity" }
      return native == .float ? "\(Float(number))" : "\(number)"
    case .numeric(let number): return number.description
    case .text(let bytes): return String(decoding: bytes, as: UTF8.self)
    case .bytes(let bytes): return "0x" + HexText.text(bytes)
    case .interval(let interval): return DurationText.text(interval)
    case .inet(let inet):
      return TypeIO.formatText(
        .inet(inet.isIPv6 ? inet : inet), as: .inet)
    default: return TypeIO.formatText(value, as: .uuid)
    }
  }

  private static func padded(_ text: String) -> String { text }

  /// `2011-02-03 04:05:00.000Z`
  private static func timestampText(_ micros: Int64) -> String {
    let (days, time) = Calendar.split(micros)
    let date = Calendar.date(days: days)
    func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let milliseconds = time / 1_000
    let fraction = String(milliseconds % 1_000 + 1_000).dropFirst()
    let seconds = milliseconds / 1_000
    let year = String(date.year)
    let padding = String(repeating: "0", count: max(0, 4 - year.utf8.count))
    return
      "\(padding)\(year)-\(two(Int64(date.month)))-\(two(Int64(date.day))) "
      + "\(two(seconds / 3_600)):\(two(seconds / 60 % 60)):\(two(seconds % 60)).\(fraction)Z"
  }

  /// `08:12:54.123456789`
  private static func timeText(_ micros: Int64) -> String {
    func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let seconds = micros / 1_000_000
    let fraction = String(micros % 1_000_000 + 1_000_000).dropFirst() + "000"
    return "\(two(seconds / 3_600)):\(two(seconds / 60 % 60)):\(two(seconds % 60)).\(fraction)"
  }
}

/// Durations as texts: `1y2mo3d4h5m6s`, and ISO 8601's `P1Y2M3DT4H5M6S`.
enum DurationText {
  static func parse(_ text: String) throws(CQLError) -> IntervalValue {
    let fault = CQLError.invalid("Unable to convert '\(text)' to a duration")
    let isNegative = text.hasPrefix("-")
    let body = (isNegative ? String(text.dropFirst()) : text).lowercased()
    let isISO = body.hasPrefix("p")
    if let fixed = ISODuration.numbers(body) {
      let sign: Int64 = isNegative ? -1 : 1
      guard let months = Int32(exactly: sign * (fixed[0] * 12 + fixed[1])),
        let days = Int32(exactly: sign * fixed[2])
      else { throw fault }
      let seconds = (fixed[3] * 60 + fixed[4]) * 60 + fixed[5]
      return try DurationCodec.interval(
        months: months, days: days, nanoseconds: sign * seconds * 1_000_000_000)
    }
    var (months, days, nanoseconds): (Int64, Int64, Int64) = (0, 0, 0)
    var number = ""
    var unit = ""
    var isTime = false
    var last = -1
    func add() throws(CQLError) {
      guard let count = Int64(number) else { throw fault }
      if let rank = Self.rank(unit, isDate: isISO && !isTime) {
        guard rank != last else {
          throw .invalid("Invalid duration. The \(Self.units[rank]) are specified multiple times")
        }
        guard rank > last else {
          throw .invalid(
            "Invalid duration. The \(Self.units[last]) should be after \(Self.units[rank])")
        }
        last = rank
      }
      func time(_ unit: Int64) throws(CQLError) {
        let (part, isOver) = count.multipliedReportingOverflow(by: unit)
        let (sum, isFar) = nanoseconds.addingReportingOverflow(part)
        guard !isOver, !isFar else { throw fault }
        nanoseconds = sum
      }
      switch (unit, isISO && !isTime) {
      case ("y", _): months += count * 12
      case ("mo", false), ("m", true): months += count
      case ("w", _): days += count * 7
      case ("d", _): days += count
      case ("h", _): try time(3_600_000_000_000)
      case ("m", false): try time(60_000_000_000)
      case ("s", _): try time(1_000_000_000)
      case ("ms", false): try time(1_000_000)
      case ("us", false), ("µs", false): try time(1_000)
      case ("ns", false): try time(1)
      default: throw fault
      }
      (number, unit) = ("", "")
    }
    for character in isISO ? body.dropFirst() : body[...] {
      if character.isNumber {
        if !unit.isEmpty { try add() }
        number.append(character)
        guard number.utf8.count < 12 else { throw fault }
      } else if isISO && character == "t" {
        if !unit.isEmpty { try add() }
        isTime = true
      } else {
        unit.append(character)
      }
    }
    try add()
    let sign: Int64 = isNegative ? -1 : 1
    guard let months = Int32(exactly: months * sign), let days = Int32(exactly: days * sign) else {
      throw fault
    }
    return try DurationCodec.interval(
      months: months, days: days, nanoseconds: nanoseconds * sign)
  }

  private static let units = [
    "years", "months", "weeks", "days", "hours", "minutes", "seconds", "milliseconds",
    "microseconds", "nanoseconds",
  ]

  /// Where the unit stands among all, from the largest on.
  private static func rank(_ unit: String, isDate: Bool) -> Int? {
    switch unit {
    case "y": 0
    case "mo": 1
    case "w": 2
    case "d": 3
    case "h": 4
    case "m": isDate ? 1 : 5
    case "s": 6
    case "ms": 7
    case "us", "µs": 8
    case "ns": 9
    default: nil
    }
  }

  static func text(_ interval: IntervalValue) -> String {
    let isNegative = interval.months < 0 || interval.days < 0 || interval.microseconds < 0
    var output = isNegative ? "-" : ""
    var rest = interval.microseconds.magnitude
    let months = interval.months.magnitude
    func add(_ count: some BinaryInteger, _ unit: String) {
      if count > 0 { output += "\(count)\(unit)" }
    }
    add(months / 12, "y")
    add(months % 12, "mo")
    add(interval.days.magnitude, "d")
    for (unit, size) in [
      ("h", UInt64(3_600_000_000)), ("m", 60_000_000), ("s", 1_000_000), ("ms", 1_000), ("us", 1),
    ] {
      add(rest / size, unit)
      rest %= size
    }
    return output
  }
}
