import Testing
import Types

@testable import SQL

@Suite struct LikeTests {
  @Test(arguments: [
    ("abc", "abc", true), ("abc", "a%", true), ("abc", "%c", true), ("abc", "a_c", true),
    ("abc", "_", false), ("abc", "", false), ("", "%", true), ("", "", true),
    ("a%c", "a\\%c", true),
    ("abc", "a\\%c", false), ("h\u{e9}", "h_", true), ("abcabc", "%bc", true),
    ("abc", "%b%b%", false),
  ])
  func `LIKE`(text: String, pattern: String, expected: Bool) throws {
    #expect(
      try matchesLike(Array(text.utf8), Array(pattern.utf8), ignoresCase: false) == expected)
  }

  @Test func `many wildcards take no exponential time`() throws {
    let text = [UInt8](repeating: 97, count: 20_000)
    let pattern = Array(String(repeating: "%a", count: 500).utf8) + Array("b".utf8)
    #expect(try !matchesLike(text, pattern, ignoresCase: false))
  }

  @Test func `a pattern must not end with its escape`() {
    #expect(throws: SQLError.self) { try matchesLike([97], [92], ignoresCase: false) }
  }
}
