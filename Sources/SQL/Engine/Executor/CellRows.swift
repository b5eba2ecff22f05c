import Base
public import Catalog
import Node
import Types

/// Rows whose cells have times of their own (`CellTimes`), as SQL's statements write and read them: a
/// write is newer than whatever it replaces, also where another clock was ahead (DESIGN 22.15).
struct CellRows: Sendable {
  let position: Int
  /// Of the columns that are no part of the key.
  let columns: [Int]
  let graceSeconds: Int64

  /// Nil: an ordinary table.
  init?(_ table: TableDescriptor) {
    guard let column = table.cellTimes else { return nil }
    position = Int(column.id.rawValue) - 1
    let key = Set(table.primaryKey.columns.compactMap(\.column))
    columns = table.columns.indices.filter {
      let column = table.columns[$0]
      return !column.isDropped && !column.isHidden && !key.contains(column.id)
    }
    graceSeconds = Deletions.graceSeconds(of: table)
  }

  func expires(_ row: [Value]) -> Timestamp? {
    do throws(DecodingFault) {
      return try CellTimes(row[position]).expiry(of: row, columns: columns)
        .map(Timestamp.init(unixSeconds:))
    } catch {
      // The times were encoded for this write.
      fatalError("invariant: the times of a row to be written cannot be read: \(error)")
    }
  }

  func hideExpired(_ row: inout [Value], at time: Timestamp) throws(SQLError) {
    let times = try self.times(of: row)
    let seconds = time.unixSeconds
    for (position, cell) in times.cells
    where position < row.count && cell.hasExpired(at: seconds) {
      row[position] = .null
    }
  }

  func times(of row: [Value]) throws(SQLError) -> CellTimes {
    do throws(DecodingFault) {
      return try CellTimes(row[position])
    } catch {
      throw SQLError(.dataCorrupted, "the times of a row's cells cannot be read: \(error)")
    }
  }

  /// Of a stored row, of which nothing else is looked at.
  func summary(of bytes: UnsafeRawBufferPointer) throws(SQLError) -> CellTimes.Summary {
    do throws(DecodingFault) {
      guard case .bytes(let times) = try RowCodec.field(bytes, at: position) else {
        return CellTimes.Summary()
      }
      return try CellTimes.Summary(times)
    } catch {
      throw SQLError(.dataCorrupted, "the times of a row's cells cannot be read: \(error)")
    }
  }

  /// The new row with the times of what has changed; `old` nil: there was none.
  func stamped(
    _ old: [Value]?, _ new: [Value], _ layout: StoredTable, _ transaction: TabletTransaction
  ) throws(ProcedureError) -> [Value] {
    var now = transaction.snapshot.unixMicroseconds
    var times = CellTimes()
    if let old {
      times = try asProcedure { () throws(SQLError) in try self.times(of: old) }
      for column in columns where old[column] != new[column] {
        times[column] = .init(written: max(now, (times[column]?.written ?? .min).next))
      }
      // A row that SQL has written is one, whatever becomes of its cells.
      if times.marker?.expires != nil || times.marker == nil {
        times.marker = .init(written: max(now, (times.marker?.written ?? .min).next))
      }
    } else {
      let latest = try Deletions(layout.deletionPlace(of: new), transaction).glance()?.latest
      now = max(now, (latest ?? .min).next)
      times.marker = .init(written: now)
      for column in columns where !new[column].isNull { times[column] = .init(written: now) }
    }
    var row = new
    row[position] = .bytes(times.encoded)
    return row
  }

  /// A row is about to be deleted: what was written before and comes later stays away.
  func noteDeletion(of row: [Value], _ layout: StoredTable, _ transaction: TabletTransaction)
    throws(ProcedureError)
  {
    let times = try asProcedure { () throws(SQLError) in try self.times(of: row) }
    let written = max(transaction.snapshot.unixMicroseconds, times.newest ?? .min)
    try Deletions(layout.deletionPlace(of: row), transaction).addRow(
      layout.key(of: row), written: written, cells: nil, graceSeconds: graceSeconds)
  }
}

extension Int64 {
  /// The next one, where there is one.
  fileprivate var next: Int64 { self == .max ? self : self + 1 }
}

extension Timestamp {
  var unixMicroseconds: Int64 { Int64(rawValue / 1_000) }
  var unixSeconds: Int64 { Int64(rawValue / 1_000_000_000) }
  init(unixSeconds: Int64) {
    let (nanoseconds, isOver) = UInt64(clamping: unixSeconds).multipliedReportingOverflow(
      by: 1_000_000_000)
    self.init(rawValue: isOver ? .max : nanoseconds)
  }
}

extension StoredTable {
  func deletionPlace(of row: [Value]) -> DeletionPlace {
    let positions = distribution ?? []
    return DeletionPlace(
      relation: keyspace,
      partition: DistributionHash.distributionKey(
        positions.map { row[$0] }, positions.map { types[$0] }))
  }
}

extension TableDescriptor {
  /// The option that has the id of the table with the static columns of this one: it goes with it.
  public static let staticColumnsOption = "cql_static_table"
  /// Of a materialized view of CQL: the id of the table that it is of, which may be gone.
  public static let viewOfOption = "cql_view_of"
  /// Of a table that has had such views.
  public static let hasViewsOption = "cql_has_views"

  /// 0A000 where SQL would leave a view behind.
  func checkHasNoViews() throws(SQLError) {
    if options[Self.viewOfOption] != nil {
      throw SQLError(
        .featureNotSupported, "cannot change materialized view \"\(name)\"",
        hint: "It follows the CQL table that it is a view of.")
    }
    if options[Self.hasViewsOption] != nil {
      throw SQLError(
        .featureNotSupported,
        "table \"\(name)\" has materialized views of CQL: its rows are written in CQL")
    }
  }
}
