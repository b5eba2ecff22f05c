import CZstd

/// One thread's zstd state, used again for each block. Lives on: its shard.
///
/// The contexts are C objects that nobody else sees; they are freed with this one.
final class Compressor {
  /// The fastest of the regular levels: a slice of a checkpoint must not hold the shard up.
  private static let level: Int32 = 1
  private let context: OpaquePointer

  init() {
    guard let made = ZSTD_createCCtx() else { fatalError("out of memory: zstd context refused") }
    context = made
  }

  deinit { ZSTD_freeCCtx(context) }

  /// Appends the content as one frame.
  func append(_ content: UnsafeRawBufferPointer, to out: inout [UInt8]) {
    let start = out.count
    let bound = ZSTD_compressBound(content.count)
    out.append(contentsOf: repeatElement(0, count: bound))
    let count = out.withUnsafeMutableBytes { all in
      ZSTD_compressCCtx(
        context, all.baseAddress.map { $0 + start }, bound, content.baseAddress, content.count,
        Self.level)
    }
    guard ZSTD_isError(count) == 0 else {
      fatalError("invariant: zstd refused \(content.count) bytes")
    }
    out.removeLast(bound - count)
  }
}

/// The other way. Lives on: its shard.
final class Decompressor {
  private let context: OpaquePointer

  init() {
    guard let made = ZSTD_createDCtx() else { fatalError("out of memory: zstd context refused") }
    context = made
  }

  deinit { ZSTD_freeDCtx(context) }

  /// Fills `content` from the frame; false where the frame is not whole or has another size.
  func fill(_ content: UnsafeMutableRawBufferPointer, from frame: UnsafeRawBufferPointer) -> Bool {
    let count = ZSTD_decompressDCtx(
      context, content.baseAddress, content.count, frame.baseAddress, frame.count)
    return ZSTD_isError(count) == 0 && count == content.count
  }
}
