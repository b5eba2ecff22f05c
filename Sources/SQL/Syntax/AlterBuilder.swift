/// Parse nodes → ALTER, RENAME, DROP, COMMENT, GRANT.
enum AlterBuilder {
  static func kind(_ name: String?) -> ObjectKind {
    switch name ?? "" {
    case "OBJECT_TABLE": .table
    case "OBJECT_INDEX": .index
    case "OBJECT_VIEW": .view
    case "OBJECT_MATVIEW": .materializedView
    case "OBJECT_SEQUENCE": .sequence
    case "OBJECT_SCHEMA": .schema
    case "OBJECT_TYPE": .type
    case "OBJECT_DOMAIN": .domain
    case "OBJECT_ROLE": .role
    case "OBJECT_COLUMN", "OBJECT_ATTRIBUTE": .column
    case "OBJECT_DATABASE": .database
    case "OBJECT_TABCONSTRAINT": .tableConstraint
    case "OBJECT_DOMCONSTRAINT": .constraint
    case "OBJECT_FUNCTION", "OBJECT_PROCEDURE", "OBJECT_ROUTINE", "OBJECT_AGGREGATE": .function
    case "OBJECT_EXTENSION": .sqlExtension
    default: .other
    }
  }

  /// A String, a List of them, a TypeName or a RangeVar as a qualified name.
  static func names(_ tree: ParseTree) throws(ParseError) -> [String] {
    let node = try ParseNode(tree)
    switch node.kind {
    case "String": return [node.string("sval") ?? ""]
    case "List": return try node.names("items")
    case "TypeName": return try node.names("names")
    case "ObjectWithArgs": return try node.names("objname")
    default: throw .unsupported(node.kind, location: node.location)
    }
  }

  static func drop(_ node: ParseNode) throws(ParseError) -> DropStatement {
    try node.allow(["objects", "removeType", "behavior", "missing_ok", "concurrent"])
    var names: [[String]] = []
    for tree in node.list("objects") { names.append(try self.names(tree)) }
    return DropStatement(
      kind: kind(node.string("removeType")), names: names,
      isCascade: node.string("behavior") == "DROP_CASCADE", ifExists: node.flag("missing_ok"))
  }

  static func alterTable(_ node: ParseNode) throws(ParseError) -> AlterTable {
    try node.allow(["relation", "cmds", "objtype", "missing_ok"])
    var steps: [AlterTable.Step] = []
    for tree in node.list("cmds") { steps.append(try step(ParseNode(tree))) }
    return AlterTable(
      kind: kind(node.string("objtype")),
      table: try FromBuilder.name(node.body("relation", as: "RangeVar")), steps: steps,
      ifExists: node.flag("missing_ok"))
  }

  private static func step(_ node: ParseNode) throws(ParseError) -> AlterTable.Step {
    try node.allow(["subtype", "name", "def", "behavior", "missing_ok", "newowner", "num"])
    let name = node.string("name") ?? ""
    let isCascade = node.string("behavior") == "DROP_CASCADE"
    let missingOk = node.flag("missing_ok")
    switch node.string("subtype") ?? "" {
    case "AT_AddColumn":
      guard let column = try node.node("def") else { throw .unexpectedTree }
      return .addColumn(try DefinitionBuilder.column(column), ifNotExists: missingOk)
    case "AT_DropColumn": return .dropColumn(name, isCascade: isCascade, ifExists: missingOk)
    case "AT_AlterColumnType":
      guard let column = try node.node("def") else { throw .unexpectedTree }
      return .setType(
        name, try TypeNameBuilder.build(column.body("typeName", as: "TypeName")),
        using: try ExpressionBuilder.optional(column, "raw_default"))
    case "AT_ColumnDefault":
      return .setDefault(name, try ExpressionBuilder.optional(node, "def"))
    case "AT_SetNotNull": return .setNotNull(name, true)
    case "AT_DropNotNull": return .setNotNull(name, false)
    case "AT_AddConstraint":
      guard let inner = try node.node("def"),
        let made = try DefinitionBuilder.constraint(inner)
      else { throw .unexpectedTree }
      return .addConstraint(made)
    case "AT_DropConstraint":
      return .dropConstraint(name, isCascade: isCascade, ifExists: missingOk)
    case "AT_ValidateConstraint": return .validateConstraint(name)
    case "AT_AlterConstraint":
      guard let inner = try node.node("def") else { throw .unexpectedTree }
      return .alterConstraint(
        inner.string("conname") ?? "",
        isDeferrable: inner.flag("deferrable") || inner.flag("initdeferred"),
        isInitiallyDeferred: inner.flag("initdeferred"))
    case "AT_AddIdentity":
      guard let inner = try node.node("def") else { throw .unexpectedTree }
      return .addIdentity(
        name, isAlways: inner.string("generated_when") == "a",
        try OptionBuilder.options(inner.list("options")))
    case "AT_SetIdentity":
      return .setIdentity(name, try OptionBuilder.options(node.node("def")?.list("items") ?? []))
    case "AT_DropIdentity": return .dropIdentity(name, ifExists: missingOk)
    case "AT_DropExpression": return .dropExpression(name, ifExists: missingOk)
    case "AT_ChangeOwner":
      return .setOwner(try OptionBuilder.role(node.body("newowner", as: "RoleSpec")))
    case "AT_SetRelOptions":
      return .setOptions(try OptionBuilder.options(node.node("def")?.list("items") ?? []))
    case "AT_ResetRelOptions":
      return .resetOptions(try OptionBuilder.options(node.node("def")?.list("items") ?? []))
    case "AT_SetStatistics", "AT_SetStorage", "AT_SetCompression", "AT_ClusterOn",
      "AT_DropCluster", "AT_ReplicaIdentity", "AT_SetLogged", "AT_SetOptions", "AT_ResetOptions":
      return .ignored(node.string("subtype") ?? "")
    case let other:
      throw .unsupported("ALTER TABLE (\(other.dropFirst(3)))", location: node.location)
    }
  }

  static func rename(_ node: ParseNode) throws(ParseError) -> Rename {
    try node.allow([
      "renameType", "relationType", "relation", "object", "subname", "newname", "behavior",
      "missing_ok",
    ])
    var relation: QuerySyntax.RelationName?
    if let body = try node.body("relation", as: "RangeVar") {
      relation = try FromBuilder.name(body)
    }
    var object: [String] = []
    if let tree = node.tree("object") { object = try names(tree) }
    // Schemas and roles have their name where others have the part's.
    var part = node.string("subname")
    if relation == nil && object.isEmpty, let name = part {
      object = [name]
      part = nil
    }
    return Rename(
      kind: kind(node.string("renameType")), relation: relation, object: object, part: part,
      newName: node.string("newname") ?? "", ifExists: node.flag("missing_ok"))
  }

  /// The name of ALTER … SET SCHEMA and OWNER TO.
  static func object(_ node: ParseNode) throws(ParseError) -> [String] {
    if let body = try node.body("relation", as: "RangeVar") {
      let name = try FromBuilder.name(body)
      return (name.schema.map { [$0] } ?? []) + [name.name]
    }
    guard let tree = node.tree("object") else { throw .unexpectedTree }
    return try names(tree)
  }

  static func alterEnum(_ node: ParseNode) throws(ParseError) -> AlterEnum {
    let name = try node.names("typeName")
    if let old = node.string("oldVal") {
      return .rename(name, from: old, to: node.string("newVal") ?? "")
    }
    return .add(
      name, label: node.string("newVal") ?? "", neighbor: node.string("newValNeighbor"),
      isAfter: node.flag("newValIsAfter"), ifNotExists: node.flag("skipIfNewValExists"))
  }

  static func grant(_ node: ParseNode) throws(ParseError) -> Grant {
    try node.allow([
      "is_grant", "targtype", "objtype", "objects", "privileges", "grantees", "grant_option",
      "behavior", "grantor",
    ])
    var privileges: [(name: String, columns: [String])] = []
    for tree in node.list("privileges") {
      let item = try ParseNode(tree)
      privileges.append((item.string("priv_name") ?? "", try item.names("cols")))
    }
    return Grant(
      isGrant: node.flag("is_grant"), target: try grantTarget(node), privileges: privileges,
      grantees: try OptionBuilder.roles(node.list("grantees")),
      withGrantOption: node.flag("grant_option"),
      isCascade: node.string("behavior") == "DROP_CASCADE")
  }

  private static func grantTarget(_ node: ParseNode) throws(ParseError) -> Grant.Target {
    let kind = node.string("objtype") ?? ""
    if node.string("targtype") == "ACL_TARGET_ALL_IN_SCHEMA" {
      var schemas: [String] = []
      for tree in node.list("objects") { schemas.append(try names(tree).last ?? "") }
      return .allInSchemas(self.kind(kind), schemas)
    }
    guard node.string("targtype") == "ACL_TARGET_OBJECT" else {
      return .other("ALTER DEFAULT PRIVILEGES")
    }
    switch kind {
    case "OBJECT_TABLE", "OBJECT_SEQUENCE":
      var relations: [QuerySyntax.RelationName] = []
      for tree in node.list("objects") { relations.append(try FromBuilder.name(ParseNode(tree))) }
      return kind == "OBJECT_TABLE" ? .relations(relations) : .sequences(relations)
    case "OBJECT_SCHEMA", "OBJECT_DATABASE":
      var found: [String] = []
      for tree in node.list("objects") { found.append(try names(tree).last ?? "") }
      return kind == "OBJECT_SCHEMA" ? .schemas(found) : .databases(found)
    default:
      return .other(kind.dropFirst("OBJECT_".count).lowercased())
    }
  }
}
