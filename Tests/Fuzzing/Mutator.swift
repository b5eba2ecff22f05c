public import Base

/// Makes bad input out of good: every choice follows from the seed.
public struct Mutator {
  public var random: Xoshiro256

  public init(seed: UInt64) { random = Xoshiro256(seed: seed) }

  /// 0..<`count`.
  public mutating func below(_ count: Int) -> Int { Int.random(in: 0..<count, using: &random) }

  /// True once in `count` times.
  public mutating func oneIn(_ count: Int) -> Bool { below(count) == 0 }

  public mutating func pick<Element>(_ items: [Element]) -> Element { items[below(items.count)] }

  /// One of the samples after one to four changes; sometimes, none. `words` are put in whole.
  public mutating func mutate(_ samples: [[UInt8]], words: [[UInt8]] = []) -> [UInt8] {
    var bytes = pick(samples)
    if oneIn(32) { return bytes }
    for _ in 0...below(4) { change(&bytes, samples, words) }
    return bytes
  }

  /// Lengths, counts and numbers that lie at the ends of what fits, or just beyond.
  private static let extremes: [UInt64] = [
    0, 1, 2, 3, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFE,
    0xFFFF_FFFF, 0x1_0000_0000, UInt64(Int64.max), 1 << 63, .max - 1, .max,
  ]

  private mutating func change(_ bytes: inout [UInt8], _ samples: [[UInt8]], _ words: [[UInt8]]) {
    switch below(words.isEmpty ? 10 : 12) {
    case 0:
      if !bytes.isEmpty { bytes[below(bytes.count)] ^= 1 << UInt8(below(8)) }
    case 1:
      if !bytes.isEmpty { bytes[below(bytes.count)] = UInt8(below(256)) }
    case 2:
      let fresh = (0...below(8)).map { _ in UInt8(below(256)) }
      bytes.insert(contentsOf: fresh, at: below(bytes.count + 1))
    case 3: bytes.removeSubrange(range(of: bytes))
    case 4: bytes.removeSubrange(below(bytes.count + 1)...)
    case 5:
      let piece = Array(bytes[range(of: bytes)])
      bytes.insert(contentsOf: piece, at: below(bytes.count + 1))
    case 6:
      let other = pick(samples)
      bytes = Array(bytes[..<below(bytes.count + 1)] + other[below(other.count + 1)...])
    case 7:
      let other = pick(samples)
      let piece = Array(other[range(of: other)])
      bytes.replaceSubrange(range(of: bytes), with: piece)
    case 8: setNumber(&bytes)
    case 9: setVarint(&bytes)
    case 10: bytes.insert(contentsOf: pick(words), at: below(bytes.count + 1))
    default: bytes.replaceSubrange(range(of: bytes), with: pick(words))
    }
  }

  /// Mostly short.
  private mutating func range(of bytes: [UInt8]) -> Range<Int> {
    let start = below(bytes.count + 1)
    let left = bytes.count - start
    let length = oneIn(8) ? below(left + 1) : below(min(left, 9) + 1)
    return start..<start + length
  }

  /// Puts an extreme over 1, 2, 4 or 8 bytes, in either byte order.
  private mutating func setNumber(_ bytes: inout [UInt8]) {
    let width = 1 << below(4)
    guard bytes.count >= width else { return }
    let value = pick(Mutator.extremes)
    let isBig = oneIn(2)
    let start = below(bytes.count - width + 1)
    for place in 0..<width {
      let shift = UInt64(8 * (isBig ? width - 1 - place : place))
      bytes[start + place] = UInt8(truncatingIfNeeded: value >> shift)
    }
  }

  private mutating func setVarint(_ bytes: inout [UInt8]) {
    guard !bytes.isEmpty else { return }
    var writer = ByteWriter()
    writer.varint(pick(Mutator.extremes))
    if oneIn(4) { writer.bytes = [UInt8](repeating: 0xFF, count: 11) }
    let start = below(bytes.count)
    bytes.replaceSubrange(start...start, with: writer.bytes)
  }
}
