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

extension KeyType {
  /// By its name.
  fileprivate init?(_ name: UnsafeRawBufferPointer) {
    guard name.count <= 8, name.first != 0 else { return nil }
    switch name.reduce(0, { $0 << 8 | UInt64($1) }) {
    case 0x7374_7269_6E67: self = .string
    case 0x6C69_7374: self = .list
    case 0x6861_7368: self = .hash
    case 0x73_6574: self = .set
    case 0x7A73_6574: self = .zset
    case 0x7374_7265_616D: self = .stream
    default: return nil
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

  /// Of a string that never expires and was set as a whole; the bytes are valid inside only.
  static func withString<R>(
    db: Int, key: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>,
    _ body: (UnsafeRawBufferPointer) -> R
  ) -> R {
    let room = 48 + key.count + value.count
    return withUnsafeTemporaryAllocation(byteCount: room, alignment: 8) { buffer in
      var out = RowCursor(buffer)
      out.byte(RowBytes.version)
      out.byte(UInt8(columns))
      out.byte(0b1111_0000)
      out.int(Int64(db))
      out.byte(RowBytes.text)
      key.withUnsafeBytes { out.blob($0) }
      out.byte(RowBytes.text)
      out.word("string")
      out.byte(RowBytes.text)
      value.withUnsafeBytes { out.blob($0) }
      return body(out.written)
    }
  }

  func encoded(db: Int, key: some Collection<UInt8>) -> [UInt8] {
    withEncoded(db: db, key: Array(key)) { Array($0) }
  }

  /// The row's bytes, valid inside only.
  func withEncoded<R>(db: Int, key: [UInt8], _ body: (UnsafeRawBufferPointer) -> R) -> R {
    let room = 96 + key.count + (value?.count ?? 0) + (detail?.count ?? 0)
    return withUnsafeTemporaryAllocation(byteCount: room, alignment: 8) { buffer in
      var out = RowCursor(buffer)
      encode(db: db, key: key, into: &out)
      return body(out.written)
    }
  }

  private func encode(db: Int, key: [UInt8], into out: inout RowCursor) {
    out.byte(RowBytes.version)
    out.byte(UInt8(Self.columns))
    let isCollection = type != .string
    var nulls: UInt8 = 0
    if value == nil { nulls |= 1 << 3 }
    if expiresAt == nil { nulls |= 1 << 4 }
    if !isCollection { nulls |= 1 << 5 }
    if type != .list { nulls |= 1 << 6 }
    if detail == nil { nulls |= 1 << 7 }
    out.byte(nulls)
    out.int(Int64(db))
    out.byte(RowBytes.text)
    key.withUnsafeBytes { out.blob($0) }
    out.byte(RowBytes.text)
    out.word(type.name)
    if let value {
      out.byte(RowBytes.text)
      value.withUnsafeBytes { out.blob($0) }
    }
    if let expiresAt { out.int(RowBytes.microseconds(expiresAt)) }
    if isCollection { out.int(length) }
    if type == .list { out.int(first) }
    if let detail {
      out.byte(RowBytes.bytes)
      detail.withUnsafeBytes { out.blob($0) }
    }
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

/// Writes into memory that is known to be large enough.
private struct RowCursor {
  private let buffer: UnsafeMutableRawBufferPointer
  private var count = 0

  init(_ buffer: UnsafeMutableRawBufferPointer) { self.buffer = buffer }

  var written: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: buffer[..<count]) }

  mutating func byte(_ value: UInt8) {
    buffer[count] = value
    count += 1
  }

  mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      byte(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    byte(UInt8(rest))
  }

  /// With its tag.
  mutating func int(_ value: Int64) {
    byte(RowBytes.int)
    varint(UInt64(bitPattern: (value << 1) ^ (value >> 63)))
  }

  /// A short one.
  mutating func word(_ text: String) {
    byte(UInt8(text.utf8.count))
    for letter in text.utf8 { byte(letter) }
  }

  mutating func blob(_ bytes: UnsafeRawBufferPointer) {
    varint(UInt64(bytes.count))
    UnsafeMutableRawBufferPointer(rebasing: buffer[count...]).copyMemory(from: bytes)
    count += bytes.count
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
    guard let type = KeyType(name) else {
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
