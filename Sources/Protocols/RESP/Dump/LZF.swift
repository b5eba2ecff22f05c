/// The compression of long strings in dumps (Lehmann's LZF): literal runs, and copies of what came
/// shortly before.
enum LZF {
  /// Nil: the bytes are not such a string of `count` bytes.
  static func decompress(_ bytes: UnsafeRawBufferPointer, count: Int) -> [UInt8]? {
    // A copy of three bytes makes 264 at most.
    guard count >= 0, count <= bytes.count * 264 else { return nil }
    var out: [UInt8] = []
    out.reserveCapacity(count)
    var place = 0
    while place < bytes.count {
      let control = Int(bytes[place])
      place += 1
      if control < 32 {
        guard place + control + 1 <= bytes.count, out.count + control + 1 <= count else {
          return nil
        }
        out.append(contentsOf: bytes[place...(place + control)])
        place += control + 1
        continue
      }
      var length = control >> 5
      if length == 7 {
        guard place < bytes.count else { return nil }
        length += Int(bytes[place])
        place += 1
      }
      guard place < bytes.count else { return nil }
      let distance = (control & 0x1F) << 8 | Int(bytes[place])
      place += 1
      length += 2
      let source = out.count - distance - 1
      guard source >= 0, out.count + length <= count else { return nil }
      // The copy may overlap what it makes.
      for offset in 0..<length { out.append(out[source + offset]) }
    }
    return out.count == count ? out : nil
  }
}
