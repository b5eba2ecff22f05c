import Base
import Node
import Types

/// The settings of one session: what differs from the defaults, and what COMMIT and ROLLBACK make
/// of it. A value: savepoints keep copies. Lives on: the session's shard.
struct SessionSettings: Sendable {
  static let serverVersion = "15.18 (Quatrain 0.1)"
  static let quatrainVersion = "0.1.0"
  static let versionText =
    "PostgreSQL 15.18 (Quatrain 0.1) on x86_64-pc-linux-gnu, compiled by Swift, 64-bit"

  private var values: [String: String] = [:]
  /// What SET LOCAL replaced; nil: the default.
  private var beforeLocal: [String: String?] = [:]
  /// The values at BEGIN, for ROLLBACK.
  private var atBegin: [String: String]?
  /// Rises with every change: plans may depend on settings.
  private(set) var planVersion: UInt64 = 0

  private(set) var formats = FormatSettings()
  private(set) var searchPath = ["$user", "public"]
  private(set) var defaultIsolation = IsolationLevel.readCommitted
  private(set) var defaultReadOnly = false
  private(set) var statementTimeoutMilliseconds = 0
  private(set) var lockTimeoutMilliseconds = 0
  private(set) var stalenessMilliseconds = 0
  private(set) var idleInTransactionTimeoutMilliseconds = 0
  private(set) var idleTimeoutMilliseconds = 0
  private(set) var workMemoryBytes = 512 << 20
  private var transactionReadOnly = false
  private var minimumSeverity = 6

  /// What plans may depend on: values that are not the default. A client's name is none of it.
  var planSettings: [String: String] { values.filter { $0.key != "application_name" } }

  /// Lower-case and sorted: those of the table and the session's own.
  var allNames: [String] {
    Set(SettingTable.byName.keys).union(values.keys).union([
      "transaction_isolation", "transaction_read_only", "session_authorization", "is_superuser",
    ]).sorted()
  }

  /// Names whose value is not the default.
  var changedNames: [String] { values.keys.sorted() }
}

// MARK: - Reading

extension SessionSettings {
  func value(_ name: String) -> String? {
    let key = name.lowercased()
    return values[key] ?? SettingTable.byName[key]?.initial
  }

  /// With what only the session knows. Nil where there is no such setting.
  func shownValue(_ name: String, isolation: String, user: String, isSuperuser: Bool) -> String? {
    switch name.lowercased() {
    case "transaction_isolation": return isolation
    case "transaction_read_only": return transactionReadOnly ? "on" : "off"
    case "session_authorization": return user
    case "is_superuser": return isSuperuser ? "on" : "off"
    default: break
    }
    guard let value = value(name) else { return nil }
    if case .integer(let unit, _)? = SettingTable.byName[name.lowercased()]?.kind {
      return SettingUnits.shown(value, unit)
    }
    return value
  }

  /// The name as the table has it.
  func canonicalName(_ name: String) -> String {
    SettingTable.byName[name.lowercased()]?.name ?? name
  }

  var reported: [(name: String, value: String)] {
    SettingTable.definitions.filter(\.isReported).map { ($0.name, value($0.name) ?? $0.initial) }
  }

  func isShown(_ severity: String) -> Bool {
    let rank =
      switch severity {
      case "DEBUG": 4
      case "LOG": 5
      case "NOTICE": 6
      case "WARNING": 7
      default: 8
      }
    return severity == "INFO" || rank >= minimumSeverity
  }

  static func unknown(_ name: String) -> SQLError {
    SQLError(.undefinedObject, "unrecognized configuration parameter \"\(name)\"")
  }

  static func name(of isolation: IsolationLevel) -> String {
    switch isolation {
    case .readCommitted: "read committed"
    case .repeatableRead: "repeatable read"
    case .serializable: "serializable"
    }
  }

  static func isolation(_ name: String, _ setting: String) throws(SQLError) -> IsolationLevel {
    switch name.lowercased() {
    case "read committed", "read uncommitted": return .readCommitted
    case "repeatable read": return .repeatableRead
    case "serializable": return .serializable
    default:
      throw SQLError(
        .invalidParameterValue, "invalid value for parameter \"\(setting)\": \"\(name)\"")
    }
  }
}

// MARK: - Setting

extension SessionSettings {
  /// `parts` nil: to the default. 42704 for unknown names, 22023 for values, 55P02 for constants.
  mutating func set(_ name: String, _ parts: [String]?, isLocal: Bool) throws(SQLError) {
    let key = name.lowercased()
    guard let definition = SettingTable.byName[key] else {
      // A name with a point is somebody's own, as in PostgreSQL.
      guard key.contains(".") else { throw Self.unknown(name) }
      return store(key, parts?.joined(separator: ", "), isLocal: isLocal)
    }
    guard let parts else {
      store(key, nil, isLocal: isLocal)
      return try adopt(key, definition.initial, definition)
    }
    var value = try Self.normal(parts, definition)
    try adopt(key, value, definition)
    switch key {
    case "datestyle": value = "ISO, \(formats.dateOrder.rawValue)"
    case "timezone": value = formats.timeZone.name
    case "client_encoding": value = "UTF8"
    default: break
    }
    store(key, value == definition.initial ? nil : value, isLocal: isLocal)
  }

  private mutating func store(_ key: String, _ value: String?, isLocal: Bool) {
    if isLocal {
      if beforeLocal[key] == nil { beforeLocal[key] = .some(values[key]) }
    } else {
      beforeLocal[key] = nil
    }
    values[key] = value
    planVersion += 1
  }

  mutating func beginTransaction(isolation: IsolationLevel, isReadOnly: Bool) {
    if atBegin == nil { atBegin = values }
    transactionReadOnly = isReadOnly
  }

  /// What SET LOCAL changed goes back.
  mutating func endTransaction() {
    for key in beforeLocal.keys.sorted() {
      if let earlier = beforeLocal[key] { restore(key, earlier) }
    }
    beforeLocal = [:]
    atBegin = nil
    transactionReadOnly = defaultReadOnly
  }

  /// The settings as they were at BEGIN.
  func rolledBack() -> SessionSettings {
    var copy = self
    if let earlier = atBegin, earlier != values {
      for key in Set(values.keys).union(earlier.keys).sorted() where values[key] != earlier[key] {
        copy.restore(key, earlier[key])
      }
    }
    copy.beforeLocal = [:]
    copy.atBegin = nil
    copy.transactionReadOnly = copy.defaultReadOnly
    return copy
  }

  /// A value that was valid before.
  private mutating func restore(_ key: String, _ value: String?) {
    values[key] = value
    planVersion += 1
    guard let definition = SettingTable.byName[key] else { return }
    do throws(SQLError) {
      try adopt(key, value ?? definition.initial, definition)
    } catch {
      fatalError("invariant: setting \(key) was valid as \(value ?? definition.initial)")
    }
  }

  static func bool(_ text: String, _ name: String) throws(SQLError) -> Bool {
    switch text.lowercased() {
    case "on", "true", "t", "yes", "y", "1": return true
    case "off", "false", "f", "no", "n", "0": return false
    default:
      throw SQLError(.invalidParameterValue, "parameter \"\(name)\" requires a Boolean value")
    }
  }

  private static func normal(_ parts: [String], _ definition: SettingDefinition) throws(SQLError)
    -> String
  {
    let text = parts.joined(separator: ", ")
    func invalid(_ hint: String? = nil) -> SQLError {
      SQLError(
        .invalidParameterValue, "invalid value for parameter \"\(definition.name)\": \"\(text)\"",
        hint: hint)
    }
    switch definition.kind {
    case .fixed:
      if text == definition.initial { return text }
      throw SQLError(
        .cannotChangeRuntimeParameter, "parameter \"\(definition.name)\" cannot be changed")
    case .bool: return try bool(text, definition.name) ? "on" : "off"
    case .integer(let unit, let range):
      guard let number = SettingUnits.parse(text, unit) else { throw invalid() }
      guard range.contains(number) else {
        throw SQLError(
          .invalidParameterValue,
          "\(number) is outside the valid range for parameter \"\(definition.name)\" (\(range.lowerBound) .. \(range.upperBound))"
        )
      }
      return String(number)
    case .real(let range):
      guard let number = Double(text), range.contains(number) else { throw invalid() }
      return text
    case .choice(let values):
      guard let found = values.first(where: { $0 == text.lowercased() }) else {
        throw invalid("Available values: \(values.joined(separator: ", ")).")
      }
      return found
    case .list: return parts.map(quoted).joined(separator: ", ")
    case .text: return text
    }
  }

  private static func quoted(_ name: String) -> String {
    let isPlain =
      !name.isEmpty
      && name.utf8.allSatisfy { $0 == 95 || (97...122).contains($0) || (48...57).contains($0) }
    return isPlain
      ? name
      : "\""
        + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
        + "\""
  }

  /// What has an effect here.
  private mutating func adopt(_ key: String, _ value: String, _ definition: SettingDefinition)
    throws(SQLError)
  {
    switch key {
    case "search_path": searchPath = Self.names(in: value)
    case "timezone":
      guard let zone = Self.timeZone(value) else {
        throw SQLError(
          .invalidParameterValue, "invalid value for parameter \"TimeZone\": \"\(value)\"")
      }
      formats.timeZone = zone
    case "datestyle": formats.dateOrder = try Self.dateOrder(value, formats.dateOrder)
    case "intervalstyle":
      formats.intervalStyle = value == "iso_8601" ? .iso8601 : .postgres
    case "bytea_output": formats.byteaOutput = value == "escape" ? .escape : .hex
    case "extra_float_digits": formats.extraFloatDigits = Int(value) ?? 1
    case "client_encoding":
      let letters = value.lowercased().filter { $0.isLetter || $0.isNumber }
      guard ["utf8", "unicode", "sqlascii"].contains(letters) else {
        throw SQLError(
          .featureNotSupported, "conversion between UTF8 and \(value.uppercased()) is not supported"
        )
      }
    case "default_transaction_isolation":
      defaultIsolation = try Self.isolation(value, definition.name)
    case "default_transaction_read_only": defaultReadOnly = value == "on"
    case "statement_timeout": statementTimeoutMilliseconds = Int(value) ?? 0
    case "quatrain.follower_read_staleness": stalenessMilliseconds = Int(value) ?? 0
    case "lock_timeout": lockTimeoutMilliseconds = Int(value) ?? 0
    case "idle_in_transaction_session_timeout":
      idleInTransactionTimeoutMilliseconds = Int(value) ?? 0
    case "idle_session_timeout": idleTimeoutMilliseconds = Int(value) ?? 0
    case "work_mem": workMemoryBytes = (Int(value) ?? 0) << 10
    case "client_min_messages":
      minimumSeverity =
        [
          "debug5": 0, "debug4": 1, "debug3": 2, "debug2": 3, "debug1": 4, "log": 5, "notice": 6,
          "warning": 7, "error": 8,
        ][value] ?? 6
    case "standard_conforming_strings", "default_with_oids", "transform_null_equals",
      "zero_damaged_pages", "lc_messages", "lc_monetary", "lc_numeric",
      "lc_time":
      if value != definition.initial {
        throw SQLError(
          .featureNotSupported,
          "parameter \"\(definition.name)\" cannot be set to \"\(value)\"",
          detail: "Only \"\(definition.initial)\" is supported.")
      }
    default: break
    }
  }

  private static func names(in list: String) -> [String] {
    var names: [String] = []
    for part in list.split(separator: ",") {
      var name = part.drop { $0 == " " }
      while name.last == " " { name.removeLast() }
      if name.first == "\"" && name.count >= 2 { name = name.dropFirst().dropLast() }
      if !name.isEmpty { names.append(String(name)) }
    }
    return names
  }

  /// A name, or hours east as a number ('+02:00' and the like are read as POSIX offsets).
  static func timeZone(_ text: String) -> TimeZone? {
    if let hours = Double(text), hours.magnitude <= 168 {
      let seconds = Int(hours * 3_600)
      return TimeZone(name: text, secondsEast: seconds, abbreviation: text)
    }
    return TimeZone.named(text)
  }

  private static func dateOrder(_ text: String, _ current: FormatSettings.DateOrder)
    throws(SQLError) -> FormatSettings.DateOrder
  {
    var order = current
    for part in text.split(whereSeparator: { $0 == "," || $0 == " " }) {
      switch part.lowercased() {
      case "iso": break
      case "mdy", "us", "noneuro", "noneuropean": order = .mdy
      case "dmy", "euro", "european": order = .dmy
      case "ymd": order = .ymd
      case "default": order = .mdy
      case "sql", "postgres", "german":
        throw SQLError(
          .featureNotSupported, "DateStyle \"\(part)\" is not supported",
          detail: "Dates are written in ISO style.")
      default:
        throw SQLError(
          .invalidParameterValue, "invalid value for parameter \"DateStyle\": \"\(text)\"",
          detail: "Unrecognized key word: \"\(part)\".")
      }
    }
    return order
  }
}
