import Base
public import Catalog
public import Reactor
import Synchronization
import Types
import WAL

/// When a reply to a write may leave.
public enum Durability: String, Sendable, CaseIterable {
  /// When the write is on disk.
  case sync
  /// When it is in memory; the disk has it `NodeSettings.relaxedMilliseconds` later. A crash of the
  /// process may lose the replies of that time, and never a part of a transaction.
  case relaxed
}

/// What a node is started with.
public struct NodeSettings: Sendable {
  public var dataDirectory: String
  public var shardCount: Int
  /// Tablets that share the buckets; fixed when the data directory is made.
  public var tabletCount = 64
  /// For all shards together.
  public var memoryLimitBytes: Int
  public var segmentBytes = 64 << 20
  /// A shard whose log is longer takes checkpoints until it is shorter.
  public var checkpointLogBytes = 256 << 20
  public var durability = Durability.sync
  /// With `relaxed`: how long a write may wait for the disk.
  public var relaxedMilliseconds = 100
  /// A file of a change stream ends before it is larger.
  public var streamSegmentBytes = 32 << 20
  /// More of a shard's change records may not wait for the disk.
  public var streamPendingBytes = 64 << 20
  public var isPinned = true
  public var backend = ReactorGroup.Backend.auto
  public var randomSeed: UInt64
  /// Tests only.
  var plantedBug: PlantedBug?
  /// Tests only: keyspaces with change streams that belong to no table.
  var streamsOfTests: [KeyspaceID: StreamedTable] = [:]
  /// How the node takes part in a cluster; nil: it is for itself, for ever.
  public var cluster: ClusterSettings?
  /// What calls from other nodes may run, besides the kernel's own.
  public var procedures: [any Procedure.Type] = []
  /// How the tables of a catalog keep their keys: without it tablets cannot be split.
  public var bucketReader: (@Sendable (CatalogSnapshot) -> any BucketReader)?
  /// Who this node's replicas are in their groups, where there is no cluster.
  var identity = ReplicaIdentity.alone

  public init(dataDirectory: String, shardCount: Int, memoryLimitBytes: Int, randomSeed: UInt64) {
    self.dataDirectory = dataDirectory
    self.shardCount = shardCount
    self.memoryLimitBytes = memoryLimitBytes
    self.randomSeed = randomSeed
  }
}

/// Starts the shards of one node on their threads.
public enum Node {
  /// Recovers every shard and, when all serve, runs `onReady` on each shard's thread. A fault while
  /// recovering goes to `onFailure`, once per shard that has one, and that shard never serves.
  @discardableResult
  public static func start(
    _ settings: NodeSettings, onFailure: @escaping @Sendable (String) -> Void,
    onReady: @escaping @Sendable (NodeShard) -> Void
  ) throws(IOFault) -> ReactorGroup {
    let startup = Startup(settings, onFailure: onFailure, onReady: onReady)
    return try ReactorGroup.start(
      count: settings.shardCount, backend: settings.backend, pinned: settings.isPinned,
      seed: settings.randomSeed
    ) { reactor, _ in
      startup.begin(on: reactor)
    }
  }

  /// The same on reactors that are there already, one for each shard in order, all of the calling
  /// thread: a simulated node. Time, randomness and files come from them alone.
  public static func start(
    _ settings: NodeSettings, on reactors: [any Reactor],
    onFailure: @escaping @Sendable (String) -> Void,
    onReady: @escaping @Sendable (NodeShard) -> Void
  ) {
    invariant(reactors.count == settings.shardCount, "\(reactors.count) reactors")
    let startup = Startup(settings, onFailure: onFailure, onReady: onReady)
    for reactor in reactors { startup.begin(on: reactor) }
  }
}

extension NodeShard {
  static let garbageIntervalMilliseconds = 500

  func startTablets(_ done: @escaping () -> Void) {
    let ids = tablets.keys.sorted()
    let gather = Gather<Bool>(count: ids.count) { _ in done() }
    for (position, id) in ids.enumerated() {
      let replication = hosted(id).replication
      replication.start()
      if replication.hasPeers {
        gather.add(true, at: position)
      } else {
        replication.whenSettled { gather.add(true, at: position) }
      }
    }
    scheduleTicks()
    scheduleGarbageCollection()
    if cluster != nil {
      startOrphanWatch()
      startLeftOutWatch()
    }
  }

  /// The pace of all groups: ten ticks without a sign of its leader, and a group elects another.
  static let tickMilliseconds = 30

  private func scheduleTicks() {
    reactor.after(milliseconds: Self.tickMilliseconds) { [unowned self] in
      // Who has no others needs no time.
      if !isAlone || hasReplicaPeers {
        groupTicks += 1
        for id in tabletIDs { hosted(id).replication.tick() }
      }
      scheduleTicks()
    }
  }

  private func scheduleGarbageCollection() {
    reactor.after(milliseconds: Self.garbageIntervalMilliseconds) { [unowned self] in
      collectGarbage()
      scheduleGarbageCollection()
    }
  }
}

/// Reads the catalog from its rows, as the change that makes it of nothing.
struct LoadCatalog: Procedure, WithoutArguments {
  static let name = "catalog.load"

  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> CatalogChange? {
    try CatalogRows.load(transaction)
  }
}
