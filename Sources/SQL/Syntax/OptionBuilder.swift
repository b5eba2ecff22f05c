/// Parse nodes → lists of options, roles and settings' values.
enum OptionBuilder {
  static func options(_ trees: [ParseTree]) throws(ParseError) -> [DefinitionOption] {
    var list: [DefinitionOption] = []
    for tree in trees {
      let node = try ParseNode(tree)
      guard node.kind == "DefElem" else { throw .unexpectedTree }
      let space = node.string("defnamespace").map { $0 + "." } ?? ""
      list.append(
        DefinitionOption(
          name: space + (node.string("defname") ?? ""), value: try value(node.node("arg")),
          position: node.position))
    }
    return list
  }

  private static func value(_ node: ParseNode?) throws(ParseError) -> DefinitionOption.Value {
    guard let node else { return .none }
    switch node.kind {
    case "String": return .string(node.string("sval") ?? "")
    case "Integer": return .number(String(node.integer("ival") ?? 0))
    case "Float": return .number(node.string("fval") ?? "0")
    case "Boolean": return .bool(node.flag("boolval"))
    case "TypeName": return .type(try TypeNameBuilder.build(node))
    case "A_Star": return .star
    case "List":
      var names: [String] = []
      for tree in node.list("items") {
        let item = try ParseNode(tree)
        switch item.kind {
        case "String": names.append(item.string("sval") ?? "")
        case "RoleSpec": names.append(item.string("rolename") ?? "")
        default: throw .unsupported(item.kind, location: item.location)
        }
      }
      return .names(names)
    case "A_Const":
      switch try ExpressionBuilder.build(node) {
      case .literal(.string(let text), _): return .string(text)
      case .literal(.integer(let number), _): return .number(String(number))
      case .literal(.number(let text), _): return .number(text)
      case .literal(.bool(let flag), _): return .bool(flag)
      default: return .none
      }
    default: throw .unsupported(node.kind, location: node.location)
    }
  }

  static func role(_ node: ParseNode?) throws(ParseError) -> RoleName {
    guard let node else { throw .unexpectedTree }
    switch node.string("roletype") ?? "" {
    case "ROLESPEC_CURRENT_USER", "ROLESPEC_CURRENT_ROLE": return .current
    case "ROLESPEC_SESSION_USER": return .session
    case "ROLESPEC_PUBLIC": return .public
    default: return .named(node.string("rolename") ?? "")
    }
  }

  static func roles(_ trees: [ParseTree]) throws(ParseError) -> [RoleName] {
    var list: [RoleName] = []
    for tree in trees { list.append(try role(ParseNode(tree))) }
    return list
  }

  static func settings(_ trees: [ParseTree], _ name: String) throws(ParseError) -> [SettingValue] {
    var values: [SettingValue] = []
    for item in try ExpressionBuilder.list(trees) {
      switch item {
      case .literal(.string(let text), _): values.append(.string(text))
      case .literal(.integer(let number), _): values.append(.number(String(number)))
      case .literal(.number(let text), _): values.append(.number(text))
      // SET TIME ZONE INTERVAL '+02:00' HOUR TO MINUTE.
      case .cast(.literal(.string(let text), _), _, _): values.append(.string(text))
      default: throw .syntax(message: "SET \(name) takes constants only", position: 0)
      }
    }
    return values
  }

  static func transaction(_ trees: [ParseTree]) throws(ParseError) -> [TransactionOption] {
    var list: [TransactionOption] = []
    for option in try options(trees) {
      switch (option.name, option.value) {
      case ("transaction_isolation", .string(let level)): list.append(.isolation(level))
      case ("transaction_read_only", .number(let flag)): list.append(.readOnly(flag != "0"))
      case ("transaction_deferrable", .number(let flag)): list.append(.deferrable(flag != "0"))
      default: throw .unexpectedTree
      }
    }
    return list
  }
}
