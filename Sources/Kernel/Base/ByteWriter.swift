/// Appends integers, lengths and bytes to an array. Little-endian: our own formats on disk and wire.
public struct ByteWriter: Sendable {
  public var bytes: [UInt8]

  public init(reserving capacity: Int = 0) {
    bytes = []
    if capacity > 0 { bytes.reserveCapacity(capacity) }
  }

  public var count: Int { bytes.count }

  @inlinable
  public mutating func integer<T: FixedWidthInteger>(_ value: T) {
    if MemoryLayout<T>.size == 1 { return bytes.append(UInt8(truncatingIfNeeded: value)) }
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  /// LEB128, 1 to 10 bytes.
  @inlinable
  public mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  /// Zigzag LEB128: small magnitudes are short, whichever sign.
  @inlinable
  public mutating func signedVarint(_ value: Int64) {
    varint(UInt64(bitPattern: (value << 1) ^ (value >> 63)))
  }

  @inlinable
  public mutating func raw(_ value: some Collection<UInt8>) { bytes.append(contentsOf: value) }

  @inlinable
  public mutating func raw(_ value: UnsafeRawBufferPointer) { bytes.append(contentsOf: value) }

  /// A varint length, then the bytes.
  @inlinable
  public mutating func blob(_ value: some Collection<UInt8>) {
    varint(UInt64(value.count))
    bytes.append(contentsOf: value)
  }

  public mutating func string(_ value: String) { blob(Array(value.utf8)) }
}
