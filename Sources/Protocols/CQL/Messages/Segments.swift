/// Version 5's framing: once a connection is set up, messages travel in segments, each with checksums.
/// A segment holds several whole messages, or a part of one.
enum Segments {
  /// A payload's length has 17 bits.
  static let payloadBytesMax = (1 << 17) - 1

  /// The payload of the segment at the front, and the bytes that it took; nil: more are needed.
  static func decode(_ bytes: ArraySlice<UInt8>, isCompressed: Bool) throws(CQLError)
    -> (payload: [UInt8], count: Int)?
  {
    let headerBytes = isCompressed ? 5 : 3
    guard bytes.count >= headerBytes + 3 else { return nil }
    let at = bytes.startIndex
    var header: UInt64 = 0
    for place in 0..<headerBytes { header |= UInt64(bytes[at + place]) << UInt64(place * 8) }
    var checksum: UInt32 = 0
    for place in 0..<3 {
      checksum |= UInt32(bytes[at + headerBytes + place]) << UInt32(place * 8)
    }
    guard checksum == Checksums.crc24(bytes[at..<at + headerBytes]) else {
      throw .violation("Corrupt header of a segment: its checksum does not match")
    }
    let length = Int(header & 0x1_FFFF)
    let start = at + headerBytes + 3
    guard bytes.endIndex - start >= length + 4 else { return nil }
    let payload = bytes[start..<start + length]
    var trailer: UInt32 = 0
    for place in 0..<4 {
      trailer |= UInt32(bytes[start + length + place]) << UInt32(place * 8)
    }
    guard trailer == Checksums.crc32(payload) else {
      throw .violation("Corrupt payload of a segment: its checksum does not match")
    }
    let count = headerBytes + 3 + length + 4
    let whole = isCompressed ? Int(header >> 17 & 0x1_FFFF) : 0
    if whole == 0 { return (Array(payload), count) }
    return (try Compression.lz4Decompress(payload, length: whole), count)
  }

  /// Whole messages as segments.
  static func encode(_ messages: [UInt8], isCompressed: Bool, into output: inout [UInt8]) {
    var rest = messages[...]
    let isWhole = messages.count <= payloadBytesMax
    while !rest.isEmpty {
      let part = rest.prefix(payloadBytesMax)
      rest = rest.dropFirst(part.count)
      segment(part, isWhole: isWhole, isCompressed: isCompressed, into: &output)
    }
  }

  private static func segment(
    _ part: ArraySlice<UInt8>, isWhole: Bool, isCompressed: Bool, into output: inout [UInt8]
  ) {
    var payload = part
    var header: UInt64
    if isCompressed {
      let compressed = Compression.lz4Block(part)
      let isSmaller = compressed.count < part.count
      if isSmaller { payload = compressed[...] }
      header = UInt64(payload.count) | UInt64(isSmaller ? part.count : 0) << 17
      if isWhole { header |= 1 << 34 }
    } else {
      header = UInt64(part.count)
      if isWhole { header |= 1 << 17 }
    }
    let headerBytes = (0..<(isCompressed ? 5 : 3)).map {
      UInt8(truncatingIfNeeded: header >> UInt64($0 * 8))
    }
    output.append(contentsOf: headerBytes)
    append(Checksums.crc24(headerBytes), bytes: 3, to: &output)
    output.append(contentsOf: payload)
    append(Checksums.crc32(payload), bytes: 4, to: &output)
  }

  private static func append(_ value: UInt32, bytes: Int, to output: inout [UInt8]) {
    for place in 0..<bytes {
      output.append(UInt8(truncatingIfNeeded: value >> UInt32(place * 8)))
    }
  }
}
