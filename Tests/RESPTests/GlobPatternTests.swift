import Testing

@testable import RESP

struct GlobPatternTests {
  @Test(arguments: [
    ("*", "", true), ("*", "abc", true), ("", "", true), ("", "a", false),
    ("h?llo", "hello", true), ("h?llo", "hllo", false), ("h*llo", "heeello", true),
    ("h[ae]llo", "hallo", true), ("h[ae]llo", "hillo", false), ("h[^e]llo", "hallo", true),
    ("h[^e]llo", "hello", false), ("h[a-c]llo", "hbllo", true), ("h[c-a]llo", "hbllo", true),
    ("h\\*llo", "h*llo", true), ("h\\*llo", "hallo", false), ("a*b*c", "aXbXbc", true),
    ("a*b*c", "aXbXb", false), ("abc*", "abc", true), ("*abc", "abc", true), ("[", "[", false),
    ("[ab", "a", true), ("[ab", "c", false), ("a\\", "a\\", true), ("[\\]]", "]", true),
    ("[a-]", "-", false), ("[a-]", "_", true), ("**x", "yyx", true),
  ])
  func matches(pattern: String, text: String, expected: Bool) {
    #expect(GlobPattern(pattern.utf8).matches(text.utf8) == expected, "\(pattern) \(text)")
  }

  @Test func caseIsIgnoredWhereAsked() {
    #expect(GlobPattern("MAX*".utf8, ignoresCase: true).matches("maxmemory".utf8))
    #expect(GlobPattern("m[A-C]x".utf8, ignoresCase: true).matches("MBX".utf8))
    #expect(!GlobPattern("MAX*".utf8).matches("maxmemory".utf8))
  }

  /// As the definition says, by going through all that a star may take.
  private static func slowly(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
    guard let first = pattern.first else { return text.isEmpty }
    if first == UInt8(ascii: "*") {
      return (0...text.count).contains { slowly(pattern.dropFirst(), text.dropFirst($0)) }
    }
    guard let byte = text.first, first == UInt8(ascii: "?") || first == byte else { return false }
    return slowly(pattern.dropFirst(), text.dropFirst())
  }

  @Test func starsAgreeWithTheDefinition() {
    let alphabet = Array("ab*?".utf8)
    for number in 0..<1_024 {
      let pattern = (0..<5).map { alphabet[number >> (2 * $0) & 3] }
      for bits in 1..<64 {
        // A leading one marks the length.
        let length = Int.bitWidth - 1 - bits.leadingZeroBitCount
        if length == 0 { continue }
        let text = (0..<length).map { bits >> $0 & 1 == 1 ? UInt8(ascii: "a") : UInt8(ascii: "b") }
        #expect(GlobPattern(pattern).matches(text) == Self.slowly(pattern[...], text[...]))
      }
    }
  }

  @Test func manyStarsTakeNoTime() {
    let pattern = Array(repeating: Array("a*".utf8), count: 50).flatMap { $0 } + Array("b".utf8)
    #expect(!GlobPattern(pattern).matches(Array(repeating: UInt8(ascii: "a"), count: 20_000)))
  }
}

struct ScanCursorTests {
  @Test func aCursorIsFoundUntilManyNewerOnesCame() {
    let cursors = ScanCursors(seed: 7)
    let first = cursors.keep([1], owner: [9])
    #expect(first != 0)
    #expect(first < 1 << ScanCursors.bits)
    #expect(cursors.position(of: first, owner: [9]) == [1])
    #expect(cursors.position(of: first, owner: [8]) == nil)
    #expect(cursors.position(of: first + 1, owner: [9]) == nil)
    for _ in 1..<ScanCursors.countMax { _ = cursors.keep([2], owner: [9]) }
    #expect(cursors.position(of: first, owner: [9]) == [1])
    _ = cursors.keep([3], owner: [9])
    #expect(cursors.position(of: first, owner: [9]) == nil)
  }

  @Test func cursorsOfOthersAreNotTakenForOwn() {
    let (here, there) = (ScanCursors(seed: 1), ScanCursors(seed: 2))
    let cursor = here.keep([1], owner: [9])
    _ = there.keep([5], owner: [9])
    #expect(there.position(of: cursor, owner: [9]) == nil)
  }
}
