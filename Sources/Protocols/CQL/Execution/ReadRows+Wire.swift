import Base
import Catalog
import Node
import SQL
import Types

// How readings cross to tablets of other nodes.

extension ReadRows.Row: WireCodable {
  func encode(into out: inout WireEncoder) {
    out.bytes.blob(key)
    out.bytes.varint(UInt64(range))
    out.row(values)
    out.row(statics)
    out.bytes.blob(partition)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    key = try reader.bytes.blob()
    range = try reader.place()
    values = try reader.row()
    statics = try reader.row()
    partition = try reader.bytes.blob()
  }
}

extension ReadRows.Resume: WireCodable {
  func encode(into out: inout WireEncoder) {
    out.bytes.varint(UInt64(range))
    out.bytes.blob(key)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    range = try reader.place()
    key = try reader.bytes.blob()
  }
}

extension ReadRows.Output {
  func encode(into out: inout WireEncoder) {
    out.list(rows)
    resume.encode(into: &out)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    rows = try [ReadRows.Row](from: &reader)
    resume = try ReadRows.Resume?(from: &reader)
  }
}

extension ReadRows.Range: WireCodable {
  func encode(into out: inout WireEncoder) {
    out.bytes.blob(lower)
    out.optional(upper) { $1.bytes.blob($0) }
    isWhole.encode(into: &out)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    lower = try reader.bytes.blob()
    upper = try reader.optional { (reader) throws(DecodingFault) in try reader.bytes.blob() }
    isWhole = try reader.bool()
  }
}

extension ReadRows.IndexUse: WireCodable {
  func encode(into out: inout WireEncoder) {
    out.bytes.varint(UInt64(number))
    value.encode(into: &out)
    isStatic.encode(into: &out)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    number = try reader.place()
    value = try Value(from: &reader)
    isStatic = try reader.bool()
  }
}

extension ReadRows {
  func encode(into out: inout WireEncoder) {
    table.encode(into: &out)
    statics.encode(into: &out)
    out.list(positions) { $1.bytes.varint(UInt64($0)) }
    out.list(staticPositions) { $1.bytes.varint(UInt64($0)) }
    out.list(ranges)
    isReverse.encode(into: &out)
    out.bytes.varint(UInt64(limit))
    perPartition.encode(into: &out)
    resume.encode(into: &out)
    index.encode(into: &out)
  }

  init(from reader: inout WireDecoder) throws(DecodingFault) {
    let table = try TableRows(from: &reader)
    self.table = table
    let statics = try TableRows?(from: &reader)
    self.statics = statics
    positions = try reader.list { (reader) throws(DecodingFault) in
      try reader.place(below: table.table.columns.count)
    }
    staticPositions = try reader.list { (reader) throws(DecodingFault) in
      try reader.place(below: statics?.table.columns.count ?? 0)
    }
    ranges = try [Range](from: &reader)
    isReverse = try reader.bool()
    let limit = try reader.bytes.varint()
    self.limit = Int(clamping: limit)
    perPartition = try Int?(from: &reader)
    resume = try Resume?(from: &reader)
    index = try IndexUse?(from: &reader)
    let indexCount = index?.isStatic ?? false ? statics?.indexCount ?? 0 : table.indexCount
    guard index.map({ $0.number < indexCount }) ?? true else {
      throw .malformed("no such index")
    }
  }
}
