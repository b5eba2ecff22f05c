import Base
import Catalog
import Node
import SQL
import Types

/// A row before and after a change, with the times of its cells; nil: it was, or is, not there.
struct RowImage: Sendable, WireCodable {
  /// Which of the call's tables.
  var table: Int
  var old: [Value]?
  var new: [Value]?

  init(table: Int, old: [Value]?, new: [Value]?) {
    self.table = table
    self.old = old
    self.new = new
  }

  func encode(into out: inout WireEncoder) {
    out.bytes.varint(UInt64(table))
    out.optional(old) { $1.row($0) }
    out.optional(new) { $1.row($0) }
  }

  init(from reader: inout WireDecoder) throws(DecodingFault) {
    table = try reader.place()
    old = try reader.optional { (reader) throws(DecodingFault) in try reader.row() }
    new = try reader.optional { (reader) throws(DecodingFault) in try reader.row() }
  }
}

/// What becomes of rows during one call. Lives on: the tablet's shard.
final class RowImages {
  private(set) var all: [RowImage] = []

  func note(_ table: Int, _ old: [Value]?, _ new: [Value]?) {
    all.append(RowImage(table: table, old: old, new: new))
  }
}

/// Rows of views that come and go, on one tablet.
struct PutViewRows: Procedure {
  static let name = "cql view"

  struct Step: Sendable, WireCodable {
    /// Which of `tables`.
    var table: Int
    var key: [Value]
    /// Nil: the row goes.
    var row: [Value]?

    init(table: Int, key: [Value], row: [Value]?) {
      self.table = table
      self.key = key
      self.row = row
    }

    func encode(into out: inout WireEncoder) {
      out.bytes.varint(UInt64(table))
      out.row(key)
      out.optional(row) { $1.row($0) }
    }

    init(from reader: inout WireDecoder) throws(DecodingFault) {
      table = try reader.place()
      key = try reader.row()
      row = try reader.optional { (reader) throws(DecodingFault) in try reader.row() }
    }
  }

  var tables: [TableRows]
  var steps: [Step]

  init(tables: [TableRows], steps: [Step]) {
    self.tables = tables
    self.steps = steps
  }

  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> Int {
    for step in steps {
      let table = tables[step.table]
      let old = try transaction.get(table.keyspace, table.key(step.key)).map {
        (bytes) throws(ProcedureError) in try table.decode(bytes)
      }
      if let row = step.row {
        try table.put(row, over: old, transaction)
      } else if let old {
        try table.delete(old, transaction)
      }
    }
    return steps.count
  }

  func encode(into out: inout WireEncoder) {
    out.list(tables)
    out.list(steps)
  }

  init(from reader: inout WireDecoder) throws(DecodingFault) {
    let tables = try [TableRows](from: &reader)
    self.tables = tables
    steps = try [Step](from: &reader)
    for step in steps {
      guard step.table < tables.count,
        step.key.count == tables[step.table].keyPositions.count,
        step.row.map({ $0.count == tables[step.table].table.columns.count }) ?? true
      else { throw .malformed("a row of another view") }
    }
  }
}
