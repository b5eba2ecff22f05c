public import Syntax
public import Types

/// The options of COPY, as PostgreSQL 15 has them.
public struct CopyOptions: Sendable {
  public enum Format: Sendable { case text, csv, binary }
  public enum Header: Sendable { case none, skip, match }
  /// Columns that an option of CSV names.
  public enum Columns: Sendable {
    case none, all
    case some([String])

    func contains(_ name: String) -> Bool {
      switch self {
      case .none: false
      case .all: true
      case .some(let names): names.contains(name)
      }
    }
  }

  public private(set) var format = Format.text
  public private(set) var header = Header.none
  private(set) var delimiter = UInt8(ascii: "\t")
  private(set) var null: [UInt8] = Array("\\N".utf8)
  private(set) var quote = UInt8(ascii: "\"")
  private(set) var escape = UInt8(ascii: "\"")
  private(set) var forceQuote = Columns.none
  private(set) var forceNotNull = Columns.none
  private(set) var forceNull = Columns.none

  /// 42601, 22023 and 0A000 as PostgreSQL gives them, in its order where several are to blame.
  public init(_ options: [DefinitionOption], isFrom: Bool) throws(SQLError) {
    var given: Set<String> = []
    var texts: [String: String] = [:]
    for option in options {
      if !given.insert(option.name).inserted && Self.names.contains(option.name) {
        throw SQLError(
          .syntaxError, "conflicting or redundant options", position: option.position)
      }
      try take(option, &texts, isFrom: isFrom)
    }
    try complete(texts)
    try checkForces(given, isFrom: isFrom)
    if format != .binary && null.contains(delimiter) {
      throw SQLError(
        .featureNotSupported, "COPY delimiter must not appear in the NULL specification")
    }
    if format == .csv && null.contains(quote) {
      throw SQLError(
        .featureNotSupported, "CSV quote character must not appear in the NULL specification")
    }
  }

  private static let names: Set<String> = [
    "format", "header", "delimiter", "null", "quote", "escape", "force_quote", "force_not_null",
    "force_null", "freeze", "encoding",
  ]
}

// MARK: - Each option by itself

extension CopyOptions {
  private mutating func take(
    _ option: DefinitionOption, _ texts: inout [String: String], isFrom: Bool
  ) throws(SQLError) {
    switch option.name {
    case "format": format = try Self.format(option)
    case "header": header = try Self.header(option, isFrom: isFrom)
    case "delimiter", "null", "quote", "escape": texts[option.name] = try Self.text(option)
    case "force_quote": forceQuote = try Self.columns(option, orAll: true)
    case "force_not_null": forceNotNull = try Self.columns(option, orAll: false)
    case "force_null": forceNull = try Self.columns(option, orAll: false)
    case "freeze":
      // Rows have nothing to freeze here: a table loader's wish for it is met by itself.
      if Self.bool(option) == nil {
        throw SQLError(.syntaxError, "freeze requires a Boolean value")
      }
    case "encoding": try Self.checkEncoding(option)
    default:
      throw SQLError(
        .syntaxError, "option \"\(option.name)\" not recognized", position: option.position)
    }
  }

  private static func text(_ option: DefinitionOption) throws(SQLError) -> String {
    switch option.value {
    case .none: throw SQLError(.syntaxError, "\(option.name) requires a parameter")
    case .bool(let flag): return flag ? "true" : "false"
    default: return SQLSession.text(option.value)
    }
  }

  private static func format(_ option: DefinitionOption) throws(SQLError) -> Format {
    switch try text(option) {
    case "text": return .text
    case "csv": return .csv
    case "binary": return .binary
    case let other:
      throw SQLError(
        .invalidParameterValue, "COPY format \"\(other)\" not recognized",
        position: option.position)
    }
  }

  /// Only 0 and 1, and the four words, as PostgreSQL's options of commands: its settings know more.
  private static func bool(_ option: DefinitionOption) -> Bool? {
    switch option.value {
    case .none: return true
    case .bool(let flag): return flag
    case .number(let text): return text == "1" ? true : text == "0" ? false : nil
    case .string(let text):
      switch text.lowercased() {
      case "true", "on": return true
      case "false", "off": return false
      default: return nil
      }
    default: return nil
    }
  }

  private static func header(_ option: DefinitionOption, isFrom: Bool) throws(SQLError) -> Header {
    if let flag = bool(option) { return flag ? .skip : .none }
    if case .string(let text) = option.value, text.lowercased() == "match" {
      if isFrom { return .match }
      throw SQLError(.featureNotSupported, "cannot use \"\(text)\" with HEADER in COPY TO")
    }
    throw SQLError(.syntaxError, "header requires a Boolean value or \"match\"")
  }

  private static func columns(_ option: DefinitionOption, orAll: Bool) throws(SQLError) -> Columns {
    switch option.value {
    case .names(let names): return .some(names)
    case .star where orAll: return .all
    default:
      throw SQLError(
        .invalidParameterValue,
        "argument to option \"\(option.name)\" must be a list of column names",
        position: option.position)
    }
  }

  private static func checkEncoding(_ option: DefinitionOption) throws(SQLError) {
    let name = try text(option)
    let letters = name.lowercased().filter { $0.isLetter || $0.isNumber }
    if ["utf8", "unicode", "sqlascii"].contains(letters) { return }
    if otherEncodings.contains(letters) {
      throw SQLError(
        .featureNotSupported, "COPY with encoding \"\(name)\" is not supported",
        position: option.position)
    }
    throw SQLError(
      .invalidParameterValue, "argument to option \"encoding\" must be a valid encoding name",
      position: option.position)
  }

  /// Encodings that PostgreSQL knows and this server does not convert.
  private static let otherEncodings: Set<String> = {
    var names: Set<String> = [
      "abc", "alt", "big5", "euccn", "eucjis2004", "eucjp", "euckr", "euctw", "gb18030", "gbk",
      "johab", "koi8", "koi8r", "koi8u", "muleinternal", "mskanji", "shiftjis", "shiftjis2004",
      "sjis", "tcvn", "tcvn5712", "uhc", "vscii", "win",
    ]
    for number in 1...10 { names.insert("latin\(number)") }
    for number in 1...16 { names.insert("iso8859\(number)") }
    for page in [
      866, 874, 932, 936, 949, 950, 1250, 1251, 1252, 1253, 1254, 1255, 1256, 1257, 1258,
    ] {
      names.insert("win\(page)")
      names.insert("windows\(page)")
    }
    return names
  }()
}

// MARK: - The options together

extension CopyOptions {
  /// The single bytes and the NULL mark, after all options are known.
  private mutating func complete(_ texts: [String: String]) throws(SQLError) {
    if format == .binary {
      for name in ["delimiter", "null"] where texts[name] != nil {
        throw SQLError(.syntaxError, "cannot specify \(name.uppercased()) in BINARY mode")
      }
    }
    if format == .csv {
      delimiter = UInt8(ascii: ",")
      null = []
    }
    if let text = texts["delimiter"] { delimiter = try Self.byte(text, "delimiter") }
    if delimiter == 10 || delimiter == 13 {
      throw SQLError(
        .invalidParameterValue, "COPY delimiter cannot be newline or carriage return")
    }
    if let text = texts["null"] { null = Array(text.utf8) }
    if null.contains(10) || null.contains(13) {
      throw SQLError(
        .invalidParameterValue, "COPY null representation cannot use newline or carriage return")
    }
    // They could not be told from escapes.
    if format != .csv, "\\.abcdefghijklmnopqrstuvwxyz0123456789".utf8.contains(delimiter) {
      let shown = String(decoding: [delimiter], as: UTF8.self)
      throw SQLError(.invalidParameterValue, "COPY delimiter cannot be \"\(shown)\"")
    }
    if format == .binary && header != .none {
      throw SQLError(.featureNotSupported, "cannot specify HEADER in BINARY mode")
    }
    quote = try csvByte(texts, "quote") ?? quote
    if format == .csv && delimiter == quote {
      throw SQLError(.invalidParameterValue, "COPY delimiter and quote must be different")
    }
    escape = try csvByte(texts, "escape") ?? quote
  }

  private static func byte(_ text: String, _ name: String) throws(SQLError) -> UInt8 {
    guard text.utf8.count == 1, let byte = text.utf8.first else {
      throw SQLError(
        .featureNotSupported, "COPY \(name) must be a single one-byte character")
    }
    return byte
  }

  private func csvByte(_ texts: [String: String], _ name: String) throws(SQLError) -> UInt8? {
    guard let text = texts[name] else { return nil }
    if format != .csv {
      throw SQLError(.featureNotSupported, "COPY \(name) available only in CSV mode")
    }
    return try Self.byte(text, name)
  }

  private func checkForces(_ given: Set<String>, isFrom: Bool) throws(SQLError) {
    for (name, belongsToFrom) in [
      ("force_quote", false), ("force_not_null", true), ("force_null", true),
    ] where given.contains(name) {
      let shown = name.replacing("_", with: " ")
      if format != .csv {
        throw SQLError(.featureNotSupported, "COPY \(shown) available only in CSV mode")
      }
      if isFrom != belongsToFrom {
        throw SQLError(
          .featureNotSupported,
          "COPY \(shown) only available using COPY \(belongsToFrom ? "FROM" : "TO")")
      }
    }
  }

  /// Checks the columns that options name against those that are copied. `all`: what the relation
  /// has. `relation` nil: a query. 42703, 42701, 42P10.
  func checkColumns(_ copied: [String], all: [String], relation: String?) throws(SQLError) {
    for (option, columns) in [
      ("FORCE_QUOTE", forceQuote), ("FORCE_NOT_NULL", forceNotNull), ("FORCE_NULL", forceNull),
    ] {
      guard case .some(let names) = columns else { continue }
      var seen: Set<String> = []
      for name in names {
        guard all.contains(name) else {
          let of = relation.map { " of relation \"\($0)\"" } ?? ""
          throw SQLError(.undefinedColumn, "column \"\(name)\"\(of) does not exist")
        }
        if !seen.insert(name).inserted {
          throw SQLError(.duplicateColumn, "column \"\(name)\" specified more than once")
        }
      }
      for name in names where !copied.contains(name) {
        throw SQLError(
          .invalidColumnReference, "\(option) column \"\(name)\" not referenced by COPY")
      }
    }
  }
}
