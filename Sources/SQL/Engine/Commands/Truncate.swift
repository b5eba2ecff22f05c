import Base
import Catalog
import Functions
import Node
import Syntax
import Types

/// TRUNCATE, LOCK TABLE and the maintenance commands.
extension SQLSession {
  /// The tables get new, empty keyspaces; the old ones go at COMMIT.
  func truncate(_ truncate: TruncateStatement) async throws(SQLError) -> String {
    let transaction = current()
    if transaction.isReadOnly {
      throw SQLError(
        .readOnlySQLTransaction, "cannot execute TRUNCATE TABLE in a read-only transaction")
    }
    mayHaveEffects = true
    try await change { (_) throws(SQLError) in }
    var tables: [TableDescriptor] = []
    for name in truncate.tables {
      let table = try names.table(name)
      if !Privileges.has("D", role, owner: table.owner, grants: table.grants, catalog) {
        throw Privileges.denied("table", table.name)
      }
      if !tables.contains(where: { $0.id == table.id }) { tables.append(table) }
    }
    var place = 0
    while place < tables.count {
      for reference in names.references(to: tables[place].id)
      where !tables.contains(where: { $0.id == reference.table.id }) {
        guard truncate.isCascade else {
          throw SQLError(
            .featureNotSupported, "cannot truncate a table referenced in a foreign key constraint",
            detail:
              "Table \"\(reference.table.name)\" references \"\(tables[place].name)\".",
            hint:
              "Truncate table \"\(reference.table.name)\" at the same time, or use TRUNCATE ... CASCADE."
          )
        }
        notice(
          "NOTICE", SQLError("00000", "truncate cascades to table \"\(reference.table.name)\""))
        tables.append(reference.table)
      }
      place += 1
    }
    // Of tables with views of CQL all go, or none.
    for table in tables where table.options[TableDescriptor.hasViewsOption] != nil {
      for case .table(let view) in catalog.sortedObjects
      where view.options[TableDescriptor.viewOfOption] == "\(table.id.rawValue)" {
        if !tables.contains(where: { $0.id == view.id }) { tables.append(view) }
      }
    }
    try await lock(tables.map(\.id))
    let ids = tables.map(\.id)
    var spaces: [KeyspaceID] = []
    var sequences: [SequenceDescriptor] = []
    try await change { (catalog) throws(SQLError) in
      for id in ids {
        guard var table = catalog.table(id) else { continue }
        for index in table.indexes.indices {
          spaces.append(table.indexes[index].keyspace)
          table.indexes[index].keyspace = catalog.allocateKeyspaceID()
        }
        table.version += 1
        catalog.put(.table(table))
        guard truncate.restartsIdentity else { continue }
        for case .sequence(var sequence) in catalog.sortedObjects
        where sequence.ownedByTable == id {
          sequences.append(sequence)
          sequence.generation = self.shard.uniqueRowID()
          catalog.put(.sequence(sequence))
        }
      }
    }
    for table in tables where table.changeStream != nil {
      do throws(KernelError) {
        try await transaction.truncateStream(of: table.id)
      } catch {
        throw sqlError(from: error)
      }
    }
    droppedKeyspaces += spaces
    droppedSequences += sequences
    return "TRUNCATE TABLE"
  }

  /// Modes 1 to 3 (ACCESS SHARE to ROW EXCLUSIVE) are "in use"; the stronger ones take the table
  /// alone. `mode` as PostgreSQL numbers them.
  func lockTables(_ list: [QuerySyntax.RelationName], mode: Int, isNoWait: Bool)
    async throws(SQLError)
  {
    try requireBlock("LOCK TABLE")
    var ids: [ObjectID] = []
    for name in list {
      switch try names.relation(name) {
      case .table(let table): ids.append(table.id)
      case .view: break
      default: throw CatalogNames.undefined(name)
      }
    }
    if mode <= 3 {
      try await useTables(ids, current())
      return
    }
    mayHaveEffects = true
    try await lock(ids, isNoWait: isNoWait)
  }

  /// Notes that the tables are used; waits while another transaction has one alone. True: it waited,
  /// so what was planned before may not hold any more.
  @discardableResult
  func useTables(_ ids: some Collection<ObjectID>, _ transaction: Transaction)
    async throws(SQLError) -> Bool
  {
    if ids.isEmpty { return false }
    do throws(KernelError) {
      return try await transaction.use(Array(ids))
    } catch {
      throw sqlError(from: error)
    }
  }

  /// Garbage is collected all the time and there are no statistics to take, so only the names are
  /// checked; CHECKPOINT takes checkpoints of all tablets.
  func maintain(_ tag: String, _ tables: [QuerySyntax.RelationName]) async throws(SQLError)
    -> String
  {
    if tag == "CHECKPOINT" {
      guard role.isSuperuser else {
        throw SQLError(
          .insufficientPrivilege,
          "must be superuser or have privileges of pg_checkpoint to do CHECKPOINT")
      }
      guard await shard.checkpointNode() else {
        throw SQLError(.ioError, "a checkpoint could not be taken", hint: "See `quatrain status`.")
      }
    }
    if tag == "VACUUM" && isExplicit {
      throw SQLError(.activeSQLTransaction, "VACUUM cannot run inside a transaction block")
    }
    for name in tables where name.schema != "pg_catalog" && !name.name.hasPrefix("pg_") {
      _ = try names.table(name)
    }
    return tag
  }
}
