import Node
import Syntax
import Types

/// The settings of one session that SET and SHOW know. What is not here is refused by name.
struct SessionSettings {
  static let serverVersion = "15.18 (Quatrain 0.1)"
  static let quatrainVersion = "0.1.0"

  private(set) var defaultIsolation = IsolationLevel.readCommitted
  private(set) var defaultReadOnly = false
  private var applicationName = ""

  /// Settings that may be set to what they are, since nothing else is supported.
  private static let fixed: [String: String] = [
    "client_encoding": "UTF8", "server_encoding": "UTF8", "datestyle": "ISO, MDY",
    "timezone": "UTC", "intervalstyle": "postgres", "integer_datetimes": "on",
    "standard_conforming_strings": "on", "server_version": serverVersion,
    "quatrain_version": quatrainVersion, "search_path": "public", "bytea_output": "hex",
    "extra_float_digits": "1",
  ]

  static func isolation(_ name: String) throws(SQLError) -> IsolationLevel {
    switch name.lowercased() {
    case "read committed", "read uncommitted": return .readCommitted
    case "repeatable read": return .repeatableRead
    case "serializable": return .serializable
    default:
      throw SQLError(
        .invalidParameterValue, "invalid value for parameter \"transaction_isolation\": \"\(name)\""
      )
    }
  }

  mutating func set(_ name: String, _ values: [Expression]?) throws(SQLError) {
    let key = name.lowercased()
    let value = try values.map { (v) throws(SQLError) in try Self.text(v, name) }
    switch key {
    case "application_name": applicationName = value ?? ""
    case "default_transaction_isolation":
      defaultIsolation =
        try value.map { (v) throws(SQLError) in try Self.isolation(v) }
        ?? .readCommitted
    case "default_transaction_read_only":
      defaultReadOnly = ["on", "true", "1", "yes"].contains(value?.lowercased() ?? "off")
    default:
      guard let only = Self.fixed[key] else {
        throw SQLError(
          .undefinedObject, "unrecognized configuration parameter \"\(name)\"")
      }
      guard let value, Self.normal(value) != Self.normal(only) else { return }
      if key == "extra_float_digits", let digits = Int(value), (1...3).contains(digits) { return }
      throw SQLError(
        .featureNotSupported,
        "parameter \"\(name)\" cannot be set to \"\(value)\": only \"\(only)\" is supported")
    }
  }

  private static func normal(_ text: String) -> String {
    let letters = text.lowercased().filter { $0.isLetter || $0.isNumber }
    switch letters {
    case "utf8", "unicode": return "utf8"
    case "iso": return "isomdy"
    default: return letters
    }
  }

  private static func text(_ values: [Expression], _ name: String) throws(SQLError) -> String {
    var parts: [String] = []
    for value in values {
      guard case .constant(let constant, _) = value else {
        throw SQLError(.invalidParameterValue, "\"\(name)\" takes constants only")
      }
      switch constant {
      case .string(let text), .number(let text): parts.append(text)
      case .integer(let number): parts.append(String(number))
      case .bool(let flag): parts.append(flag ? "on" : "off")
      case .null: parts.append("")
      }
    }
    return parts.joined(separator: ", ")
  }

  func show(_ name: String, isolation: String, user: String) throws(SQLError) -> String {
    switch name.lowercased() {
    case "application_name": return applicationName
    case "transaction_isolation": return isolation
    case "default_transaction_isolation":
      switch defaultIsolation {
      case .readCommitted: return "read committed"
      case .repeatableRead: return "repeatable read"
      case .serializable: return "serializable"
      }
    case "default_transaction_read_only": return defaultReadOnly ? "on" : "off"
    case "session_authorization": return user
    case "is_superuser": return "on"
    case let key:
      guard let value = Self.fixed[key] else {
        throw SQLError(.undefinedObject, "unrecognized configuration parameter \"\(name)\"")
      }
      return value
    }
  }

  func reportedValue(_ name: String) -> (name: String, value: String)? {
    name.lowercased() == "application_name" ? ("application_name", applicationName) : nil
  }

  func reported(user: String) -> [(name: String, value: String)] {
    [
      ("application_name", applicationName), ("client_encoding", "UTF8"),
      ("DateStyle", "ISO, MDY"), ("default_transaction_read_only", "off"),
      ("in_hot_standby", "off"), ("integer_datetimes", "on"), ("IntervalStyle", "postgres"),
      ("is_superuser", "on"), ("server_encoding", "UTF8"),
      ("server_version", Self.serverVersion), ("session_authorization", user),
      ("standard_conforming_strings", "on"), ("TimeZone", "UTC"),
      ("quatrain_version", Self.quatrainVersion),
    ]
  }
}
