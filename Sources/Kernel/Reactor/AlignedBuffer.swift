import Base
import Glibc

/// Owner of memory that `O_DIRECT` accepts: its address and capacity are multiples of 4096.
/// A class, because a write in flight and its completion share it. Lives on: its shard.
/// Zeroed at birth; freed with the last reference, so keep one until the completion has run.
public final class AlignedBuffer {
  public static let blockBytes = 4_096

  /// Bytes, a multiple of `blockBytes`.
  public let capacity: Int
  private let base: UnsafeMutableRawPointer

  /// Rounds `wanted` (at least 1) up to a multiple of 4096.
  public init(capacity wanted: Int) {
    invariant(wanted > 0, "an aligned buffer of \(wanted) bytes")
    capacity = AlignedBuffer.roundedUp(wanted)
    base = UnsafeMutableRawPointer.allocate(
      byteCount: capacity, alignment: AlignedBuffer.blockBytes)
    memset(base, 0, capacity)
  }

  deinit { base.deallocate() }

  /// The smallest multiple of 4096 that holds `count` bytes.
  public static func roundedUp(_ count: Int) -> Int {
    (count + blockBytes - 1) & ~(blockBytes - 1)
  }

  /// All of the memory; valid while the buffer lives.
  public var bytes: UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(start: base, count: capacity)
  }

  /// The first `count` bytes, to write; traps when there are fewer.
  public func prefix(_ count: Int) -> UnsafeRawBufferPointer {
    invariant(count >= 0 && count <= capacity, "prefix \(count) of \(capacity)")
    return UnsafeRawBufferPointer(start: base, count: count)
  }
}
