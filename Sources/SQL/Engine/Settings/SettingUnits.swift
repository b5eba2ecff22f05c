/// Numbers with units, as `SET statement_timeout = '5s'` has them.
enum SettingUnits {
  private static let milliseconds: [(String, Int)] = [
    ("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1_000), ("ms", 1),
  ]
  private static let kilobytes: [(String, Int)] = [
    ("TB", 1 << 30), ("GB", 1 << 20), ("MB", 1 << 10), ("kB", 1),
  ]

  private static func family(_ unit: SettingDefinition.Unit) -> (units: [(String, Int)], base: Int)
  {
    switch unit {
    case .none: ([], 1)
    case .milliseconds: (milliseconds, 1)
    case .seconds: (milliseconds, 1_000)
    case .kilobytes: (kilobytes, 1)
    case .pages: (kilobytes, 8)
    }
  }

  /// In the setting's own unit; nil for what is no such number.
  static func parse(_ text: String, _ unit: SettingDefinition.Unit) -> Int? {
    let trimmed = text.drop { $0 == " " }
    let digits = trimmed.prefix { $0.isNumber || $0 == "-" || $0 == "." || $0 == "+" }
    guard let number = Double(digits) else { return nil }
    let suffix = trimmed.dropFirst(digits.count).drop { $0 == " " }
    let (units, base) = family(unit)
    var scaled = number
    if !suffix.isEmpty {
      guard let found = units.first(where: { $0.0 == suffix }) else { return nil }
      scaled = number * Double(found.1) / Double(base)
    }
    let rounded = scaled.rounded(.toNearestOrEven)
    return rounded.magnitude < 9e15 ? Int(rounded) : nil
  }

  /// With the largest unit that divides it, as SHOW does.
  static func shown(_ value: String, _ unit: SettingDefinition.Unit) -> String {
    let (units, base) = family(unit)
    guard let number = Int(value), number > 0, !units.isEmpty else { return value }
    let (total, overflows) = number.multipliedReportingOverflow(by: base)
    if overflows { return value }
    for (name, size) in units where total % size == 0 { return "\(total / size)\(name)" }
    return value
  }
}
