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

  /// The most that `count` bytes may take.
  static func bound(_ count: Int) -> Int { ZSTD_compressBound(count) }

  /// Writes the content as one frame to the front of `out`, which has room for its bound. Returns
  /// the frame's size.
  func compress(
    _ content: UnsafeRawBufferPointer, into out: UnsafeMutableRawBufferPointer
  ) -> Int {
    let count = ZSTD_compressCCtx(
      context, out.baseAddress, out.count, content.baseAddress, content.count, Self.level)
    guard ZSTD_isError(count) == 0 else {
      fatalError("invariant: zstd refused \(content.count) bytes")
    }
    return count
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
