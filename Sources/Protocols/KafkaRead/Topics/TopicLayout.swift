import Base
import Catalog
import Functions
import Node
import SQL
import Types

/// Makes a topic's records of a table's changes. Lives on: its shard.
struct TopicLayout {
  private struct Column {
    var name: String
    var type: SQLType
    /// In a row.
    var position: Int
  }
  /// What a topic shows of a row.
  private struct Image {
    /// The row, by column ids.
    var row: [Value]
    /// What `columns` count in: the row, or what the query makes of it.
    var shown: [Value]
  }
  private let format: TopicFormat
  private let rows: TableRows
  private let key: [Column]
  private let columns: [Column]
  private let query: TopicProjection?
  private let source: (schema: String, table: String)
  private let json = JSONOutput()
  private static let databaseName = "quatrain"

  init(_ topic: Topic, _ table: TableDescriptor, _ catalog: CatalogSnapshot) throws(SQLError) {
    format = topic.definition.format
    rows = try TableRows(table, in: catalog)
    key = Self.keyColumns(topic.definition, table).map(Self.column)
    query = try topic.definition.query.map { (query) throws(SQLError) in
      try TopicProjection(query, table, catalog)
    }
    columns =
      query?.fields.enumerated().map {
        Column(name: $1.name, type: $1.type, position: $0)
      } ?? Self.valueColumns(topic.definition, table).map(Self.column)
    source = (catalog.objects[table.schema]?.name ?? "", table.name)
  }

  private static func column(_ column: ColumnDescriptor) -> Column {
    Column(name: column.name, type: column.type, position: Int(column.id.rawValue) - 1)
  }

  private static func keyColumns(_ definition: TopicDefinition, _ table: TableDescriptor)
    -> [ColumnDescriptor]
  {
    let ids = definition.key ?? table.primaryKey.columns.compactMap(\.column)
    return ids.map(table.column).filter { !$0.isHidden && !$0.isDropped }
  }

  private static func valueColumns(_ definition: TopicDefinition, _ table: TableDescriptor)
    -> [ColumnDescriptor]
  {
    guard let ids = definition.columns else { return table.visibleColumns }
    return ids.map(table.column).filter { !$0.isDropped }
  }

  /// All columns whose values leave with the topic's records.
  static func shownColumns(_ definition: TopicDefinition, _ table: TableDescriptor)
    -> [ColumnDescriptor]
  {
    keyColumns(definition, table) + valueColumns(definition, table)
  }

  private static let nanosecondsInMillisecond: UInt64 = 1_000_000

  static func milliseconds(_ time: Timestamp) -> Int64 {
    Int64(time.rawValue / nanosecondsInMillisecond)
  }

  /// Nil: of a query's topic, whose condition holds neither before nor after the change. XX001 where the row
  /// cannot be read, and what the query's expressions say.
  func record(_ change: ChangeRecord) throws(SQLError) -> KafkaRecord? {
    let before = try image(change.before)
    let after = try image(change.after)
    if query != nil, before == nil, after == nil, change.operation != .truncate { return nil }
    var record = KafkaRecord(
      offset: change.offset, timestamp: Self.milliseconds(change.timestamp), key: nil, value: nil)
    if let image = after ?? before { record.key = try keyBytes(image.row) }
    let shown = after?.shown
    switch format {
    case .json: record.value = try shown.map { (row) throws(SQLError) in try object(columns, row) }
    case .raw: record.value = try shown.flatMap { (row) throws(SQLError) in try raw(columns, row) }
    case .debezium: record.value = try envelope(change, before?.shown, shown)
    }
    return record
  }

  /// Nil where there is no row, or the condition leaves it out.
  private func image(_ bytes: [UInt8]?) throws(SQLError) -> Image? {
    guard let bytes else { return nil }
    let row = try decoded(bytes)
    guard let query else { return Image(row: row, shown: row) }
    return try query.shown(of: row).map { Image(row: row, shown: $0) }
  }

  private func decoded(_ bytes: [UInt8]) throws(SQLError) -> [Value] {
    do throws(ProcedureError) {
      return try rows.decode(bytes)
    } catch {
      if case .user(let fault) = error { throw fault }
      throw SQLError(.dataCorrupted, "a change of \"\(source.table)\" cannot be read")
    }
  }

  private func keyBytes(_ row: [Value]) throws(SQLError) -> [UInt8]? {
    if key.isEmpty { return nil }
    return format == .raw ? try raw(key, row) : try object(key, row)
  }

  // MARK: Forms

  private func object(_ columns: [Column], _ row: [Value]) throws(SQLError) -> [UInt8] {
    var out: [UInt8] = [UInt8(ascii: "{")]
    for (place, column) in columns.enumerated() {
      if place > 0 { out.append(UInt8(ascii: ",")) }
      JSONOutput.writeString(column.name, into: &out)
      out.append(UInt8(ascii: ":"))
      try json.write(row[column.position], as: column.type, into: &out)
    }
    out.append(UInt8(ascii: "}"))
    return out
  }

  /// The first column's bytes: text and bytea as they are, others in their text form; nil of a null.
  private func raw(_ columns: [Column], _ row: [Value]) throws(SQLError) -> [UInt8]? {
    guard let column = columns.first else { return nil }
    switch row[column.position] {
    case .null: return nil
    case .text(let bytes), .bytes(let bytes): return bytes
    case let value:
      var text: [UInt8] = []
      TypeIO.formatText(value, as: column.type, settings: FormatSettings(), into: &text)
      return text
    }
  }

  /// Debezium's envelope, without schemas.
  private func envelope(_ change: ChangeRecord, _ before: [Value]?, _ after: [Value]?)
    throws(SQLError) -> [UInt8]
  {
    var out = Array("{\"before\":".utf8)
    for (row, next) in [(before, ",\"after\":"), (after, ",\"source\":")] {
      if let row { out += try object(columns, row) } else { out += Array("null".utf8) }
      out += Array(next.utf8)
    }
    let time = Self.milliseconds(change.timestamp)
    out += Array("{\"connector\":\"quatrain\",\"name\":\"\(Self.databaseName)\",".utf8)
    out += Array("\"ts_ms\":\(time),\"snapshot\":\"false\",\"db\":\"\(Self.databaseName)\",".utf8)
    out += Array("\"schema\":".utf8)
    JSONOutput.writeString(source.schema, into: &out)
    out += Array(",\"table\":".utf8)
    JSONOutput.writeString(source.table, into: &out)
    out += Array(
      ",\"txId\":\(Int64(bitPattern: change.transaction.rawValue)),\"lsn\":\(change.offset)},".utf8)
    out += Array("\"op\":\"\(Self.letter(before, after))\",\"ts_ms\":\(time),".utf8)
    out += Array("\"transaction\":null}".utf8)
    return out
  }

  /// What the change is to who sees the topic alone.
  private static func letter(_ before: [Value]?, _ after: [Value]?) -> Character {
    switch (before, after) {
    case (nil, nil): "t"
    case (nil, _): "c"
    case (_, nil): "d"
    default: "u"
    }
  }
}
