import Base
import Raft

/// What recovery knows of one group's log: where it ends, and the terms of its entries. Of the terms
/// the whole history is kept, 16 bytes for each change of leader, also of entries that a checkpoint
/// has replaced: whether an entry was ever in the log can be asked long after (DESIGN 22.3).
struct RecoveredLog {
  private(set) var state = RaftLogState()
  private(set) var hardState = HardState()
  /// Runs of terms from the group's beginning up to `state.compactedIndex`, and maybe further.
  private(set) var history: [RaftTermRun] = []

  /// Enough for a change of leader each minute for days; older ones are forgotten.
  static let historyRunsMax = 8_192

  mutating func begin(
    at checkpoint: LogIndex, _ term: Term, _ history: [RaftTermRun], _ tablet: TabletID
  ) {
    invariant(state.lastIndex == .zero, "\(tablet): a checkpoint after entries")
    state = RaftLogState(
      compactedIndex: checkpoint, compactedTerm: term, lastIndex: checkpoint)
    self.history = history
    note(term: term)
  }

  mutating func add(_ index: LogIndex, _ term: Term, _ tablet: TabletID) {
    invariant(index == state.lastIndex.next, "\(tablet): entry \(index) follows \(state.lastIndex)")
    state.lastIndex = index
    if term != state.termRuns.last?.term {
      state.termRuns.append(RaftTermRun(first: index, term: term))
    }
    hardState.commit = index
    note(term: term)
  }

  /// False where the entry leaves a gap or is malformed.
  mutating func add(pending entry: RaftEntry) -> Bool {
    guard state.append(entry) else { return false }
    note(term: entry.term)
    return true
  }

  mutating func truncate(from index: LogIndex) { state.truncate(from: index) }

  /// The core has taken over; it keeps what is pending.
  mutating func forgetPending() { state.recent = [] }

  mutating func note(term: Term, vote: UInt64 = 0) {
    guard term >= hardState.term else { return }
    if term > hardState.term { hardState.vote = nil }
    hardState.term = term
    if vote != 0 { hardState.vote = ReplicaID(rawValue: vote) }
  }

  /// Of an entry before the log's beginning; nil where it is not known any more.
  func term(at index: LogIndex) -> Term? { history.last { $0.first <= index }?.term }

  /// The history up to the newest entry.
  func history(and core: RaftCore) -> [RaftTermRun] {
    var runs = history
    for run in core.termRuns where run.term > runs.last?.term ?? .zero { runs.append(run) }
    return runs.suffix(Self.historyRunsMax)
  }

  /// The core is about to forget what a checkpoint has.
  mutating func keepHistory(of core: RaftCore, upTo index: LogIndex) {
    history = history(and: core).filter { $0.first <= index }
  }
}
