import Base

extension RaftCore {
  /// Traps when a documented rule between the fields does not hold. Cost: the log's length.
  public func checkInvariants() {
    log.checkInvariants()
    invariant(commitIndex <= log.lastIndex, "commit \(commitIndex), last \(log.lastIndex)")
    invariant(appliedIndex <= commitIndex, "applied \(appliedIndex), commit \(commitIndex)")
    invariant(log.compactedIndex <= commitIndex, "compacted \(log.compactedIndex)")
    invariant(log.lastTerm <= term, "last entry of \(log.lastTerm) in term \(term)")
    invariant(
      durableVersion <= version && hardStateVersion <= version && truncationVersion <= version,
      "versions \(version) \(durableVersion) \(hardStateVersion) \(truncationVersion)")
    invariant(
      zip(configurations, configurations.dropFirst()).allSatisfy { $0.index < $1.index },
      "configurations \(configurations)")
    invariant(
      (role == .leader) == (leader == id), "role \(role), leader \(String(describing: leader))")
    if role != .leader {
      invariant(progress.isEmpty, "progress of a \(role)")
      return
    }
    invariant(vote == id, "leader voted \(String(describing: vote))")
    invariant(
      progress.map(\.id) == configuration.everyone.filter { $0 != id }, "progress of \(progress)")
    for follower in progress {
      invariant(follower.match <= log.lastIndex, "match of \(follower)")
      invariant(
        follower.match < follower.next && follower.next <= log.lastIndex.next, "next of \(follower)"
      )
      invariant(follower.inflight.count <= settings.maxInflight, "inflight of \(follower)")
    }
    var bytes = 0
    var index = max(commitIndex, ownTermStart).next
    while index <= log.lastIndex {
      bytes += log.entry(at: index)?.byteCount ?? 0
      index = index.next
    }
    invariant(bytes == uncommittedBytes, "\(uncommittedBytes) uncommitted bytes, not \(bytes)")
  }
}
