public import Base

/// Joint consensus (dissertation, section 4.3), learners (section 4.2.1) and transfers of
/// leadership (section 3.10).
extension RaftCore {
  private var isConfigurationCommitted: Bool {
    configurations[configurations.count - 1].index <= commitIndex
  }

  /// Changes who belongs. Other learners only: one entry. Other voters: a joint configuration,
  /// and, once that is committed, the leader leaves it by itself (`automaticLeave`) or on
  /// `leaveJoint`. A new voter must be a learner that has caught up.
  public mutating func proposeConfiguration(
    voters: [ReplicaID], learners: [ReplicaID]
  ) -> Result<LogIndex, ProposeRefusal> {
    if let refusal = configurationRefusal() { return .failure(refusal) }
    let now = configuration
    if now.isJoint { return .failure(.configurationInProgress) }
    var next = RaftConfiguration(voters: voters, learners: learners)
    guard next.isValid, next.everyone.count <= RaftConfiguration.replicasMax else {
      return .failure(.invalidConfiguration)
    }
    for voter in next.voters where !now.voters.contains(voter) {
      guard let follower = progress(of: voter), follower.state == .replicate,
        follower.match.rawValue + settings.promotionLagEntries >= commitIndex.rawValue
      else { return .failure(.learnerBehind(voter)) }
    }
    if next.voters != now.voters { next.votersOutgoing = now.voters }
    appendOwn(.configuration, next.encoded)
    return .success(log.lastIndex)
  }

  /// Ends a joint configuration that is committed.
  public mutating func leaveJoint() -> Result<LogIndex, ProposeRefusal> {
    if let refusal = configurationRefusal() { return .failure(refusal) }
    guard configuration.isJoint else { return .failure(.invalidConfiguration) }
    appendLeave()
    return .success(log.lastIndex)
  }

  private func configurationRefusal() -> ProposeRefusal? {
    if let refusal = proposalRefusal() { return refusal }
    if !hasOwnTermCommitted() { return .notReady }
    return isConfigurationCommitted ? nil : .configurationInProgress
  }

  private mutating func appendLeave() {
    var next = configuration
    next.votersOutgoing = []
    appendOwn(.configuration, next.encoded)
  }

  /// After each commit: leaves a joint configuration; steps down when the group is without us.
  mutating func finishConfigurationChange(into actions: inout RaftActions) {
    guard role == .leader, isConfigurationCommitted, hasOwnTermCommitted() else { return }
    if configuration.isJoint {
      if settings.automaticLeave { appendLeave() }
    } else if !isVoter {
      // The best follower need not wait for its timeout.
      let heir = progress.filter { configuration.isVoter($0.id) }.max { $0.match < $1.match }
      // The others learn the commit index that this leader does not stay to tell.
      for position in progress.indices { replicate(to: position, into: &actions) }
      leaseForfeited = true
      if let heir { send(.timeoutNow, to: heir.id, into: &actions) }
      becomeFollower(term: term, leader: nil)
    }
  }

  // MARK: Transfer

  /// Hands leadership to a voter: waits until it has the whole log, then lets it campaign.
  /// Proposals are refused meanwhile; it is given up after an election timeout. The lease ends
  /// here and does not come back in this term, since the request may be under way for long.
  public mutating func transferLeadership(
    to target: ReplicaID, into actions: inout RaftActions
  ) -> Result<Void, ProposeRefusal> {
    if role != .leader { return .failure(.notLeader(leader: leader)) }
    if let transferTarget, transferTarget != target {
      return .failure(.transferring(to: transferTarget))
    }
    if target == id || !configuration.isVoter(target) { return .failure(.invalidConfiguration) }
    if transferTarget == target { return .success(()) }
    transferTarget = target
    transferElapsed = 0
    leaseForfeited = true
    finishTransfer(into: &actions)
    return .success(())
  }

  mutating func finishTransfer(into actions: inout RaftActions) {
    guard let target = transferTarget, let follower = progress(of: target),
      follower.match == log.lastIndex
    else { return }
    send(.timeoutNow, to: target, into: &actions)
  }
}
