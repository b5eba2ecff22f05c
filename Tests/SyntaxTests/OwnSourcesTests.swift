import Testing

@testable import Syntax

struct OwnSourcesTests {
  private func definition(_ text: String) throws -> Definition? {
    let statements = try Parser.parse(Array(text.utf8))
    #expect(statements.count == 1)
    guard case .definition(let definition)? = statements.first?.body else { return nil }
    return definition
  }

  @Test func create() throws {
    let text = """
      CREATE source If not exists "S" FROM Kafka (brokers 'a:1,b:2', topic = t.x, "sasl.username" = 'u',
        security.protocol = SSL) INTO s.t (a, "B" = '$.x', c = KEY, d = headers 'trace', e = key '$.id');
      """
    guard case .createSource(let create)? = try definition(text) else {
      Issue.record("not a source")
      return
    }
    #expect(create.name == "S" && create.ifNotExists)
    #expect(create.table.schema == "s" && create.table.name == "t")
    #expect(
      create.options.map(\.name) == ["brokers", "topic", "sasl.username", "security.protocol"])
    guard case .string("a:1,b:2") = create.options[0].value,
      case .names(["t.x"]) = create.options[1].value,
      case .names(["ssl"]) = create.options[3].value
    else {
      Issue.record("options: \(create.options)")
      return
    }
    let columns = try #require(create.columns)
    #expect(columns.map(\.column) == ["a", "B", "c", "d", "e"])
    #expect(columns.map(\.origin) == [nil, nil, "key", "headers", "key"])
    #expect(columns.map(\.path) == [nil, "$.x", nil, "trace", "$.id"])
    #expect(Array(text.utf8)[columns[2].position - 1] == UInt8(ascii: "c"))
  }

  @Test func withoutColumns() throws {
    guard
      case .createSource(let create)? = try definition(
        "create source s from kafka (topic t) into table t")
    else {
      Issue.record("not a source")
      return
    }
    #expect(create.columns == nil && create.table.name == "t" && !create.ifNotExists)
  }

  @Test func alterAndDrop() throws {
    guard case .alterSource("s", .pause)? = try definition("ALTER SOURCE s PAUSE"),
      case .alterSource("s", .resume)? = try definition("alter source s resume;"),
      case .alterSource("s", .seek(3, .number("12"), _))? = try definition(
        "ALTER SOURCE s SEEK (3, 12)"),
      case .alterSource("s", .seek(0, .string("latest"), _))? = try definition(
        "ALTER SOURCE s SEEK (0, 'latest')"),
      case .alterSource("s", .seek(nil, .names(["earliest"]), _))? = try definition(
        "ALTER SOURCE s SEEK TO earliest"),
      case .dropSource("s", true)? = try definition("DROP SOURCE IF EXISTS s"),
      case .dropSource("if", false)? = try definition("DROP SOURCE \"if\"")
    else {
      Issue.record("not read")
      return
    }
  }

  @Test(arguments: [
    "CREATE SOURCE", "CREATE SOURCE s", "CREATE SOURCE s FROM", "CREATE SOURCE s FROM KAFKA",
    "CREATE SOURCE s FROM KAFKA (", "CREATE SOURCE s FROM KAFKA () INTO t",
    "CREATE SOURCE s FROM KAFKA (topic t)", "CREATE SOURCE s FROM KAFKA (topic t) INTO",
    "CREATE SOURCE s FROM KAFKA (topic t) INTO t (",
    "CREATE SOURCE s FROM KAFKA (topic t) INTO t ()",
    "CREATE SOURCE s FROM KAFKA (topic t) INTO t (a =)",
    "CREATE SOURCE s FROM KAFKA (topic t) INTO t (a = 5)",
    "CREATE SOURCE s FROM KAFKA (topic t) INTO t; SELECT 1",
    "CREATE SOURCE s FROM 'kafka' (topic t) INTO t", "CREATE SOURCE s FROM pulsar (topic t) INTO t",
    "ALTER SOURCE s", "ALTER SOURCE s STOP", "ALTER SOURCE s SEEK", "ALTER SOURCE s SEEK (1)",
    "ALTER SOURCE s SEEK (a, 1)", "ALTER SOURCE s SEEK (1, 2", "ALTER SOURCE s PAUSE now",
    "DROP SOURCE", "DROP SOURCE IF s",
  ])
  func syntaxErrors(text: String) {
    #expect(throws: ParseError.self) { try Parser.parse(Array(text.utf8)) }
  }
}
