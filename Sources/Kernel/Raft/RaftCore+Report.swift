public import Base

/// What an owner wants to know of a group.
extension RaftCore {
  /// This replica is the group's only voter: what is durable here is committed.
  public var isOnlyVoter: Bool { isAlone }

  /// Where the configuration in force was appended.
  public var configurationIndex: LogIndex { configurations[configurations.count - 1].index }

  /// Members that were heard of within an election timeout and lack at most so many committed entries,
  /// this one included; only a leader knows.
  public func caughtUp(within entries: UInt64) -> [ReplicaID] {
    guard role == .leader else { return [] }
    let followers = progress.filter {
      ticks <= $0.acknowledgedTick + UInt64(settings.electionTimeoutTicks)
        && $0.state == .replicate
        && $0.match.rawValue + entries >= commitIndex.rawValue
    }
    return ([id] + followers.map(\.id)).sorted()
  }

  /// Whether another voter was heard of within so many election timeouts: it may lead as soon as it has caught up.
  /// Only a leader knows.
  public func hasLivingVoters(timeouts: Int) -> Bool {
    guard role == .leader else { return false }
    let silence = UInt64(settings.electionTimeoutTicks * timeouts)
    return progress.contains {
      configuration.isVoter($0.id) && ticks <= $0.acknowledgedTick + silence
    }
  }
}
