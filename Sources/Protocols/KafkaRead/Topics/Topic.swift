import Base
import Catalog
import Node
import SQL
import Types

/// A table's change stream as a topic. Lives on: any thread.
struct Topic: Sendable, Equatable {
  var name: String
  /// The same for as long as the topic is there; another one when it is made again.
  var id: UUIDValue
  var table: ObjectID
  var partitions: Int
  var tier: TierID
  /// The table is on every node, and its changes are the catalog tablet's.
  var isGlobal: Bool
  var definition: TopicDefinition

  /// The tablet that has a partition's changes: all its buckets are on one.
  func tablet(of partition: Int, on shard: NodeShard) -> TabletID {
    if isGlobal { return .catalog }
    let slot = partition * Bucket.count / max(1, partitions)
    return shard.tablet(of: Bucket(tier: tier, slot: UInt16(slot)))
  }
}

/// All topics of a catalog. Every table with a change stream is the topic `schema.table`; CREATE TOPIC adds
/// others. Lives on: its shard, made once for each version of the catalog.
final class TopicCatalog {
  let version: UInt64
  private let byName: [String: Topic]
  private let byID: [UUIDValue: Topic]
  private let catalog: CatalogSnapshot
  private var layouts: [String: TopicLayout] = [:]

  init(_ shard: NodeShard) {
    catalog = shard.catalog
    version = catalog.version
    var topics: [String: Topic] = [:]
    for case .table(let table) in catalog.sortedObjects {
      guard let partitions = shard.streamPartitions(of: table.id) else { continue }
      for definition in Self.definitions(table, catalog) {
        topics[definition.name] = Topic(
          name: definition.name, id: Self.identifier(table, definition, catalog), table: table.id,
          partitions: partitions, tier: table.tier, isGlobal: table.distribution == .globally,
          definition: definition)
      }
    }
    byName = topics
    byID = Dictionary(uniqueKeysWithValues: topics.values.map { ($0.id, $0) })
  }

  /// The table's own topic first, unless one was made by its name.
  private static func definitions(_ table: TableDescriptor, _ catalog: CatalogSnapshot)
    -> [TopicDefinition]
  {
    let made = TopicDefinition.all(of: table)
    let name = "\(catalog.objects[table.schema]?.name ?? "").\(table.name)"
    return made.contains { $0.name == name }
      ? made : [TopicDefinition(name: name, number: 0)] + made
  }

  private static let idVariant: UInt64 = 1 << 63

  /// Of the cluster, the table and the topic's number among the table's, which is never given again.
  private static func identifier(
    _ table: TableDescriptor, _ definition: TopicDefinition, _ catalog: CatalogSnapshot
  ) -> UUIDValue {
    let cluster = catalog.cluster?.cluster
    let salt = (cluster?.high ?? 0) ^ (cluster?.low ?? 0)
    return UUIDValue(
      high: salt & ~0xF000 | 0x8000,
      low: idVariant | UInt64(definition.number) << 32 & ~idVariant | UInt64(table.id.rawValue))
  }

  subscript(name: String) -> Topic? { byName[name] }
  subscript(id: UUIDValue) -> Topic? { byID[id] }
  /// By name.
  var sorted: [Topic] { byName.values.sorted { $0.name < $1.name } }

  /// How the topic's records are made of rows.
  func layout(of topic: Topic) throws(SQLError) -> TopicLayout {
    if let known = layouts[topic.name] { return known }
    guard let table = catalog.table(topic.table) else {
      throw SQLError(.undefinedTable, "the table of topic \"\(topic.name)\" is gone")
    }
    let made = try TopicLayout(topic, table, catalog)
    layouts[topic.name] = made
    return made
  }

  /// SELECT on the table, or on each column that the topic shows.
  func mayRead(_ topic: Topic, _ role: RoleDescriptor) -> Bool {
    guard let table = catalog.table(topic.table) else { return false }
    if Privileges.has("r", role, owner: table.owner, grants: table.grants, catalog) { return true }
    // A query shows whether its condition holds, too.
    if topic.definition.query != nil { return false }
    let columns = TopicShape.shownColumns(topic.definition, table)
    return columns.allSatisfy {
      Privileges.has("r", on: $0.id, role, owner: table.owner, grants: table.grants, catalog)
    }
  }
}
