import Base
import Catalog
import SQL
import Types

/// Inserts rows into a source's table, in the transaction that is open.
struct RowWriter {
  private let table: String
  private let columns: [RecordMapping.Column]
  private let conflict: String
  /// Places of the primary key's columns, where equal keys must not be in one statement.
  private let keyPlaces: [Int]

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
    switch source.conflict {
    case .error:
      conflict = ""
      keyPlaces = []
    case .nothing:
      conflict = " ON CONFLICT DO NOTHING"
      keyPlaces = []
    case .update:
      keyPlaces = names.compactMap { name in mapping.columns.firstIndex { $0.name == name } }
      guard keyPlaces.count == names.count, !key.contains(where: \.isHidden) else {
        throw SQLError(
          "55000",
          "table \"\(table.name)\" has no primary key among the source's columns to update by")
      }
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
  func write(_ rows: [[Value?]], _ statements: SourceStatements) async throws(SQLError) {
    var start = 0
    while start < rows.count {
      let given = present(rows[start])
      let most = min(Self.rowsMax, max(1, Self.parametersMax / max(1, given.count)))
      var end = start + 1
      var keys: Set<[Value]> = [key(of: rows[start])]
      while end < rows.count, end - start < most, present(rows[end]) == given,
        keyPlaces.isEmpty || keys.insert(key(of: rows[end])).inserted
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
