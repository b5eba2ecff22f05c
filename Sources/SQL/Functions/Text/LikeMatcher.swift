import Types

/// LIKE: `%` any run, `_` one character, backslash quotes. Cost: at worst the product of both
/// lengths; a `%` is tried again only from the last one on, so nothing grows exponentially.
enum LikeMatcher {
  /// 22025 when the pattern ends with the escape.
  static func matches(
    _ text: [UInt8], _ pattern: [UInt8], isCharacters: Bool = true
  ) throws(SQLError) -> Bool {
    let percent = UInt8(ascii: "%")
    let underscore = UInt8(ascii: "_")
    let backslash = UInt8(ascii: "\\")
    var (t, p) = (0, 0)
    var retry: (text: Int, pattern: Int)?
    func next(_ index: Int) -> Int {
      var end = index + 1
      if isCharacters {
        while end < text.count && Characters.isContinuation(text[end]) { end += 1 }
      }
      return end
    }
    while t < text.count || p < pattern.count {
      if p < pattern.count {
        let symbol = pattern[p]
        if symbol == percent {
          retry = (t, p + 1)
          p += 1
          if p == pattern.count { return true }
          continue
        }
        if symbol == underscore {
          if t < text.count {
            t = next(t)
            p += 1
            continue
          }
        } else {
          var literal = symbol
          var width = 1
          if symbol == backslash {
            guard p + 1 < pattern.count else {
              throw SQLError(
                .invalidEscapeSequence, "LIKE pattern must not end with escape character")
            }
            literal = pattern[p + 1]
            width = 2
          }
          if t < text.count && text[t] == literal {
            t += 1
            p += width
            continue
          }
        }
      }
      guard let point = retry, point.text < text.count else { return false }
      t = next(point.text)
      p = point.pattern
      retry = (t, point.pattern)
    }
    return true
  }

  /// The pattern with backslash in place of another escape character.
  static func escaped(_ pattern: [UInt8], _ escape: [UInt8]) throws(SQLError) -> [UInt8] {
    let backslash = UInt8(ascii: "\\")
    guard TextEncoding.characterCount(escape) <= 1 else {
      throw SQLError(
        .invalidEscapeSequence, "invalid escape string",
        hint: "Escape string must be empty or one character.")
    }
    if escape == [backslash] { return pattern }
    var result: [UInt8] = []
    var index = 0
    while index < pattern.count {
      if !escape.isEmpty && pattern[index...].starts(with: escape) {
        result.append(backslash)
        index += escape.count
        guard index < pattern.count else {
          throw SQLError(
            .invalidEscapeSequence, "LIKE pattern must not end with escape character")
        }
        result.append(pattern[index])
        index += 1
      } else {
        if pattern[index] == backslash { result.append(backslash) }
        result.append(pattern[index])
        index += 1
      }
    }
    return result
  }
}
