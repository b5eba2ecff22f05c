public import Base
public import Catalog
public import Node
public import Types

/// A partition of a table whose cells have times.
public struct DeletionPlace: Sendable, Hashable {
  public var relation: KeyspaceID
  /// Its key as CQL serialises it.
  public var partition: [UInt8]
  public init(relation: KeyspaceID, partition: [UInt8]) {
    self.relation = relation
    self.partition = partition
  }
}

/// The deletions of one partition, as rows of `cql.deletions`: what was written before a deletion and
/// arrives behind it has no effect. Used inside a procedure on the partition's tablet.
///
/// The partition's first row sums up: only a write that is older than the newest deletion has to look
/// at the others, so that a write with the present time costs one look-up, however many there are.
public struct Deletions {
  public struct Summary: Sendable, Equatable {
    /// Of the newest deletion in the partition.
    public var latest: Int64
    /// Of the partition as a whole; `.min` where it was not deleted.
    public var partition: Int64
  }

  /// What is known of one row.
  public struct Found: Sendable {
    /// What was written up to then is gone.
    public var written = Int64.min
    /// Of a row of which nothing is there any more: when its cells were deleted.
    public var cells: CellTimes?
  }

  private enum Kind: UInt8 { case row, range }

  private let place: DeletionPlace
  private let transaction: TabletTransaction

  public init(_ place: DeletionPlace, _ transaction: TabletTransaction) {
    self.place = place
    self.transaction = transaction
  }

  /// Cassandra's gc_grace_seconds: how long deletions are remembered.
  public static let graceSecondsUsual: Int64 = 864_000
  public static let graceOption = "gc_grace_seconds"

  public static func graceSeconds(of table: TableDescriptor) -> Int64 {
    table.options[graceOption].flatMap { Int64($0) } ?? graceSecondsUsual
  }

  // MARK: Reading

  /// Nil: nothing has been deleted in the partition, as far as is remembered.
  ///
  /// It stays so until the transaction ends: a write that goes by it holds the partition's first row with `.share`, whether
  /// it is there or not, and a deletion with `.noKeyUpdate`. Else one would not see the other where either is in a
  /// transaction of several tablets, and what is older than a deletion could come behind it.
  public func summary(for mode: LockMode = .share) throws(ProcedureError) -> Summary? {
    if transaction.isEmpty(CQLSchema.deletions) { return nil }
    try Self.hold(key([]), mode, transaction)
    return try readSummary()
  }

  /// The same without holding anything: for rows that are written now, in transactions that may be long and of many rows.
  /// What a transaction beside this one deletes at a time to come is not seen.
  public func glance() throws(ProcedureError) -> Summary? {
    if transaction.isEmptyNow(CQLSchema.deletions) { return nil }
    return try readSummary()
  }

  private func readSummary() throws(ProcedureError) -> Summary? {
    guard let bytes = try transaction.get(CQLSchema.deletions, key([])) else { return nil }
    let row = try read(bytes)
    guard case .int(let latest) = row[CQLSchema.Column.written] else { return nil }
    var partition = Int64.min
    if case .bytes(let detail) = row[CQLSchema.Column.detail] {
      partition = detail.reduce(0) { $0 << 8 | Int64($1) }
    }
    return Summary(latest: latest, partition: partition)
  }

  private static func hold(_ key: [UInt8], _ mode: LockMode, _ transaction: TabletTransaction)
    throws(ProcedureError)
  {
    let request = LockRequest(space: CQLSchema.deletions, key: key, mode: mode)
    _ = try transaction.lock(request, wait: .wait)
  }

  /// Holds the first rows of several partitions, as a transaction that goes on will want them in the end, in an order that
  /// is the same for all: so nobody waits for somebody who waits for him, here.
  public static func hold(_ places: [DeletionPlace: LockMode], _ transaction: TabletTransaction)
    throws(ProcedureError)
  {
    let keys = places.map { (key: Deletions($0.key, transaction).key([]), mode: $0.value) }
    for entry in keys.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
      try hold(entry.key, entry.mode, transaction)
    }
  }

  /// What holds for the row with this primary key. Costs the partition's deletions.
  public func find(_ rowKey: [UInt8], _ summary: Summary) throws(ProcedureError) -> Found {
    var found = Found(written: summary.partition)
    try scan { (start, kind, row) throws(ProcedureError) in
      guard case .int(let written) = row[CQLSchema.Column.written] else { return }
      switch kind {
      case .row:
        guard start == rowKey else { return }
        if case .bytes(let detail) = row[CQLSchema.Column.detail] {
          found.cells = try asProcedure { () throws(SQLError) in try Self.times(detail) }
        }
      case .range:
        guard case .bytes(let stop) = row[CQLSchema.Column.stop],
          !rowKey.lexicographicallyPrecedes(start), rowKey.lexicographicallyPrecedes(stop)
        else { return }
      }
      found.written = max(found.written, written)
    }
    return found
  }

  private static func times(_ bytes: [UInt8]) throws(SQLError) -> CellTimes {
    do throws(DecodingFault) {
      return try CellTimes(bytes)
    } catch {
      throw SQLError(.dataCorrupted, "a row of cql.deletions cannot be read: \(error)")
    }
  }

  private func scan(
    _ body: (_ start: [UInt8], Kind, _ row: [Value]) throws(ProcedureError) -> Void
  ) throws(ProcedureError) {
    let lower = key([])
    var upper = prefix()
    upper.append(0xFF)
    try transaction.scan(CQLSchema.deletions, lower: lower, upper: upper, reverse: false) {
      (_, bytes) throws(ProcedureError) in
      let row = try read(Array(bytes))
      guard case .bytes(var start) = row[CQLSchema.Column.start] else { return true }
      if start.isEmpty { return true }
      if case .bytes(let stop) = row[CQLSchema.Column.stop] {
        start.removeLast(stop.count + 1)
        try body(start, .range, row)
      } else {
        start.removeLast()
        try body(start, .row, row)
      }
      return true
    }
  }

  // MARK: Writing

  /// The whole partition was deleted.
  public func addPartition(written: Int64, graceSeconds: Int64) throws(ProcedureError) {
    try sumUp(written, partition: written, graceSeconds)
  }

  /// A row was deleted (`written`), or cells of it that nothing is left beside of (`cells`).
  public func addRow(
    _ rowKey: [UInt8], written: Int64, cells: CellTimes?, graceSeconds: Int64
  ) throws(ProcedureError) {
    try sumUp(max(written, cells?.newest ?? .min), partition: nil, graceSeconds)
    try put(
      rowKey + [Kind.row.rawValue], stop: nil, written: written, detail: cells?.encoded,
      graceSeconds)
  }

  /// All rows from `start` on, before `stop`, were deleted.
  public func addRange(_ start: [UInt8], _ stop: [UInt8], written: Int64, graceSeconds: Int64)
    throws(ProcedureError)
  {
    try sumUp(written, partition: nil, graceSeconds)
    try put(
      start + [Kind.range.rawValue] + stop, stop: stop, written: written, detail: nil,
      graceSeconds)
  }

  private func sumUp(_ written: Int64, partition: Int64?, _ graceSeconds: Int64)
    throws(ProcedureError)
  {
    let known = try summary(for: .noKeyUpdate)
    let whole = max(known?.partition ?? .min, partition ?? .min)
    var detail: [UInt8] = []
    for shift in stride(from: Int64(56), through: 0, by: -8) {
      detail.append(UInt8(truncatingIfNeeded: whole >> shift))
    }
    try put(
      [], stop: nil, written: max(known?.latest ?? .min, written), detail: detail, graceSeconds)
  }

  private func put(
    _ start: [UInt8], stop: [UInt8]?, written: Int64, detail: [UInt8]?, _ graceSeconds: Int64
  ) throws(ProcedureError) {
    let key = key(start)
    var written = written
    if let bytes = try transaction.get(CQLSchema.deletions, key),
      case .int(let before) = try read(bytes)[CQLSchema.Column.written]
    {
      written = max(written, before)
    }
    let seconds = transaction.snapshot.unixSeconds + max(0, graceSeconds)
    let row: [Value] = [
      .bytes(place.partition), .int(Int64(place.relation.rawValue)), .bytes(start),
      stop.map { .bytes($0) } ?? .null, .int(written), detail.map { .bytes($0) } ?? .null,
      .int((seconds - Calendar.epochOffsetSeconds) * 1_000_000),
    ]
    var bytes: [UInt8] = []
    RowCodec.encode(row, CQLSchema.types, into: &bytes)
    try transaction.put(
      CQLSchema.deletions, key, bytes, expires: Timestamp(unixSeconds: seconds))
  }

  // MARK: Bytes

  private func prefix() -> [UInt8] {
    var key: [UInt8] = []
    KeyCodec.encode(.bytes(place.partition), type: .bytea, into: &key)
    KeyCodec.encode(.int(Int64(place.relation.rawValue)), type: .int8, into: &key)
    return key
  }

  private func key(_ start: [UInt8]) -> [UInt8] {
    var key = prefix()
    KeyCodec.encode(.bytes(start), type: .bytea, into: &key)
    return key
  }

  private func read(_ bytes: [UInt8]) throws(ProcedureError) -> [Value] {
    try asProcedure { () throws(SQLError) in
      do throws(DecodingFault) {
        return try RowCodec.decode(bytes, CQLSchema.types)
      } catch {
        throw SQLError(.dataCorrupted, "a row of cql.deletions cannot be read: \(error)")
      }
    }
  }
}
