import Testing

@testable import Syntax

struct OwnStatementsTests {
  private func definition(_ text: String) throws -> Definition? {
    let statements = try Parser.parse(Array(text.utf8))
    #expect(statements.count == 1)
    guard case .definition(let definition)? = statements.first?.body else { return nil }
    return definition
  }

  @Test func createTopic() throws {
    let text = """
       create TOPIC If Not Exists a."B c" ON s.t -- why
      with (format = json, key = (x, "Y"), compression = 'lz4', n = 5) ;
      """
    guard
      case .createTopic(let name, .table(let table), let options, let ifNotExists)? =
        try definition(text)
    else {
      Issue.record("not a topic")
      return
    }
    #expect(name == "a.B c" && ifNotExists)
    #expect(table.schema == "s" && table.name == "t")
    #expect(options.map(\.name) == ["format", "key", "compression", "n"])
    guard case .names(let key) = options[1].value, case .string("lz4") = options[2].value,
      case .number("5") = options[3].value
    else {
      Issue.record("options: \(options)")
      return
    }
    #expect(key == ["x", "Y"])
    #expect(options[0].position.map { Array(text.utf8)[$0 - 1] } == UInt8(ascii: "f"))
  }

  @Test func alterAndDrop() throws {
    guard
      case .alterTopic("a.b", let options)? = try definition("ALTER TOPIC a.b SET (format = raw)")
    else {
      Issue.record("not altered")
      return
    }
    #expect(options.count == 1)
    guard case .dropTopic("a", true)? = try definition("DROP TOPIC IF EXISTS a") else {
      Issue.record("not dropped")
      return
    }
  }

  @Test(arguments: [
    "CREATE TOPIC", "CREATE TOPIC a", "CREATE TOPIC a ON", "CREATE TOPIC a ON t WITH",
    "CREATE TOPIC a ON t WITH (", "CREATE TOPIC a ON t WITH ()", "CREATE TOPIC a ON t WITH (x)",
    "CREATE TOPIC a ON t WITH (x = )", "CREATE TOPIC a ON t WITH (x = (a)",
    "CREATE TOPIC a ON t; SELECT 1",
    "CREATE TOPIC 'a' ON t", "DROP TOPIC a b", "DROP TOPIC IF a", "ALTER TOPIC a RESET (x)",
    "ALTER TOPIC a SET", "CREATE TOPIC \"a ON t", "CREATE TOPIC a. ON t",
  ])
  func syntaxErrors(text: String) {
    #expect(throws: ParseError.self) { try Parser.parse(Array(text.utf8)) }
  }

  @Test func wherethingsGoWrong() {
    #expect(throws: ParseError.syntax(message: "syntax error at or near \"oh\"", position: 17)) {
      try Parser.parse(Array("create topic äö oh".utf8))
    }
    #expect(throws: ParseError.syntax(message: "syntax error at or near \"fro\"", position: 32)) {
      try Parser.parse(Array("create topic äö on (select a b fro t)".utf8))
    }
    for text in ["(delete from t)", "(select 1; select 2)", "(select (1)"] {
      #expect(throws: ParseError.self) { try Parser.parse(Array("create topic a on \(text)".utf8)) }
    }
  }

  @Test func topicOnQuery() throws {
    let text = "create topic a on (select f(x) as y from t where b in (')', 'z')) with (key = x);"
    guard
      case .createTopic("a", .query(let query, let position), let options, false)? =
        try definition(text), case .select(let select) = query.body
    else {
      Issue.record("not a topic on a query")
      return
    }
    #expect(position == 19 && options.count == 1)
    #expect(select.targets.count == 1 && select.filter != nil)
  }

  /// What merely looks like one is PostgreSQL's to read.
  @Test(arguments: ["create table topic (a int)", "drop table topic", "select 1 as topic", "", " "])
  func others(text: String) throws {
    for statement in try Parser.parse(Array(text.utf8)) {
      if case .definition(.createTopic) = statement.body { Issue.record("a topic: \(text)") }
    }
  }
}
