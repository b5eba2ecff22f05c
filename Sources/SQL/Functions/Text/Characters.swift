import Types

/// Characters of UTF-8 text, as the string functions count them.
enum Characters {
  static func scalars(_ bytes: [UInt8]) -> [Unicode.Scalar] {
    Array(String(decoding: bytes, as: UTF8.self).unicodeScalars)
  }

  static func bytes(_ scalars: some Sequence<Unicode.Scalar>) -> [UInt8] {
    var result: [UInt8] = []
    for scalar in scalars { append(scalar, into: &result) }
    return result
  }

  static func append(_ scalar: Unicode.Scalar, into output: inout [UInt8]) {
    if scalar.isASCII {
      output.append(UInt8(scalar.value))
    } else {
      output.append(contentsOf: UTF8.encode(scalar).map { Array($0) } ?? [])
    }
  }

  static func lowered(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    if scalar.isASCII {
      return scalar.value >= 65 && scalar.value <= 90
        ? Unicode.Scalar(UInt8(scalar.value) | 0x20) : scalar
    }
    let mapped = scalar.properties.lowercaseMapping.unicodeScalars
    return mapped.count == 1 ? mapped.first ?? scalar : scalar
  }

  static func raised(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    if scalar.isASCII {
      return scalar.value >= 97 && scalar.value <= 122
        ? Unicode.Scalar(UInt8(scalar.value) & 0xDF) : scalar
    }
    let mapped = scalar.properties.uppercaseMapping.unicodeScalars
    return mapped.count == 1 ? mapped.first ?? scalar : scalar
  }

  static func isLetter(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isAlphabetic }
  static func isDigit(_ scalar: Unicode.Scalar) -> Bool {
    scalar.isASCII
      ? scalar.value >= 48 && scalar.value <= 57
      : scalar.properties.generalCategory == .decimalNumber
  }
  static func isAlphanumeric(_ scalar: Unicode.Scalar) -> Bool {
    isLetter(scalar) || isDigit(scalar)
  }
  static func isSpace(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isWhitespace }

  /// Character by character: a letter whose other case has several stays.
  static func lowercased(_ bytes: [UInt8]) -> [UInt8] {
    if bytes.allSatisfy({ $0 < 0x80 }) {
      return bytes.map { $0 >= 65 && $0 <= 90 ? $0 | 0x20 : $0 }
    }
    return Self.bytes(scalars(bytes).lazy.map(lowered))
  }

  static func uppercased(_ bytes: [UInt8]) -> [UInt8] {
    if bytes.allSatisfy({ $0 < 0x80 }) {
      return bytes.map { $0 >= 97 && $0 <= 122 ? $0 & 0xDF : $0 }
    }
    return Self.bytes(scalars(bytes).lazy.map(raised))
  }

  static func capitalized(_ bytes: [UInt8]) -> [UInt8] {
    var isInside = false
    return Self.bytes(
      scalars(bytes).map { scalar in
        let mapped = isInside ? lowered(scalar) : raised(scalar)
        isInside = isAlphanumeric(scalar)
        return mapped
      })
  }

  static func isContinuation(_ byte: UInt8) -> Bool { byte & 0xC0 == 0x80 }

  /// The bytes of characters `from..<to`, counted from 0; beyond the ends nothing.
  static func slice(_ bytes: [UInt8], from: Int, to: Int) -> [UInt8] {
    let low = max(0, from)
    guard to > low else { return [] }
    let start = TextEncoding.byteCount(bytes, characters: low)
    let end = start + TextEncoding.byteCount(Array(bytes[start...]), characters: to - low)
    return Array(bytes[start..<end])
  }

  /// Where `needle` first begins at or after `start`; nil when nowhere. Cost: product of lengths
  /// at worst.
  static func find(_ needle: [UInt8], in bytes: [UInt8], from start: Int = 0) -> Int? {
    if needle.isEmpty { return start }
    guard bytes.count >= needle.count + start else { return nil }
    let first = needle[0]
    return bytes.withUnsafeBufferPointer { text -> Int? in
      needle.withUnsafeBufferPointer { needle -> Int? in
        var index = start
        let last = text.count - needle.count
        while index <= last {
          if text[index] == first {
            var matched = 1
            while matched < needle.count && text[index + matched] == needle[matched] {
              matched += 1
            }
            if matched == needle.count { return index }
          }
          index += 1
        }
        return nil
      }
    }
  }

  static func split(_ bytes: [UInt8], by separator: [UInt8]) -> [[UInt8]] {
    if separator.isEmpty { return [bytes] }
    var result: [[UInt8]] = []
    var start = 0
    while let found = find(separator, in: bytes, from: start) {
      result.append(Array(bytes[start..<found]))
      start = found + separator.count
    }
    result.append(Array(bytes[start...]))
    return result
  }
}
