/// Parse nodes → queries. What has no case here is refused by name.
enum QueryBuilder {
  /// `allowsInto`: the caller sees to SELECT … INTO, which is refused anywhere else.
  static func query(_ node: ParseNode?, allowsInto: Bool = false) throws(ParseError)
    -> QuerySyntax.Query
  {
    guard let node, node.kind == "SelectStmt" else { throw .unexpectedTree }
    return try select(node, allowsInto)
  }

  private static func select(_ node: ParseNode, _ allowsInto: Bool) throws(ParseError)
    -> QuerySyntax.Query
  {
    if let into = try node.body("intoClause", as: "IntoClause"), !allowsInto {
      throw .syntax(
        message: "SELECT ... INTO is not allowed here",
        position: try into.body("rel", as: "RangeVar")?.position ?? 0)
    }
    try node.allow([
      "intoClause",
      "targetList", "fromClause", "whereClause", "groupClause", "havingClause", "windowClause",
      "sortClause", "limitCount", "limitOffset", "limitOption", "distinctClause", "valuesLists",
      "op", "all", "larg", "rarg", "withClause", "lockingClause",
    ])
    var query = QuerySyntax.Query(try body(node, allowsInto))
    query.order = try sortKeys(node.list("sortClause"))
    query.limit = try ExpressionBuilder.optional(node, "limitCount")
    query.offset = try ExpressionBuilder.optional(node, "limitOffset")
    query.withTies = node.string("limitOption") == "LIMIT_OPTION_WITH_TIES"
    if let with = try node.body("withClause", as: "WithClause") {
      (query.with, query.isRecursive) = try commonTables(with)
    }
    for tree in node.list("lockingClause") { query.locking.append(try locking(ParseNode(tree))) }
    return query
  }

  private static func body(_ node: ParseNode, _ allowsInto: Bool) throws(ParseError)
    -> QuerySyntax.Body
  {
    let kind: QuerySyntax.SetKind
    switch node.string("op") ?? "" {
    case "SETOP_UNION": kind = .union
    case "SETOP_INTERSECT": kind = .intersect
    case "SETOP_EXCEPT": kind = .except
    default:
      if node.list("valuesLists").isEmpty { return .select(try block(node)) }
      var rows: [[QuerySyntax.Expression]] = []
      for tree in node.list("valuesLists") {
        rows.append(try ExpressionBuilder.list(ParseNode(tree).list("items")))
      }
      return .values(rows)
    }
    return .set(
      kind, isAll: node.flag("all"),
      try query(node.body("larg", as: "SelectStmt"), allowsInto: allowsInto),
      try query(node.body("rarg", as: "SelectStmt")))
  }

  private static func block(_ node: ParseNode) throws(ParseError) -> QuerySyntax.Select {
    var select = QuerySyntax.Select()
    select.targets = try targets(node.list("targetList"))
    for tree in node.list("fromClause") {
      select.from.append(try FromBuilder.item(ParseNode(tree)))
    }
    select.filter = try ExpressionBuilder.optional(node, "whereClause")
    for tree in node.list("groupClause") { select.groups.append(try group(tree)) }
    select.having = try ExpressionBuilder.optional(node, "havingClause")
    for tree in node.list("windowClause") {
      let definition = try ParseNode(tree)
      let name = definition.string("name") ?? ""
      if select.windows[name] != nil {
        throw .syntax(
          message: "window \"\(name)\" is already defined", position: definition.location + 1)
      }
      select.windows[name] = try window(definition, isDefinition: true)
    }
    let distinct = node.list("distinctClause")
    // Plain DISTINCT is a list of one empty node; DISTINCT ON lists expressions.
    if case .object(let members)? = distinct.first, members.isEmpty {
      select.isDistinct = true
    } else {
      select.distinctOn = try ExpressionBuilder.list(distinct)
    }
    return select
  }

  static func targets(_ trees: [ParseTree]) throws(ParseError) -> [QuerySyntax.Target] {
    var targets: [QuerySyntax.Target] = []
    for tree in trees {
      let node = try ParseNode(tree)
      try node.allow(["name", "val"])
      guard let value = try node.node("val") else { throw .unexpectedTree }
      if value.kind == "SQLValueFunction" {
        let (expression, name) = try ExpressionBuilder.valueFunction(value)
        targets.append(QuerySyntax.Target(expression, alias: node.string("name") ?? name))
      } else {
        targets.append(
          QuerySyntax.Target(try ExpressionBuilder.build(value), alias: node.string("name")))
      }
    }
    return targets
  }

  static func sortKeys(_ trees: [ParseTree]) throws(ParseError) -> [QuerySyntax.SortKey] {
    var keys: [QuerySyntax.SortKey] = []
    for tree in trees {
      let node = try ParseNode(tree)
      try node.allow(["node", "sortby_dir", "sortby_nulls", "useOp"])
      var isDescending = node.string("sortby_dir") == "SORTBY_DESC"
      if node.string("sortby_dir") == "SORTBY_USING" {
        switch try node.names("useOp").last {
        case "<": break
        case ">": isDescending = true
        default: throw .unsupported("ORDER BY … USING", location: node.location)
        }
      }
      let nullsFirst: Bool? =
        switch node.string("sortby_nulls") {
        case "SORTBY_NULLS_FIRST": true
        case "SORTBY_NULLS_LAST": false
        default: nil
        }
      keys.append(
        QuerySyntax.SortKey(
          try ExpressionBuilder.required(node, "node"), isDescending: isDescending,
          nullsFirst: nullsFirst))
    }
    return keys
  }

  private static func group(_ tree: ParseTree) throws(ParseError) -> QuerySyntax.GroupItem {
    let node = try ParseNode(tree)
    guard node.kind == "GroupingSet" else {
      return .expression(try ExpressionBuilder.build(node))
    }
    try node.allow(["kind", "content"])
    switch node.string("kind") ?? "" {
    case "GROUPING_SET_EMPTY": return .sets([[]])
    case "GROUPING_SET_ROLLUP": return .rollup(try groupLists(node))
    case "GROUPING_SET_CUBE": return .cube(try groupLists(node))
    default:
      var sets: [[QuerySyntax.Expression]] = []
      for inner in node.list("content") {
        let part = try ParseNode(inner)
        if part.kind == "GroupingSet" {
          guard part.string("kind") == "GROUPING_SET_EMPTY" else {
            throw .unsupported("nested grouping sets", location: part.location)
          }
          sets.append([])
        } else {
          sets.append(unpacked(try ExpressionBuilder.build(part)))
        }
      }
      return .sets(sets)
    }
  }

  private static func groupLists(_ node: ParseNode) throws(ParseError)
    -> [[QuerySyntax.Expression]]
  {
    var lists: [[QuerySyntax.Expression]] = []
    for item in try ExpressionBuilder.list(node.list("content")) { lists.append(unpacked(item)) }
    return lists
  }

  /// (a, b) counts as two.
  private static func unpacked(_ item: QuerySyntax.Expression) -> [QuerySyntax.Expression] {
    if case .row(let items, _) = item { items } else { [item] }
  }

  private static func locking(_ node: ParseNode) throws(ParseError) -> QuerySyntax.Locking {
    try node.allow(["lockedRels", "strength", "waitPolicy"])
    let strength: QuerySyntax.LockStrength =
      switch node.string("strength") {
      case "LCS_FORKEYSHARE": .keyShare
      case "LCS_FORSHARE": .share
      case "LCS_FORNOKEYUPDATE": .noKeyUpdate
      default: .update
      }
    let waiting: QuerySyntax.LockWaiting =
      switch node.string("waitPolicy") {
      case "LockWaitSkip": .skipLocked
      case "LockWaitError": .noWait
      default: .wait
      }
    var tables: [String] = []
    for tree in node.list("lockedRels") {
      tables.append(try ParseNode(tree).string("relname") ?? "")
    }
    return QuerySyntax.Locking(strength, waiting, tables: tables)
  }

  static func commonTables(_ node: ParseNode) throws(ParseError)
    -> ([QuerySyntax.CommonTable], isRecursive: Bool)
  {
    try node.allow(["ctes", "recursive"])
    var tables: [QuerySyntax.CommonTable] = []
    for tree in node.list("ctes") {
      let item = try ParseNode(tree)
      try item.allow(["ctename", "aliascolnames", "ctematerialized", "ctequery"])
      guard let inner = try item.node("ctequery") else { throw .unexpectedTree }
      if let change = try ChangeBuilder.change(inner) {
        tables.append(
          QuerySyntax.CommonTable(
            item.string("ctename") ?? "", columns: try item.names("aliascolnames"),
            change: change, position: item.position))
        continue
      }
      guard inner.kind == "SelectStmt" else {
        throw .unsupported(
          "\(StatementBuilder.commandName(inner)) in WITH", location: item.location)
      }
      tables.append(
        QuerySyntax.CommonTable(
          item.string("ctename") ?? "", columns: try item.names("aliascolnames"),
          query: try query(inner), position: item.position))
    }
    return (tables, node.flag("recursive"))
  }
}
