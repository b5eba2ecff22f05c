import Base
import Catalog
import Reactor
import Types

/// The catalog on this node: every node has a replica of group 0, and its shard 0 makes the snapshots
/// of what is applied to it. Lives on: shard 0.
extension NodeShard {
  private static let pauseMilliseconds = 20

  /// Returns when this node has the catalog as it was when it began, or newer: a node that was away
  /// catches up before it serves.
  func openCatalog() async {
    if cluster != nil { startPulses() }
    if let cluster, !cluster.identity.peers.isEmpty {
      await followCatalog()
    } else {
      await loadCatalog()
    }
    if cluster != nil {
      reactor.spawn { [self] in await announce() }
      startBalancer()
    }
  }

  /// Of a node that may have to wait for others.
  private func followCatalog() async {
    while tablets[.catalog] == nil { await reactor.sleep(milliseconds: Self.pauseMilliseconds) }
    watchCatalog()
    while true {
      let reply = Reply<Bool>()
      whenCaughtUp(.catalog) { reply.fulfill($0) }
      if await reply.get(), readCatalog() { return }
      await reactor.sleep(milliseconds: Self.pauseMilliseconds)
    }
  }

  /// Makes the snapshot of what has been applied here; false where there is no catalog yet.
  @discardableResult
  func readCatalog() -> Bool {
    guard let tablet = tablets[.catalog] else { return false }
    do throws(ProcedureError) {
      guard let whole = try CatalogRows.load(tablet.appliedState) else { return false }
      broadcastCatalog(CatalogSnapshot(whole, isAlone: false))
      return true
    } catch {
      fatalError("the catalog cannot be read: \(error)")
    }
  }

  /// Of a node that is its whole cluster: reads the catalog back, or makes the first one, and tells every
  /// shard.
  private func loadCatalog() async {
    watchCatalog()
    let transaction = begin(isolation: .readCommitted)
    do throws(KernelError) {
      if let found = try await transaction.callGlobal(LoadCatalog()) {
        broadcastCatalog(CatalogSnapshot(found, isAlone: true))
      } else {
        var first = CatalogSnapshot.bootstrap()
        if let cluster { first.put += [.cluster(cluster.firstDescriptor), .node(ownDescriptor)] }
        _ = try await transaction.callGlobal(WriteCatalogChange(change: first))
      }
      try await transaction.commit()
    } catch {
      fatalError("the catalog cannot be loaded: \(error)")
    }
  }

  private var ownDescriptor: NodeDescriptor {
    guard let cluster else { fatalError("invariant: a node without a cluster has no descriptor") }
    var made =
      catalog.node(cluster.identity.node)
      ?? NodeDescriptor(
        node: cluster.identity.node, name: "", address: "", shards: 0, featureLevel: 0)
    made.name = cluster.settings.name
    made.address = cluster.advertisedAddress
    made.shards = layout.shardCount
    made.featureLevel = cluster.settings.featureLevel
    made.labels = cluster.settings.labels
    return made
  }

  /// Makes the catalog say of this node what is so: its address or its program may be new.
  private func announce() async {
    while true {
      let own = ownDescriptor
      if catalog.node(own.node) == own && catalog.cluster != nil { return }
      let transaction = begin(isolation: .readCommitted)
      do throws(KernelError) {
        try await transaction.changeCatalog { (catalog) throws(SQLError) in
          catalog.put(.node(own))
          if catalog.cluster == nil, let cluster { catalog.put(.cluster(cluster.firstDescriptor)) }
        }
        try await transaction.commit()
      } catch {
        await transaction.rollback()
      }
      await reactor.sleep(milliseconds: 1_000)
    }
  }

  /// Every node keeps the addresses of the others for its next start, and the cluster's level.
  func saveIdentity() {
    guard let cluster, catalog.version > 0 else { return }
    var identity = cluster.identity
    identity.peers = catalog.nodes.filter { $0.node != identity.node && $0.state != .expelled }
      .map { ClusterIdentity.Peer(node: $0.node, address: $0.address) }
    identity.featureLevel = featureLevel
    guard identity != cluster.savedIdentity else { return }
    do throws(IdentityFault) {
      try IdentityFile.write(identity, reactor.fileSystem, dataDirectory)
      cluster.savedIdentity = identity
    } catch {
      cluster.notice("what is known of the cluster cannot be kept: \(error)")
    }
  }
}

extension Cluster {
  var firstDescriptor: ClusterDescriptor {
    ClusterDescriptor(
      cluster: identity.cluster, tablets: identity.tablets,
      featureLevel: settings.featureLevel)
  }

  var advertisedAddress: String { settings.address(port: listeningPort) }
}

extension Tablet {
  /// What has been applied here, for reads that need no leader.
  var appliedState: TabletTransaction {
    let header = CallHeader(
      transaction: TransactionID(rawValue: 0), snapshot: nil, floor: .zero,
      isolation: .readCommitted, sequence: 0, commits: false, lockTimeoutMilliseconds: 0)
    return TabletTransaction(owner: self, header: header, snapshot: .distantFuture)
  }
}
