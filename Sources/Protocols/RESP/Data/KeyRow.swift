import Base
import Types

/// What a key holds.
enum KeyType: UInt8, Sendable, CaseIterable {
  case string, list, hash, set, zset, stream

  var name: String {
    switch self {
    case .string: "string"
    case .list: "list"
    case .hash: "hash"
    case .set: "set"
    case .zset: "zset"
    case .stream: "stream"
    }
  }
}

/// A row of `redis.keys`: strings have their value in it, the other types their elements in tables of
/// their own. Written byte for byte as SQL's `RowCodec` does, but without its values in between: this
/// is on the path of every command.
struct KeyRow: Equatable, Sendable {
  var type: KeyType
  /// Of a string.
  var value: [UInt8]?
  /// Milliseconds since the Unix epoch; nil: never.
  var expiresAt: Int64?
  /// Elements of a collection.
  var length: Int64 = 0
  /// A list's: the position of its first element.
  var first: Int64 = 0
  /// What else the type keeps: a stream's own bytes; a hash's `HashExpiry`; of a string that was changed
  /// in place one byte, for OBJECT ENCODING.
  var detail: [UInt8]?

  init(_ type: KeyType) { self.type = type }

  init(string value: [UInt8], expiresAt: Int64? = nil) {
    type = .string
    self.value = value
    self.expiresAt = expiresAt
  }

  /// The string was made by changing its bytes (APPEND, SETRANGE, SETBIT …) and not set as a whole.
  var isChangedInPlace: Bool {
    get { type == .string && detail != nil }
    set { detail = newValue ? [1] : nil }
  }

  /// Of the store's version: nanoseconds since the Unix epoch. A hash ends with its last field.
  var expires: Timestamp? {
    guard let end = hashExpiry?.end else { return Self.timestamp(expiresAt) }
    return Self.timestamp(min(expiresAt ?? .max, end))
  }

  static func timestamp(_ milliseconds: Int64?) -> Timestamp? {
    milliseconds.map { milliseconds in
      let (product, isOver) = UInt64(clamping: milliseconds)
        .multipliedReportingOverflow(by: 1_000_000)
      return isOver ? .distantFuture : Timestamp(rawValue: product)
    }
  }
}

/// The tags and numbers of `RowCodec` that `redis.keys` needs; a test compares the two.
enum RowBytes {
  static let version: UInt8 = 1
  static let int: UInt8 = 2
  static let text: UInt8 = 4
  static let bytes: UInt8 = 5
  /// 2000-01-01 in milliseconds since 1970.
  static let epochMilliseconds: Int64 = 946_684_800_000

  /// Of a time too far away for SQL the last that it knows.
  static func microseconds(_ milliseconds: Int64) -> Int64 {
    let (difference, isUnder) = milliseconds.subtractingReportingOverflow(epochMilliseconds)
    let (product, isOver) = difference.multipliedReportingOverflow(by: 1_000)
    return isUnder || isOver ? (milliseconds < 0 ? .min : .max) : product
  }

  /// Rounded down, so that nothing lives longer than SQL shows.
  static func milliseconds(_ microseconds: Int64) -> Int64 {
    let (quotient, rest) = microseconds.quotientAndRemainder(dividingBy: 1_000)
    return quotient - (rest < 0 ? 1 : 0) + epochMilliseconds
  }
}

extension KeyRow {
  private static let columns = 8

  func encoded(db: Int, key: some Collection<UInt8>) -> [UInt8] {
    var out = ByteWriter(reserving: 48 + key.count + (value?.count ?? 0) + (detail?.count ?? 0))
    out.integer(RowBytes.version)
    out.varint(UInt64(Self.columns))
    let isCollection = type != .string
    var nulls: UInt8 = 0
    if value == nil { nulls |= 1 << 3 }
    if expiresAt == nil { nulls |= 1 << 4 }
    if !isCollection { nulls |= 1 << 5 }
    if type != .list { nulls |= 1 << 6 }
    if detail == nil { nulls |= 1 << 7 }
    out.integer(nulls)
    out.integer(RowBytes.int)
    out.signedVarint(Int64(db))
    out.integer(RowBytes.text)
    out.blob(key)
    out.integer(RowBytes.text)
    out.blob(type.name.utf8)
    if let value {
      out.integer(RowBytes.text)
      out.blob(value)
    }
    if let expiresAt {
      out.integer(RowBytes.int)
      out.signedVarint(RowBytes.microseconds(expiresAt))
    }
    if isCollection {
      out.integer(RowBytes.int)
      out.signedVarint(length)
    }
    if type == .list {
      out.integer(RowBytes.int)
      out.signedVarint(first)
    }
    if let detail {
      out.integer(RowBytes.bytes)
      out.blob(detail)
    }
    return out.bytes
  }

  init(_ bytes: UnsafeRawBufferPointer) throws(DecodingFault) {
    let view = try KeyRowView(bytes)
    type = view.type
    value = view.value.map { Array($0) }
    expiresAt = view.expiresAt
    length = view.length
    first = view.first
    detail = view.detail.map { Array($0) }
  }
}

/// A stored row of `redis.keys`, read in place; valid as long as its bytes.
struct KeyRowView {
  var type: KeyType
  var value: UnsafeRawBufferPointer?
  var expiresAt: Int64?
  var length: Int64 = 0
  var first: Int64 = 0
  var detail: UnsafeRawBufferPointer?

  init(_ bytes: UnsafeRawBufferPointer) throws(DecodingFault) {
    var reader = ByteReader(bytes)
    guard try reader.integer(UInt8.self) == RowBytes.version else {
      throw .malformed("row version")
    }
    let columns = try reader.varint()
    guard columns == 8 else { throw .malformed("redis.keys has \(columns) columns") }
    let nulls: UInt8 = try reader.integer()
    guard nulls & 0b111 == 0 else { throw .malformed("redis.keys: a null in its key") }
    _ = try Self.int(&reader)
    _ = try Self.blob(&reader)
    let name = try Self.blob(&reader)
    guard let type = KeyType.allCases.first(where: { name.elementsEqual($0.name.utf8) }) else {
      throw .malformed("redis.keys: type")
    }
    self.type = type
    if nulls & 1 << 3 == 0 { value = try Self.blob(&reader) }
    if nulls & 1 << 4 == 0 { expiresAt = RowBytes.milliseconds(try Self.int(&reader)) }
    if nulls & 1 << 5 == 0 { length = try Self.int(&reader) }
    if nulls & 1 << 6 == 0 { first = try Self.int(&reader) }
    if nulls & 1 << 7 == 0 { detail = try Self.blob(&reader) }
    if type == .hash, let detail, detail.count != HashExpiry.byteCount {
      throw .malformed("redis.keys: detail of a hash")
    }
  }

  private static func int(_ reader: inout ByteReader) throws(DecodingFault) -> Int64 {
    guard try reader.integer(UInt8.self) == RowBytes.int else { throw .malformed("not an integer") }
    return try reader.signedVarint()
  }

  private static func blob(_ reader: inout ByteReader) throws(DecodingFault)
    -> UnsafeRawBufferPointer
  {
    let tag: UInt8 = try reader.integer()
    guard tag == RowBytes.text || tag == RowBytes.bytes else { throw .malformed("not a text") }
    return try reader.blobView()
  }
}
