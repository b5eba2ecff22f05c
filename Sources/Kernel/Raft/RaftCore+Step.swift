import Base

extension RaftCore {
  /// Takes a message of a peer, in any order, late or twice. One that makes no sense is dropped.
  public mutating func step(_ message: RaftMessage, into actions: inout RaftActions) {
    if message.to != id || message.from == id { return }
    if message.term > term {
      guard takeNewerTerm(message) else { return }
    } else if message.term < term {
      return answerOlderTerm(message, into: &actions)
    }
    switch message.body {
    case .preVoteRequest(let position): answerPreVote(message, position, into: &actions)
    case .preVoteResponse(let granted):
      // A grant names the term that the election would have, a refusal the voter's own.
      if role == .preCandidate && (!granted || message.term == term.next) {
        countVote(from: message.from, granted: granted, into: &actions)
      }
    case .voteRequest(let position, let transfer):
      answerVote(message, position, transfer: transfer, into: &actions)
    case .voteResponse(let granted):
      if role == .candidate { countVote(from: message.from, granted: granted, into: &actions) }
    case .appendRequest(let append):
      if role == .leader { return }
      heardLeader(message.from)
      followAppend(append, from: message.from, into: &actions)
    case .heartbeat(let commit, let round, let tick):
      if role == .leader { return }
      heardLeader(message.from)
      followCommit(to: commit)
      send(.heartbeatResponse(round: round, tick: tick), to: message.from, into: &actions)
    case .snapshot(let descriptor):
      if role == .leader { return }
      heardLeader(message.from)
      followSnapshot(descriptor, from: message.from, into: &actions)
    case .timeoutNow:
      if role == .leader || !isVoter || abstains || message.from != leader { return }
      startCampaign(.transfer, into: &actions)
    case .readIndexRequest(let context):
      takeForwardedRead(context, from: message.from, into: &actions)
    case .readIndexResponse(let context, let index): takeReadAnswer(context, index, into: &actions)
    case .appendResponse, .appendRejection, .heartbeatResponse:
      stepLeader(message, into: &actions)
    case .staleTerm: break
    }
  }

  /// False when the message must not have any effect.
  private mutating func takeNewerTerm(_ message: RaftMessage) -> Bool {
    switch message.body {
    case .preVoteRequest: return true
    case .preVoteResponse(let granted) where granted: return true
    case .voteRequest(_, let transfer):
      if !transfer && withholdsVotes { return false }
      becomeFollower(term: message.term, leader: nil)
    case .appendRequest, .heartbeat, .snapshot:
      becomeFollower(term: message.term, leader: message.from)
    default: becomeFollower(term: message.term, leader: nil)
    }
    return true
  }

  /// A leader of an older term may be cut off from nobody but the majority: it must learn of ours.
  /// With promises, its successor's vote request alone would not reach it.
  private mutating func answerOlderTerm(_ message: RaftMessage, into actions: inout RaftActions) {
    switch message.body {
    case .appendRequest, .heartbeat, .snapshot: send(.staleTerm, to: message.from, into: &actions)
    case .preVoteRequest: send(.preVoteResponse(granted: false), to: message.from, into: &actions)
    case .voteRequest: send(.voteResponse(granted: false), to: message.from, into: &actions)
    default: break
    }
  }

  // MARK: Following (paper, section 5.3)

  private mutating func followAppend(
    _ append: RaftMessage.Append, from peer: ReplicaID, into actions: inout RaftActions
  ) {
    let previous = append.previous
    if previous.index < commitIndex {
      // What is committed agrees; say how far that is.
      return send(
        .appendResponse(match: commitIndex), to: peer, acknowledging: commitIndex, into: &actions)
    }
    guard log.term(at: previous.index) == previous.term else {
      let hint = log.lastIndex(upTo: previous.index, termAtMost: previous.term)
      let position = RaftMessage.LogPosition(index: hint, term: log.term(at: hint) ?? .zero)
      return send(
        .appendRejection(previous: previous.index, hint: position), to: peer, into: &actions)
    }
    guard ascends(append) else { return }
    for entry in append.entries {
      if let known = log.term(at: entry.index) {
        if known == entry.term { continue }
        if entry.index <= commitIndex {
          actions.violation = .conflictBelowCommit(entry.index)
          return
        }
        truncateLog(from: entry.index, into: &actions)
      }
      if !appendToLog(entry) {
        actions.violation = .malformedConfiguration(entry.index)
        return
      }
    }
    let match = previous.index.advanced(by: append.entries.count)
    followCommit(to: min(append.commit, match))
    send(.appendResponse(match: match), to: peer, acknowledging: match, into: &actions)
  }

  /// Indexes without gaps, terms that do not fall and do not pass the sender's.
  private func ascends(_ append: RaftMessage.Append) -> Bool {
    var index = append.previous.index
    var newest = append.previous.term
    for entry in append.entries {
      guard entry.index == index.next, entry.term >= newest, entry.term <= term else {
        return false
      }
      index = entry.index
      newest = entry.term
    }
    return true
  }

  /// Section 7 of the paper, with the dissertation's rule that a snapshot which the log already
  /// contains drops nothing.
  private mutating func followSnapshot(
    _ descriptor: RaftSnapshotDescriptor, from peer: ReplicaID, into actions: inout RaftActions
  ) {
    if descriptor.index <= commitIndex {
      return send(
        .appendResponse(match: commitIndex), to: peer, acknowledging: commitIndex, into: &actions)
    }
    if log.term(at: descriptor.index) == descriptor.term {
      followCommit(to: descriptor.index)
    } else {
      if log.lastIndex > commitIndex {
        let first = commitIndex.next
        actions.truncatedFrom = min(actions.truncatedFrom ?? first, first)
      }
      log.reset(to: descriptor)
      configurations = [.init(index: descriptor.index, configuration: descriptor.configuration)]
      commitIndex = descriptor.index
      appliedIndex = descriptor.index
      reportedCommit = descriptor.index
      version += 1
      truncationVersion = version
      actions.snapshot = descriptor
      actions.entries.removeAll(keepingCapacity: true)
      actions.committed = nil
    }
    send(
      .appendResponse(match: descriptor.index), to: peer, acknowledging: descriptor.index,
      into: &actions)
  }
}
