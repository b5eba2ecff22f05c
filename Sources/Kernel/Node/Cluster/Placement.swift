import Base
import Raft

/// Where a tablet's replicas should be, and the next step there from where they are. Pure, so that it
/// can be tested by itself.
struct Placement {
  struct Node: Equatable {
    var id: NodeID
    /// Takes part in the decision: not draining, not expelled, heard of lately.
    var isEligible: Bool
    /// Heard of lately, whatever the operator wants of it.
    var isReachable: Bool
    /// For a good while it has not been heard of: its replicas are replaced.
    var isLost: Bool
    /// The operator wants it to take part.
    var isWanted = true
    var labels: [String: String]
    var tier = TierID.standard
    /// Replicas that it has, of all tablets.
    var replicas = 0
    var leaders = 0
    /// Living nodes that it does not reach, or that do not reach it.
    var lostPartners = 0
    /// Others may hand leaderships over to it.
    var mayLead: Bool { isEligible && lostPartners == 0 }
  }

  /// The next change of a group.
  enum Step: Equatable {
    case none
    case change(RaftConfiguration)
    /// The leader's node is to have no replica: another voter leads first.
    case moveLeader(ReplicaID)
    /// Not all nodes reach the leader: a voter leads that more of them reach, even if transactions fail by that.
    case forceLeader(ReplicaID)
  }

  var nodes: [Node]
  var replicationFactor: Int
  /// Group 0: up to five voters, and a learner on every other node.
  var isEverywhere = false
  static let catalogVotersMax = 5

  /// Of the tier's tablets: other tiers' nodes have no part in it; nil: of tablets that all nodes share.
  func of(_ tier: TierID?, replicationFactor: Int) -> Placement {
    Placement(
      nodes: nodes.filter { tier == nil || $0.tier == tier }, replicationFactor: replicationFactor)
  }

  /// The nodes that should have a replica, of which those come first that have one.
  func targets(_ current: [NodeID]) -> [NodeID] {
    // Who is being drained goes on hearing the catalog, without a vote, until it ends.
    let eligible = nodes.filter { $0.isEligible || (isEverywhere && isLeaving($0)) }
    // A node that is only out of reach for a while keeps its replica.
    let lasting = nodes.filter {
      $0.isEligible || (!$0.isLost && (isEverywhere || !isLeaving($0)))
    }
    let wanted = isEverywhere ? lasting.count : min(replicationFactor, lasting.count)
    var chosen = lasting.filter { current.contains($0.id) }
    while chosen.count > max(wanted, 1) {
      let ranks = chosen.map { rank($0, chosen) }
      guard let worst = chosen.indices.max(by: { ranks[$0] < ranks[$1] }) else { break }
      chosen.remove(at: worst)
    }
    while chosen.count < wanted || chosen.count < replicationFactor {
      let rest = eligible.filter { node in !chosen.contains { $0.id == node.id } }
      guard let best = rest.min(by: { cost($0, chosen) < cost($1, chosen) }) else { break }
      chosen.append(best)
    }
    // Where nobody can take a lost node's place, it keeps its vote: voters never shrink by themselves.
    let lost = nodes.filter { $0.isLost && $0.isWanted && current.contains($0.id) }
    chosen += lost.prefix(max(0, (isEverywhere ? nodes.count : replicationFactor) - chosen.count))
    return chosen.map(\.id)
  }

  private func isLeaving(_ node: Node) -> Bool { !node.isEligible && node.isReachable }

  private func rank(_ node: Node, _ chosen: [Node]) -> (Int, Int, Int, UInt32) {
    let shared = sharedDomains(node, chosen.filter { $0.id != node.id })
    return (node.isEligible ? 0 : 1, shared, node.replicas, node.id.rawValue)
  }

  /// Shared failure domains first, then load.
  private func cost(_ node: Node, _ chosen: [Node]) -> (Int, Int, UInt32) {
    (sharedDomains(node, chosen), node.replicas, node.id.rawValue)
  }

  private func sharedDomains(_ node: Node, _ chosen: [Node]) -> Int {
    chosen.reduce(0) { sum, other in
      sum + node.labels.count { other.labels[$0.key] == $0.value }
    }
  }

  /// Of a group that is where it should be: a node with at least two replicas fewer than one of the
  /// group's learns to take that one's place, unless it shares more failure domains.
  func relief(_ report: TabletReport) -> Step {
    let configuration = report.configuration
    let members = configuration.voters + configuration.learners
    let current = members.map(\.node)
    guard !isEverywhere, !configuration.isJoint, members.allSatisfy(report.caughtUp.contains),
      Set(targets(current)) == Set(current)
    else { return .none }
    let chosen = nodes.filter { current.contains($0.id) }
    for source in chosen.sorted(by: { ($1.replicas, $1.id) < ($0.replicas, $0.id) }) {
      let rest = chosen.filter { $0.id != source.id }
      let better = nodes.filter {
        $0.isEligible && !current.contains($0.id) && $0.replicas + 2 <= source.replicas
          && sharedDomains($0, rest) <= sharedDomains(source, rest)
      }
      if let heir = better.min(by: { cost($0, rest) < cost($1, rest) }) {
        return learning(heir.id, report)
      }
    }
    return .none
  }

  /// Takes the step's new replicas into account.
  mutating func count(_ step: Step, _ report: TabletReport) {
    guard case .change(let next) = step else { return }
    for member in next.learners + next.voters where !report.configuration.contains(member) {
      if let place = nodes.firstIndex(where: { $0.id == member.node }) {
        nodes[place].replicas += 1
      }
    }
  }

  /// The new replica's generation is one that the node has never had in this group, whatever has become of
  /// its replicas before: since then the group's log has grown by their coming and going.
  private func learning(_ node: NodeID, _ report: TabletReport) -> Step {
    let configuration = report.configuration
    let members = configuration.voters + configuration.learners
    let generation = max(
      (members.map(\.generation).max() ?? 0) + 1, report.commitIndex.rawValue)
    let learner = ReplicaID(node: node, generation: generation)
    return .change(
      RaftConfiguration(
        voters: configuration.voters, learners: configuration.learners + [learner]))
  }

  /// Voters: all targets from three on. Two replicas would survive less than one: a voter and a learner.
  static func voterCount(_ targets: Int, isEverywhere: Bool) -> Int {
    switch targets {
    case ...2: 1
    case 3, 4: 3
    default: isEverywhere ? catalogVotersMax : targets % 2 == 1 ? targets : targets - 1
    }
  }

  /// Who of the replicas should vote. Who votes already goes on voting, unless its node is lost and
  /// another replica can take its place; new voters avoid the failure domains of the others.
  private func voters(of replicas: [ReplicaID], _ report: TabletReport) -> [ReplicaID] {
    func node(of replica: ReplicaID) -> Node? { nodes.first { $0.id == replica.node } }
    func order(_ replica: ReplicaID, _ chosen: [Node]) -> (Int, Int, ReplicaID) {
      guard let node = node(of: replica) else { return (3, 0, replica) }
      let isVoter = report.configuration.voters.contains(replica)
      let rank = node.isLost ? 3 : isVoter ? 0 : report.caughtUp.contains(replica) ? 1 : 2
      return (rank, isVoter ? 0 : cost(node, chosen).0, replica)
    }
    var rest = replicas.filter { node(of: $0).map { !isLeaving($0) } ?? true }
    var voters: [ReplicaID] = []
    var chosen: [Node] = []
    let wanted = Self.voterCount(rest.count, isEverywhere: isEverywhere)
    while voters.count < wanted,
      let best = rest.indices.min(by: { order(rest[$0], chosen) < order(rest[$1], chosen) })
    {
      let replica = rest.remove(at: best)
      voters.append(replica)
      if let node = node(of: replica) { chosen.append(node) }
    }
    return voters
  }

  /// Leads away from a node that others do not reach, to one that is better off.
  func rescue(_ report: TabletReport, leader: NodeID) -> Step {
    func lost(_ id: NodeID) -> Int { nodes.first { $0.id == id }?.lostPartners ?? 0 }
    let here = lost(leader)
    if here == 0 || report.configuration.isJoint { return .none }
    let heirs = report.configuration.voters.filter { voter in
      report.caughtUp.contains(voter) && lost(voter.node) < here
        && nodes.contains { $0.id == voter.node && $0.isEligible }
    }
    let best = heirs.min { (lost($0.node), $0.node) < (lost($1.node), $1.node) }
    return best.map { .forceLeader($0) } ?? .none
  }

  func next(_ report: TabletReport, leader: NodeID) -> Step {
    let configuration = report.configuration
    if configuration.isJoint { return .none }
    let members = configuration.voters + configuration.learners
    let wanted = targets(members.map(\.node))
    // First the missing ones learn.
    if let missing = wanted.first(where: { id in !members.contains { $0.node == id } }) {
      return learning(missing, report)
    }
    let target = members.filter { wanted.contains($0.node) }
    var voters = self.voters(of: target, report)
    let isReady = voters.allSatisfy {
      configuration.voters.contains($0) || report.caughtUp.contains($0)
    }
    if !isReady { return .none }
    // Voters that would be dropped are dropped only when the others suffice.
    if voters.isEmpty { voters = configuration.voters }
    let learners = target.filter { !voters.contains($0) }
    let next = RaftConfiguration(voters: voters, learners: learners)
    if next == configuration { return .none }
    if !voters.contains(where: { $0.node == leader }) {
      guard let heir = voters.first(where: { configuration.voters.contains($0) }) else {
        // All voters change at once: the new ones join first.
        let both = configuration.voters + voters.filter { !configuration.voters.contains($0) }
        return .change(RaftConfiguration(voters: both, learners: learners))
      }
      return .moveLeader(heir)
    }
    return .change(next)
  }
}
