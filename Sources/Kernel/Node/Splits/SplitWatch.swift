import Base
import Catalog
import Raft
import Reactor
import Types

/// Carries out the splits that the catalog names, one at a time, and has the tablets of new tiers made
/// (`TierBirths`). Lives on: shard 0 of the node that leads
/// group 0; it keeps nothing that a successor would miss:
///
///     named ── MakeTablet at its home ──▶ made ── replicas come ──▶ SplitTablet ──▶ the new map
///
/// Each step may be done again. The catalog is locked before the parent's clients are made to wait, so
/// that the new map follows at once.
struct SplitWatch {
  fileprivate var isSet = false
  fileprivate static let pauseMilliseconds = 50
  /// After an attempt that failed the tablet's clients have some time to themselves.
  fileprivate static let failureMilliseconds = 1_000
  fileprivate static let lockMilliseconds = 5_000
}

extension NodeShard {
  /// Called whenever the catalog has changed.
  func watchSplits() {
    guard id.rawValue == 0, !splitWatch.isSet, map.descriptor.isChanging else { return }
    splitWatch.isSet = true
    lookAtSplits(after: SplitWatch.pauseMilliseconds)
  }

  private func lookAtSplits(after milliseconds: Int) {
    reactor.after(milliseconds: milliseconds) { [unowned self] in
      guard map.descriptor.isChanging else {
        splitWatch.isSet = false
        return
      }
      guard tablets[.catalog]?.replication.isServing == true else {
        return lookAtSplits(after: SplitWatch.pauseMilliseconds)
      }
      reactor.spawn { [self] in
        var pause = SplitWatch.pauseMilliseconds
        do throws(KernelError) {
          try await makeTiers()
        } catch {
          cluster?.notice("the tablets of a tier are not made yet: \(error)")
          pause = SplitWatch.failureMilliseconds
        }
        for split in map.descriptor.splits {
          do throws(KernelError) {
            try await carryOut(split)
          } catch {
            cluster?.notice("tablet \(split.parent) is not split yet: \(error)")
            pause = SplitWatch.failureMilliseconds
          }
        }
        lookAtSplits(after: pause)
      }
    }
  }

  /// The next step of a split.
  private func carryOut(_ split: TabletMapDescriptor.Split) async throws(KernelError) {
    guard split.isMade else { return try await make(split) }
    guard hasReplicas(split) else { return }
    try await changeMap { [self] (map) async throws(KernelError) in
      guard let known = map.ranges.first(where: { $0.tablet == split.parent })?.since,
        map.splits.contains(where: { $0.child == split.child })
      else { return }
      let reply = Reply<Result<Timestamp, KernelError>>()
      let command = SplitTablet(
        child: split.child, at: split.at, known: known, catalog: catalogVersion)
      ask(split.parent, command) { reply.fulfill($0) }
      map.finish(split.child, since: try await reply.get().get())
    }
  }

  private func make(_ split: TabletMapDescriptor.Split) async throws(KernelError) {
    if catalog.node(split.home)?.state == .expelled { return try await rehome(split) }
    let term = leaders[split.parent]?.term ?? tablets[split.parent]?.replication.term ?? .zero
    let reply = Reply<Bool?>()
    ask(
      ShardPlace(node: split.home, shard: ShardID(rawValue: 0)),
      MakeTablet(child: split.child, term: term)
    ) { reply.fulfill($0) }
    guard await reply.get() == true else {
      throw .unavailable("node \(split.home) has not made tablet \(split.child)")
    }
    try await changeMap { (map) async throws(KernelError) in map.noteMade(split.child) }
  }

  /// A node that is expelled never comes back, and what it may have made has no other members.
  private func rehome(_ split: TabletMapDescriptor.Split) async throws(KernelError) {
    let home = splitHome(of: split.parent)
    try await changeMap { (map) async throws(KernelError) in map.move(split.child, to: home) }
  }

  /// The child is as safe as its parent before it gets anything.
  private func hasReplicas(_ split: TabletMapDescriptor.Split) -> Bool {
    guard let cluster else { return true }
    guard let child = cluster.view.tablets[split.child]?.report.configuration,
      let caughtUp = cluster.view.tablets[split.child]?.report.caughtUp,
      let parent = cluster.view.tablets[split.parent]?.report.configuration
    else { return false }
    return !child.isJoint && child.voters.count >= parent.voters.count
      && child.voters.allSatisfy { caughtUp.contains($0) }
  }

  /// Changes the map under the catalog's lock, which is taken before `body` begins.
  func changeMap(
    _ body: (inout TabletMapDescriptor) async throws(KernelError) -> Void
  ) async throws(KernelError) {
    let transaction = begin(isolation: .readCommitted)
    transaction.lockTimeoutMilliseconds = SplitWatch.lockMilliseconds
    do throws(KernelError) {
      try await transaction.changeCatalog { _ in }
      if var changed = transaction.catalog.tabletMap {
        try await body(&changed)
        try await transaction.changeCatalog { $0.put(.tabletMap(changed)) }
      }
      try await transaction.commit()
    } catch {
      await transaction.rollback()
      throw error
    }
  }
}

// MARK: - The wish

extension NodeShard {
  /// Notes in the catalog that the tablet is to be split.
  func begin(splitting tablet: TabletID, _ catalog: inout CatalogSnapshot) throws(SQLError) {
    guard catalog.cluster?.featureLevel ?? FeatureLevel.newest >= FeatureLevel.splits else {
      throw SQLError("55000", "tablets can be split when all nodes run a program that knows how")
    }
    var changed = catalog.tabletMap ?? TabletMap(layout).descriptor
    guard let buckets = changed.buckets(of: tablet) else {
      throw SQLError("42704", "there is no tablet \(tablet) that has buckets")
    }
    guard changed.nextTablet.rawValue <= Layout.tabletMax else {
      throw SQLError("54000", "there are too many tablets")
    }
    if let middle = changed.middle(of: tablet) { try catalog.checkStreams(cutAt: middle) }
    guard changed.begin(splitting: tablet, home: splitHome(of: tablet)) else {
      throw SQLError(
        "55000", "tablet \(tablet) cannot be split now",
        detail: buckets.count == 1 ? "It has one bucket." : "It is being split.")
    }
    catalog.put(.tabletMap(changed))
  }

  /// Where the tablet is led, unless that node is to be left.
  private func splitHome(of tablet: TabletID) -> NodeID {
    let leader = leaders[tablet]?.node ?? nodeID
    guard cluster != nil, catalog.node(leader)?.state != .online else { return leader }
    return catalog.nodes(of: map.tier(of: tablet)).first { $0.state == .online }?.node ?? leader
  }
}
