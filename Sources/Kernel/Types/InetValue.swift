/// An IPv4 or IPv6 address with the length of its network's prefix; for cidr the bits beyond the
/// prefix are zero. Ordered by family, then by the shared prefix, prefix length and whole address.
public final class InetValue: Sendable, Hashable, Comparable {
  public let isIPv6: Bool
  /// 0 to 32 or 128.
  public let prefixLength: Int
  /// The address from the top bit on; IPv4 lies in the top 32 bits.
  public let high: UInt64
  public let low: UInt64

  /// `prefixLength` must fit the family.
  public init(isIPv6: Bool, prefixLength: Int, high: UInt64, low: UInt64) {
    self.isIPv6 = isIPv6
    self.prefixLength = prefixLength
    self.high = isIPv6 ? high : high & 0xFFFF_FFFF_0000_0000
    self.low = isIPv6 ? low : 0
  }

  /// Nil when the count of bytes is not 4 or 16, or the prefix is longer than the address.
  public convenience init?(address: some Collection<UInt8>, prefixLength: Int) {
    guard address.count == 4 || address.count == 16, prefixLength >= 0,
      prefixLength <= address.count * 8
    else { return nil }
    var (high, low): (UInt64, UInt64) = (0, 0)
    for (index, byte) in address.enumerated() {
      if index < 8 {
        high |= UInt64(byte) << UInt64(56 - index * 8)
      } else {
        low |= UInt64(byte) << UInt64(120 - index * 8)
      }
    }
    self.init(isIPv6: address.count == 16, prefixLength: prefixLength, high: high, low: low)
  }

  public var addressLength: Int { isIPv6 ? 16 : 4 }
  public var prefixLengthMax: Int { isIPv6 ? 128 : 32 }

  public var address: [UInt8] {
    (0..<addressLength).map { index in
      UInt8(truncatingIfNeeded: (index < 8 ? high : low) >> UInt64(56 - index % 8 * 8))
    }
  }

  /// The first `bits` bits of the address, the rest zero.
  public func prefix(_ bits: Int) -> (high: UInt64, low: UInt64) {
    if bits >= 128 { return (high, low) }
    if bits >= 64 { return (high, bits == 64 ? 0 : low & ~(UInt64.max >> UInt64(bits - 64))) }
    return (bits <= 0 ? 0 : high & ~(UInt64.max >> UInt64(bits)), 0)
  }

  /// True when no bit beyond the prefix is set, as cidr demands.
  public var isNetwork: Bool { prefix(prefixLength) == (high, low) }

  public static func compare(_ a: InetValue, _ b: InetValue) -> Int {
    if a.isIPv6 != b.isIPv6 { return a.isIPv6 ? 1 : -1 }
    let shared = min(a.prefixLength, b.prefixLength)
    let (left, right) = (a.prefix(shared), b.prefix(shared))
    if left != right { return left < right ? -1 : 1 }
    if a.prefixLength != b.prefixLength { return a.prefixLength < b.prefixLength ? -1 : 1 }
    if (a.high, a.low) == (b.high, b.low) { return 0 }
    return (a.high, a.low) < (b.high, b.low) ? -1 : 1
  }
  public static func == (a: InetValue, b: InetValue) -> Bool { compare(a, b) == 0 }
  public static func < (a: InetValue, b: InetValue) -> Bool { compare(a, b) < 0 }
  public func hash(into hasher: inout Hasher) {
    hasher.combine(isIPv6)
    hasher.combine(prefixLength)
    hasher.combine(high)
    hasher.combine(low)
  }
}
