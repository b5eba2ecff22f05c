import Base
import Catalog
import Node
import SQL
import Types

/// A prepared SELECT of columns of the one row with a given primary key: what most reads of most programs are. It
/// is answered without a task, a transaction or a procedure where the row is at hand. Lives on: its shard, for one
/// version of the catalog.
final class PointSelect {
  let table: CQLTable
  private let rows: TableRows
  /// For each column of the primary key the marker that gives it.
  private let markers: [Int]
  private let selected: [CQLColumn]
  /// Nil: the key is more than the values' bytes.
  private let wireKey: WireKey?
  /// For each selected column its place among `positions`, and its type where that is one that is sent as it is stored.
  private let sent: [(place: Int, native: CQLType.Native?)]
  /// RESULT's body up to the rows, without and with the columns' names and types.
  private let shortHead: [UInt8]
  private let head: [UInt8]
  /// The places in the stored row of what is selected, and of its cells' times: each once, rising.
  private let positions: [Int]
  /// Among those, of the times.
  private let timesPlace: Int?
  private var access = KnownAccess()
  /// Of the row that is looked at, where they lie; its memory is kept.
  private var fields: [RowField] = []

  /// Nil: the statement is anything else.
  init?(_ statement: Statement, _ table: CQLTable, _ columns: [ResultColumn]) {
    guard case .select(let select) = statement, let stored = table.stored, !table.hasStatics,
      !select.isDistinct, !select.isJSON, select.groupBy.isEmpty, select.order.isEmpty,
      select.perPartitionLimit == nil, select.limit == nil, select.timeout == nil,
      stored.descriptor.options[ViewOptions.building] == nil,
      !SystemTables.keyspaces.contains(table.keyspace)
    else { return nil }
    let keys = table.columns.prefix(table.partitionCount + table.clusteringCount)
    guard select.relations.count == keys.count else { return nil }
    var markers: [Int] = []
    for column in keys {
      guard
        let relation = select.relations.first(where: { $0.target == .column(column.name) }),
        relation.comparison == .equal, case .marker(let marker)? = relation.values.first
      else { return nil }
      markers.append(marker)
    }
    var selected: [CQLColumn] = []
    for item in select.items {
      guard case .column(let name) = item.selector, let place = table.index(of: name) else {
        return nil
      }
      selected.append(table.columns[place])
    }
    self.table = table
    rows = stored.rows
    self.markers = markers
    wireKey = WireKey(table, stored.rows, markers: markers)
    if select.items.isEmpty { selected = table.columns }
    self.selected = selected
    let times = stored.rows.timesPosition
    let positions = Set(selected.map(\.slot) + [times].compactMap { $0 }).sorted()
    self.positions = positions
    sent = selected.map { column in
      (positions.firstIndex(of: column.slot) ?? 0, column.type.thawed.native)
    }
    timesPlace = times.flatMap { positions.firstIndex(of: $0) }
    let none = StatementResult.rows(ResultRows(columns, []))
    // Without the count of rows, which comes last.
    shortHead = ResultBody.encode(none, skipsMetadata: true, newID: nil).dropLast(4)
    head = ResultBody.encode(none, skipsMetadata: false, newID: nil).dropLast(4)
  }

  var tables: [ObjectID] { [rows.table.id] }

  /// Whether the role may read it, by the catalog that the statement was prepared with.
  func allows(_ role: ObjectID, by newest: () -> CatalogSnapshot) -> Bool {
    access.allows(role) {
      let catalog = newest()
      guard let role = catalog.role(role), let stored = table.stored else { return false }
      let owned = stored.viewOf.flatMap { catalog.table($0) } ?? stored.descriptor
      return Privileges.has("r", role, owner: owned.owner, grants: owned.grants, catalog)
    }
  }

  /// Where the row is, if it is there.
  struct Place {
    var keyspace: KeyspaceID
    var key: [UInt8]
    var bucket: Bucket
  }

  /// Nil: the read has to go the usual way, which also says what is wrong with values.
  func place(_ parameters: QueryParameters) -> Place? {
    guard parameters.names.isEmpty, parameters.pagingState == nil,
      parameters.values.count == markers.count,
      let key = key(parameters.values)
    else { return nil }
    let bucket = rows.bucket(
      table.partitionCount == key.count ? key : Array(key.prefix(table.partitionCount)))
    return Place(keyspace: rows.keyspace, key: rows.key(key), bucket: bucket)
  }

  /// The same of a request where it lies; the key is written into the frame.
  func place(_ frame: ExecuteFrame) -> Bucket? {
    guard let wireKey, frame.values.count == markers.count,
      wireKey.write(frame.values, into: &frame.key)
    else { return nil }
    return wireKey.bucket(frame.values, &frame.partition)
  }

  func answer(
    _ frame: ExecuteFrame, in bucket: Bucket, _ shard: NodeShard, arrival: UInt64,
    into out: inout BodyWriter
  ) -> Bool {
    shard.readAtOnce(rows.keyspace, frame.key, in: bucket, arrival: arrival) {
      write($0, skipsMetadata: frame.skipsMetadata, shard, into: &out)
    } ?? false
  }

  /// Writes RESULT's body. False: the row is not at hand. `arrival`: the monotonic clock when the request was read.
  func answer(
    _ place: Place, _ parameters: QueryParameters, _ shard: NodeShard, arrival: UInt64,
    into out: inout BodyWriter
  ) -> Bool {
    shard.readAtOnce(place.keyspace, place.key, in: place.bucket, arrival: arrival) {
      write($0, skipsMetadata: parameters.skipsMetadata, shard, into: &out)
    } ?? false
  }

  /// Writes RESULT's body for the stored row; nil: there is none. False: it cannot be read.
  func write(
    _ bytes: UnsafeRawBufferPointer?, skipsMetadata: Bool, _ shard: NodeShard,
    into out: inout BodyWriter
  ) -> Bool {
    let written = Result<Void, CQLError> { () throws(CQLError) in
      out.bytes.append(contentsOf: skipsMetadata ? shortHead : head)
      guard let bytes else { return out.int(0) }
      if writeInPlace(bytes, into: &out) { return }
      guard let row = try visible(bytes, shard) else { return out.int(0) }
      out.int(1)
      for (column, sent) in zip(selected, sent) {
        let datum = try StoredForm.load(row[sent.place], column.type)
        ValueCodec.write(datum, column.type, into: &out)
      }
    }
    return if case .success = written { true } else { false }
  }

  /// Writes a row none of which expires, of columns that are stored as they are sent. False: it is another one, and
  /// nothing is written.
  private func writeInPlace(_ bytes: UnsafeRawBufferPointer, into out: inout BodyWriter) -> Bool {
    let isRead = Result<Void, DecodingFault> { () throws(DecodingFault) in
      try RowCodec.fields(bytes, at: positions, into: &fields)
    }
    guard case .success = isRead else { return false }
    if let timesPlace {
      guard case .bytes(let times) = fields[timesPlace], CellTimes.stays(times) else {
        return false
      }
    }
    let start = out.bytes.count
    out.int(1)
    for column in sent {
      if !ValueCodec.write(fields[column.place], column.native, into: &out) {
        out.bytes.removeSubrange(start...)
        return false
      }
    }
    return true
  }

  private func key(_ values: [BoundValue]) -> [Value]? {
    var key: [Value] = []
    key.reserveCapacity(markers.count)
    for (marker, column) in zip(markers, table.columns) {
      guard case .bytes(let bytes) = values[marker],
        (1...0xFFFF).contains(bytes.count)
      else { return nil }
      let value = Result<Value, CQLError> { () throws(CQLError) in
        try column.store(try ValueCodec.decode(bytes, column.type))
      }
      guard case .success(let stored) = value, !stored.isNull else { return nil }
      key.append(stored)
    }
    return key
  }

  /// What there is to be seen of the row, at `positions`; nil: nothing of it is there any more.
  private func visible(_ bytes: UnsafeRawBufferPointer, _ shard: NodeShard) throws(CQLError)
    -> [Value]?
  {
    do throws(ProcedureError) {
      let row = try rows.decode(bytes, at: positions)
      guard let timesPlace else { return row }
      if case .bytes(let times) = row[timesPlace], times.withUnsafeBytes({ CellTimes.stays($0) }) {
        return row
      }
      return try unexpired(bytes, Int64(shard.wallNanoseconds() / 1_000_000_000))
    } catch {
      throw CQLError(.server, "a row cannot be read: \(error)")
    }
  }

  private func unexpired(_ bytes: UnsafeRawBufferPointer, _ seconds: Int64) throws(ProcedureError)
    -> [Value]?
  {
    var row = try rows.decode(bytes)
    if let times = try rows.times(of: row) {
      if times.isGone(row, columns: rows.cellPositions, at: seconds) { return nil }
      for (position, cell) in times.cells where cell.hasExpired(at: seconds) {
        row[position] = .null
      }
    }
    return positions.map { row[$0] }
  }
}
