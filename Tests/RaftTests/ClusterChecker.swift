import Base

@testable import Raft

/// The plain model: one sequence of committed entries, and the safety properties of the paper's
/// figure 3. Remembers the first failure.
struct ClusterChecker {
  /// Committed entries, index 1 first, and the term of whoever first said that they are.
  private(set) var model: [(entry: RaftEntry, knownIn: Term)] = []
  private var leaders: [Term: (replica: ReplicaID, incarnation: Int)] = [:]
  private struct Position: Hashable {
    let index: LogIndex
    let term: Term
  }
  private var entries: [Position: (entry: RaftEntry, previousTerm: Term)] = [:]
  private(set) var failure: String?

  var committedCount: LogIndex { LogIndex(rawValue: UInt64(model.count)) }

  mutating func fail(_ text: String) {
    if failure == nil { failure = text }
  }

  /// Election safety, and leader completeness.
  mutating func leads(_ core: RaftCore, incarnation: Int) {
    if let known = leaders[core.term] {
      if known != (core.id, incarnation) {
        fail("election safety: \(known) and \(core.id) (\(incarnation)) lead term \(core.term)")
      }
      return
    }
    leaders[core.term] = (core.id, incarnation)
    for (entry, knownIn) in model.reversed() where knownIn < core.term {
      if entry.index <= core.compactedIndex { break }
      if core.term(at: entry.index) != entry.term {
        fail("leader completeness: \(core.id) leads \(core.term) without \(entry.index)")
      }
    }
  }

  /// Log matching, by induction: equal index and term mean equal entries after equal ones.
  mutating func appends(_ entry: RaftEntry, after previousTerm: Term?, on replica: ReplicaID) {
    guard let previousTerm else { return }
    let position = Position(index: entry.index, term: entry.term)
    if let known = entries[position] {
      if known != (entry, previousTerm) {
        fail("log matching: \(replica) has another \(entry.index) of term \(entry.term)")
      }
    } else {
      entries[position] = (entry, previousTerm)
    }
  }

  /// State machine safety.
  mutating func applies(_ entry: RaftEntry, on core: RaftCore) {
    let position = Int(entry.index.rawValue) - 1
    if position < model.count {
      if model[position].entry != entry {
        fail("state machine safety: \(core.id) applies another entry at \(entry.index)")
      }
    } else if position == model.count {
      model.append((entry, core.term))
    } else {
      fail("\(core.id) applies \(entry.index) after \(model.count)")
    }
  }

  mutating func installs(_ snapshot: RaftSnapshotDescriptor, on replica: ReplicaID) {
    let position = Int(snapshot.index.rawValue) - 1
    if position >= model.count || model[position].entry.term != snapshot.term {
      fail("state machine safety: \(replica) installs a snapshot of \(snapshot.index)")
    }
  }

  mutating func reads(_ index: LogIndex, asOf required: LogIndex, on replica: ReplicaID) {
    if index < required { fail("stale read on \(replica): \(index), committed \(required)") }
  }
}
