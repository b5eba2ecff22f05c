/// RFC 4648's base64 with padding, as SCRAM uses it.
enum Base64 {
  private static let letters = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  private static let values: [UInt8: UInt32] = Dictionary(
    uniqueKeysWithValues: letters.enumerated().map { ($1, UInt32($0)) })
  private static let pad = UInt8(ascii: "=")

  static func encode(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let count = min(3, bytes.count - start)
      var group: UInt32 = 0
      for place in 0..<3 { group = group << 8 | (place < count ? UInt32(bytes[start + place]) : 0) }
      for place in 0..<4 {
        result.append(
          place <= count ? letters[Int(group >> UInt32(18 - 6 * place) & 63)] : pad)
      }
    }
    return result
  }

  /// Nil for anything but what `encode` makes: other spellings of the same bytes are refused too.
  static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
    let text = Array(text)
    guard text.count % 4 == 0 else { return nil }
    let padding = text.suffix(2).filter { $0 == pad }.count
    var result: [UInt8] = []
    var group: UInt32 = 0
    for (index, letter) in text.enumerated() {
      if index >= text.count - padding {
        group <<= 6
      } else {
        guard let value = values[letter] else { return nil }
        group = group << 6 | value
      }
      if index % 4 == 3 {
        for shift: UInt32 in [16, 8, 0] { result.append(UInt8(truncatingIfNeeded: group >> shift)) }
        group = 0
      }
    }
    result.removeLast(padding)
    return encode(result) == text ? result : nil
  }
}
