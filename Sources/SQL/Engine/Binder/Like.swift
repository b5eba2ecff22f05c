import Types

/// LIKE over UTF-8: `%` any run, `_` one character, `\` escapes. Time is linear in text × wildcards.
func matchesLike(_ text: [UInt8], _ pattern: [UInt8], ignoresCase: Bool) throws(SQLError) -> Bool {
  let subject = Array(String(decoding: text, as: UTF8.self).unicodeScalars)
  let shape = Array(String(decoding: pattern, as: UTF8.self).unicodeScalars)
  var at = 0
  var place = 0
  var restart: (shape: Int, subject: Int)?
  while at < subject.count {
    if place < shape.count, shape[place] == "%" {
      restart = (place + 1, at)
      place += 1
      continue
    }
    if place < shape.count {
      var literal = shape[place]
      var width = 1
      var isWildcard = literal == "_"
      if literal == "\\" {
        guard place + 1 < shape.count else {
          throw SQLError(
            .invalidEscapeSequence, "LIKE pattern must not end with escape character")
        }
        literal = shape[place + 1]
        width = 2
        isWildcard = false
      }
      if isWildcard || isSame(literal, subject[at], ignoresCase) {
        place += width
        at += 1
        continue
      }
    }
    // The run behind the last % grows by one.
    guard let again = restart else { return false }
    place = again.shape
    at = again.subject + 1
    restart = (again.shape, at)
  }
  return shape[place...].allSatisfy { $0 == "%" }
}

private func isSame(_ a: Unicode.Scalar, _ b: Unicode.Scalar, _ ignoresCase: Bool) -> Bool {
  a == b || (ignoresCase && a.properties.lowercaseMapping == b.properties.lowercaseMapping)
}
