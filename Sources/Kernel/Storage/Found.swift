public import Base

/// One end of a range of keys; the bytes are borrowed for the call.
public enum KeyBound {
  case unbounded
  case inclusive(UnsafeRawBufferPointer)
  case exclusive(UnsafeRawBufferPointer)
}

public enum ScanStep: Equatable, Sendable {
  case next
  case stop
}

/// A provisional value that a transaction has put on a key.
public struct IntentInfo: Equatable, Sendable {
  public enum State: Equatable, Sendable {
    /// Its transaction may still abort freely; it commits after everything read so far.
    case active
    /// It may commit at `at` or later: a read at or above that has to wait for the decision.
    case prepared(at: Timestamp)
  }
  public let transaction: TransactionID
  public let state: State
  /// The provisional value is a deletion.
  public let isDeletion: Bool

  public init(transaction: TransactionID, state: State, isDeletion: Bool) {
    self.transaction = transaction
    self.state = state
    self.isDeletion = isDeletion
  }
}

/// What a key looks like to a reader at a timestamp.
public struct Found {
  /// nil: absent, deleted or expired. Borrowed: valid during the closure only.
  public var value: UnsafeRawBufferPointer?
  /// Of the version read (a deletion too); `zero` when there is none; the read's timestamp for the
  /// reader's own intent.
  public var timestamp: Timestamp = .zero
  /// Of the version read: the reply waits until this has committed. `zero` when there is none.
  public var logIndex: LogIndex = .zero
  /// When the value read expires.
  public var expires: Timestamp?
  /// The value is the reader's own provisional one.
  public var isOwnIntent = false
  /// Another transaction's provisional value on the key.
  public var intent: IntentInfo?
  /// Of the newest committed version, whether visible or not; `zero` when there is none.
  public var newestTimestamp: Timestamp = .zero
  /// Of the oldest version newer than the read's timestamp: one within the clock offset makes the
  /// statement start again.
  public var nextTimestamp: Timestamp?
  /// The version whose value lies in two parts: `value` is the second one until `join`.
  var split: Version?

  /// Puts the value together.
  mutating func join(_ buffer: RowBuffer) {
    if let split, value != nil { value = buffer.value(of: split) }
  }
}

/// The newest committed version of a key and its intent.
public struct NewestVersion: Equatable, Sendable {
  /// `zero` when nothing has been committed.
  public let timestamp: Timestamp
  public let index: LogIndex
  /// It is not a deletion.
  public let hasValue: Bool
  /// When its value expires.
  public let expires: Timestamp?
  public let intent: IntentInfo?

  public init(
    timestamp: Timestamp, index: LogIndex, hasValue: Bool, expires: Timestamp? = nil,
    intent: IntentInfo?
  ) {
    self.timestamp = timestamp
    self.index = index
    self.hasValue = hasValue
    self.expires = expires
    self.intent = intent
  }

  /// Whether a reader of the newest state at `time` finds a value.
  public func hasValue(at time: Timestamp) -> Bool {
    hasValue && expires.map { $0 > time } ?? true
  }
}

/// What `setIntent` replaced, for a savepoint to put back.
public enum PreviousIntent: Equatable, Sendable {
  /// The transaction had no intent on the key.
  case none
  /// It had this one; nil is a deletion.
  case value([UInt8]?, expires: Timestamp?)
}

extension Version {
  var intentInfo: IntentInfo? {
    guard isIntent else { return nil }
    return IntentInfo(
      transaction: transaction,
      state: flags.contains(.prepared) ? .prepared(at: timestamp) : .active,
      isDeletion: isTombstone)
  }

  /// What a reader at `time` sees of the chain that starts here, without what has expired at
  /// `expiredAt`.
  func found(at time: Timestamp, reader: TransactionID?, expiredAt: Timestamp? = nil) -> Found {
    let now = expiredAt ?? time
    var found = Found()
    var current = committed
    found.newestTimestamp = current?.timestamp ?? .zero
    while let version = current, version.timestamp > time {
      found.nextTimestamp = version.timestamp
      current = version.older
    }
    if isIntent {
      if transaction == reader {
        found.value = ownValue(at: now)
        found.expires = expires
        found.timestamp = time
        found.isOwnIntent = true
        return found
      }
      found.intent = intentInfo
    }
    if let version = current {
      found.value = version.ownValue(at: now)
      if version.isSplit { found.split = version }
      found.timestamp = version.timestamp
      found.logIndex = version.index
      found.expires = version.expires
    }
    return found
  }
}
