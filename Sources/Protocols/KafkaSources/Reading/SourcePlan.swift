import Base
import Catalog
import Node
import SQL
import Types

/// What readers of a source work by, made of one version of the catalog. Lives on: its shard.
struct SourcePlan {
  let source: SourceDefinition
  let mapping: RecordMapping
  let rows: RowWriter
  let deadLetters: DeadLetters?
  private var tables: [Written] = []

  /// A table as it was: statements find it by its name, which another one may have taken meanwhile.
  private struct Written: Equatable {
    var table: TableDescriptor?
    var schema: String
  }

  /// 42501: the source's owner may not write the table any more; 42704, 42703: something is gone.
  init(_ source: SourceDefinition, into table: ObjectID, in catalog: CatalogSnapshot)
    throws(SQLError)
  {
    guard let table = catalog.table(table) else {
      throw SQLError(.undefinedObject, "source \"\(source.name)\" does not exist")
    }
    guard let owner = catalog.role(source.owner) else {
      throw SQLError(.undefinedObject, "the role that made the source does not exist any more")
    }
    self.source = source
    mapping = try RecordMapping(source, table)
    try Self.requireInsert(owner, table, catalog)
    rows = try RowWriter(source, table, schema: Self.schema(of: table, catalog), mapping)
    if let id = source.deadLetters {
      guard let dead = catalog.table(id) else {
        throw SQLError(.undefinedTable, "the table for dead letters does not exist any more")
      }
      try Self.requireInsert(owner, dead, catalog)
      deadLetters = try DeadLetters(dead, schema: Self.schema(of: dead, catalog))
    } else {
      deadLetters = nil
    }
    tables = [Self.written(table.id, catalog)]
    if let id = source.deadLetters { tables.append(Self.written(id, catalog)) }
  }

  private static func written(_ id: ObjectID, _ catalog: CatalogSnapshot) -> Written {
    let table = catalog.table(id)
    return Written(table: table, schema: table.map { schema(of: $0, catalog) } ?? "")
  }

  /// Whether what was written by it went where it belongs.
  func holds(in catalog: CatalogSnapshot) -> Bool {
    tables.allSatisfy { known in
      known.table.map { Self.written($0.id, catalog) == known } ?? false
    }
  }

  private static func schema(of table: TableDescriptor, _ catalog: CatalogSnapshot) -> String {
    catalog.objects[table.schema]?.name ?? ""
  }

  private static func requireInsert(
    _ owner: RoleDescriptor, _ table: TableDescriptor, _ catalog: CatalogSnapshot
  ) throws(SQLError) {
    guard Privileges.has("a", owner, owner: table.owner, grants: table.grants, catalog) else {
      throw SQLError(
        .insufficientPrivilege, "permission denied for table \(table.name)",
        detail: "The source writes with the rights of \"\(owner.name)\".")
    }
  }
}
