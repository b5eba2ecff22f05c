import Base
public import Catalog
public import Types

/// Which keys a table's rows are: `user:{id}` is text and the columns of the primary key. It is the table's
/// option `redis_key`.
public struct RedisKeyPattern: Equatable, Sendable {
  public static let option = "redis_key"

  enum Part: Equatable, Sendable {
    case text([UInt8])
    case column(String)
  }
  let parts: [Part]

  /// Text comes first, so that a table has keys of its own, and stands between columns, so that it is clear
  /// where one ends.
  init(_ pattern: String) throws(SQLError) {
    var parts: [Part] = []
    var rest = pattern[...]
    while let open = rest.firstIndex(of: "{") {
      let text = rest[..<open]
      if text.isEmpty {
        throw Self.fault(
          pattern, parts.isEmpty ? "it begins with a column" : "no text stands between two columns")
      }
      parts.append(.text(Array(text.utf8)))
      guard let close = rest[open...].firstIndex(of: "}") else {
        throw Self.fault(pattern, "a brace is not closed")
      }
      let name = rest[rest.index(after: open)..<close]
      if name.isEmpty { throw Self.fault(pattern, "a column has no name") }
      parts.append(.column(String(name)))
      rest = rest[rest.index(after: close)...]
    }
    if !rest.isEmpty { parts.append(.text(Array(rest.utf8))) }
    self.parts = parts
    if columns.isEmpty { throw Self.fault(pattern, "it names no column") }
    if Set(columns).count < columns.count { throw Self.fault(pattern, "a column comes twice") }
  }

  private static func fault(_ pattern: String, _ reason: String) -> SQLError {
    SQLError(.invalidParameterValue, "the pattern \"\(pattern)\" of redis_key is wrong: \(reason)")
  }

  /// In the order of the pattern.
  var columns: [String] {
    parts.compactMap { if case .column(let name) = $0 { name } else { nil } }
  }

  /// The table's columns, by name, that are its primary key; nil where it has none.
  static func key(of table: TableDescriptor) -> [String]? {
    guard let primary = table.indexes.first, primary.isPrimary else { return nil }
    let columns = primary.columns.compactMap { part in
      table.columns.first { $0.id == part.column }
    }
    guard columns.count == primary.columns.count, !columns.contains(where: \.isHidden) else {
      return nil
    }
    return columns.map(\.name)
  }

  /// Refuses a pattern that the table cannot have.
  public static func check(_ pattern: String, _ table: TableDescriptor) throws(SQLError) {
    let columns = try RedisKeyPattern(pattern).columns
    guard let key = key(of: table) else {
      throw SQLError(
        .invalidTableDefinition,
        "redis_key wants a primary key, and table \"\(table.name)\" has none")
    }
    guard Set(columns) == Set(key) else {
      throw SQLError(
        .invalidTableDefinition,
        "redis_key must name the columns of the primary key, each once: \(key.joined(separator: ", "))"
      )
    }
  }

  /// The columns' values as the key has them, in the order of the pattern; nil: it is another key.
  func match(_ key: some Collection<UInt8>) -> [[UInt8]]? {
    var rest = Array(key)[...]
    var values: [[UInt8]] = []
    for (place, part) in parts.enumerated() {
      switch part {
      case .text(let text):
        guard rest.starts(with: text) else { return nil }
        rest = rest.dropFirst(text.count)
      case .column:
        guard place + 1 < parts.count else {
          values.append(Array(rest))
          return rest.isEmpty ? nil : values
        }
        guard case .text(let next) = parts[place + 1] else { return nil }
        var length = 0
        while length < rest.count, !rest.dropFirst(length).starts(with: next) { length += 1 }
        if length == 0 || length == rest.count { return nil }
        values.append(Array(rest.prefix(length)))
        rest = rest.dropFirst(length)
      }
    }
    return rest.isEmpty ? values : nil
  }

  /// The key with these values, in the order of the pattern.
  func key(_ values: [[UInt8]]) -> [UInt8] {
    var key: [UInt8] = []
    var next = 0
    for part in parts {
      switch part {
      case .text(let text): key += text
      case .column:
        key += values[next]
        next += 1
      }
    }
    return key
  }
}
