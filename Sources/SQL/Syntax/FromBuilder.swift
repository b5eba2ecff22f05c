/// Parse nodes → items of FROM.
enum FromBuilder {
  static func item(_ node: ParseNode) throws(ParseError) -> QuerySyntax.FromItem {
    switch node.kind {
    case "RangeVar":
      let (name, alias) = try relation(node)
      return .relation(name, alias)
    case "RangeSubselect":
      try node.allow(["lateral", "subquery", "alias"])
      return .subquery(
        try QueryBuilder.query(node.node("subquery")), try alias(node),
        isLateral: node.flag("lateral"), position: nil)
    case "RangeFunction": return try functions(node)
    case "JoinExpr": return try join(node)
    default: throw .unsupported(node.kind, location: node.location)
    }
  }

  /// A table's name and what it is called here.
  static func relation(_ node: ParseNode?) throws(ParseError)
    -> (QuerySyntax.RelationName, QuerySyntax.Alias?)
  {
    guard let node else { throw .unexpectedTree }
    try node.allow(["catalogname", "schemaname", "relname", "inh", "relpersistence", "alias"])
    if let database = node.string("catalogname"), database != "quatrain" {
      throw .unsupported("cross-database references", location: node.location)
    }
    var name = QuerySyntax.RelationName(
      node.string("relname") ?? "", schema: node.string("schemaname"), position: node.position)
    name.isTemporary = node.string("relpersistence") == "t"
    return (name, try alias(node))
  }

  static func name(_ node: ParseNode?) throws(ParseError) -> QuerySyntax.RelationName {
    try relation(node).0
  }

  private static func alias(_ node: ParseNode) throws(ParseError) -> QuerySyntax.Alias? {
    guard let alias = try node.body("alias", as: "Alias") else { return nil }
    try alias.allow(["aliasname", "colnames"])
    return QuerySyntax.Alias(
      alias.string("aliasname") ?? "", columns: try alias.names("colnames"))
  }

  private static func functions(_ node: ParseNode) throws(ParseError) -> QuerySyntax.FromItem {
    // LATERAL is what functions in FROM are anyway.
    try node.allow(["lateral", "ordinality", "is_rowsfrom", "functions", "alias", "coldeflist"])
    var calls:
      [(
        call: QuerySyntax.Expression,
        columns: [(name: String, type: QuerySyntax.TypeName)]
      )] = []
    for tree in node.list("functions") {
      let parts = try ParseNode(tree).list("items")
      guard let first = parts.first else { throw .unexpectedTree }
      let function = try ParseNode(first)
      let call =
        function.kind == "SQLValueFunction"
        ? try ExpressionBuilder.valueFunction(function).expression
        : try ExpressionBuilder.build(function)
      var columns: [(name: String, type: QuerySyntax.TypeName)] = []
      if parts.count > 1, case .object(let members) = parts[1], !members.isEmpty {
        columns = try definitions(ParseNode(parts[1]).list("items"))
      }
      calls.append((call, columns))
    }
    var position: Int?
    if case .call(let call)? = calls.first?.call { position = call.position }
    return .functions(
      calls, try alias(node), columns: try definitions(node.list("coldeflist")),
      hasOrdinality: node.flag("ordinality"), position: position)
  }

  private static func definitions(_ trees: [ParseTree]) throws(ParseError)
    -> [(name: String, type: QuerySyntax.TypeName)]
  {
    var columns: [(name: String, type: QuerySyntax.TypeName)] = []
    for tree in trees {
      let column = try ParseNode(tree)
      try column.allow(["colname", "typeName", "is_local"])
      columns.append(
        (
          column.string("colname") ?? "",
          try TypeNameBuilder.build(column.body("typeName", as: "TypeName"))
        ))
    }
    return columns
  }

  private static func join(_ node: ParseNode) throws(ParseError) -> QuerySyntax.FromItem {
    try node.allow([
      "jointype", "isNatural", "larg", "rarg", "usingClause", "join_using_alias", "quals", "alias",
    ])
    guard let left = try node.node("larg"), let right = try node.node("rarg") else {
      throw .unexpectedTree
    }
    var condition = QuerySyntax.JoinCondition.none
    if node.flag("isNatural") {
      condition = .natural
    } else if !node.list("usingClause").isEmpty {
      let alias = try node.body("join_using_alias", as: "Alias")?.string("aliasname")
      condition = .using(try node.names("usingClause"), alias: alias)
    } else if let test = try ExpressionBuilder.optional(node, "quals") {
      condition = .on(test)
    }
    var type: QuerySyntax.JoinType
    switch node.string("jointype") ?? "" {
    case "JOIN_LEFT": type = .left
    case "JOIN_RIGHT": type = .right
    case "JOIN_FULL": type = .full
    default: type = .inner
    }
    if case .none = condition { type = .cross }
    return .join(
      type, try item(left), try item(right), condition, try alias(node), position: node.position)
  }
}
