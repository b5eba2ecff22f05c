import Functions
import SQL
import Types

/// An object in JSON with all columns.
struct ObjectForm: TopicForm {
  private let columns: [TopicColumn]
  /// What stands before each column's value.
  private let heads: [[UInt8]]
  private let json = JSONOutput()

  init(_ columns: [TopicColumn]) {
    self.columns = columns
    heads = columns.enumerated().map { place, column in
      var head: [UInt8] = [UInt8(ascii: place == 0 ? "{" : ",")]
      JSONOutput.writeString(column.name, into: &head)
      return head + [UInt8(ascii: ":")]
    }
  }

  func write(_ row: TopicRow, _ rows: TableRows, into out: inout [UInt8]) throws(SQLError) -> Bool {
    if columns.isEmpty { out.append(UInt8(ascii: "{")) }
    for (column, head) in zip(columns, heads) {
      out += head
      if column.type.isPlainText, let text = column.view(row) {
        JSONValue.writeString(text, into: &out)
      } else {
        try json.write(try column.value(row, rows), as: column.type, into: &out)
      }
    }
    out.append(UInt8(ascii: "}"))
    return true
  }
}

/// The first column's bytes: text and bytea as they are, others in their text form.
struct RawForm: TopicForm {
  private let column: TopicColumn?

  init(_ columns: [TopicColumn]) { column = columns.first }

  func write(_ row: TopicRow, _ rows: TableRows, into out: inout [UInt8]) throws(SQLError) -> Bool {
    guard let column else { return false }
    if let bytes = column.view(row) {
      out.append(contentsOf: bytes)
      return true
    }
    switch try column.value(row, rows) {
    case .null: return false
    case .text(let bytes), .bytes(let bytes): out += bytes
    case let value:
      TypeIO.formatText(value, as: column.type, settings: FormatSettings(), into: &out)
    }
    return true
  }
}

extension SQLType {
  /// Its values are texts that JSON and Avro have as strings.
  var isPlainText: Bool {
    switch oid {
    case SQLType.text.oid, SQLType.varchar.oid, SQLType.bpchar.oid, SQLType.name.oid: true
    default: false
    }
  }
}
