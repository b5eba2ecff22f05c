public import Base
public import Catalog
public import Types

// MARK: - Values

extension SQLType: WireCodable {
  public func encode(into out: inout WireEncoder) {
    out.bytes.varint(UInt64(oid.rawValue) << 1 | (modifier == -1 ? 0 : 1))
    if modifier != -1 { out.bytes.signedVarint(Int64(modifier)) }
  }

  public init(from reader: inout WireDecoder) throws(DecodingFault) {
    let head = try reader.bytes.varint()
    guard let oid = UInt32(exactly: head >> 1) else { throw .malformed("type \(head)") }
    self.init(ObjectID(rawValue: oid))
    guard head & 1 == 1 else { return }
    let given = try reader.bytes.signedVarint()
    guard let modifier = Int32(exactly: given), modifier != -1 else {
      throw .malformed("type modifier \(given)")
    }
    self.modifier = modifier
  }
}

extension Value: WireCodable {
  public func encode(into out: inout WireEncoder) { RowCodec.write(self, into: &out.bytes) }
  public init(from reader: inout WireDecoder) throws(DecodingFault) {
    self = try RowCodec.read(&reader.bytes, .unknown, depth: 0)
  }
}

extension WireEncoder {
  public mutating func row(_ values: [Value]) {
    bytes.varint(UInt64(values.count))
    for value in values { RowCodec.write(value, into: &bytes) }
  }

  public mutating func rows(_ rows: [[Value]]) {
    bytes.varint(UInt64(rows.count))
    for values in rows { row(values) }
  }
}

extension WireDecoder {
  public mutating func row() throws(DecodingFault) -> [Value] {
    let count = try count()
    var values: [Value] = []
    values.reserveCapacity(count)
    for _ in 0..<count { values.append(try RowCodec.read(&bytes, .unknown, depth: 0)) }
    return values
  }

  public mutating func rows() throws(DecodingFault) -> [[Value]] {
    let count = try count()
    var rows: [[Value]] = []
    rows.reserveCapacity(count)
    for _ in 0..<count { rows.append(try row()) }
    return rows
  }

  /// A number from 0 on, below `limit`.
  public mutating func place(below limit: Int = Int(Int32.max)) throws(DecodingFault) -> Int {
    let raw = try bytes.varint()
    guard raw < UInt64(max(0, limit)) else { throw .malformed("place \(raw) of \(limit)") }
    return Int(raw)
  }
}

// MARK: - Errors

extension SQLError: WireCodable {
  public func encode(into out: inout WireEncoder) {
    let texts = [detail, hint, context, schema, table, column, dataType, constraint]
    var present: UInt64 = position == nil ? 0 : 1
    for (place, text) in texts.enumerated() where text != nil { present |= 2 << UInt64(place) }
    out.bytes.string(code.text)
    out.bytes.string(message)
    out.bytes.varint(present)
    if let position { out.bytes.signedVarint(Int64(position)) }
    for text in texts { if let text { out.bytes.string(text) } }
  }

  public init(from reader: inout WireDecoder) throws(DecodingFault) {
    let code = try reader.bytes.string()
    guard code.utf8.count == 5 else { throw .malformed("SQLSTATE \(code)") }
    self.init(SQLState(stringLiteral: code), try reader.bytes.string())
    let present = try reader.bytes.varint()
    guard present < 1 << 9 else { throw .malformed("error fields \(present)") }
    if present & 1 == 1 { position = Int(try reader.bytes.signedVarint()) }
    let fields: [WritableKeyPath<SQLError, String?>] = [
      \.detail, \.hint, \.context, \.schema, \.table, \.column, \.dataType, \.constraint,
    ]
    for (place, field) in fields.enumerated() where present & 2 << UInt64(place) != 0 {
      self[keyPath: field] = try reader.bytes.string()
    }
  }
}

// MARK: - Tables and indexes

/// By its id where the catalog has it just so, else whole: plans outlive the catalog that they were
/// made from, and a statement may know an index before the others do.
extension TableDescriptor: WireCodable {
  public func encode(into out: inout WireEncoder) {
    if case .table(let known) = out.catalog.objects[id], known == self {
      return out.bytes.varint(UInt64(id.rawValue))
    }
    out.bytes.varint(0)
    out.bytes.blob(CatalogRows.encode(self))
  }

  public init(from reader: inout WireDecoder) throws(DecodingFault) {
    let id = try ObjectID(from: &reader)
    if id.rawValue == 0 {
      self = try CatalogRows.decode(Self.self, try reader.bytes.blob())
      guard isCoherent else { throw .malformed("table \(self.id)") }
      return
    }
    guard let known = reader.catalog.table(id) else { throw .malformed("no table \(id)") }
    self = known
  }

  /// What is relied on everywhere: ids are positions, and what names columns names its own.
  private var isCoherent: Bool {
    func has(_ id: ColumnID) -> Bool { (1...columns.count).contains(Int(id.rawValue)) }
    guard !columns.isEmpty, !indexes.isEmpty, id.rawValue != 0,
      columns.enumerated().allSatisfy({ Int($0.element.id.rawValue) == $0.offset + 1 }),
      indexes.allSatisfy({ $0.columns.allSatisfy { $0.column.map(has) ?? true } }),
      indexes.allSatisfy({ $0.included.allSatisfy(has) })
    else { return false }
    switch distribution {
    case .murmur3(let columns): return !columns.isEmpty && columns.allSatisfy(has)
    case .crc16(let column): return has(column)
    case .globally: return true
    }
  }
}

extension IndexDescriptor: WireCodable {
  public func encode(into out: inout WireEncoder) {
    if let known = out.catalog.index(id), known.1 == self {
      return out.bytes.varint(UInt64(id.rawValue))
    }
    out.bytes.varint(0)
    out.bytes.blob(CatalogRows.encode(self))
  }

  public init(from reader: inout WireDecoder) throws(DecodingFault) {
    let id = try ObjectID(from: &reader)
    if id.rawValue == 0 {
      self = try CatalogRows.decode(Self.self, try reader.bytes.blob())
      return
    }
    guard let known = reader.catalog.index(id) else { throw .malformed("no index \(id)") }
    self = known.1
  }
}
