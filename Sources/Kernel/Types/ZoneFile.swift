/// Reads TZif files (RFC 8536), version 2 or later. Malformed data gives nil.
enum ZoneFile {
  static func parse(_ data: [UInt8], name: String) -> TimeZone? {
    guard let first = Header(data, at: 0), first.version >= 50,
      let second = Header(data, at: 44 + first.bodySize(timeSize: 4))
    else { return nil }
    let start = 44 + first.bodySize(timeSize: 4) + 44
    guard start + second.bodySize(timeSize: 8) <= data.count, second.typeCount > 0 else {
      return nil
    }
    var transitions: [Int64] = []
    for index in 0..<second.timeCount {
      transitions.append(Int64(bitPattern: big(data, start + index * 8, 8)))
    }
    let indicesAt = start + second.timeCount * 8
    let indices = Array(data[indicesAt..<indicesAt + second.timeCount])
    guard indices.allSatisfy({ Int($0) < second.typeCount }) else { return nil }
    let typesAt = indicesAt + second.timeCount
    let namesAt = typesAt + second.typeCount * 6
    var locals: [TimeZone.Local] = []
    for index in 0..<second.typeCount {
      let at = typesAt + index * 6
      let offset = Int(Int32(bitPattern: UInt32(truncatingIfNeeded: big(data, at, 4))))
      let nameStart = Int(data[at + 5])
      guard nameStart < second.nameCount, offset.magnitude < 200_000 else { return nil }
      let name = data[namesAt + nameStart..<namesAt + second.nameCount].prefix { $0 != 0 }
      locals.append(
        TimeZone.Local(
          secondsEast: offset, isDaylight: data[at + 4] != 0,
          abbreviation: String(decoding: name, as: UTF8.self)))
    }
    let footer = data[(start + second.bodySize(timeSize: 8))...].filter { $0 != 10 }
    return TimeZone(
      name: name, transitions: transitions, indices: indices, locals: locals,
      rule: PosixZone.parse(Array(footer)))
  }

  static func big(_ data: [UInt8], _ at: Int, _ count: Int) -> UInt64 {
    data[at..<at + count].reduce(0) { $0 << 8 | UInt64($1) }
  }

  private struct Header {
    var version: UInt8
    var counts: [Int]
    var timeCount: Int { counts[3] }
    var typeCount: Int { counts[4] }
    var nameCount: Int { counts[5] }

    init?(_ data: [UInt8], at start: Int) {
      guard start + 44 <= data.count, Array(data[start..<start + 4]) == Array("TZif".utf8) else {
        return nil
      }
      version = data[start + 4]
      counts = (0..<6).map { Int(ZoneFile.big(data, start + 20 + $0 * 4, 4)) }
      guard counts.allSatisfy({ $0 <= 1 << 16 }) else { return nil }
    }

    func bodySize(timeSize: Int) -> Int {
      timeCount * (timeSize + 1) + typeCount * 6 + nameCount + counts[2] * (timeSize + 4)
        + counts[1] + counts[0]
    }
  }
}

/// A POSIX TZ rule: `CET-1CEST,M3.5.0,M10.5.0/3`.
struct PosixZone: Sendable {
  struct Change: Sendable {
    enum Day: Sendable {
      case julian(Int)
      case zeroBased(Int)
      case weekday(month: Int, week: Int, day: Int)
    }
    var day: Day
    var seconds: Int
  }
  var standard: TimeZone.Local
  var daylight: (local: TimeZone.Local, start: Change, end: Change)?

  func local(atUnix seconds: Int64) -> TimeZone.Local {
    guard let daylight else { return standard }
    let localDays = Int((seconds + Int64(standard.secondsEast) - 946_684_800) / 86_400)
    let year = Calendar.date(days: max(-4_000_000, min(localDays, 2_000_000_000))).year
    let start = Self.moment(daylight.start, year: year) - Int64(standard.secondsEast)
    let end = Self.moment(daylight.end, year: year) - Int64(daylight.local.secondsEast)
    let inside =
      start < end ? seconds >= start && seconds < end : seconds >= start || seconds < end
    return inside ? daylight.local : standard
  }

  private static func moment(_ change: Change, year: Int) -> Int64 {
    var days: Int
    let newYear = Calendar.days(year: year, month: 1, day: 1)
    switch change.day {
    case .julian(let day):
      days = newYear + day - 1 + (Calendar.isLeap(year) && day >= 60 ? 1 : 0)
    case .zeroBased(let day): days = newYear + day
    case .weekday(let month, let week, let day):
      let first = Calendar.days(year: year, month: month, day: 1)
      // 2000-01-01 was a Saturday.
      let weekday = ((first + 6) % 7 + 7) % 7
      days = first + (day - weekday + 7) % 7 + (week - 1) * 7
      if days >= first + Calendar.daysIn(month: month, year: year) { days -= 7 }
    }
    return Int64(days) * 86_400 + Int64(change.seconds) + Calendar.epochOffsetSeconds
  }

  static func parse(_ text: [UInt8]) -> PosixZone? {
    var reader = Reader(text: text)
    guard let name = reader.name(), let west = reader.time() else { return nil }
    var zone = PosixZone(
      standard: TimeZone.Local(secondsEast: -west, isDaylight: false, abbreviation: name))
    if reader.isAtEnd { return zone }
    guard let summer = reader.name() else { return nil }
    var east = -west + 3_600
    if let byte = reader.peek, byte != 44 {
      guard let explicit = reader.time() else { return nil }
      east = -explicit
    }
    var start = Change(day: .weekday(month: 3, week: 2, day: 0), seconds: 7_200)
    var end = Change(day: .weekday(month: 11, week: 1, day: 0), seconds: 7_200)
    if !reader.isAtEnd {
      guard reader.take(44), let first = reader.change(), reader.take(44),
        let second = reader.change(), reader.isAtEnd
      else { return nil }
      (start, end) = (first, second)
    }
    zone.daylight = (
      TimeZone.Local(secondsEast: east, isDaylight: true, abbreviation: summer), start, end
    )
    return zone
  }

  private struct Reader {
    let text: [UInt8]
    var position = 0
    init(text: [UInt8]) { self.text = text }
    var isAtEnd: Bool { position == text.count }
    var peek: UInt8? { position < text.count ? text[position] : nil }

    mutating func take(_ byte: UInt8) -> Bool {
      guard peek == byte else { return false }
      position += 1
      return true
    }

    mutating func name() -> String? {
      let quoted = take(60)
      let start = position
      while let byte = peek, quoted ? byte != 62 : ASCII.isLetter(byte) { position += 1 }
      let name = String(decoding: text[start..<position], as: UTF8.self)
      if quoted && !take(62) { return nil }
      return quoted || name.utf8.count >= 3 ? name : nil
    }

    mutating func number() -> Int? {
      let start = position
      var value = 0
      while let byte = peek, ASCII.isDigit(byte), position - start < 4 {
        value = value * 10 + Int(byte - 48)
        position += 1
      }
      return position > start ? value : nil
    }

    mutating func time() -> Int? {
      var sign = 1
      if take(45) { sign = -1 } else { _ = take(43) }
      guard let hours = number(), hours <= 167 else { return nil }
      var seconds = hours * 3_600
      for unit in [60, 1] where take(58) {
        guard let part = number(), part < 60 else { return nil }
        seconds += part * unit
      }
      return sign * seconds
    }

    mutating func change() -> Change? {
      var day: Change.Day
      if take(77) {
        guard let month = number(), (1...12).contains(month), take(46), let week = number(),
          (1...5).contains(week), take(46), let weekday = number(), weekday < 7
        else { return nil }
        day = .weekday(month: month, week: week, day: weekday)
      } else if take(74) {
        guard let value = number(), (1...365).contains(value) else { return nil }
        day = .julian(value)
      } else {
        guard let value = number(), value <= 365 else { return nil }
        day = .zeroBased(value)
      }
      var seconds = 7_200
      if take(47) {
        guard let time = time() else { return nil }
        seconds = time
      }
      return Change(day: day, seconds: seconds)
    }
  }
}
