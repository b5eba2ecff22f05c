/// Writes a message's body.
struct BodyWriter {
  var bytes: [UInt8] = []

  mutating func number(_ value: UInt64, _ count: Int) {
    withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0[(8 - count)...]) }
  }

  mutating func byte(_ value: UInt8) { bytes.append(value) }
  mutating func short(_ value: Int) { number(UInt64(value & 0xFFFF), 2) }
  mutating func int(_ value: Int) { number(UInt64(bitPattern: Int64(value)), 4) }
  mutating func long(_ value: Int64) { number(UInt64(bitPattern: value), 8) }

  /// Texts longer than the protocol's 65,535 bytes are cut.
  mutating func string(_ text: String) {
    let utf8 = Array(text.utf8.prefix(0xFFFF))
    short(utf8.count)
    bytes.append(contentsOf: utf8)
  }

  mutating func stringList(_ list: [String]) {
    short(list.count)
    for text in list { string(text) }
  }

  mutating func stringMultimap(_ map: [(String, [String])]) {
    short(map.count)
    for (key, values) in map {
      string(key)
      stringList(values)
    }
  }

  mutating func shortBytes(_ value: [UInt8]) {
    short(value.count)
    bytes.append(contentsOf: value)
  }

  mutating func bytes(_ value: [UInt8]?) {
    guard let value else { return int(-1) }
    int(value.count)
    bytes.append(contentsOf: value)
  }

  mutating func consistency(_ level: Consistency) { short(Int(level.rawValue)) }
}
