/// The statements that change the catalog.
extension StatementBuilder {
  static func definition(_ node: ParseNode) throws(ParseError) -> Definition? {
    switch node.kind {
    case "CreateStmt": return .createTable(try DefinitionBuilder.createTable(node))
    case "CreateTableAsStmt": return try createTableAs(node)
    case "IndexStmt": return .createIndex(try DefinitionBuilder.createIndex(node))
    case "ViewStmt": return .createView(try view(node))
    case "CreateSeqStmt":
      try node.allow(["sequence", "options", "if_not_exists"])
      return .createSequence(
        try FromBuilder.name(node.body("sequence", as: "RangeVar")),
        options: try OptionBuilder.options(node.list("options")),
        ifNotExists: node.flag("if_not_exists"))
    case "AlterSeqStmt":
      try node.allow(["sequence", "options", "missing_ok"])
      return .alterSequence(
        try FromBuilder.name(node.body("sequence", as: "RangeVar")),
        options: try OptionBuilder.options(node.list("options")),
        ifExists: node.flag("missing_ok"))
    case "CreateSchemaStmt":
      try node.allow(["schemaname", "authrole", "if_not_exists"])
      let owner = try node.body("authrole", as: "RoleSpec")
      return .createSchema(
        name: node.string("schemaname"), owner: try owner.map(OptionBuilder.role),
        ifNotExists: node.flag("if_not_exists"))
    case "CreateEnumStmt":
      return .createEnum(try node.names("typeName"), labels: try node.names("vals"))
    case "CompositeTypeStmt":
      var columns: [ColumnDefinition] = []
      for tree in node.list("coldeflist") {
        columns.append(try DefinitionBuilder.column(ParseNode(tree)))
      }
      return .createComposite(
        try FromBuilder.name(node.body("typevar", as: "RangeVar")), columns)
    case "CreateDomainStmt":
      try node.allow(["domainname", "typeName", "constraints", "collClause"])
      return .createDomain(
        try node.names("domainname"),
        try TypeNameBuilder.build(node.body("typeName", as: "TypeName")),
        try DefinitionBuilder.constraints(node.list("constraints")))
    case "AlterEnumStmt": return .alterEnum(try AlterBuilder.alterEnum(node))
    case "DropStmt": return .drop(try AlterBuilder.drop(node))
    case "AlterTableStmt": return .alterTable(try AlterBuilder.alterTable(node))
    case "RenameStmt": return .rename(try AlterBuilder.rename(node))
    case "AlterObjectSchemaStmt":
      return .setSchema(
        AlterBuilder.kind(node.string("objectType")), try AlterBuilder.object(node),
        schema: node.string("newschema") ?? "", ifExists: node.flag("missing_ok"))
    case "AlterOwnerStmt":
      return .setOwner(
        AlterBuilder.kind(node.string("objectType")), try AlterBuilder.object(node),
        try OptionBuilder.role(node.body("newowner", as: "RoleSpec")))
    case "CommentStmt":
      guard let object = node.tree("object") else { throw .unexpectedTree }
      return .comment(
        AlterBuilder.kind(node.string("objtype")), try AlterBuilder.names(object),
        node.string("comment"))
    default: return try roles(node)
    }
  }

  /// SELECT … INTO table: INTO stands in the first SELECT of a set operation.
  static func selectInto(_ node: ParseNode) throws(ParseError) -> Definition? {
    var first = node
    while first.tree("intoClause") == nil, let left = try first.body("larg", as: "SelectStmt") {
      first = left
    }
    guard let into = try first.body("intoClause", as: "IntoClause") else { return nil }
    return try creation(
      into, query: try QueryBuilder.query(node, allowsInto: true), ifNotExists: false)
  }

  private static func createTableAs(_ node: ParseNode) throws(ParseError) -> Definition {
    try node.allow(["query", "into", "objtype", "is_select_into", "if_not_exists"])
    guard node.string("objtype") == "OBJECT_TABLE" else {
      throw .unsupported("CREATE MATERIALIZED VIEW", location: node.location)
    }
    guard let into = try node.body("into", as: "IntoClause"), let query = try node.node("query")
    else { throw .unexpectedTree }
    guard query.kind == "SelectStmt" else {
      throw .unsupported("CREATE TABLE AS EXECUTE", location: node.location)
    }
    return try creation(
      into, query: try QueryBuilder.query(query), ifNotExists: node.flag("if_not_exists"))
  }

  private static func creation(
    _ into: ParseNode, query: QuerySyntax.Query, ifNotExists: Bool
  ) throws(ParseError) -> Definition {
    try into.allow(["rel", "colNames", "options", "onCommit", "skipData"])
    return .createTableAs(
      try FromBuilder.name(into.body("rel", as: "RangeVar")), columns: try into.names("colNames"),
      query, withData: !into.flag("skipData"), ifNotExists: ifNotExists,
      onCommit: DefinitionBuilder.onCommit(into),
      options: try OptionBuilder.options(into.list("options")))
  }

  private static func view(_ node: ParseNode) throws(ParseError) -> CreateView {
    try node.allow(["view", "aliases", "query", "replace", "options", "withCheckOption"])
    if let option = node.string("withCheckOption"), option != "NO_CHECK_OPTION" {
      throw .unsupported("WITH CHECK OPTION", location: node.location)
    }
    return CreateView(
      view: try FromBuilder.name(node.body("view", as: "RangeVar")),
      columns: try node.names("aliases"), query: try QueryBuilder.query(node.node("query")),
      replaces: node.flag("replace"))
  }

  private static func roles(_ node: ParseNode) throws(ParseError) -> Definition? {
    switch node.kind {
    case "CreateRoleStmt":
      return .createRole(
        name: node.string("role") ?? "", isUser: node.string("stmt_type") == "ROLESTMT_USER",
        options: try OptionBuilder.options(node.list("options")))
    case "AlterRoleStmt":
      return .alterRole(
        try OptionBuilder.role(node.body("role", as: "RoleSpec")),
        options: try OptionBuilder.options(node.list("options")))
    case "AlterRoleSetStmt":
      guard let set = try node.body("setstmt", as: "VariableSetStmt") else {
        throw .unexpectedTree
      }
      let role = try node.body("role", as: "RoleSpec")
      let values =
        set.string("kind") == "VAR_SET_VALUE"
        ? try OptionBuilder.settings(set.list("args"), set.string("name") ?? "") : nil
      return .alterRoleSet(
        try role.map(OptionBuilder.role), name: set.string("name"), values: values)
    case "DropRoleStmt":
      return .dropRoles(
        try OptionBuilder.roles(node.list("roles")), ifExists: node.flag("missing_ok"))
    case "GrantStmt": return .grant(try AlterBuilder.grant(node))
    case "GrantRoleStmt":
      var granted: [String] = []
      for tree in node.list("granted_roles") {
        granted.append(try ParseNode(tree).string("priv_name") ?? "")
      }
      return .grantRoles(
        granted, to: try OptionBuilder.roles(node.list("grantee_roles")),
        isGrant: node.flag("is_grant"), withAdmin: node.flag("admin_opt"))
    default: return nil
    }
  }
}
