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
