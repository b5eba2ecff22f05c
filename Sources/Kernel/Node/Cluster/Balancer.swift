import Base
import Catalog
import Raft
import Reactor
import Types

/// Brings every tablet to its tier's replication factor, away from nodes that drain or are lost, and spreads
/// the leaders. Lives on: shard 0 of the node that leads group 0; it keeps no state that a successor
/// would miss. Throttled: few changes at a time.
extension NodeShard {
  private static let balanceMilliseconds = 250
  /// After a look that found nothing to do, while all nodes are reached: looking at all groups is what an idle leader
  /// of group 0 costs more than others.
  private static let restMilliseconds = 1_000
  /// Groups that are changed at the same time.
  private static let changesMax = 32
  /// A node that has not been heard of for so long is replaced.
  static let lostNanoseconds: UInt64 = 300_000_000_000
  /// Replicas that move only to spread them are so many at a time.
  private static let reliefsMax = 4
  /// Leaders are handed over so many at a time.
  private static let handOversMax = 4
  /// And so many where clients wait for it.
  private static let rescuesMax = 32

  func startBalancer() { balance(sinceLook: 0) }

  /// - Parameter milliseconds: since the last look; so long as a rest where that one found something to do.
  private func balance(sinceLook milliseconds: Int) {
    reactor.after(milliseconds: Self.balanceMilliseconds) { [unowned self] in
      let passed = milliseconds + Self.balanceMilliseconds
      guard passed >= Self.restMilliseconds || isAnyoneAway() else {
        return balance(sinceLook: passed)
      }
      balance(sinceLook: balance() ? Self.restMilliseconds : 0)
    }
  }

  /// Whether a node is not reached, by this one or by another: clients may wait for leaders to move, which does not
  /// wait for the end of a rest. Looks at nodes, not at groups.
  private func isAnyoneAway() -> Bool {
    guard let cluster, tablets[.catalog]?.replication.isServing == true else { return false }
    return placementNodes(cluster).contains { !$0.isReachable || $0.lostPartners > 0 }
  }

  /// Whether groups change, or leaders move.
  private func balance() -> Bool {
    guard let cluster, let state = catalog.cluster, let own = tablets[.catalog],
      own.replication.isServing
    else { return false }
    deadlocksForgetLost()
    raiseFeatureLevel()
    if state.isBalancerPaused || catalog.nodes.count < 2 { return false }
    // The first replica of a tablet is made once: until that is known the group stays as it is.
    // Of tiers without nodes there is nothing to move.
    let served = Set(catalog.nodes.filter { $0.state != .expelled }.map(\.tier))
    let known = Set([.catalog] + map.groups.filter { served.contains(map.tier(of: $0)) })
    let reports = cluster.view.tablets.filter { known.contains($0.key) }.sorted { $0.key < $1.key }
      .map(\.value)
    let whole = counted(placementNodes(cluster), reports, state)
    // Who cannot be reached does not learn: it holds up nobody else.
    let away = Set(whole.nodes.filter { !$0.isReachable }.map(\.id))
    var changes = reports.count { entry in
      entry.report.configuration.isJoint
        || !entry.report.configuration.learners.allSatisfy {
          away.contains($0.node) || entry.report.caughtUp.contains($0)
        }
    }
    var tiers = TierPlacements(whole, catalog, plantedBug)
    for entry in reports where changes < Self.changesMax {
      let step = tiers.placement(of: entry.report.tablet, map).next(
        entry.report, leader: entry.node)
      if step == .none { continue }
      changes += 1
      carryOut(step, entry.report.tablet)
      tiers.count(step, entry.report)
    }
    for entry in reports where changes < Self.reliefsMax && entry.report.tablet != .catalog {
      if cluster.stepsUnderWay.contains(entry.report.tablet) { continue }
      let step = tiers.placement(of: entry.report.tablet, map).relief(entry.report)
      if step == .none { continue }
      changes += 1
      carryOut(step, entry.report.tablet)
      tiers.count(step, entry.report)
    }
    if rescueLeaders(reports, tiers) || changes > 0 { return true }
    for (tier, placement) in tiers.inOrder {
      spreadLeaders(placement, reports.filter { map.tier(of: $0.report.tablet) == tier })
    }
    return !cluster.stepsUnderWay.isEmpty
  }

  /// Moves leaders, that of the catalog too, away from nodes that others do not reach; whether there were any.
  private func rescueLeaders(
    _ reports: [(node: NodeID, report: TabletReport)], _ tiers: TierPlacements
  ) -> Bool {
    var count = 0
    for entry in reports where count < Self.rescuesMax {
      let tablet = entry.report.tablet
      let step = tiers.placement(of: tablet, map).rescue(entry.report, leader: entry.node)
      if step == .none { continue }
      count += 1
      carryOut(step, tablet)
    }
    return count > 0
  }

  /// Of all nodes, with what each has now: what the catalog is placed by.
  private func counted(
    _ nodes: [Placement.Node], _ reports: [(node: NodeID, report: TabletReport)],
    _ state: ClusterDescriptor
  ) -> Placement {
    var placement = Placement(
      nodes: nodes, replicationFactor: state.replicationFactor, isEverywhere: true)
    for entry in reports {
      for member in entry.report.configuration.voters + entry.report.configuration.learners {
        if let place = placement.nodes.firstIndex(where: { $0.id == member.node }) {
          placement.nodes[place].replicas += 1
        }
      }
      if let place = placement.nodes.firstIndex(where: { $0.id == entry.node }) {
        placement.nodes[place].leaders += 1
      }
    }
    return placement
  }

  private func placementNodes(_ cluster: Cluster) -> [Placement.Node] {
    let now = reactor.monotonicNanoseconds()
    return catalog.nodes.filter { $0.state != .expelled }.map { node in
      let isReachable =
        node.node == nodeID || cluster.view.isOnline(node.node, now: now)
      let heard = cluster.view.nodes[node.node]?.heardAt ?? cluster.startedAt
      return Placement.Node(
        id: node.node, isEligible: isReachable && node.state == .online, isReachable: isReachable,
        isLost: !isReachable && (node.state == .draining || now > heard + Self.lostNanoseconds),
        isWanted: node.state == .online, labels: node.labels, tier: node.tier,
        lostPartners: cluster.view.connectivity.partners(lostBy: node.node, now: now))
    }
  }

  private func carryOut(_ step: Placement.Step, _ tablet: TabletID) {
    guard let cluster, cluster.stepsUnderWay.insert(tablet).inserted else { return }
    let done: (Result<Bool, KernelError>) -> Void = { _ in cluster.stepsUnderWay.remove(tablet) }
    switch step {
    case .none: done(.success(true))
    case .change(let configuration):
      ask(tablet, ChangeMembers(configuration: configuration), done)
    case .moveLeader(let target):
      ask(tablet, MoveLeadership(target: target, isForced: false), done)
    case .forceLeader(let target):
      ask(tablet, MoveLeadership(target: target, isForced: true), done)
    }
  }

  /// Moves a leader from the tier's node that has most to one that has at least two fewer.
  private func spreadLeaders(
    _ placement: Placement, _ reports: [(node: NodeID, report: TabletReport)]
  ) {
    var nodes = placement.nodes
    for _ in 0..<Self.handOversMax {
      guard let most = nodes.max(by: { ($0.leaders, $1.id) < ($1.leaders, $0.id) }) else { return }
      let lesser = nodes.filter { $0.mayLead && $0.leaders + 2 <= most.leaders }
        .sorted { ($0.leaders, $0.id) < ($1.leaders, $1.id) }
      var isFound = false
      for target in lesser where !isFound {
        for entry in reports where entry.node == most.id && entry.report.tablet != .catalog {
          guard
            let heir = entry.report.configuration.voters.first(where: { $0.node == target.id }),
            entry.report.caughtUp.contains(heir),
            cluster?.stepsUnderWay.contains(entry.report.tablet) == false
          else { continue }
          carryOut(.moveLeader(heir), entry.report.tablet)
          isFound = true
          break
        }
        if isFound {
          for place in nodes.indices {
            if nodes[place].id == most.id { nodes[place].leaders -= 1 }
            if nodes[place].id == target.id { nodes[place].leaders += 1 }
          }
        }
      }
      if !isFound { return }
    }
  }

  /// The cluster's feature level rises when every node's program can.
  private func raiseFeatureLevel() {
    guard let cluster, let state = catalog.cluster, !cluster.isRaisingLevel else { return }
    let least = catalog.nodes.filter { $0.state != .expelled }.map(\.featureLevel).min() ?? 0
    guard least > state.featureLevel else { return }
    cluster.isRaisingLevel = true
    reactor.spawn { [self] in
      let transaction = begin(isolation: .readCommitted)
      do throws(KernelError) {
        try await transaction.changeCatalog { (catalog) throws(SQLError) in
          guard var state = catalog.cluster else { return }
          state.featureLevel = max(state.featureLevel, least)
          catalog.put(.cluster(state))
        }
        try await transaction.commit()
      } catch {
        await transaction.rollback()
      }
      cluster.isRaisingLevel = false
    }
  }
}

/// The placement of each tier, and of the catalog, which is over the nodes of all.
struct TierPlacements {
  private var everywhere: Placement
  private var tiers: [TierID: Placement] = [:]

  init(_ whole: Placement, _ catalog: CatalogSnapshot, _ plantedBug: PlantedBug?) {
    everywhere = whole
    for tier in [.standard] + catalog.tiers.map(\.tier) {
      let factor = catalog.replicationFactor(of: tier)
      tiers[tier] = whole.of(plantedBug == .tiersMixed ? nil : tier, replicationFactor: factor)
    }
  }

  func placement(of tablet: TabletID, _ map: TabletMap) -> Placement {
    tablet == .catalog ? everywhere : tiers[map.tier(of: tablet)] ?? everywhere
  }

  var inOrder: [(tier: TierID, placement: Placement)] {
    tiers.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// Takes the step's new replicas into account.
  mutating func count(_ step: Placement.Step, _ report: TabletReport) {
    everywhere.count(step, report)
    for tier in tiers.keys.sorted() { tiers[tier]?.count(step, report) }
  }
}
