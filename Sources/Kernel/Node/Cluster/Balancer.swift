import Base
import Catalog
import Raft
import Reactor
import Types

/// Brings every tablet to its replication factor, away from nodes that drain or are lost, and spreads
/// the leaders. Lives on: shard 0 of the node that leads group 0; it keeps no state that a successor
/// would miss. Throttled: few changes at a time.
extension NodeShard {
  private static let balanceMilliseconds = 250
  /// Groups that are changed at the same time.
  private static let changesMax = 32
  /// A node that has not been heard of for so long is replaced.
  static let lostNanoseconds: UInt64 = 300_000_000_000
  /// Replicas that move only to spread them are so many at a time.
  private static let reliefsMax = 4
  /// Leaders are handed over so many at a time.
  private static let handOversMax = 4

  func startBalancer() {
    reactor.after(milliseconds: Self.balanceMilliseconds) { [unowned self] in
      balance()
      startBalancer()
    }
  }

  private func balance() {
    guard let cluster, let state = catalog.cluster, let own = tablets[.catalog],
      own.replication.isServing
    else { return }
    deadlocksForgetLost()
    raiseFeatureLevel()
    if state.isBalancerPaused || catalog.nodes.count < 2 { return }
    var placement = Placement(
      nodes: placementNodes(cluster), replicationFactor: state.replicationFactor)
    // The first replica of a split's child is made once: until that is known the group stays as it is.
    let known = Set([.catalog] + map.tablets + map.childrenMade)
    let reports = cluster.view.tablets.filter { known.contains($0.key) }.sorted { $0.key < $1.key }
      .map(\.value)
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
    // Who cannot be reached does not learn: it holds up nobody else.
    let away = Set(placement.nodes.filter { !$0.isReachable }.map(\.id))
    var changes = reports.count { entry in
      entry.report.configuration.isJoint
        || !entry.report.configuration.learners.allSatisfy {
          away.contains($0.node) || entry.report.caughtUp.contains($0)
        }
    }
    for entry in reports where changes < Self.changesMax {
      placement.isEverywhere = entry.report.tablet == .catalog
      let step = placement.next(entry.report, leader: entry.node)
      if step == .none { continue }
      changes += 1
      carryOut(step, entry.report.tablet)
      placement.count(step, entry.report)
    }
    placement.isEverywhere = false
    for entry in reports where changes < Self.reliefsMax && entry.report.tablet != .catalog {
      if cluster.stepsUnderWay.contains(entry.report.tablet) { continue }
      let step = placement.relief(entry.report)
      if step == .none { continue }
      changes += 1
      carryOut(step, entry.report.tablet)
      placement.count(step, entry.report)
    }
    if changes == 0 { spreadLeaders(placement, reports) }
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
        isWanted: node.state == .online, labels: node.labels)
    }
  }

  private func carryOut(_ step: Placement.Step, _ tablet: TabletID) {
    guard let cluster, cluster.stepsUnderWay.insert(tablet).inserted else { return }
    let done: (Result<Bool, KernelError>) -> Void = { _ in cluster.stepsUnderWay.remove(tablet) }
    switch step {
    case .none: done(.success(true))
    case .change(let configuration):
      ask(tablet, ChangeMembers(configuration: configuration), done)
    case .moveLeader(let target): ask(tablet, MoveLeadership(target: target), done)
    }
  }

  /// Moves a leader from the node that has most to one that has at least two fewer.
  private func spreadLeaders(
    _ placement: Placement, _ reports: [(node: NodeID, report: TabletReport)]
  ) {
    var nodes = placement.nodes
    for _ in 0..<Self.handOversMax {
      guard let most = nodes.max(by: { ($0.leaders, $1.id) < ($1.leaders, $0.id) }) else { return }
      let lesser = nodes.filter { $0.isEligible && $0.leaders + 2 <= most.leaders }
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
