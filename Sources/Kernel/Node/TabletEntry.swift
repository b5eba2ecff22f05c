import Base

/// One key's new state in a write set; a nil value deletes.
struct WriteRecord: Equatable {
  var space: KeyspaceID
  var key: [UInt8]
  var value: [UInt8]?
  /// When the value expires.
  var expires: Timestamp?
  /// Where the change goes in its table's change stream, and the value before it.
  var change: MarkedChange?
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

/// What a participant promises before the decision (DESIGN 22.3), besides its writes: while it is in
/// memory, those are the transaction's intents.
struct PrepareRecord: Equatable {
  var transaction: TransactionID
  var timestamp: Timestamp
  /// The tablet that holds the decision.
  var decider: TabletID
  var locks: [LockRequest]
  var ranges: [ReadRange]
}

/// At the deciding tablet: the transaction has committed, at the prepare record's timestamp, if every
/// participant's log has its record at the place named here.
struct DecisionRecord: Equatable {
  /// The decider's own part.
  var prepare: PrepareRecord
  var participants: [Participant]
}

/// The payload of one Raft log entry of a tablet: the effect, not the request. `docs/formats.md`
/// has the bytes.
enum TabletEntry: Equatable {
  case commit(transaction: TransactionID, timestamp: Timestamp, writes: [WriteRecord])
  case prepare(PrepareRecord, writes: [WriteRecord])
  case decision(DecisionRecord, writes: [WriteRecord])
  /// How a transaction that prepared or was decided here has ended; nil: aborted.
  case resolve(transaction: TransactionID, commitTimestamp: Timestamp?)
  /// A participant asked and there was no decision: none will come.
  case abort(transaction: TransactionID)
  /// All participants have acknowledged the decision.
  case forget(transaction: TransactionID)
  /// The keyspaces' keys are gone (DROP TABLE, TRUNCATE).
  case dropSpaces([KeyspaceID])
  /// The tablet has given a part of its buckets away, with these keys.
  case split(since: Timestamp, keys: [MovedKey])
  /// A part of what a tablet gets from the one that is split.
  case fill(FillPart)
}

extension TabletEntry {
  private static let formatVersion: UInt8 = 2

  /// The second byte of an entry.
  enum Kind: UInt8 {
    case commit = 1
    case prepare = 2
    case decision = 3
    case resolve = 4
    case forget = 5
    case dropSpaces = 6
    case abort = 7
    case split = 8
    case fill = 9
  }

  /// With the kind: some of the entry's writes go into change streams.
  private static let markedFlag: UInt8 = 0x80

  /// Reads what every entry begins with.
  static func kind(_ reader: inout ByteReader) throws(DecodingFault) -> Kind {
    try head(&reader).kind
  }

  /// The same, and whether some of its writes go into change streams.
  static func head(_ reader: inout ByteReader) throws(DecodingFault) -> (
    kind: Kind, isMarked: Bool
  ) {
    let version: UInt8 = try reader.integer()
    guard version == formatVersion else { throw .malformed("entry format \(version)") }
    let raw: UInt8 = try reader.integer()
    guard let kind = Kind(rawValue: raw & ~markedFlag) else {
      throw .malformed("entry kind \(raw)")
    }
    let isMarked = raw & markedFlag != 0
    guard !isMarked || kind == .commit || kind == .prepare || kind == .decision else {
      throw .malformed("entry kind \(raw)")
    }
    return (kind, isMarked)
  }

  /// Entries with writes, which `writes` appends, so that they need not be gathered first. `isMarked`:
  /// some of them go into change streams.
  enum Writing {
    case commit(transaction: TransactionID, timestamp: Timestamp)
    case prepare(PrepareRecord)
    case decision(DecisionRecord)
  }

  static func encoded(
    _ entry: Writing, reserving bytes: Int, isMarked: Bool = false,
    writes: (inout ByteWriter) -> Void
  ) -> [UInt8] {
    var out = ByteWriter(reserving: 64 + bytes)
    out.integer(formatVersion)
    let flag = isMarked ? markedFlag : 0
    switch entry {
    case .commit(let transaction, let timestamp):
      out.integer(Kind.commit.rawValue | flag)
      out.integer(transaction.rawValue)
      out.integer(timestamp.rawValue)
      writes(&out)
    case .prepare(let record):
      out.integer(Kind.prepare.rawValue | flag)
      out.prepare(record, writes)
    case .decision(let record):
      out.integer(Kind.decision.rawValue | flag)
      out.participants(record.participants)
      out.prepare(record.prepare, writes)
    }
    return out.bytes
  }

  func encoded() -> [UInt8] {
    switch self {
    case .commit(let transaction, let timestamp, let writes):
      return Self.encoded(
        .commit(transaction: transaction, timestamp: timestamp), reserving: 64,
        isMarked: writes.areMarked
      ) { $0.writes(writes) }
    case .prepare(let record, let writes):
      return Self.encoded(.prepare(record), reserving: 64, isMarked: writes.areMarked) {
        $0.writes(writes)
      }
    case .decision(let record, let writes):
      return Self.encoded(.decision(record), reserving: 64, isMarked: writes.areMarked) {
        $0.writes(writes)
      }
    case .resolve, .abort, .forget, .dropSpaces, .split, .fill: return encodedWithoutWrites()
    }
  }

  private func encodedWithoutWrites() -> [UInt8] {
    var out = ByteWriter(reserving: 32)
    out.integer(Self.formatVersion)
    switch self {
    case .commit, .prepare, .decision: break
    case .resolve(let transaction, let timestamp):
      out.integer(Kind.resolve.rawValue)
      out.integer(transaction.rawValue)
      out.integer(timestamp?.rawValue ?? 0)
    case .abort(let transaction):
      out.integer(Kind.abort.rawValue)
      out.integer(transaction.rawValue)
    case .forget(let transaction):
      out.integer(Kind.forget.rawValue)
      out.integer(transaction.rawValue)
    case .dropSpaces(let spaces):
      out.integer(Kind.dropSpaces.rawValue)
      out.varint(UInt64(spaces.count))
      for space in spaces { out.integer(space.rawValue) }
    case .split(let since, let keys):
      out.integer(Kind.split.rawValue)
      out.integer(since.rawValue)
      out.moved(keys)
    case .fill(let part):
      out.integer(Kind.fill.rawValue)
      out.part(part)
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
    switch try Self.kind(&reader) {
    case .commit:
      self = .commit(
        transaction: try reader.transaction(), timestamp: Timestamp(rawValue: try reader.integer()),
        writes: try reader.writes())
    case .prepare:
      let (record, writes) = try reader.prepare()
      self = .prepare(record, writes: writes)
    case .decision:
      let participants = try reader.participants()
      let (record, writes) = try reader.prepare()
      self = .decision(
        DecisionRecord(prepare: record, participants: participants), writes: writes)
    case .resolve:
      self = .resolve(
        transaction: try reader.transaction(), commitTimestamp: try reader.optionalTimestamp())
    case .abort: self = .abort(transaction: try reader.transaction())
    case .forget: self = .forget(transaction: try reader.transaction())
    case .dropSpaces:
      var spaces: [KeyspaceID] = []
      for _ in 0..<(try reader.boundedCount(itemBytesMin: 4)) {
        spaces.append(KeyspaceID(rawValue: try reader.integer()))
      }
      self = .dropSpaces(spaces)
    case .split:
      self = .split(since: Timestamp(rawValue: try reader.integer()), keys: try reader.moved())
    case .fill: self = .fill(try reader.part())
    }
    guard reader.isAtEnd else { throw .malformed("bytes after the entry") }
  }
}

/// What a write set does to a key.
enum WriteKind: UInt8 {
  case deletion = 0
  case value = 1
  /// A value, and behind it when it expires.
  case expiringValue = 2
}

extension ByteWriter {
  mutating func writes(_ writes: [WriteRecord]) {
    varint(UInt64(writes.count))
    for write in writes {
      write.key.withUnsafeBytes { key in
        (write.value ?? []).withUnsafeBytes { value in
          (write.change?.before ?? []).withUnsafeBytes { before in
            self.write(
              write.space, key, write.value == nil ? nil : value, write.expires,
              write.change.map {
                ChangeView(mark: $0.mark, before: $0.before == nil ? nil : before)
              })
          }
        }
      }
    }
  }

  /// One write of a set, behind their number.
  mutating func write(
    _ space: KeyspaceID, _ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer?,
    _ expires: Timestamp?, _ change: ChangeView?
  ) {
    integer(space.rawValue)
    varint(UInt64(key.count))
    raw(key)
    let kind: WriteKind =
      value == nil ? .deletion : expires == nil ? .value : .expiringValue
    integer(kind.rawValue | (change?.flags ?? 0))
    if let value {
      varint(UInt64(value.count))
      raw(value)
      if let expires { integer(expires.rawValue) }
    }
    if let change { self.change(change) }
  }

  mutating func prepare(_ record: PrepareRecord, _ writes: (inout ByteWriter) -> Void) {
    integer(record.transaction.rawValue)
    integer(record.timestamp.rawValue)
    integer(record.decider.rawValue)
    writes(&self)
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

  mutating func participants(_ participants: [Participant]) {
    varint(UInt64(participants.count))
    for participant in participants {
      integer(participant.tablet.rawValue)
      varint(participant.place.index.rawValue)
      varint(participant.place.term.rawValue)
    }
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
    var writes: [WriteRecord] = []
    try visitWrites { space, key, value, expires, change in
      writes.append(
        WriteRecord(
          space: space, key: Array(key), value: value.map { Array($0) }, expires: expires,
          change: change.map { MarkedChange(mark: $0.mark, before: $0.before.map { Array($0) }) }))
    }
    return writes
  }

  /// A write set without a copy; the bytes are borrowed.
  mutating func visitWrites(
    _ body: (
      KeyspaceID, _ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer?,
      _ expires: Timestamp?, ChangeView?
    ) -> Void
  ) throws(DecodingFault) {
    try visitWrites(try boundedCount(itemBytesMin: 6), body)
  }

  /// The next `count` of one.
  mutating func visitWrites(
    _ count: Int,
    _ body: (
      KeyspaceID, _ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer?,
      _ expires: Timestamp?, ChangeView?
    ) -> Void
  ) throws(DecodingFault) {
    for _ in 0..<count {
      let space = KeyspaceID(rawValue: try integer())
      let key = try blobView()
      let raw: UInt8 = try integer()
      guard let kind = WriteKind(rawValue: raw & ~ChangeView.allFlags) else {
        throw .malformed("write kind \(raw)")
      }
      let value = kind == .deletion ? nil : try blobView()
      let expires = kind == .expiringValue ? Timestamp(rawValue: try integer()) : nil
      body(space, key, value, expires, try change(flags: raw & ChangeView.allFlags))
    }
  }

  mutating func participants() throws(DecodingFault) -> [Participant] {
    var found: [Participant] = []
    for _ in 0..<(try boundedCount(itemBytesMin: 10)) {
      let tablet = TabletID(rawValue: try integer())
      let place = LogPlace(
        index: LogIndex(rawValue: try varint()), term: Term(rawValue: try varint()))
      found.append(Participant(tablet: tablet, place: place))
    }
    return found
  }

  mutating func prepare() throws(DecodingFault) -> (PrepareRecord, [WriteRecord]) {
    var record = PrepareRecord(
      transaction: try transaction(), timestamp: Timestamp(rawValue: try integer()),
      decider: TabletID(rawValue: try integer()), locks: [], ranges: [])
    let writes = try writes()
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
    return (record, writes)
  }
}
