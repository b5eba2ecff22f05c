import Base
import Types
import WAL

/// A tablet's log entries: appended here, durable through the shard's log, committed in order.
/// Lives on: the tablet's shard.
///
/// With one voter, what is durable is committed. At start the replica begins a new term and commits
/// an empty entry of it before it serves (DESIGN 22.2).
final class Replication {
  private(set) var term = Term.zero
  private(set) var lastIndex = LogIndex.zero
  private(set) var commitIndex = LogIndex.zero
  private(set) var isServing = false
  private(set) var failure: KernelError?

  private let tablet: TabletID
  private unowned let shard: NodeShard
  /// Replies that wait for an index, in the order of their indexes.
  private var waiting: [(index: LogIndex, body: (Committed) -> Void)] = []
  private var servingHooks: [() -> Void] = []

  init(tablet: TabletID, shard: NodeShard) {
    self.tablet = tablet
    self.shard = shard
  }

  /// What became of an entry.
  enum Committed {
    case yes
    case unknown(KernelError)

    /// The failure as any result's, nil where the entry has committed.
    func failed<Success>() -> Result<Success, KernelError>? {
      if case .unknown(let error) = self { .failure(error) } else { nil }
    }
  }

  /// Recovery has read this entry.
  func recovered(index: LogIndex, term: Term) {
    invariant(index == lastIndex.next, "\(tablet): entry \(index) follows \(lastIndex)")
    lastIndex = index
    self.term = max(self.term, term)
  }

  /// A checkpoint has everything up to this entry.
  func recovered(checkpoint index: LogIndex, term: Term) {
    invariant(lastIndex == .zero, "\(tablet): a checkpoint after entries")
    lastIndex = index
    self.term = max(self.term, term)
  }

  func recovered(term: Term) { self.term = max(self.term, term) }

  /// Becomes leader of a new term; serves once its first entry has committed.
  func start() {
    term = term.next
    shard.appendToLog(.hardState(tablet: tablet, term: term, vote: 1))
    let index = appendRaw([])
    whenCommitted(index) { [self] result in
      guard case .yes = result else { return }
      isServing = true
      let hooks = servingHooks
      servingHooks = []
      for hook in hooks { hook() }
    }
  }

  func whenServing(_ body: @escaping () -> Void) {
    if isServing { body() } else { servingHooks.append(body) }
  }

  /// Appends the effect, unless it is too large for the log; nothing of it may leave before `whenCommitted` says so.
  func append(_ entry: TabletEntry) -> Result<LogIndex, KernelError> {
    if let failure { return .failure(failure) }
    let payload = entry.encoded()
    guard payload.count <= shard.entryBytesMax else {
      return .failure(
        .user(
          SQLError(
            "54000", "transaction too large",
            detail: "It changes \(payload.count) bytes of one tablet, of at most "
              + "\(shard.entryBytesMax).",
            hint: "Commit it in parts.")))
    }
    return .success(appendRaw(payload))
  }

  private func appendRaw(_ payload: [UInt8]) -> LogIndex {
    lastIndex = lastIndex.next
    shard.appendToLog(
      .entry(tablet: tablet, index: lastIndex, term: term, payload: payload), index: lastIndex)
    return lastIndex
  }

  /// Runs `body` when the index has committed: at once where it has.
  func whenCommitted(_ index: LogIndex, _ body: @escaping (Committed) -> Void) {
    if index <= commitIndex || shard.plantedBug == .acknowledgeBeforeDurable { return body(.yes) }
    if failure != nil { return body(.unknown(.unknownOutcome)) }
    shard.wantFlush()
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
    if shard.durability == .relaxed && tablet != .catalog && failure == nil { return body(.yes) }
    whenCommitted(index, body)
  }

  /// Whether `whenReleased` would run its body at once, with success.
  func isReleased(_ index: LogIndex) -> Bool {
    index <= commitIndex
      || (shard.durability == .relaxed && tablet != .catalog && failure == nil)
  }

  /// The shard's log has the entry on disk.
  func durable(_ index: LogIndex) {
    guard index > commitIndex else { return }
    commitIndex = index
    let ready = waiting.prefix { $0.index <= index }
    waiting.removeFirst(ready.count)
    for entry in ready { entry.body(.yes) }
  }

  /// The disk has failed: nothing later commits, and what was appended has an unknown outcome.
  func fail(_ error: KernelError) {
    guard failure == nil else { return }
    failure = error
    let lost = waiting
    waiting = []
    for entry in lost { entry.body(.unknown(.unknownOutcome)) }
  }
}
