/// Parse nodes → CREATE TABLE, its columns and constraints.
enum DefinitionBuilder {
  static func createTable(_ node: ParseNode) throws(ParseError) -> CreateTable {
    try node.allow([
      "relation", "tableElts", "oncommit", "if_not_exists", "options", "accessMethod",
    ])
    if let method = node.string("accessMethod"), method != "heap" {
      throw .unsupported("access method \"\(method)\"", location: node.location)
    }
    var create = CreateTable(table: try FromBuilder.name(node.body("relation", as: "RangeVar")))
    create.ifNotExists = node.flag("if_not_exists")
    create.options = try OptionBuilder.options(node.list("options"))
    create.onCommit = onCommit(node)
    for tree in node.list("tableElts") {
      let element = try ParseNode(tree)
      switch element.kind {
      case "ColumnDef": create.columns.append(try column(element))
      case "Constraint":
        if let made = try constraint(element) { create.constraints.append(made) }
      case "TableLikeClause":
        create.like.append(
          (
            try FromBuilder.name(element.body("relation", as: "RangeVar")), create.columns.count,
            element.integer("options") ?? 0
          ))
      default: throw .unsupported(element.kind, location: element.location)
      }
    }
    return create
  }

  static func onCommit(_ node: ParseNode) -> OnCommit? {
    switch node.string("oncommit") ?? node.string("onCommit") {
    case "ONCOMMIT_PRESERVE_ROWS": .preserveRows
    case "ONCOMMIT_DELETE_ROWS": .deleteRows
    case "ONCOMMIT_DROP": .drop
    default: nil
    }
  }

  static func column(_ node: ParseNode) throws(ParseError) -> ColumnDefinition {
    try node.allow([
      "colname", "typeName", "is_local", "constraints", "collClause", "compression", "storage",
    ])
    if let collation = try node.body("collClause", as: "CollateClause") {
      try ExpressionBuilder.checkCollation(collation)
    }
    return ColumnDefinition(
      name: node.string("colname") ?? "",
      type: try TypeNameBuilder.build(node.body("typeName", as: "TypeName")),
      constraints: try constraints(node.list("constraints")), position: node.position)
  }

  /// Attributes (DEFERRABLE …) arrive as nodes of their own behind what they belong to.
  static func constraints(_ trees: [ParseTree]) throws(ParseError) -> [ConstraintDefinition] {
    var list: [ConstraintDefinition] = []
    for tree in trees {
      let node = try ParseNode(tree)
      if let made = try constraint(node) {
        list.append(made)
        continue
      }
      guard !list.isEmpty else {
        throw .syntax(
          message: "misplaced \(attributeName(node)) clause", position: node.location + 1)
      }
      switch node.string("contype") ?? "" {
      case "CONSTR_ATTR_DEFERRABLE": list[list.count - 1].isDeferrable = true
      case "CONSTR_ATTR_DEFERRED":
        list[list.count - 1].isDeferrable = true
        list[list.count - 1].isInitiallyDeferred = true
      default: break
      }
    }
    return list
  }

  private static func attributeName(_ node: ParseNode) -> String {
    switch node.string("contype") {
    case "CONSTR_ATTR_DEFERRABLE": "DEFERRABLE"
    case "CONSTR_ATTR_NOT_DEFERRABLE": "NOT DEFERRABLE"
    case "CONSTR_ATTR_DEFERRED": "INITIALLY DEFERRED"
    default: "INITIALLY IMMEDIATE"
    }
  }

  /// Nil for attributes of the constraint before.
  static func constraint(_ node: ParseNode) throws(ParseError) -> ConstraintDefinition? {
    try node.allow([
      "contype", "conname", "deferrable", "initdeferred", "raw_expr", "keys", "including",
      "indexname", "pktable", "fk_attrs", "pk_attrs", "fk_matchtype", "fk_upd_action",
      "fk_del_action", "skip_validation", "initially_valid", "generated_when", "options",
      "nulls_not_distinct",
    ])
    let kind: ConstraintDefinition.Kind
    switch node.string("contype") ?? "" {
    case "CONSTR_NULL": kind = .null
    case "CONSTR_NOTNULL": kind = .notNull
    case "CONSTR_DEFAULT": kind = .defaultValue(try ExpressionBuilder.required(node, "raw_expr"))
    case "CONSTR_CHECK": kind = .check(try ExpressionBuilder.required(node, "raw_expr"))
    case "CONSTR_PRIMARY": kind = .primaryKey
    case "CONSTR_UNIQUE": kind = .unique(nullsNotDistinct: node.flag("nulls_not_distinct"))
    case "CONSTR_FOREIGN": kind = .reference(try reference(node))
    case "CONSTR_IDENTITY":
      kind = .identity(
        isAlways: node.string("generated_when") == "a",
        try OptionBuilder.options(node.list("options")))
    case "CONSTR_GENERATED": kind = .generated(try ExpressionBuilder.required(node, "raw_expr"))
    case "CONSTR_ATTR_DEFERRABLE", "CONSTR_ATTR_NOT_DEFERRABLE", "CONSTR_ATTR_DEFERRED",
      "CONSTR_ATTR_IMMEDIATE":
      return nil
    case "CONSTR_EXCLUSION":
      throw .unsupported("exclusion constraints", location: node.location)
    case let other: throw .unsupported(other, location: node.location)
    }
    var made = ConstraintDefinition(kind: kind)
    made.name = node.string("conname")
    made.columns = try node.names("keys")
    if made.columns.isEmpty { made.columns = try node.names("fk_attrs") }
    made.included = try node.names("including")
    made.usingIndex = node.string("indexname")
    made.isDeferrable = node.flag("deferrable") || node.flag("initdeferred")
    made.isInitiallyDeferred = node.flag("initdeferred")
    made.isNotValid = node.flag("skip_validation")
    made.position = node.position
    return made
  }

  private static func reference(_ node: ParseNode) throws(ParseError) -> ForeignKeyDefinition {
    ForeignKeyDefinition(
      table: try FromBuilder.name(node.body("pktable", as: "RangeVar")),
      columns: try node.names("pk_attrs"), onUpdate: action(node.string("fk_upd_action")),
      onDelete: action(node.string("fk_del_action")),
      isMatchFull: node.string("fk_matchtype") == "f")
  }

  private static func action(_ letter: String?) -> ForeignKeyDefinition.Action {
    switch letter {
    case "r": .restrict
    case "c": .cascade
    case "n": .setNull
    case "d": .setDefault
    default: .noAction
    }
  }

  static func createIndex(_ node: ParseNode) throws(ParseError) -> CreateIndex {
    try node.allow([
      "idxname", "relation", "accessMethod", "indexParams", "indexIncludingParams", "options",
      "whereClause", "unique", "concurrent", "if_not_exists", "nulls_not_distinct",
    ])
    var elements: [CreateIndex.Element] = []
    for tree in node.list("indexParams") { elements.append(try element(ParseNode(tree))) }
    var included: [String] = []
    for tree in node.list("indexIncludingParams") {
      guard let name = try ParseNode(tree).string("name") else {
        throw .unsupported("expressions in INCLUDE", location: node.location)
      }
      included.append(name)
    }
    return CreateIndex(
      name: node.string("idxname"),
      table: try FromBuilder.name(node.body("relation", as: "RangeVar")),
      method: node.string("accessMethod") ?? "btree", elements: elements, included: included,
      filter: try ExpressionBuilder.optional(node, "whereClause"),
      isUnique: node.flag("unique"), nullsNotDistinct: node.flag("nulls_not_distinct"),
      isConcurrent: node.flag("concurrent"), ifNotExists: node.flag("if_not_exists"))
  }

  private static func element(_ node: ParseNode) throws(ParseError) -> CreateIndex.Element {
    try node.allow(["name", "expr", "collation", "opclass", "ordering", "nulls_ordering"])
    return CreateIndex.Element(
      column: node.string("name"), expression: try ExpressionBuilder.optional(node, "expr"),
      isDescending: node.string("ordering") == "SORTBY_DESC",
      nullsFirst: {
        switch node.string("nulls_ordering") {
        case "SORTBY_NULLS_FIRST": true
        case "SORTBY_NULLS_LAST": false
        default: nil
        }
      }(), operatorClass: try node.names("opclass").last, position: node.position)
  }
}
