public import Base
import Catalog
import Raft
import Reactor
import Types

/// A node as the others see it.
public struct NodeSummary: Sendable, Equatable {
  public enum State: String, Sendable { case online, offline, draining, expelled }
  public var node: NodeID
  public var name: String
  public var address: String
  public var state: State
  public var labels: [String: String]
  /// Its tier's name.
  public var tier: String
  public var shards: Int
  public var featureLevel: Int
  /// Replicas of tablets, and those of them that lead.
  public var replicas: Int
  public var leaders: Int
  /// Its wall clock less that of the node that was asked.
  public var clockOffsetNanoseconds: Int64
  /// How the node that was asked is connected to it; nil: it is not.
  public var link: LinkSummary?
}

/// A connection to another node.
public struct LinkSummary: Sendable, Equatable {
  /// Of the protocol, as both ends speak it.
  public var version: UInt16
  /// There and back, where it has been measured.
  public var roundTripNanoseconds: UInt64?
}

/// A tablet as its leader reports it.
public struct TabletSummary: Sendable, Equatable {
  public var tablet: TabletID
  /// Its tier's name; nil of group 0, which is on the nodes of all.
  public var tier: String?
  /// Nil: none is known, or its node is out of reach.
  public var leader: NodeID?
  public var term: UInt64
  public var voters: [NodeID]
  public var learners: [NodeID]
  /// Voters are being changed.
  public var isChanging: Bool
  /// Replicas on nodes that can be reached and lack at most a little.
  public var caughtUp: [NodeID]
  public var commitIndex: UInt64
  public var rows: Int
  /// Its first bucket and how many it has; nil of group 0, and of a child that has none yet.
  public var buckets: Range<Int>?
  /// It is giving a part of its buckets to this one.
  public var splitsInto: TabletID?
}

/// A class of nodes with tablets of its own.
public struct TierSummary: Sendable, Equatable {
  public var name: String
  public var replicationFactor: Int
  /// Its tablets now; 0 until there is a node that they can be made on.
  public var tablets: Int
  /// That belong to it, without those that are expelled, and those of them that may have replicas.
  public var nodes: Int
  public var places: Int
  /// How many replicas each of its tablets should have, now that there are so many nodes.
  public var wantedReplicas: Int { min(replicationFactor, max(1, places)) }
}

/// The cluster as one node sees it.
public struct ClusterStatus: Sendable, Equatable {
  /// The node that was asked.
  public var node: NodeID
  public var featureLevel: Int
  public var replicationFactor: Int
  public var isBalancerPaused: Bool
  public var nodes: [NodeSummary]
  public var tablets: [TabletSummary]
  /// The standard one first.
  public var tiers: [TierSummary]

  /// Nodes that may have replicas.
  private var places: Int { nodes.count { $0.state == .online || $0.state == .offline } }
  /// Tablets with fewer replicas that are up to date than they should have.
  public var underReplicated: Int { tablets.count(where: isUnderReplicated) }

  /// The catalog's voters are as many as its nodes allow, whatever the replication factor is.
  private func isUnderReplicated(_ tablet: TabletSummary) -> Bool {
    guard tablet.tablet == .catalog else {
      let tier = tiers.first { $0.name == tablet.tier }
      return tablet.caughtUp.count < tier?.wantedReplicas ?? 1
    }
    let voters = Placement.voterCount(max(1, places), isEverywhere: true)
    return tablet.caughtUp.count < min(places, 2)
      || tablet.caughtUp.count(where: tablet.voters.contains) < voters
  }
  public var leaderless: Int { tablets.count { $0.leader == nil } }
}

extension NodeShard {
  /// The cluster as this node sees it, from any shard. Nil: the node belongs to none.
  public func clusterStatus() async -> ClusterStatus? {
    guard cluster != nil else { return nil }
    let reply = Reply<ClusterStatus?>()
    let back = ShardBound(reply)
    let home = peers[id]
    peers[ShardID(rawValue: 0)].post { there in
      // What is led here is said as it is now, not as of the last pulse.
      there.refreshOwnReports {
        let status = there.clusterView()
        home.post { _ in back.value.fulfill(status) }
      }
    }
    return await reply.get()
  }

  /// Shard 0.
  private func clusterView() -> ClusterStatus? {
    guard let cluster, let state = catalog.cluster else { return nil }
    let now = reactor.monotonicNanoseconds()
    func isReachable(_ node: NodeID) -> Bool {
      node == nodeID || cluster.view.isOnline(node, now: now)
    }
    let tablets = ([.catalog] + map.groups).map { id -> TabletSummary in
      let tier = id == .catalog ? nil : catalog.name(of: map.tier(of: id))
      guard let (node, report) = cluster.view.tablets[id] else {
        return TabletSummary(
          tablet: id, tier: tier, leader: nil, term: 0, voters: [], learners: [], isChanging: false,
          caughtUp: [], commitIndex: 0, rows: 0, buckets: map.descriptor.buckets(of: id),
          splitsInto: map.descriptor.child(of: id))
      }
      return TabletSummary(
        tablet: id, tier: tier, leader: isReachable(node) ? node : nil, term: report.term.rawValue,
        voters: report.configuration.voters.map(\.node).sorted(),
        learners: report.configuration.learners.map(\.node).sorted(),
        isChanging: report.configuration.isJoint,
        caughtUp: report.caughtUp.map(\.node).filter(isReachable).sorted(),
        commitIndex: report.commitIndex.rawValue, rows: report.rows,
        buckets: map.descriptor.buckets(of: id), splitsInto: map.descriptor.child(of: id))
    }
    let nodes = catalog.nodes.map { node -> NodeSummary in
      let isReachable = isReachable(node.node)
      let shown: NodeSummary.State =
        switch node.state {
        case .expelled: .expelled
        case .draining: .draining
        case .online: isReachable ? .online : .offline
        }
      return NodeSummary(
        node: node.node, name: node.name, address: node.address, state: shown,
        labels: node.labels, tier: catalog.name(of: node.tier), shards: node.shards,
        featureLevel: node.featureLevel,
        replicas: tablets.count {
          // The catalog that a drained node hears until it ends is nothing that it would be waited for.
          $0.voters.contains(node.node)
            || ($0.learners.contains(node.node) && ($0.tablet != .catalog || shown != .draining))
        },
        leaders: tablets.count { $0.leader == node.node },
        clockOffsetNanoseconds: cluster.view.nodes[node.node]?.offsetNanoseconds ?? 0,
        link: cluster.link(to: node.node))
    }
    return ClusterStatus(
      node: nodeID, featureLevel: state.featureLevel, replicationFactor: state.replicationFactor,
      isBalancerPaused: state.isBalancerPaused, nodes: nodes, tablets: tablets,
      tiers: tierSummaries())
  }

  private func tierSummaries() -> [TierSummary] {
    ([.standard] + catalog.tiers.map(\.tier)).map { tier in
      let nodes = catalog.nodes(of: tier)
      return TierSummary(
        name: catalog.name(of: tier), replicationFactor: catalog.replicationFactor(of: tier),
        tablets: map.places(of: tier).count, nodes: nodes.count,
        places: nodes.count { $0.state == .online })
    }
  }
}

// MARK: - What operators do

/// A wish of an operator.
public enum ClusterChange: Sendable, Equatable {
  /// Move its leaders and replicas away; it may go when it has none.
  case drain(NodeID)
  /// Take it back into use.
  case resume(NodeID)
  /// It is gone for good. Refused while it is the only one with a replica of something.
  case expel(NodeID)
  case setReplicationFactor(Int)
  case pauseBalancer(Bool)
  /// Half of its buckets become a tablet of their own.
  case split(TabletID)
  /// A class of nodes with so many tablets; nodes name it when they join.
  case createTier(String, replicationFactor: Int, tablets: Int)
  case setTier(String, replicationFactor: Int)
  /// Refused while tables live in it or nodes belong to it.
  case dropTier(String)
}

extension NodeShard {
  /// Writes it into the catalog; the balancer carries it out. From any shard of any node.
  public func change(_ change: ClusterChange) async throws(KernelError) {
    if case .expel(let node) = change { try await checkExpulsion(of: node) }
    let transaction = begin(isolation: .readCommitted)
    do throws(KernelError) {
      try await transaction.changeCatalog { (catalog) throws(SQLError) in
        try apply(change, to: &catalog)
      }
      try await transaction.commit()
    } catch {
      await transaction.rollback()
      throw error
    }
  }

  private func apply(_ change: ClusterChange, to catalog: inout CatalogSnapshot)
    throws(SQLError)
  {
    switch change {
    case .drain(let node): try Self.setState(of: node, .draining, &catalog)
    case .resume(let node): try Self.setState(of: node, .online, &catalog)
    case .expel(let node): try Self.setState(of: node, .expelled, &catalog)
    case .setReplicationFactor(let factor):
      try Self.check(replicationFactor: factor)
      try Self.setCluster(&catalog) { $0.replicationFactor = factor }
    case .pauseBalancer(let isPaused):
      try Self.setCluster(&catalog) { $0.isBalancerPaused = isPaused }
    case .split(let tablet): try begin(splitting: tablet, &catalog)
    case .createTier(let name, let factor, let tablets):
      try Self.createTier(
        name, replicationFactor: factor, tablets: tablets,
        map: catalog.tabletMap ?? TabletMap(layout).descriptor, &catalog)
    case .setTier(let name, let factor):
      try Self.setTier(name, replicationFactor: factor, &catalog)
    case .dropTier(let name): try Self.dropTier(name, &catalog)
    }
  }

  private static func setState(
    of id: NodeID, _ state: NodeState, _ catalog: inout CatalogSnapshot
  ) throws(SQLError) {
    guard var node = catalog.node(id) else { throw SQLError("42704", "there is no node \(id)") }
    if node.state == .expelled && state != .expelled {
      throw SQLError(
        "55000", "node \(id) has been expelled",
        hint: "Start it with an empty data directory and --join: it gets a new number.")
    }
    let rest = catalog.nodes(of: node.tier).filter { $0.node != id && $0.state == .online }
    if state != .online && rest.isEmpty && isNeeded(node.tier, catalog) {
      throw SQLError(
        "55000", "node \(id) is the last one of tier \"\(catalog.name(of: node.tier))\" in use")
    }
    node.state = state
    catalog.put(.node(node))
  }

  /// A tier without tables may lose its nodes: then it can be dropped.
  private static func isNeeded(_ tier: TierID, _ catalog: CatalogSnapshot) -> Bool {
    tier == .standard || !catalog.tables(of: tier).isEmpty
  }

  private static func setCluster(
    _ catalog: inout CatalogSnapshot, _ body: (inout ClusterDescriptor) -> Void
  ) throws(SQLError) {
    guard var cluster = catalog.cluster else {
      throw SQLError("55000", "the node belongs to no cluster")
    }
    body(&cluster)
    catalog.put(.cluster(cluster))
  }

  /// What only this node has would be lost with it.
  private func checkExpulsion(of node: NodeID) async throws(KernelError) {
    guard let status = await clusterStatus() else { return }
    let needed = Set(
      status.tiers.map(\.name).filter { name in
        catalog.tierID(named: name).map { Self.isNeeded($0, catalog) } ?? true
      })
    let only = status.tablets.filter { tablet in
      (tablet.tier.map { needed.contains($0) } ?? true) && tablet.voters.contains(node)
        && tablet.caughtUp.filter { $0 != node && tablet.voters.contains($0) }.isEmpty
    }
    if let first = only.first {
      throw .user(
        SQLError(
          "55000", "node \(node) has the only voting replica of \(only.count) tablets",
          detail: "One of them is tablet \(first.tablet).",
          hint: "Drain the node first, and wait until it has no replicas."))
    }
  }
}
