import CLZ4
import CSnappy
import CZlib
import CZstd

/// How the records of a batch are packed; the number is in the batch's attributes.
enum RecordCompression: Int16, Sendable, CaseIterable {
  case none = 0
  case gzip = 1
  case snappy = 2
  case lz4 = 3
  case zstd = 4

  var name: String { "\(self)" }

  init?(named name: String) {
    guard let found = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = found
  }

  /// The first version of Fetch whose clients know it.
  var firstFetchVersion: Int16 { self == .zstd ? 10 : 0 }

  /// Cost: proportional to the bytes; each codec's state is made for the call.
  func compress(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    switch self {
    case .none: Array(bytes)
    case .gzip: Self.gzip(bytes)
    case .snappy: Self.xerial(bytes)
    case .lz4: Self.lz4Frame(bytes)
    case .zstd: Self.zstdFrame(bytes)
    }
  }

  /// Fills an array of at most `count` bytes; `body` says how many there are, nil where the codec failed.
  private static func made(
    _ count: Int, _ codec: String, _ body: (UnsafeMutableRawBufferPointer) -> Int?
  ) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, written in
      guard let length = body(UnsafeMutableRawBufferPointer(buffer)), length <= count else {
        fatalError("invariant: \(codec) refused its own bound of \(count) bytes")
      }
      written = length
    }
  }

  // MARK: Codecs

  private static func gzip(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    var stream = z_stream()
    // 15 bits of window, and 16 for gzip's header instead of zlib's.
    let status = deflateInit2_(
      &stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else { fatalError("out of memory: zlib refused its state") }
    defer { deflateEnd(&stream) }
    return made(Int(deflateBound(&stream, UInt(bytes.count))), "zlib") { out in
      bytes.withUnsafeBytes { source in
        // zlib does not write to its input, but its declaration has no const.
        stream.next_in = UnsafeMutablePointer(
          mutating: source.bindMemory(to: UInt8.self).baseAddress)
        stream.avail_in = UInt32(source.count)
        stream.next_out = out.bindMemory(to: UInt8.self).baseAddress
        stream.avail_out = UInt32(out.count)
        return deflate(&stream, Z_FINISH) == Z_STREAM_END ? Int(stream.total_out) : nil
      }
    }
  }

  /// Snappy in the blocks of the Java library that producers use: a header, then each block behind its
  /// length.
  private static let xerialHeader: [UInt8] =
    [0x82] + Array("SNAPPY".utf8) + [0, 0, 0, 0, 1, 0, 0, 0, 1]
  private static let xerialBlockBytes = 1 << 16

  private static func xerial(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    var out = xerialHeader
    for start in stride(from: bytes.startIndex, to: bytes.endIndex, by: xerialBlockBytes) {
      let block = snappyBlock(bytes[start..<min(start + xerialBlockBytes, bytes.endIndex)])
      for shift in [24, 16, 8, 0] { out.append(UInt8(truncatingIfNeeded: block.count >> shift)) }
      out += block
    }
    return out
  }

  private static func snappyBlock(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    var count = snappy_max_compressed_length(bytes.count)
    return made(count, "snappy") { out in
      bytes.withUnsafeBytes { source in
        snappy_compress(
          source.bindMemory(to: CChar.self).baseAddress, source.count,
          out.bindMemory(to: CChar.self).baseAddress, &count) == SNAPPY_OK ? count : nil
      }
    }
  }

  /// Blocks do not depend on one another: the Java client reads no others.
  private static func lz4Frame(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    var preferences = LZ4F_preferences_t()
    preferences.frameInfo.blockMode = LZ4F_blockIndependent
    preferences.frameInfo.blockSizeID = LZ4F_max64KB
    return made(LZ4F_compressFrameBound(bytes.count, &preferences), "lz4") { out in
      bytes.withUnsafeBytes { source in
        let count = LZ4F_compressFrame(
          out.baseAddress, out.count, source.baseAddress, source.count, &preferences)
        return LZ4F_isError(count) == 0 ? count : nil
      }
    }
  }

  private static let zstdLevel: Int32 = 1

  private static func zstdFrame(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    made(ZSTD_compressBound(bytes.count), "zstd") { out in
      bytes.withUnsafeBytes { source in
        let count = ZSTD_compress(
          out.baseAddress, out.count, source.baseAddress, source.count, zstdLevel)
        return ZSTD_isError(count) == 0 ? count : nil
      }
    }
  }
}
