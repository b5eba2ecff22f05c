import Base
import Catalog
import Types

/// Tables that front ends write without looking into the catalog: SQL may grant rights on them, comment
/// them and give them change streams, and change nothing else.
enum FixedTables {
  static func isFixed(_ table: ObjectID) -> Bool {
    table == CQLSchema.deletionsTable || RedisSchema.tableIDs.contains(table)
  }

  /// Their changes may go into a change stream: front ends need not know.
  private static func ownOptions(_ table: TableDescriptor) -> [String: String] {
    table.options.filter { !ChangeStreamDescriptor.isOption($0.key) }
  }

  /// 42501 where a definition has touched one.
  static func check(_ before: CatalogSnapshot, _ after: CatalogSnapshot) throws(SQLError) {
    for id in RedisSchema.tableIDs + [CQLSchema.deletionsTable] {
      guard let old = before.table(id) else { continue }
      guard let new = after.table(id), new.name == old.name, new.schema == old.schema,
        new.columns.map(\.withoutComment) == old.columns.map(\.withoutComment),
        new.indexes == old.indexes, new.foreignKeys == old.foreignKeys, new.checks == old.checks,
        ownOptions(new) == ownOptions(old)
      else {
        throw SQLError(
          .insufficientPrivilege, "permission denied: \"\(old.name)\" is a system table",
          detail: "Clients of another protocol rely on its form.")
      }
    }
  }
}

extension ColumnDescriptor {
  fileprivate var withoutComment: ColumnDescriptor {
    var copy = self
    copy.comment = nil
    return copy
  }
}
