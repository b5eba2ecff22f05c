// SELECT, and the conditions that others share with it.

extension Parser {
  mutating func select() throws(CQLError) -> Select {
    try expect("select")
    let isJSON =
      isWord("json") && !isSign("(", ahead: 1) && !isSign(",", ahead: 1)
      && !isWord("from", ahead: 1) && !isWord("as", ahead: 1)
    if isJSON { advance() }
    let isDistinct = isWord("distinct") && !isSign(",", ahead: 1) && !isWord("from", ahead: 1)
    if isDistinct { advance() }
    var items: [Select.Item] = []
    if !take(sign: "*") {
      items = try list { (parser) throws(CQLError) in
        let selector = try parser.selector()
        let alias = parser.take("as") ? try parser.name() : nil
        return Select.Item(selector: selector, alias: alias)
      }
    }
    try expect("from")
    var select = Select(table: try objectName())
    select.items = items
    select.isJSON = isJSON
    select.isDistinct = isDistinct
    if take("where") { select.relations = try relations() }
    try clauses(of: &select)
    return select
  }

  private mutating func clauses(of select: inout Select) throws(CQLError) {
    if take("group") {
      try expect("by")
      select.groupBy = try names()
    }
    if take("order") {
      try expect("by")
      select.order = try order()
    }
    if take("per") {
      try expect("partition", "limit")
      select.perPartitionLimit = try simpleTerm()
    }
    if take("limit") { select.limit = try simpleTerm() }
    if take("allow") {
      try expect("filtering")
      select.allowsFiltering = true
    }
    if take("using", "timeout") { select.timeout = try simpleTerm() }
  }

  mutating func order() throws(CQLError) -> [Select.Order] {
    try list { (parser) throws(CQLError) in
      let column = try parser.name()
      let isDescending = parser.take("desc")
      if !isDescending { _ = parser.take("asc") }
      return Select.Order(column: column, isDescending: isDescending)
    }
  }

  private mutating func selector() throws(CQLError) -> Selector {
    try nested { (parser) throws(CQLError) in
      var selector = try parser.simpleSelector()
      while true {
        if parser.isSign(".") || parser.isSign("[") { try parser.countOperation() }
        if parser.take(sign: ".") {
          selector = .field(selector, try parser.name())
        } else if parser.take(sign: "[") {
          selector = .element(selector, try parser.term())
          try parser.expect(sign: "]")
        } else {
          return selector
        }
      }
    }
  }

  private mutating func simpleSelector() throws(CQLError) -> Selector {
    guard case .name(let word, let isQuoted) = current else { return .term(try term()) }
    let isConstant = !isQuoted && ["null", "true", "false", "nan", "infinity"].contains(word)
    if isConstant { return .term(try term()) }
    if isSign(".", ahead: 1), case .name(let second, _) = token(ahead: 2), isSign("(", ahead: 3) {
      let keyspace = try name()
      advance()
      if keyspace != "system" {
        advance()
        advance()
        return .call(name: "\(keyspace).\(second)", try selectorArguments())
      }
      return try simpleSelector()
    }
    guard isSign("(", ahead: 1) else { return .column(try name()) }
    if !isQuoted, word == "count",
      isSign("*", ahead: 2) || token(ahead: 2) == .integer("1"), isSign(")", ahead: 3)
    {
      for _ in 0..<4 { advance() }
      return .countAll
    }
    advance()
    advance()
    if !isQuoted, word == "writetime" || word == "ttl" || word == "maxwritetime" {
      let column = try name()
      if let part = try timeOfPart(column, isTime: word != "ttl") { return part }
      try expect(sign: ")")
      return word == "ttl" ? .timeToLive(column) : .writeTime(column)
    }
    if !isQuoted, word == "cast" {
      let inner = try selector()
      try expect("as")
      let type = try type()
      try expect(sign: ")")
      return .cast(inner, type)
    }
    return .call(name: word, try selectorArguments())
  }

  private mutating func timeOfPart(_ column: String, isTime: Bool) throws(CQLError) -> Selector? {
    var field: String?
    if take(sign: "[") {
      _ = try term()
      try expect(sign: "]")
    } else if take(sign: ".") {
      field = try name()
    } else {
      return nil
    }
    try expect(sign: ")")
    return .timeOfPart(column, field: field, isTime: isTime)
  }

  /// Behind the parenthesis that opens them.
  private mutating func selectorArguments() throws(CQLError) -> [Selector] {
    if take(sign: ")") { return [] }
    let arguments = try list { (parser) throws(CQLError) in try parser.selector() }
    try expect(sign: ")")
    return arguments
  }

  // MARK: Conditions

  mutating func relations() throws(CQLError) -> [Relation] {
    var all = [try relation()]
    while take("and") { all.append(try relation()) }
    return all
  }

  private mutating func relation() throws(CQLError) -> Relation {
    if take("token") {
      try expect(sign: "(")
      let columns = try names()
      try expect(sign: ")")
      return Relation(
        target: .token(columns), comparison: try comparison(), values: [try term()])
    }
    if isSign("(") {
      if case .name = token(ahead: 1) { return try tupleRelation() }
      advance()
      let inner = try nested { (parser) throws(CQLError) in try parser.relation() }
      try expect(sign: ")")
      return inner
    }
    let column = try name()
    var target = Relation.Target.column(column)
    if take(sign: "[") {
      target = .element(column, try term())
      try expect(sign: "]")
    } else if take(sign: ".") {
      target = .field(column, try name())
    }
    if take("contains") {
      let isKey = take("key")
      return Relation(
        target: target, comparison: isKey ? .containsKey : .contains, values: [try term()])
    }
    if take("is") {
      try expect("not")
      guard take("null") else { throw .syntax("IS NOT must be followed by NULL") }
      return Relation(target: target, comparison: .isNotNull, values: [])
    }
    if take("like") { return Relation(target: target, comparison: .like, values: [try term()]) }
    if take("in") { return try membership(target) }
    if take("not") {
      try expect("in")
      return try membership(target, .isNotIn)
    }
    return Relation(target: target, comparison: try comparison(), values: [try term()])
  }

  private mutating func membership(
    _ target: Relation.Target, _ comparison: Relation.Comparison = .isIn
  ) throws(CQLError) -> Relation {
    if let marker = try marker() {
      return Relation(target: target, comparison: comparison, values: [marker], isListMarker: true)
    }
    try expect(sign: "(")
    if take(sign: ")") { return Relation(target: target, comparison: comparison, values: []) }
    let values = try list { (parser) throws(CQLError) in try parser.term() }
    try expect(sign: ")")
    return Relation(target: target, comparison: comparison, values: values)
  }

  private mutating func tupleRelation() throws(CQLError) -> Relation {
    try expect(sign: "(")
    let columns = try names()
    try expect(sign: ")")
    if take("in") { return try membership(.columns(columns)) }
    return Relation(
      target: .columns(columns), comparison: try comparison(), values: [try term()])
  }

  private mutating func comparison() throws(CQLError) -> Relation.Comparison {
    guard case .sign(let sign) = current, let found = Relation.Comparison(rawValue: sign) else {
      throw unexpected()
    }
    advance()
    return found
  }
}
