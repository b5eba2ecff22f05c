/// When the log's next batch is written for those who wait for it. Lives on: its shard.
///
/// Clients whose replies have just left mostly send something again within a moment. A batch that is begun
/// before they have leaves them to the batch after it, so that each client waits for the rest of one write and
/// the whole of another, and half of them is in each. So the next write waits for as many as have been released and are
/// there already, but a part of the last write's time at most; and where waiting was in vain, it is left
/// for a while. A single client is never kept waiting, nor are all where the disk is idle.
struct FlushGate {
  /// Who waits for what has not begun to be written.
  private var waiting = 0
  /// Who waits for what is being written, and since when it is.
  private var inFlight = 0
  private var begun: UInt64 = 0
  /// So many are expected until then; 0: nobody is.
  private var expected = 0
  private var deadline: UInt64 = 0
  /// Writes in a row that were kept back in vain, and how many are not to be.
  private var misses: UInt64 = 0
  private var skips: UInt64 = 0

  private static let nanosecondsMax: UInt64 = 500_000
  /// Of the last write's time.
  private static let part: UInt64 = 4
  private static let missesMax: UInt64 = 6

  mutating func wait() { waiting += 1 }

  /// How long the write is to be kept back; 0: not at all.
  func delay(_ now: UInt64) -> UInt64 {
    waiting >= expected || now >= deadline ? 0 : deadline - now
  }

  mutating func begins(_ now: UInt64) {
    if expected > 0 {
      // A few may be late, or gone.
      misses = waiting * 4 >= expected * 3 ? 0 : min(misses + 1, Self.missesMax)
      skips = misses == 0 ? 0 : 1 << misses
    }
    (inFlight, waiting, begun, expected) = (waiting, 0, now, 0)
  }

  mutating func ended(_ now: UInt64) {
    let released = inFlight
    inFlight = 0
    expected = 0
    guard released > 0, released + waiting > 1 else { return }
    if skips > 0 {
      skips -= 1
      return
    }
    expected = released + waiting
    deadline = now &+ min((now &- begun) / Self.part, Self.nanosecondsMax)
  }
}
