import Base
public import Catalog
import Functions
import Syntax
public import Types

/// CREATE TOPIC name ON (SELECT … FROM table WHERE …): each change of a row is looked at by itself, so that there is
/// one table, and nothing that looks at several rows.
extension SQLSession {
  /// The table whose changes a topic has.
  static func relation(of source: TopicSource) throws(SQLError) -> QuerySyntax.RelationName {
    switch source {
    case .table(let name): return name
    case .query(let query, let position):
      guard case .select(let select) = query.body, select.from.count == 1,
        case .relation(let name, _) = select.from[0]
      else { throw refused("anything but SELECT from one table", position) }
      if let fault = fault(of: query, select) { throw refused(fault, position) }
      return name
    }
  }

  private static func refused(_ what: String, _ position: Int) -> SQLError {
    SQLError(
      .featureNotSupported, "a topic cannot be made of a query with \(what)",
      hint: "SELECT columns and expressions FROM one table, with WHERE or without.",
      position: position)
  }

  private static func fault(of query: QuerySyntax.Query, _ select: QuerySyntax.Select) -> String? {
    if !query.with.isEmpty { return "WITH" }
    if !query.order.isEmpty { return "ORDER BY" }
    if query.limit != nil || query.offset != nil { return "LIMIT" }
    if !query.locking.isEmpty { return "FOR UPDATE" }
    if select.isDistinct || !select.distinctOn.isEmpty { return "DISTINCT" }
    if !select.groups.isEmpty { return "GROUP BY" }
    if select.having != nil { return "HAVING" }
    if !select.windows.isEmpty { return "WINDOW" }
    return nil
  }

  func topicQuery(_ query: QuerySyntax.Query, _ table: TableDescriptor) throws(SQLError)
    -> TopicQuery
  {
    guard case .select(let select) = query.body,
      case .relation(let name, let alias)? = select.from.first
    else {
      throw SQLError(.internalError, "a topic's query has changed")
    }
    let known = alias?.name ?? name.name
    var fields: [TopicQuery.Field] = []
    for target in select.targets {
      if case .column(let names, _) = target.expression, names.last == "*" {
        fields += try everything(names, known, table)
        continue
      }
      let text = try keptExpression(target.expression, of: table, known, isCondition: false)
      fields.append(
        TopicQuery.Field(name: target.alias ?? target.expression.columnName, expression: text))
    }
    if let twice = Dictionary(grouping: fields, by: \.name).filter({ $0.value.count > 1 }).keys
      .min()
    {
      throw SQLError(.duplicateColumn, "column \"\(twice)\" specified more than once")
    }
    let condition = try select.filter.map { (filter) throws(SQLError) in
      try keptExpression(filter, of: table, known, isCondition: true)
    }
    return TopicQuery(fields: fields, condition: condition)
  }

  /// `*`, or with the table's name before it.
  private func everything(_ names: [String], _ known: String, _ table: TableDescriptor)
    throws(SQLError)
    -> [TopicQuery.Field]
  {
    guard names.count == 1 || names == [known, "*"] else {
      throw SQLError(.undefinedTable, "missing FROM-clause entry for table \"\(names[0])\"")
    }
    return table.visibleColumns.map {
      TopicQuery.Field(name: $0.name, expression: SyntaxPrinter.quoted($0.name))
    }
  }

  /// The text that is kept: columns without their table's name.
  private func keptExpression(
    _ syntax: QuerySyntax.Expression, of table: TableDescriptor, _ known: String, isCondition: Bool
  ) throws(SQLError) -> String {
    let text = SyntaxPrinter(omitting: known).text(syntax)
    try Binder(statementContext(), parameterTypes: []).checkRowExpression(
      CatalogText.expression(text), table, isCondition ? "topic conditions" : "topic expressions",
      isCondition: isCondition)
    // As readers will, who have no search path.
    _ = try NamedExpression(
      text, over: table.namedColumns, returning: isCondition ? .bool : nil, in: catalog)
    return text
  }
}

extension TableDescriptor {
  /// By position, for expressions over decoded rows.
  public var namedColumns: [(name: String, type: SQLType)] { columns.map { ($0.name, $0.type) } }
}
