/// ISO 8601's forms of a duration in statements: `P1Y2M3DT4H5M6S`, `P2W` and `P0001-02-03T04:05:06`. They are in
/// upper case: `p1d` is a name.
enum ISODuration {
  /// Where the duration ends that the text begins with; nil: it is none. `word`: where its letters and digits
  /// end, which have to be all of it.
  static func end(_ bytes: ArraySlice<UInt8>, word: Int) -> Int? {
    guard bytes.first == UInt8(ascii: "P") else { return nil }
    if let end = fixed(bytes) { return end }
    let text = bytes[bytes.startIndex..<word].dropFirst()
    return isUnits(text) ? word : nil
  }

  private static let pattern = Array("P0000-00-00T00:00:00".utf8)

  private static func fixed(_ bytes: ArraySlice<UInt8>) -> Int? {
    let part = bytes.prefix(pattern.count)
    guard part.count == pattern.count else { return nil }
    for (byte, wanted) in zip(part, pattern) {
      guard wanted == 48 ? (48...57).contains(byte) : byte == wanted else { return nil }
    }
    return part.endIndex
  }

  /// Behind the P: weeks alone, or units that get smaller, those of a day behind a T.
  private static func isUnits(_ text: ArraySlice<UInt8>) -> Bool {
    var rest = text
    func take(_ unit: UInt8) -> Bool {
      let digits = rest.prefix { (48...57).contains($0) }
      guard !digits.isEmpty, rest.dropFirst(digits.count).first == unit else { return false }
      rest = rest.dropFirst(digits.count + 1)
      return true
    }
    func takeSome(_ units: String) -> Bool {
      var isSome = false
      for unit in units.utf8 where take(unit) { isSome = true }
      return isSome
    }
    if take(UInt8(ascii: "W")) { return rest.isEmpty }
    let hasDays = takeSome("YMD")
    if rest.isEmpty { return hasDays }
    guard rest.first == UInt8(ascii: "T") else { return false }
    rest = rest.dropFirst()
    return takeSome("HMS") && rest.isEmpty
  }

  /// The numbers of `P0001-02-03T04:05:06`: years, months, days, hours, minutes, seconds; nil: another form.
  static func numbers(_ text: some StringProtocol) -> [Int64]? {
    let bytes = Array(text.uppercased().utf8)
    guard bytes.count == pattern.count, fixed(bytes[...]) != nil else { return nil }
    return bytes.dropFirst().split { !(48...57).contains($0) }.map { digits in
      digits.reduce(0) { $0 * 10 + Int64($1 - 48) }
    }
  }
}
