public import Base

/// What a change did to its row.
public enum ChangeOperation: UInt8, Sendable, CaseIterable {
  case insert = 1
  case update
  case delete
  /// All rows of the partition are gone, without a record of each. It has no key and no images.
  case truncate
}

/// One committed change of a table, as its change stream keeps it (DESIGN 13, decision 70).
///
/// Keys and images are the stored bytes: SQL's `StoredTable` of the table's descriptor decodes the
/// images, whose layout only grows while a table has a stream. The records of a partition are in the order
/// of its tablet's log: of one key that is the order of its commits. The records of one transaction in
/// one partition follow one another.
public struct ChangeRecord: Sendable, Equatable {
  /// Dense in the partition, from 0; with `change_cleanup = compact` some are missing later.
  public var offset: Int64
  public var operation: ChangeOperation
  /// The row's primary key in its index form, which orders and compares as bytes.
  public var key: [UInt8]
  /// The row before; nil of an insert.
  public var before: [UInt8]?
  /// The row after; nil of a deletion.
  public var after: [UInt8]?
  /// When the transaction committed. Rises with each change of one key; not always with the offset.
  public var timestamp: Timestamp
  public var transaction: TransactionID
  /// Where the change was first made: 0 here, else the link that brought it.
  public var origin: UInt32
  /// Of the leader whose entry made the record: rises with the offset.
  public var term: Term
  /// The table's version (`TableDescriptor.version`) that the row was written with.
  public var tableVersion: UInt64

  public init(
    offset: Int64, operation: ChangeOperation, key: [UInt8], before: [UInt8]? = nil,
    after: [UInt8]? = nil, timestamp: Timestamp, transaction: TransactionID, origin: UInt32 = 0,
    term: Term, tableVersion: UInt64
  ) {
    self.offset = offset
    self.operation = operation
    self.key = key
    self.before = before
    self.after = after
    self.timestamp = timestamp
    self.transaction = transaction
    self.origin = origin
    self.term = term
    self.tableVersion = tableVersion
  }
}

/// Where a partition's stream begins and ends now.
public struct StreamPosition: Sendable, Equatable {
  /// The first offset that is kept. Equal to `next` where nothing is.
  public var earliest: Int64
  /// The offset that the next record will get. All below are committed.
  public var next: Int64
  /// The term of the leader that says so.
  public var term: Term

  public init(earliest: Int64, next: Int64, term: Term) {
    self.earliest = earliest
    self.next = next
    self.term = term
  }
}

/// Some records of a partition, in order, and where its stream stood when they were read.
public struct ChangePage: Sendable, Equatable {
  public var records: ChangeRecords
  public var position: StreamPosition

  public init(records: ChangeRecords, position: StreamPosition) {
    self.records = records
    self.position = position
  }
}

/// Why a stream cannot be read.
public enum FollowError: Error, Sendable {
  /// There is no such table, or it has no change stream.
  case noStream
  /// The table's stream has no partition of this number.
  case noPartition
  /// The offset lies before the first that is kept, or behind the next that will be given.
  case outOfRange(StreamPosition)
  /// The tablet's leader could not be reached or could not answer; asking again may help.
  case kernel(KernelError)
}
