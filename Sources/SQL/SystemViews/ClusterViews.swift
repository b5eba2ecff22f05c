import Base
import Catalog
import Node
import SQL
import Types

/// The views of schema `quatrain`: the cluster as this node sees it. Only found with the schema's name.
enum ClusterViews {
  private static let firstID: UInt32 = 12_500

  /// Nil: there is no such view.
  static func table(_ name: String, _ session: SQLSession) -> VirtualTable? {
    switch name {
    case "nodes": view(0, nodeColumns, session) { $0.nodes.map(row) }
    case "tablets": view(1, tabletColumns, session) { $0.tablets.map(row) }
    case "shards": shards(session)
    case "tiers": view(3, tierColumns, session) { $0.tiers.map(row) }
    case "redis_views": redisViews(session)
    case "table_memory": TableMemoryView.table(session)
    case "sources": SourceViews.sources(session)
    case "source_partitions": SourceViews.partitions(session)
    default: nil
    }
  }

  private static func view(
    _ number: UInt32, _ columns: [(name: String, type: SQLType)], _ session: SQLSession,
    _ rows: @escaping (ClusterStatus) -> [[Value]]
  ) -> VirtualTable {
    VirtualTable(id: ObjectID(rawValue: firstID + number), columns: columns) {
      [unowned session] _ in
      await session.shard.clusterStatus().map(rows) ?? []
    }
  }

  private static let nodeColumns: [(name: String, type: SQLType)] = [
    ("node", .int4), ("name", .text), ("address", .text), ("state", .text), ("shards", .int4),
    ("feature_level", .int4), ("replicas", .int4), ("leaders", .int4),
    ("clock_offset_ms", .float8), ("round_trip_ms", .float8), ("protocol", .int4),
    ("labels", .text), ("tier", .text),
  ]

  private static func row(_ node: NodeSummary) -> [Value] {
    let labels = node.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    return [
      .int(Int64(node.node.rawValue)), .string(node.name), .string(node.address),
      .string(node.state.rawValue), .int(Int64(node.shards)), .int(Int64(node.featureLevel)),
      .int(Int64(node.replicas)), .int(Int64(node.leaders)),
      .float(Double(node.clockOffsetNanoseconds) / 1e6),
      node.link?.roundTripNanoseconds.map { .float(Double($0) / 1e6) } ?? .null,
      node.link.map { .int(Int64($0.version)) } ?? .null,
      .string(labels.joined(separator: ",")), .string(node.tier),
    ]
  }

  private static let tabletColumns: [(name: String, type: SQLType)] = [
    ("tablet", .int8), ("leader", .int4), ("term", .int8), ("voters", .int4Array),
    ("learners", .int4Array), ("is_changing", .bool), ("up_to_date", .int4Array),
    ("entries", .int8), ("rows", .int8), ("first_bucket", .int4), ("last_bucket", .int4),
    ("splits_into", .int8), ("tier", .text),
  ]

  private static func row(_ tablet: TabletSummary) -> [Value] {
    func list(_ nodes: [NodeID]) -> Value {
      .array(ArrayValue(elementType: .int4, elements: nodes.map { .int(Int64($0.rawValue)) }))
    }
    return [
      .int(Int64(tablet.tablet.rawValue)), tablet.leader.map { .int(Int64($0.rawValue)) } ?? .null,
      .int(Int64(tablet.term)), list(tablet.voters), list(tablet.learners),
      .bool(tablet.isChanging), list(tablet.caughtUp), .int(Int64(tablet.commitIndex)),
      .int(Int64(tablet.rows)), tablet.buckets.map { .int(Int64($0.lowerBound)) } ?? .null,
      tablet.buckets.map { .int(Int64($0.upperBound - 1)) } ?? .null,
      tablet.splitsInto.map { .int(Int64($0.rawValue)) } ?? .null,
      tablet.tier.map { .string($0) } ?? .null,
    ]
  }

  private static let tierColumns: [(name: String, type: SQLType)] = [
    ("name", .text), ("replication_factor", .int4), ("tablets", .int4), ("nodes", .int4),
  ]

  private static func row(_ tier: TierSummary) -> [Value] {
    [
      .string(tier.name), .int(Int64(tier.replicationFactor)), .int(Int64(tier.tablets)),
      .int(Int64(tier.nodes)),
    ]
  }

  /// Tables whose rows are keys of Redis' clients.
  private static func redisViews(_ session: SQLSession) -> VirtualTable {
    VirtualTable(
      id: ObjectID(rawValue: firstID + 3),
      columns: [("key", .text), ("schema_name", .text), ("table_name", .text)]
    ) { [unowned session] _ in
      let objects = session.currentCatalog.sortedObjects
      var schemas: [ObjectID: String] = [:]
      for case .schema(let schema) in objects { schemas[schema.id] = schema.name }
      return objects.compactMap { object -> [Value]? in
        guard case .table(let table) = object, let key = table.options["redis_key"] else {
          return nil
        }
        return [.string(key), .string(schemas[table.schema] ?? ""), .string(table.name)]
      }
    }
  }

  /// Of the node that the session is connected to.
  private static func shards(_ session: SQLSession) -> VirtualTable {
    VirtualTable(
      id: ObjectID(rawValue: firstID + 2),
      columns: [
        ("shard", .int4), ("tablets", .int4), ("rows", .int8), ("memory_used", .int8),
        ("memory_limit", .int8), ("log_bytes", .int8), ("transactions", .int4),
        ("checkpoints", .int8), ("log_failure", .text),
      ]
    ) { [unowned session] _ in
      await session.shard.nodeStatus().shards.map { shard in
        [
          .int(Int64(shard.shard.rawValue)), .int(Int64(shard.tablets)), .int(Int64(shard.rows)),
          .int(Int64(shard.memoryUsedBytes)), .int(Int64(shard.memoryLimitBytes)),
          .int(Int64(shard.logBytes)), .int(Int64(shard.activeTransactions)),
          .int(Int64(shard.checkpoints)), shard.logFailure.map { .string($0) } ?? .null,
        ]
      }
    }
  }
}
