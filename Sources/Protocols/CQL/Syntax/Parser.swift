/// Reads one statement: recursive descent over the tokens.
struct Parser {
  let source: String
  private let tokens: [PlacedToken]
  private var position = 0
  /// The markers' names in their order; nil for `?`.
  private(set) var markers: [String?] = []

  /// How deep values and types may nest.
  private static let depthMax = 50
  private var depth = 0
  /// Operators and selections of parts of one statement: each is a level of what is evaluated.
  private static let operationsMax = 1_000
  private var operations = 0

  /// A whole statement, with the names of its markers.
  static func parse(_ source: String) throws(CQLError) -> (Statement, markers: [String?]) {
    var parser = try Parser(source)
    let statement = try parser.statement()
    _ = parser.take(sign: ";")
    guard parser.current == .end else { throw parser.unexpected() }
    return (statement, parser.markers)
  }

  init(_ source: String) throws(CQLError) {
    self.source = source
    tokens = try Lexer.tokens(source)
  }

  // MARK: Tokens

  var current: Token { tokens[position].token }
  func token(ahead: Int) -> Token { tokens[min(position + ahead, tokens.count - 1)].token }

  /// Where the current token begins, in bytes.
  var offset: Int { tokens[position].offset }

  /// The source from there to the current token.
  func text(from start: Int) -> String {
    let bytes = Array(source.utf8)[start..<max(start, offset)]
    let end = bytes.lastIndex { $0 != 32 && $0 != 10 && $0 != 13 && $0 != 9 } ?? bytes.startIndex
    return String(decoding: bytes[...end], as: UTF8.self)
  }

  mutating func advance() { if position < tokens.count - 1 { position += 1 } }

  func unexpected() -> CQLError {
    let here = tokens[position]
    return .syntax(
      "\(Lexer.place(here.offset, in: source)) no viable alternative at input '\(here.text)'")
  }

  func isWord(_ word: String, ahead: Int = 0) -> Bool {
    token(ahead: ahead) == .name(word, isQuoted: false)
  }

  /// True, and past it, where the words come next.
  mutating func take(_ words: String...) -> Bool {
    for (place, word) in words.enumerated() where !isWord(word, ahead: place) { return false }
    for _ in words { advance() }
    return true
  }

  mutating func expect(_ words: String...) throws(CQLError) {
    for word in words { guard take(word) else { throw unexpected() } }
  }

  func isSign(_ sign: String, ahead: Int = 0) -> Bool { token(ahead: ahead) == .sign(sign) }

  mutating func take(sign: String) -> Bool {
    guard isSign(sign) else { return false }
    advance()
    return true
  }

  mutating func expect(sign: String) throws(CQLError) {
    guard take(sign: sign) else { throw unexpected() }
  }

  /// A name; reserved words only in quotes.
  mutating func name() throws(CQLError) -> String {
    guard case .name(let name, let isQuoted) = current,
      isQuoted ? !name.isEmpty : !Keywords.reserved.contains(name)
    else { throw unexpected() }
    advance()
    return name
  }

  mutating func objectName() throws(CQLError) -> ObjectName {
    let first = try name()
    guard take(sign: ".") else { return ObjectName(keyspace: nil, name: first) }
    return ObjectName(keyspace: first, name: try name())
  }

  mutating func string() throws(CQLError) -> String {
    guard case .string(let text) = current else { throw unexpected() }
    advance()
    return text
  }

  /// Items with commas between them.
  mutating func list<T>(_ item: (inout Parser) throws(CQLError) -> T) throws(CQLError) -> [T] {
    var items = [try item(&self)]
    while take(sign: ",") { items.append(try item(&self)) }
    return items
  }

  mutating func names() throws(CQLError) -> [String] {
    try list { (parser) throws(CQLError) in try parser.name() }
  }

  mutating func nested<T>(_ body: (inout Parser) throws(CQLError) -> T) throws(CQLError) -> T {
    guard depth < Self.depthMax else { throw .syntax("the statement nests too deeply") }
    depth += 1
    defer { depth -= 1 }
    return try body(&self)
  }

  mutating func countOperation() throws(CQLError) {
    operations += 1
    guard operations <= Self.operationsMax else {
      throw .syntax("the statement has more than \(Self.operationsMax) operations")
    }
  }

  /// A marker, where one comes next.
  mutating func marker() throws(CQLError) -> Term? {
    if current == .marker {
      advance()
      markers.append(nil)
      return .marker(markers.count - 1)
    }
    guard isSign(":"), case .name(let name, _) = token(ahead: 1) else { return nil }
    advance()
    advance()
    markers.append(name)
    return .marker(markers.count - 1)
  }
}

// MARK: - Values and types

extension Parser {
  mutating func term() throws(CQLError) -> Term {
    var left = try product()
    while isSign("+") || isSign("-") {
      let sign = isSign("+") ? "+" : "-"
      try countOperation()
      advance()
      left = .operation(left, sign, try product())
    }
    return left
  }

  private mutating func product() throws(CQLError) -> Term {
    var left = try simpleTerm()
    while isSign("*") || isSign("/") || isSign("%") {
      guard case .sign(let sign) = current else { break }
      try countOperation()
      advance()
      left = .operation(left, sign, try simpleTerm())
    }
    return left
  }

  /// A value without operators.
  mutating func simpleTerm() throws(CQLError) -> Term {
    if let marker = try marker() { return marker }
    let token = current
    switch token {
    case .string(let text):
      advance()
      return .string(text)
    case .integer(let digits):
      advance()
      return .integer(digits)
    case .decimal(let digits):
      advance()
      return .decimal(digits)
    case .uuid(let text):
      advance()
      return .uuid(text)
    case .blob(let bytes):
      advance()
      return .blob(bytes)
    case .duration(let text):
      advance()
      return .duration(text)
    case .name(let word, let isQuoted): return try word0(word, isQuoted: isQuoted)
    case .sign("-"):
      advance()
      return Self.negate(
        try nested { (parser) throws(CQLError) in try parser.simpleTerm() })
    case .sign("["):
      return try nested { (parser) throws(CQLError) in
        parser.advance()
        if parser.take(sign: "]") { return .list([]) }
        let items = try parser.list { (parser) throws(CQLError) in try parser.term() }
        try parser.expect(sign: "]")
        return .list(items)
      }
    case .sign("{"): return try nested { (parser) throws(CQLError) in try parser.braces() }
    case .sign("("): return try nested { (parser) throws(CQLError) in try parser.parentheses() }
    default: throw unexpected()
    }
  }

  private static func negate(_ term: Term) -> Term {
    switch term {
    case .integer(let digits): .integer("-" + digits)
    case .decimal(let digits): .decimal("-" + digits)
    case .duration(let text): .duration("-" + text)
    default: .negated(term)
    }
  }

  private mutating func word0(_ word: String, isQuoted: Bool) throws(CQLError) -> Term {
    if !isQuoted {
      switch word {
      case "null":
        advance()
        return .null
      case "true", "false":
        advance()
        return .bool(word == "true")
      case "nan", "infinity":
        advance()
        return .decimal(word == "nan" ? "NaN" : "Infinity")
      default: break
      }
    }
    let isToken = word == "token" && !isQuoted
    if isToken { advance() }
    var name = isToken ? "token" : try self.name()
    if take(sign: ".") {
      let second = try self.name()
      name = name == "system" ? second : "\(name).\(second)"
    }
    try expect(sign: "(")
    if take(sign: ")") { return .call(name: name, []) }
    let arguments = try nested { (parser) throws(CQLError) in
      try parser.list { (parser) throws(CQLError) in try parser.term() }
    }
    try expect(sign: ")")
    return .call(name: name, arguments)
  }

  /// A set, a map or a value of a user type.
  private mutating func braces() throws(CQLError) -> Term {
    advance()
    if take(sign: "}") { return .set([]) }
    if case .name(let name, let isQuoted) = current, isSign(":", ahead: 1),
      isQuoted || !["null", "true", "false"].contains(name)
    {
      let fields = try list { (parser) throws(CQLError) in
        let name = try parser.name()
        try parser.expect(sign: ":")
        return Term.Field(name: name, value: try parser.term())
      }
      try expect(sign: "}")
      return .userType(fields)
    }
    let first = try term()
    if take(sign: ":") {
      var pairs = [Term.Pair(key: first, value: try term())]
      while take(sign: ",") {
        let key = try term()
        try expect(sign: ":")
        pairs.append(Term.Pair(key: key, value: try term()))
      }
      try expect(sign: "}")
      return .map(pairs)
    }
    var items = [first]
    while take(sign: ",") { items.append(try term()) }
    try expect(sign: "}")
    return .set(items)
  }

  /// A tuple, a cast or an expression in parentheses.
  private mutating func parentheses() throws(CQLError) -> Term {
    advance()
    if case .name(let word, let isQuoted) = current, !isQuoted, isType(word),
      !isSign("(", ahead: 1)
    {
      let type = try self.type()
      try expect(sign: ")")
      return .cast(type, try simpleTerm())
    }
    let items = try list { (parser) throws(CQLError) in try parser.term() }
    try expect(sign: ")")
    return .tuple(items)
  }

  private func isType(_ word: String) -> Bool {
    CQLType.Native(rawValue: word) != nil
      || ["varchar", "list", "set", "map", "tuple", "frozen"].contains(word)
  }

  mutating func type() throws(CQLError) -> TypeSyntax {
    try nested { (parser) throws(CQLError) in try parser.type0() }
  }

  private mutating func type0() throws(CQLError) -> TypeSyntax {
    if case .string = current { throw .invalid("custom types are not supported") }
    guard case .name(let word, let isQuoted) = current else { throw unexpected() }
    if !isQuoted, isSign("<", ahead: 1), ["list", "set", "map", "tuple", "frozen"].contains(word) {
      advance()
      advance()
      let parts = try list { (parser) throws(CQLError) in try parser.type() }
      try expect(sign: ">")
      switch (word, parts.count) {
      case ("list", 1): return .list(parts[0])
      case ("set", 1): return .set(parts[0])
      case ("map", 2): return .map(parts[0], parts[1])
      case ("frozen", 1): return .frozen(parts[0])
      case ("tuple", _): return .tuple(parts)
      default: throw unexpected()
      }
    }
    let name = try objectName()
    return .named(keyspace: name.keyspace, name.name)
  }
}
