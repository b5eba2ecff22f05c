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
  /// In force at `state.compactedIndex`.
  private(set) var base: RaftConfiguration
  var id: ReplicaID
  /// The checkpoint is a leader's snapshot: entries before the first mark that it was installed are of a log
  /// that it replaced.
  private(set) var isMuted = false
  /// The checkpoint is of this replica, which the log has not come to yet.
  var awaited: ReplicaID?
  /// The replica whose snapshot was found has gone, unless another one comes.
  var isLeaving = false

  init(_ identity: ReplicaIdentity) {
    id = identity.id
    base = identity.configuration
  }

  /// The newest in the log.
  var configuration: RaftConfiguration { state.configurations.last?.configuration ?? base }
  /// What is durable here is committed: this replica is the group's only voter, and no entry waits.
  var isAlone: Bool {
    let now = configuration
    return now.voters == [id] && !now.isJoint && state.recent.isEmpty
  }

  /// Enough for a change of leader each minute for days; older ones are forgotten.
  static let historyRunsMax = 8_192

  mutating func begin(
    at checkpoint: LogIndex, _ term: Term, _ history: [RaftTermRun], _ group: GroupImage?,
    isForeign: Bool, _ tablet: TabletID
  ) {
    invariant(state.lastIndex == .zero, "\(tablet): a checkpoint after entries")
    state = RaftLogState(
      compactedIndex: checkpoint, compactedTerm: term, lastIndex: checkpoint)
    self.history = history
    if let group { base = group.configuration }
    isMuted = isForeign
    note(term: term)
  }

  /// Whether the entry counts; not those of a log that a snapshot has replaced.
  func accepts(_ index: LogIndex) -> Bool {
    awaited == nil && !isMuted && index > state.compactedIndex
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

  /// A committed one that changes who belongs to the group; false where it is malformed.
  mutating func add(configuration bytes: [UInt8], at index: LogIndex) -> Bool {
    guard let configuration = RaftConfiguration(decoding: bytes) else { return false }
    state.configurations.append(.init(index: index, configuration: configuration))
    return true
  }

  /// False where the entry leaves a gap or is malformed.
  mutating func add(pending entry: RaftEntry) -> Bool {
    guard state.append(entry) else { return false }
    note(term: entry.term)
    return true
  }

  mutating func truncate(from index: LogIndex) {
    if awaited != nil { return }
    if isMuted {
      if index == state.compactedIndex.next { isMuted = false }
      return
    }
    state.truncate(from: index)
  }

  /// What follows in the log goes on behind the snapshot up to `index`.
  mutating func noteInstalled(_ index: LogIndex) {
    if awaited == nil && index == state.compactedIndex { isMuted = false }
  }

  /// A snapshot's: what led up to its index.
  mutating func replaceHistory(_ runs: [RaftTermRun]) { history = runs }

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
