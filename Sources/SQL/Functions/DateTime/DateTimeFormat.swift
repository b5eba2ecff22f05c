import Types

/// The patterns of to_char, to_date and to_timestamp for dates and times.
struct DateTimeFormat {
  enum Part {
    case field(String, isFilled: Bool, suffix: String)
    case literal([UInt8])
  }
  /// Longest first, so that YYYY is not read as YY twice.
  private static let names = [
    "MONTH", "Month", "month", "Y,YYY", "YYYY", "IYYY", "A.D.", "a.d.", "B.C.", "b.c.", "A.M.",
    "a.m.", "P.M.", "p.m.", "SSSSS", "SSSS", "HH24", "HH12", "YYY", "IYY", "IDDD", "DDD", "DAY",
    "Day", "day", "MON", "Mon", "mon", "TZH", "TZM", "FF1", "FF2", "FF3", "FF4", "FF5", "FF6",
    "HH", "MI", "SS", "MS", "US", "YY", "IY", "MM", "DD", "DY", "Dy", "dy", "ID", "WW", "IW",
    "CC", "RM", "rm", "TZ", "tz", "OF", "AD", "ad", "BC", "bc", "AM", "am", "PM", "pm", "Y", "I",
    "D", "W", "Q", "J",
  ].map { (name: $0, bytes: Array($0.utf8)) }

  let parts: [Part]

  init(_ pattern: [UInt8]) {
    var parts: [Part] = []
    var index = 0
    while index < pattern.count {
      if pattern[index] == UInt8(ascii: "\"") {
        index += 1
        var text: [UInt8] = []
        while index < pattern.count, pattern[index] != UInt8(ascii: "\"") {
          if pattern[index] == UInt8(ascii: "\\"), index + 1 < pattern.count { index += 1 }
          text.append(pattern[index])
          index += 1
        }
        index += 1
        parts.append(.literal(text))
        continue
      }
      var start = index
      var isFilled = true
      while pattern[start...].starts(with: "FM".utf8) || pattern[start...].starts(with: "TM".utf8) {
        if pattern[start] == UInt8(ascii: "F") { isFilled = false }
        start += 2
      }
      let rest = pattern[start...]
      let lowered = rest.prefix(6).map { $0 | ($0 >= 65 && $0 <= 90 ? 0x20 : 0) }
      // Letters in the wrong case are read as the upper-case field, as numbers have no case.
      if let name = Self.names.first(where: { rest.starts(with: $0.bytes) })
        ?? Self.names.first(where: { entry in
          lowered.starts(with: entry.bytes.map { $0 | ($0 >= 65 && $0 <= 90 ? 0x20 : 0) })
        })
      {
        index = start + name.bytes.count
        var suffix = ""
        let after = pattern[index...].prefix(2)
        if after.elementsEqual("TH".utf8) || after.elementsEqual("th".utf8) {
          suffix = String(decoding: after, as: UTF8.self)
          index += 2
        }
        parts.append(.field(name.name, isFilled: isFilled, suffix: suffix))
      } else {
        parts.append(.literal([pattern[index]]))
        index += 1
      }
    }
    self.parts = parts
  }

  static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
  ]
  static let weekdays = [
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
  ]
  private static let romans = [
    "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII",
  ]

  /// A moment's local fields; `days` nil for an interval, whose own fields are given.
  struct Fields {
    var year = 0, month = 0, day = 0
    var days: Int?
    var time: Int64 = 0
    var secondsEast = 0
    var zone = ""
  }

  func text(_ fields: Fields) -> [UInt8] {
    var result = ""
    for part in parts {
      switch part {
      case .literal(let bytes): result += String(decoding: bytes, as: UTF8.self)
      case .field(let name, let isFilled, let suffix):
        var text = Self.text(name, fields, isFilled: isFilled)
        if !suffix.isEmpty, let number = Int(text.filter(\.isNumber)) {
          let ending = Self.ordinal(number)
          text += suffix == "TH" ? ending.uppercased() : ending
        }
        result += text
      }
    }
    return Array(result.utf8)
  }

  private static func ordinal(_ number: Int) -> String {
    if (11...13).contains(number % 100) { return "th" }
    return [1: "st", 2: "nd", 3: "rd"][number % 10] ?? "th"
  }

  private static func cased(_ word: String, like name: String) -> String {
    if name == name.uppercased() { return word.uppercased() }
    return name == name.lowercased() ? word.lowercased() : word
  }

  private static func text(_ name: String, _ f: Fields, isFilled: Bool) -> String {
    func number(_ value: Int, _ width: Int) -> String {
      let digits = String(value.magnitude)
      let zeros = isFilled ? String(repeating: "0", count: max(0, width - digits.count)) : ""
      return (value < 0 ? "-" : "") + zeros + digits
    }
    func word(_ text: String, _ width: Int) -> String {
      let cased = cased(text, like: name)
      return isFilled
        ? cased + String(repeating: " ", count: max(0, width - cased.count)) : cased
    }
    let hour = Int(f.time / 3_600_000_000)
    let year = f.year > 0 || f.days == nil ? f.year : 1 - f.year
    let days = f.days ?? 0
    let micros = Int(f.time % 1_000_000)
    switch name.uppercased() {
    case "YYYY": return number(year, 4)
    case "YYY": return number(year % 1000, 3)
    case "YY": return number(year % 100, 2)
    case "Y": return number(year % 10, 1)
    case "Y,YYY": return "\(year / 1000),\(number(year % 1000, 3))"
    case "IYYY": return number(DateTimeFields.isoWeek(days).year, 4)
    case "IYY": return number(DateTimeFields.isoWeek(days).year % 1000, 3)
    case "IY": return number(DateTimeFields.isoWeek(days).year % 100, 2)
    case "I": return number(DateTimeFields.isoWeek(days).year % 10, 1)
    case "MM": return number(f.month, 2)
    case "MONTH": return f.month > 0 ? word(months[f.month - 1], 9) : ""
    case "MON": return f.month > 0 ? word(String(months[f.month - 1].prefix(3)), 3) : ""
    case "RM": return f.month > 0 ? word(romans[f.month - 1], 4) : ""
    case "DD": return number(f.day, 2)
    case "DDD":
      return number(days - Calendar.days(year: f.year, month: 1, day: 1) + 1, 3)
    case "D": return number(DateTimeFields.weekday(days) + 1, 1)
    case "ID": return number((DateTimeFields.weekday(days) + 6) % 7 + 1, 1)
    case "DAY": return word(weekdays[DateTimeFields.weekday(days)], 9)
    case "DY": return word(String(weekdays[DateTimeFields.weekday(days)].prefix(3)), 3)
    case "WW":
      return number((days - Calendar.days(year: f.year, month: 1, day: 1)) / 7 + 1, 2)
    case "W": return number((f.day - 1) / 7 + 1, 1)
    case "IW": return number(DateTimeFields.isoWeek(days).week, 2)
    case "Q": return f.month > 0 ? number((f.month - 1) / 3 + 1, 1) : ""
    case "CC": return number((year + 99) / 100, 2)
    case "J": return number(days + 2_451_545, 1)
    case "HH24": return number(hour, 2)
    case "HH12", "HH": return number(hour % 12 == 0 ? 12 : hour % 12, 2)
    case "MI": return number(abs(Int(f.time / 60_000_000 % 60)), 2)
    case "SS": return number(abs(Int(f.time / 1_000_000 % 60)), 2)
    case "MS", "FF3": return number(abs(micros / 1_000), 3)
    case "US", "FF6": return number(abs(micros), 6)
    case "FF1": return number(abs(micros / 100_000), 1)
    case "FF2": return number(abs(micros / 10_000), 2)
    case "FF4": return number(abs(micros / 100), 4)
    case "FF5": return number(abs(micros / 10), 5)
    case "SSSS", "SSSSS": return number(Int(f.time / 1_000_000), 1)
    case "AM", "PM": return cased(hour % 24 >= 12 ? "PM" : "AM", like: name)
    case "A.M.", "P.M.": return cased(hour % 24 >= 12 ? "P.M." : "A.M.", like: name)
    case "AD", "BC": return cased(f.days != nil && f.year <= 0 ? "BC" : "AD", like: name)
    case "A.D.", "B.C.": return cased(f.days != nil && f.year <= 0 ? "B.C." : "A.D.", like: name)
    case "TZ": return cased(f.zone, like: name)
    case "TZH", "OF":
      let sign = f.secondsEast < 0 ? "-" : "+"
      let minutes = abs(f.secondsEast) / 60
      let base = sign + number(minutes / 60, 2)
      return name == "OF" && minutes % 60 != 0 ? base + ":" + number(minutes % 60, 2) : base
    case "TZM": return number(abs(f.secondsEast) / 60 % 60, 2)
    default: return ""
    }
  }
}
