/// Bits of a string: bit 0 is the highest of the first byte. Behind its end all are 0.
enum Bits {
  static func isSet(_ bytes: [UInt8], _ offset: Int) -> Bool {
    offset / 8 < bytes.count && bytes[offset / 8] >> UInt8(7 - offset % 8) & 1 == 1
  }

  static func set(_ bytes: inout [UInt8], _ offset: Int, to isSet: Bool) {
    let mask = UInt8(1) << UInt8(7 - offset % 8)
    if isSet { bytes[offset / 8] |= mask } else { bytes[offset / 8] &= ~mask }
  }

  /// How many are set in the range.
  static func count(_ bytes: [UInt8], _ range: Range<Int>) -> Int {
    if range.isEmpty { return 0 }
    let (first, last) = (range.lowerBound / 8, (range.upperBound - 1) / 8)
    var count = bytes.withUnsafeBytes { bytes in
      var sum = 0
      var place = first
      while place + 8 <= last + 1 {
        sum += bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self).nonzeroBitCount
        place += 8
      }
      while place <= last {
        sum += bytes[place].nonzeroBitCount
        place += 1
      }
      return sum
    }
    // What the first and last bytes have outside of the range.
    count -= (bytes[first] & ~(0xFF >> UInt8(range.lowerBound % 8))).nonzeroBitCount
    let kept = (range.upperBound - 1) % 8
    count -= (bytes[last] & UInt8(truncatingIfNeeded: 0x7F >> kept)).nonzeroBitCount
    return count
  }

  /// The first bit of the range that is as wanted.
  static func first(_ bytes: [UInt8], _ wanted: Bool, _ range: Range<Int>) -> Int? {
    let uniform: UInt8 = wanted ? 0 : 0xFF
    return bytes.withUnsafeBytes { bytes in
      var offset = range.lowerBound
      while offset < range.upperBound {
        if offset % 8 == 0, bytes[offset / 8] == uniform {
          offset += 8
        } else if (bytes[offset / 8] >> UInt8(7 - offset % 8) & 1 == 1) == wanted {
          return offset
        } else {
          offset += 1
        }
      }
      return nil
    }
  }

  /// The number in `width` bits, at most 64.
  static func number(_ bytes: [UInt8], _ offset: Int, width: Int) -> UInt64 {
    var number: UInt64 = 0
    for place in offset..<offset + width { number = number << 1 | (isSet(bytes, place) ? 1 : 0) }
    return number
  }

  static func setNumber(_ bytes: inout [UInt8], _ offset: Int, width: Int, _ number: UInt64) {
    for place in 0..<width {
      set(&bytes, offset + place, to: number >> UInt64(width - 1 - place) & 1 == 1)
    }
  }
}
