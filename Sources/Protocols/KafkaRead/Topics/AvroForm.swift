import Avro
import Catalog
import SQL
import Types

/// A record in Avro behind its schema's number, as schema registries want it: a zero, four bytes of the number, the
/// first one first, and the record.
struct AvroForm: TopicForm {
  private struct Schema {
    let head: [UInt8]
    let kinds: [AvroSchema.Kind]

    /// 55000: the schema is not of these columns.
    init(_ schema: TopicSchema, _ columns: [TopicColumn]) throws(SQLError) {
      guard case .record(let fields) = try AvroSchema(Array(schema.text.utf8)).root,
        fields.count == columns.count
      else {
        throw SQLError("55000", "schema \(schema.id) is not of the topic's columns")
      }
      head = [0] + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: schema.id >> $0) }
      kinds = fields.map(\.kind)
    }
  }
  private let columns: [TopicColumn]
  private let fit: Schema
  private let loose: Schema?

  /// 55000: the topic has no schema of this part, or not of these columns.
  init(_ columns: [TopicColumn], _ topic: TopicDefinition, _ part: TopicSchema.Part)
    throws(SQLError)
  {
    guard let newest = topic.newest(part) else {
      throw SQLError("55000", "topic \"\(topic.name)\" has no schema of its \(part.rawValue)s")
    }
    self.columns = columns
    fit = try Schema(newest.fit, columns)
    loose = try newest.loose.map { (schema) throws(SQLError) in try Schema(schema, columns) }
  }

  func write(_ row: TopicRow, _ rows: TableRows, into out: inout [UInt8]) throws(SQLError) -> Bool {
    let start = out.count
    if try write(row, rows, fit, into: &out) { return true }
    out.removeLast(out.count - start)
    guard let loose, try write(row, rows, loose, into: &out) else {
      throw SQLError(.internalError, "a row fits no schema of its topic")
    }
    return true
  }

  /// False: the row does not fit.
  private func write(
    _ row: TopicRow, _ rows: TableRows, _ schema: Schema, into out: inout [UInt8]
  ) throws(SQLError) -> Bool {
    out += schema.head
    for (column, kind) in zip(columns, schema.kinds) {
      if column.type.isPlainText, let text = column.view(row),
        AvroWriter.write(text: text, as: kind, into: &out)
      {
        continue
      }
      let value = try column.value(row, rows)
      guard AvroWriter.write(value, of: column.type, as: kind, into: &out) else { return false }
    }
    return true
  }
}
