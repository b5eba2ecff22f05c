import Base

extension RaftCore {
  /// Whether `ready` would find anything but messages that may leave at once, as they are in `actions`. Without that
  /// the owner need not call it: ticks, heartbeats and their answers of groups in which nothing happens cost
  /// little by this. Changes nothing; both are `inout` because copies of them would cost more than the answer.
  public mutating func isReadyNeeded(_ actions: inout RaftActions) -> Bool {
    if role == .leader {
      let lastIndex = log.lastIndex
      for position in progress.indices
      where progress[position].wantsAnything(upTo: lastIndex, commitIndex) {
        return true
      }
    } else if !pendingReads.isEmpty {
      return true
    }
    return reportedHardStateVersion != hardStateVersion || commitIndex > reportedCommit
      || log.hasUnwritten || reportedLeadership.term != term || reportedLeadership.role != role
      || reportedLeadership.leader != leader || actions.hasMoreThanMessages
  }

  /// Completes `actions` with everything that changed since the last call: entries and hard state
  /// to write, appends to followers, commits, leadership. Call it once after a batch of inputs.
  public mutating func ready(into actions: inout RaftActions) {
    if role == .leader {
      for position in progress.indices { replicate(to: position, into: &actions) }
    } else if !pendingReads.isEmpty {
      for read in pendingReads where read.from == nil { actions.refusedReads.append(read.context) }
      pendingReads.removeAll()
    }
    if reportedHardStateVersion != hardStateVersion {
      reportedHardStateVersion = hardStateVersion
      var state = hardState
      if settings.plantedBug == .voteNotPersisted { state.vote = nil }
      actions.hardState = state
    }
    log.handOut(into: &actions.entries)
    actions.mark = RaftWriteMark(index: log.lastIndex, version: version)
    if commitIndex > reportedCommit {
      let first = actions.committed?.first ?? reportedCommit.next
      actions.committed = RaftCommitted(first: first, last: commitIndex)
      reportedCommit = commitIndex
    }
    let leadership = RaftLeadership(term: term, role: role, leader: leader)
    if reportedLeadership != leadership {
      reportedLeadership = leadership
      actions.leadership = leadership
    }
  }

  /// Appends to the own log; a configuration is in force at once. False for a malformed one.
  mutating func appendToLog(_ entry: RaftEntry) -> Bool {
    if entry.kind == .configuration {
      guard let configuration = RaftConfiguration.decoded(entry.payload) else { return false }
      log.append(entry)
      configurations.append(.init(index: entry.index, configuration: configuration))
      if role == .leader { followConfiguration() }
      return true
    }
    log.append(entry)
    return true
  }

  mutating func truncateLog(from index: LogIndex, into actions: inout RaftActions) {
    log.truncate(from: index)
    while configurations.count > 1, let newest = configurations.last, newest.index >= index {
      configurations.removeLast()
    }
    version += 1
    truncationVersion = version
    actions.truncatedFrom = min(actions.truncatedFrom ?? index, index)
  }

  /// A follower learns a commit index.
  mutating func followCommit(to index: LogIndex) {
    commitIndex = max(commitIndex, min(index, log.lastIndex))
  }
}
