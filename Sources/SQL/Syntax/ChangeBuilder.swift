/// Parse nodes → INSERT, UPDATE and DELETE.
enum ChangeBuilder {
  /// Nil for what changes no rows.
  static func change(_ node: ParseNode) throws(ParseError) -> QuerySyntax.Statement? {
    switch node.kind {
    case "InsertStmt": .insert(try insert(node))
    case "UpdateStmt": .update(try update(node))
    case "DeleteStmt": .delete(try delete(node))
    default: nil
    }
  }

  static func insert(_ node: ParseNode) throws(ParseError) -> QuerySyntax.Insert {
    try node.allow([
      "relation", "cols", "selectStmt", "returningList", "override", "onConflictClause",
      "withClause",
    ])
    let (name, alias) = try FromBuilder.relation(node.body("relation", as: "RangeVar"))
    var insert = QuerySyntax.Insert(name)
    insert.alias = alias?.name
    (insert.with, insert.isRecursive) = try with(node)
    for tree in node.list("cols") {
      let column = try ParseNode(tree)
      try column.allow(["name"])
      insert.columns.append((column.string("name") ?? "", column.position))
    }
    if let source = try node.node("selectStmt") { insert.source = try QueryBuilder.query(source) }
    switch node.string("override") {
    case "OVERRIDING_SYSTEM_VALUE": insert.overriding = .system
    case "OVERRIDING_USER_VALUE": insert.overriding = .user
    default: break
    }
    if let clause = try node.body("onConflictClause", as: "OnConflictClause") {
      insert.onConflict = try onConflict(clause)
    }
    insert.returning = try returning(node)
    return insert
  }

  private static func onConflict(_ node: ParseNode) throws(ParseError) -> QuerySyntax.OnConflict {
    try node.allow(["action", "infer", "targetList", "whereClause"])
    var clause = QuerySyntax.OnConflict()
    clause.position = node.position
    if let infer = try node.body("infer", as: "InferClause") {
      try infer.allow(["indexElems", "whereClause", "conname"])
      clause.constraint = infer.string("conname")
      clause.filter = try ExpressionBuilder.optional(infer, "whereClause")
      for tree in infer.list("indexElems") {
        let element = try ParseNode(tree)
        guard let name = element.string("name") else {
          throw .unsupported("ON CONFLICT over expressions", location: node.location)
        }
        try element.allow(["name", "ordering", "nulls_ordering"])
        clause.columns.append(name)
      }
    }
    if node.string("action") == "ONCONFLICT_UPDATE" {
      clause.assignments = try assignments(node.list("targetList"))
      clause.updateFilter = try ExpressionBuilder.optional(node, "whereClause")
    }
    return clause
  }

  static func update(_ node: ParseNode) throws(ParseError) -> QuerySyntax.Update {
    try node.allow([
      "relation", "targetList", "whereClause", "fromClause", "returningList", "withClause",
    ])
    let (name, alias) = try FromBuilder.relation(node.body("relation", as: "RangeVar"))
    var update = QuerySyntax.Update(name)
    update.alias = alias?.name
    (update.with, update.isRecursive) = try with(node)
    update.assignments = try assignments(node.list("targetList"))
    update.from = try from(node.list("fromClause"))
    update.filter = try ExpressionBuilder.optional(node, "whereClause")
    update.returning = try returning(node)
    return update
  }

  static func delete(_ node: ParseNode) throws(ParseError) -> QuerySyntax.Delete {
    try node.allow(["relation", "whereClause", "usingClause", "returningList", "withClause"])
    let (name, alias) = try FromBuilder.relation(node.body("relation", as: "RangeVar"))
    var delete = QuerySyntax.Delete(name)
    delete.alias = alias?.name
    (delete.with, delete.isRecursive) = try with(node)
    delete.using = try from(node.list("usingClause"))
    delete.filter = try ExpressionBuilder.optional(node, "whereClause")
    delete.returning = try returning(node)
    return delete
  }

  private static func from(_ trees: [ParseTree]) throws(ParseError) -> [QuerySyntax.FromItem] {
    var items: [QuerySyntax.FromItem] = []
    for tree in trees { items.append(try FromBuilder.item(ParseNode(tree))) }
    return items
  }

  private static func returning(_ node: ParseNode) throws(ParseError) -> [QuerySyntax.Target]? {
    let trees = node.list("returningList")
    return trees.isEmpty ? nil : try QueryBuilder.targets(trees)
  }

  private static func with(_ node: ParseNode) throws(ParseError)
    -> ([QuerySyntax.CommonTable], isRecursive: Bool)
  {
    guard let clause = try node.body("withClause", as: "WithClause") else { return ([], false) }
    return try QueryBuilder.commonTables(clause)
  }

  private static func assignments(_ trees: [ParseTree]) throws(ParseError)
    -> [QuerySyntax.Assignment]
  {
    var list: [QuerySyntax.Assignment] = []
    for tree in trees {
      let target = try ParseNode(tree)
      try target.allow(["name", "val"])
      let name = target.string("name") ?? ""
      guard let value = try target.node("val") else { throw .unexpectedTree }
      if value.kind == "MultiAssignRef" {
        // (a, b) = … arrives as one node per column, each with the whole source.
        if value.integer("colno") == 1 {
          list.append(
            QuerySyntax.Assignment(
              [name], try ExpressionBuilder.required(value, "source"), position: target.position))
        } else {
          list[list.count - 1].columns.append(name)
        }
        continue
      }
      list.append(
        QuerySyntax.Assignment(
          [name], try ExpressionBuilder.build(value), position: target.position))
    }
    return list
  }
}
