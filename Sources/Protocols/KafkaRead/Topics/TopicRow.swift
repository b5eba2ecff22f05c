import SQL
import Types

/// A row of which a topic's records are made: as it lies in the change's bytes, or as the topic's query makes it.
enum TopicRow {
  /// By the slots of `TopicLayout.positions`.
  case stored([RowField])
  /// By positions.
  case values([Value])
}

/// Where a form finds one of its columns, and what that is.
struct TopicColumn {
  var name: String
  var type: SQLType
  /// In the stored row, or among the query's values.
  var position: Int
  /// In `TopicRow.stored`.
  var slot: Int

  /// The column's bytes, where the row has text or bytea there; they need no copy.
  func view(_ row: TopicRow) -> UnsafeRawBufferPointer? {
    guard case .stored(let fields) = row else { return nil }
    switch fields[slot] {
    case .text(let bytes), .bytes(let bytes): return bytes
    default: return nil
    }
  }

  func value(_ row: TopicRow, _ rows: TableRows) throws(SQLError) -> Value {
    switch row {
    case .stored(let fields): try rows.value(fields[slot], at: position)
    case .values(let values): values[position]
    }
  }
}

/// How a record's key or value is made of a row. Lives on: its shard.
protocol TopicForm {
  /// Appends the bytes. False: there are none, the key or value is null.
  func write(_ row: TopicRow, _ rows: TableRows, into out: inout [UInt8]) throws(SQLError) -> Bool
}
