import Base

/// One parameter of CONFIG.
struct ConfigParameter: Sendable {
  /// What its values are.
  enum Kind: Sendable {
    case flag
    case number(ClosedRange<Int64>)
    case octal(ClosedRange<Int64>)
    case memory(ClosedRange<Int64>)
    /// A percentage is kept as a negative number.
    case memoryOrPercent(ClosedRange<Int64>)
    case text
    case choice([String])
    case savePoints
    case outputLimits
    case events
    case percentiles
    case integers(Int)
  }

  /// Who may set it.
  enum Access: Sendable {
    case open
    /// It never changes while the server runs.
    case fixed
    /// An option of the node's start: it may be set to what it is.
    case start
    /// Only where `enable-protected-configs` allows it, which it does not here.
    case protected
    /// Its value is shown to nobody.
    case secret
  }

  let name: String
  let alias: String?
  let kind: Kind
  /// As CONFIG GET shows it.
  let standard: String
  let access: Access

  static func flag(
    _ name: String, _ standard: String, alias: String? = nil, _ access: Access = .open
  ) -> ConfigParameter {
    ConfigParameter(name: name, alias: alias, kind: .flag, standard: standard, access: access)
  }
  static func number(
    _ name: String, _ standard: String, _ range: ClosedRange<Int64>, alias: String? = nil,
    _ access: Access = .open
  ) -> ConfigParameter {
    ConfigParameter(
      name: name, alias: alias, kind: .number(range), standard: standard, access: access)
  }
  static func octal(
    _ name: String, _ standard: String, _ range: ClosedRange<Int64>, _ access: Access = .open
  ) -> ConfigParameter {
    ConfigParameter(
      name: name, alias: nil, kind: .octal(range), standard: standard, access: access)
  }
  static func memory(
    _ name: String, _ standard: String, _ range: ClosedRange<Int64>, alias: String? = nil
  ) -> ConfigParameter {
    ConfigParameter(
      name: name, alias: alias, kind: .memory(range), standard: standard, access: .open)
  }
  static func memoryOrPercent(
    _ name: String, _ standard: String, _ range: ClosedRange<Int64>
  ) -> ConfigParameter {
    ConfigParameter(
      name: name, alias: nil, kind: .memoryOrPercent(range), standard: standard, access: .open)
  }
  static func text(
    _ name: String, _ standard: String, alias: String? = nil, _ access: Access = .open
  ) -> ConfigParameter {
    ConfigParameter(name: name, alias: alias, kind: .text, standard: standard, access: access)
  }
  static func choice(
    _ name: String, _ standard: String, _ choices: [String], _ access: Access = .open
  ) -> ConfigParameter {
    ConfigParameter(
      name: name, alias: nil, kind: .choice(choices), standard: standard, access: access)
  }
  static func special(_ name: String, _ standard: String, _ kind: Kind) -> ConfigParameter {
    ConfigParameter(name: name, alias: nil, kind: kind, standard: standard, access: .open)
  }

  private static let byName: [String: ConfigParameter] = {
    var found: [String: ConfigParameter] = [:]
    for parameter in all {
      found[parameter.name] = parameter
      if let alias = parameter.alias { found[alias] = parameter }
    }
    return found
  }()

  /// By name or alias, in whichever case.
  static func named(_ name: String) -> ConfigParameter? { byName[name.lowercased()] }
}

// MARK: - Values

/// Why a value cannot be one of a parameter's, as Redis says it.
struct ConfigFault: Error {
  let reason: String
  init(_ reason: String) { self.reason = reason }
}

extension ConfigParameter {
  /// The value as CONFIG GET will show it. `old`: what the parameter is now; some values change only a
  /// part of it.
  func canonical(_ value: String, old: String) throws(ConfigFault) -> String {
    switch kind {
    case .flag:
      let word = value.lowercased()
      guard word == "yes" || word == "no" else {
        throw ConfigFault("argument must be 'yes' or 'no'")
      }
      return word
    case .number(let range):
      guard let number = Array(value.utf8).strictInteger() else {
        throw ConfigFault("argument couldn't be parsed into an integer")
      }
      return try Self.checked(number, range)
    case .octal(let range):
      guard let number = Int64(value, radix: 8) else {
        throw ConfigFault("argument couldn't be parsed as an octal number")
      }
      return try Self.checked(number, range)
    case .memory(let range):
      guard let bytes = Self.bytes(value) else {
        throw ConfigFault("argument must be a memory value")
      }
      return try Self.checked(bytes, range)
    case .memoryOrPercent(let range): return try Self.memoryOrPercent(value, range)
    case .text: return try text(value)
    case .choice(let choices): return try choice(value, choices)
    case .savePoints, .integers: return try integers(value)
    case .outputLimits: return try OutputLimits(old).changed(by: value).text
    case .events:
      guard let events = KeyEvent.Kinds(letters: value) else {
        throw ConfigFault("Invalid event class character. Use 'Ag$lshzxeKEtmdn'.")
      }
      return events.letters
    case .percentiles: return try Self.percentiles(value)
    }
  }

  private static func checked(_ number: Int64, _ range: ClosedRange<Int64>) throws(ConfigFault)
    -> String
  {
    guard range.contains(number) else {
      throw ConfigFault(
        "argument must be between \(range.lowerBound) and \(range.upperBound) inclusive")
    }
    return String(number)
  }

  private static func memoryOrPercent(_ value: String, _ range: ClosedRange<Int64>)
    throws(ConfigFault) -> String
  {
    if let bytes = bytes(value) { return try checked(bytes, range) }
    guard value.hasSuffix("%"), let percent = Int64(value.dropLast()), percent >= 0 else {
      throw ConfigFault("argument must be a memory or percent value")
    }
    guard percent <= -range.lowerBound else {
      throw ConfigFault("percentage argument must be less or equal to \(-range.lowerBound)")
    }
    return "\(percent)%"
  }

  private func text(_ value: String) throws(ConfigFault) -> String {
    if name == "cluster-announce-hostname" {
      if value.utf8.count >= 256 {
        throw ConfigFault("Hostnames must be less than 256 characters")
      }
      let isPlain = value.utf8.allSatisfy {
        $0 == 45 || $0 == 46 || (48...57).contains($0) || (65...90).contains($0)
          || (97...122).contains($0)
      }
      if !isPlain {
        throw ConfigFault(
          "Hostnames may only contain alphanumeric characters, hyphens or dots")
      }
    }
    return value
  }

  private func choice(_ value: String, _ choices: [String]) throws(ConfigFault) -> String {
    let words = value.lowercased().split(separator: " ").map(String.init)
    let isList = name.hasPrefix("shutdown-on-")
    guard !words.isEmpty, isList || words.count == 1, words.allSatisfy(choices.contains) else {
      throw ConfigFault(
        "argument(s) must be one of the following: \(choices.joined(separator: ", "))")
    }
    if isList, words.contains("save"), words.contains("nosave") {
      throw ConfigFault("shutdown options SAVE and NOSAVE can't be used simultaneously")
    }
    return words.joined(separator: " ")
  }

  private func integers(_ value: String) throws(ConfigFault) -> String {
    let numbers = value.split(separator: " ").map { Int64($0) }
    if case .integers(let count) = kind {
      guard numbers.count == count else { throw ConfigFault("wrong number of arguments") }
      guard numbers.allSatisfy({ $0.map { (-2_000...2_000).contains($0) } ?? false }) else {
        throw ConfigFault(
          "Invalid \(name), elements must be between -2000 and 2000.")
      }
    } else {
      let isGood =
        numbers.count % 2 == 0
        && numbers.enumerated().allSatisfy { index, number in
          (number ?? -1) >= (index % 2 == 0 ? 1 : 0)
        }
      guard isGood else { throw ConfigFault("Invalid save parameters") }
    }
    return numbers.map { String($0 ?? 0) }.joined(separator: " ")
  }

  private static func percentiles(_ value: String) throws(ConfigFault) -> String {
    var shown: [String] = []
    for word in value.split(separator: " ") {
      guard let number = Array(word.utf8).double() else {
        throw ConfigFault("Invalid latency-tracking-info-percentiles parameters")
      }
      guard (0...100).contains(number) else {
        throw ConfigFault(
          "latency-tracking-info-percentiles parameters should sit between [0.0,100.0]")
      }
      shown.append(number.shortText)
    }
    return shown.joined(separator: " ")
  }

  /// "100", "64kb", "1G": a number with a unit.
  static func bytes(_ text: some StringProtocol) -> Int64? {
    let digits = text.prefix { ("0"..."9").contains($0) }
    guard let number = Int64(digits) else { return nil }
    let unit: Int64
    switch text.dropFirst(digits.count).lowercased() {
    case "", "b": unit = 1
    case "k": unit = 1_000
    case "kb": unit = 1 << 10
    case "m": unit = 1_000_000
    case "mb": unit = 1 << 20
    case "g": unit = 1_000_000_000
    case "gb": unit = 1 << 30
    default: return nil
    }
    let (product, isOver) = number.multipliedReportingOverflow(by: unit)
    return isOver ? nil : product
  }
}

extension KeyEvent.Kinds {
  private static let letters: [(Character, KeyEvent.Kinds)] = [
    ("g", Self(rawValue: KeyEvent.Kind.generic.rawValue)),
    ("$", Self(rawValue: KeyEvent.Kind.string.rawValue)),
    ("l", Self(rawValue: KeyEvent.Kind.list.rawValue)),
    ("s", Self(rawValue: KeyEvent.Kind.set.rawValue)),
    ("h", Self(rawValue: KeyEvent.Kind.hash.rawValue)),
    ("z", Self(rawValue: KeyEvent.Kind.zset.rawValue)),
    ("x", Self(rawValue: KeyEvent.Kind.expired.rawValue)),
    ("e", Self(rawValue: KeyEvent.Kind.evicted.rawValue)),
    ("t", Self(rawValue: KeyEvent.Kind.stream.rawValue)),
    // Of modules: there are none, but the letter is kept.
    ("d", Self(rawValue: 1 << 11)),
  ]
  private static let others: [(Character, KeyEvent.Kinds)] = [
    ("n", Self(rawValue: KeyEvent.Kind.new.rawValue)), ("K", .keyspace), ("E", .keyevent),
    ("m", Self(rawValue: KeyEvent.Kind.missed.rawValue)),
  ]
  private static let every = letters.reduce(into: Self()) { $0.formUnion($1.1) }

  /// Of `notify-keyspace-events`; nil where a letter is none.
  init?(letters text: String) {
    self.init()
    for letter in text {
      if letter == "A" {
        formUnion(Self.every)
      } else if let found = (Self.letters + Self.others).first(where: { $0.0 == letter }) {
        formUnion(found.1)
      } else {
        return nil
      }
    }
  }

  var letters: String {
    let named = Self.letters.filter { isSuperset(of: $0.1) }.map(\.0)
    let classes = isSuperset(of: Self.every) ? "A" : String(named)
    return classes + String(Self.others.filter { isSuperset(of: $0.1) }.map(\.0))
  }
}
