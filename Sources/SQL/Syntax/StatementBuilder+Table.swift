/// CREATE TABLE and the transaction commands.
extension StatementBuilder {
  static func createTable(_ node: ParseNode) throws(ParseError) -> CreateTableStatement {
    try node.allow(["relation", "tableElts", "oncommit", "if_not_exists"])
    var statement = CreateTableStatement(
      table: try relation(node.body("relation", as: "RangeVar")), columns: [], primaryKey: [],
      ifNotExists: node.flag("if_not_exists"))
    for tree in node.list("tableElts") {
      let element = try ParseNode(tree)
      switch element.kind {
      case "ColumnDef": statement.columns.append(try column(element))
      case "Constraint":
        try element.allow(["contype", "keys", "conname"])
        guard element.string("contype") == "CONSTR_PRIMARY" else {
          throw constraintRefusal(element)
        }
        statement.primaryKey = try element.names("keys")
      default: throw .unsupported(element.kind, location: element.location)
      }
    }
    return statement
  }

  private static func column(_ node: ParseNode) throws(ParseError) -> ColumnDefinition {
    try node.allow(["colname", "typeName", "is_local", "constraints"])
    var column = ColumnDefinition(
      name: node.string("colname") ?? "",
      type: try ExpressionBuilder.typeName(node.body("typeName", as: "TypeName")),
      location: node.location)
    for tree in node.list("constraints") {
      let constraint = try ParseNode(tree)
      try constraint.allow(["contype", "raw_expr", "conname"])
      switch constraint.string("contype") ?? "" {
      case "CONSTR_NOTNULL": column.isNotNull = true
      case "CONSTR_NULL": break
      case "CONSTR_PRIMARY": column.isPrimaryKey = true
      case "CONSTR_DEFAULT":
        column.defaultValue = try ExpressionBuilder.required(constraint, "raw_expr")
      default: throw constraintRefusal(constraint)
      }
    }
    return column
  }

  private static func constraintRefusal(_ node: ParseNode) -> ParseError {
    let kind = (node.string("contype") ?? "").dropFirst("CONSTR_".count)
    return .unsupported("\(kind) constraints", location: node.location)
  }

  static func transaction(_ node: ParseNode) throws(ParseError) -> StatementBody {
    try node.allow(["kind", "options", "savepoint_name"])
    let name = node.string("savepoint_name") ?? ""
    switch node.string("kind") ?? "" {
    case "TRANS_STMT_BEGIN", "TRANS_STMT_START":
      return .transaction(.begin(options: try options(node.list("options"))))
    case "TRANS_STMT_COMMIT": return .transaction(.commit)
    case "TRANS_STMT_ROLLBACK": return .transaction(.rollback)
    case "TRANS_STMT_SAVEPOINT": return .transaction(.savepoint(name))
    case "TRANS_STMT_RELEASE": return .transaction(.release(name))
    case "TRANS_STMT_ROLLBACK_TO": return .transaction(.rollbackTo(name))
    case let other:
      let words = other.dropFirst("TRANS_STMT_".count).map { $0 == "_" ? " " : $0 }
      return .unsupported(String(words))
    }
  }

  private static func options(_ trees: [ParseTree]) throws(ParseError) -> [TransactionOption] {
    var options: [TransactionOption] = []
    for tree in trees {
      let element = try ParseNode(tree)
      let value = try ExpressionBuilder.required(element, "arg")
      switch (element.string("defname") ?? "", value) {
      case ("transaction_isolation", .constant(.string(let level), _)):
        options.append(.isolation(level))
      case ("transaction_read_only", .constant(.integer(let flag), _)):
        options.append(.readOnly(flag != 0))
      case ("transaction_deferrable", .constant(.integer(let flag), _)):
        options.append(.deferrable(flag != 0))
      default: throw .unexpectedTree
      }
    }
    return options
  }
}
