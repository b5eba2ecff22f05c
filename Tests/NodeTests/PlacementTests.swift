import Base
import Raft
import Testing

@testable import Node

/// Where replicas should be, and one step at a time to get there.
@Suite struct PlacementTests {
  private func node(
    _ id: UInt32, eligible: Bool = true, reachable: Bool = true, lost: Bool = false,
    wanted: Bool = true, labels: [String: String] = [:], replicas: Int = 0
  ) -> Placement.Node {
    Placement.Node(
      id: NodeID(rawValue: id), isEligible: eligible, isReachable: reachable, isLost: lost,
      isWanted: wanted, labels: labels, replicas: replicas)
  }

  private func replica(_ node: UInt32) -> ReplicaID {
    ReplicaID(node: NodeID(rawValue: node), generation: 1)
  }

  private func report(_ voters: [UInt32], learners: [UInt32] = [], caughtUp: [UInt32]? = nil)
    -> TabletReport
  {
    TabletReport(
      tablet: TabletID(rawValue: 1), term: Term(rawValue: 1),
      configuration: RaftConfiguration(
        voters: voters.map(replica), learners: learners.map(replica)),
      commitIndex: LogIndex(rawValue: 9), caughtUp: (caughtUp ?? voters + learners).map(replica),
      rows: 0)
  }

  private func step(_ nodes: [Placement.Node], _ report: TabletReport, leader: UInt32 = 1)
    -> Placement.Step
  {
    Placement(nodes: nodes, replicationFactor: 3).next(report, leader: NodeID(rawValue: leader))
  }

  @Test("two nodes are a voter and a learner, three are three voters in one change")
  func growth() {
    let two = [node(1), node(2)]
    guard case .change(let learning) = step(two, report([1])) else {
      return #expect(Bool(false), "the second node learns")
    }
    #expect(learning.voters == [replica(1)] && learning.learners.map(\.node.rawValue) == [2])
    #expect(step(two, report([1], learners: [2])) == .none)
    let three = two + [node(3)]
    #expect(step(three, report([1], learners: [2, 3], caughtUp: [1, 2])) == .none)
    #expect(
      step(three, report([1], learners: [2, 3]))
        == .change(RaftConfiguration(voters: [1, 2, 3].map(replica))))
    #expect(step(three, report([1, 2, 3])) == .none)
  }

  @Test(
    "a node that is away keeps its replica; one that is lost too, unless another takes its place")
  func absence() {
    let away = [node(1), node(2), node(3, eligible: false, reachable: false)]
    #expect(step(away, report([1, 2, 3], caughtUp: [1, 2])) == .none)
    let lost = [node(1), node(2), node(3, eligible: false, reachable: false, lost: true)]
    #expect(step(lost, report([1, 2, 3], caughtUp: [1, 2])) == .none)
    guard case .change(let next) = step(lost + [node(4)], report([1, 2, 3], caughtUp: [1, 2]))
    else { return #expect(Bool(false), "the fourth node learns") }
    #expect(next.learners.map(\.node.rawValue) == [4])
    #expect(
      step(lost + [node(4)], report([1, 2, 3], learners: [4], caughtUp: [1, 2, 4]))
        == .change(RaftConfiguration(voters: [1, 2, 4].map(replica))))
  }

  @Test("a draining node gives its leader away first, then its replica")
  func draining() {
    let nodes = [node(1, eligible: false, wanted: false), node(2), node(3), node(4)]
    guard case .change(let next) = step(nodes, report([1, 2, 3])) else {
      return #expect(Bool(false), "the fourth node learns")
    }
    #expect(next.learners.map(\.node.rawValue) == [4])
    #expect(step(nodes, report([1, 2, 3], learners: [4])) == .moveLeader(replica(2)))
    #expect(
      step(nodes, report([1, 2, 3], learners: [4]), leader: 2)
        == .change(RaftConfiguration(voters: [2, 3, 4].map(replica))))
  }

  @Test("replicas avoid a shared failure domain, then load")
  func domains() {
    let nodes = [
      node(1, labels: ["zone": "a"]), node(2, labels: ["zone": "a"]),
      node(3, labels: ["zone": "b"], replicas: 9), node(4, labels: ["zone": "c"], replicas: 9),
    ]
    let placement = Placement(nodes: nodes, replicationFactor: 3)
    #expect(placement.targets([NodeID(rawValue: 1)]).map(\.rawValue).sorted() == [1, 3, 4])
  }

  private func catalogStep(
    _ nodes: [Placement.Node], _ report: TabletReport, factor: Int = 3, leader: UInt32 = 1
  ) -> Placement.Step {
    var placement = Placement(nodes: nodes, replicationFactor: factor)
    placement.isEverywhere = true
    return placement.next(report, leader: NodeID(rawValue: leader))
  }

  private func configuration(_ voters: [UInt32], _ learners: [UInt32] = []) -> RaftConfiguration {
    RaftConfiguration(voters: voters.map(replica), learners: learners.map(replica))
  }

  @Test("the catalog is on every node, with up to five voters", arguments: [1, 3, 5])
  func catalogEverywhere(factor: Int) {
    // How many voters so many nodes give.
    for (count, voters) in [(1, 1), (2, 1), (3, 3), (4, 3), (5, 5), (6, 5), (7, 5)] {
      let all = (1...UInt32(count)).map { $0 }
      let nodes = all.map { node($0) }
      var placement = Placement(nodes: nodes, replicationFactor: factor)
      placement.isEverywhere = true
      #expect(placement.targets([NodeID(rawValue: 1)]).count == count)
      let step = catalogStep(nodes, report([1], learners: Array(all.dropFirst())), factor: factor)
      let wanted = configuration(Array(all.prefix(voters)), Array(all.dropFirst(voters)))
      #expect(step == (voters == 1 ? .none : .change(wanted)))
    }
  }

  @Test(
    "the catalog's voters do not shrink when a node is away or lost, and a learner takes a vote")
  func catalogLoss() {
    func absent(_ id: UInt32, lost: Bool) -> Placement.Node {
      node(id, eligible: false, reachable: false, lost: lost)
    }
    let present = (2...5).map { node(UInt32($0)) }
    let five = report([1, 2, 3, 4, 5], caughtUp: [2, 3, 4, 5])
    #expect(catalogStep([absent(1, lost: false)] + present, five, leader: 2) == .none)
    #expect(catalogStep([absent(1, lost: true)] + present, five, leader: 2) == .none)
    // A sixth node learns, and votes once the first is lost and it has caught up.
    let six = present + [node(6)]
    let learning = report([1, 2, 3, 4, 5], learners: [6], caughtUp: [2, 3, 4, 5])
    let learnt = report([1, 2, 3, 4, 5], learners: [6], caughtUp: [2, 3, 4, 5, 6])
    #expect(catalogStep([absent(1, lost: false)] + six, learnt, leader: 2) == .none)
    #expect(catalogStep([absent(1, lost: true)] + six, learning, leader: 2) == .none)
    #expect(
      catalogStep([absent(1, lost: true)] + six, learnt, leader: 2)
        == .change(configuration([2, 3, 4, 5, 6], [1])))
  }

  @Test("a draining node goes on hearing the catalog without a vote")
  func catalogDraining() {
    let nodes = [node(1, eligible: false, wanted: false), node(2), node(3), node(4)]
    let all = report([1, 2, 3], learners: [4])
    #expect(catalogStep(nodes, all) == .moveLeader(replica(2)))
    let drained = configuration([2, 3, 4], [1])
    #expect(catalogStep(nodes, all, leader: 2) == .change(drained))
    #expect(catalogStep(nodes, report([2, 3, 4], learners: [1]), leader: 2) == .none)
    // Once it has ended, it is left out.
    let ended = [node(1, eligible: false, reachable: false, lost: true, wanted: false)]
    #expect(
      catalogStep(ended + nodes.dropFirst(), report([2, 3, 4], learners: [1]), leader: 2)
        == .change(configuration([2, 3, 4])))
  }

  @Test("a node that comes back into a group is a replica that it has never been")
  func generations() {
    var back = report([1, 2, 3])
    back.commitIndex = LogIndex(rawValue: 700)
    let nodes = [1, 2, 3, 4].map { node(UInt32($0)) }
    guard
      case .change(let next) = Placement(nodes: nodes, replicationFactor: 4)
        .next(back, leader: NodeID(rawValue: 1))
    else { return #expect(Bool(false), "the fourth node learns") }
    #expect(next.learners.map(\.generation) == [700])
  }

  @Test("the catalog's new voters avoid shared failure domains")
  func catalogDomains() {
    let zones = ["a", "a", "a", "a", "b", "b", "c"]
    let nodes = zones.enumerated().map { node(UInt32($0 + 1), labels: ["zone": $1]) }
    let step = catalogStep(nodes, report([1], learners: [2, 3, 4, 5, 6, 7]))
    #expect(step == .change(configuration([1, 2, 5, 6, 7], [3, 4])))
  }

  /// Carries out steps until there are none; how many replicas each node has then.
  private func balanced(_ labels: [[String: String]], tablets: Int, changesMax: Int = 4) -> [Int] {
    var groups = [RaftConfiguration](repeating: configuration([1, 2, 3]), count: tablets)
    for _ in 0..<(tablets * 20) {
      var placement = Placement(
        nodes: labels.enumerated().map { node(UInt32($0 + 1), labels: $1) }, replicationFactor: 3)
      for group in groups {
        for member in group.voters + group.learners {
          placement.nodes[Int(member.node.rawValue) - 1].replicas += 1
        }
      }
      var changes: [(Int, RaftConfiguration)] = []
      for (place, group) in groups.enumerated() where changes.count < changesMax {
        var current = report([])
        current.configuration = group
        current.caughtUp = group.voters + group.learners
        var step = placement.next(current, leader: group.voters[0].node)
        if case .moveLeader(let heir) = step { step = placement.next(current, leader: heir.node) }
        if step == .none { step = placement.relief(current) }
        if case .change(let next) = step { changes.append((place, next)) }
        placement.count(step, current)
      }
      if changes.isEmpty { break }
      for (place, next) in changes { groups[place] = next }
    }
    let hasSettled = groups.allSatisfy { $0.voters.count == 3 && $0.learners.isEmpty }
    #expect(hasSettled)
    return labels.indices.map { place in
      groups.count { $0.voters.contains { $0.node.rawValue == UInt32(place + 1) } }
    }
  }

  @Test("a node that comes gets its share, and then nothing moves any more", arguments: [4, 5, 6])
  func share(count: Int) {
    let replicas = balanced([[String: String]](repeating: [:], count: count), tablets: 64)
    #expect(replicas.reduce(0, +) == 64 * 3)
    #expect((replicas.max() ?? 0) - (replicas.min() ?? 0) <= 1, "\(replicas)")
  }

  @Test("a node takes over nothing that would share a failure domain more than before")
  func shareOfDomains() {
    let zones = ["a", "b", "c", "c"].map { ["zone": $0] }
    #expect(balanced(zones, tablets: 64) == [64, 64, 32, 32])
  }

  @Test("a tier's tablets are on its nodes alone, as many as it wants or has")
  func tiers() {
    var nodes = [node(1), node(2), node(3), node(4), node(5)]
    let tier = TierID(rawValue: 1)
    for place in 3...4 { nodes[place].tier = tier }
    let whole = Placement(nodes: nodes, replicationFactor: 3, isEverywhere: true)
    #expect(whole.targets([]).count == 5)
    let small = whole.of(tier, replicationFactor: 3)
    #expect(!small.isEverywhere && small.targets([]).map(\.rawValue) == [4, 5])
    // What is elsewhere goes.
    #expect(small.targets([1, 4].map { NodeID(rawValue: $0) }).map(\.rawValue) == [4, 5])
    #expect(whole.of(.standard, replicationFactor: 3).targets([]).map(\.rawValue) == [1, 2, 3])
    #expect(whole.of(tier, replicationFactor: 1).targets([]).count == 1)
    #expect(whole.of(TierID(rawValue: 2), replicationFactor: 3).targets([]).isEmpty)
  }

  @Test("leaders go to the voter that most others reach, and only there")
  func rescue() {
    func rescue(_ lost: [UInt32: Int], _ report: TabletReport, leader: UInt32 = 1) -> Placement.Step
    {
      let nodes = (1...3).map { id in
        var made = node(UInt32(id))
        made.lostPartners = lost[UInt32(id)] ?? 0
        return made
      }
      return Placement(nodes: nodes, replicationFactor: 3)
        .rescue(report, leader: NodeID(rawValue: leader))
    }
    let whole = report([1, 2, 3])
    #expect(rescue([:], whole) == .none)
    #expect(rescue([1: 1, 2: 1], whole) == .forceLeader(replica(3)))
    #expect(rescue([1: 1, 2: 1], whole, leader: 3) == .none)
    #expect(rescue([1: 2, 2: 1, 3: 1], whole) == .forceLeader(replica(2)))
    // Who lacks entries, or is as badly off, leads no better.
    #expect(rescue([1: 1, 2: 1], report([1, 2, 3], caughtUp: [1, 2])) == .none)
    #expect(rescue([1: 1, 2: 1], report([1, 2], learners: [3])) == .none)
  }
}
