import Base
import Catalog
import Raft
import Reactor
import Types

/// Has the tablets of new tiers made, like the children of splits: the catalog names a node of the tier for
/// each, which makes its first replica alone and once; when all are there the tier has its buckets. The
/// balancer brings the other replicas. Lives on: shard 0 of the node that leads group 0.
extension NodeShard {
  /// The next step of every tier that is not whole; those without a node wait for one.
  func makeTiers() async throws(KernelError) {
    let births = map.descriptor.births.filter { !$0.isMade }
    let homeless = births.compactMap { birth -> (TabletID, TierID)? in
      let isHoused = birth.home.map { catalog.node($0)?.state != .expelled } ?? false
      return isHoused ? nil : (birth.tablet, birth.first.tier)
    }
    let homes = homes(for: homeless)
    if !homes.isEmpty {
      try await changeMap { (map) async throws(KernelError) in map.place(homes) }
    }
    let born = await make(map.descriptor.births.filter { !$0.isMade })
    if !born.isEmpty {
      try await changeMap { (map) async throws(KernelError) in map.noteBorn(born) }
    }
  }

  /// In turn over the tier's nodes that are in use.
  private func homes(for tablets: [(tablet: TabletID, tier: TierID)])
    -> [(tablet: TabletID, home: NodeID)]
  {
    var turn = 0
    return tablets.compactMap { entry in
      let nodes = catalog.nodes(of: entry.tier).filter { $0.state == .online }
      guard !nodes.isEmpty else { return nil }
      turn += 1
      return (entry.tablet, nodes[turn % nodes.count].node)
    }
  }

  /// Those whose first replica is on its node's disk.
  private func make(_ births: [TabletMapDescriptor.Birth]) async -> [TabletID] {
    let wanted = births.filter { $0.home != nil }
    let reply = Reply<[Bool]>()
    let gather = Gather<Bool>(count: wanted.count) { reply.fulfill($0) }
    for (position, birth) in wanted.enumerated() {
      let place = ShardPlace(node: birth.home ?? nodeID, shard: ShardID(rawValue: 0))
      ask(place, MakeTablet(child: birth.tablet, term: .zero)) {
        gather.add($0 == true, at: position)
      }
    }
    return zip(wanted, await reply.get()).filter(\.1).map(\.0.tablet)
  }
}

// MARK: - The wishes

extension NodeShard {
  /// Notes a tier and its tablets in the catalog.
  static func createTier(
    _ name: String, replicationFactor: Int, tablets: Int, map: TabletMapDescriptor,
    _ catalog: inout CatalogSnapshot
  ) throws(SQLError) {
    guard catalog.cluster?.featureLevel ?? FeatureLevel.oldest >= FeatureLevel.tiers else {
      throw SQLError("55000", "there can be tiers when all nodes run a program that knows of them")
    }
    guard TierDescriptor.isValid(name: name) else {
      throw SQLError(
        "42602", "\"\(name)\" cannot be a tier's name",
        detail: "It has 1 to \(TierDescriptor.nameBytesMax) of a-z, 0-9, _ and -.")
    }
    guard catalog.tierID(named: name) == nil else {
      throw SQLError("42710", "there is a tier \"\(name)\" already")
    }
    try check(replicationFactor: replicationFactor)
    guard tablets > 0, tablets <= Bucket.count, Bucket.count % tablets == 0 else {
      throw SQLError(
        "22023", "\(tablets) tablets cannot share the buckets equally",
        detail: "Their number is a power of two up to \(Bucket.count).")
    }
    var changed = map
    guard changed.nextTablet.rawValue + UInt64(tablets) <= Layout.tabletMax else {
      throw SQLError("54000", "there are too many tablets")
    }
    guard let tier = changed.beginTier(tablets: tablets) else {
      throw SQLError("54000", "the cluster has had \(TierID.maximum) tiers, which is the limit")
    }
    catalog.put(.tabletMap(changed))
    catalog.put(
      .tier(
        TierDescriptor(
          tier: tier, name: name, replicationFactor: replicationFactor, tablets: tablets)))
  }

  static func setTier(
    _ name: String, replicationFactor: Int, _ catalog: inout CatalogSnapshot
  ) throws(SQLError) {
    try check(replicationFactor: replicationFactor)
    let id = try tier(named: name, catalog)
    if var tier = catalog.tier(id) {
      tier.replicationFactor = replicationFactor
      catalog.put(.tier(tier))
    } else if var cluster = catalog.cluster {
      cluster.replicationFactor = replicationFactor
      catalog.put(.cluster(cluster))
    }
  }

  static func dropTier(_ name: String, _ catalog: inout CatalogSnapshot) throws(SQLError) {
    let tier = try tier(named: name, catalog)
    guard let descriptor = catalog.tier(tier) else {
      throw SQLError("55000", "the tier \"\(name)\" cannot be dropped")
    }
    if let table = catalog.tables(of: tier).first {
      throw SQLError(
        "2BP01", "tier \"\(name)\" cannot be dropped: tables live in it",
        detail: "One of them is \"\(table.name)\".")
    }
    let nodes = catalog.nodes(of: tier)
    guard nodes.isEmpty else {
      throw SQLError(
        "2BP01", "tier \"\(name)\" cannot be dropped: nodes belong to it",
        detail: "They are \(nodes.map { "\($0.node)" }.joined(separator: ", ")).",
        hint: "Expel them first: a tier without tables needs none.")
    }
    if var map = catalog.tabletMap {
      map.remove(tier)
      catalog.put(.tabletMap(map))
    }
    catalog.remove(descriptor.id)
  }

  static func tier(named name: String, _ catalog: CatalogSnapshot) throws(SQLError) -> TierID {
    guard let tier = catalog.tierID(named: name) else {
      throw SQLError(
        "42704",
        "there is no tier \"\(name)\"; there are: \(catalog.tierNames.joined(separator: ", "))")
    }
    return tier
  }

  static func check(replicationFactor: Int) throws(SQLError) {
    guard [1, 3, 5].contains(replicationFactor) else {
      throw SQLError("22023", "the replication factor is 1, 3 or 5, not \(replicationFactor)")
    }
  }
}

extension CatalogSnapshot {
  /// In the order of their ids. Costs a walk over the catalog.
  func tables(of tier: TierID) -> [TableDescriptor] {
    sortedObjects.compactMap { object in
      if case .table(let table) = object, table.tier == tier { table } else { nil }
    }
  }
}
