/// One object of the parse tree, read by field. `finish` refuses every field that was set and that
/// nobody asked for, so that nothing of a statement is ever ignored in silence.
struct ParseNode {
  let kind: String
  private let members: [(key: String, value: ParseTree)]

  init(kind: String, _ members: [(key: String, value: ParseTree)]) {
    self.kind = kind
    self.members = members
  }

  /// A node of the form `{"Kind": {…}}`.
  init(_ tree: ParseTree) throws(ParseError) {
    guard case .object(let outer) = tree, outer.count == 1,
      case .object(let inner) = outer[0].value
    else { throw .unexpectedTree }
    self.init(kind: outer[0].key, inner)
  }

  /// A node whose kind the field implies.
  init(kind: String, body: ParseTree) throws(ParseError) {
    guard case .object(let inner) = body else { throw .unexpectedTree }
    self.init(kind: kind, inner)
  }

  /// A byte offset, -1 where it is not known.
  var location: Int { integer("location") ?? -1 }
  /// The same from 1, as the syntax has it.
  var position: Int? { location >= 0 ? location + 1 : nil }

  func tree(_ key: String) -> ParseTree? { members.first { $0.key == key }?.value }

  func string(_ key: String) -> String? {
    if case .string(let text) = tree(key) { text } else { nil }
  }
  func integer(_ key: String) -> Int? {
    if case .number(let number) = tree(key) { number } else { nil }
  }
  func flag(_ key: String) -> Bool {
    if case .bool(let flag) = tree(key) { flag } else { false }
  }
  func list(_ key: String) -> [ParseTree] {
    if case .array(let elements) = tree(key) { elements } else { [] }
  }
  func node(_ key: String) throws(ParseError) -> ParseNode? {
    guard let found = tree(key) else { return nil }
    return try ParseNode(found)
  }
  func body(_ key: String, as kind: String) throws(ParseError) -> ParseNode? {
    guard let found = tree(key) else { return nil }
    return try ParseNode(kind: kind, body: found)
  }
  /// The texts of a list of String nodes.
  func names(_ key: String) throws(ParseError) -> [String] {
    var texts: [String] = []
    for element in list(key) { texts.append(try Self.text(element)) }
    return texts
  }
  static func text(_ tree: ParseTree) throws(ParseError) -> String {
    let node = try ParseNode(tree)
    guard node.kind == "String" else { throw .unexpectedTree }
    return node.string("sval") ?? ""
  }

  /// Refuses by name what is set beyond `known`. The parser writes no field that has its default.
  func allow(_ known: Set<String>) throws(ParseError) {
    for member in members where !known.contains(member.key) && member.key != "location" {
      throw .unsupported("\(kind).\(member.key)", location: location)
    }
  }
}
