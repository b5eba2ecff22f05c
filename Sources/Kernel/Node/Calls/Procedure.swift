public import Base
public import Types

/// Code that runs on a tablet's shard, next to the data, as one atomic step: to completion, without
/// suspending. A procedure that meets a lock throws; the tablet undoes it, queues it and runs it
/// again, so `run` must not keep state of its own between attempts.
///
/// On the same node it crosses as it is; to a tablet of another node go its name and its bytes.
public protocol Procedure: WireCodable {
  associatedtype Output: WireCodable
  /// What it goes by between nodes, in metrics, traces and errors; never given to another procedure.
  static var name: String { get }
  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> Output
  /// It neither writes nor locks, so that it can be run again when its answer is lost.
  var isReadOnly: Bool { get }
}

extension Procedure {
  public var isReadOnly: Bool { false }
}

/// Why a procedure ended without a result.
public enum ProcedureError: Error, Sendable {
  /// A lock or a prepared intent stands in the way; the tablet queues the call. Procedures pass it on.
  case blocked(LockRequest)
  /// A newer version than the snapshot's is in the way of a write or lock: READ COMMITTED runs the
  /// statement again, the higher levels fail with 40001.
  case conflict
  /// A version that the snapshot does not show may have been acknowledged before it was taken, by a clock
  /// that is ahead: the statement starts again with a newer snapshot, or fails with 40001.
  case uncertain
  /// NOWAIT found the key locked (55P03).
  case lockNotAvailable
  /// The user's fault, as the statement's error.
  case user(SQLError)
}

/// Row lock modes, weakest first, with PostgreSQL's conflicts (its table 13.3).
public enum LockMode: UInt8, WireEnumeration, Comparable {
  case keyShare, share, noKeyUpdate, update
  public static func < (a: LockMode, b: LockMode) -> Bool { a.rawValue < b.rawValue }

  public func conflicts(with other: LockMode) -> Bool {
    switch (self, other) {
    case (.keyShare, .update), (.update, .keyShare): true
    case (.keyShare, _), (_, .keyShare): false
    case (.share, .share): false
    default: true
    }
  }
}

public enum LockWait: UInt8, WireEnumeration { case wait, noWait, skipLocked }

/// A key and the mode wanted on it.
public struct LockRequest: Sendable, Hashable {
  public var space: KeyspaceID
  public var key: [UInt8]
  public var mode: LockMode
  public init(space: KeyspaceID, key: [UInt8], mode: LockMode) {
    self.space = space
    self.key = key
    self.mode = mode
  }
}

public enum IsolationLevel: UInt8, WireEnumeration {
  case readCommitted, repeatableRead, serializable
}

/// Why the kernel did not do what was asked. The front end's table turns it into its own code.
public enum KernelError: Error, Sendable {
  /// 40001.
  case serializationFailure(String)
  /// READ COMMITTED: run the statement again under a new snapshot (`Transaction.statement` does).
  case restartStatement
  /// 40P01.
  case deadlock(String)
  /// 55P03, from NOWAIT or lock_timeout.
  case lockNotAvailable(String)
  /// 57014, by statement_timeout or a cancel request.
  case cancelled(String)
  /// 53200.
  case outOfMemory(String)
  /// 58030: the log could not be written; nothing was acknowledged.
  case storageFailed(String)
  /// 53100: the same, since no space is left.
  case diskFull(String)
  /// This replica does not lead the tablet, or not any more; nothing of the call has been done. Calls
  /// that begin a transaction are sent to the new leader; others end with 40001.
  case leaderChanged
  /// The tablet has been split since the caller heard of its buckets; nothing of the call has been done.
  case tabletSplit
  /// 08007: the entry was appended but its fate is not known.
  case unknownOutcome
  /// 57P03: no leader of a tablet could be reached in time; nothing has been done.
  case unavailable(String)
  case user(SQLError)
}
