import Base
import Types

/// Rows of the elements of collections, as SQL's `RowCodec` writes them: the database, the key, then what
/// the table has besides. A test compares the two.
struct ElementRow {
  private var writer: ByteWriter
  private let bitmap: Int
  private var column = 2

  /// `columns`: of the table, the database and the key included; at most 8.
  init(columns: Int, db: Int, key: some Collection<UInt8>, reserving bytes: Int = 0) {
    writer = ByteWriter(reserving: 24 + key.count + bytes)
    writer.integer(RowBytes.version)
    writer.varint(UInt64(columns))
    bitmap = writer.count
    writer.integer(UInt8(0))
    writer.integer(RowBytes.int)
    writer.signedVarint(Int64(db))
    writer.integer(RowBytes.text)
    writer.blob(key)
  }

  var bytes: [UInt8] { writer.bytes }

  mutating func text(_ value: some Collection<UInt8>) {
    writer.integer(RowBytes.text)
    writer.blob(value)
    column += 1
  }

  mutating func int(_ value: Int64) {
    writer.integer(RowBytes.int)
    writer.signedVarint(value)
    column += 1
  }

  mutating func optionalInt(_ value: Int64?) {
    if let value { return int(value) }
    null()
  }

  mutating func null() {
    writer.bytes[bitmap] |= 1 << UInt8(column)
    column += 1
  }

  mutating func float(_ value: Double) {
    write(.float(value))
  }

  mutating func uuid(high: UInt64, low: UInt64) {
    write(.uuid(UUIDValue(high: high, low: low)))
  }

  /// Whatever else SQL knows, by its own codec.
  mutating func write(_ value: Value) {
    RowCodec.write(value, into: &writer)
    column += 1
  }
}

/// Reads an element's row; the bytes are borrowed. Columns are taken in order.
struct ElementReader {
  private var reader: ByteReader
  private let nulls: UInt8
  private var column = 0

  init(_ bytes: UnsafeRawBufferPointer) throws(DecodingFault) {
    reader = ByteReader(bytes)
    guard try reader.integer(UInt8.self) == RowBytes.version else {
      throw .malformed("row version")
    }
    guard try reader.varint() <= 8 else { throw .malformed("columns") }
    nulls = try reader.integer()
  }

  private mutating func isNull() -> Bool {
    defer { column += 1 }
    return nulls >> UInt8(column) & 1 == 1
  }

  mutating func text() throws(DecodingFault) -> UnsafeRawBufferPointer {
    guard !isNull() else { throw .malformed("a null") }
    guard try reader.integer(UInt8.self) == RowBytes.text else { throw .malformed("not a text") }
    return try reader.blobView()
  }

  mutating func int() throws(DecodingFault) -> Int64 {
    guard let value = try optionalInt() else { throw .malformed("a null") }
    return value
  }

  mutating func optionalInt() throws(DecodingFault) -> Int64? {
    if isNull() { return nil }
    guard try reader.integer(UInt8.self) == RowBytes.int else { throw .malformed("not an integer") }
    return try reader.signedVarint()
  }

  /// By SQL's own codec.
  mutating func value(_ type: SQLType) throws(DecodingFault) -> Value {
    if isNull() { return .null }
    return try RowCodec.read(&reader, type, depth: 0)
  }

  /// The database and the key.
  mutating func skipKey() throws(DecodingFault) {
    _ = try int()
    _ = try text()
  }
}
