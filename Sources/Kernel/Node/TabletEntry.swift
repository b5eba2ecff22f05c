import Base

/// One key's new state in a write set; a nil value deletes.
struct WriteRecord: Equatable {
  var space: KeyspaceID
  var key: [UInt8]
  var value: [UInt8]?
}

/// A key range that a serializable transaction read: `lower ..< upper` (nil: to the end).
struct ReadRange: Equatable {
  var space: KeyspaceID
  var lower: [UInt8]
  var upper: [UInt8]?

  func contains(_ space: KeyspaceID, _ key: [UInt8]) -> Bool {
    guard space == self.space, !key.lexicographicallyPrecedes(lower) else { return false }
    guard let upper else { return true }
    return key.lexicographicallyPrecedes(upper)
  }
}

/// What a participant promises before the decision (DESIGN 22.3).
struct PrepareRecord: Equatable {
  var transaction: TransactionID
  var timestamp: Timestamp
  /// The tablet that holds the decision.
  var decider: TabletID
  var writes: [WriteRecord]
  var locks: [LockRequest]
  var ranges: [ReadRange]
}

/// The outcome, at the deciding tablet. Kept until every participant has acknowledged.
struct DecisionRecord: Equatable {
  var transaction: TransactionID
  /// Nil: aborted.
  var commitTimestamp: Timestamp?
  var participants: [TabletID]
  /// The decider's own write set.
  var writes: [WriteRecord]
}

/// The payload of one Raft log entry of a tablet: the effect, not the request. `docs/formats.md`
/// has the bytes.
enum TabletEntry: Equatable {
  case commit(transaction: TransactionID, timestamp: Timestamp, writes: [WriteRecord])
  case prepare(PrepareRecord)
  case decision(DecisionRecord)
  case resolve(transaction: TransactionID, commitTimestamp: Timestamp?)
  /// All participants have acknowledged the decision.
  case forget(transaction: TransactionID)
  /// The keyspaces' keys are gone (DROP TABLE, TRUNCATE).
  case dropSpaces([KeyspaceID])
}

extension TabletEntry {
  private static let formatVersion: UInt8 = 1

  func encoded() -> [UInt8] {
    var out = ByteWriter(reserving: 128)
    out.integer(Self.formatVersion)
    switch self {
    case .commit(let transaction, let timestamp, let writes):
      out.integer(UInt8(1))
      out.integer(transaction.rawValue)
      out.integer(timestamp.rawValue)
      out.writes(writes)
    case .prepare(let record):
      out.integer(UInt8(2))
      out.prepare(record)
    case .decision(let record):
      out.integer(UInt8(3))
      out.decision(record)
    case .resolve(let transaction, let timestamp):
      out.integer(UInt8(4))
      out.integer(transaction.rawValue)
      out.integer(timestamp?.rawValue ?? 0)
    case .forget(let transaction):
      out.integer(UInt8(5))
      out.integer(transaction.rawValue)
    case .dropSpaces(let spaces):
      out.integer(UInt8(6))
      out.varint(UInt64(spaces.count))
      for space in spaces { out.integer(space.rawValue) }
    }
    return out.bytes
  }

  init(decoding bytes: [UInt8]) throws(DecodingFault) {
    let result: Result<TabletEntry, DecodingFault> = bytes.withUnsafeBytes { buffer in
      do throws(DecodingFault) {
        return .success(try TabletEntry(decoding: buffer))
      } catch {
        return .failure(error)
      }
    }
    self = try result.get()
  }

  init(decoding bytes: UnsafeRawBufferPointer) throws(DecodingFault) {
    var reader = ByteReader(bytes)
    let version: UInt8 = try reader.integer()
    guard version == Self.formatVersion else { throw .malformed("entry format \(version)") }
    let kind: UInt8 = try reader.integer()
    switch kind {
    case 1:
      self = .commit(
        transaction: try reader.transaction(), timestamp: Timestamp(rawValue: try reader.integer()),
        writes: try reader.writes())
    case 2: self = .prepare(try reader.prepare())
    case 3: self = .decision(try reader.decision())
    case 4:
      self = .resolve(
        transaction: try reader.transaction(), commitTimestamp: try reader.optionalTimestamp())
    case 5: self = .forget(transaction: try reader.transaction())
    case 6:
      var spaces: [KeyspaceID] = []
      for _ in 0..<(try reader.boundedCount(itemBytesMin: 4)) {
        spaces.append(KeyspaceID(rawValue: try reader.integer()))
      }
      self = .dropSpaces(spaces)
    default: throw .malformed("entry kind \(kind)")
    }
    guard reader.isAtEnd else { throw .malformed("bytes after the entry") }
  }
}

extension ByteWriter {
  mutating func writes(_ writes: [WriteRecord]) {
    varint(UInt64(writes.count))
    for write in writes {
      integer(write.space.rawValue)
      blob(write.key)
      integer(UInt8(write.value == nil ? 0 : 1))
      if let value = write.value { blob(value) }
    }
  }

  mutating func prepare(_ record: PrepareRecord) {
    integer(record.transaction.rawValue)
    integer(record.timestamp.rawValue)
    integer(record.decider.rawValue)
    writes(record.writes)
    varint(UInt64(record.locks.count))
    for lock in record.locks {
      integer(lock.space.rawValue)
      blob(lock.key)
      integer(lock.mode.rawValue)
    }
    varint(UInt64(record.ranges.count))
    for range in record.ranges {
      integer(range.space.rawValue)
      blob(range.lower)
      integer(UInt8(range.upper == nil ? 0 : 1))
      if let upper = range.upper { blob(upper) }
    }
  }

  mutating func decision(_ record: DecisionRecord) {
    integer(record.transaction.rawValue)
    integer(record.commitTimestamp?.rawValue ?? 0)
    varint(UInt64(record.participants.count))
    for tablet in record.participants { integer(tablet.rawValue) }
    writes(record.writes)
  }
}

extension ByteReader {
  mutating func transaction() throws(DecodingFault) -> TransactionID {
    TransactionID(rawValue: try integer())
  }

  /// 0 stands for none: no transaction commits at the epoch.
  mutating func optionalTimestamp() throws(DecodingFault) -> Timestamp? {
    let raw: UInt64 = try integer()
    return raw == 0 ? nil : Timestamp(rawValue: raw)
  }

  /// A count that the bytes left can hold, so that it is safe to loop to.
  mutating func boundedCount(itemBytesMin: Int) throws(DecodingFault) -> Int {
    let count = try varint()
    guard count <= UInt64(remaining / itemBytesMin) else {
      throw .malformed("count \(count) in \(remaining) bytes")
    }
    return Int(count)
  }

  mutating func writes() throws(DecodingFault) -> [WriteRecord] {
    let count = try boundedCount(itemBytesMin: 6)
    var writes: [WriteRecord] = []
    writes.reserveCapacity(count)
    for _ in 0..<count {
      let space = KeyspaceID(rawValue: try integer())
      let key = try blob()
      let hasValue: UInt8 = try integer()
      writes.append(
        WriteRecord(space: space, key: key, value: hasValue == 0 ? nil : try blob()))
    }
    return writes
  }

  mutating func prepare() throws(DecodingFault) -> PrepareRecord {
    var record = PrepareRecord(
      transaction: try transaction(), timestamp: Timestamp(rawValue: try integer()),
      decider: TabletID(rawValue: try integer()), writes: try writes(), locks: [], ranges: [])
    for _ in 0..<(try boundedCount(itemBytesMin: 6)) {
      let space = KeyspaceID(rawValue: try integer())
      let key = try blob()
      guard let mode = LockMode(rawValue: try integer()) else { throw .malformed("lock mode") }
      record.locks.append(LockRequest(space: space, key: key, mode: mode))
    }
    for _ in 0..<(try boundedCount(itemBytesMin: 6)) {
      let space = KeyspaceID(rawValue: try integer())
      let lower = try blob()
      let hasUpper: UInt8 = try integer()
      record.ranges.append(
        ReadRange(space: space, lower: lower, upper: hasUpper == 0 ? nil : try blob()))
    }
    return record
  }

  mutating func decision() throws(DecodingFault) -> DecisionRecord {
    var record = DecisionRecord(
      transaction: try transaction(), commitTimestamp: try optionalTimestamp(), participants: [],
      writes: [])
    for _ in 0..<(try boundedCount(itemBytesMin: 8)) {
      record.participants.append(TabletID(rawValue: try integer()))
    }
    record.writes = try writes()
    return record
  }
}
