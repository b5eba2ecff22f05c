import Base
import Catalog
import Functions
import Node
import SQL
import Types

/// Makes a topic's records of a table's changes. Lives on: its shard.
struct TopicLayout {
  private let rows: TableRows
  /// Nil: records have no keys.
  private let key: (any TopicForm)?
  private let value: any TopicForm
  private let query: TopicProjection?
  private let envelope: Envelope?
  /// Of the stored row's columns that are looked at, rising; the slots of `TopicRow.stored`.
  private let positions: [Int]

  /// 55000 where a topic in Avro has no schema of its columns, and what is wrong with its query.
  init(_ topic: Topic, _ table: TableDescriptor, _ catalog: CatalogSnapshot) throws(SQLError) {
    let definition = topic.definition
    let shape = try TopicShape(definition, table, catalog)
    rows = try TableRows(table, in: catalog)
    query = shape.query
    let shown = shape.key + (shape.query == nil ? shape.value : [])
    let positions = Set(shown.map(\.position)).sorted()
    self.positions = positions
    func columns(_ columns: [TopicShape.Column], ofQuery: Bool) -> [TopicColumn] {
      columns.map {
        TopicColumn(
          name: $0.name, type: $0.type, position: $0.position,
          slot: ofQuery ? 0 : positions.firstIndex(of: $0.position) ?? 0)
      }
    }
    let keys = columns(shape.key, ofQuery: false)
    let values = columns(shape.value, ofQuery: shape.query != nil)
    switch definition.format {
    case .json, .debezium:
      key = keys.isEmpty ? nil : ObjectForm(keys)
      value = ObjectForm(values)
    case .raw:
      key = keys.isEmpty ? nil : RawForm(keys)
      value = RawForm(values)
    case .avro:
      key = try keys.isEmpty ? nil : AvroForm(keys, definition, .key)
      value = try AvroForm(values, definition, .value)
    }
    envelope =
      definition.format == .debezium
      ? Envelope(schema: catalog.objects[table.schema]?.name ?? "", table: table.name) : nil
  }

  private static let nanosecondsInMillisecond: UInt64 = 1_000_000

  static func milliseconds(_ time: Timestamp) -> Int64 {
    Int64(time.rawValue / nanosecondsInMillisecond)
  }

  /// Makes the change's record in place of what the draft had. False: it is none of a query's topic, whose
  /// condition holds neither before nor after the change. XX001 where the row cannot be read, and what the
  /// query's expressions say.
  func make(_ change: RecordView, _ draft: inout RecordDraft) throws(SQLError) -> Bool {
    draft.reset(offset: change.offset, timestamp: Self.milliseconds(change.timestamp))
    let new = try image(change.after, &draft.newFields)
    let old = try new == nil || envelope != nil ? image(change.before, &draft.oldFields) : nil
    if query != nil, old == nil, new == nil, change.operation != .truncate { return false }
    if let key, let image = new ?? old {
      draft.hasKey = try key.write(image.row, rows, into: &draft.key)
    }
    if let envelope {
      draft.hasValue = true
      try envelope.write(change, old?.shown, new?.shown, into: &draft.value) {
        (row, out) throws(SQLError) in _ = try value.write(row, rows, into: &out)
      }
    } else if let new {
      draft.hasValue = try value.write(new.shown, rows, into: &draft.value)
    }
    return true
  }

  /// What a topic shows of a row.
  private struct Image {
    var row: TopicRow
    /// The row, or what the query makes of it.
    var shown: TopicRow
  }

  /// Nil where there is no row, or the condition leaves it out.
  private func image(_ bytes: UnsafeRawBufferPointer?, _ fields: inout [RowField])
    throws(SQLError) -> Image?
  {
    guard let bytes else { return nil }
    guard let query else {
      try rows.fields(bytes, at: positions, into: &fields)
      return Image(row: .stored(fields), shown: .stored(fields))
    }
    let row = try decoded(bytes)
    return try query.shown(of: row).map { Image(row: .values(row), shown: .values($0)) }
  }

  private func decoded(_ bytes: UnsafeRawBufferPointer) throws(SQLError) -> [Value] {
    do throws(ProcedureError) {
      return try rows.decode(bytes)
    } catch {
      if case .user(let fault) = error { throw fault }
      throw SQLError(.dataCorrupted, "a change of \"\(rows.table.name)\" cannot be read")
    }
  }
}
