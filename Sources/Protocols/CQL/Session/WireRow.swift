import Base
import Catalog
import Node
import SQL
import Types

/// A prepared INSERT or UPDATE whose key and cells are markers, of types that are taken as they come: the stored row is
/// made of the values where they lie. It does what `RowChange` does where the write is newer than whatever is there, and
/// nothing otherwise. Lives on: its shard.
struct WireRow {
  enum Column {
    /// The statement says nothing of it.
    case kept
    case times
    case value(marker: Int, form: WireForm, isKey: Bool)
  }
  let rows: TableRows
  let key: WireKey
  /// Of the stored row, in order.
  let columns: [Column]
  /// All of theirs.
  let positions: [Int]
  let isInsert: Bool
  /// The markers of what is no part of the key.
  private let cells: [Int]
  /// They are all that the row has.
  private let givesAllCells: Bool
  /// The marker of USING TIMESTAMP.
  private let timestamp: Int?
  private let timeToLive: PreparedChange.Source?
  /// The table's time to live.
  private let usualSeconds: Int64?
  private let markerCount: Int

  /// Nil: the statement, the table or one of its types is out of the ordinary.
  init?(
    _ table: CQLTable, _ rows: TableRows, _ reader: PreparedChangeReader, usualSeconds: Int64?,
    markerCount: Int
  ) {
    guard rows.isPlain, let times = rows.timesPosition,
      reader.kind == .insert || reader.kind == .update
    else { return nil }
    switch reader.timestamp {
    case nil: timestamp = nil
    case .marker(let marker): timestamp = marker
    case .fixed: return nil
    }
    var columns = [Column](repeating: .kept, count: rows.table.columns.count)
    columns[times] = .times
    for (number, place) in (reader.key + reader.cells).enumerated() {
      guard case .marker(let marker) = place.source, let form = WireForm(place.column) else {
        return nil
      }
      columns[place.column.slot] = .value(
        marker: marker, form: form, isKey: number < reader.key.count)
    }
    func markers(_ places: [PreparedChange.Place]) -> [Int] {
      places.compactMap { if case .marker(let marker) = $0.source { marker } else { nil } }
    }
    guard let key = WireKey(table, rows, markers: markers(reader.key)) else { return nil }
    self.key = key
    self.rows = rows
    self.columns = columns
    positions = Array(columns.indices)
    self.usualSeconds = usualSeconds
    self.markerCount = markerCount
    cells = markers(reader.cells)
    givesAllCells = Set(reader.cells.map(\.column.slot)) == Set(rows.cellPositions)
    isInsert = reader.kind == .insert
    timeToLive = reader.timeToLive
  }

  /// Where a row is, and what is said of its times.
  struct Place {
    var bucket: Bucket
    /// Nil: newer than what is there.
    var written: Int64?
    /// To live; nil: it stays.
    var seconds: Int64?
    /// Nothing of an old row is left.
    var isWhole: Bool
  }

  /// Nil: the usual way has to be gone. The key is written into the frame.
  func place(_ frame: ExecuteFrame) -> Place? {
    let values = frame.values
    guard values.count == markerCount, let isWhole = isWhole(values),
      let written = written(frame), let seconds = seconds(values),
      key.write(values, into: &frame.key), let bucket = key.bucket(values, &frame.partition)
    else { return nil }
    return Place(
      bucket: bucket, written: written.given, seconds: seconds.given,
      isWhole: isWhole && seconds.given == nil)
  }

  /// Whether every cell is written. Nil: some cannot be, or there might not be a row in the end.
  private func isWhole(_ values: [BoundSlice]) -> Bool? {
    var (isThere, isWhole) = (isInsert, givesAllCells)
    for marker in cells {
      switch values[marker] {
      case .unset: isWhole = false
      case .null: break
      case .bytes(let bytes):
        if bytes.isEmpty { return nil }
        isThere = true
      }
    }
    return isThere ? isWhole : nil
  }

  // MARK: USING

  /// Something is wrong with it where there is none.
  private struct Given {
    var given: Int64?
  }

  private func written(_ frame: ExecuteFrame) -> Given? {
    guard let timestamp else { return Given(given: frame.timestamp) }
    switch frame.values[timestamp] {
    case .unset: return Given(given: frame.timestamp)
    case .null: return nil
    case .bytes(let bytes):
      guard case .int(let number) = WireForm.bigint.view(bytes), number > .min else { return nil }
      return Given(given: number)
    }
  }

  private func seconds(_ values: [BoundSlice]) -> Given? {
    let number: Int64
    switch timeToLive {
    case nil: return Given(given: usualSeconds)
    case .fixed(.int(let fixed)): number = fixed
    case .fixed: return nil
    case .marker(let marker):
      switch values[marker] {
      case .unset: return Given(given: usualSeconds)
      case .null: return Given(given: nil)
      case .bytes(let bytes):
        guard case .int(let given) = WireForm.int.view(bytes) else { return nil }
        number = given
      }
    }
    guard (0...TimeToLive.secondsMax).contains(number) else { return nil }
    return Given(given: number == 0 ? nil : number)
  }

  // MARK: Writing

  /// Writes the row. An error: nothing has been done, and the usual way has to be gone.
  func write(_ frame: ExecuteFrame, _ place: Place, _ transaction: TabletTransaction)
    throws(ProcedureError)
  {
    let summary = try deletions(frame, transaction)
    let expires =
      place.isWhole
      ? try replace(frame, place, summary, transaction)
      : try merge(frame, place, summary, transaction)
    try rows.putPlain(bytes: frame.row.bytes, frame.key, expires: expires, transaction)
  }

  /// What was deleted in the partition; most tablets know of nothing.
  private func deletions(_ frame: ExecuteFrame, _ transaction: TabletTransaction)
    throws(ProcedureError) -> Deletions.Summary?
  {
    if transaction.isEmpty(CQLSchema.deletions) { return nil }
    key.writePartition(frame.values, into: &frame.partition)
    let place = DeletionPlace(relation: rows.keyspace, partition: frame.partition)
    return try Deletions(place, transaction).summary()
  }

  /// When the write counts as written: later than all that is there.
  func written(
    _ place: Place, over newest: Int64?, _ summary: Deletions.Summary?,
    _ transaction: TabletTransaction
  ) throws(ProcedureError) -> Int64 {
    let written = RowChange.written(place.written, over: newest, summary, transaction)
    if let newest, newest >= written { throw .conflict }
    if let summary, summary.latest >= written { throw .conflict }
    return written
  }

  /// Makes the bytes of a row that is new as a whole, of which nothing is looked at but its times. Gives when the row
  /// expires.
  private func replace(
    _ frame: ExecuteFrame, _ place: Place, _ summary: Deletions.Summary?,
    _ transaction: TabletTransaction
  ) throws(ProcedureError) -> Int64? {
    let old = try transaction.withValue(rows.keyspace, frame.key) { bytes in
      Result<CellTimes.Summary?, ProcedureError> { () throws(ProcedureError) in
        guard let bytes else { return nil }
        return try rows.timesSummary(of: bytes)
      }
    }.get()
    let written = try written(place, over: old?.newest, summary, transaction)
    let stamp = CellTimes.Cell(written: written)
    frame.times.removeAll(keepingCapacity: true)
    CellTimes.encode(
      stamp, at: rows.cellPositions, marker: isInsert ? stamp : old?.marker, into: &frame.times)
    frame.fields.removeAll(keepingCapacity: true)
    try encode(frame)
    return nil
  }

  /// Makes the row's bytes of the statement's values, the times, and of the old row's fields where there are any.
  func encode(_ frame: ExecuteFrame) throws(ProcedureError) {
    frame.row.begin(columns: columns.count)
    for (position, column) in columns.enumerated() {
      switch column {
      case .times: frame.times.withUnsafeBytes { frame.row.append(.bytes($0)) }
      case .kept: append(frame, position)
      case .value(let marker, let form, _):
        switch frame.values[marker] {
        case .null: frame.row.append(.null)
        case .unset: append(frame, position)
        case .bytes(let bytes):
          guard let value = form.view(bytes) else { throw .conflict }
          frame.row.append(value)
        }
      }
    }
  }

  private func append(_ frame: ExecuteFrame, _ position: Int) {
    frame.row.append(copyOf: frame.fields.isEmpty ? .absent : frame.fields[position])
  }
}
