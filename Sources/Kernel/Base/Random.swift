/// xoshiro256** (Blackman and Vigna, 2018): the only random source of the kernel, seeded per shard,
/// so that a simulation repeats from its seed. Not for secrets.
public struct Xoshiro256: RandomNumberGenerator, Sendable {
  public var s0, s1, s2, s3: UInt64

  public init(seed: UInt64) {
    var state = seed
    func splitmix(_ x: inout UInt64) -> UInt64 {
      x &+= 0x9E37_79B9_7F4A_7C15
      var z = x
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
    s0 = splitmix(&state)
    s1 = splitmix(&state)
    s2 = splitmix(&state)
    s3 = splitmix(&state)
  }

  public mutating func next() -> UInt64 {
    func rotl(_ x: UInt64, _ k: UInt64) -> UInt64 { (x << k) | (x >> (64 - k)) }
    let result = rotl(s1 &* 5, 7) &* 9
    let t = s1 << 17
    s2 ^= s0
    s3 ^= s1
    s1 ^= s2
    s0 ^= s3
    s2 ^= t
    s3 = rotl(s3, 45)
    return result
  }
}
