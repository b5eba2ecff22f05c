import Base
import Testing

@testable import Raft

/// Mistakes that seeds seldom reach, each by the few steps that show it, and those steps without it.
@Suite struct PlantedRuleTests {
  private static func replica(_ number: UInt64) -> ReplicaID { ReplicaID(rawValue: number) }
  private static let start = RaftMessage.LogPosition(index: .zero, term: .zero)

  private static func settings(_ bug: RaftSettings.PlantedBug?) -> RaftSettings {
    var settings = RaftSettings()
    settings.preVote = false
    settings.checkQuorum = false
    settings.leases = false
    settings.plantedBug = bug
    return settings
  }

  /// Asks for a vote of term 1; what is then to be on disk, and whether it was granted.
  private static func ask(_ core: inout RaftCore, for candidate: UInt64) -> (HardState?, Bool) {
    var actions = RaftActions()
    core.step(
      RaftMessage(
        from: replica(candidate), to: core.id, term: Term(rawValue: 1),
        body: .voteRequest(start, transfer: false)), into: &actions)
    core.ready(into: &actions)
    let answers = actions.messages + actions.messagesAfterDurable
    return (actions.hardState, answers.contains { $0.body == .voteResponse(granted: true) })
  }

  @Test(
    "raft: where the leader is gone voters campaign in turn, none before its promise has run out")
  func expectedElection() {
    let group = RaftConfiguration(voters: [1, 2, 3].map(Self.replica))
    func ticksUntilCampaign(_ own: UInt64, turn: Int) -> Int {
      var core = RaftCore(id: Self.replica(own), configuration: group, randomSeed: own)
      var actions = RaftActions()
      core.step(
        RaftMessage(
          from: Self.replica(1), to: core.id, term: Term(rawValue: 1),
          body: .heartbeat(commit: .zero, round: 1, tick: 1)), into: &actions)
      #expect(core.leader == Self.replica(1))
      core.expectElection(turn: turn)
      var ticks = 0
      while core.role == .follower && ticks < 100 {
        core.tick(into: &actions)
        ticks += 1
      }
      return ticks
    }
    let promise = RaftSettings().electionTimeoutTicks
    for turn in 0..<4 {
      let both = [ticksUntilCampaign(2, turn: turn), ticksUntilCampaign(3, turn: turn)]
      #expect(both.sorted() == [promise + 2, promise + 6])
      #expect((both[0] < both[1]) == (turn % 2 == 0))
    }
  }

  @Test(
    "raft: a vote outlives the process",
    arguments: [RaftSettings.PlantedBug?.none, .voteNotPersisted])
  func vote(bug: RaftSettings.PlantedBug?) {
    let group = RaftConfiguration(voters: [1, 2, 3].map(Self.replica))
    var core = RaftCore(
      id: Self.replica(3), configuration: group, settings: Self.settings(bug), randomSeed: 1)
    let (kept, isGranted) = Self.ask(&core, for: 1)
    #expect(isGranted)
    var again = RaftCore(
      id: Self.replica(3), configuration: group, hardState: kept ?? HardState(),
      settings: Self.settings(bug), randomSeed: 2)
    #expect(Self.ask(&again, for: 2).1 == (bug != nil))
  }

  @Test(
    "raft: while a group changes, both majorities decide",
    arguments: [RaftSettings.PlantedBug?.none, .jointDecidedByNewVoters])
  func joint(bug: RaftSettings.PlantedBug?) {
    let group = RaftConfiguration(
      voters: [1, 4, 5].map(Self.replica), votersOutgoing: [1, 2, 3].map(Self.replica))
    var core = RaftCore(
      id: Self.replica(1), configuration: group, settings: Self.settings(bug), randomSeed: 1)
    var actions = RaftActions()
    for _ in 0..<40 where core.role != .candidate { core.tick(into: &actions) }
    #expect(core.role == .candidate)
    func grant(_ voter: UInt64) {
      core.step(
        RaftMessage(
          from: Self.replica(voter), to: core.id, term: core.term,
          body: .voteResponse(granted: true)), into: &actions)
    }
    grant(4)
    #expect((core.role == .leader) == (bug != nil))
    grant(2)
    #expect(core.role == .leader)
  }
}

extension PlantedRuleTests {
  /// A follower's promise may lack the part of a tick in which it was given, and run 5 % fast; the leader
  /// may run 5 % slow.
  @Test(
    "raft: a lease ends before the promise that it rests on",
    arguments: [RaftSettings.PlantedBug?.none, .leaseWithoutMargin])
  func lease(bug: RaftSettings.PlantedBug?) {
    var settings = RaftSettings()
    settings.preVote = false
    settings.plantedBug = bug
    let (one, two) = (ReplicaID(rawValue: 1), ReplicaID(rawValue: 2))
    let group = RaftConfiguration(voters: [one, two, ReplicaID(rawValue: 3)])
    var core = RaftCore(id: one, configuration: group, settings: settings, randomSeed: 1)
    var actions = RaftActions()
    for _ in 0..<60 where core.role != .candidate { core.tick(into: &actions) }
    core.step(answer(.voteResponse(granted: true), two, core), into: &actions)
    core.ready(into: &actions)
    core.durable(actions.mark, into: &actions)
    core.step(answer(.appendResponse(match: core.lastIndex), two, core), into: &actions)
    core.ready(into: &actions)
    actions.reset()
    var sent: UInt64 = 0
    for _ in 0..<settings.heartbeatTicks { core.tick(into: &actions) }
    for message in actions.messages where message.to == two {
      guard case .heartbeat(_, let round, let tick) = message.body else { continue }
      sent = tick
      core.step(answer(.heartbeatResponse(round: round, tick: tick), two, core), into: &actions)
    }
    guard let end = core.leaseEndTick, sent > 0 else {
      Issue.record("there is no lease")
      return
    }
    let lease = Double(end - sent) * 1.05
    let promise = Double(settings.electionTimeoutTicks - 1) * 0.95
    #expect((lease > promise) == (bug != nil))
  }

  private func answer(_ body: RaftMessage.Body, _ from: ReplicaID, _ core: RaftCore) -> RaftMessage
  {
    RaftMessage(from: from, to: core.id, term: core.term, body: body)
  }
}
