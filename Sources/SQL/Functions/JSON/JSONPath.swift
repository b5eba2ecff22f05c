public import Types

/// A jsonpath expression.
struct JSONPath: Sendable {
  indirect enum Node: Sendable {
    case root, current, last
    case variable([UInt8])
    case literal(JSONValue)
    case member(Node, [UInt8])
    case anyMember(Node)
    /// `.**{from to to}`; nil: to the leaves.
    case descendants(Node, from: Int, to: Int?)
    case anyElement(Node)
    /// Ranges of subscripts; a single one has no second.
    case elements(Node, [(Node, Node?)])
    case filter(Node, Node)
    case method(Node, Method)
    case unary(isMinus: Bool, Node)
    case arithmetic(UInt8, Node, Node)
    // Predicates.
    case compare(Comparison, Node, Node)
    case and(Node, Node)
    case or(Node, Node)
    case not(Node)
    case exists(Node)
    case isUnknown(Node)
    case startsWith(Node, Node)
    case matches(Node, pattern: [UInt8], RegexFlags, isLiteral: Bool)

    var isPredicate: Bool {
      switch self {
      case .compare, .and, .or, .not, .exists, .isUnknown, .startsWith, .matches: true
      default: false
      }
    }
  }

  enum Method: String, Sendable {
    case type, size, double, ceiling, floor, abs, keyvalue
  }

  enum Comparison: Sendable { case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual }

  let root: Node
  let isStrict: Bool

  init(_ text: [UInt8]) throws(SQLError) {
    var parser = JSONPathParser(text)
    (root, isStrict) = try parser.whole()
  }
}

/// Throws what is wrong with a jsonpath: 42601, 22P02.
public func checkJSONPath(_ text: [UInt8]) throws(SQLError) { _ = try JSONPath(text) }

/// Parses jsonpath by recursive descent, at most `depthMax` levels deep. Chains (of accessors, of
/// operators) nest in the tree without nesting in the text: their links are counted over the whole
/// path, so that nothing that walks the tree runs out of stack.
struct JSONPathParser {
  private enum Token: Equatable {
    case name([UInt8])
    case string([UInt8])
    case number(Numeric)
    case variable([UInt8])
    case symbol(String)
    case end
  }

  private let text: [UInt8]
  private var place = 0
  private var token = Token.end
  private var tokenStart = 0
  private var depth = 0
  private static let depthMax = 200
  private var links = 0
  private static let linksMax = 1_000

  init(_ text: [UInt8]) { self.text = text }

  mutating func whole() throws(SQLError) -> (JSONPath.Node, isStrict: Bool) {
    if text.allSatisfy({ $0 == 32 || (9...13).contains($0) }) {
      throw SQLError(
        .invalidTextRepresentation,
        "invalid input syntax for type jsonpath: \"\(String(decoding: text, as: UTF8.self))\"")
    }
    try advance()
    var isStrict = false
    if isName("strict") || isName("lax") {
      isStrict = isName("strict")
      try advance()
    }
    let node = try or()
    guard token == .end else { throw fault() }
    return (node, isStrict)
  }

  // MARK: Tokens

  private func fault() -> SQLError {
    if tokenStart >= text.count {
      return SQLError(.syntaxError, "syntax error at end of jsonpath input")
    }
    let shown = String(decoding: text[tokenStart..<max(place, tokenStart + 1)], as: UTF8.self)
    return SQLError(.syntaxError, "syntax error at or near \"\(shown)\" of jsonpath input")
  }

  private func isName(_ word: String) -> Bool { token == .name(Array(word.utf8)) }

  private mutating func take(_ symbol: String) throws(SQLError) -> Bool {
    guard token == .symbol(symbol) else { return false }
    try advance()
    return true
  }

  private mutating func expect(_ symbol: String) throws(SQLError) {
    guard try take(symbol) else { throw fault() }
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    byte == 95 || byte >= 0x80 || (48...57).contains(byte) || (65...90).contains(byte)
      || (97...122).contains(byte)
  }

  private mutating func word() -> [UInt8] {
    let start = place
    while place < text.count, Self.isWord(text[place]) { place += 1 }
    return Array(text[start..<place])
  }

  private mutating func advance() throws(SQLError) {
    while place < text.count {
      if text[place] == 32 || (9...13).contains(text[place]) {
        place += 1
      } else if text[place] == 47, place + 1 < text.count, text[place + 1] == 42 {
        place += 2
        while place + 1 < text.count, !(text[place] == 42 && text[place + 1] == 47) { place += 1 }
        place = min(text.count, place + 2)
      } else {
        break
      }
    }
    tokenStart = place
    guard place < text.count else {
      token = .end
      return
    }
    let byte = text[place]
    if byte == 34 {
      token = .string(try quoted())
      return
    }
    if byte == 36 {
      place += 1
      if place < text.count, text[place] == 34 {
        token = .variable(try quoted())
        return
      }
      let name = word()
      token = name.isEmpty ? .symbol("$") : .variable(name)
      return
    }
    let isFraction =
      byte == 46 && place + 1 < text.count && (48...57).contains(text[place + 1])
    if (48...57).contains(byte) || isFraction {
      token = .number(try number())
      return
    }
    if Self.isWord(byte) {
      token = .name(word())
      return
    }
    for symbol in ["**", "==", "!=", "<>", "<=", ">=", "&&", "||"]
    where text[place...].starts(with: symbol.utf8) {
      place += 2
      token = .symbol(symbol)
      return
    }
    place += 1
    token = .symbol(String(decoding: [byte], as: UTF8.self))
  }

  private mutating func number() throws(SQLError) -> Numeric {
    let start = place
    while place < text.count, (48...57).contains(text[place]) { place += 1 }
    if place < text.count, text[place] == 46,
      place + 1 >= text.count || text[place + 1] != 46
    {
      place += 1
      while place < text.count, (48...57).contains(text[place]) { place += 1 }
    }
    if place < text.count, text[place] | 32 == 101 {
      place += 1
      if place < text.count, text[place] == 43 || text[place] == 45 { place += 1 }
      while place < text.count, (48...57).contains(text[place]) { place += 1 }
    }
    if place < text.count, Self.isWord(text[place]) {
      _ = word()
      throw SQLError(
        .syntaxError,
        "trailing junk after numeric literal at or near \"\(String(decoding: text[start..<place], as: UTF8.self))\" of jsonpath input"
      )
    }
    return try Numeric.parse(Array(text[start..<place]))
  }

  /// A string as JSON has it, `place` at its quote.
  private mutating func quoted() throws(SQLError) -> [UInt8] {
    let start = place
    place += 1
    while place < text.count, text[place] != 34 { place += text[place] == 92 ? 2 : 1 }
    guard place < text.count else {
      throw SQLError(.syntaxError, "unterminated quoted string at end of jsonpath input")
    }
    place += 1
    let value = try JSONText.parse(Array(text[start..<place]), type: "jsonpath", isStored: true)
    guard case .string(let bytes) = value.kind else { throw fault() }
    return bytes
  }

  // MARK: Grammar

  private mutating func deeper<R>(
    _ body: (inout JSONPathParser) throws(SQLError) -> R
  ) throws(SQLError) -> R {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.depthMax else {
      throw SQLError(.statementTooComplex, "stack depth limit exceeded")
    }
    return try body(&self)
  }

  private mutating func link() throws(SQLError) {
    links += 1
    guard links <= Self.linksMax else {
      throw SQLError(.statementTooComplex, "stack depth limit exceeded")
    }
  }

  private mutating func or() throws(SQLError) -> JSONPath.Node {
    try deeper { (parser) throws(SQLError) in
      var left = try parser.and()
      while try parser.take("||") {
        try parser.link()
        left = .or(left, try parser.and())
      }
      return left
    }
  }

  private mutating func and() throws(SQLError) -> JSONPath.Node {
    var left = try test()
    while try take("&&") {
      try link()
      left = .and(left, try test())
    }
    return left
  }

  private mutating func test() throws(SQLError) -> JSONPath.Node {
    if try take("!") {
      return .not(try deeper { (parser) throws(SQLError) in try parser.test() })
    }
    let left = try sum()
    if case .symbol(let symbol) = token, let comparison = Self.comparisons[symbol] {
      try advance()
      return .compare(comparison, left, try sum())
    }
    if isName("starts") {
      try advance()
      guard isName("with") else { throw fault() }
      try advance()
      return .startsWith(left, try primary())
    }
    if isName("like_regex") {
      try advance()
      return try regex(left)
    }
    if isName("is"), left.isPredicate {
      try advance()
      guard isName("unknown") else { throw fault() }
      try advance()
      return .isUnknown(left)
    }
    return left
  }

  private static let comparisons: [String: JSONPath.Comparison] = [
    "==": .equal, "!=": .notEqual, "<>": .notEqual, "<": .less, "<=": .lessOrEqual,
    ">": .greater, ">=": .greaterOrEqual,
  ]

  private mutating func regex(_ left: JSONPath.Node) throws(SQLError) -> JSONPath.Node {
    guard case .string(let pattern) = token else { throw fault() }
    try advance()
    var flags = RegexFlags()
    var isLiteral = false
    if isName("flag") {
      try advance()
      guard case .string(let letters) = token else { throw fault() }
      try advance()
      for letter in letters {
        switch letter {
        case UInt8(ascii: "q"): isLiteral = true
        case UInt8(ascii: "x"):
          throw SQLError(
            .featureNotSupported,
            "XQuery \"x\" flag (expanded regular expressions) is not implemented")
        case UInt8(ascii: "i"): flags.ignoresCase = true
        case UInt8(ascii: "s"), UInt8(ascii: "m"):
          _ = flags.apply(letter == UInt8(ascii: "m") ? UInt8(ascii: "w") : letter)
        default:
          throw SQLError(
            .syntaxError, "invalid input syntax for type jsonpath",
            detail:
              "Unrecognized flag character \"\(String(decoding: [letter], as: UTF8.self))\" in LIKE_REGEX predicate."
          )
        }
      }
    }
    if !isLiteral { _ = try Regex(pattern, flags) }
    return .matches(left, pattern: pattern, flags, isLiteral: isLiteral)
  }

  private mutating func sum() throws(SQLError) -> JSONPath.Node {
    var left = try product()
    while token == .symbol("+") || token == .symbol("-") {
      let sign: UInt8 = token == .symbol("+") ? 43 : 45
      try link()
      try advance()
      left = .arithmetic(sign, left, try product())
    }
    return left
  }

  private mutating func product() throws(SQLError) -> JSONPath.Node {
    var left = try unary()
    while case .symbol(let symbol) = token, ["*", "/", "%"].contains(symbol) {
      try link()
      try advance()
      left = .arithmetic(symbol.utf8.first ?? 42, left, try unary())
    }
    return left
  }

  private mutating func unary() throws(SQLError) -> JSONPath.Node {
    if token == .symbol("+") || token == .symbol("-") {
      let isMinus = token == .symbol("-")
      try advance()
      return .unary(
        isMinus: isMinus, try deeper { (parser) throws(SQLError) in try parser.unary() })
    }
    return try accessors(primary())
  }

  private mutating func primary() throws(SQLError) -> JSONPath.Node {
    let taken = token
    try advance()
    switch taken {
    case .symbol("$"): return .root
    case .symbol("@"): return .current
    case .symbol("("):
      let inner = try or()
      try expect(")")
      return inner
    case .variable(let name): return .variable(name)
    case .string(let bytes): return .literal(.string(bytes))
    case .number(let number): return .literal(.number(number))
    case .name(let name):
      switch String(decoding: name, as: UTF8.self) {
      case "null": return .literal(.null)
      case "true": return .literal(.true)
      case "false": return .literal(.false)
      case "last": return .last
      case "exists":
        try expect("(")
        let inner = try or()
        try expect(")")
        return .exists(inner)
      default: break
      }
    default: break
    }
    place = tokenStart
    throw fault()
  }

  private mutating func accessors(_ start: JSONPath.Node) throws(SQLError) -> JSONPath.Node {
    var node = start
    while true {
      if token == .symbol(".") || token == .symbol("[") || token == .symbol("?") { try link() }
      if try take(".") {
        switch token {
        case .symbol("*"):
          try advance()
          node = .anyMember(node)
        case .symbol("**"):
          try advance()
          node = try levels(node)
        case .string(let key):
          try advance()
          node = .member(node, key)
        case .name(let key):
          try advance()
          if try take("(") { node = try method(node, key) } else { node = .member(node, key) }
        default: throw fault()
        }
      } else if try take("[") {
        node = try subscripts(node)
      } else if try take("?") {
        try expect("(")
        let test = try or()
        guard test.isPredicate else { throw fault() }
        try expect(")")
        node = .filter(node, test)
      } else {
        return node
      }
    }
  }

  private mutating func method(_ node: JSONPath.Node, _ name: [UInt8]) throws(SQLError)
    -> JSONPath.Node
  {
    let text = String(decoding: name, as: UTF8.self)
    if text == "datetime" {
      throw SQLError(.featureNotSupported, "jsonpath item method .datetime() is not supported")
    }
    guard let method = JSONPath.Method(rawValue: text) else { throw fault() }
    try expect(")")
    return .method(node, method)
  }

  private mutating func level() throws(SQLError) -> Int? {
    if isName("last") {
      try advance()
      return nil
    }
    guard case .number(let number) = token, let value = try? number.toInteger(.int4), value >= 0
    else { throw fault() }
    try advance()
    return Int(value)
  }

  private mutating func levels(_ node: JSONPath.Node) throws(SQLError) -> JSONPath.Node {
    guard try take("{") else { return .descendants(node, from: 0, to: nil) }
    let first = try level()
    var last = first
    if isName("to") {
      try advance()
      last = try level()
    }
    try expect("}")
    return .descendants(node, from: first ?? -1, to: last)
  }

  private mutating func subscripts(_ node: JSONPath.Node) throws(SQLError) -> JSONPath.Node {
    if token == .symbol("*") {
      try advance()
      try expect("]")
      return .anyElement(node)
    }
    var ranges: [(JSONPath.Node, JSONPath.Node?)] = []
    repeat {
      let from = try deeper { (parser) throws(SQLError) in try parser.sum() }
      var to: JSONPath.Node?
      if isName("to") {
        try advance()
        to = try deeper { (parser) throws(SQLError) in try parser.sum() }
      }
      ranges.append((from, to))
    } while try take(",")
    try expect("]")
    return .elements(node, ranges)
  }
}
