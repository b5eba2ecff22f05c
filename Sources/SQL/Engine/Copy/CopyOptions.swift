public import Syntax
public import Types

/// The options of COPY, as PostgreSQL 15 has them.
public struct CopyOptions: Sendable {
  public enum Format: Sendable { case text, csv, binary }
  public enum Header: Sendable { case none, skip, match }
  /// Columns that an option of CSV names.
  public enum Columns: Sendable {
    case none, all
    case some(Set<String>)

    func contains(_ name: String) -> Bool {
      switch self {
      case .none: false
      case .all: true
      case .some(let names): names.contains(name)
      }
    }
  }

  public var format = Format.text
  public var header = Header.none
  var delimiter = UInt8(ascii: "\t")
  var null: [UInt8] = Array("\\N".utf8)
  var quote = UInt8(ascii: "\"")
  var escape = UInt8(ascii: "\"")
  var forceQuote = Columns.none
  var forceNotNull = Columns.none
  var forceNull = Columns.none

  /// 42601, 22023 and 0A000 as PostgreSQL gives them.
  public init(_ options: [DefinitionOption], isFrom: Bool) throws(SQLError) {
    var given: Set<String> = []
    var texts: [String: String] = [:]
    for option in options {
      if !given.insert(option.name).inserted {
        throw SQLError(
          .syntaxError, "conflicting or redundant options", position: option.position)
      }
      try take(option, &texts)
    }
    if format == .csv {
      delimiter = UInt8(ascii: ",")
      null = []
    }
    try apply(texts)
    try check(texts, given, isFrom: isFrom)
  }

  private mutating func take(_ option: DefinitionOption, _ texts: inout [String: String])
    throws(SQLError)
  {
    let text = SQLSession.text(option.value)
    switch option.name {
    case "format":
      switch text {
      case "text": format = .text
      case "csv": format = .csv
      case "binary": format = .binary
      default:
        throw SQLError(
          .invalidParameterValue, "COPY format \"\(text)\" not recognized",
          position: option.position)
      }
    case "header":
      header =
        text.lowercased() == "match"
        ? .match : try SessionSettings.bool(text, "header") ? .skip : .none
    case "delimiter", "null", "quote", "escape": texts[option.name] = text
    case "force_quote": forceQuote = Self.columns(option.value)
    case "force_not_null": forceNotNull = Self.columns(option.value)
    case "force_null": forceNull = Self.columns(option.value)
    case "freeze": break
    case "encoding":
      let letters = text.lowercased().filter { $0.isLetter || $0.isNumber }
      guard ["utf8", "unicode", "sqlascii"].contains(letters) else {
        throw SQLError(
          .featureNotSupported, "COPY with encoding \"\(text)\" is not supported",
          position: option.position)
      }
    default:
      throw SQLError(
        .syntaxError, "option \"\(option.name)\" not recognized", position: option.position)
    }
  }

  private static func columns(_ value: DefinitionOption.Value) -> Columns {
    switch value {
    case .star: .all
    case .names(let names): .some(Set(names))
    default: .none
    }
  }

  private mutating func apply(_ texts: [String: String]) throws(SQLError) {
    func byte(_ name: String) throws(SQLError) -> UInt8? {
      guard let text = texts[name] else { return nil }
      guard text.utf8.count == 1, let byte = text.utf8.first else {
        throw SQLError(
          name == "delimiter" ? .featureNotSupported : .featureNotSupported,
          "COPY \(name) must be a single one-byte character")
      }
      return byte
    }
    delimiter = try byte("delimiter") ?? delimiter
    quote = try byte("quote") ?? quote
    escape = try byte("escape") ?? quote
    if let text = texts["null"] { null = Array(text.utf8) }
  }

  private func check(_ texts: [String: String], _ given: Set<String>, isFrom: Bool)
    throws(SQLError)
  {
    if format == .binary {
      for name in ["delimiter", "null"] where texts[name] != nil {
        throw SQLError(
          .syntaxError, "cannot specify \(name.uppercased()) in BINARY mode")
      }
      if header != .none {
        throw SQLError(.featureNotSupported, "cannot specify HEADER in BINARY mode")
      }
    }
    if format != .csv {
      for name in ["quote", "escape"] where texts[name] != nil {
        throw SQLError(.featureNotSupported, "COPY \(name) available only in CSV mode")
      }
      for (name, shown) in [
        ("force_quote", "force quote"), ("force_not_null", "force not null"),
        ("force_null", "force null"),
      ] where given.contains(name) {
        throw SQLError(.featureNotSupported, "COPY \(shown) available only in CSV mode")
      }
    }
    if given.contains("force_quote") && isFrom {
      throw SQLError(.featureNotSupported, "COPY force quote only available using COPY TO")
    }
    for (name, shown) in [("force_not_null", "force not null"), ("force_null", "force null")]
    where given.contains(name) && !isFrom {
      throw SQLError(.featureNotSupported, "COPY \(shown) only available using COPY FROM")
    }
    if delimiter == 10 || delimiter == 13 {
      throw SQLError(
        .invalidParameterValue, "COPY delimiter cannot be newline or carriage return")
    }
    if null.contains(10) || null.contains(13) {
      throw SQLError(
        .invalidParameterValue, "COPY null representation cannot use newline or carriage return")
    }
    if format == .text,
      "\\.abcdefghijklmnopqrstuvwxyz0123456789".utf8.contains(delimiter)
    {
      throw SQLError(
        .invalidParameterValue,
        "COPY delimiter cannot be \"\(String(decoding: [delimiter], as: UTF8.self))\"")
    }
    if format == .csv && delimiter == quote {
      throw SQLError(.invalidParameterValue, "COPY delimiter and quote must be different")
    }
    if format != .binary && null.contains(delimiter) {
      throw SQLError(
        .invalidParameterValue, "COPY delimiter must not appear in the NULL specification")
    }
    if format == .csv && null.contains(quote) {
      throw SQLError(
        .invalidParameterValue, "CSV quote character must not appear in the NULL specification")
    }
  }
}
