import Base
import Catalog
import SQL
import Types

/// Writes rows into a source's table, in the transaction that is open.
struct RowWriter {
  private let table: String
  private let columns: [RecordMapping.Column]
  private let conflict: String
  /// Places of the primary key's columns, where rows are updated or deleted by it.
  private let keyPlaces: [Int]
  /// Equal keys must not be in one statement.
  private let updates: Bool

  private static let rowsMax = 64
  private static let parametersMax = 30_000

  init(
    _ source: SourceDefinition, _ table: TableDescriptor, schema: String, _ mapping: RecordMapping
  )
    throws(SQLError)
  {
    self.table = "\(Self.quoted(schema)).\(Self.quoted(table.name))"
    columns = mapping.columns
    let key = table.primaryKey.columns.compactMap { $0.column.map { table.column($0) } }
    let names = key.map(\.name)
    updates = source.conflict == .update
    if updates || source.tombstones == .delete {
      keyPlaces = names.compactMap { name in mapping.columns.firstIndex { $0.name == name } }
      guard keyPlaces.count == names.count, !key.contains(where: \.isHidden) else {
        throw SQLError(
          "55000",
          "table \"\(table.name)\" has no primary key among the source's columns to write by")
      }
    } else {
      keyPlaces = []
    }
    if source.tombstones == .delete,
      let other = keyPlaces.first(where: { mapping.columns[$0].origin != .key })
    {
      throw SQLError(
        "55000",
        "column \"\(mapping.columns[other].name)\" does not come from the key, which is all that tombstones have"
      )
    }
    switch source.conflict {
    case .error: conflict = ""
    case .nothing: conflict = " ON CONFLICT DO NOTHING"
    case .update:
      let others = mapping.columns.map(\.name).filter { !names.contains($0) }
      let changes = others.map { "\(Self.quoted($0)) = excluded.\(Self.quoted($0))" }
      let target = "(\(names.map(Self.quoted).joined(separator: ", ")))"
      conflict =
        changes.isEmpty
        ? " ON CONFLICT \(target) DO NOTHING"
        : " ON CONFLICT \(target) DO UPDATE SET \(changes.joined(separator: ", "))"
    }
  }

  /// In their order: of equal keys the last one stays, where rows are updated.
  func write(_ changes: [RecordMapping.Change], _ statements: SourceStatements)
    async throws(SQLError)
  {
    var rows: [[Value?]] = []
    for change in changes {
      switch change {
      case .row(let row): rows.append(row)
      case .nothing: break
      case .deletion(let row):
        try await insert(rows, statements)
        rows = []
        try await delete(row, statements)
      }
    }
    try await insert(rows, statements)
  }

  private func delete(_ row: [Value?], _ statements: SourceStatements) async throws(SQLError) {
    let conditions = keyPlaces.enumerated().map { place, column in
      "\(Self.quoted(columns[column].name)) = $\(place + 1)"
    }
    _ = try await statements.run(
      "DELETE FROM \(table) WHERE \(conditions.joined(separator: " AND "))", key(of: row),
      keyPlaces.map { columns[$0].type })
  }

  private func insert(_ rows: [[Value?]], _ statements: SourceStatements) async throws(SQLError) {
    var start = 0
    while start < rows.count {
      let given = present(rows[start])
      let most = min(Self.rowsMax, max(1, Self.parametersMax / max(1, given.count)))
      var end = start + 1
      var keys: Set<[Value]> = [key(of: rows[start])]
      while end < rows.count, end - start < most, present(rows[end]) == given,
        !updates || keys.insert(key(of: rows[end])).inserted
      { end += 1 }
      try await insert(Array(rows[start..<end]), given, statements)
      start = end
    }
  }

  private func present(_ row: [Value?]) -> [Int] { row.indices.filter { row[$0] != nil } }

  private func key(of row: [Value?]) -> [Value] { keyPlaces.map { row[$0] ?? .null } }

  /// Statements of few sizes, so that they are prepared once.
  private func insert(_ rows: [[Value?]], _ given: [Int], _ statements: SourceStatements)
    async throws(SQLError)
  {
    var start = 0
    while start < rows.count {
      let left = rows.count - start
      var size = given.isEmpty ? 1 : Self.rowsMax
      while size > left { size /= 4 }
      let part = rows[start..<start + size]
      _ = try await statements.run(
        text(given, size), part.flatMap { row in given.map { row[$0] ?? .null } },
        part.flatMap { _ in given.map { columns[$0].type } })
      start += size
    }
  }

  private func text(_ given: [Int], _ rows: Int) -> String {
    if given.isEmpty { return "INSERT INTO \(table) DEFAULT VALUES\(conflict)" }
    let names = given.map { Self.quoted(columns[$0].name) }.joined(separator: ", ")
    var number = 0
    let values = (0..<rows).map { _ in
      let row = given.map { _ in
        number += 1
        return "$\(number)"
      }
      return "(\(row.joined(separator: ", ")))"
    }
    return "INSERT INTO \(table) (\(names)) VALUES \(values.joined(separator: ", "))\(conflict)"
  }

  static func quoted(_ name: String) -> String {
    "\"\(name.flatMap { $0 == "\"" ? "\"\"" : String($0) }.map(String.init).joined())\""
  }
}
