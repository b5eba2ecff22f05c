/// Parse nodes → expressions. What has no case here is refused by name.
enum ExpressionBuilder {
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
    for tree in trees { expressions.append(try build(tree)) }
    return expressions
  }

  static func build(_ node: ParseNode) throws(ParseError) -> Expression {
    switch node.kind {
    case "A_Const": return try constant(node)
    case "ColumnRef": return try column(node)
    case "ParamRef": return .parameter(node.integer("number") ?? 0, location: node.location)
    case "A_Expr": return try operation(node)
    case "BoolExpr": return try logic(node)
    case "NullTest":
      try node.allow(["arg", "nulltesttype"])
      return .isNull(
        try required(node, "arg"), isNegated: node.string("nulltesttype") == "IS_NOT_NULL",
        location: node.location)
    case "BooleanTest": return try booleanTest(node)
    case "FuncCall": return try call(node)
    case "TypeCast":
      try node.allow(["arg", "typeName"])
      return .cast(
        try required(node, "arg"), try typeName(node.body("typeName", as: "TypeName")),
        location: node.location)
    case "CaseExpr": return try caseWhen(node)
    case "CoalesceExpr":
      try node.allow(["args"])
      return .coalesce(try list(node.list("args")), location: node.location)
    case "SetToDefault": return .defaultValue(location: node.location)
    default: throw .unsupported(node.kind, location: node.location)
    }
  }

  private static func constant(_ node: ParseNode) throws(ParseError) -> Expression {
    let location = node.location
    if node.flag("isnull") { return .constant(.null, location: location) }
    if let body = try node.body("ival", as: "Integer") {
      return .constant(.integer(body.integer("ival") ?? 0), location: location)
    }
    if let body = try node.body("fval", as: "Float") {
      return .constant(.number(body.string("fval") ?? "0"), location: location)
    }
    if let body = try node.body("boolval", as: "Boolean") {
      return .constant(.bool(body.flag("boolval")), location: location)
    }
    if let body = try node.body("sval", as: "String") {
      return .constant(.string(body.string("sval") ?? ""), location: location)
    }
    throw .unsupported("bit string constant", location: location)
  }

  private static func column(_ node: ParseNode) throws(ParseError) -> Expression {
    try node.allow(["fields"])
    var names: [String] = []
    for field in node.list("fields") {
      let part = try ParseNode(field)
      if part.kind == "A_Star" { return .star(qualifier: names, location: node.location) }
      names.append(try ParseNode.text(field))
    }
    return .column(names, location: node.location)
  }

  private static func operation(_ node: ParseNode) throws(ParseError) -> Expression {
    try node.allow(["kind", "name", "lexpr", "rexpr"])
    let location = node.location
    let name = try node.names("name").last ?? ""
    switch node.string("kind") ?? "" {
    case "AEXPR_OP":
      return .operation(
        name, left: try optional(node, "lexpr"), right: try required(node, "rexpr"),
        location: location)
    case "AEXPR_IN":
      return .isIn(
        try required(node, "lexpr"), try items(node), isNegated: name == "<>", location: location)
    case "AEXPR_LIKE":
      return .like(
        try required(node, "lexpr"), pattern: try required(node, "rexpr"), .like,
        isNegated: name == "!~~", location: location)
    case "AEXPR_ILIKE":
      return .like(
        try required(node, "lexpr"), pattern: try required(node, "rexpr"), .ilike,
        isNegated: name == "!~~*", location: location)
    case "AEXPR_BETWEEN", "AEXPR_NOT_BETWEEN":
      let bounds = try items(node)
      guard bounds.count == 2 else { throw .unexpectedTree }
      return .between(
        try required(node, "lexpr"), bounds[0], bounds[1],
        isNegated: node.string("kind") == "AEXPR_NOT_BETWEEN", location: location)
    case "AEXPR_DISTINCT", "AEXPR_NOT_DISTINCT":
      return .isDistinct(
        try required(node, "lexpr"), try required(node, "rexpr"),
        isNegated: node.string("kind") == "AEXPR_NOT_DISTINCT", location: location)
    case "AEXPR_NULLIF":
      return .nullIf(
        try required(node, "lexpr"), try required(node, "rexpr"), location: location)
    case let other: throw .unsupported(other, location: location)
    }
  }

  private static func items(_ node: ParseNode) throws(ParseError) -> [Expression] {
    guard let right = try node.node("rexpr"), right.kind == "List" else {
      throw .unexpectedTree
    }
    return try list(right.list("items"))
  }

  private static func logic(_ node: ParseNode) throws(ParseError) -> Expression {
    try node.allow(["boolop", "args"])
    let connective: Expression.Connective =
      switch node.string("boolop") {
      case "AND_EXPR": .and
      case "OR_EXPR": .or
      default: .not
      }
    return .logic(connective, try list(node.list("args")), location: node.location)
  }

  private static func booleanTest(_ node: ParseNode) throws(ParseError) -> Expression {
    try node.allow(["arg", "booltesttype"])
    let test = node.string("booltesttype") ?? ""
    let value: Bool? = test.hasSuffix("UNKNOWN") ? nil : test.hasSuffix("TRUE")
    return .isTrue(
      try required(node, "arg"), value: value, isNegated: test.hasPrefix("IS_NOT"),
      location: node.location)
  }

  private static func call(_ node: ParseNode) throws(ParseError) -> Expression {
    try node.allow(["funcname", "args", "agg_star", "agg_distinct", "funcformat"])
    return .call(
      FunctionCall(
        name: try node.names("funcname"), arguments: try list(node.list("args")),
        isStar: node.flag("agg_star"), isDistinct: node.flag("agg_distinct"),
        location: node.location))
  }

  private static func caseWhen(_ node: ParseNode) throws(ParseError) -> Expression {
    try node.allow(["arg", "args", "defresult"])
    var branches: [CaseBranch] = []
    for tree in node.list("args") {
      let branch = try ParseNode(tree)
      branches.append(
        CaseBranch(
          condition: try required(branch, "expr"), result: try required(branch, "result")))
    }
    return .caseWhen(
      operand: try optional(node, "arg"), branches: branches,
      otherwise: try optional(node, "defresult"), location: node.location)
  }

  static func typeName(_ node: ParseNode?) throws(ParseError) -> TypeName {
    guard let node else { throw .unexpectedTree }
    try node.allow(["names", "typmods", "typemod", "arrayBounds"])
    return TypeName(
      names: try node.names("names"), modifiers: try list(node.list("typmods")),
      isArray: !node.list("arrayBounds").isEmpty, location: node.location)
  }
}
