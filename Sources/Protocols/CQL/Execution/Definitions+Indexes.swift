import Base
import Catalog
import Node
import SQL
import Types

/// CREATE and DROP INDEX: local indexes of SQL, of values or of elements.
extension StatementRunner {
  func createIndex(_ statement: CreateIndexStatement) async throws(CQLError) -> StatementResult {
    let keyspace = try keyspace(of: statement.table)
    try checkWritable(keyspace)
    let table = try catalog.table(keyspace, statement.table.name)
    if table.stored?.viewOf != nil {
      throw .invalid("Secondary indexes are not supported on materialized views")
    }
    let column = table.columns[try table.column(statement.column)]
    if let custom = statement.custom {
      throw .invalid("Custom indexes are not supported: \(custom)")
    }
    let elements = try indexedElements(statement, column)
    try checkIndexed(column, table)
    guard let stored = table.stored,
      let target = column.kind == .static ? stored.statics?.table : stored.rows.table
    else { throw CQLError(.unauthorized, "\(keyspace) keyspace is not user-modifiable.") }
    let schema = try catalog.schema(keyspace)
    if let name = statement.name,
      catalog.snapshot.isRelationNameTaken(schema: schema.id, name: name)
    {
      if statement.ifNotExists { return .void }
      throw .invalid("Index '\(name)' already exists")
    }
    let made = IndexTarget(column: column, elements: elements)
    if let known = catalog.facts(of: table).indexes.first(where: { $0.target == made.text }) {
      if statement.ifNotExists { return .void }
      throw .invalid(
        "Index \(statement.name ?? "") is a duplicate of existing index \(known.name)")
    }
    let name = statement.name ?? freeIndexName(table, column, schema.id)
    let operators = elements.map { " " + $0.rawValue } ?? ""
    try await sql([
      "CREATE INDEX \(Self.quoted(name)) ON \(quoted(keyspace, target.name)) (\(Self.quoted(column.name))\(operators))"
    ])
    return .schemaChange(
      SchemaChange(change: .updated, target: .table, keyspace: keyspace, name: table.name))
  }

  private func freeIndexName(_ table: CQLTable, _ column: CQLColumn, _ schema: ObjectID) -> String {
    let plain = "\(table.name)_\(column.name)_idx"
    var name = plain
    var number = 0
    while catalog.snapshot.isRelationNameTaken(schema: schema, name: name) {
      number += 1
      name = "\(plain)_\(number)"
    }
    return name
  }

  /// What of the column is indexed; nil: the value.
  private func indexedElements(_ statement: CreateIndexStatement, _ column: CQLColumn)
    throws(CQLError) -> IndexElements?
  {
    let part = statement.part
    guard column.type.isCollection else {
      if let part {
        throw .invalid(
          "Cannot create \(part)() index on \(column.name). Non-collection columns only support simple indexes"
        )
      }
      if column.type.isMultiCell {
        throw .invalid(
          "Cannot create index on \(column.name): secondary indexes are not supported on non-frozen UDTs"
        )
      }
      return nil
    }
    guard column.type.isMultiCell else {
      guard part == "full" else {
        throw .invalid(
          "Cannot create \(part ?? "values")() index on frozen column \(column.name). Frozen collections are immutable and must be fully indexed by using the 'full(\(column.name))' modifier"
        )
      }
      return nil
    }
    if part == "full" {
      throw .invalid("full() indexes can only be created on frozen collections")
    }
    let isMap = if case .map = column.type { true } else { false }
    if let part, part != "values", !isMap {
      throw .invalid(
        "Cannot create index on \(part) of column \(column.name) with non-map type")
    }
    return part.map { IndexElements(rawValue: "cql_" + $0) ?? .values } ?? .values
  }

  private func checkIndexed(_ column: CQLColumn, _ table: CQLTable) throws(CQLError) {
    if column.type.isCounter {
      throw .invalid("Secondary indexes are not supported on counter tables")
    }
    if column.type.native == .duration {
      throw .invalid("Secondary indexes are not supported on duration columns")
    }
    if column.kind == .partitionKey, table.partitionCount == 1 {
      throw .invalid(
        "Cannot create secondary index on the only partition key column \(column.name)")
    }
  }

  func dropIndex(_ object: ObjectName, ifExists: Bool) async throws(CQLError) -> StatementResult {
    let keyspace = try keyspace(of: object)
    try checkWritable(keyspace)
    let schema = try catalog.schema(keyspace)
    guard let (found, _) = catalog.snapshot.index(schema: schema.id, name: object.name) else {
      if ifExists { return .void }
      throw .invalid("Index '\(keyspace).\(object.name)' doesn't exist")
    }
    // Of static columns: the table's.
    let owner = found.options[CQLTable.staticsOfOption].flatMap { UInt32($0) }
    let table = owner.flatMap { catalog.snapshot.table(ObjectID(rawValue: $0)) } ?? found
    try await sql(["DROP INDEX \(quoted(keyspace, object.name))"])
    return .schemaChange(
      SchemaChange(change: .updated, target: .table, keyspace: keyspace, name: table.name))
  }
}

/// What an index is of, as CREATE INDEX has it: `name`, `keys(name)`, `full(name)`.
struct IndexTarget {
  var column: CQLColumn
  var elements: IndexElements?

  var text: String {
    let name = CQLName.quoted(column.name)
    if let elements { return elements.rawValue.dropFirst(4) + "(\(name))" }
    return column.type.isCollection ? "full(\(name))" : name
  }
}
