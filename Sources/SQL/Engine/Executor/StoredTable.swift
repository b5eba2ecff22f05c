import Base
import Catalog
import Functions
import Types

/// One part of a key: a column or an expression over the table's row.
struct KeyPart: Sendable {
  var expression: TypedExpression
  /// Position in the row; nil for an expression.
  var column: Int?
  var type: SQLType
  var isDescending = false
  var nullsFirst = false

  func encode(_ value: Value, into key: inout [UInt8]) {
    KeyCodec.encode(
      value, type: type, descending: isDescending, nullsFirst: nullsFirst, into: &key)
  }
}

/// A secondary index as the executor uses it.
struct IndexLayout: Sendable {
  var descriptor: IndexDescriptor
  var parts: [KeyPart]
  /// Rows that it leaves out are not in it (partial indexes).
  var predicate: TypedExpression?
  /// Of the column at the position; nil: the values of the parts.
  var elements: (kind: IndexElements, position: Int)?
  var isGlobal: Bool { descriptor.placement == .global }
}

/// An entry: unique indexes have the index columns as key and the primary key as value, unless a
/// null makes the entry distinct from all others; other indexes have both in the key.
struct IndexEntry: Sendable, Equatable {
  var key: [UInt8]
  var value: [UInt8]
  /// Whether another row's entry with the same key violates the index.
  var isExclusive: Bool
  /// For global indexes.
  var bucket: Bucket
}

/// A table's rows as bytes: keys, values, buckets, index entries. Rows in memory have a value for
/// each column id, dropped columns too (null), so that position = id − 1. Lives on: any thread.
final class StoredTable: Sendable {
  let table: TableDescriptor
  let schemaName: String
  let types: [SQLType]
  /// What columns show in rows written before they were added.
  let missing: [Value]
  let primaryKey: [KeyPart]
  /// Positions of the distribution columns; nil: in group 0.
  let distribution: [Int]?
  let isRedisHash: Bool
  /// Secondary ones that writes maintain.
  let indexes: [IndexLayout]
  /// Position of the column that says when a row expires.
  let expiry: Int?
  let redisRows: RedisRows?
  /// Nil: its cells have no times of their own.
  let cells: CellRows?

  init(
    _ table: TableDescriptor, schemaName: String,
    bind: (String) throws(SQLError) -> TypedExpression
  ) throws(SQLError) {
    self.table = table
    self.schemaName = schemaName
    types = table.columns.map(\.type)
    var missing: [Value] = []
    for column in table.columns {
      if let text = column.missingValue, !column.isDropped {
        missing.append(try TypeIO.parseText(text, as: column.type))
      } else {
        missing.append(.null)
      }
    }
    self.missing = missing
    primaryKey = try Self.parts(table.primaryKey, table, bind)
    switch table.distribution {
    case .murmur3(let columns):
      distribution = columns.map { Int($0.rawValue) - 1 }
      isRedisHash = false
    case .crc16(let column):
      distribution = [Int(column.rawValue) - 1]
      isRedisHash = true
    case .globally:
      distribution = nil
      isRedisHash = false
    }
    var indexes: [IndexLayout] = []
    for descriptor in table.indexes.dropFirst() {
      var predicate: TypedExpression?
      if let text = descriptor.predicate { predicate = try bind(text) }
      var layout = IndexLayout(
        descriptor: descriptor, parts: try Self.parts(descriptor, table, bind),
        predicate: predicate)
      if let kind = descriptor.columns.first?.elements, let column = descriptor.columns[0].column {
        layout.elements = (kind, Int(column.rawValue) - 1)
      }
      indexes.append(layout)
    }
    self.indexes = indexes
    expiry = table.options[TableDescriptor.expiryOption].flatMap { name in
      table.columns.firstIndex { $0.name == name && !$0.isDropped }
    }
    redisRows = RedisRows(table)
    cells = CellRows(table)
  }

  private static func parts(
    _ index: IndexDescriptor, _ table: TableDescriptor,
    _ bind: (String) throws(SQLError) -> TypedExpression
  ) throws(SQLError) -> [KeyPart] {
    var parts: [KeyPart] = []
    for column in index.columns {
      var part: KeyPart
      if let id = column.column {
        let position = Int(id.rawValue) - 1
        let type = table.columns[position].type
        if let element = column.elements?.type(in: type) {
          // No column: whoever looks for the column's value does not find it here.
          part = KeyPart(expression: .constant(.null, element), column: nil, type: element)
        } else {
          part = KeyPart(expression: .slot(position, type), column: position, type: type)
        }
      } else {
        let expression = try bind(column.expression ?? "NULL")
        part = KeyPart(expression: expression, column: nil, type: expression.type)
      }
      part.isDescending = column.isDescending
      part.nullsFirst = column.nullsFirst
      parts.append(part)
    }
    return parts
  }
}

extension StoredTable {
  var keyspace: KeyspaceID { table.keyspace }
  var isGlobal: Bool { distribution == nil }
  var tier: TierID { table.tier }
  var globalIndexes: [Int] { indexes.indices.filter { indexes[$0].isGlobal } }

  func key(of row: [Value]) -> [UInt8] {
    var key: [UInt8] = []
    for part in primaryKey {
      if let column = part.column { part.encode(row[column], into: &key) }
    }
    return key
  }

  /// The bucket that the row is in; 0 for globally distributed tables, which have none.
  func bucket(of row: [Value]) -> Bucket {
    guard let distribution else { return Bucket(slot: 0) }
    return bucket(of: distribution.map { row[$0] }, distribution)
  }

  /// The bucket of these distribution values, in the order of `distribution`.
  func bucket(of values: [Value], _ positions: [Int]) -> Bucket {
    if isRedisHash {
      var bytes: [UInt8] = []
      switch values[0] {
      case .text(let text), .bytes(let text): bytes = text
      default: TypeIO.formatText(values[0], as: types[positions[0]], into: &bytes)
      }
      return DistributionHash.bucket(slot: DistributionHash.slot(bytes)).of(tier)
    }
    let token =
      values.count == 1
      ? DistributionHash.distributionToken(values[0], types[positions[0]])
      : DistributionHash.distributionToken(values, positions.map { types[$0] })
    return DistributionHash.bucket(token: token).of(tier)
  }

  /// Where a global index has the entries of these values, which `types` describe.
  func bucket(ofEntry values: [Value], _ types: [SQLType]) -> Bucket {
    DistributionHash.bucket(token: DistributionHash.distributionToken(values, types)).of(tier)
  }

  /// From when on the row is not seen; nil: it stays.
  func expires(_ row: [Value]) -> Timestamp? {
    if let cells { return cells.expires(row) }
    return expiry.flatMap { Self.timestamp(row[$0]) }
  }

  /// A timestamptz as the kernel's time; nil for null, infinity and what the kernel's clock does not reach.
  static func timestamp(_ value: Value) -> Timestamp? {
    guard case .int(let microseconds) = value, microseconds != .max else { return nil }
    let (sinceEpoch, isOver) = microseconds.addingReportingOverflow(
      Calendar.epochOffsetSeconds * 1_000_000)
    guard !isOver else { return nil }
    let (nanoseconds, isFar) = UInt64(clamping: sinceEpoch).multipliedReportingOverflow(by: 1_000)
    return isFar ? nil : Timestamp(rawValue: nanoseconds)
  }

  func encode(_ row: [Value]) -> [UInt8] {
    var bytes: [UInt8] = []
    RowCodec.encode(row, types, into: &bytes)
    return bytes
  }

  func decode(_ bytes: UnsafeRawBufferPointer) throws(SQLError) -> [Value] {
    do throws(DecodingFault) {
      var row = try RowCodec.decode(bytes, types)
      let count = try RowCodec.columnCount(bytes)
      if count < types.count {
        for position in count..<types.count { row[position] = missing[position] }
      }
      return row
    } catch {
      throw unreadable(error)
    }
  }

  /// As a reader at the time sees the row: cells that have expired are null.
  func decode(_ bytes: UnsafeRawBufferPointer, at time: Timestamp) throws(SQLError) -> [Value] {
    var row = try decode(bytes)
    try cells?.hideExpired(&row, at: time)
    return row
  }

  /// The columns at these positions, which rise.
  func decode(_ bytes: UnsafeRawBufferPointer, at positions: [Int]) throws(SQLError) -> [Value] {
    do throws(DecodingFault) {
      return try RowCodec.decode(bytes, types, at: positions, missing: missing)
    } catch {
      throw unreadable(error)
    }
  }

  func unreadable(_ fault: DecodingFault) -> SQLError {
    SQLError(.dataCorrupted, "a row of relation \"\(table.name)\" cannot be read: \(fault)")
  }

  func decode(_ bytes: [UInt8], at time: Timestamp) throws(SQLError) -> [Value] {
    var row = try decode(bytes)
    try cells?.hideExpired(&row, at: time)
    return row
  }

  func decode(_ bytes: [UInt8]) throws(SQLError) -> [Value] {
    let result: Result<[Value], SQLError> = bytes.withUnsafeBytes { buffer in
      do throws(SQLError) { return .success(try decode(buffer)) } catch { return .failure(error) }
    }
    return try result.get()
  }

  /// The row's entry in an index; nil where the predicate leaves it out.
  func entry(_ index: Int, of row: [Value], _ environment: inout EvaluationEnvironment)
    throws(SQLError) -> IndexEntry?
  {
    let layout = indexes[index]
    if let predicate = layout.predicate,
      try predicate.evaluate(row, &environment) != .bool(true)
    {
      return nil
    }
    var values: [Value] = []
    var key: [UInt8] = []
    for part in layout.parts {
      let value = try part.expression.evaluate(row, &environment)
      part.encode(value, into: &key)
      values.append(value)
    }
    let primary = self.key(of: row)
    let bucket =
      layout.isGlobal
      ? self.bucket(ofEntry: values, layout.parts.map(\.type)) : Bucket(slot: 0)
    let isDistinct = values.contains(where: \.isNull) && !layout.descriptor.nullsNotDistinct
    if layout.descriptor.isUnique {
      return IndexEntry(
        key: isDistinct ? key + primary : key, value: primary, isExclusive: !isDistinct,
        bucket: bucket)
    }
    return IndexEntry(key: key + primary, value: [], isExclusive: false, bucket: bucket)
  }

  /// The primary key that an index entry points to.
  func primaryKey(ofEntry key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer, _ index: Int)
    throws(SQLError) -> [UInt8]
  {
    if !value.isEmpty { return Array(value) }
    var reader = ByteReader(key)
    do throws(DecodingFault) {
      for part in indexes[index].parts {
        _ = try KeyCodec.decode(&reader, type: part.type, descending: part.isDescending)
      }
    } catch {
      throw SQLError(
        .dataCorrupted,
        "an entry of index \"\(indexes[index].descriptor.name)\" cannot be read: \(error)")
    }
    return Array(key[reader.offset...])
  }

  /// 23505 for the key that the row shares with another.
  func duplicate(_ index: Int?, _ row: [Value], _ environment: inout EvaluationEnvironment)
    -> SQLError
  {
    let parts = index.map { indexes[$0].parts } ?? primaryKey
    let name = index.map { indexes[$0].descriptor.name } ?? table.primaryKey.name
    var columns: [String] = []
    var values: [String] = []
    for (place, part) in parts.enumerated() {
      if let column = part.column {
        columns.append(table.columns[column].name)
      } else {
        let descriptor = index.map { indexes[$0].descriptor } ?? table.primaryKey
        columns.append(descriptor.columns[place].expression ?? "expression")
      }
      let value = (try? part.expression.evaluate(row, &environment)) ?? .null
      values.append(
        value.isNull
          ? "null"
          : TypeIO.formatText(value, as: part.type, settings: environment.context.settings))
    }
    var error = SQLError(
      .uniqueViolation, "duplicate key value violates unique constraint \"\(name)\"",
      detail:
        "Key (\(columns.joined(separator: ", ")))=(\(values.joined(separator: ", "))) already exists."
    )
    error.schema = schemaName
    error.table = table.name
    error.constraint = name
    return error
  }
}
