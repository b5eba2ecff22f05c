/// A pattern of KEYS, SCAN, PSUBSCRIBE and their like: `*`, `?`, `[a-z]`, `[^a]`, and `\` before what is
/// meant as it is. Matching takes at most pattern × text steps: a star is never gone back to once a
/// later one has been reached, for every other part takes exactly one byte.
struct GlobPattern: Sendable, Equatable {
  private let bytes: [UInt8]
  private let ignoresCase: Bool

  init(_ bytes: some Collection<UInt8>, ignoresCase: Bool = false) {
    self.bytes = Array(bytes)
    self.ignoresCase = ignoresCase
  }

  /// `*` alone: nothing needs to be looked at.
  var matchesAll: Bool { bytes == [UInt8(ascii: "*")] }

  /// Nil where the pattern has no special bytes: it matches this text and no other.
  var literal: [UInt8]? {
    let special = bytes.contains { byte in
      byte == UInt8(ascii: "*") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "[")
        || byte == UInt8(ascii: "\\")
    }
    return special || ignoresCase ? nil : bytes
  }

  func matches(_ text: some Collection<UInt8>) -> Bool {
    if matchesAll { return true }
    let done = text.withContiguousStorageIfAvailable { matches(UnsafeRawBufferPointer($0)) }
    return done ?? Array(text).withUnsafeBytes { matches($0) }
  }

  func matches(_ text: UnsafeRawBufferPointer) -> Bool {
    bytes.withUnsafeBytes { pattern in
      var (place, position) = (0, 0)
      /// Behind the last star, and where what it takes ends.
      var star: (place: Int, position: Int)?
      while position < text.count {
        if place < pattern.count, pattern[place] == UInt8(ascii: "*") {
          place += 1
          star = (place, position)
        } else if place < pattern.count,
          let next = step(pattern, place, fold(text[position]))
        {
          place = next
          position += 1
        } else if let last = star {
          star = (last.place, last.position + 1)
          (place, position) = (last.place, last.position + 1)
        } else {
          return false
        }
      }
      // As in the original, no star takes an empty text.
      if text.isEmpty { return pattern.isEmpty }
      while place < pattern.count, pattern[place] == UInt8(ascii: "*") { place += 1 }
      return place == pattern.count
    }
  }

  private func fold(_ byte: UInt8) -> UInt8 {
    ignoresCase && byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte + 32 : byte
  }

  /// Where the pattern goes on if its part at `place` takes the byte; nil where it does not.
  private func step(_ pattern: UnsafeRawBufferPointer, _ place: Int, _ byte: UInt8) -> Int? {
    switch pattern[place] {
    case UInt8(ascii: "?"): return place + 1
    case UInt8(ascii: "["): return set(pattern, place + 1, byte)
    case UInt8(ascii: "\\") where place + 1 < pattern.count:
      return fold(pattern[place + 1]) == byte ? place + 2 : nil
    default: return fold(pattern[place]) == byte ? place + 1 : nil
    }
  }

  /// The part behind a `[`; one that is not closed ends with the pattern.
  private func set(_ pattern: UnsafeRawBufferPointer, _ start: Int, _ byte: UInt8) -> Int? {
    var place = start
    let isNegated = place < pattern.count && pattern[place] == UInt8(ascii: "^")
    if isNegated { place += 1 }
    var isIn = false
    while place < pattern.count, pattern[place] != UInt8(ascii: "]") {
      if pattern[place] == UInt8(ascii: "\\"), place + 1 < pattern.count {
        isIn = isIn || fold(pattern[place + 1]) == byte
        place += 2
      } else if place + 2 < pattern.count, pattern[place + 1] == UInt8(ascii: "-") {
        let (first, last) = (fold(pattern[place]), fold(pattern[place + 2]))
        isIn = isIn || (min(first, last)...max(first, last)).contains(byte)
        place += 3
      } else {
        isIn = isIn || fold(pattern[place]) == byte
        place += 1
      }
    }
    return isIn == isNegated ? nil : min(place + 1, pattern.count)
  }
}
