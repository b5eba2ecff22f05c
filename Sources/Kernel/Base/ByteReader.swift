/// What was wrong with bytes that should have been one of our formats.
public enum DecodingFault: Error, Equatable, Sendable {
  case truncated(needed: Int, available: Int)
  case malformed(String)
}

/// Reads what `ByteWriter` wrote. Every length is checked against what is left before it is used.
/// The buffer must outlive the reader.
public struct ByteReader {
  @usableFromInline let base: UnsafeRawBufferPointer
  @usableFromInline var position: Int

  public init(_ bytes: UnsafeRawBufferPointer) {
    base = bytes
    position = 0
  }

  public var remaining: Int { base.count - position }
  public var offset: Int { position }
  public var isAtEnd: Bool { position == base.count }

  @inlinable
  public mutating func integer<T: FixedWidthInteger>(_: T.Type = T.self) throws(DecodingFault) -> T
  {
    let size = MemoryLayout<T>.size
    try require(size)
    let value = base.loadUnaligned(fromByteOffset: position, as: T.self)
    position += size
    return T(littleEndian: value)
  }

  @inlinable
  public mutating func varint() throws(DecodingFault) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      try require(1)
      let byte = base[position]
      position += 1
      if shift == 63 && byte > 1 { throw .malformed("varint over 64 bits") }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
      shift += 7
      if shift > 63 { throw .malformed("varint over 64 bits") }
    }
  }

  @inlinable
  public mutating func signedVarint() throws(DecodingFault) -> Int64 {
    let raw = try varint()
    return Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1)
  }

  /// A view of the next `count` bytes, valid as long as the buffer.
  @inlinable
  public mutating func view(_ count: Int) throws(DecodingFault) -> UnsafeRawBufferPointer {
    guard count >= 0 else { throw .malformed("negative length") }
    try require(count)
    let slice = UnsafeRawBufferPointer(rebasing: base[position..<position + count])
    position += count
    return slice
  }

  public mutating func blobView() throws(DecodingFault) -> UnsafeRawBufferPointer {
    let length = try varint()
    guard length <= UInt64(remaining) else {
      throw .truncated(needed: Int(clamping: length), available: remaining)
    }
    return try view(Int(length))
  }

  public mutating func blob() throws(DecodingFault) -> [UInt8] { Array(try blobView()) }

  public mutating func string() throws(DecodingFault) -> String {
    guard let text = String(validating: try blobView(), as: UTF8.self) else {
      throw .malformed("not UTF-8")
    }
    return text
  }

  @inlinable
  func require(_ count: Int) throws(DecodingFault) {
    if base.count - position < count {
      throw .truncated(needed: count, available: base.count - position)
    }
  }
}
