public import Base

/// What the owner must do, as plain values. `step`, `tick` and their like add messages; `ready`
/// completes it. The owner then, for each group:
///
/// 1. installs `snapshot` if there is one;
/// 2. writes `hardState` and `entries` to its log, in this order, in one atomic batch or with the
///    hard state first, after everything written for earlier actions;
/// 3. sends `messages` at once, before, during or after the writes;
/// 4. sends `messagesAfterDurable` when all of 1 and 2, of these and of all earlier actions, is
///    durable, and then calls `durable(mark)`. With nothing to write, earlier writes still count;
/// 5. applies `committed`, and answers the rest. `reset()` keeps the arrays for the next round.
///
/// Losing messages is always allowed; sending one of `messagesAfterDurable` early is not.
public struct RaftActions: Sendable, Equatable {
  /// May leave at once: nothing in them promises something that a crash could take back.
  public var messages: [RaftMessage] = []
  /// Votes, acknowledgements, and everything sent in a term that is not durable yet.
  public var messagesAfterDurable: [RaftMessage] = []
  /// Replaces all state and the whole log of this replica, which then ends at the descriptor's
  /// index.
  public var snapshot: RaftSnapshotDescriptor?
  /// To persist before, or atomically with, `entries`.
  public var hardState: HardState?
  /// To append, without gaps. When the first has an index that the log already holds, the log is
  /// cut there first.
  public var entries: [RaftEntry] = []
  /// Set when entries from here on were removed from the log because another leader's replaced
  /// them. Speculative effects of the removed ones must be undone.
  public var truncatedFrom: LogIndex?
  /// Hand this to `durable` when everything above is durable.
  public var mark = RaftWriteMark()
  /// Newly committed entries. A follower may get them before its own copy is durable; a checkpoint
  /// must not claim an index that the own log does not hold durably.
  public var committed: RaftCommitted?
  /// Set when role, leader or term changed. A leader that stepped down does not know what becomes
  /// of its entries above the commit index: they may still commit, and are never "failed".
  public var leadership: RaftLeadership?
  /// Reads that may be served once the owner has applied up to their index.
  public var readStates: [RaftReadState] = []
  /// Reads asked for here that leadership was lost under; ask again.
  public var refusedReads: [UInt64] = []
  /// Older entries that the core no longer holds: answer with `supply`.
  public var entriesNeeded: [RaftEntriesRequest] = []
  /// Followers that need a snapshot, at least as new as the last compaction: answer with
  /// `sendSnapshot`, or `snapshotFailed`.
  public var snapshotsNeeded: [ReplicaID] = []
  /// Set when a message contradicts what is committed here. The log or a peer is corrupt: the
  /// owner stops this replica, and only this one.
  public var violation: RaftViolation?

  public init() {}

  /// Something that only `ready` and what follows it may carry out.
  var hasMoreThanMessages: Bool {
    mustWrite || !messagesAfterDurable.isEmpty || truncatedFrom != nil || committed != nil
      || leadership != nil || !readStates.isEmpty || !refusedReads.isEmpty
      || !entriesNeeded.isEmpty || !snapshotsNeeded.isEmpty || violation != nil
  }

  public var mustWrite: Bool { snapshot != nil || hardState != nil || !entries.isEmpty }

  /// Empties everything, keeping the arrays' memory.
  public mutating func reset() {
    messages.removeAll(keepingCapacity: true)
    messagesAfterDurable.removeAll(keepingCapacity: true)
    snapshot = nil
    hardState = nil
    entries.removeAll(keepingCapacity: true)
    truncatedFrom = nil
    committed = nil
    leadership = nil
    readStates.removeAll(keepingCapacity: true)
    refusedReads.removeAll(keepingCapacity: true)
    entriesNeeded.removeAll(keepingCapacity: true)
    snapshotsNeeded.removeAll(keepingCapacity: true)
    violation = nil
  }
}

/// Names a state of the log that the owner was told to write. `version` counts changes of the hard
/// state and truncations: a late report about entries that were cut off meanwhile must not count
/// for their replacements with the same indexes.
public struct RaftWriteMark: Sendable, Equatable {
  public var index: LogIndex
  public var version: UInt64
  public init(index: LogIndex = .zero, version: UInt64 = 0) {
    self.index = index
    self.version = version
  }
}

/// Committed entries `first ... last`.
public struct RaftCommitted: Sendable, Equatable {
  public var first: LogIndex
  public var last: LogIndex
}

public enum RaftRole: Sendable, Equatable { case follower, preCandidate, candidate, leader }

public struct RaftLeadership: Sendable, Equatable {
  public var term: Term
  public var role: RaftRole
  public var leader: ReplicaID?
}

public struct RaftReadState: Sendable, Equatable {
  public var context: UInt64
  public var index: LogIndex
}

public struct RaftEntriesRequest: Sendable, Equatable {
  public var to: ReplicaID
  public var first: LogIndex
  /// Wanted up to here, less if `bytesMax` is reached; never none.
  public var last: LogIndex
  public var bytesMax: Int
}

public enum RaftViolation: Error, Sendable, Equatable {
  case conflictBelowCommit(LogIndex)
  case malformedConfiguration(LogIndex)
}

/// Why a request was not taken; nothing has happened.
public enum ProposeRefusal: Error, Sendable, Equatable {
  case notLeader(leader: ReplicaID?)
  case transferring(to: ReplicaID)
  /// Too much is uncommitted: try again after commits.
  case overloaded
  case configurationInProgress
  /// The leader has not committed an entry of its own term yet.
  case notReady
  case invalidConfiguration
  /// A new voter must first be a learner that has caught up.
  case learnerBehind(ReplicaID)
}
