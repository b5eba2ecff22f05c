import Base
import Catalog
import Functions
import Node
import Types

/// A layout goes as its table's id, with the expressions of its indexes: they were bound in the
/// sender's search path. The schema's name goes where the catalog has another.
extension StoredTable {
  func encode(into out: inout WireEncoder, _ needs: inout EnvironmentNeeds) {
    table.encode(into: &out)
    let isKnown = out.catalog.objects[table.schema]?.name == schemaName
    isKnown.encode(into: &out)
    if !isKnown { out.bytes.string(schemaName) }
    for index in indexes {
      index.predicate?.encode(into: &out, &needs)
      for part in index.parts where part.column == nil && index.elements == nil {
        part.expression.encode(into: &out, &needs)
      }
    }
  }

  convenience init(from reader: inout WireDecoder) throws(DecodingFault) {
    let table = try TableDescriptor(from: &reader)
    let isKnown = try reader.bool()
    let schema =
      isKnown ? reader.catalog.objects[table.schema]?.name ?? "" : try reader.bytes.string()
    var expressions: [TypedExpression] = []
    let places = table.indexes.dropFirst().map { index in
      (index.predicate == nil ? 0 : 1) + index.columns.count { $0.column == nil }
    }
    for _ in 0..<places.reduce(0, +) { expressions.append(try TypedExpression(from: &reader)) }
    // It asks for them in the order in which they were written.
    var rest = expressions[...]
    do throws(SQLError) {
      try self.init(table, schemaName: schema) { (text) throws(SQLError) in
        guard let next = rest.popFirst() else {
          throw SQLError(.dataCorrupted, "no expression for \(text)")
        }
        return next
      }
    } catch {
      throw .malformed(error.message)
    }
  }

  /// A row to be written has a value for each column.
  func checkWidth(_ row: [Value]) throws(DecodingFault) {
    guard row.count == types.count else {
      throw .malformed("a row of \(row.count) columns, not \(types.count)")
    }
  }
}

extension RowConstraints {
  func encode(
    sharing layout: StoredTable, into out: inout WireEncoder, _ needs: inout EnvironmentNeeds
  ) {
    let isShared = self.layout === layout
    isShared.encode(into: &out)
    if !isShared { self.layout.encode(into: &out, &needs) }
    out.bytes.varint(UInt64(checks.count))
    for check in checks {
      out.bytes.string(check.name)
      check.expression.encode(into: &out, &needs)
    }
    out.bytes.varint(UInt64(generated.count))
    for column in generated {
      out.bytes.varint(UInt64(column.position))
      column.expression.encode(into: &out, &needs)
    }
  }

  init(sharing layout: StoredTable, from reader: inout WireDecoder) throws(DecodingFault) {
    let own = try reader.bool() ? layout : StoredTable(from: &reader)
    guard own.types.count == layout.types.count else {
      throw .malformed("constraints of another table")
    }
    let checks = try reader.list { (reader) throws(DecodingFault) in
      Check(name: try reader.bytes.string(), expression: try TypedExpression(from: &reader))
    }
    let generated = try reader.list { (reader) throws(DecodingFault) in
      (
        position: try reader.place(below: own.types.count),
        expression: try TypedExpression(from: &reader)
      )
    }
    self.init(layout: own, checks: checks, generated: generated)
  }
}

extension IndexEntry: WireCodable {
  func encode(into out: inout WireEncoder) {
    out.bytes.blob(key)
    out.bytes.blob(value)
    isExclusive.encode(into: &out)
    bucket.encode(into: &out)
  }

  init(from reader: inout WireDecoder) throws(DecodingFault) {
    self.init(
      key: try reader.bytes.blob(), value: try reader.bytes.blob(),
      isExclusive: try reader.bool(), bucket: try Bucket(from: &reader))
  }
}
