/// Parse nodes → statements. What has no case here is parsed, and refused by name when it runs.
enum StatementBuilder {
  static func build(_ node: ParseNode) throws(ParseError) -> StatementBody {
    switch node.kind {
    case "SelectStmt", "InsertStmt", "UpdateStmt", "DeleteStmt", "ExplainStmt":
      if node.kind == "SelectStmt", let creation = try selectInto(node) {
        return .definition(creation)
      }
      return try query(node)
    case "TransactionStmt": return try transaction(node)
    case "CopyStmt": return .copy(try copy(node))
    case "DeclareCursorStmt", "FetchStmt", "ClosePortalStmt": return .cursor(try cursor(node))
    case "PrepareStmt", "ExecuteStmt", "DeallocateStmt": return try prepared(node)
    case "TruncateStmt":
      try node.allow(["relations", "restart_seqs", "behavior"])
      return .truncate(
        TruncateStatement(
          tables: try relations(node.list("relations")),
          restartsIdentity: node.flag("restart_seqs"),
          isCascade: node.string("behavior") == "DROP_CASCADE"))
    case "LockStmt":
      return .lockTables(
        try relations(node.list("relations")), mode: node.integer("mode") ?? 8,
        isNoWait: node.flag("nowait"))
    case "VacuumStmt":
      var tables: [QuerySyntax.RelationName] = []
      for tree in node.list("rels") {
        if let body = try ParseNode(tree).body("relation", as: "RangeVar") {
          tables.append(try FromBuilder.name(body))
        }
      }
      return .maintenance(tag: node.flag("is_vacuumcmd") ? "VACUUM" : "ANALYZE", tables: tables)
    case "CheckPointStmt": return .maintenance(tag: "CHECKPOINT", tables: [])
    case "ReindexStmt": return .maintenance(tag: "REINDEX", tables: [])
    default:
      if let session = try SessionBuilder.build(node) { return .session(session) }
      if let definition = try definition(node) { return .definition(definition) }
      return .unsupported(commandName(node))
    }
  }

  /// "CreateFunctionStmt" reads as "CREATE FUNCTION" in an error, near enough to find it.
  static func commandName(_ node: ParseNode) -> String {
    var words = ""
    for character in node.kind.replacingSuffix("Stmt", with: "") {
      if character.isUppercase && !words.isEmpty { words += " " }
      words += character.uppercased()
    }
    return words
  }

  private static func query(_ node: ParseNode) throws(ParseError) -> StatementBody {
    switch node.kind {
    case "SelectStmt": return .query(.query(try QueryBuilder.query(node)))
    case "InsertStmt": return .query(.insert(try ChangeBuilder.insert(node)))
    case "UpdateStmt": return .query(.update(try ChangeBuilder.update(node)))
    case "DeleteStmt": return .query(.delete(try ChangeBuilder.delete(node)))
    default: return try explain(node)
    }
  }

  private static func explain(_ node: ParseNode) throws(ParseError) -> StatementBody {
    try node.allow(["query", "options"])
    guard let inner = try node.node("query") else { throw .unexpectedTree }
    guard case .query(let statement) = try build(inner) else {
      throw .unsupported("EXPLAIN \(commandName(inner))", location: node.location)
    }
    var isAnalyze = false
    for option in try OptionBuilder.options(node.list("options")) {
      var isOn = true
      switch option.value {
      case .bool(let flag): isOn = flag
      case .string(let text): isOn = !["off", "false", "0"].contains(text.lowercased())
      case .number(let text): isOn = text != "0"
      default: break
      }
      switch option.name {
      case "analyze": isAnalyze = isOn
      case "verbose", "costs", "buffers", "timing", "summary", "settings", "wal": break
      case "format":
        if case .string(let format) = option.value, format.lowercased() == "text" { break }
        throw .unsupported("EXPLAIN in another format than text", location: node.location)
      default:
        throw .syntax(
          message: "unrecognized EXPLAIN option \"\(option.name)\"",
          position: option.position ?? 0)
      }
    }
    return .query(.explain(statement, isAnalyze: isAnalyze))
  }

  static func relations(_ trees: [ParseTree]) throws(ParseError) -> [QuerySyntax.RelationName] {
    var list: [QuerySyntax.RelationName] = []
    for tree in trees { list.append(try FromBuilder.name(ParseNode(tree))) }
    return list
  }

  private static func transaction(_ node: ParseNode) throws(ParseError) -> StatementBody {
    try node.allow(["kind", "options", "savepoint_name", "chain"])
    let name = node.string("savepoint_name") ?? ""
    switch node.string("kind") ?? "" {
    case "TRANS_STMT_BEGIN", "TRANS_STMT_START":
      return .transaction(.begin(options: try OptionBuilder.transaction(node.list("options"))))
    case "TRANS_STMT_COMMIT": return .transaction(.commit(andChain: node.flag("chain")))
    case "TRANS_STMT_ROLLBACK": return .transaction(.rollback(andChain: node.flag("chain")))
    case "TRANS_STMT_SAVEPOINT": return .transaction(.savepoint(name))
    case "TRANS_STMT_RELEASE": return .transaction(.release(name))
    case "TRANS_STMT_ROLLBACK_TO": return .transaction(.rollbackTo(name))
    case let other:
      let words = other.dropFirst("TRANS_STMT_".count).map { $0 == "_" ? " " : $0 }
      return .unsupported(String(words))
    }
  }

  private static func copy(_ node: ParseNode) throws(ParseError) -> CopyStatement {
    try node.allow([
      "relation", "attlist", "query", "is_from", "is_program", "filename", "whereClause", "options",
    ])
    var inner: QuerySyntax.Statement?
    if let query = try node.node("query") {
      guard case .query(let statement) = try build(query) else { throw .unexpectedTree }
      inner = statement
    }
    var table: QuerySyntax.RelationName?
    if let body = try node.body("relation", as: "RangeVar") { table = try FromBuilder.name(body) }
    return CopyStatement(
      table: table, columns: try node.names("attlist"), query: inner,
      isFrom: node.flag("is_from"), file: node.string("filename"),
      isProgram: node.flag("is_program"),
      filter: try ExpressionBuilder.optional(node, "whereClause"),
      options: try OptionBuilder.options(node.list("options")))
  }

  private static func cursor(_ node: ParseNode) throws(ParseError) -> CursorStatement {
    let name = node.string("portalname")
    switch node.kind {
    case "DeclareCursorStmt":
      // Bits of CURSOR_OPT_*: BINARY 1, SCROLL 2, NO SCROLL 4, HOLD 32.
      let options = node.integer("options") ?? 0
      return .declare(
        name: name ?? "", query: try QueryBuilder.query(node.node("query")),
        isHeld: options & 32 != 0,
        isScrollable: options & 2 != 0 ? true : options & 4 != 0 ? false : nil,
        isBinary: options & 1 != 0)
    case "FetchStmt":
      try node.allow(["direction", "howMany", "portalname", "ismove"])
      var count = node.integer("howMany") ?? 0
      if count >= Int(Int32.max) { count = .max }
      let direction: FetchDirection =
        switch node.string("direction") {
        case "FETCH_BACKWARD": .backward(count)
        case "FETCH_ABSOLUTE": .absolute(count)
        case "FETCH_RELATIVE": .relative(count)
        default: .forward(count)
        }
      return .fetch(name: name ?? "", direction, isMove: node.flag("ismove"))
    default: return .close(name: name)
    }
  }

  private static func prepared(_ node: ParseNode) throws(ParseError) -> StatementBody {
    let name = node.string("name")
    switch node.kind {
    case "PrepareStmt":
      guard let inner = try node.node("query") else { throw .unexpectedTree }
      var types: [QuerySyntax.TypeName] = []
      for tree in node.list("argtypes") { types.append(try TypeNameBuilder.build(ParseNode(tree))) }
      return .prepare(
        name: name ?? "", types: types, Statement(body: try build(inner), location: 0, length: 0))
    case "ExecuteStmt":
      return .execute(
        name: name ?? "", parameters: try ExpressionBuilder.list(node.list("params")))
    default: return .deallocate(name: name)
    }
  }
}

extension String {
  func replacingSuffix(_ suffix: String, with replacement: String) -> String {
    hasSuffix(suffix) ? String(dropLast(suffix.count)) + replacement : self
  }
}
