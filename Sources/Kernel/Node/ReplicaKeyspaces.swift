public import Base
import Raft
import Storage

/// What one replica has of one keyspace, for who wants to know what takes the memory.
public struct ReplicaKeyspace: Sendable, Equatable, WireCodable {
  public var node: NodeID
  public var shard: ShardID
  public var tablet: TabletID
  public var isLeader: Bool
  public var space: KeyspaceID
  /// With a version, a tombstone or an intent.
  public var keys: Int
  /// Committed ones, those that nobody can read any more until they are collected included.
  public var versions: Int
  public var intents: Int
  /// Of the keys and values of versions and intents.
  public var contentBytes: Int
  /// Of everything, as the allocator rounds it.
  public var memoryBytes: Int

  init(
    node: NodeID, shard: ShardID, tablet: TabletID, isLeader: Bool, space: KeyspaceID,
    use: KeyspaceUse
  ) {
    self.node = node
    self.shard = shard
    self.tablet = tablet
    self.isLeader = isLeader
    self.space = space
    keys = use.keys
    versions = use.versions
    intents = use.intents
    contentBytes = use.contentBytes
    memoryBytes = use.memoryBytes
  }

  public func encode(into out: inout WireEncoder) {
    node.encode(into: &out)
    shard.encode(into: &out)
    tablet.encode(into: &out)
    isLeader.encode(into: &out)
    space.encode(into: &out)
    for count in [keys, versions, intents, contentBytes, memoryBytes] { count.encode(into: &out) }
  }
  public init(from reader: inout WireDecoder) throws(DecodingFault) {
    node = try NodeID(from: &reader)
    shard = try ShardID(from: &reader)
    tablet = try TabletID(from: &reader)
    isLeader = try Bool(from: &reader)
    space = try KeyspaceID(from: &reader)
    keys = try Int(from: &reader)
    versions = try Int(from: &reader)
    intents = try Int(from: &reader)
    contentBytes = try Int(from: &reader)
    memoryBytes = try Int(from: &reader)
  }
}

/// What a shard's replicas have in their keyspaces.
struct ReportKeyspaces: ShardCommand {
  typealias Answer = [ReplicaKeyspace]
  static let name = "keyspaces"

  func run(on shard: NodeShard, from node: NodeID, reply: @escaping ([ReplicaKeyspace]) -> Void) {
    reply(shard.replicaKeyspaces)
  }

  init() {}
  func encode(into out: inout WireEncoder) {}
  init(from reader: inout WireDecoder) throws(DecodingFault) {}
}

extension NodeShard {
  /// Of every shard of the cluster that can be reached. Costs a message to each, and there a look at the
  /// keyspaces of each replica.
  public func clusterKeyspaces() async -> [ReplicaKeyspace] {
    let reply = Reply<[[ReplicaKeyspace]?]>()
    ask(places, ReportKeyspaces()) { reply.fulfill($0) }
    return await reply.get().flatMap { $0 ?? [] }
  }

  /// Of this shard, in the order of its tablets.
  var replicaKeyspaces: [ReplicaKeyspace] {
    tablets.values.sorted { $0.id < $1.id }.flatMap { tablet in
      tablet.store.spaces.compactMap { space in
        tablet.store.use(of: space).map {
          ReplicaKeyspace(
            node: nodeID, shard: id, tablet: tablet.id,
            isLeader: tablet.replication.core.role == .leader, space: space, use: $0)
        }
      }
    }
  }
}
