import Base
import Catalog
import Types

/// Tables that front ends write without looking into the catalog: SQL may grant rights on them and comment
/// them, and change nothing else.
enum FixedTables {
  /// 42501 where a definition has touched one.
  static func check(_ before: CatalogSnapshot, _ after: CatalogSnapshot) throws(SQLError) {
    guard let schema = before.schema(named: "redis"), schema.id == RedisSchema.schema else { return }
    for id in RedisSchema.tableIDs {
      guard let old = before.table(id) else { continue }
      guard let new = after.table(id), new.name == old.name, new.schema == old.schema,
        new.columns.map(\.withoutComment) == old.columns.map(\.withoutComment),
        new.indexes == old.indexes, new.foreignKeys == old.foreignKeys, new.checks == old.checks,
        new.options == old.options
      else {
        throw SQLError(
          .insufficientPrivilege, "permission denied: \"\(old.name)\" is a system table",
          detail: "Redis clients rely on its form.")
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
