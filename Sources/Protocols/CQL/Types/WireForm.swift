import Types

/// How values of a type are taken as they come, without a datum made of them: what `ValueCodec` and
/// `CQLColumn.store` make of the same bytes.
struct WireForm {
  private let native: CQLType.Native
  /// A timeuuid whose order is that of time.
  private let isOrdered: Bool

  static let int = WireForm(.int)
  static let bigint = WireForm(.bigint)

  private init(_ native: CQLType.Native) {
    self.native = native
    isOrdered = false
  }

  /// Nil: values of the column's type are more than their bytes.
  init?(_ column: CQLColumn) {
    switch column.type.native {
    case .ascii, .text, .blob, .bigint, .int, .smallint, .tinyint, .boolean, .double, .float,
      .timestamp, .uuid, .timeuuid:
      break
    default: return nil
    }
    guard let native = column.type.native else { return nil }
    self.native = native
    isOrdered = native == .timeuuid && column.kind == .clustering
  }

  /// The partition that such a value is the key of goes by the bytes as they come.
  var isHashedAsSent: Bool {
    switch native {
    case .ascii, .text, .blob, .bigint, .int, .smallint, .timestamp, .uuid: true
    case .timeuuid: !isOrdered
    default: false
    }
  }

  /// Nil: something is wrong with the bytes, and the usual way says what.
  func view(_ bytes: UnsafeRawBufferPointer) -> ValueView? {
    switch native {
    case .blob: return .bytes(bytes)
    case .text: return Self.isUTF8(bytes) ? .text(bytes) : nil
    case .ascii: return Self.isASCII(bytes) ? .text(bytes) : nil
    case .int: return Self.integer(bytes, Int32.self).map { .int(Int64($0)) }
    case .bigint: return Self.integer(bytes, Int64.self).map { .int($0) }
    case .smallint: return Self.integer(bytes, Int16.self).map { .int(Int64($0)) }
    case .tinyint: return Self.integer(bytes, Int8.self).map { .int(Int64($0)) }
    case .boolean: return Self.integer(bytes, Int8.self).map { .bool($0 != 0) }
    case .double: return Self.integer(bytes, UInt64.self).map { .float(Double(bitPattern: $0)) }
    case .float:
      return Self.integer(bytes, UInt32.self).map { .float(Double(Float(bitPattern: $0))) }
    case .timestamp:
      guard let milliseconds = Self.integer(bytes, Int64.self),
        case .success(let time) = Result(catching: { () throws(CQLError) in
          try Times.sql(unixMilliseconds: milliseconds)
        })
      else { return nil }
      return .int(time)
    case .uuid, .timeuuid: return uuid(bytes)
    default: return nil
    }
  }

  private func uuid(_ bytes: UnsafeRawBufferPointer) -> ValueView? {
    guard bytes.count == 16 else { return nil }
    let high = UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self))
    let low = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    guard native == .timeuuid else { return .uuid(high: high, low: low) }
    guard TimeUUID.isVersion1(high: high) else { return nil }
    return .uuid(high: isOrdered ? TimeUUID.version6(high: high) : high, low: low)
  }

  private static func integer<T: FixedWidthInteger>(_ bytes: UnsafeRawBufferPointer, _: T.Type)
    -> T?
  {
    guard bytes.count == MemoryLayout<T>.size else { return nil }
    return T(bigEndian: bytes.loadUnaligned(as: T.self))
  }

  private static func isASCII(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var place = 0
    while place + 8 <= bytes.count {
      if bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self) & 0x8080_8080_8080_8080 != 0 {
        return false
      }
      place += 8
    }
    return bytes[place...].allSatisfy { $0 < 0x80 }
  }

  private static func isUTF8(_ bytes: UnsafeRawBufferPointer) -> Bool {
    isASCII(bytes) || String(validating: bytes, as: UTF8.self) != nil
  }
}
