// INSERT, UPDATE, DELETE and BATCH.

extension Parser {
  mutating func modification() throws(CQLError) -> Modification {
    if isWord("insert") { return try insert() }
    if isWord("update") { return try update() }
    if isWord("delete") { return try delete() }
    throw unexpected()
  }

  private mutating func insert() throws(CQLError) -> Modification {
    try expect("insert", "into")
    let table = try objectName()
    let body: Modification.Body
    if take("json") {
      let value = try simpleTerm()
      var isUnset = false
      if take("default") {
        isUnset = take("unset")
        if !isUnset { try expect("null") }
      }
      body = .insertJSON(value, defaultsUnset: isUnset)
    } else {
      try expect(sign: "(")
      let columns = try names()
      try expect(sign: ")")
      try expect("values")
      try expect(sign: "(")
      let values = try list { (parser) throws(CQLError) in try parser.term() }
      try expect(sign: ")")
      guard columns.count == values.count else {
        throw .invalid("Unmatched column names/values")
      }
      body = .insert(
        zip(columns, values).map {
          Assignment(target: .column($0), kind: .set, value: $1)
        })
    }
    var made = Modification(table: table, body: body)
    if take("if") {
      try expect("not", "exists")
      made.condition = .ifNotExists
    }
    if take("using") { made.using = try using() }
    return made
  }

  private mutating func using() throws(CQLError) -> UsingClause {
    var clause = UsingClause()
    repeat {
      if take("timestamp") {
        clause.timestamp = try simpleTerm()
      } else if take("ttl") {
        clause.timeToLive = try simpleTerm()
      } else if take("timeout") {
        clause.timeout = try simpleTerm()
      } else {
        throw unexpected()
      }
    } while take("and")
    return clause
  }

  private mutating func update() throws(CQLError) -> Modification {
    try expect("update")
    let table = try objectName()
    let using = take("using") ? try using() : UsingClause()
    try expect("set")
    let assignments = try list { (parser) throws(CQLError) in try parser.assignment() }
    try expect("where")
    var made = Modification(
      table: table, body: .update(assignments), relations: try relations(), using: using)
    made.condition = try condition()
    return made
  }

  private mutating func condition() throws(CQLError) -> ConditionClause {
    guard take("if") else { return .none }
    if take("exists") { return .ifExists }
    if isWord("not"), isWord("exists", ahead: 1) {
      advance()
      advance()
      return .ifNotExists
    }
    return .conditions(try relations())
  }

  private mutating func target() throws(CQLError) -> Assignment.Target {
    let column = try name()
    if take(sign: "[") {
      let key = try term()
      try expect(sign: "]")
      return .element(column, key)
    }
    if take(sign: ".") { return .field(column, try name()) }
    return .column(column)
  }

  private static let constants: Set<String> = ["null", "true", "false", "nan", "infinity"]

  private mutating func assignment() throws(CQLError) -> Assignment {
    let target = try target()
    if take(sign: "+=") { return Assignment(target: target, kind: .add, value: try term()) }
    if take(sign: "-=") { return Assignment(target: target, kind: .subtract, value: try term()) }
    try expect(sign: "=")
    guard case .column(let column) = target else {
      return Assignment(target: target, kind: .set, value: try term())
    }
    // `c = c + x`
    if case .name(let word, _) = current, word == column,
      isSign("+", ahead: 1) || isSign("-", ahead: 1)
    {
      advance()
      let isAddition = isSign("+")
      advance()
      return Assignment(target: target, kind: isAddition ? .add : .subtract, value: try term())
    }
    if case .name(let word, _) = current, !Self.constants.contains(word),
      isSign("+", ahead: 1) || isSign("-", ahead: 1)
    {
      throw .syntax("Only expressions of the form X = X +/- <value> are supported.")
    }
    // `c = x + c`
    let value = try simpleTerm()
    if isSign("+"), case .name(let word, _) = token(ahead: 1), word == column,
      !isSign("(", ahead: 2)
    {
      advance()
      advance()
      return Assignment(target: target, kind: .prepend, value: value)
    }
    return Assignment(target: target, kind: .set, value: try rest(of: value))
  }

  /// What follows the first operand.
  private mutating func rest(of first: Term) throws(CQLError) -> Term {
    var left = first
    while case .sign(let sign) = current, ["+", "-", "*", "/", "%"].contains(sign) {
      try countOperation()
      advance()
      left = .operation(left, sign, try simpleTerm())
    }
    return left
  }

  private mutating func delete() throws(CQLError) -> Modification {
    try expect("delete")
    var targets: [Assignment.Target] = []
    if !isWord("from") {
      targets = try list { (parser) throws(CQLError) in try parser.target() }
    }
    try expect("from")
    let table = try objectName()
    let using = take("using") ? try using() : UsingClause()
    guard using.timeToLive == nil else { throw unexpected() }
    try expect("where")
    var made = Modification(
      table: table, body: .delete(targets), relations: try relations(), using: using)
    made.condition = try condition()
    return made
  }

  mutating func batch() throws(CQLError) -> BatchStatement {
    try expect("begin")
    var kind = BatchRequest.Kind.logged
    if take("unlogged") { kind = .unlogged } else if take("counter") { kind = .counter }
    try expect("batch")
    let using = take("using") ? try using() : UsingClause()
    guard using.timeToLive == nil else { throw unexpected() }
    var statements: [Modification] = []
    while !isWord("apply") {
      statements.append(try modification())
      _ = take(sign: ";")
    }
    try expect("apply", "batch")
    return BatchStatement(kind: kind, using: using, statements: statements)
  }
}
