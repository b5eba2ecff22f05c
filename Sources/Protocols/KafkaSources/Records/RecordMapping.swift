import Base
import Catalog
import Functions
import Node
import SQL
import Types

/// From records to the values of a table's columns. Lives on: its shard.
struct RecordMapping {
  struct Column {
    var name: String
    var type: SQLType
    var origin: SourceColumn.Origin
    /// Of `origin` field or key: what is taken of the document; nil: the member of the name.
    var path: JSONPathQuery?
    var member: [UInt8]
    /// Of `origin` headers: which one; of key: whether it is a document.
    var hasPath: Bool
    /// What the document lacks is left to the table, not NULL.
    var hasDefault: Bool
  }

  /// What a record is to the table.
  enum Change {
    /// The values by `columns`; nil ones are left to the table.
    case row([Value?])
    /// Likewise, of which only the key's count.
    case deletion([Value?])
    /// A tombstone that is passed over.
    case nothing
  }

  let columns: [Column]
  private let deletes: Bool
  let format: SourceFormat
  let topic: String
  let needsHeaders: Bool
  let needsDocument: Bool
  let needsKey: Bool

  /// 42703, 42601: the definition does not fit the table.
  init(_ source: SourceDefinition, _ table: TableDescriptor) throws(SQLError) {
    var columns: [Column] = []
    let wanted =
      source.columns
      ?? table.visibleColumns.filter { $0.generatedExpression == nil }.map {
        SourceColumn(column: $0.id, origin: .field)
      }
    for item in wanted {
      guard item.column.rawValue >= 1, Int(item.column.rawValue) <= table.columns.count else {
        continue
      }
      let column = table.column(item.column)
      // A column that was dropped takes its part of the mapping with it.
      if column.isDropped { continue }
      let isDocument = item.origin == .field || item.origin == .key
      columns.append(
        Column(
          name: column.name, type: column.type, origin: item.origin,
          path: isDocument
            ? try item.path.map { (text) throws(SQLError) in try JSONPathQuery(text) } : nil,
          member: Array((item.origin == .headers ? item.path ?? "" : column.name).utf8),
          hasPath: item.path != nil,
          hasDefault: item.origin == .field
            && (column.defaultExpression != nil || column.identity != .none)))
    }
    guard !columns.isEmpty else {
      throw SQLError(.undefinedColumn, "no column of table \"\(table.name)\" is written")
    }
    self.columns = columns
    deletes = source.tombstones == .delete
    format = source.format
    topic = source.topic
    needsHeaders = columns.contains { $0.origin == .headers }
    needsDocument = columns.contains { $0.origin == .field }
    needsKey = columns.contains { $0.origin == .key && $0.hasPath }
  }

  /// `document`: reads the value, or the key, by the source's format.
  func change(
    _ record: SourceRecord, partition: Int32, _ session: SQLSession,
    document: ([UInt8]) throws(SQLError) -> JSONValue
  ) throws(SQLError) -> Change {
    if record.value == nil {
      if !deletes { return .nothing }
      guard record.key != nil else {
        throw SQLError(.nullValueNotAllowed, "a record without a key and a value")
      }
    }
    let whole = needsDocument ? try record.value.map(document) : nil
    if let whole, columns.contains(where: { $0.origin == .field && !$0.hasPath }) {
      guard case .object = whole.kind else {
        throw SQLError(.invalidTextRepresentation, "the value is not an object")
      }
    }
    let key = needsKey ? try record.key.map(document) : nil
    var row: [Value?] = []
    row.reserveCapacity(columns.count)
    for column in columns {
      if record.value == nil, column.origin != .key {
        row.append(nil)
        continue
      }
      do throws(SQLError) {
        row.append(
          try self.value(of: column, record, whole, key, partition: partition, session))
      } catch {
        var error = error
        error.column = column.name
        throw error
      }
    }
    return record.value == nil ? .deletion(row) : .row(row)
  }

  private func value(
    of column: Column, _ record: SourceRecord, _ whole: JSONValue?,
    _ key: JSONValue?, partition: Int32, _ session: SQLSession
  ) throws(SQLError) -> Value? {
    func text(_ text: String?) throws(SQLError) -> Value {
      try session.parameter(text.map { Array($0.utf8) }, as: column.type, isBinary: false)
    }
    switch column.origin {
    case .field:
      guard let found = try part(of: column, whole) else {
        return column.hasDefault ? nil : .null
      }
      return try JSONColumn.value(found, as: column.type, session)
    case .value: return try bytes(record.value, as: column.type, session)
    case .key:
      guard column.hasPath else { return try bytes(record.key, as: column.type, session) }
      guard let found = try part(of: column, key) else { return .null }
      return try JSONColumn.value(found, as: column.type, session)
    case .headers:
      guard column.hasPath else {
        return try JSONColumn.value(Self.document(record.headers), as: column.type, session)
      }
      let name = String(decoding: column.member, as: UTF8.self)
      let header = record.headers.last { $0.name == name }
      return try bytes(header?.value, as: column.type, session)
    case .topic: return try text(topic)
    case .partition: return try text("\(partition)")
    case .offset: return try text("\(record.offset)")
    case .timestamp: return try text(record.timestamp.map { SourceTime.text($0) })
    }
  }

  private func part(of column: Column, _ document: JSONValue?) throws(SQLError) -> JSONValue? {
    guard let document else { return nil }
    return try column.path?.first(in: document)
      ?? (column.path == nil ? document.member(column.member) : nil)
  }

  /// Text for what reads text; a bytea has the bytes themselves.
  private func bytes(_ bytes: [UInt8]?, as type: SQLType, _ session: SQLSession) throws(SQLError)
    -> Value
  {
    if type.oid == SQLType.bytea.oid { return bytes.map { .bytes($0) } ?? .null }
    return try session.parameter(bytes, as: type, isBinary: false)
  }

  private static func document(_ headers: [SourceRecord.Header]) -> JSONValue {
    .object(
      headers.map { header in
        JSONValue.Member(
          key: Array(header.name.utf8),
          value: header.value.map { .string(String(decoding: $0, as: UTF8.self)) } ?? .null)
      })
  }
}

/// A part of a document as a column's value.
enum JSONColumn {
  /// By the type's input function, which sees a string's text, and of all else the JSON; arrays by their
  /// elements. A null is NULL.
  static func value(_ json: JSONValue, as type: SQLType, _ session: SQLSession) throws(SQLError)
    -> Value
  {
    if case .null = json.kind { return try session.parameter(nil, as: type, isBinary: false) }
    if type.oid == SQLType.jsonb.oid { return .jsonb(json) }
    if type.oid == SQLType.json.oid { return .text(text(json)) }
    if case .array(let items) = json.kind, let element = type.elementType, type.isArray {
      return try array(items, of: element, session)
    }
    if case .string(let text) = json.kind {
      return try session.parameter(text, as: type, isBinary: false)
    }
    return try session.parameter(text(json), as: type, isBinary: false)
  }

  private static func text(_ json: JSONValue) -> [UInt8] {
    var bytes: [UInt8] = []
    json.write(into: &bytes)
    return bytes
  }

  private static func array(_ items: [JSONValue], of element: SQLType, _ session: SQLSession)
    throws(SQLError) -> Value
  {
    let isDocument = element.oid == SQLType.jsonb.oid || element.oid == SQLType.json.oid
    let isNested = items.contains { if case .array = $0.kind { true } else { false } }
    guard isNested, !isDocument else {
      var elements: [Value] = []
      for item in items { elements.append(try value(item, as: element, session)) }
      return .array(ArrayValue(elementType: element, elements: elements))
    }
    var dimensions: [ArrayValue.Dimension] = []
    var elements: [Value] = []
    for item in items {
      guard case .array(let inner) = item.kind,
        case .array(let part) = try array(inner, of: element, session),
        dimensions.isEmpty || dimensions == part.dimensions
      else {
        throw SQLError(
          .invalidTextRepresentation, "malformed JSON array",
          detail: "Multidimensional arrays must have sub-arrays with matching dimensions.")
      }
      dimensions = part.dimensions
      elements += part.elements
    }
    return .array(
      ArrayValue(
        elementType: element, dimensions: [ArrayValue.Dimension(count: items.count)] + dimensions,
        elements: elements))
  }
}

/// Times of records, as SQL reads them.
enum SourceTime {
  /// Of milliseconds since the Unix epoch: `2026-11-28 12:00:00.000+00`.
  static func text(_ milliseconds: Int64) -> String {
    text(microseconds: milliseconds.multipliedReportingOverflow(by: 1_000).partialValue)
  }

  /// 1970-01-01 to 2000-01-01, where PostgreSQL's time begins.
  static let epochMicroseconds: Int64 = 946_684_800_000_000

  static func text(microseconds: Int64) -> String {
    var bytes: [UInt8] = []
    TypeIO.formatText(
      .int(microseconds &- epochMicroseconds), as: .timestamptz, settings: FormatSettings(),
      into: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }
}
