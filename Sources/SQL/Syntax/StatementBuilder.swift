/// Parse nodes → statements. What has no case here is parsed, and refused by name when it runs.
enum StatementBuilder {
  static func build(_ node: ParseNode) throws(ParseError) -> StatementBody {
    switch node.kind {
    case "SelectStmt": return .select(try select(node))
    case "InsertStmt": return .insert(try insert(node))
    case "UpdateStmt": return .update(try update(node))
    case "DeleteStmt": return .delete(try delete(node))
    case "CreateStmt": return .createTable(try createTable(node))
    case "DropStmt": return try drop(node)
    case "TransactionStmt": return try transaction(node)
    case "VariableSetStmt": return try set(node)
    case "VariableShowStmt":
      try node.allow(["name"])
      return .show(name: node.string("name") ?? "")
    default: return .unsupported(commandName(node))
    }
  }

  /// "CreateIndexStmt" reads as "CREATE INDEX" in an error, near enough to find it.
  private static func commandName(_ node: ParseNode) -> String {
    if node.kind == "IndexStmt" { return "CREATE INDEX" }
    var words = ""
    for character in node.kind.replacingSuffix("Stmt", with: "") {
      if character.isUppercase && !words.isEmpty { words += " " }
      words += character.uppercased()
    }
    return words
  }

  static func relation(_ node: ParseNode?) throws(ParseError) -> RelationName {
    guard let node else { throw .unexpectedTree }
    try node.allow(["schemaname", "relname", "inh", "relpersistence", "alias"])
    if node.string("relpersistence") == "t" {
      throw .unsupported("temporary tables", location: node.location)
    }
    let alias = try node.body("alias", as: "Alias")
    try alias?.allow(["aliasname"])
    return RelationName(
      schema: node.string("schemaname"), name: node.string("relname") ?? "",
      alias: alias?.string("aliasname"), location: node.location)
  }

  static func targets(_ trees: [ParseTree]) throws(ParseError) -> [Target] {
    var targets: [Target] = []
    for tree in trees {
      let node = try ParseNode(tree)
      try node.allow(["name", "val"])
      targets.append(
        Target(
          expression: try ExpressionBuilder.required(node, "val"), alias: node.string("name")))
    }
    return targets
  }

  private static func select(_ node: ParseNode) throws(ParseError) -> SelectStatement {
    try node.allow([
      "targetList", "fromClause", "whereClause", "groupClause", "havingClause", "sortClause",
      "limitCount", "limitOffset", "limitOption", "distinctClause", "valuesLists", "op",
    ])
    if let operation = node.string("op"), operation != "SETOP_NONE" {
      throw .unsupported(String(operation.dropFirst("SETOP_".count)), location: -1)
    }
    if node.string("limitOption") == "LIMIT_OPTION_WITH_TIES" {
      throw .unsupported("FETCH … WITH TIES", location: -1)
    }
    var select = SelectStatement()
    select.targets = try targets(node.list("targetList"))
    select.from = try from(node.list("fromClause"))
    select.filter = try ExpressionBuilder.optional(node, "whereClause")
    select.groupBy = try ExpressionBuilder.list(node.list("groupClause"))
    select.having = try ExpressionBuilder.optional(node, "havingClause")
    select.orderBy = try sortKeys(node.list("sortClause"))
    select.limit = try ExpressionBuilder.optional(node, "limitCount")
    select.offset = try ExpressionBuilder.optional(node, "limitOffset")
    select.isDistinct = try distinct(node.list("distinctClause"))
    for tree in node.list("valuesLists") {
      select.values.append(try ExpressionBuilder.list(ParseNode(tree).list("items")))
    }
    return select
  }

  private static func from(_ trees: [ParseTree]) throws(ParseError) -> RelationName? {
    guard let first = trees.first else { return nil }
    let node = try ParseNode(first)
    if trees.count > 1 || node.kind == "JoinExpr" { throw .unsupported("joins", location: -1) }
    switch node.kind {
    case "RangeVar": return try relation(node)
    case "RangeSubselect": throw .unsupported("subqueries in FROM", location: -1)
    case "RangeFunction": throw .unsupported("functions in FROM", location: -1)
    default: throw .unsupported(node.kind, location: node.location)
    }
  }

  private static func distinct(_ trees: [ParseTree]) throws(ParseError) -> Bool {
    guard let first = trees.first else { return false }
    // Plain DISTINCT is a list of one empty node; DISTINCT ON lists expressions.
    if case .object(let members) = first, members.isEmpty { return true }
    throw .unsupported("DISTINCT ON", location: -1)
  }

  private static func sortKeys(_ trees: [ParseTree]) throws(ParseError) -> [SortKey] {
    var keys: [SortKey] = []
    for tree in trees {
      let node = try ParseNode(tree)
      try node.allow(["node", "sortby_dir", "sortby_nulls"])
      let isDescending = node.string("sortby_dir") == "SORTBY_DESC"
      let nullsFirst =
        switch node.string("sortby_nulls") {
        case "SORTBY_NULLS_FIRST": true
        case "SORTBY_NULLS_LAST": false
        default: isDescending
        }
      if node.string("sortby_dir") == "SORTBY_USING" {
        throw .unsupported("ORDER BY … USING", location: node.location)
      }
      keys.append(
        SortKey(
          expression: try ExpressionBuilder.required(node, "node"), isDescending: isDescending,
          nullsFirst: nullsFirst))
    }
    return keys
  }

  private static func insert(_ node: ParseNode) throws(ParseError) -> InsertStatement {
    try node.allow(["relation", "cols", "selectStmt", "returningList", "override"])
    if node.string("override") != "OVERRIDING_NOT_SET" {
      throw .unsupported("OVERRIDING", location: -1)
    }
    var columns: [(name: String, location: Int)] = []
    for tree in node.list("cols") {
      let column = try ParseNode(tree)
      try column.allow(["name"])
      columns.append((column.string("name") ?? "", column.location))
    }
    var rows: [[Expression]] = []
    if let source = try node.node("selectStmt") {
      let select = try select(source)
      if select.values.isEmpty { throw .unsupported("INSERT … SELECT", location: -1) }
      rows = select.values
    }
    return InsertStatement(
      table: try relation(node.body("relation", as: "RangeVar")), columns: columns, rows: rows,
      returning: try targets(node.list("returningList")))
  }

  private static func update(_ node: ParseNode) throws(ParseError) -> UpdateStatement {
    try node.allow(["relation", "targetList", "whereClause", "returningList"])
    var assignments: [Assignment] = []
    for tree in node.list("targetList") {
      let target = try ParseNode(tree)
      try target.allow(["name", "val"])
      assignments.append(
        Assignment(
          column: target.string("name") ?? "",
          value: try ExpressionBuilder.required(target, "val"), location: target.location))
    }
    return UpdateStatement(
      table: try relation(node.body("relation", as: "RangeVar")), assignments: assignments,
      filter: try ExpressionBuilder.optional(node, "whereClause"),
      returning: try targets(node.list("returningList")))
  }

  private static func delete(_ node: ParseNode) throws(ParseError) -> DeleteStatement {
    try node.allow(["relation", "whereClause", "returningList"])
    return DeleteStatement(
      table: try relation(node.body("relation", as: "RangeVar")),
      filter: try ExpressionBuilder.optional(node, "whereClause"),
      returning: try targets(node.list("returningList")))
  }

  private static func drop(_ node: ParseNode) throws(ParseError) -> StatementBody {
    try node.allow(["objects", "removeType", "behavior", "missing_ok"])
    guard node.string("removeType") == "OBJECT_TABLE" else {
      let what = (node.string("removeType") ?? "").dropFirst("OBJECT_".count)
      return .unsupported("DROP \(what)")
    }
    var tables: [RelationName] = []
    for tree in node.list("objects") {
      let names = try ParseNode(tree).names("items")
      guard let name = names.last, names.count <= 2 else {
        throw .unsupported("cross-database references", location: -1)
      }
      tables.append(
        RelationName(
          schema: names.count == 2 ? names[0] : nil, name: name, alias: nil, location: -1))
    }
    return .dropTable(
      DropTableStatement(
        tables: tables, ifExists: node.flag("missing_ok"),
        isCascade: node.string("behavior") == "DROP_CASCADE"))
  }

  private static func set(_ node: ParseNode) throws(ParseError) -> StatementBody {
    try node.allow(["kind", "name", "args", "is_local"])
    let name = node.string("name") ?? ""
    switch node.string("kind") ?? "" {
    case "VAR_SET_VALUE":
      return .set(
        name: name, values: try ExpressionBuilder.list(node.list("args")),
        isLocal: node.flag("is_local"))
    case "VAR_SET_DEFAULT", "VAR_RESET":
      return .set(name: name, values: nil, isLocal: node.flag("is_local"))
    case let other: return .unsupported("SET (\(other))")
    }
  }
}

extension String {
  func replacingSuffix(_ suffix: String, with replacement: String) -> String {
    hasSuffix(suffix) ? String(dropLast(suffix.count)) + replacement : self
  }
}
