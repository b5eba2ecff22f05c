public import Base

/// One replica of one group: Raft as in Ongaro and Ousterhout's paper ("In Search of an
/// Understandable Consensus Algorithm") and Ongaro's dissertation ("Consensus: Bridging Theory and
/// Practice"), whose sections the comments name. Pure: no clock, no disk, no network, no threads;
/// the same calls give the same results. Lives on: the shard of its tablet.
///
/// The owner calls `tick` at a steady pace, `step` for each message, `propose` and its like, then
/// `ready` once, and does what the actions say. Several calls before one `ready` share one write
/// and one message to each follower.
///
///     core.step(message, into: &actions)
///     core.propose(payload)
///     core.ready(into: &actions)        // completes the actions
///     log.write(actions.hardState, actions.entries)
///     transport.send(actions.messages)
///     … when the log is durable …
///     transport.send(actions.messagesAfterDurable)
///     core.durable(actions.mark, into: &next)
///
/// What must be durable before what leaves:
///
/// | message                             | waits for                                             |
/// |-------------------------------------|-------------------------------------------------------|
/// | request for a vote                  | the sender's new term and its vote for itself         |
/// | grant of a vote                     | the term and the vote                                 |
/// | acknowledgement of entries          | the term, and the entries up to the acknowledged one  |
/// | acknowledgement of a snapshot       | the snapshot                                          |
/// | a leader's entries                  | its term, not the entries: its disk and its followers |
/// |                                     | work at the same time (dissertation, section 10.2.1)  |
/// | anything else                       | the sender's term                                     |
///
/// A leader counts its own copy for commits only up to what `durable` has reported.
/// A leader's entries wait for its term because a candidate that forgot its term could win that
/// term twice and put two different entries at one index.
///
/// Leases (dissertation, section 6.4.1): a voter that has heard a leader grants no vote for an
/// election timeout of its own ticks. The leader's lease runs from when it *sent* the heartbeat
/// that a majority has answered, for `leaseTicks`, which is shorter. A restarted voter has forgotten
/// whom it heard, and waits an election timeout. A transfer asks voters to break the promise, so the
/// leader gives its lease up, for the rest of its term, before it sends the request.
public struct RaftCore {
  public let id: ReplicaID
  public let settings: RaftSettings

  // MARK: Persistent (paper, figure 2)

  /// The newest term heard of. Rises only; a rise clears `vote`.
  public internal(set) var term: Term
  /// Whom this replica voted for in `term`; once set it stays for the term.
  public internal(set) var vote: ReplicaID?
  var log: RaftLog
  /// Ascending; the first is in force at `compactedIndex`, the last is in force now.
  var configurations: [RaftIndexedConfiguration]

  // MARK: What is known of the disk

  /// Rises with every change of term or vote, and with every truncation.
  var version: UInt64 = 0
  /// `version` at the last change of term or vote; it is durable when `durableVersion` reaches it.
  var hardStateVersion: UInt64 = 0
  var truncationVersion: UInt64 = 0
  /// The newest version reported durable; at most `version`.
  var durableVersion: UInt64 = 0

  // MARK: Volatile

  public internal(set) var role: RaftRole = .follower
  /// Whom this replica follows in `term`; itself when it leads.
  public internal(set) var leader: ReplicaID?
  /// Known to be committed: durable on a majority. Rises only; at most `lastIndex`.
  public internal(set) var commitIndex: LogIndex
  /// What the owner has applied, as it told; at most `commitIndex`.
  public internal(set) var appliedIndex: LogIndex
  /// Its owner's ticks: this replica's only notion of time.
  public internal(set) var ticks: UInt64
  /// No vote for another replica before this tick; see "Leases" above. Rises only.
  var voteWithheldUntil: UInt64
  /// Ticks since the last sign of a leader, the last vote or campaign; for a leader, since the
  /// last quorum check.
  var electionElapsed = 0
  /// In electionTimeoutTicks ..< 2 * electionTimeoutTicks, drawn anew for each campaign.
  var electionTimeout = 0
  /// Answers in the campaign under way.
  var votes: [(voter: ReplicaID, granted: Bool)] = []
  var random: Xoshiro256

  // MARK: Leader only

  /// One for each other replica of the configuration, sorted; kept by leaders only.
  var progress: [RaftProgress] = []
  /// The leader's first own entry: nothing is served before it is committed (section 6.4).
  var ownTermStart: LogIndex = .zero
  /// Numbers the heartbeat broadcasts of a term, from 1.
  var heartbeatRound: UInt64 = 0
  /// The owner does not want this replica to lead: it votes, and never campaigns.
  public var abstains = false
  var transferTarget: ReplicaID?
  var transferElapsed = 0
  /// A transfer was tried in this term: its request may still be on its way.
  var leaseForfeited = false
  var pendingReads: [PendingRead] = []
  /// Payload of the entries above `commitIndex` that this leader added.
  var uncommittedBytes = 0

  // MARK: What `ready` told last

  var reportedLeadership: RaftLeadership
  var reportedCommit: LogIndex
  var reportedHardStateVersion: UInt64 = 0

  /// - Parameters:
  ///   - configuration: in force at `log.compactedIndex`; for an empty log, the first one. A
  ///     replica that is added to a running group starts with an empty one.
  ///   - tick: the owner's last one; groups that share their owner's ticks send heartbeats together.
  ///   - randomSeed: different for each replica, so that campaigns seldom collide.
  public init(
    id: ReplicaID, configuration: RaftConfiguration, hardState: HardState = HardState(),
    log state: RaftLogState = RaftLogState(), settings: RaftSettings = RaftSettings(),
    tick: UInt64 = 0, randomSeed: UInt64
  ) {
    invariant(
      settings.leaseTicks < settings.electionTimeoutTicks && settings.heartbeatTicks > 0
        && settings.maxInflight > 0, "settings \(settings)")
    self.id = id
    self.settings = settings
    ticks = tick
    term = hardState.term
    vote = hardState.vote
    log = RaftLog(state)
    configurations =
      [.init(index: state.compactedIndex, configuration: configuration)] + state.configurations
    let commit = max(state.compactedIndex, min(hardState.commit, state.lastIndex))
    commitIndex = commit
    appliedIndex = state.compactedIndex
    reportedCommit = state.compactedIndex
    // A fresh replica has promised nothing to anyone.
    voteWithheldUntil =
      settings.leases && hardState.term > .zero ? tick + UInt64(settings.electionTimeoutTicks) : 0
    random = Xoshiro256(seed: randomSeed)
    reportedLeadership = RaftLeadership(term: hardState.term, role: .follower, leader: nil)
    drawElectionTimeout()
  }

  public var lastIndex: LogIndex { log.lastIndex }
  public var lastTerm: Term { log.lastTerm }
  public var compactedIndex: LogIndex { log.compactedIndex }
  /// Everything up to here is on this replica's disk.
  public var durableIndex: LogIndex { log.durableIndex }
  /// The one in force: the newest in the log.
  public var configuration: RaftConfiguration {
    configurations[configurations.count - 1].configuration
  }
  public var hardState: HardState { HardState(term: term, vote: vote, commit: commitIndex) }
  var isVoter: Bool { configuration.isVoter(id) }

  /// The group is this one voter alone: it needs to ask nobody.
  var isAlone: Bool {
    let now = configuration
    return now.voters.count == 1 && now.voters[0] == id && now.votersOutgoing.isEmpty
  }

  var hardStateIsDurable: Bool { durableVersion >= hardStateVersion }

  /// How far the followers are, for messages about a group; empty for a follower.
  public var progressText: String {
    progress.map { "\($0.id): \($0.state) match \($0.match) next \($0.next)" }
      .joined(separator: ", ")
  }

  /// The terms of the entries after `compactedIndex`.
  public var termRuns: [RaftTermRun] { log.runs }

  /// The term of an entry, nil when it was compacted away or does not exist.
  public func term(at index: LogIndex) -> Term? { log.term(at: index) }

  /// An entry that memory still holds: at least those not applied or not durable yet.
  public func entry(at index: LogIndex) -> RaftEntry? { log.entry(at: index) }

  /// What a checkpoint of the state at `index` must carry, nil outside compacted ... applied.
  public func snapshotDescriptor(at index: LogIndex) -> RaftSnapshotDescriptor? {
    guard index <= commitIndex, let term = log.term(at: index),
      let holder = configurations.last(where: { $0.index <= index })
    else { return nil }
    return RaftSnapshotDescriptor(index: index, term: term, configuration: holder.configuration)
  }

  // MARK: Time

  /// One tick has passed.
  public mutating func tick(into actions: inout RaftActions) {
    ticks += 1
    electionElapsed += 1
    if role == .leader {
      tickLeader(into: &actions)
    } else if isVoter && !abstains && (isAlone || electionElapsed >= electionTimeout) {
      startCampaign(settings.preVote ? .preVote : .vote, into: &actions)
    }
  }

  // MARK: What the owner reports

  /// Everything up to the mark is on disk.
  public mutating func durable(_ mark: RaftWriteMark, into actions: inout RaftActions) {
    invariant(mark.version <= version, "mark \(mark), version \(version)")
    durableVersion = max(durableVersion, mark.version)
    if mark.version >= truncationVersion { log.madeDurable(upTo: mark.index) }
    if role == .leader { advanceCommit(into: &actions) }
  }

  /// The owner has applied up to `index`; memory may let go of that.
  public mutating func applied(upTo index: LogIndex) {
    invariant(index <= commitIndex, "applied \(index), committed \(commitIndex)")
    appliedIndex = max(appliedIndex, index)
    trimMemory()
  }

  /// The owner has dropped its log up to `index`, which a durable checkpoint covers.
  public mutating func compacted(upTo index: LogIndex) {
    invariant(
      index <= appliedIndex && index <= log.durableIndex,
      "compacted \(index), applied \(appliedIndex), durable \(log.durableIndex)")
    log.compact(to: index)
    while configurations.count > 1 && configurations[1].index <= index {
      configurations.removeFirst()
    }
  }

  /// Applied entries stay while a follower may need them, whichever replica leads then, up to a limit.
  mutating func trimMemory() {
    var end = appliedIndex
    if role == .leader {
      for follower in progress { end = min(end, follower.match) }
    } else if !isAlone {
      end = compactedIndex
    }
    log.dropMemory(through: end)
    log.dropMemory(through: appliedIndex, downTo: settings.maxRetainedBytes)
  }

  // MARK: Sending

  /// Sorts a message by what it promises; see the table above.
  mutating func send(
    _ body: RaftMessage.Body, to peer: ReplicaID, term messageTerm: Term? = nil,
    acknowledging index: LogIndex = .zero, into actions: inout RaftActions
  ) {
    let message = RaftMessage(from: id, to: peer, term: messageTerm ?? term, body: body)
    let isDurable = hardStateIsDurable && index <= log.durableIndex
    if isDurable || settings.plantedBug == .acknowledgeBeforeDurable {
      actions.messages.append(message)
    } else {
      actions.messagesAfterDurable.append(message)
    }
  }

  func hasOwnTermCommitted() -> Bool { role == .leader && commitIndex >= ownTermStart }
}
