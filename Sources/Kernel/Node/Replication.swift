import Base
import Raft
import Reactor
import Types
import WAL

/// One replica of a tablet's Raft group: entries are proposed here, written through the shard's log,
/// and committed in order. Lives on: the tablet's shard.
///
/// The order of one write: `append` proposes → at the turn's end `carryOut` hands what the core wants
/// written to the shard's log → the log reports it durable → the core commits → what waited runs.
/// So all proposals of a turn share one log batch. A node alone is a group with one voter, whose
/// durable entries are committed; at start it begins a new term and commits an empty entry of it
/// before it serves (DESIGN 22.2).
final class Replication {
  private(set) var commitIndex = LogIndex.zero
  private(set) var isServing = false
  private(set) var failure: KernelError?

  private let tablet: TabletID
  private unowned let shard: NodeShard
  private var core: RaftCore
  private var actions = RaftActions()
  /// The core has something for `carryOut`.
  private var isPending = false
  private var recovered = RecoveredLog()
  /// Whatever waits for an index, in the order of the indexes.
  private var waiting: [(index: LogIndex, body: (Committed) -> Void)] = []
  private var servingHooks: [() -> Void] = []
  /// Told of each rise of the commit index, before those who wait for it.
  var onCommit: ((LogIndex) -> Void)?

  /// The replica's number in a group of its own.
  private static let alone = ReplicaID(rawValue: 1)

  init(tablet: TabletID, shard: NodeShard) {
    self.tablet = tablet
    self.shard = shard
    core = RaftCore(
      id: Self.alone, configuration: RaftConfiguration(voters: [Self.alone]), randomSeed: 0)
  }

  var term: Term { core.term }
  /// Of the newest entry, committed or not.
  var lastIndex: LogIndex { max(core.lastIndex, recovered.state.lastIndex) }

  /// What became of an entry.
  enum Committed {
    case yes
    case unknown(KernelError)

    /// The failure as any result's, nil where the entry has committed.
    func failed<Success>() -> Result<Success, KernelError>? {
      if case .unknown(let error) = self { .failure(error) } else { nil }
    }
  }
}

// MARK: - Start

extension Replication {
  /// Recovery has read this entry. With one voter it is committed, since it is durable.
  func recovered(index: LogIndex, term: Term) { recovered.add(index, term, tablet) }

  /// A checkpoint has everything up to this entry; `history` says which terms led up to it.
  func recovered(checkpoint index: LogIndex, term: Term, history: [RaftTermRun]) {
    recovered.begin(at: index, term, history, tablet)
  }

  func recovered(term: Term, vote: UInt64) { recovered.note(term: term, vote: vote) }

  /// Campaigns, and serves once the first entry of the new term has committed.
  func start() {
    var settings = RaftSettings()
    settings.maxUncommittedBytes = Self.uncommittedBytesMax
    core = RaftCore(
      id: Self.alone, configuration: RaftConfiguration(voters: [Self.alone]),
      hardState: recovered.hardState, log: recovered.state, settings: settings,
      randomSeed: shard.reactor.random.next())
    commitIndex = recovered.state.lastIndex
    core.applied(upTo: commitIndex)
    core.campaign(into: &actions)
    note()
  }

  func whenServing(_ body: @escaping () -> Void) {
    if isServing { body() } else { servingHooks.append(body) }
  }

  private func serve() {
    isServing = true
    let hooks = servingHooks
    servingHooks = []
    for hook in hooks { hook() }
  }
}

// MARK: - Proposing

/// A log entry for ever: an index alone may be given again by another leader, with another term.
struct LogPlace: Equatable, Sendable {
  var index: LogIndex
  var term: Term
}

extension Replication {
  /// More than this of one tablet may not wait for its commit.
  private static let uncommittedBytesMax = 256 << 20

  /// Proposes an encoded `TabletEntry`, unless it is too large for the log; nothing of it may leave before
  /// `whenCommitted` says so.
  func append(_ payload: [UInt8]) -> Result<LogIndex, KernelError> {
    if let failure { return .failure(failure) }
    guard payload.count <= shard.entryBytesMax else { return .failure(tooLarge(payload.count)) }
    switch core.propose(payload) {
    case .success(let index):
      note()
      return .success(index)
    case .failure(let refusal): return .failure(error(of: refusal))
    }
  }

  private func tooLarge(_ count: Int) -> KernelError {
    .user(
      SQLError(
        "54000", "transaction too large",
        detail: "It changes \(count) bytes of one tablet, of at most \(shard.entryBytesMax).",
        hint: "Commit it in parts."))
  }

  private func error(of refusal: ProposeRefusal) -> KernelError {
    guard case .overloaded = refusal else {
      return .serializationFailure("tablet \(tablet) has no leader here: \(refusal)")
    }
    return .user(
      SQLError(
        .outOfMemory, "out of memory",
        detail: "\(Self.uncommittedBytesMax) bytes of tablet \(tablet) wait for the log.",
        hint: "Try again."))
  }

  /// The newest entry's place.
  var lastPlace: LogPlace { LogPlace(index: core.lastIndex, term: core.lastTerm) }

  /// Which terms the entries had, for a checkpoint at the newest index.
  var termHistory: [RaftTermRun] { recovered.history(and: core) }

  /// Whether the log has this very entry, which then stays there; nil where it has been forgotten.
  /// Only while serving: before, an entry may still be replaced.
  func holds(_ place: LogPlace) -> Bool? {
    if place.index > core.lastIndex { return false }
    return (core.term(at: place.index) ?? recovered.term(at: place.index)).map { $0 == place.term }
  }
}

// MARK: - Committing

extension Replication {
  /// Runs `body` when the index has committed: at once where it has. `isPatient`: whenever the log is
  /// written for somebody else, or a while later.
  func whenCommitted(
    _ index: LogIndex, isPatient: Bool = false, _ body: @escaping (Committed) -> Void
  ) {
    if index <= commitIndex || shard.plantedBug == .acknowledgeBeforeDurable { return body(.yes) }
    if failure != nil { return body(.unknown(.unknownOutcome)) }
    if !isPatient { shard.wantFlush() }
    if let last = waiting.last, last.index > index {
      let place = waiting.firstIndex { $0.index > index } ?? waiting.count
      waiting.insert((index, body), at: place)
    } else {
      waiting.append((index, body))
    }
  }

  /// Runs `body` when a reply that depends on the index may leave: once it has committed, or, with
  /// durability `relaxed`, once it is in memory. Nothing but replies may leave so early: promises to
  /// other tablets wait for the disk (DESIGN 22.8). The catalog is always `sync`.
  func whenReleased(_ index: LogIndex, _ body: @escaping (Committed) -> Void) {
    if isReleasedAtOnce { return body(.yes) }
    whenCommitted(index, body)
  }

  /// Replies need not wait for the disk.
  var isReleasedAtOnce: Bool {
    shard.durability == .relaxed && tablet != .catalog && failure == nil
  }

  /// The shard's log has everything up to the mark on disk.
  func durable(_ mark: RaftWriteMark) {
    core.durable(mark, into: &actions)
    carryOut()
  }

  /// The disk has failed: nothing later commits, and what was appended has an unknown outcome.
  func fail(_ error: KernelError) {
    guard failure == nil else { return }
    failure = error
    let lost = waiting
    waiting = []
    for entry in lost { entry.body(.unknown(.unknownOutcome)) }
  }

  private func note() {
    guard !isPending else { return }
    isPending = true
    shard.carryOutLater(self)
  }

  /// Does what the core has decided since the last call.
  func carryOut() {
    isPending = false
    core.ready(into: &actions)
    invariant(
      actions.messages.isEmpty && actions.messagesAfterDurable.isEmpty && actions.snapshot == nil,
      "\(tablet): a group with one voter has nobody to talk to")
    write()
    let committed = actions.committed
    actions.reset()
    if let committed { commit(upTo: committed.last) }
  }

  private func write() {
    guard actions.mustWrite else { return }
    if let state = actions.hardState {
      shard.appendToLog(
        .hardState(tablet: tablet, term: state.term, vote: state.vote?.rawValue ?? 0))
    }
    for entry in actions.entries {
      shard.appendToLog(
        .entry(tablet: tablet, index: entry.index, term: entry.term, payload: entry.payload))
    }
    shard.tellDurable(self, actions.mark)
  }

  private func commit(upTo index: LogIndex) {
    commitIndex = index
    core.applied(upTo: index)
    onCommit?(index)
    if !isServing && core.isLeaseValid { serve() }
    let ready = waiting.prefix { $0.index <= index }
    waiting.removeFirst(ready.count)
    for entry in ready { entry.body(.yes) }
  }

  /// The log has let go of everything up to `index`, which a checkpoint covers.
  func compacted(upTo index: LogIndex) {
    if shard.plantedBug == .acknowledgeBeforeDurable { return }
    recovered.keepHistory(of: core, upTo: index)
    core.compacted(upTo: index)
  }
}
