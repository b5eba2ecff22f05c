import Base
import Catalog
import Node
import SQL
import Types

/// quatrain.table_memory: what the replicas of each table and index take in memory, on all nodes.
enum TableMemoryView {
  private static let id: UInt32 = 12_504

  static func table(_ session: SQLSession) -> VirtualTable {
    VirtualTable(
      id: ObjectID(rawValue: id),
      columns: [
        ("schema_name", .text), ("table_name", .text), ("index_name", .text), ("node", .int4),
        ("shard", .int4), ("tablet", .int8), ("is_leader", .bool), ("rows", .int8),
        ("versions", .int8), ("intents", .int8), ("content_bytes", .int8), ("memory_bytes", .int8),
      ]
    ) { [unowned session] _ in
      let names = owners(session.currentCatalog)
      return await session.shard.clusterKeyspaces().map { row($0, names[$0.space]) }
    }
  }

  private typealias Owner = (schema: String, table: String, index: String)

  /// Whose rows or entries are in which keyspace.
  private static func owners(_ catalog: CatalogSnapshot) -> [KeyspaceID: Owner] {
    var owners: [KeyspaceID: Owner] = [:]
    for case .table(let table) in catalog.sortedObjects {
      let schema = catalog.objects[table.schema]?.name ?? ""
      for index in table.indexes { owners[index.keyspace] = (schema, table.name, index.name) }
    }
    return owners
  }

  /// Without an owner: what the node keeps for itself, the catalog say, or what was dropped and is not gone yet.
  private static func row(_ report: ReplicaKeyspace, _ owner: Owner?) -> [Value] {
    [
      .optional(owner?.schema), .optional(owner?.table), .optional(owner?.index),
      .int(Int64(report.node.rawValue)), .int(Int64(report.shard.rawValue)),
      .int(Int64(report.tablet.rawValue)), .bool(report.isLeader), .int(Int64(report.keys)),
      .int(Int64(report.versions)), .int(Int64(report.intents)), .int(Int64(report.contentBytes)),
      .int(Int64(report.memoryBytes)),
    ]
  }
}
