import Security

/// RESULT's body.
enum ResultBody {
  /// The kind of a result without anything, which is all of it.
  static let void = Kind.void

  private enum Kind { static let void = 1, rows = 2, keyspace = 3, prepared = 4, schemaChange = 5 }
  private enum Flag {
    static let globalTable = 0x01, morePages = 0x02, noMetadata = 0x04, changed = 0x08
  }

  /// `newID`: version 5's, where the columns are others than the client knows.
  static func encode(_ result: StatementResult, skipsMetadata: Bool, newID: [UInt8]?) -> [UInt8] {
    var out = BodyWriter()
    switch result {
    case .void: out.int(Kind.void)
    case .keyspace(let name):
      out.int(Kind.keyspace)
      out.string(name)
    case .schemaChange(let change):
      out.int(Kind.schemaChange)
      change.write(into: &out)
    case .rows(let rows):
      out.int(Kind.rows)
      metadata(rows, skips: skipsMetadata, newID, into: &out)
      out.int(rows.rows.count)
      for row in rows.rows {
        for (column, datum) in zip(rows.columns, row) {
          out.bytes(ValueCodec.encode(datum, column.type))
        }
      }
    }
    return out.bytes
  }

  private static func metadata(
    _ rows: ResultRows, skips: Bool, _ newID: [UInt8]?, into out: inout BodyWriter
  ) {
    let isOneTable = sharesTable(rows.columns)
    var flags = 0
    if rows.pagingState != nil { flags |= Flag.morePages }
    if skips { flags |= Flag.noMetadata } else if isOneTable { flags |= Flag.globalTable }
    if newID != nil { flags |= Flag.changed }
    out.int(flags)
    out.int(rows.columns.count)
    if let state = rows.pagingState { out.bytes(state) }
    if let newID { out.shortBytes(newID) }
    if !skips { columns(rows.columns, isOneTable, into: &out) }
  }

  private static func sharesTable(_ columns: [ResultColumn]) -> Bool {
    columns.first.map { first in
      columns.allSatisfy { $0.keyspace == first.keyspace && $0.table == first.table }
    } ?? false
  }

  private static func columns(
    _ columns: [ResultColumn], _ isOneTable: Bool, into out: inout BodyWriter
  ) {
    if isOneTable, let first = columns.first {
      out.string(first.keyspace)
      out.string(first.table)
    }
    for column in columns {
      if !isOneTable {
        out.string(column.keyspace)
        out.string(column.table)
      }
      out.string(column.name)
      column.type.write(into: &out)
    }
  }

  static func prepared(_ statement: PreparedStatement, version: UInt8) -> [UInt8] {
    var out = BodyWriter()
    out.int(Kind.prepared)
    out.shortBytes(statement.id)
    if version >= 5 { out.shortBytes(statement.resultID) }
    let markers = statement.markers.map {
      ResultColumn(keyspace: $0.keyspace, table: $0.table, name: $0.name, type: $0.type)
    }
    let isOneTable = sharesTable(markers)
    out.int(isOneTable ? Flag.globalTable : 0)
    out.int(markers.count)
    if version >= 4 {
      out.int(statement.partitionKey.count)
      for place in statement.partitionKey { out.short(place) }
    }
    columns(markers, isOneTable, into: &out)
    guard let result = statement.columns else {
      out.int(Flag.noMetadata)
      out.int(0)
      return out.bytes
    }
    let isOne = sharesTable(result)
    out.int(isOne ? Flag.globalTable : 0)
    out.int(result.count)
    columns(result, isOne, into: &out)
    return out.bytes
  }

  /// Version 5's name of a list of columns.
  static func identifier(_ columns: [ResultColumn]) -> [UInt8] {
    var out = BodyWriter()
    Self.columns(columns, false, into: &out)
    return Array(Digests.sha256(out.bytes).prefix(16))
  }
}
