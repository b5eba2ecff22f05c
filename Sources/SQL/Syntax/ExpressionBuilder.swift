/// Parse nodes → expressions. What has no case here is refused by name.
enum ExpressionBuilder {
  typealias Expression = QuerySyntax.Expression

  static func build(_ tree: ParseTree) throws(ParseError) -> Expression {
    try build(ParseNode(tree))
  }

  static func optional(_ node: ParseNode, _ key: String) throws(ParseError) -> Expression? {
    guard let tree = node.tree(key) else { return nil }
    return try build(tree)
  }

  static func required(_ node: ParseNode, _ key: String) throws(ParseError) -> Expression {
    guard let found = try optional(node, key) else { throw .unexpectedTree }
    return found
  }

  static func list(_ trees: [ParseTree]) throws(ParseError) -> [Expression] {
    var expressions: [Expression] = []
    expressions.reserveCapacity(trees.count)
    for tree in trees { expressions.append(try build(tree)) }
    return expressions
  }

  static func build(_ node: ParseNode) throws(ParseError) -> Expression {
    let position = node.position
    switch node.kind {
    case "A_Const": return try constant(node)
    case "ColumnRef": return try column(node)
    case "ParamRef": return .parameter(node.integer("number") ?? 0, position: position)
    case "A_Expr": return try operation(node)
    case "BoolExpr": return try logic(node)
    case "NullTest":
      try node.allow(["arg", "nulltesttype"])
      return .isNull(
        try required(node, "arg"), negated: node.string("nulltesttype") == "IS_NOT_NULL")
    case "BooleanTest": return try booleanTest(node)
    case "FuncCall": return .call(try call(node))
    case "TypeCast": return try cast(node)
    case "CaseExpr": return try caseWhen(node)
    case "CoalesceExpr":
      try node.allow(["args"])
      return .coalesce(try list(node.list("args")), position: position)
    case "MinMaxExpr":
      try node.allow(["op", "args"])
      return .extremum(
        try list(node.list("args")), isGreatest: node.string("op") == "IS_GREATEST",
        position: position)
    case "RowExpr":
      try node.allow(["args", "row_format"])
      return .row(try list(node.list("args")), position: position)
    case "A_ArrayExpr":
      try node.allow(["elements"])
      return .array(try list(node.list("elements")), position: position)
    case "A_Indirection": return try indirection(node)
    case "SubLink": return try subquery(node)
    case "SQLValueFunction": return try valueFunction(node).expression
    case "GroupingFunc":
      try node.allow(["args"])
      return .grouping(try list(node.list("args")), position: position)
    case "CollateClause": return try collate(node)
    case "SetToDefault": return .defaultValue(position: position)
    default: throw .unsupported(node.kind, location: node.location)
    }
  }

  private static func constant(_ node: ParseNode) throws(ParseError) -> Expression {
    let position = node.position
    if node.flag("isnull") { return .literal(.null, position: position) }
    if let body = try node.body("ival", as: "Integer") {
      return .literal(.integer(Int64(body.integer("ival") ?? 0)), position: position)
    }
    if let body = try node.body("fval", as: "Float") {
      return .literal(.number(body.string("fval") ?? "0"), position: position)
    }
    if let body = try node.body("boolval", as: "Boolean") {
      return .literal(.bool(body.flag("boolval")), position: position)
    }
    if let body = try node.body("sval", as: "String") {
      return .literal(.string(body.string("sval") ?? ""), position: position)
    }
    if let body = try node.body("bsval", as: "BitString") {
      return .literal(.bits(body.string("bsval") ?? ""), position: position)
    }
    throw .unexpectedTree
  }

  private static func column(_ node: ParseNode) throws(ParseError) -> Expression {
    try node.allow(["fields"])
    var names: [String] = []
    for field in node.list("fields") {
      let part = try ParseNode(field)
      names.append(part.kind == "A_Star" ? "*" : try ParseNode.text(field))
    }
    return .column(names, position: node.position)
  }

  private static func cast(_ node: ParseNode) throws(ParseError) -> Expression {
    try node.allow(["arg", "typeName"])
    var type = try TypeNameBuilder.build(node.body("typeName", as: "TypeName"))
    var inner = try required(node, "arg")
    // INTERVAL '5' DAY: the field is the modifier, and the unit of a bare number.
    if type.name == "interval", let field = IntervalFields.unit(of: type.modifiers) {
      if case .literal(.string(let text), let place) = inner, IntervalFields.isBareNumber(text) {
        inner = .literal(.string("\(text) \(field)"), position: place)
      }
      type.modifiers = []
    }
    return .cast(inner, type, position: node.position)
  }

  private static func collate(_ node: ParseNode) throws(ParseError) -> Expression {
    try node.allow(["arg", "collname"])
    try checkCollation(node)
    return try required(node, "arg")
  }

  /// Text compares by its bytes, so the collations that do the same are all there is.
  static func checkCollation(_ node: ParseNode) throws(ParseError) {
    let name = try node.names("collname").last ?? ""
    guard ["default", "C", "POSIX", "ucs_basic"].contains(name) else {
      throw .unsupported("collation \"\(name)\"", location: node.location)
    }
  }

  private static func logic(_ node: ParseNode) throws(ParseError) -> Expression {
    try node.allow(["boolop", "args"])
    let items = try list(node.list("args"))
    switch node.string("boolop") {
    case "AND_EXPR": return .and(items)
    case "OR_EXPR": return .or(items)
    default:
      guard let only = items.first else { throw .unexpectedTree }
      return .not(only)
    }
  }

  private static func booleanTest(_ node: ParseNode) throws(ParseError) -> Expression {
    try node.allow(["arg", "booltesttype"])
    let test = node.string("booltesttype") ?? ""
    let value: Bool? = test.hasSuffix("UNKNOWN") ? nil : test.hasSuffix("TRUE")
    return .booleanTest(try required(node, "arg"), value, negated: test.hasPrefix("IS_NOT"))
  }

  private static func caseWhen(_ node: ParseNode) throws(ParseError) -> Expression {
    try node.allow(["arg", "args", "defresult"])
    var branches: [(condition: Expression, result: Expression)] = []
    for tree in node.list("args") {
      let branch = try ParseNode(tree)
      branches.append((try required(branch, "expr"), try required(branch, "result")))
    }
    return .conditional(
      operand: try optional(node, "arg"), branches,
      otherwise: try optional(node, "defresult"), position: node.position)
  }

  private static func indirection(_ node: ParseNode) throws(ParseError) -> Expression {
    try node.allow(["arg", "indirection"])
    var base = try required(node, "arg")
    var subscripts: [QuerySyntax.Subscript] = []
    for tree in node.list("indirection") {
      let part = try ParseNode(tree)
      switch part.kind {
      case "A_Indices":
        subscripts.append(
          QuerySyntax.Subscript(
            lower: try optional(part, "lidx"), upper: try optional(part, "uidx"),
            isSlice: part.flag("is_slice")))
        continue
      case "String", "A_Star":
        if !subscripts.isEmpty { base = .element(base, subscripts, position: base.position) }
        subscripts = []
        base = .field(
          base, part.kind == "A_Star" ? "*" : part.string("sval") ?? "", position: base.position)
      default: throw .unsupported(part.kind, location: part.location)
      }
    }
    if !subscripts.isEmpty { base = .element(base, subscripts, position: base.position) }
    return base
  }

  private static func subquery(_ node: ParseNode) throws(ParseError) -> Expression {
    try node.allow(["subLinkType", "testexpr", "operName", "subselect"])
    let query = try QueryBuilder.query(node.node("subselect"))
    let name = try node.names("operName").last ?? "="
    let left = try optional(node, "testexpr")
    let kind: QuerySyntax.SubqueryKind
    switch node.string("subLinkType") ?? "" {
    case "EXISTS_SUBLINK": kind = .exists
    case "EXPR_SUBLINK": kind = .scalar
    case "ARRAY_SUBLINK": kind = .array
    case "ANY_SUBLINK": kind = .any(operator: name)
    case "ALL_SUBLINK": kind = .all(operator: name)
    case let other: throw .unsupported(other, location: node.location)
    }
    return .subquery(kind, left: left, query, position: node.position)
  }

  /// CURRENT_DATE and its kin, with the name that a result column gets.
  static func valueFunction(_ node: ParseNode) throws(ParseError)
    -> (expression: Expression, name: String)
  {
    try node.allow(["op", "typmod"])
    let position = node.position
    func call(_ name: String) -> Expression {
      .call(QuerySyntax.Call(name, position: position))
    }
    func now(_ type: String) -> Expression {
      let modifier = node.integer("typmod") ?? -1
      return .cast(
        call("now"),
        QuerySyntax.TypeName(
          type, schema: "pg_catalog", modifiers: modifier < 0 ? [] : [Int32(modifier)]),
        position: position)
    }
    let operation = String((node.string("op") ?? "").dropFirst("SVFOP_".count))
    let name = (operation.hasSuffix("_N") ? String(operation.dropLast(2)) : operation).lowercased()
    switch name {
    case "current_date": return (now("date"), name)
    case "current_time": return (now("timetz"), name)
    case "current_timestamp":
      return (operation.hasSuffix("_N") ? now("timestamptz") : call("now"), name)
    case "localtime": return (now("time"), name)
    case "localtimestamp": return (now("timestamp"), name)
    case "current_role", "current_user", "user": return (call("current_user"), name)
    case "session_user": return (call("session_user"), name)
    case "current_catalog": return (call("current_database"), name)
    case "current_schema": return (call("current_schema"), name)
    default: throw .unsupported(operation, location: node.location)
    }
  }
}
