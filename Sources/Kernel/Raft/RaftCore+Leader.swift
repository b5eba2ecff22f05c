public import Base

/// What a leader does: takes proposals, replicates (paper, section 5.3), commits (section 5.4.2),
/// keeps its authority.
extension RaftCore {
  // MARK: Proposals

  /// Appends entries for the payloads; they leave with the next `ready`. The index is the last
  /// one's. Nothing is decided before `committed` reaches it, and if leadership is lost before
  /// that, nothing is known.
  public mutating func propose(_ payloads: [[UInt8]]) -> Result<LogIndex, ProposeRefusal> {
    if let refusal = proposalRefusal() { return .failure(refusal) }
    for payload in payloads { appendOwn(.normal, payload) }
    return .success(log.lastIndex)
  }

  public mutating func propose(_ payload: [UInt8]) -> Result<LogIndex, ProposeRefusal> {
    if let refusal = proposalRefusal() { return .failure(refusal) }
    appendOwn(.normal, payload)
    return .success(log.lastIndex)
  }

  /// Whether `propose` would take an entry now.
  public var takesProposals: Bool {
    role == .leader && transferTarget == nil && uncommittedBytes <= settings.maxUncommittedBytes
  }

  func proposalRefusal() -> ProposeRefusal? {
    if role != .leader { return .notLeader(leader: leader) }
    if let transferTarget { return .transferring(to: transferTarget) }
    if uncommittedBytes > settings.maxUncommittedBytes { return .overloaded }
    return nil
  }

  mutating func appendOwn(_ kind: RaftEntry.Kind, _ payload: [UInt8]) {
    let entry = RaftEntry(index: log.lastIndex.next, term: term, kind: kind, payload: payload)
    uncommittedBytes += entry.byteCount
    let isWellFormed = appendToLog(entry)
    invariant(isWellFormed, "own configuration entry \(entry.index)")
  }

  // MARK: Time

  mutating func tickLeader(into actions: inout RaftActions) {
    if electionElapsed >= settings.electionTimeoutTicks {
      electionElapsed = 0
      if settings.checkQuorum && !isHeardByQuorum() {
        return becomeFollower(term: term, leader: nil)
      }
      for position in progress.indices { progress[position].isActive = false }
    }
    if transferTarget != nil {
      transferElapsed += 1
      if transferElapsed >= settings.electionTimeoutTicks { transferTarget = nil }
    }
    for position in progress.indices where progress[position].state == .snapshot {
      progress[position].snapshotAgeTicks += 1
      if progress[position].snapshotAgeTicks >= settings.snapshotTimeoutTicks {
        progress[position].becomeProbe(next: progress[position].match.next)
      }
    }
    if ticks % UInt64(settings.heartbeatTicks) == 0 { broadcastHeartbeat(into: &actions) }
  }

  private func isHeardByQuorum() -> Bool { quorumValue(own: 1) { $0.isActive ? 1 : 0 } == 1 }

  /// The largest value that a majority of the voters reach, this one with `own`. The closure has a follower's progress
  /// alone: one that captures the core copies it, for each heartbeat and each read.
  private func quorumValue(own: UInt64, _ value: (RaftProgress) -> UInt64) -> UInt64 {
    let (id, progress) = (id, progress)
    return configuration.quorumValue { voter in
      if voter == id { return own }
      for follower in progress where follower.id == voter { return value(follower) }
      return 0
    }
  }

  mutating func broadcastHeartbeat(into actions: inout RaftActions) {
    heartbeatRound += 1
    for position in progress.indices {
      let commit = min(commitIndex, progress[position].match)
      send(
        .heartbeat(commit: commit, round: heartbeatRound, tick: ticks), to: progress[position].id,
        into: &actions)
    }
  }

  // MARK: Progress

  func progress(of replica: ReplicaID) -> RaftProgress? {
    progress.first { $0.id == replica }
  }

  /// Keeps one progress for each other replica of the configuration in force.
  mutating func followConfiguration() {
    let old = progress
    progress = configuration.everyone.filter { $0 != id }.map { replica in
      old.first { $0.id == replica } ?? RaftProgress(id: replica, next: log.lastIndex.next)
    }
    if let target = transferTarget, !configuration.isVoter(target) { transferTarget = nil }
  }

  // MARK: Sending entries

  mutating func replicate(to position: Int, into actions: inout RaftActions) {
    let wantsAppend = progress[position].wantsAppend
    progress[position].wantsAppend = false
    switch progress[position].state {
    case .snapshot: return
    case .probe:
      if !progress[position].isPaused && sendAppend(to: position, into: &actions) {
        progress[position].isPaused = true
      }
    case .replicate:
      var hasSent = false
      while progress[position].next <= log.lastIndex
        && progress[position].inflight.count < settings.maxInflight
      {
        if !sendAppend(to: position, into: &actions) { return }
        hasSent = true
      }
      let announces = settings.announceCommits && progress[position].sentCommit < commitIndex
      if !hasSent && (wantsAppend || announces) {
        _ = sendAppend(to: position, isEmpty: true, into: &actions)
      }
    }
  }

  /// One append from `next` on. False when it had to ask for a snapshot or for older entries.
  private mutating func sendAppend(
    to position: Int, isEmpty: Bool = false, into actions: inout RaftActions
  ) -> Bool {
    let next = progress[position].next
    guard let previousTerm = log.term(at: next.previous) else {
      // Nobody streams a snapshot to a replica that may be gone.
      if progress[position].isActive {
        progress[position].becomeSnapshot()
        actions.snapshotsNeeded.append(progress[position].id)
      }
      return false
    }
    if !isEmpty && next <= log.lastIndex && next < log.memoryFirst {
      if progress[position].fetching != next {
        progress[position].fetching = next
        actions.entriesNeeded.append(
          RaftEntriesRequest(
            to: progress[position].id, first: next, last: log.memoryFirst.previous,
            bytesMax: settings.maxBatchBytes))
      }
      return false
    }
    let entries = isEmpty ? [] : log.batch(from: next, bytesMax: settings.maxBatchBytes)
    sendEntries(
      entries, after: .init(index: next.previous, term: previousTerm), to: position,
      into: &actions)
    return true
  }

  private mutating func sendEntries(
    _ entries: [RaftEntry], after previous: RaftMessage.LogPosition, to position: Int,
    into actions: inout RaftActions
  ) {
    if let last = entries.last, progress[position].state == .replicate {
      progress[position].next = last.index.next
      progress[position].inflight.append(last.index)
    }
    progress[position].sentCommit = commitIndex
    send(
      .appendRequest(.init(previous: previous, commit: commitIndex, entries: entries)),
      to: progress[position].id, into: &actions)
  }

  /// The owner's answer to `entriesNeeded`: the entries from `first` on, or none when they are gone.
  public mutating func supply(
    _ entries: [RaftEntry], from first: LogIndex, to replica: ReplicaID,
    into actions: inout RaftActions
  ) {
    guard role == .leader, let position = progress.firstIndex(where: { $0.id == replica }),
      progress[position].fetching == first
    else { return }
    progress[position].fetching = .zero
    guard !entries.isEmpty, progress[position].next == first,
      progress[position].state != .snapshot, !progress[position].isPaused,
      let previousTerm = log.term(at: first.previous)
    else { return }
    var index = first
    for entry in entries {
      // The log may have changed while the owner read.
      guard entry.index == index, log.term(at: index) == entry.term else { return }
      index = index.next
    }
    sendEntries(
      entries, after: .init(index: first.previous, term: previousTerm), to: position,
      into: &actions)
    if progress[position].state == .probe { progress[position].isPaused = true }
  }

  /// The owner's answer to `snapshotsNeeded`: this state is on its way with the message.
  public mutating func sendSnapshot(
    _ descriptor: RaftSnapshotDescriptor, to replica: ReplicaID, into actions: inout RaftActions
  ) {
    guard role == .leader, let position = progress.firstIndex(where: { $0.id == replica }),
      progress[position].state == .snapshot
    else { return }
    send(.snapshot(descriptor), to: replica, into: &actions)
  }

  /// The snapshot did not get there: start over.
  public mutating func snapshotFailed(to replica: ReplicaID) {
    guard role == .leader, let position = progress.firstIndex(where: { $0.id == replica }),
      progress[position].state == .snapshot
    else { return }
    progress[position].becomeProbe(next: progress[position].match.next)
    // Not at once again: the next heartbeat's answer resumes.
    progress[position].isPaused = true
  }

  // MARK: Being answered

  mutating func stepLeader(_ message: RaftMessage, into actions: inout RaftActions) {
    guard role == .leader, let position = progress.firstIndex(where: { $0.id == message.from })
    else { return }
    progress[position].isActive = true
    switch message.body {
    case .appendResponse(let match): takeMatch(match, of: position, into: &actions)
    case .appendRejection(let previous, let hint): takeRejection(previous, hint, of: position)
    case .heartbeatResponse(let round, let tick):
      progress[position].isPaused = false
      progress[position].acknowledgedRound = max(progress[position].acknowledgedRound, round)
      progress[position].acknowledgedTick = max(progress[position].acknowledgedTick, tick)
      // It has nothing on its way that would show a loss: send something that does.
      if progress[position].match < log.lastIndex { progress[position].wantsAppend = true }
      if progress[position].inflight.count >= settings.maxInflight {
        progress[position].inflight.removeFirst()
      }
      confirmReads(into: &actions)
    default: break
    }
  }

  private mutating func takeMatch(
    _ match: LogIndex, of position: Int, into actions: inout RaftActions
  ) {
    // An acknowledgement beyond our own log cannot be of this term.
    if match > log.lastIndex { return }
    let isNews = match > progress[position].match
    if isNews { progress[position].match = match }
    progress[position].next = max(progress[position].next, match.next)
    switch progress[position].state {
    case .probe: progress[position].becomeReplicate()
    case .snapshot:
      if progress[position].match >= log.compactedIndex { progress[position].becomeReplicate() }
    case .replicate: progress[position].freeInflight(upTo: match)
    }
    if isNews {
      advanceCommit(into: &actions)
      if role != .leader { return }
      trimMemory()
    }
    if transferTarget != nil { finishTransfer(into: &actions) }
  }

  private mutating func takeRejection(
    _ previous: LogIndex, _ hint: RaftMessage.LogPosition, of position: Int
  ) {
    switch progress[position].state {
    case .snapshot: return
    case .replicate:
      if previous <= progress[position].match { return }
      progress[position].becomeProbe(next: progress[position].match.next)
    case .probe:
      // Stale unless it answers the one probe that is out.
      if progress[position].next.previous != previous { return }
      let agreed = log.lastIndex(upTo: min(hint.index, previous), termAtMost: hint.term)
      progress[position].becomeProbe(next: min(agreed.next, previous))
    }
  }

  // MARK: Committing

  /// Whose majorities decide.
  var deciders: RaftConfiguration {
    settings.plantedBug == .jointDecidedByNewVoters
      ? RaftConfiguration(voters: configuration.voters) : configuration
  }

  /// Commits what a majority holds durably, if it is of the own term: an earlier term's entry that
  /// a majority holds can still be replaced (paper, figure 8).
  mutating func advanceCommit(into actions: inout RaftActions) {
    let held = deciders.quorumValue { voter in
      voter == self.id
        ? self.log.durableIndex.rawValue : self.progress(of: voter)?.match.rawValue ?? 0
    }
    let index = LogIndex(rawValue: held)
    if index <= commitIndex { return }
    if log.term(at: index) != term
      && settings.plantedBug != .commitEarlierTermByCounting
    {
      return
    }
    if uncommittedBytes > 0 { releaseUncommitted(from: commitIndex.next, through: index) }
    let wasReady = hasOwnTermCommitted()
    commitIndex = index
    if !wasReady { beginWaitingReads(into: &actions) }
    finishConfigurationChange(into: &actions)
  }

  private mutating func releaseUncommitted(from first: LogIndex, through last: LogIndex) {
    if last == log.lastIndex {
      uncommittedBytes = 0
      return
    }
    var index = max(first, ownTermStart.next)
    while index <= last {
      uncommittedBytes -= log.entry(at: index)?.byteCount ?? 0
      index = index.next
    }
  }

  // MARK: Leases

  /// The first tick at which this leader may no longer read alone; nil without a lease. A leader
  /// that has not committed in its own term, or that tried a transfer, has none.
  public var leaseEndTick: UInt64? {
    let isForfeited = leaseForfeited && settings.plantedBug != .leaseKeptInTransfer
    guard settings.leases, settings.checkQuorum, hasOwnTermCommitted(), !isForfeited else {
      return nil
    }
    let sent = quorumValue(own: ticks) { $0.acknowledgedTick }
    let isMarginLeftOut = settings.plantedBug == .leaseWithoutMargin
    let ticks = isMarginLeftOut ? settings.electionTimeoutTicks : settings.leaseTicks
    return sent == 0 ? nil : sent + UInt64(ticks)
  }

  public var isLeaseValid: Bool {
    guard hasOwnTermCommitted() else { return false }
    if isAlone { return true }
    guard let end = leaseEndTick else { return false }
    return ticks < end
  }
}
