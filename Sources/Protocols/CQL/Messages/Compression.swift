import CLZ4
import CSnappy

/// The codecs that clients may ask for.
enum Compression: String, Sendable, CaseIterable {
  case lz4, snappy

  /// A body in versions 3 and 4: LZ4's begins with the length before compression.
  func compress(_ body: [UInt8]) -> [UInt8] {
    switch self {
    case .lz4:
      var output: [UInt8] = []
      for shift in [24, 16, 8, 0] { output.append(UInt8(truncatingIfNeeded: body.count >> shift)) }
      output.append(contentsOf: Self.lz4Block(body[...]))
      return output
    case .snappy:
      var count = snappy_max_compressed_length(body.count)
      return [UInt8](unsafeUninitializedCapacity: count) { buffer, written in
        body.withUnsafeBytes { source in
          _ = snappy_compress(
            source.bindMemory(to: CChar.self).baseAddress, source.count,
            UnsafeMutableRawPointer(buffer.baseAddress)?.assumingMemoryBound(to: CChar.self),
            &count)
        }
        written = count
      }
    }
  }

  /// What `compress` made, by a client.
  func decompress(_ body: ArraySlice<UInt8>) throws(CQLError) -> [UInt8] {
    switch self {
    case .lz4:
      guard body.count >= 4 else { throw Self.damaged }
      let length = body.prefix(4).reduce(0) { $0 << 8 | Int($1) }
      return try Self.lz4Decompress(body.dropFirst(4), length: length)
    case .snappy: return try Self.snappyDecompress(body)
    }
  }

  private static var damaged: CQLError { .violation("Cannot decompress the frame's body") }

  static func lz4Block(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    let bound = Int(LZ4_compressBound(Int32(bytes.count)))
    return [UInt8](unsafeUninitializedCapacity: bound) { buffer, written in
      written = bytes.withUnsafeBytes { source in
        Int(
          LZ4_compress_default(
            source.bindMemory(to: CChar.self).baseAddress,
            UnsafeMutableRawPointer(buffer.baseAddress)?.assumingMemoryBound(to: CChar.self),
            Int32(source.count), Int32(bound)))
      }
    }
  }

  static func lz4Decompress(_ bytes: ArraySlice<UInt8>, length: Int) throws(CQLError) -> [UInt8] {
    guard length <= FrameHeader.bodyBytesMax else {
      throw .violation("A body of \(length) bytes exceeds \(FrameHeader.bodyBytesMax)")
    }
    if length == 0 { return [] }
    var count = 0
    let output = [UInt8](unsafeUninitializedCapacity: length) { buffer, written in
      count = bytes.withUnsafeBytes { source in
        Int(
          LZ4_decompress_safe(
            source.bindMemory(to: CChar.self).baseAddress,
            UnsafeMutableRawPointer(buffer.baseAddress)?.assumingMemoryBound(to: CChar.self),
            Int32(source.count), Int32(length)))
      }
      written = max(0, count)
    }
    guard count == length else { throw damaged }
    return output
  }

  private static func snappyDecompress(_ bytes: ArraySlice<UInt8>) throws(CQLError) -> [UInt8] {
    let output: [UInt8]? = bytes.withUnsafeBytes { source in
      let input = source.bindMemory(to: CChar.self).baseAddress
      var length = 0
      guard snappy_uncompressed_length(input, source.count, &length) == SNAPPY_OK,
        length <= FrameHeader.bodyBytesMax
      else { return nil }
      var isRight = false
      let made = [UInt8](unsafeUninitializedCapacity: length) { buffer, written in
        isRight =
          snappy_uncompress(
            input, source.count,
            UnsafeMutableRawPointer(buffer.baseAddress)?.assumingMemoryBound(to: CChar.self),
            &length) == SNAPPY_OK
        written = isRight ? length : 0
      }
      return isRight ? made : nil
    }
    guard let output else { throw damaged }
    return output
  }
}
