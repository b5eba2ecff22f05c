import Glibc

/// A regular expression of topics' names, which must match them whole. POSIX's extended ones; what could cost
/// more than a name is long is refused: back references and counted repetitions.
final class TopicPattern {
  private var compiled = regex_t()
  static let bytesMax = 512

  /// Nil: it is none, or one that is refused.
  init?(_ pattern: String) {
    let isPlain = !pattern.utf8.contains { $0 == UInt8(ascii: "{") || $0 == 0 }
    guard isPlain, pattern.utf8.count <= Self.bytesMax, !Self.hasBackReference(pattern),
      regcomp(&compiled, "^(\(pattern))$", REG_EXTENDED | REG_NOSUB) == 0
    else { return nil }
  }

  deinit { regfree(&compiled) }

  private static func hasBackReference(_ pattern: String) -> Bool {
    zip(pattern.utf8, pattern.utf8.dropFirst()).contains {
      $0 == UInt8(ascii: "\\") && UInt8(ascii: "0")...UInt8(ascii: "9") ~= $1
    }
  }

  func matches(_ name: String) -> Bool { regexec(&compiled, name, 0, nil, 0) == 0 }
}
