import Base
import Testing

@testable import Raft

@Suite struct SingleVoterTests {
  @Test("single voter: campaigns at once, commits when durable, survives a restart")
  func lifecycle() {
    let one = ReplicaID(rawValue: 1)
    let configuration = RaftConfiguration(voters: [one])
    var core = RaftCore(id: one, configuration: configuration, randomSeed: 1)
    var actions = RaftActions()
    core.campaign(into: &actions)
    core.ready(into: &actions)
    #expect(core.role == .leader)
    #expect(actions.hardState == HardState(term: Term(rawValue: 1), vote: one))
    #expect(actions.entries.map(\.kind) == [.empty])
    #expect(actions.committed == nil)
    #expect(!core.isLeaseValid)
    var written = actions.entries
    let mark = actions.mark
    actions.reset()

    guard case .success(let index) = core.propose([7]) else {
      Issue.record("refused")
      return
    }
    #expect(index == LogIndex(rawValue: 2))
    core.durable(mark, into: &actions)
    core.ready(into: &actions)
    #expect(actions.committed == RaftCommitted(first: .zero.next, last: .zero.next))
    #expect(core.isLeaseValid)
    written += actions.entries
    let second = actions.mark
    actions.reset()
    core.durable(second, into: &actions)
    core.ready(into: &actions)
    #expect(actions.committed == RaftCommitted(first: index, last: index))
    #expect(!actions.mustWrite && actions.messages.isEmpty && actions.messagesAfterDurable.isEmpty)
    #expect(core.readIndex(context: 9, into: &actions))
    #expect(actions.readStates == [RaftReadState(context: 9, index: index)])
    core.applied(upTo: index)
    #expect(core.entry(at: index) == nil)
    core.checkInvariants()

    guard
      let state = RaftLogState(compactedIndex: .zero, compactedTerm: .zero, replaying: written)
    else {
      Issue.record("log does not read back")
      return
    }
    var again = RaftCore(
      id: one, configuration: configuration, hardState: core.hardState, log: state, randomSeed: 2)
    actions.reset()
    again.tick(into: &actions)
    again.ready(into: &actions)
    #expect(again.role == .leader && again.term == Term(rawValue: 2))
    again.durable(actions.mark, into: &actions)
    #expect(again.commitIndex == LogIndex(rawValue: 3))
    again.checkInvariants()
  }

  @Test("single voter: a proposal's write of old entries does not count after a truncation")
  func staleMark() {
    let ids = (1...3).map { ReplicaID(rawValue: $0) }
    var core = RaftCore(id: ids[0], configuration: .init(voters: ids), randomSeed: 1)
    var actions = RaftActions()
    func entry(_ index: UInt64, _ term: UInt64) -> RaftEntry {
      RaftEntry(
        index: LogIndex(rawValue: index), term: Term(rawValue: term), kind: .normal, payload: [])
    }
    func append(term: UInt64, _ entries: [RaftEntry]) -> RaftMessage {
      RaftMessage(
        from: ids[1], to: ids[0], term: Term(rawValue: term),
        body: .appendRequest(
          .init(previous: .init(index: .zero, term: .zero), commit: .zero, entries: entries)))
    }
    core.step(append(term: 1, [entry(1, 1), entry(2, 1)]), into: &actions)
    core.ready(into: &actions)
    let stale = actions.mark
    actions.reset()
    core.step(append(term: 2, [entry(1, 2)]), into: &actions)
    core.ready(into: &actions)
    #expect(actions.truncatedFrom == LogIndex(rawValue: 1))
    core.durable(stale, into: &actions)
    #expect(core.durableIndex == .zero)
    core.durable(actions.mark, into: &actions)
    #expect(core.durableIndex == LogIndex(rawValue: 1))
    core.checkInvariants()
  }
}
