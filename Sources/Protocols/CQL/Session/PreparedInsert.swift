import Base
import Catalog
import Node
import SQL
import Types

/// A prepared INSERT of one row with a marker for each value, as most writes of most programs are: where each value
/// goes is known, so that nothing of the statement is looked at when it is executed. Lives on: its shard, for one
/// version of the catalog.
final class PreparedInsert {
  private struct Place {
    var marker: Int
    var column: CQLColumn
  }

  private let table: CQLTable
  private let rows: TableRows
  /// Of the primary key, in its order.
  private let key: [Place]
  /// In the order of the table's columns.
  private let cells: [Place]
  private let hasTimes: Bool
  /// The table's time to live.
  private let seconds: Int64?

  /// Nil: the statement is anything else.
  init?(_ statement: Statement, _ table: CQLTable) {
    guard case .modify(let modification) = statement,
      case .insert(let assignments) = modification.body, !modification.condition.isConditional,
      modification.using == UsingClause(), let stored = table.stored, !table.isCounter,
      !table.hasStatics, stored.refusal == nil, stored.viewOf == nil, !stored.hasViews,
      !SystemTables.keyspaces.contains(table.keyspace)
    else { return nil }
    var places: [Int: Place] = [:]
    for assignment in assignments {
      guard case .column(let name) = assignment.target, let place = table.index(of: name),
        places[place] == nil, case .marker(let marker) = assignment.value
      else { return nil }
      places[place] = Place(marker: marker, column: table.columns[place])
    }
    let keyCount = table.partitionCount + table.clusteringCount
    key = (0..<keyCount).compactMap { places[$0] }
    cells = (keyCount..<table.columns.count).compactMap { places[$0] }
    guard key.count == keyCount else { return nil }
    self.table = table
    rows = stored.rows
    hasTimes = table.hasTimes
    let usual = TableOptions.defaultTimeToLive(of: stored.descriptor)
    seconds = usual > 0 ? usual : nil
  }

  /// Nil: the write has to go the usual way, which also says what is wrong with values.
  func planned(_ runner: StatementRunner) throws(CQLError) -> PlannedChanges? {
    let parameters = runner.parameters
    guard parameters.names.isEmpty, parameters.values.count == key.count + cells.count else {
      return nil
    }
    if !runner.role.isSuperuser { try runner.require("a", table) }
    var keyValues: [Value] = []
    keyValues.reserveCapacity(key.count)
    for place in key {
      guard case .bytes(let bytes) = parameters.values[place.marker], !bytes.isEmpty else {
        return nil
      }
      let datum = try ValueCodec.decode(bytes, place.column.type)
      keyValues.append(try place.column.store(datum))
    }
    try KeyLength.check(keyValues, table)
    let planner = ModificationPlanner(runner: runner)
    var changes: [ChangeRows.CellChange] = []
    changes.reserveCapacity(cells.count)
    for place in cells {
      let datum: Datum
      switch parameters.values[place.marker] {
      case .unset: continue
      case .null: datum = .null
      case .bytes(let bytes):
        if bytes.isEmpty { return nil }
        datum = try ValueCodec.decode(bytes, place.column.type)
      }
      changes.append(
        .init(
          position: place.column.slot, kind: .assign,
          value: try planner.assigned(datum, place.column)))
    }
    var planned = PlannedChanges()
    planned.tables = [rows]
    planned.changes = [
      (
        rows.bucket(Array(keyValues.prefix(table.partitionCount))),
        ChangeRows.Change(
          table: 0, kind: .insert, key: keyValues, cells: changes,
          written: hasTimes ? parameters.timestamp : nil, seconds: seconds)
      )
    ]
    return planned
  }
}
