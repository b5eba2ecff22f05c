/// MD5 (RFC 1321) and the SHA-2 family (FIPS 180-4), as SQL functions. Not for passwords.
enum Digests {
  static func md5(_ message: [UInt8]) -> [UInt8] {
    let shifts: [UInt32] = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21]
    var state: [UInt32] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476]
    let data = padded(message, block: 64, isLittleEndian: true)
    var words = [UInt32](repeating: 0, count: 16)
    for start in stride(from: 0, to: data.count, by: 64) {
      for index in 0..<16 {
        let at = start + index * 4
        words[index] =
          UInt32(data[at]) | UInt32(data[at + 1]) << 8 | UInt32(data[at + 2]) << 16
          | UInt32(data[at + 3]) << 24
      }
      var (a, b, c, d) = (state[0], state[1], state[2], state[3])
      for index in 0..<64 {
        var mixed: UInt32
        let word: Int
        switch index / 16 {
        case 0: (mixed, word) = (b & c | ~b & d, index)
        case 1: (mixed, word) = (d & b | ~d & c, (5 * index + 1) % 16)
        case 2: (mixed, word) = (b ^ c ^ d, (3 * index + 5) % 16)
        default: (mixed, word) = (c ^ (b | ~d), 7 * index % 16)
        }
        mixed = mixed &+ a &+ md5Constants[index] &+ words[word]
        let shift = shifts[index / 16 * 4 + index % 4]
        (a, d, c) = (d, c, b)
        b = b &+ (mixed << shift | mixed >> (32 - shift))
      }
      state[0] &+= a
      state[1] &+= b
      state[2] &+= c
      state[3] &+= d
    }
    return state.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } }
  }

  static func sha256(_ message: [UInt8], is224: Bool = false) -> [UInt8] {
    // The upper half of the 512-bit constants are those of SHA-256.
    var state: [UInt32] =
      is224
      ? [
        0xC105_9ED8, 0x367C_D507, 0x3070_DD17, 0xF70E_5939, 0xFFC0_0B31, 0x6858_1511, 0x64F9_8FA7,
        0xBEFA_4FA4,
      ] : fractions(roots: squareRoots, count: 8).map { UInt32($0 >> 32) }
    let constants = fractions(roots: cubeRoots, count: 64).map { UInt32($0 >> 32) }
    let data = padded(message, block: 64, isLittleEndian: false)
    func rotated(_ x: UInt32, _ n: UInt32) -> UInt32 { x >> n | x << (32 - n) }
    var words = [UInt32](repeating: 0, count: 64)
    for start in stride(from: 0, to: data.count, by: 64) {
      for index in 0..<16 {
        words[index] = data[(start + index * 4)..<(start + index * 4 + 4)].reduce(0) {
          $0 << 8 | UInt32($1)
        }
      }
      for index in 16..<64 {
        let (x, y) = (words[index - 15], words[index - 2])
        let s0 = rotated(x, 7) ^ rotated(x, 18) ^ x >> 3
        let s1 = rotated(y, 17) ^ rotated(y, 19) ^ y >> 10
        words[index] = words[index - 16] &+ s0 &+ words[index - 7] &+ s1
      }
      var v = state
      for index in 0..<64 {
        let s1 = rotated(v[4], 6) ^ rotated(v[4], 11) ^ rotated(v[4], 25)
        let choice = v[4] & v[5] ^ ~v[4] & v[6]
        let first = v[7] &+ s1 &+ choice &+ constants[index] &+ words[index]
        let s0 = rotated(v[0], 2) ^ rotated(v[0], 13) ^ rotated(v[0], 22)
        let majority = v[0] & v[1] ^ v[0] & v[2] ^ v[1] & v[2]
        v = [first &+ s0 &+ majority, v[0], v[1], v[2], v[3] &+ first, v[4], v[5], v[6]]
      }
      for index in 0..<8 { state[index] &+= v[index] }
    }
    let bytes = state.flatMap { word in
      (0..<4).map { UInt8(truncatingIfNeeded: word >> (24 - $0 * 8)) }
    }
    return Array(bytes.prefix(is224 ? 28 : 32))
  }

  static func sha512(_ message: [UInt8], is384: Bool = false) -> [UInt8] {
    var state: [UInt64] =
      is384
      ? Array(fractions(roots: squareRoots, count: 16)[8...])
      : fractions(roots: squareRoots, count: 8)
    let constants = fractions(roots: cubeRoots, count: 80)
    let data = padded(message, block: 128, isLittleEndian: false)
    func rotated(_ x: UInt64, _ n: UInt64) -> UInt64 { x >> n | x << (64 - n) }
    var words = [UInt64](repeating: 0, count: 80)
    for start in stride(from: 0, to: data.count, by: 128) {
      for index in 0..<16 {
        words[index] = data[(start + index * 8)..<(start + index * 8 + 8)].reduce(0) {
          $0 << 8 | UInt64($1)
        }
      }
      for index in 16..<80 {
        let (x, y) = (words[index - 15], words[index - 2])
        let s0 = rotated(x, 1) ^ rotated(x, 8) ^ x >> 7
        let s1 = rotated(y, 19) ^ rotated(y, 61) ^ y >> 6
        words[index] = words[index - 16] &+ s0 &+ words[index - 7] &+ s1
      }
      var v = state
      for index in 0..<80 {
        let s1 = rotated(v[4], 14) ^ rotated(v[4], 18) ^ rotated(v[4], 41)
        let choice = v[4] & v[5] ^ ~v[4] & v[6]
        let first = v[7] &+ s1 &+ choice &+ constants[index] &+ words[index]
        let s0 = rotated(v[0], 28) ^ rotated(v[0], 34) ^ rotated(v[0], 39)
        let majority = v[0] & v[1] ^ v[0] & v[2] ^ v[1] & v[2]
        v = [first &+ s0 &+ majority, v[0], v[1], v[2], v[3] &+ first, v[4], v[5], v[6]]
      }
      for index in 0..<8 { state[index] &+= v[index] }
    }
    let bytes = state.flatMap { word in
      (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - $0 * 8)) }
    }
    return Array(bytes.prefix(is384 ? 48 : 64))
  }

  private static func padded(_ message: [UInt8], block: Int, isLittleEndian: Bool) -> [UInt8] {
    var data = message + [0x80]
    let lengthBytes = block / 8
    while data.count % block != block - lengthBytes { data.append(0) }
    let bits = UInt64(message.count) &* 8
    for _ in 8..<max(8, lengthBytes) { data.append(0) }
    for index in 0..<8 {
      data.append(
        UInt8(truncatingIfNeeded: bits >> UInt64((isLittleEndian ? index : 7 - index) * 8)))
    }
    return data
  }

  /// The first 80 primes, whose roots' fractions are the constants of SHA-2.
  private static let primes: [UInt64] = {
    var result: [UInt64] = []
    var candidate: UInt64 = 2
    while result.count < 80 {
      if !result.contains(where: { candidate % $0 == 0 }) { result.append(candidate) }
      candidate += 1
    }
    return result
  }()
  private static let squareRoots = primes.map { root($0, power: 2) }
  private static let cubeRoots = primes.map { root($0, power: 3) }
  private static func fractions(roots: [UInt64], count: Int) -> [UInt64] {
    Array(roots.prefix(count))
  }

  /// The first 64 bits after the point of the root of a small number.
  private static func root(_ value: UInt64, power: Int) -> UInt64 {
    // r has 64 fractional bits: the largest r with r^power <= value * 2^(64 * power).
    var whole: UInt64 = 0
    func raised(_ x: UInt64) -> UInt64 { power == 2 ? x * x : x * x * x }
    while raised(whole + 1) <= value { whole += 1 }
    var fraction: UInt64 = 0
    for bit in stride(from: 63, through: 0, by: -1) {
      let candidate = fraction | 1 << UInt64(bit)
      if isAtMost(whole, candidate, value, power: power) { fraction = candidate }
    }
    return fraction
  }

  /// Whether (whole + fraction / 2^64)^power <= value, in exact arithmetic by 32-bit limbs.
  private static func isAtMost(_ whole: UInt64, _ fraction: UInt64, _ value: UInt64, power: Int)
    -> Bool
  {
    let base = [fraction & 0xFFFF_FFFF, fraction >> 32, whole]
    var product: [UInt64] = base
    for _ in 1..<power {
      var next = [UInt64](repeating: 0, count: product.count + base.count)
      for (i, x) in product.enumerated() {
        var carry: UInt64 = 0
        for (j, y) in base.enumerated() {
          let sum = next[i + j] + x * y + carry
          next[i + j] = sum & 0xFFFF_FFFF
          carry = sum >> 32
        }
        next[i + base.count] += carry
      }
      product = next
    }
    let fractionLimbs = power * 2
    var integer: UInt64 = 0
    for limb in product[fractionLimbs...].reversed() { integer = integer << 32 | limb }
    return integer < value
  }

  private static let md5Constants: [UInt32] = [
    0xd76a_a478, 0xe8c7_b756, 0x2420_70db, 0xc1bd_ceee, 0xf57c_0faf, 0x4787_c62a, 0xa830_4613,
    0xfd46_9501, 0x6980_98d8, 0x8b44_f7af, 0xffff_5bb1, 0x895c_d7be, 0x6b90_1122, 0xfd98_7193,
    0xa679_438e, 0x49b4_0821, 0xf61e_2562, 0xc040_b340, 0x265e_5a51, 0xe9b6_c7aa, 0xd62f_105d,
    0x0244_1453, 0xd8a1_e681, 0xe7d3_fbc8, 0x21e1_cde6, 0xc337_07d6, 0xf4d5_0d87, 0x455a_14ed,
    0xa9e3_e905, 0xfcef_a3f8, 0x676f_02d9, 0x8d2a_4c8a, 0xfffa_3942, 0x8771_f681, 0x6d9d_6122,
    0xfde5_380c, 0xa4be_ea44, 0x4bde_cfa9, 0xf6bb_4b60, 0xbebf_bc70, 0x289b_7ec6, 0xeaa1_27fa,
    0xd4ef_3085, 0x0488_1d05, 0xd9d4_d039, 0xe6db_99e5, 0x1fa2_7cf8, 0xc4ac_5665, 0xf429_2244,
    0x432a_ff97, 0xab94_23a7, 0xfc93_a039, 0x655b_59c3, 0x8f0c_cc92, 0xffef_f47d, 0x8584_5dd1,
    0x6fa8_7e4f, 0xfe2c_e6e0, 0xa301_4314, 0x4e08_11a1, 0xf753_7e82, 0xbd3a_f235, 0x2ad7_d2bb,
    0xeb86_d391,
  ]
}
