import Base

/// Elections (paper, section 5.2), pre-vote (dissertation, section 9.6), and the promise not to
/// vote while a leader is heard (section 4.2.3).
extension RaftCore {
  enum Campaign { case preVote, vote, transfer }

  mutating func drawElectionTimeout() {
    let base = UInt64(settings.electionTimeoutTicks)
    electionTimeout = Int(base + random.next() % base)
  }

  /// The owner has reason to take the leader for gone. The voters then campaign one after the other
  /// instead of at random, as soon as their promises to it have run out; where it is still there, its next
  /// message ends this. `turn` says who of them is the first: equal on all replicas of the group,
  /// different from group to group.
  public mutating func expectElection(turn: Int) {
    guard role == .follower, leader != nil else { return }
    let others = configuration.voters.filter { $0 != leader }
    guard let place = others.firstIndex(of: id) else { return }
    let rank = (place + turn) % others.count
    electionTimeout =
      settings.electionTimeoutTicks + Self.promiseSlackTicks * (1 + 2 * rank)
  }

  /// Voters have not heard a leader's last message at the same moment.
  private static let promiseSlackTicks = 2

  /// Campaigns now. Nothing happens when this replica leads, does not vote, or has promised a
  /// leader not to vote yet: its vote for itself would break the promise as well.
  public mutating func campaign(into actions: inout RaftActions) {
    if role == .leader || !isVoter || abstains { return }
    if ticks < voteWithheldUntil && !isAlone { return }
    startCampaign(settings.preVote ? .preVote : .vote, into: &actions)
  }

  /// Leads no more, without a successor.
  public mutating func resign() {
    if role == .leader { becomeFollower(term: term, leader: nil) }
  }

  mutating func startCampaign(_ kind: Campaign, into actions: inout RaftActions) {
    // Alone there is nobody to disturb, and nobody to ask.
    let isPreVote = kind == .preVote && !isAlone
    leader = nil
    electionElapsed = 0
    drawElectionTimeout()
    votes.removeAll(keepingCapacity: true)
    votes.append((id, true))
    if isPreVote {
      role = .preCandidate
    } else {
      role = .candidate
      term = term.next
      vote = id
      hardStateChanged()
    }
    if configuration.voteResult({ $0 == self.id ? true : nil }) == .won {
      return isPreVote ? startCampaign(.vote, into: &actions) : becomeLeader()
    }
    let position = log.lastPosition
    for voter in configuration.everyone where voter != id && configuration.isVoter(voter) {
      if isPreVote {
        send(.preVoteRequest(position), to: voter, term: term.next, into: &actions)
      } else {
        send(.voteRequest(position, transfer: kind == .transfer), to: voter, into: &actions)
      }
    }
  }

  mutating func hardStateChanged() {
    version += 1
    hardStateVersion = version
  }

  mutating func becomeFollower(term newTerm: Term, leader newLeader: ReplicaID?) {
    if newTerm != term {
      term = newTerm
      vote = nil
      hardStateChanged()
    }
    if role == .leader {
      progress.removeAll()
      transferTarget = nil
      uncommittedBytes = 0
    }
    role = .follower
    leader = newLeader
    electionElapsed = 0
    drawElectionTimeout()
  }

  mutating func becomeLeader() {
    role = .leader
    leader = id
    electionElapsed = 0
    heartbeatRound = 0
    transferTarget = nil
    leaseForfeited = false
    uncommittedBytes = 0
    progress.removeAll()
    followConfiguration()
    ownTermStart = log.lastIndex.next
    // Reads asked for under an earlier leadership start over.
    for position in pendingReads.indices { pendingReads[position].restart() }
    log.append(RaftEntry(index: ownTermStart, term: term, kind: .empty, payload: []))
  }

  // MARK: Being asked

  /// Whether this replica has promised a leader, maybe one it forgot in a restart, not to vote.
  var withholdsVotes: Bool {
    if role == .leader { return settings.checkQuorum }
    return (settings.checkQuorum || settings.leases) && ticks < voteWithheldUntil
  }

  mutating func heardLeader(_ peer: ReplicaID) {
    if role != .follower { becomeFollower(term: term, leader: peer) }
    leader = peer
    electionElapsed = 0
    voteWithheldUntil = max(voteWithheldUntil, ticks + UInt64(settings.electionTimeoutTicks))
  }

  func isUpToDate(_ position: RaftMessage.LogPosition) -> Bool {
    if position.term != log.lastTerm { return position.term > log.lastTerm }
    return position.index >= log.lastIndex
  }

  mutating func answerPreVote(
    _ message: RaftMessage, _ position: RaftMessage.LogPosition,
    into actions: inout RaftActions
  ) {
    if withholdsVotes { return }
    let granted = message.term > term && isUpToDate(position)
    send(
      .preVoteResponse(granted: granted), to: message.from, term: granted ? message.term : term,
      into: &actions)
  }

  /// The message's term is ours. Without `transfer` the promise to a leader counts here too: this
  /// replica may have reached the term without having voted.
  mutating func answerVote(
    _ message: RaftMessage, _ position: RaftMessage.LogPosition, transfer: Bool,
    into actions: inout RaftActions
  ) {
    if vote == nil && !transfer && withholdsVotes { return }
    let isFree = vote == message.from || (vote == nil && leader == nil)
    let granted = isFree && isUpToDate(position)
    if granted {
      electionElapsed = 0
      if vote == nil {
        vote = message.from
        hardStateChanged()
      }
    }
    send(.voteResponse(granted: granted), to: message.from, into: &actions)
  }

  // MARK: Being answered

  mutating func countVote(from voter: ReplicaID, granted: Bool, into actions: inout RaftActions) {
    if !votes.contains(where: { $0.voter == voter }) { votes.append((voter, granted)) }
    let counted = votes
    let result = deciders.voteResult { voter in
      counted.first { $0.voter == voter }?.granted
    }
    switch result {
    case .pending: break
    case .lost: becomeFollower(term: term, leader: nil)
    case .won:
      if role == .preCandidate { startCampaign(.vote, into: &actions) } else { becomeLeader() }
    }
  }
}
