/// How a group behaves; the same on all its replicas. Times are in ticks of the owner's clock.
public struct RaftSettings: Sendable, Equatable {
  /// A follower that hears no leader for this long campaigns, after a random extra of up to as
  /// much again (dissertation, section 3.4). It also grants nobody a vote for this long after
  /// hearing a leader (section 4.2.3), and for this long after a restart.
  public var electionTimeoutTicks = 10
  /// Leaders send heartbeats at the ticks that this divides.
  public var heartbeatTicks = 3
  /// How long after a heartbeat was sent its quorum of answers lets the leader read alone. Must be
  /// below `electionTimeoutTicks` by one tick, and by the drift of clocks over an election timeout.
  public var leaseTicks = 8
  /// A leader waits this long for a snapshot's acknowledgement before it probes again.
  public var snapshotTimeoutTicks = 100
  /// Append messages on their way to one follower.
  public var maxInflight = 64
  /// Payload of one append message, except that one entry always fits.
  public var maxBatchBytes = 1 << 20
  /// Entries that were applied here stay in memory for slower followers up to this size.
  public var maxRetainedBytes = 4 << 20
  /// Proposals are refused beyond this much uncommitted payload.
  public var maxUncommittedBytes = 64 << 20
  /// Ask first whether an election could be won, so that a replica that was cut off does not
  /// depose a working leader (dissertation, section 9.6).
  public var preVote = true
  /// A leader that has not heard from a majority for an election timeout steps down (section 6.2).
  public var checkQuorum = true
  /// Leaders may read alone; a restarted voter grants no vote for an election timeout.
  /// Needs `checkQuorum`.
  public var leases = true
  /// A leader tells followers of a new commit index at once instead of with the next message.
  public var announceCommits = true
  /// A committed joint configuration is left by the leader itself.
  public var automaticLeave = true
  /// A learner may become a voter when it lacks at most this many committed entries.
  public var promotionLagEntries: UInt64 = 1_000

  /// Deliberate faults: tests must find each of them, or they find nothing.
  package enum PlantedBug: Sendable, CaseIterable {
    case voteNotPersisted, commitEarlierTermByCounting, acknowledgeBeforeDurable
    /// A lease lasts as long as the followers' promise, as if all clocks ran alike.
    case leaseWithoutMargin
    /// A leader reads on after it has let another one campaign.
    case leaseKeptInTransfer
    /// While a group changes, a majority of its new voters decides alone.
    case jointDecidedByNewVoters
  }
  package var plantedBug: PlantedBug?

  public init() {}
}
