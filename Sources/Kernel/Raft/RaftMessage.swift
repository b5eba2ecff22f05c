public import Base

/// What one replica tells another. Messages may be lost, repeated, reordered and delayed at will.
public struct RaftMessage: Sendable, Equatable {
  public var from: ReplicaID
  public var to: ReplicaID
  /// The sender's term; for a pre-vote and its grant, the term that the election would have.
  public var term: Term
  public var body: Body

  public init(from: ReplicaID, to: ReplicaID, term: Term, body: Body) {
    self.from = from
    self.to = to
    self.term = term
    self.body = body
  }

  /// The end of a candidate's log, for the comparison of the paper's section 5.4.1.
  public struct LogPosition: Sendable, Equatable {
    public var index: LogIndex
    public var term: Term
    public init(index: LogIndex, term: Term) {
      self.index = index
      self.term = term
    }
  }

  /// Entries that follow `previous`; no entries to probe or to announce a commit index.
  public struct Append: Sendable, Equatable {
    public var previous: LogPosition
    public var commit: LogIndex
    public var entries: [RaftEntry]
    public init(previous: LogPosition, commit: LogIndex, entries: [RaftEntry]) {
      self.previous = previous
      self.commit = commit
      self.entries = entries
    }
  }

  public enum Body: Sendable, Equatable {
    case appendRequest(Append)
    /// The sender's log equals the leader's up to `match`, durably.
    case appendResponse(match: LogIndex)
    /// The sender has no entry like `previous`. `hint` is its last entry that could agree.
    case appendRejection(previous: LogIndex, hint: LogPosition)
    case preVoteRequest(LogPosition)
    case preVoteResponse(granted: Bool)
    /// `transfer`: the leader asked for this election and has given up its lease.
    case voteRequest(LogPosition, transfer: Bool)
    case voteResponse(granted: Bool)
    /// `round` and `tick` come back in the answer: they date it for reads and for the lease.
    case heartbeat(commit: LogIndex, round: UInt64, tick: UInt64)
    case heartbeatResponse(round: UInt64, tick: UInt64)
    /// The owner's transport carries the state itself along.
    case snapshot(RaftSnapshotDescriptor)
    /// Campaign now (dissertation, section 3.10).
    case timeoutNow
    case readIndexRequest(context: UInt64)
    /// Nil: the receiver does not lead.
    case readIndexResponse(context: UInt64, index: LogIndex?)
    /// A leader of an older term learns that it is one.
    case staleTerm
  }
}
