import Base
import Raft
import Reactor
import Storage
import Types
import WAL

/// One replica of a tablet's Raft group: entries are proposed here, written through the shard's log,
/// committed in order, and applied to the tablet. Lives on: the tablet's shard.
///
/// The order of one write: `append` proposes → at the turn's end `carryOut` hands what the core wants
/// written to the shard's log, and what it wants sent to the transport → the log reports it durable →
/// a quorum has it, the core commits → the entry is applied → what waited runs. So all proposals of a
/// turn share one log batch and one message to each follower. A node alone is a group with one voter,
/// whose durable entries are committed.
///
/// A leader serves once it has committed an entry of its own term, and reads while its lease holds or
/// after it has asked its followers (DESIGN 22.2, 22.9).
final class Replication {
  private(set) var commitIndex = LogIndex.zero
  private(set) var isServing = false
  private(set) var failure: KernelError?

  let tablet: TabletID
  unowned let shard: NodeShard
  unowned var member: Tablet!
  var core: RaftCore
  var actions = RaftActions()
  private(set) var identity: ReplicaIdentity
  private(set) var hasStarted = false
  /// The group has other replicas.
  private(set) var hasPeers: Bool
  /// Zero while another replica leads, or none.
  private var leadingTerm = Term.zero
  /// The core has something for `carryOut`.
  private var isPending = false
  private var recovered: RecoveredLog
  /// Whatever waits for an index, in the order of the indexes.
  private var waiting: [(index: LogIndex, body: (Committed) -> Void)] = []
  /// Who waits to be served here; told false when another replica leads.
  /// Likewise, whoever leads.
  private var waitingToApply: [(index: LogIndex, body: () -> Void)] = []
  private var servingHooks: [(Bool) -> Void] = []
  private var settledHooks: [() -> Void] = []
  /// Reads that wait for the followers' word that this replica leads.
  private var pendingReads: [UInt64: (Bool) -> Void] = [:]
  private var lastReadContext: UInt64 = 0
  /// Writes handed to the log, and those that it has reported durable.
  private var writes: (begun: UInt64, done: UInt64) = (0, 0)
  /// Messages that must not leave before a write is durable.
  private var held: [(write: UInt64, messages: [RaftMessage])] = []

  init(tablet: TabletID, shard: NodeShard, identity: ReplicaIdentity = .alone) {
    self.tablet = tablet
    self.shard = shard
    self.identity = identity
    hasPeers = identity.configuration != RaftConfiguration(voters: [identity.id])
    recovered = RecoveredLog(identity)
    core = RaftCore(id: identity.id, configuration: identity.configuration, randomSeed: 0)
  }

  var term: Term { core.term }
  /// Of the newest entry, committed or not.
  var lastIndex: LogIndex {
    member?.closeGroup()
    return hasStarted ? core.lastIndex : recovered.state.lastIndex
  }
  /// Somebody waits for entries to commit.
  var isWaitedFor: Bool { !waiting.isEmpty || lastIndex > commitIndex }

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

/// Who a replica is in its group.
struct ReplicaIdentity {
  var id: ReplicaID
  /// The group's first members.
  var configuration: RaftConfiguration

  /// A group of its own.
  static let alone = ReplicaIdentity(
    id: ReplicaID(rawValue: 1), configuration: RaftConfiguration(voters: [ReplicaID(rawValue: 1)]))
}

// MARK: - Start

extension Replication {
  /// What is durable here is committed, as far as recovery has come.
  var isRecoveredAlone: Bool { recovered.isAlone }
  /// Whether recovery takes the entry for a part of this replica's log.
  func accepts(_ index: LogIndex) -> Bool { recovered.accepts(index) }

  /// Recovery has read this entry. With one voter it is committed, since it is durable.
  func recovered(index: LogIndex, term: Term) { recovered.add(index, term, tablet) }

  /// It was one that changes the group; false where it is malformed.
  func recovered(configuration bytes: [UInt8], at index: LogIndex) -> Bool {
    recovered.add(configuration: bytes, at: index)
  }

  /// The log says which replica is here from then on. False: what has been recovered so far is of
  /// another one, and void.
  func takes(replica id: ReplicaID) -> Bool {
    if let awaited = recovered.awaited {
      if awaited == id { recovered.awaited = nil }
      return true
    }
    if recovered.isMuted {
      // The snapshot is of whichever replica is here when its mark comes.
      recovered.isLeaving = id.rawValue == 0
      if id.rawValue != 0 {
        identity.id = id
        recovered.id = id
      }
      return true
    }
    return identity.id == id
  }

  /// The log did not end in the middle of the replica's coming or going.
  var isRecoveredWhole: Bool { recovered.awaited == nil && !recovered.isLeaving }

  /// Recovery has read an entry that may not have committed; it is applied when the group says so.
  func recovered(pending entry: RaftEntry) -> Bool { recovered.add(pending: entry) }

  /// Entries from `index` on were replaced.
  func recovered(truncatedFrom index: LogIndex) { recovered.truncate(from: index) }

  /// A checkpoint has everything up to this entry; `history` says which terms led up to it.
  func recovered(
    checkpoint index: LogIndex, term: Term, history: [RaftTermRun], group: GroupImage?
  ) {
    let isForeign = group.map { $0.replica.node != shard.replicaNode } ?? false
    let before = identity.id
    if let group, !isForeign { identity.id = group.replica }
    recovered = RecoveredLog(identity)
    if identity.id != before { recovered.awaited = identity.id }
    recovered.begin(at: index, term, history, group, isForeign: isForeign, tablet)
  }

  /// A leader's snapshot was installed here, or before the segment that begins here.
  func recovered(installed index: LogIndex) { recovered.noteInstalled(index) }

  func recovered(term: Term, vote: UInt64) {
    if recovered.awaited == nil { recovered.note(term: term, vote: vote) }
  }

  /// Begins to take part; alone, it campaigns at once.
  func start() {
    var settings = RaftSettings()
    settings.maxUncommittedBytes = Self.uncommittedBytesMax
    settings.snapshotTimeoutTicks = Self.snapshotTimeoutTicks
    settings.plantedBug = shard.plantedBug?.ofGroup
    core = RaftCore(
      id: identity.id, configuration: recovered.base, hardState: recovered.hardState,
      log: recovered.state, settings: settings, tick: shard.groupTicks,
      randomSeed: shard.reactor.random.next())
    commitIndex = core.commitIndex
    core.applied(upTo: commitIndex)
    if recovered.isMuted {
      // The process ended between the snapshot's file and its mark.
      appendInstalled(core.lastIndex)
    }
    recovered.forgetPending()
    hasStarted = true
    notePeers()
    if core.isOnlyVoter { core.campaign(into: &actions) }
    note()
  }

  /// A replica waits so long for the end of a snapshot.
  private static let snapshotTimeoutTicks = 150

  private func notePeers() {
    let now = core.configuration
    hasPeers = now.voters != [core.id] || now.isJoint || !now.learners.isEmpty
  }

  /// One tick of the group's time.
  func tick() {
    guard failure == nil else { return }
    member.closeGroup()
    core.tick(into: &actions)
    noteNews()
  }

  /// A message of another replica.
  func receive(_ message: RaftMessage) {
    guard hasStarted, failure == nil else { return }
    member.closeGroup()
    core.step(message, into: &actions)
    noteNews()
  }
}

// MARK: - Serving

extension Replication {
  /// This replica leads and may answer now.
  var isReadable: Bool {
    isServing && (core.isLeaseValid || shard.plantedBug == .staleLeaderReads)
  }

  /// Runs `body` with true when this replica may answer calls that came before, with false when it
  /// does not lead. Waits while it begins to lead, or proves that it still does.
  func whenReadable(_ body: @escaping (Bool) -> Void) {
    if isReadable { return body(true) }
    if isServing {
      lastReadContext += 1
      pendingReads[lastReadContext] = body
      _ = core.readIndex(context: lastReadContext, into: &actions)
      note()
    } else if !hasStarted || core.role == .leader || !hasPeers {
      servingHooks.append(body)
    } else {
      body(false)
    }
  }

  /// Runs `body` when this replica serves and nothing of the time before is left in doubt here.
  func whenSettled(_ body: @escaping () -> Void) { settledHooks.append(body) }

  private func serve() {
    do throws(DecodingFault) {
      try member.beginLeading()
    } catch {
      return fail(.storageFailed("tablet \(tablet): a prepare entry: \(error)"))
    }
    isServing = true
    let hooks = servingHooks
    servingHooks = []
    for hook in hooks { hook(true) }
    member.settleDoubts { [self] in
      let told = settledHooks
      settledHooks = []
      for hook in told { hook() }
    }
  }

  /// Leadership is lost, or may be: nobody hears "failed" of an entry that may still commit.
  private func stepDown() {
    let wasServing = isServing
    isServing = false
    let lost = waiting
    let hooks = servingHooks + pendingReads.sorted { $0.key < $1.key }.map(\.value)
    waiting = []
    servingHooks = []
    pendingReads = [:]
    if wasServing { member.endLeading() }
    let isTakenForFailed = shard.plantedBug == .unknownOutcomeFailed
    for entry in lost { entry.body(.unknown(isTakenForFailed ? .leaderChanged : .unknownOutcome)) }
    for hook in hooks { hook(false) }
  }

  /// Runs `body` with true when this replica has applied what its leader had committed before, with
  /// false where no leader says so in time: ask again then.
  func whenCaughtUp(_ body: @escaping (Bool) -> Void) {
    guard hasStarted else { return body(false) }
    lastReadContext += 1
    let context = lastReadContext
    pendingReads[context] = body
    guard core.readIndex(context: context, into: &actions) else {
      pendingReads[context] = nil
      return body(false)
    }
    note()
    shard.reactor.after(milliseconds: Self.readPatienceMilliseconds) { [weak self] in
      self?.pendingReads.removeValue(forKey: context)?(false)
    }
  }

  private static let readPatienceMilliseconds = 500

  private func answerReads() {
    for read in actions.readStates {
      guard let body = pendingReads.removeValue(forKey: read.context) else { continue }
      // A leader has applied what it has committed.
      whenApplied(read.index) { body(true) }
    }
    for context in actions.refusedReads {
      pendingReads.removeValue(forKey: context)?(false)
    }
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
    member.closeGroup()
    if let failure { return .failure(failure) }
    guard payload.count <= shard.entryBytesMax else { return .failure(tooLarge(payload.count)) }
    switch core.propose(payload) {
    case .success(let index):
      note()
      return .success(index)
    case .failure(let refusal): return .failure(error(of: refusal))
    }
  }

  /// Entries can be proposed now.
  var takesEntries: Bool { failure == nil && core.takesProposals }

  /// There are commits whose entry is proposed at the turn's end, if not before.
  func noteGroup() { note() }

  /// Their entry: they are in the store already, and nothing has come in between since `takesEntries` said yes.
  func append(group payload: [UInt8], at index: LogIndex) {
    guard case .success(index) = core.propose(payload) else {
      fatalError(
        "invariant: \(tablet): entry \(index) of what has been committed cannot be proposed")
    }
    note()
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
  var lastPlace: LogPlace { LogPlace(index: lastIndex, term: core.lastTerm) }

  /// Which terms the entries had, for a checkpoint at the newest index.
  var termHistory: [RaftTermRun] {
    member.closeGroup()
    return recovered.history(and: core)
  }

  /// Whether the log has this very entry, which then stays there; nil where it has been forgotten.
  /// Only while serving: before, an entry may still be replaced.
  func holds(_ place: LogPlace) -> Bool? {
    if place.index > lastIndex { return false }
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
    if !isPatient { shard.waitForFlush() }
    if let last = waiting.last, last.index > index {
      let place = waiting.firstIndex { $0.index > index } ?? waiting.count
      waiting.insert((index, body), at: place)
    } else {
      waiting.append((index, body))
    }
  }

  /// Runs `body` when the index has been applied here; not at all where this replica ends before.
  private func whenApplied(_ index: LogIndex, _ body: @escaping () -> Void) {
    if index <= commitIndex { return body() }
    let place = waitingToApply.firstIndex { $0.index > index } ?? waitingToApply.count
    waitingToApply.insert((index, body), at: place)
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

  /// Whether `whenReleased` would run its body at once, with success.
  func isReleased(_ index: LogIndex) -> Bool { index <= commitIndex || isReleasedAtOnce }

  /// The shard's log has everything up to the mark on disk.
  func durable(_ mark: RaftWriteMark) {
    writes.done += 1
    let ready = held.prefix { $0.write <= writes.done }
    held.removeFirst(ready.count)
    for entry in ready { send(entry.messages) }
    member.closeGroup()
    core.durable(mark, into: &actions)
    carryOut()
  }

  /// The disk has failed: nothing later commits, and what was appended has an unknown outcome.
  func fail(_ error: KernelError) {
    guard failure == nil else { return }
    member.closeGroup()
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

  /// The same after what mostly brings nothing: heartbeats leave at once.
  private func noteNews() {
    if isPending { return }
    if core.isReadyNeeded(&actions) { return note() }
    if actions.messages.isEmpty { return }
    send(actions.messages)
    actions.messages.removeAll(keepingCapacity: true)
  }

  /// Does what the core has decided since the last call.
  func carryOut() {
    isPending = false
    member.closeGroup()
    core.ready(into: &actions)
    if let violation = actions.violation {
      actions.reset()
      return fail(.storageFailed("tablet \(tablet): the group's logs contradict: \(violation)"))
    }
    if let snapshot = actions.snapshot {
      // What was made here of entries that have not committed goes first.
      stepDown()
      guard install(snapshot) else { return actions.reset() }
    }
    let isRegrouped =
      actions.snapshot != nil || actions.truncatedFrom != nil
      || actions.entries.contains { $0.kind == .configuration }
    write()
    send(actions.messages)
    if !actions.messagesAfterDurable.isEmpty {
      if writes.begun == writes.done {
        send(actions.messagesAfterDurable)
      } else {
        held.append((writes.begun, actions.messagesAfterDurable))
      }
    }
    let committed = actions.committed
    let leadership = actions.leadership
    let behind = actions.snapshotsNeeded
    let missing = actions.entriesNeeded
    // Between two calls it may have been deposed and elected again.
    let isDeposed = actions.leadership.map { $0.role != .leader || $0.term != leadingTerm } ?? false
    if let leadership = actions.leadership {
      leadingTerm = leadership.role == .leader ? leadership.term : .zero
    }
    answerReads()
    actions.reset()
    if isRegrouped { notePeers() }
    if isDeposed { stepDown() }
    if let committed { commit(upTo: committed.last) }
    if let leadership { shard.leadershipChanged(tablet, leadership) }
    for replica in behind { shard.snapshotNeeded(tablet, by: replica) }
    // They are not in memory any more, and are not read back: a checkpoint replaces them.
    for request in missing {
      core.supply([], from: request.first, to: request.to, into: &actions)
      shard.entriesMissing(tablet)
    }
  }

  private func send(_ messages: [RaftMessage]) {
    for message in messages { shard.replicaTransport?(tablet, message) }
  }

  /// The snapshot's mark. The log keeps it: without it, what follows would be taken for a part of what
  /// the snapshot has replaced.
  private func appendInstalled(_ index: LogIndex) {
    shard.appendToLog(.truncated(tablet: tablet, from: index.next))
    shard.appendToLog(.installed(tablet: tablet, index: index))
  }

  private func write() {
    guard actions.mustWrite else { return }
    if let state = actions.hardState {
      shard.appendToLog(
        .hardState(tablet: tablet, term: state.term, vote: state.vote?.rawValue ?? 0))
    }
    if let index = actions.truncatedFrom {
      shard.appendToLog(.truncated(tablet: tablet, from: index))
    }
    if let snapshot = actions.snapshot {
      appendInstalled(snapshot.index)
    }
    for entry in actions.entries {
      let (index, term, payload) = (entry.index, entry.term, entry.payload)
      shard.appendToLog(
        entry.kind == .configuration
          ? .configuration(tablet: tablet, index: index, term: term, payload: payload)
          : .entry(tablet: tablet, index: index, term: term, payload: payload))
    }
    writes.begun += 1
    shard.tellDurable(self, actions.mark)
    // A follower's acknowledgement waits for the disk, and its leader for that.
    if hasPeers { shard.wantFlush() }
  }

  private func commit(upTo index: LogIndex) {
    while commitIndex < index {
      let next = commitIndex.next
      guard let entry = core.entry(at: next) else {
        fatalError("invariant: \(tablet): committed entry \(next) is not in memory")
      }
      let isOwn = core.role == .leader && entry.term == core.term
      do throws(DecodingFault) {
        if entry.kind == .normal {
          try member.apply(next, entry.term, entry.payload, isOwn ? .leader : .follower)
        }
      } catch {
        return fail(.storageFailed("tablet \(tablet), entry \(next): \(error)"))
      }
      commitIndex = next
    }
    member.store.settle(upTo: index)
    core.applied(upTo: index)
    if !isServing && core.role == .leader && core.term(at: index) == core.term { serve() }
    let ready = waiting.prefix { $0.index <= index }
    waiting.removeFirst(ready.count)
    for entry in ready { entry.body(.yes) }
    while let first = waitingToApply.first, first.index <= commitIndex {
      waitingToApply.removeFirst()
      first.body()
    }
  }

  /// The log has let go of everything up to `index`, which a checkpoint covers.
  func compacted(upTo index: LogIndex) {
    if shard.plantedBug == .acknowledgeBeforeDurable { return }
    recovered.keepHistory(of: core, upTo: index)
    core.compacted(upTo: index)
  }
}

// MARK: - The group

extension Replication {
  /// Changes who belongs to the group; done when the entry has been proposed.
  func change(to configuration: RaftConfiguration) -> Result<Bool, KernelError> {
    member.closeGroup()
    let proposed = core.proposeConfiguration(
      voters: configuration.voters, learners: configuration.learners)
    guard case .failure(let refusal) = proposed else {
      notePeers()
      note()
      return .success(true)
    }
    return .failure(.unavailable("the group cannot be changed now: \(refusal)"))
  }

  func transferLeadership(to target: ReplicaID) {
    member.closeGroup()
    if case .success = core.transferLeadership(to: target, into: &actions) { note() }
  }

  /// A snapshot for a follower is complete there, but for the message that makes it count.
  func finishSnapshot(_ descriptor: RaftSnapshotDescriptor, to replica: ReplicaID) {
    core.sendSnapshot(descriptor, to: replica, into: &actions)
    note()
  }

  /// The connection to the node of the group's leader is lost.
  func nodeIsLost(_ node: NodeID) {
    guard hasStarted, core.leader?.node == node else { return }
    core.expectElection(turn: Int(tablet.rawValue))
  }

  /// Whether this replica may lead its group.
  var abstains: Bool {
    get { core.abstains }
    set { core.abstains = newValue }
  }

  /// Leads no more, whoever follows.
  func resign() {
    member.closeGroup()
    core.resign()
    note()
  }

  func snapshotFailed(to replica: ReplicaID) {
    core.snapshotFailed(to: replica)
    note()
  }

  /// A leader's snapshot takes the place of the log and of the applied state. False: the disk failed.
  private func install(_ snapshot: RaftSnapshotDescriptor) -> Bool {
    do throws(WALError) {
      try member.install(snapshot)
    } catch {
      fail(.storageFailed("tablet \(tablet): a snapshot cannot be installed: \(error)"))
      return false
    }
    return true
  }

  /// The applied state and the log's beginning come from a checkpoint that was just loaded.
  func installed(_ index: LogIndex, history: [RaftTermRun]) {
    recovered.replaceHistory(history)
    commitIndex = index
    while let first = waitingToApply.first, first.index <= index {
      waitingToApply.removeFirst()
      first.body()
    }
  }

  func report(rows: Int, closed: ClosedTimestamp? = nil) -> TabletReport {
    TabletReport(
      tablet: tablet, term: term, configuration: core.configuration, commitIndex: commitIndex,
      caughtUp: core.caughtUp(within: Self.caughtUpEntries), rows: rows, closed: closed)
  }

  private static let caughtUpEntries: UInt64 = 1_000

  /// Is removed with its data; nobody hears of it any more.
  func end() {
    member.closeGroup()
    failure = .leaderChanged
    stepDown()
    waitingToApply = []
  }
}
