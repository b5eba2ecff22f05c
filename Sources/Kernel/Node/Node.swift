import Base
import Catalog
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
  public var isPinned = true
  public var backend = ReactorGroup.Backend.auto
  public var randomSeed: UInt64
  /// Tests only.
  var plantedBug: PlantedBug?
  /// Who this node's replicas are in their groups.
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
    let layout = Layout(
      shardCount: settings.shardCount, bucketTabletCount: settings.tabletCount)
    let startup = Startup(layout: layout, onReady: onReady)
    return try ReactorGroup.start(
      count: settings.shardCount, backend: settings.backend, pinned: settings.isPinned,
      seed: settings.randomSeed
    ) { reactor, _ in
      recoverShard(on: reactor, settings, startup, onFailure)
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
    let layout = Layout(
      shardCount: settings.shardCount, bucketTabletCount: settings.tabletCount)
    let startup = Startup(layout: layout, onReady: onReady)
    for reactor in reactors { recoverShard(on: reactor, settings, startup, onFailure) }
  }

  /// Lives on: the reactor's thread.
  private static func recoverShard(
    on reactor: any Reactor, _ settings: NodeSettings, _ startup: Startup,
    _ onFailure: (String) -> Void
  ) {
    let shard = NodeShard(
      id: reactor.shard, layout: startup.layout, reactor: reactor,
      memoryLimitBytes: settings.memoryLimitBytes / settings.shardCount,
      identity: settings.identity)
    do throws(WALError) {
      try shard.recover(settings)
      startup.recovered(ShardPeer(shard), clock: shard.clock.latest, reactor)
    } catch {
      onFailure("shard \(reactor.shard): \(error)")
    }
  }
}

/// The order in which shards begin: all recover → all know one another → tablets serve → doubts
/// are settled → the catalog is loaded → ready. Each step waits for all shards.
final class Startup: Sendable {
  let layout: Layout
  private let onReady: @Sendable (NodeShard) -> Void
  private struct Progress {
    var peers: [ShardPeer] = []
    /// The newest stamp that any shard has read: none may stamp below it, though the wall clock may
    /// have been set back since.
    var clock = Timestamp.zero
    var settled = 0
  }
  private let progress = Mutex(Progress())

  init(layout: Layout, onReady: @escaping @Sendable (NodeShard) -> Void) {
    self.layout = layout
    self.onReady = onReady
  }

  /// The last of the shards reads the clocks for all of them: two clocks are not read at one moment,
  /// so that what each shard read for itself would differ, and a shard would stamp below what another
  /// has acknowledged.
  func recovered(_ peer: ShardPeer, clock: Timestamp, _ reactor: any Reactor) {
    let result = progress.withLock { progress in
      progress.peers.append(peer)
      progress.clock = max(progress.clock, clock)
      return progress.peers.count == layout.shardCount ? (progress.peers, progress.clock) : nil
    }
    guard let (all, newest) = result else { return }
    let physical = PhysicalClock(
      wallNanoseconds: max(reactor.wallNanoseconds(), newest.rawValue),
      monotonicNanoseconds: reactor.monotonicNanoseconds())
    let peers = ShardPeers(all.sorted { $0.handle.shard < $1.handle.shard })
    for peer in all {
      peer.post { [self] shard in
        shard.peers = peers
        if shard.plantedBug != .clocksApart { shard.follow(physical) }
        shard.clock.observe(newest)
        shard.startTablets { [self] in settled(peers) }
      }
    }
  }

  private func settled(_ peers: ShardPeers) {
    let isLast = progress.withLock { progress in
      progress.settled += 1
      return progress.settled == layout.shardCount
    }
    guard isLast else { return }
    peers[ShardID(rawValue: 0)].post { [self] first in
      if first.hosted(.catalog).replication.hasPeers {
        // Whoever comes to lead group 0 makes the first catalog.
        for number in 0..<layout.shardCount {
          peers[ShardID(rawValue: UInt16(number))].post { [onReady] shard in onReady(shard) }
        }
        return
      }
      first.reactor.spawn { [self] in
        await first.loadCatalog()
        for number in 0..<layout.shardCount {
          peers[ShardID(rawValue: UInt16(number))].post { [onReady] shard in
            shard.whenCatalog(1) { onReady(shard) }
          }
        }
      }
    }
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
    if ids.contains(where: { hosted($0).replication.hasPeers }) { scheduleTicks() }
    scheduleGarbageCollection()
  }

  /// The pace of all groups: ten ticks without a sign of its leader, and a group elects another.
  static let tickMilliseconds = 30

  private func scheduleTicks() {
    reactor.after(milliseconds: Self.tickMilliseconds) { [unowned self] in
      for id in tabletIDs { hosted(id).replication.tick() }
      scheduleTicks()
    }
  }

  private func scheduleGarbageCollection() {
    reactor.after(milliseconds: Self.garbageIntervalMilliseconds) { [unowned self] in
      collectGarbage()
      scheduleGarbageCollection()
    }
  }

  /// Shard 0: reads the catalog back, or makes the first one, and tells every shard.
  func loadCatalog() async {
    watchCatalog()
    let transaction = begin(isolation: .readCommitted)
    do throws(KernelError) {
      if let found = try await transaction.callGlobal(LoadCatalog()) {
        broadcastCatalog(CatalogSnapshot(found))
      } else {
        _ = try await transaction.callGlobal(
          WriteCatalogChange(change: CatalogSnapshot.bootstrap()))
      }
      try await transaction.commit()
    } catch {
      fatalError("the catalog cannot be loaded: \(error)")
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
