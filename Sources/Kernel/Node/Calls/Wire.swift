public import Base
public import Catalog

/// What crosses from one node to another: the bytes of calls, their results and their errors.
/// Written by hand, since it is on the path of every call to another node. `docs/formats.md` has the
/// frames around them; nodes of adjacent versions must understand one another.
public protocol WireCodable: Sendable {
  func encode(into out: inout WireEncoder)
  /// What it makes is checked: the bytes may be damaged, or of a node with a fault.
  init(from reader: inout WireDecoder) throws(DecodingFault)
}

/// Writes for a receiver that will read with the same catalog.
public struct WireEncoder {
  public var bytes: ByteWriter
  /// The sender's, its transaction's own changes included: what is in it goes by its id.
  public let catalog: CatalogSnapshot

  public init(catalog: CatalogSnapshot, reserving capacity: Int = 0) {
    self.catalog = catalog
    bytes = ByteWriter(reserving: capacity)
  }
}

/// Reads what a `WireEncoder` wrote. The buffer must outlive it.
public struct WireDecoder {
  public var bytes: ByteReader
  /// As the sender had it.
  public let catalog: CatalogSnapshot
  /// It has changes that have not been committed.
  var hasPrivateCatalog = false
  /// Nil: nothing is kept from one call to the next.
  var memo: WireMemo?
  /// How deep nested values may still go: what a peer sends must not exhaust the stack.
  public var depth = Self.depthMax
  public static let depthMax = 2_000

  public init(_ bytes: ByteReader, catalog: CatalogSnapshot) {
    self.bytes = bytes
    self.catalog = catalog
  }
}

/// What a shard has made of tables that others' calls name, for the version of the catalog that it was asked with last.
/// Lives on: its shard.
final class WireMemo {
  private var version: UInt64 = 0
  private var made: [ObjectID: any Sendable] = [:]

  fileprivate func kept<T: Sendable>(
    _ table: ObjectID, _ version: UInt64, _ make: () throws(DecodingFault) -> T
  ) throws(DecodingFault) -> T {
    if version != self.version {
      self.version = version
      made = [:]
    }
    if let known = made[table] as? T { return known }
    let new = try make()
    made[table] = new
    return new
  }
}

extension WireDecoder {
  /// What `make` makes of a table, which is the same for each call that knows the same catalog.
  public func kept<T: Sendable>(
    _ table: TableDescriptor, _ make: () throws(DecodingFault) -> T
  ) throws(DecodingFault) -> T {
    guard let memo, catalog.table(table.id) == table else { return try make() }
    return try memo.kept(table.id, catalog.version, make)
  }
}

extension WireEncoder {
  public mutating func list<T>(
    _ items: some Collection<T>, _ write: (T, inout WireEncoder) -> Void
  ) {
    bytes.varint(UInt64(items.count))
    for item in items { write(item, &self) }
  }

  public mutating func list(_ items: some Collection<some WireCodable>) {
    list(items) { $0.encode(into: &$1) }
  }

  public mutating func optional<T>(_ value: T?, _ write: (T, inout WireEncoder) -> Void) {
    bytes.integer(UInt8(value == nil ? 0 : 1))
    if let value { write(value, &self) }
  }
}

extension WireDecoder {
  /// A count of things that take at least `bytesEach`; more than the bytes could hold is refused
  /// before anything is allocated.
  public mutating func count(bytesEach: Int = 1) throws(DecodingFault) -> Int {
    let count = try bytes.varint()
    guard count <= UInt64(bytes.remaining / max(bytesEach, 1)) else {
      throw .truncated(
        needed: Int(
          clamping: count.multipliedReportingOverflow(by: UInt64(bytesEach)).partialValue),
        available: bytes.remaining)
    }
    return Int(count)
  }

  public mutating func list<T>(_ read: (inout WireDecoder) throws(DecodingFault) -> T)
    throws(DecodingFault) -> [T]
  {
    let count = try count()
    var items: [T] = []
    items.reserveCapacity(count)
    for _ in 0..<count { items.append(try read(&self)) }
    return items
  }

  public mutating func optional<T>(_ read: (inout WireDecoder) throws(DecodingFault) -> T)
    throws(DecodingFault) -> T?
  {
    try bool() ? try read(&self) : nil
  }

  public mutating func bool() throws(DecodingFault) -> Bool {
    let flag: UInt8 = try bytes.integer()
    guard flag <= 1 else { throw .malformed("flag \(flag)") }
    return flag == 1
  }

  /// Reads something that may contain its like.
  public mutating func nested<T>(_ read: (inout WireDecoder) throws(DecodingFault) -> T)
    throws(DecodingFault) -> T
  {
    guard depth > 0 else { throw .malformed("nested too deeply") }
    depth -= 1
    defer { depth += 1 }
    return try read(&self)
  }
}

// MARK: - Plain values

extension Bool: WireCodable {
  public func encode(into out: inout WireEncoder) { out.bytes.integer(UInt8(self ? 1 : 0)) }
  public init(from reader: inout WireDecoder) throws(DecodingFault) { self = try reader.bool() }
}

extension UInt8: WireCodable {
  public func encode(into out: inout WireEncoder) { out.bytes.integer(self) }
  public init(from reader: inout WireDecoder) throws(DecodingFault) {
    self = try reader.bytes.integer()
  }
}

extension UInt64: WireCodable {
  public func encode(into out: inout WireEncoder) { out.bytes.varint(self) }
  public init(from reader: inout WireDecoder) throws(DecodingFault) {
    self = try reader.bytes.varint()
  }
}

extension Int64: WireCodable {
  public func encode(into out: inout WireEncoder) { out.bytes.signedVarint(self) }
  public init(from reader: inout WireDecoder) throws(DecodingFault) {
    self = try reader.bytes.signedVarint()
  }
}

extension Int: WireCodable {
  public func encode(into out: inout WireEncoder) { out.bytes.signedVarint(Int64(self)) }
  public init(from reader: inout WireDecoder) throws(DecodingFault) {
    self = Int(try reader.bytes.signedVarint())
  }
}

extension String: WireCodable {
  public func encode(into out: inout WireEncoder) { out.bytes.string(self) }
  public init(from reader: inout WireDecoder) throws(DecodingFault) {
    self = try reader.bytes.string()
  }
}

extension Array: WireCodable where Element: WireCodable {
  public func encode(into out: inout WireEncoder) {
    if let bytes = self as? [UInt8] { return out.bytes.blob(bytes) }
    out.list(self)
  }
  public init(from reader: inout WireDecoder) throws(DecodingFault) {
    if Element.self == UInt8.self, let bytes = try reader.bytes.blob() as? [Element] {
      self = bytes
      return
    }
    self = try reader.list { (reader) throws(DecodingFault) in try Element(from: &reader) }
  }
}

extension Optional: WireCodable where Wrapped: WireCodable {
  public func encode(into out: inout WireEncoder) {
    out.optional(self) { $0.encode(into: &$1) }
  }
  public init(from reader: inout WireDecoder) throws(DecodingFault) {
    self = try reader.optional { (reader) throws(DecodingFault) in try Wrapped(from: &reader) }
  }
}

extension Identifier where RawValue: FixedWidthInteger & UnsignedInteger {
  public func encode(into out: inout WireEncoder) { out.bytes.varint(UInt64(rawValue)) }
  public init(from reader: inout WireDecoder) throws(DecodingFault) {
    let raw = try reader.bytes.varint()
    guard let value = RawValue(exactly: raw) else { throw .malformed("identifier \(raw)") }
    self.init(rawValue: value)
  }
}

/// A choice that crosses as its number.
public protocol WireEnumeration: WireCodable, RawRepresentable where RawValue == UInt8 {}

extension WireEnumeration {
  public func encode(into out: inout WireEncoder) { out.bytes.integer(rawValue) }
  public init(from reader: inout WireDecoder) throws(DecodingFault) {
    let raw: UInt8 = try reader.bytes.integer()
    guard let value = Self(rawValue: raw) else { throw .malformed("\(Self.self) \(raw)") }
    self = value
  }
}

extension NodeID: WireCodable {}
extension ShardID: WireCodable {}
extension TabletID: WireCodable {}
extension Bucket: WireCodable {}
extension ObjectID: WireCodable {}
extension KeyspaceID: WireCodable {}
extension LogIndex: WireCodable {}
extension Term: WireCodable {}
extension TransactionID: WireCodable {}
extension Timestamp: WireCodable {}

// MARK: - What the catalog keeps as JSON

/// A part of the catalog, with the bytes that group 0 keeps it with.
protocol WireDescriptor: WireCodable, Codable {}

extension WireDescriptor {
  public func encode(into out: inout WireEncoder) { out.bytes.blob(CatalogRows.encode(self)) }
  public init(from reader: inout WireDecoder) throws(DecodingFault) {
    self = try CatalogRows.decode(Self.self, try reader.bytes.blob())
  }
}

extension CatalogChange: WireDescriptor {}
extension SequenceDescriptor: WireDescriptor {}

/// For procedures without arguments.
protocol WithoutArguments: WireCodable { init() }

extension WithoutArguments {
  func encode(into out: inout WireEncoder) {}
  init(from reader: inout WireDecoder) throws(DecodingFault) { self.init() }
}
