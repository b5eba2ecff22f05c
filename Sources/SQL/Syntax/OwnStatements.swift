/// Statements that PostgreSQL's grammar does not have: CREATE, ALTER and DROP of TOPIC and SOURCE. Each stands
/// alone in its text. Names, strings and numbers are as in SQL.
enum OwnStatements {
  /// Nil: the text is none of them.
  static func parse(_ sql: [UInt8]) throws(ParseError) -> Statement? {
    guard let (verb, kind) = OwnLexer.head(of: sql) else { return nil }
    var reader = OwnStatementReader(try OwnLexer.tokens(sql), sql)
    let definition = try reader.definition(verb, kind)
    return Statement(body: .definition(definition), location: 0, length: 0)
  }
}

/// What a token of these statements is, and where it begins (bytes).
struct OwnToken: Equatable {
  enum Kind: Equatable {
    /// Folded to lower case, unless it was quoted.
    case name(String, isQuoted: Bool)
    case string(String)
    case number(String)
    case mark(UInt8)
    case end
  }
  var kind: Kind
  var position: Int
}

enum OwnLexer {
  enum Verb: String { case create, alter, drop }

  enum Kind: String { case topic, source }

  /// The text's first two words, where they are such ones. Cost: looks at two words.
  static func head(of sql: [UInt8]) -> (Verb, Kind)? {
    var place = 0
    guard let verb = word(sql, &place).flatMap(Verb.init),
      let kind = word(sql, &place).flatMap(Kind.init)
    else { return nil }
    return (verb, kind)
  }

  private static func word(_ sql: [UInt8], _ place: inout Int) -> String? {
    while place < sql.count, isBlank(sql[place]) { place += 1 }
    let start = place
    // None of the words looked for is longer.
    while place < sql.count, place - start < 8, sql[place] | 0x20 >= 97, sql[place] | 0x20 <= 122 {
      place += 1
    }
    if place < sql.count, isInName(sql[place]) { return nil }
    return start == place ? nil : String(decoding: sql[start..<place], as: UTF8.self).lowercased()
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }

  private static func isInName(_ byte: UInt8) -> Bool {
    let letter = byte | 0x20
    return (97...122).contains(letter) || (48...57).contains(byte) || byte == UInt8(ascii: "_")
      || byte == UInt8(ascii: "$") || byte >= 128
  }

  static func tokens(_ sql: [UInt8]) throws(ParseError) -> [OwnToken] {
    var tokens: [OwnToken] = []
    var place = 0
    while place < sql.count {
      let byte = sql[place]
      let start = place
      if isBlank(byte) {
        place += 1
      } else if byte == UInt8(ascii: "-"), place + 1 < sql.count, sql[place + 1] == byte {
        while place < sql.count, sql[place] != 10 { place += 1 }
      } else if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
        let text = try quoted(sql, &place)
        tokens.append(
          OwnToken(
            kind: byte == UInt8(ascii: "'") ? .string(text) : .name(text, isQuoted: true),
            position: start))
      } else if isInName(byte) {
        while place < sql.count, isInName(sql[place]) { place += 1 }
        let text = String(decoding: sql[start..<place], as: UTF8.self)
        let isNumber = (48...57).contains(byte)
        tokens.append(
          OwnToken(
            kind: isNumber ? .number(text) : .name(text.lowercased(), isQuoted: false),
            position: start))
      } else {
        place += 1
        tokens.append(OwnToken(kind: .mark(byte), position: start))
      }
    }
    tokens.append(OwnToken(kind: .end, position: sql.count))
    return tokens
  }

  /// Between quotes, which are doubled inside.
  private static func quoted(_ sql: [UInt8], _ place: inout Int) throws(ParseError) -> String {
    let quote = sql[place]
    let start = place
    var text: [UInt8] = []
    place += 1
    while place < sql.count {
      if sql[place] == quote {
        guard place + 1 < sql.count, sql[place + 1] == quote else {
          place += 1
          return String(decoding: text, as: UTF8.self)
        }
        place += 1
      }
      text.append(sql[place])
      place += 1
    }
    throw .syntax(message: "unterminated quoted text", position: start + 1)
  }
}

struct OwnStatementReader {
  private let tokens: [OwnToken]
  private let source: [UInt8]
  private var place = 0

  init(_ tokens: [OwnToken], _ source: [UInt8]) {
    self.tokens = tokens
    self.source = source
  }

  var next: OwnToken { tokens[place] }

  mutating func definition(_ verb: OwnLexer.Verb, _ kind: OwnLexer.Kind) throws(ParseError)
    -> Definition
  {
    place = 2
    let definition =
      switch kind {
      case .topic: try topicDefinition(verb)
      case .source: try sourceDefinition(verb)
      }
    _ = take(mark: ";")
    guard next.kind == .end else { throw unexpected }
    return definition
  }

  private mutating func topicDefinition(_ verb: OwnLexer.Verb) throws(ParseError) -> Definition {
    switch verb {
    case .create:
      let ifNotExists = try takeAll(["if", "not", "exists"])
      let name = try topicName()
      guard take("on") else { throw unexpected }
      let position = next.position + 1
      let topic: TopicSource =
        take(mark: "(")
        ? .query(try query(), position: position) : .table(try relation())
      let options = take("with") ? try options() : []
      return .createTopic(name: name, source: topic, options: options, ifNotExists: ifNotExists)
    case .alter:
      let name = try topicName()
      guard take("set") else { throw unexpected }
      return .alterTopic(name: name, options: try options())
    case .drop:
      let ifExists = try takeAll(["if", "exists"])
      return .dropTopic(name: try topicName(), ifExists: ifExists)
    }
  }

  // MARK: Parts

  var unexpected: ParseError {
    let token = next
    if token.kind == .end {
      return .syntax(message: "syntax error at end of input", position: characters(token.position))
    }
    let end = place + 1 < tokens.count ? tokens[place + 1].position : source.count
    let text = String(decoding: source[token.position..<end], as: UTF8.self)
    let word = text.split(whereSeparator: \.isWhitespace).first.map(String.init) ?? text
    return .syntax(
      message: "syntax error at or near \"\(word)\"", position: characters(token.position))
  }

  /// Bytes from 0 as characters from 1.
  private func characters(_ position: Int) -> Int {
    source.prefix(position).reduce(1) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
  }

  mutating func take(_ word: String) -> Bool {
    guard next.kind == .name(word, isQuoted: false) else { return false }
    place += 1
    return true
  }

  /// Past the next token.
  mutating func skip() { place += 1 }

  mutating func takeAll(_ words: [String]) throws(ParseError) -> Bool {
    guard take(words[0]) else { return false }
    for word in words.dropFirst() {
      guard take(word) else { throw unexpected }
    }
    return true
  }

  mutating func take(mark: Character) -> Bool {
    guard let byte = mark.asciiValue, next.kind == .mark(byte) else { return false }
    place += 1
    return true
  }

  mutating func name() throws(ParseError) -> String {
    guard case .name(let text, _) = next.kind else { throw unexpected }
    place += 1
    return text
  }

  /// Kafka's names have points in them: `a.b` is one name here.
  mutating func topicName() throws(ParseError) -> String {
    var text = try name()
    while take(mark: ".") { text += "." + (try name()) }
    return text
  }

  /// Up to the parenthesis that closes it.
  private mutating func query() throws(ParseError) -> QuerySyntax.Query {
    let start = next.position
    var depth = 1
    while true {
      switch next.kind {
      case .end: throw unexpected
      case .mark(UInt8(ascii: "(")): depth += 1
      case .mark(UInt8(ascii: ")")): depth -= 1
      default: break
      }
      if depth == 0 { break }
      place += 1
    }
    // Blanks in place of what is before, so that errors tell the right places.
    let blanks = source[..<start].filter { $0 & 0xC0 != 0x80 }.map { _ in UInt8(ascii: " ") }
    let statements = try Parser.parse(blanks + source[start..<next.position])
    guard statements.count == 1, case .query(.query(let query)) = statements[0].body else {
      throw .syntax(message: "a topic is made of SELECT", position: characters(start))
    }
    _ = take(mark: ")")
    return query
  }

  mutating func relation() throws(ParseError) -> QuerySyntax.RelationName {
    let position = next.position + 1
    let first = try name()
    guard take(mark: ".") else { return QuerySyntax.RelationName(first, position: position) }
    return QuerySyntax.RelationName(try name(), schema: first, position: position)
  }

  /// `(name = value, …)`; a value is a word, a string, a number or a list of names in parentheses.
  private mutating func options() throws(ParseError) -> [DefinitionOption] {
    guard take(mark: "(") else { throw unexpected }
    var options: [DefinitionOption] = []
    repeat {
      let position = next.position + 1
      let name = try name()
      guard take(mark: "=") else { throw unexpected }
      options.append(DefinitionOption(name: name, value: try value(), position: position))
    } while take(mark: ",")
    guard take(mark: ")") else { throw unexpected }
    return options
  }

  mutating func value() throws(ParseError) -> DefinitionOption.Value {
    if take(mark: "(") {
      var names = [try name()]
      while take(mark: ",") { names.append(try name()) }
      guard take(mark: ")") else { throw unexpected }
      return .names(names)
    }
    switch next.kind {
    case .string(let text):
      place += 1
      return .string(text)
    case .number(let text):
      place += 1
      return .number(text)
    default: return .names([try name()])
    }
  }
}
