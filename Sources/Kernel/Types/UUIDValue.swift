/// 128 bits, ordered as bytes.
public final class UUIDValue: Sendable, Hashable, Comparable {
  public let high: UInt64
  public let low: UInt64

  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// Nil unless there are 16 bytes.
  public convenience init?(bytes: some Collection<UInt8>) {
    guard bytes.count == 16 else { return nil }
    var (high, low): (UInt64, UInt64) = (0, 0)
    for (index, byte) in bytes.enumerated() {
      if index < 8 { high = high << 8 | UInt64(byte) } else { low = low << 8 | UInt64(byte) }
    }
    self.init(high: high, low: low)
  }

  public var bytes: [UInt8] {
    (0..<16).map { index in
      UInt8(truncatingIfNeeded: (index < 8 ? high : low) >> UInt64(56 - index % 8 * 8))
    }
  }

  public static func compare(_ a: UUIDValue, _ b: UUIDValue) -> Int {
    if a.high != b.high { return a.high < b.high ? -1 : 1 }
    return a.low < b.low ? -1 : (a.low == b.low ? 0 : 1)
  }
  public static func == (a: UUIDValue, b: UUIDValue) -> Bool { compare(a, b) == 0 }
  public static func < (a: UUIDValue, b: UUIDValue) -> Bool { compare(a, b) < 0 }
  public func hash(into hasher: inout Hasher) {
    hasher.combine(high)
    hasher.combine(low)
  }
}
