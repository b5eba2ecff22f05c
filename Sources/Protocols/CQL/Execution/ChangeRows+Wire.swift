import Base
import Catalog
public import Node
import SQL
import Types

// How changes cross to tablets of other nodes.

extension CQLType: WireCodable {
  private static let depthMax = 32

  func encode(into out: inout WireEncoder) {
    switch self {
    case .native(let native):
      out.bytes.varint(0)
      out.bytes.string(native.rawValue)
    case .list(let element):
      out.bytes.varint(1)
      element.encode(into: &out)
    case .set(let element):
      out.bytes.varint(2)
      element.encode(into: &out)
    case .map(let key, let value):
      out.bytes.varint(3)
      key.encode(into: &out)
      value.encode(into: &out)
    case .tuple(let parts):
      out.bytes.varint(4)
      out.list(parts)
    case .user(let keyspace, let name, let fields):
      out.bytes.varint(5)
      out.bytes.string(keyspace)
      out.bytes.string(name)
      out.list(fields) {
        $1.bytes.string($0.name)
        $0.type.encode(into: &$1)
      }
    case .frozen(let inner):
      out.bytes.varint(6)
      inner.encode(into: &out)
    }
  }

  init(from reader: inout WireDecoder) throws(DecodingFault) {
    self = try reader.nested { (reader) throws(DecodingFault) in
      switch try reader.bytes.varint() {
      case 0:
        let name = try reader.bytes.string()
        guard let native = Native(rawValue: name) else { throw .malformed("type \(name)") }
        return .native(native)
      case 1: return .list(try CQLType(from: &reader))
      case 2: return .set(try CQLType(from: &reader))
      case 3: return .map(try CQLType(from: &reader), try CQLType(from: &reader))
      case 4: return .tuple(try [CQLType](from: &reader))
      case 5:
        let keyspace = try reader.bytes.string()
        let name = try reader.bytes.string()
        let fields = try reader.list { (reader) throws(DecodingFault) in
          Field(name: try reader.bytes.string(), type: try CQLType(from: &reader))
        }
        return .user(keyspace: keyspace, name: name, fields: fields)
      case 6: return .frozen(try CQLType(from: &reader))
      case let tag: throw .malformed("type \(tag)")
      }
    }
  }
}

extension Relation.Comparison: WireCodable {
  func encode(into out: inout WireEncoder) { out.bytes.string(rawValue) }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    let text = try reader.bytes.string()
    guard let found = Self(rawValue: text) else { throw .malformed("comparison \(text)") }
    self = found
  }
}

extension ChangeRows.CellChange: WireCodable {
  func encode(into out: inout WireEncoder) {
    out.bytes.varint(UInt64(position))
    kind.encode(into: &out)
    value.encode(into: &out)
    key.encode(into: &out)
    type.encode(into: &out)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    position = try reader.place()
    kind = try Kind(from: &reader)
    value = try Value(from: &reader)
    key = try Value(from: &reader)
    type = try CQLType?(from: &reader)
  }
}

extension ChangeRows.Change: WireCodable {
  func encode(into out: inout WireEncoder) {
    out.bytes.varint(UInt64(table))
    kind.encode(into: &out)
    out.row(key)
    out.list(cells)
    out.bytes.blob(lower)
    out.bytes.blob(upper)
    written.encode(into: &out)
    seconds.encode(into: &out)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    table = try reader.place()
    kind = try Kind(from: &reader)
    key = try reader.row()
    cells = try [ChangeRows.CellChange](from: &reader)
    lower = try reader.bytes.blob()
    upper = try reader.bytes.blob()
    written = try Int64?(from: &reader)
    seconds = try Int64?(from: &reader)
  }
}

extension ChangeRows.Condition: WireCodable {
  func encode(into out: inout WireEncoder) {
    out.bytes.varint(UInt64(table))
    out.row(key)
    kind.encode(into: &out)
    out.bytes.varint(UInt64(position))
    element.encode(into: &out)
    comparison.encode(into: &out)
    out.row(values)
    type.encode(into: &out)
    out.bytes.varint(UInt64(statement))
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    table = try reader.place()
    key = try reader.row()
    kind = try Kind(from: &reader)
    position = try reader.place()
    element = try Value?(from: &reader)
    comparison = try Relation.Comparison(from: &reader)
    values = try reader.row()
    type = try CQLType?(from: &reader)
    statement = try reader.place()
  }
}

extension ChangeRows.Outcome {
  func encode(into out: inout WireEncoder) {
    isApplied.encode(into: &out)
    out.rows(rows)
    out.list(images)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    isApplied = try reader.bool()
    rows = try reader.rows()
    images = try [RowImage](from: &reader)
  }
}

extension ChangeRows {
  func encode(into out: inout WireEncoder) {
    out.list(tables)
    out.list(conditions)
    out.list(changes)
    out.list(tracked) { $1.bytes.varint(UInt64($0)) }
  }

  init(from reader: inout WireDecoder) throws(DecodingFault) {
    let tables = try [TableRows](from: &reader)
    self.tables = tables
    conditions = try [Condition](from: &reader)
    changes = try [Change](from: &reader)
    tracked = try reader.list { (reader) throws(DecodingFault) in
      try reader.place(below: tables.count)
    }
    func check(_ table: Int, _ positions: [Int], keys: Int, isWhole: Bool) throws(DecodingFault) {
      guard table < tables.count else { throw .malformed("table \(table)") }
      let rows = tables[table]
      guard positions.allSatisfy({ $0 < rows.table.columns.count }),
        isWhole ? keys == rows.keyPositions.count : keys <= rows.keyPositions.count
      else { throw .malformed("a change of another table") }
    }
    for condition in conditions {
      try check(
        condition.table, [condition.position], keys: condition.key.count, isWhole: true)
    }
    for change in changes {
      let isRow = [.insert, .update, .deleteRow].contains(change.kind)
      try check(
        change.table, change.cells.map(\.position), keys: change.key.count, isWhole: isRow)
    }
  }
}

/// What calls of CQL's sessions may run on other nodes.
public enum CQLProcedures {
  public static let all: [any Procedure.Type] = [
    ReadRows.self, ChangeRows.self, RemoveExpiredRows.self, PutViewRows.self,
  ]
}
