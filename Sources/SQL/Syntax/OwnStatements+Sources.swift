/// CREATE SOURCE … FROM KAFKA (…) INTO table (…).
public struct CreateSource: Sendable {
  public var name: String
  public var options: [DefinitionOption]
  public var table: QuerySyntax.RelationName
  /// Nil: every column from the field of its name.
  public var columns: [SourceColumnSyntax]?
  public var ifNotExists: Bool
}

/// `column`, `column = '$.path'`, `column = word`, `column = word 'path'`.
public struct SourceColumnSyntax: Sendable {
  public var column: String
  /// Key, offset and the like; nil: a field of the value.
  public var origin: String?
  public var path: String?
  public var position: Int
}

/// What ALTER SOURCE does.
public enum SourceAction: Sendable {
  case pause
  case resume
  /// `partition` nil: all of them.
  case seek(partition: Int32?, DefinitionOption.Value, position: Int)
}

extension OwnStatementReader {
  mutating func sourceDefinition(_ verb: OwnLexer.Verb) throws(ParseError) -> Definition {
    switch verb {
    case .create: return .createSource(try createSource())
    case .alter: return .alterSource(name: try name(), try sourceAction())
    case .drop:
      let ifExists = try takeAll(["if", "exists"])
      return .dropSource(name: try name(), ifExists: ifExists)
    }
  }

  private mutating func createSource() throws(ParseError) -> CreateSource {
    let ifNotExists = try takeAll(["if", "not", "exists"])
    let name = try name()
    guard take("from") else { throw unexpected }
    guard take("kafka") else {
      if case .name = next.kind {
        throw .unsupported("a source that is not Kafka", location: next.position)
      }
      throw unexpected
    }
    let options = try sourceOptions()
    guard take("into") else { throw unexpected }
    _ = take("table")
    let table = try relation()
    var columns: [SourceColumnSyntax]?
    if take(mark: "(") {
      var list = [try sourceColumn()]
      while take(mark: ",") { list.append(try sourceColumn()) }
      guard take(mark: ")") else { throw unexpected }
      columns = list
    }
    return CreateSource(
      name: name, options: options, table: table, columns: columns, ifNotExists: ifNotExists)
  }

  /// `(name = value, …)`, where the mark may be left out and names may have points in them.
  private mutating func sourceOptions() throws(ParseError) -> [DefinitionOption] {
    guard take(mark: "(") else { throw unexpected }
    var options: [DefinitionOption] = []
    repeat {
      let position = next.position + 1
      let name = try topicName()
      _ = take(mark: "=")
      var value: DefinitionOption.Value
      if case .name = next.kind {
        value = .names([try topicName()])
      } else {
        value = try self.value()
      }
      options.append(DefinitionOption(name: name, value: value, position: position))
    } while take(mark: ",")
    guard take(mark: ")") else { throw unexpected }
    return options
  }

  private mutating func sourceColumn() throws(ParseError) -> SourceColumnSyntax {
    var column = SourceColumnSyntax(
      column: "", origin: nil, path: nil, position: next.position + 1)
    column.column = try name()
    guard take(mark: "=") else { return column }
    if case .string(let path) = next.kind {
      column.path = path
      skip()
      return column
    }
    column.origin = try name()
    if case .string(let path) = next.kind {
      column.path = path
      skip()
    }
    return column
  }

  private mutating func sourceAction() throws(ParseError) -> SourceAction {
    if take("pause") { return .pause }
    if take("resume") { return .resume }
    guard take("seek") else { throw unexpected }
    let position = next.position + 1
    guard take(mark: "(") else {
      _ = take("to")
      return .seek(partition: nil, try value(), position: position)
    }
    guard case .number(let text) = next.kind, let partition = Int32(text) else { throw unexpected }
    skip()
    guard take(mark: ",") else { throw unexpected }
    let place = try value()
    guard take(mark: ")") else { throw unexpected }
    return .seek(partition: partition, place, position: position)
  }
}
