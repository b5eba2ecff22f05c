import Base

/// Bytes that the stores of one shard hold, against the shard's limit. Lives on: one shard, shared by
/// all its stores; not Sendable.
///
/// The account only counts. Limits act before execution (`isFull`, `hasRoom`), never when a committed
/// entry is applied: a follower must apply what the leader accepted.
public final class MemoryAccount {
  /// Bytes in use, as the allocator rounds them, without what garbage collection has found and a page still has.
  public private(set) var usedBytes = 0
  /// The most that should be used; changed at run time by the node's settings.
  public var limitBytes: Int

  public init(limitBytes: Int = .max) {
    self.limitBytes = limitBytes
  }

  public var isFull: Bool { usedBytes >= limitBytes }

  /// Whether `bytes` more would stay within the limit.
  public func hasRoom(for bytes: Int) -> Bool { bytes <= limitBytes - min(usedBytes, limitBytes) }

  func charge(_ bytes: Int) { usedBytes += bytes }

  func discharge(_ bytes: Int) {
    usedBytes -= bytes
    invariant(usedBytes >= 0, "memory account below zero: \(usedBytes)")
  }

  /// What glibc takes for a request: 8 bytes in front, multiples of 16, 32 at least.
  static func allocated(for request: Int) -> Int { max(32, (request + 8 + 15) & ~15) }
}
