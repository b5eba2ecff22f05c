import Base
import Catalog
import Reactor
import Synchronization
import WAL

/// The order in which a node begins: it knows who it is (from its file, by making a cluster, or by
/// joining one) → all shards recover → all know one another → tablets serve → doubts are settled →
/// the catalog is there → ready. Each step waits for all shards.
final class Startup: Sendable {
  private let settings: NodeSettings
  private let onFailure: @Sendable (String) -> Void
  private let onReady: @Sendable (NodeShard) -> Void
  private let commands: CommandTable
  private struct Progress {
    /// Nil until the node knows who it is; then its cluster, if it has one.
    var known: Known?
    /// Shards that wait for that.
    var waiting: [Waiting] = []
    var peers: [ShardPeer] = []
    /// The newest stamp that any shard has read: none may stamp below it, though the wall clock may
    /// have been set back since.
    var clock = Timestamp.zero
    var settled = 0
  }
  private struct Known: Sendable {
    var layout: Layout
    var identity: ClusterIdentity?
    var incarnation: UInt64
    var port: Int
  }
  private struct Waiting: Sendable {
    var handle: ReactorHandle
    var body: ShardBound<(Known) -> Void>
  }
  private let progress = Mutex(Progress())

  init(
    _ settings: NodeSettings, onFailure: @escaping @Sendable (String) -> Void,
    onReady: @escaping @Sendable (NodeShard) -> Void
  ) {
    self.settings = settings
    self.onFailure = onFailure
    self.onReady = onReady
    commands = CommandTable(procedures: settings.procedures)
  }

  /// Runs on each reactor's thread.
  func begin(on reactor: any Reactor) {
    let door = NodeDoor()
    if reactor.shard.rawValue == 0 { identify(on: reactor, door) }
    whenKnown(reactor) { [self] known in recover(on: reactor, known, door) }
  }

  // MARK: Who the node is

  private func identify(on reactor: any Reactor, _ door: NodeDoor) {
    guard let cluster = settings.cluster else {
      let layout = Layout(
        shardCount: settings.shardCount, bucketTabletCount: settings.tabletCount)
      return identified(
        Known(layout: layout, identity: nil, incarnation: 0, port: 0))
    }
    let incarnation = reactor.random.next()
    do {
      let port = try openDoor(door, on: reactor, cluster)
      if let found = try IdentityFile.read(reactor.fileSystem, settings.dataDirectory) {
        guard found.levelReached <= cluster.featureLevel else {
          throw IdentityFault(
            "\(settings.dataDirectory): the cluster's feature level is \(found.levelReached), this "
              + "program has \(cluster.featureLevel): upgrade it")
        }
        try checkTier(found, cluster)
        return known(found, incarnation, port)
      }
      if cluster.seeds.isEmpty {
        if let tier = cluster.tier, tier != TierDescriptor.standardName {
          throw IdentityFault(
            "the first node of a cluster belongs to the tier \"\(TierDescriptor.standardName)\", "
              + "not \"\(tier)\"")
        }
        let made = ClusterIdentity(
          cluster: ClusterID(high: reactor.random.next(), low: reactor.random.next()),
          node: NodeID(rawValue: 1), tablets: settings.tabletCount)
        try IdentityFile.write(made, reactor.fileSystem, settings.dataDirectory)
        return known(made, incarnation, port)
      }
      let joining = Joining(
        reactor: reactor, settings: cluster, shards: settings.shardCount,
        address: cluster.address(port: port))
      reactor.spawn { [self] in
        let joined = await joining.run()
        do throws(IdentityFault) {
          try IdentityFile.write(joined, reactor.fileSystem, settings.dataDirectory)
          known(joined, incarnation, port)
        } catch {
          onFailure("\(error)")
        }
      }
    } catch {
      onFailure("\(error)")
    }
  }

  /// A node's tier is for good.
  private func checkTier(_ identity: ClusterIdentity, _ cluster: ClusterSettings)
    throws(IdentityFault)
  {
    let own = identity.tier ?? TierDescriptor.standardName
    guard let wanted = cluster.tier, wanted != own else { return }
    throw IdentityFault(
      "\(settings.dataDirectory): the node belongs to the tier \"\(own)\", not \"\(wanted)\": "
        + "expel it and start it with an empty data directory")
  }

  private func openDoor(
    _ door: NodeDoor, on reactor: any Reactor, _ cluster: ClusterSettings
  ) throws(IOFault) -> Int {
    do throws(IOFault) {
      return try door.open(on: reactor, cluster.listen, isFirst: true)
    } catch {
      guard cluster.picksPortWhenTaken else {
        throw IOFault(errno: error.errno, operation: "listen for nodes on \(cluster.listen)")
      }
      return try door.open(on: reactor, NodeAddress(host: cluster.listen.host, port: 0))
    }
  }

  private func known(
    _ identity: ClusterIdentity, _ incarnation: UInt64, _ port: Int
  ) {
    identified(
      Known(
        layout: Layout(shardCount: settings.shardCount, bucketTabletCount: identity.tablets),
        identity: identity, incarnation: incarnation, port: port))
  }

  private func identified(_ known: Known) {
    let waiting = progress.withLock { progress in
      progress.known = known
      defer { progress.waiting = [] }
      return progress.waiting
    }
    for entry in waiting { entry.handle.post { _ in entry.body.value(known) } }
  }

  /// Runs `body` on this thread, now or later.
  private func whenKnown(_ reactor: any Reactor, _ body: @escaping (Known) -> Void) {
    let entry = Waiting(handle: reactor.handle, body: ShardBound(body))
    let known: Known? = progress.withLock { progress in
      if progress.known == nil { progress.waiting.append(entry) }
      return progress.known
    }
    if let known { body(known) }
  }

  // MARK: Recovery

  private func recover(on reactor: any Reactor, _ known: Known, _ door: NodeDoor) {
    let shard = NodeShard(
      id: reactor.shard, layout: known.layout, reactor: reactor,
      memoryLimitBytes: settings.memoryLimitBytes / settings.shardCount,
      identity: settings.identity, commands: commands,
      isFirst: known.identity.map { $0.node.rawValue == 1 } ?? true,
      node: known.identity?.node)
    do {
      try shard.recover(settings)
      if let identity = known.identity, let cluster = settings.cluster {
        try join(shard, identity, cluster, known, door)
      }
      recovered(ShardPeer(shard), clock: shard.clock.latest, reactor)
    } catch {
      onFailure("shard \(reactor.shard): \(error)")
    }
  }

  /// Gives the shard its side of the cluster, and its port to other nodes.
  private func join(
    _ shard: NodeShard, _ identity: ClusterIdentity, _ settings: ClusterSettings, _ known: Known,
    _ door: NodeDoor
  ) throws(IOFault) {
    let cluster = Cluster(
      identity: identity, settings: settings, incarnation: known.incarnation, shard: shard)
    cluster.listeningPort = known.port
    shard.cluster = cluster
    shard.isAlone = identity.peers.isEmpty
    shard.replicaTransport = { [unowned cluster] in cluster.send($1, of: $0) }
    shard.snapshotTransport = { [unowned cluster] in cluster.sendSnapshot($1, of: $0, to: $2) }
    _ = try door.open(
      on: shard.reactor, NodeAddress(host: settings.listen.host, port: known.port))
    cluster.door = door
  }

  /// The last of the shards reads the clocks for all of them: two clocks are not read at one moment,
  /// so that what each shard read for itself would differ, and a shard would stamp below what another
  /// has acknowledged.
  private func recovered(_ peer: ShardPeer, clock: Timestamp, _ reactor: any Reactor) {
    let result = progress.withLock { progress in
      progress.peers.append(peer)
      progress.clock = max(progress.clock, clock)
      return progress.peers.count == settings.shardCount ? (progress.peers, progress.clock) : nil
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
        shard.cluster?.begin()
        shard.startTablets { [self] in settled(peers) }
      }
    }
  }

  private func settled(_ peers: ShardPeers) {
    let isLast = progress.withLock { progress in
      progress.settled += 1
      return progress.settled == settings.shardCount
    }
    guard isLast else { return }
    peers[ShardID(rawValue: 0)].post { [self] first in
      if first.cluster == nil, first.hasReplicaPeers {
        // Whoever comes to lead group 0 makes the first catalog.
        return ready(peers, catalog: 0)
      }
      first.reactor.spawn { [self] in
        await first.openCatalog()
        ready(peers, catalog: 1)
      }
    }
  }

  private func ready(_ peers: ShardPeers, catalog version: UInt64) {
    for number in 0..<settings.shardCount {
      peers[ShardID(rawValue: UInt16(number))].post { [onReady] shard in
        shard.whenCatalog(version) { onReady(shard) }
      }
    }
  }
}
