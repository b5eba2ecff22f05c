/// Parse nodes → SET, SHOW, LISTEN and what else concerns only the session.
enum SessionBuilder {
  static func build(_ node: ParseNode) throws(ParseError) -> SessionStatement? {
    switch node.kind {
    case "VariableSetStmt": return try set(node)
    case "VariableShowStmt":
      try node.allow(["name"])
      return .show(name: node.string("name") ?? "")
    case "ListenStmt": return .listen(node.string("conditionname") ?? "")
    case "UnlistenStmt": return .unlisten(node.string("conditionname"))
    case "NotifyStmt":
      return .notify(
        channel: node.string("conditionname") ?? "", payload: node.string("payload") ?? "")
    case "DiscardStmt":
      return .discard(String((node.string("target") ?? "DISCARD_ALL").dropFirst("DISCARD_".count)))
    case "ConstraintsSetStmt":
      return .constraints(
        try StatementBuilder.relations(node.list("constraints")), isDeferred: node.flag("deferred"))
    default: return nil
    }
  }

  private static func set(_ node: ParseNode) throws(ParseError) -> SessionStatement {
    try node.allow(["kind", "name", "args", "is_local"])
    let name = node.string("name") ?? ""
    switch node.string("kind") ?? "" {
    case "VAR_SET_VALUE":
      return .set(
        name: name, values: try OptionBuilder.settings(node.list("args"), name),
        isLocal: node.flag("is_local"))
    case "VAR_SET_DEFAULT", "VAR_RESET":
      return .set(name: name, values: nil, isLocal: node.flag("is_local"))
    case "VAR_RESET_ALL": return .resetAll
    case "VAR_SET_MULTI" where name == "TRANSACTION" || name == "SESSION CHARACTERISTICS":
      return .characteristics(
        try OptionBuilder.transaction(node.list("args")), isSession: name != "TRANSACTION")
    case let other: throw .unsupported("SET \(name) (\(other))", location: node.location)
    }
  }
}
