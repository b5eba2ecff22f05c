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
  /// RESULT's body up to the rows, without and with the columns' names and types.
  private let shortHead: [UInt8]
  private let head: [UInt8]

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
    self.selected = select.items.isEmpty ? table.columns : selected
    let none = StatementResult.rows(ResultRows(columns, []))
    // Without the count of rows, which comes last.
    shortHead = ResultBody.encode(none, skipsMetadata: true, newID: nil).dropLast(4)
    head = ResultBody.encode(none, skipsMetadata: false, newID: nil).dropLast(4)
  }

  /// RESULT's body; nil: the read has to go the usual way, which also says what is wrong with values.
  func body(_ parameters: QueryParameters, _ shard: NodeShard) -> [UInt8]? {
    guard parameters.names.isEmpty, parameters.pagingState == nil,
      let key = key(parameters.values)
    else { return nil }
    let bucket = rows.bucket(Array(key.prefix(table.partitionCount)))
    let seconds = Int64(shard.wallNanoseconds() / 1_000_000_000)
    let found = shard.readAtOnce(rows.keyspace, rows.key(key), in: bucket) { bytes in
      Result<[UInt8], CQLError> { () throws(CQLError) in
        var out = BodyWriter()
        out.bytes = parameters.skipsMetadata ? shortHead : head
        guard let bytes, let row = try visible(bytes, seconds) else {
          out.int(0)
          return out.bytes
        }
        out.int(1)
        for column in selected {
          let datum = try StoredForm.load(row[column.slot], column.type)
          out.bytes(ValueCodec.encode(datum, column.type))
        }
        return out.bytes
      }
    }
    guard case .success(let body)? = found else { return nil }
    return body
  }

  private func key(_ values: [BoundValue]) -> [Value]? {
    var key: [Value] = []
    key.reserveCapacity(markers.count)
    for (marker, column) in zip(markers, table.columns) {
      guard marker < values.count, case .bytes(let bytes) = values[marker],
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

  /// Nil: nothing of the row is there any more.
  private func visible(_ bytes: UnsafeRawBufferPointer, _ seconds: Int64) throws(CQLError)
    -> [Value]?
  {
    do throws(ProcedureError) {
      var row = try rows.decode(bytes)
      guard let times = try rows.times(of: row) else { return row }
      if times.isGone(row, columns: rows.cellPositions, at: seconds) { return nil }
      for (position, cell) in times.cells where cell.hasExpired(at: seconds) {
        row[position] = .null
      }
      return row
    } catch {
      throw CQLError(.server, "a row cannot be read: \(error)")
    }
  }
}

extension CQLSession {
  /// Answers the request where that takes no waiting; false: it has to be run.
  func answerAtOnce(_ request: Request, _ number: Int16) -> Bool {
    guard case .execute(let id, let resultID, let parameters) = request,
      let statement = state.find(id), statement.catalogVersion == shard.catalogVersion,
      let point = statement.point, resultID.map({ $0 == statement.resultID }) ?? true,
      let role = currentRole, mayRead(point.table, role),
      let body = point.body(parameters, shard)
    else { return false }
    reply(.result, body, stream: number)
    return true
  }

  private func mayRead(_ table: CQLTable, _ role: RoleDescriptor) -> Bool {
    guard let stored = table.stored else { return false }
    let owned = stored.viewOf.flatMap { shard.catalog.table($0) } ?? stored.descriptor
    return Privileges.has("r", role, owner: owned.owner, grants: owned.grants, shard.catalog)
  }
}
