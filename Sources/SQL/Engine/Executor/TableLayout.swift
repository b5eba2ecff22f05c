import Base
import Catalog
import Types

/// How a table's rows lie in its keyspace: keys from the primary key, values of all columns by
/// their ids. Sendable: procedures carry it to the tablets.
struct TableLayout: Sendable {
  let name: String
  let schema: String
  let keyspace: KeyspaceID
  let primaryKeyName: String
  let types: [SQLType]
  let names: [String]
  let notNull: [Bool]
  /// Positions of the primary key's columns, in its order.
  let key: [Int]
  /// Positions of the columns that choose the bucket.
  let distribution: [Int]
  let hasHiddenKey: Bool

  init(_ table: TableDescriptor, schema: String) {
    name = table.name
    self.schema = schema
    keyspace = table.keyspace
    primaryKeyName = table.primaryKey.name
    types = table.columns.map(\.type)
    names = table.columns.map(\.name)
    notNull = table.columns.map { $0.isNotNull && !$0.isDropped }
    key = table.primaryKey.columns.compactMap { $0.column.map { Int($0.rawValue) - 1 } }
    switch table.distribution {
    case .murmur3(let columns): distribution = columns.map { Int($0.rawValue) - 1 }
    case .crc16(let column): distribution = [Int(column.rawValue) - 1]
    case .globally: distribution = []
    }
    hasHiddenKey = key.count == 1 && table.columns[key[0]].isHidden
  }

  func keyBytes(_ row: [Value]) -> [UInt8] {
    var bytes: [UInt8] = []
    for position in key { KeyCodec.encode(row[position], type: types[position], into: &bytes) }
    return bytes
  }

  func rowBytes(_ row: [Value]) -> [UInt8] {
    var bytes: [UInt8] = []
    RowCodec.encode(row, types, into: &bytes)
    return bytes
  }

  func decode(_ bytes: UnsafeRawBufferPointer) throws(SQLError) -> [Value] {
    do throws(DecodingFault) {
      return try RowCodec.decode(bytes, types)
    } catch {
      throw SQLError(.dataCorrupted, "a row of table \"\(name)\" cannot be read: \(error)")
    }
  }

  func bucket(_ row: [Value]) -> Bucket {
    let values = distribution.map { row[$0] }
    return DistributionHash.bucket(
      token: DistributionHash.distributionToken(values, distribution.map { types[$0] }))
  }

  /// "Failing row contains (…)" shows what the user sees.
  func shown(_ row: [Value]) -> String {
    var parts: [String] = []
    for (position, value) in row.enumerated() where !(hasHiddenKey && position == key[0]) {
      parts.append(value.isNull ? "null" : TypeIO.formatText(value, as: types[position]))
    }
    return "(" + parts.joined(separator: ", ") + ")"
  }

  func checkNotNull(_ row: [Value]) throws(SQLError) {
    for (position, value) in row.enumerated() where notNull[position] && value.isNull {
      var error = SQLError(
        .notNullViolation,
        "null value in column \"\(names[position])\" of relation \"\(name)\" violates not-null constraint",
        detail: "Failing row contains \(shown(row)).")
      error.schema = schema
      error.table = name
      error.column = names[position]
      throw error
    }
  }

  func duplicateKey(_ row: [Value]) -> SQLError {
    let columns = key.map { names[$0] }.joined(separator: ", ")
    let values = key.map { TypeIO.formatText(row[$0], as: types[$0]) }.joined(separator: ", ")
    var error = SQLError(
      .uniqueViolation,
      "duplicate key value violates unique constraint \"\(primaryKeyName)\"",
      detail: "Key (\(columns))=(\(values)) already exists.")
    error.schema = schema
    error.table = name
    error.constraint = primaryKeyName
    return error
  }
}
