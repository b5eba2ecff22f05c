/// Operators and function calls.
extension ExpressionBuilder {
  static func operation(_ node: ParseNode) throws(ParseError) -> Expression {
    try node.allow(["kind", "name", "lexpr", "rexpr"])
    let position = node.position
    let name = try node.names("name").last ?? ""
    switch node.string("kind") ?? "" {
    case "AEXPR_OP":
      guard let left = try optional(node, "lexpr") else {
        return .prefix(name, try required(node, "rexpr"), position: position)
      }
      return .binary(name, left, try required(node, "rexpr"), position: position)
    case "AEXPR_LIKE", "AEXPR_ILIKE", "AEXPR_SIMILAR":
      return .binary(
        name, try required(node, "lexpr"), try required(node, "rexpr"), position: position)
    case "AEXPR_OP_ANY", "AEXPR_OP_ALL":
      return .anyArray(
        try required(node, "lexpr"), name, try required(node, "rexpr"),
        isAll: node.string("kind") == "AEXPR_OP_ALL", position: position)
    case "AEXPR_IN":
      return .inList(
        try required(node, "lexpr"), try items(node), negated: name == "<>", position: position)
    case "AEXPR_BETWEEN", "AEXPR_NOT_BETWEEN", "AEXPR_BETWEEN_SYM", "AEXPR_NOT_BETWEEN_SYM":
      let kind = node.string("kind") ?? ""
      let bounds = try items(node)
      guard bounds.count == 2 else { throw .unexpectedTree }
      return .between(
        try required(node, "lexpr"), bounds[0], bounds[1], negated: kind.hasPrefix("AEXPR_NOT"),
        isSymmetric: kind.hasSuffix("_SYM"), position: position)
    case "AEXPR_DISTINCT", "AEXPR_NOT_DISTINCT":
      return .distinct(
        try required(node, "lexpr"), try required(node, "rexpr"),
        negated: node.string("kind") == "AEXPR_NOT_DISTINCT", position: position)
    case "AEXPR_NULLIF":
      return .nullIf(
        try required(node, "lexpr"), try required(node, "rexpr"), position: position)
    case let other: throw .unsupported(other, location: node.location)
    }
  }

  private static func items(_ node: ParseNode) throws(ParseError) -> [Expression] {
    guard let right = try node.node("rexpr"), right.kind == "List" else { throw .unexpectedTree }
    return try list(right.list("items"))
  }

  static func call(_ node: ParseNode) throws(ParseError) -> QuerySyntax.Call {
    try node.allow([
      "funcname", "args", "agg_star", "agg_distinct", "agg_order", "agg_filter", "over",
      "func_variadic", "funcformat",
    ])
    let names = try node.names("funcname")
    var arguments: [Expression] = []
    var argumentNames: [String?] = []
    for tree in node.list("args") {
      let argument = try ParseNode(tree)
      guard argument.kind == "NamedArgExpr" else {
        if argumentNames.contains(where: { $0 != nil }) {
          throw .syntax(
            message: "positional argument cannot follow named argument",
            position: argument.position ?? argument.location + 1)
        }
        arguments.append(try build(argument))
        argumentNames.append(nil)
        continue
      }
      let name = argument.string("name") ?? ""
      if argumentNames.contains(name) {
        throw .syntax(
          message: "argument name \"\(name)\" used more than once",
          position: argument.position ?? argument.location + 1)
      }
      arguments.append(try required(argument, "arg"))
      argumentNames.append(name)
    }
    var call = QuerySyntax.Call(names.last ?? "", arguments, position: node.position)
    if argumentNames.contains(where: { $0 != nil }) { call.argumentNames = argumentNames }
    call.schema = names.count > 1 ? names[0] : nil
    call.isStar = node.flag("agg_star")
    call.isDistinct = node.flag("agg_distinct")
    call.isVariadic = node.flag("func_variadic")
    call.order = try QueryBuilder.sortKeys(node.list("agg_order"))
    call.filter = try optional(node, "agg_filter")
    if let window = try node.body("over", as: "WindowDef") {
      call.window = try QueryBuilder.window(window)
    }
    return call
  }
}
