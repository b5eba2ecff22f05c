import Base

/// The shard's hybrid logical clock (DESIGN 9). Lives on: its shard.
///
/// Invariant: stamps only rise. All shards of a node read the same physical clock and a stamp is
/// ahead of it only by the events that fell into one nanosecond, so what one shard acknowledged is
/// below what any shard stamps later.
struct HybridClock {
  private var last = Timestamp.zero

  /// The newest stamp given or observed.
  var latest: Timestamp { last }

  /// A stamp above every earlier one and every observed one, not below `physical` nanoseconds.
  mutating func next(physical: UInt64) -> Timestamp {
    last = Timestamp(rawValue: max(physical, last.rawValue + 1))
    return last
  }

  /// Later stamps will be above `timestamp`: a read at it can no longer be overtaken by a write.
  mutating func observe(_ timestamp: Timestamp) {
    if timestamp > last { last = timestamp }
  }
}

/// The node's physical time: wall clock at start, carried on by the monotonic clock, so that a
/// wall clock set back never makes one shard stamp below another. At start it is not below any stamp
/// in the log either: shards would count on from there each for itself, and what one acknowledged
/// would be above what another stamps later.
public struct PhysicalClock: Sendable {
  private let wallAtStart: UInt64
  private let monotonicAtStart: UInt64

  public init(wallNanoseconds: UInt64, monotonicNanoseconds: UInt64) {
    wallAtStart = wallNanoseconds
    monotonicAtStart = monotonicNanoseconds
  }

  public func now(monotonicNanoseconds: UInt64) -> UInt64 {
    // Another shard may have read the clock a moment before.
    wallAtStart &+ monotonicNanoseconds &- monotonicAtStart
  }
}
