import Base
import Catalog
import SQL
import Types

/// The table for records that cannot be written: it has some of these columns, by name.
struct DeadLetters {
  private let table: String
  private let columns: [(name: String, type: SQLType)]

  /// What is known of such a record.
  private static let known: [(name: String, type: SQLType)] = [
    ("source", .text), ("topic", .text), ("partition", .int4), ("offset", .int8),
    ("timestamp", .timestamptz), ("key", .bytea), ("value", .bytea), ("error", .text),
    ("failed_at", .timestamptz),
  ]

  /// 42703: it has no place for the value or the error.
  init(_ table: TableDescriptor, schema: String) throws(SQLError) {
    self.table = "\(RowWriter.quoted(schema)).\(RowWriter.quoted(table.name))"
    columns = Self.known.filter { table.column(named: $0.name) != nil }
    for name in ["value", "error"] where !columns.contains(where: { $0.name == name }) {
      throw SQLError(
        .undefinedColumn, "table \"\(table.name)\" for dead letters has no column \"\(name)\"",
        hint: "It needs value bytea and error text, and may have "
          + "\(Self.known.map { "\($0.name) \(formatType($0.type))" }.joined(separator: ", ")).")
    }
  }

  func write(
    _ record: SourceRecord, _ error: SQLError, _ source: SourceDefinition, partition: Int32,
    _ statements: SourceStatements
  ) async throws(SQLError) {
    var values: [Value] = []
    for column in columns {
      switch column.name {
      case "source": values.append(.string(source.name))
      case "topic": values.append(.string(source.topic))
      case "partition": values.append(.int(Int64(partition)))
      case "offset": values.append(.int(record.offset))
      case "timestamp": values.append(record.timestamp.map(Self.time) ?? .null)
      case "key": values.append(record.key.map { .bytes($0) } ?? .null)
      case "value": values.append(record.value.map { .bytes($0) } ?? .null)
      case "error": values.append(.string(error.shownForSource))
      default: values.append(.null)
      }
    }
    let names = columns.map { RowWriter.quoted($0.name) }.joined(separator: ", ")
    let places = columns.enumerated().map { place, column in
      column.name == "failed_at" ? "coalesce($\(place + 1), now())" : "$\(place + 1)"
    }
    _ = try await statements.run(
      "INSERT INTO \(table) (\(names)) VALUES (\(places.joined(separator: ", ")))", values,
      columns.map(\.type))
  }

  private static func time(_ milliseconds: Int64) -> Value {
    .int(
      milliseconds.multipliedReportingOverflow(by: 1_000).partialValue
        &- SourceTime.epochMicroseconds)
  }
}

extension SQLError {
  /// In one line.
  var shownForSource: String {
    var text = message
    if let column { text = "column \"\(column)\": \(text)" }
    if let detail { text += " (\(detail))" }
    return text
  }
}
