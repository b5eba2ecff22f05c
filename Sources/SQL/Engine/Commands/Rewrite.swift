import Base
import Catalog
import Functions
import Node
import Syntax
import Types

/// Moving a table's rows to new keyspaces, in another form: for changes of types, of the key, and
/// for columns whose values differ from row to row. As PostgreSQL's table rewrite.
extension SQLSession {
  /// Changes the table by `edit` and writes all its rows again; `values` gives the new value of some
  /// columns as SQL over the old row. The transaction has the table alone.
  func rewrite(
    _ table: TableDescriptor, values: [ColumnID: String] = [:],
    _ edit: (inout TableDescriptor, inout CatalogSnapshot) throws(SQLError) -> Void
  ) async throws(SQLError) {
    try Self.refuseRewrite(table)
    // The old rows are read by the old descriptor, whatever the catalog says meanwhile.
    let source = try oldRows(of: table, values)
    var dropped: [KeyspaceID] = []
    var made: TableDescriptor?
    try await change { (catalog) throws(SQLError) in
      guard var changed = catalog.table(table.id) else { return }
      try edit(&changed, &catalog)
      for place in changed.indexes.indices {
        dropped.append(changed.indexes[place].keyspace)
        changed.indexes[place].keyspace = catalog.allocateKeyspaceID()
        if place > 0 {
          changed.indexes[place].placement = Self.placement(changed.indexes[place], changed)
        }
      }
      for place in changed.columns.indices { changed.columns[place].missingValue = nil }
      changed.version += 1
      catalog.put(.table(changed))
      made = changed
    }
    droppedKeyspaces += dropped
    guard let made else { return }
    // Generated columns and new defaults are computed on the way in; foreign keys hold already.
    let kept = made.visibleColumns.filter { column in
      column.generatedExpression == nil && source.columns.contains(column.id)
    }
    let bulk = try BulkInsert(
      table: made, columns: kept.map(\.name), context: statementContext(), isRewrite: true)
    let places = kept.compactMap { source.columns.firstIndex(of: $0.id) }
    let context = executionContext(current())
    while let batch = try await source.cursor.next() {
      _ = try await bulk.insert(batch.map { row in places.map { row[$0] } }, in: context)
    }
  }

  private func oldRows(of table: TableDescriptor, _ values: [ColumnID: String])
    throws(SQLError) -> (cursor: RowCursor, columns: [ColumnID])
  {
    let columns = table.visibleColumns
    let targets = columns.map { values[$0.id] ?? SyntaxPrinter.quoted($0.name) }
    let path = SyntaxPrinter.quoted(catalog.objects[table.schema]?.name ?? "public")
    let syntax = try CatalogText.query(
      "SELECT \(targets.joined(separator: ", ")) FROM \(path).\(SyntaxPrinter.quoted(table.name))")
    let plan = try SQL.plan(.query(syntax), context: statementContext(), parameterTypes: [])
    let cursor = SQL.execute(plan, parameters: [], in: executionContext(current()))
    return (cursor, columns.map(\.id))
  }
}
