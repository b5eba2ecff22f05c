// Everything else: keyspaces, tables, types, indexes, roles, DESCRIBE.

extension Parser {
  mutating func statement() throws(CQLError) -> Statement {
    guard case .name(let word, isQuoted: false) = current else { throw unexpected() }
    switch word {
    case "select": return .select(try select())
    case "insert", "update", "delete": return .modify(try modification())
    case "begin": return .batch(try batch())
    case "use":
      advance()
      return .use(try name())
    case "truncate":
      advance()
      if !take("table") { _ = take("columnfamily") }
      return .truncate(try objectName())
    case "create": return try create()
    case "alter": return try alter()
    case "drop": return try drop()
    case "grant", "revoke": return try grant(isGrant: word == "grant")
    case "list": return try listing()
    case "describe", "desc":
      advance()
      return .describe(try describe())
    default: throw unexpected()
    }
  }

  mutating func ifNotExists() throws(CQLError) -> Bool {
    guard take("if") else { return false }
    try expect("not", "exists")
    return true
  }

  mutating func ifExists() throws(CQLError) -> Bool {
    guard take("if") else { return false }
    try expect("exists")
    return true
  }

  /// The statement is not there: what follows is not read.
  mutating func unsupported(_ name: String) -> Statement {
    while current != .end { advance() }
    return .unsupported(name)
  }

  private mutating func create() throws(CQLError) -> Statement {
    try expect("create")
    guard case .name(let word, isQuoted: false) = current else { throw unexpected() }
    advance()
    switch word {
    case "keyspace", "schema":
      let ifNotExists = try ifNotExists()
      let name = try name()
      return .createKeyspace(name, options: try options(), ifNotExists: ifNotExists)
    case "table", "columnfamily": return .createTable(try table())
    case "index", "custom": return .createIndex(try index(isCustom: word == "custom"))
    case "type":
      let ifNotExists = try ifNotExists()
      let name = try objectName()
      try expect(sign: "(")
      let fields = try list { (parser) throws(CQLError) in try parser.typedName() }
      try expect(sign: ")")
      return .createType(name, fields, ifNotExists: ifNotExists)
    case "role", "user":
      let ifNotExists = try ifNotExists()
      return .createRole(
        try role(isUser: word == "user"), isUser: word == "user", ifNotExists: ifNotExists)
    case "materialized": return try createView()
    case "function": return try createFunction(replaces: false)
    case "aggregate": return try createAggregate(replaces: false)
    case "trigger": return unsupported("CREATE TRIGGER")
    case "or":
      try expect("replace")
      if take("aggregate") { return try createAggregate(replaces: true) }
      try expect("function")
      return try createFunction(replaces: true)
    default: throw unexpected()
    }
  }

  mutating func typedName() throws(CQLError) -> TypedName {
    TypedName(name: try name(), type: try type())
  }

  /// WITH … AND …, or nothing.
  mutating func options() throws(CQLError) -> Options {
    var options = Options()
    guard take("with") else { return options }
    repeat {
      if take("clustering") {
        try expect("order", "by")
        try expect(sign: "(")
        options.order = try order()
        try expect(sign: ")")
      } else if take("compact") {
        try expect("storage")
        options.isCompactStorage = true
      } else {
        let name = try name()
        try expect(sign: "=")
        options.entries.append(Options.Entry(name: name, value: try term()))
      }
    } while take("and")
    return options
  }

  private mutating func table() throws(CQLError) -> CreateTableStatement {
    let ifNotExists = try ifNotExists()
    var table = CreateTableStatement(name: try objectName(), ifNotExists: ifNotExists)
    try expect(sign: "(")
    repeat {
      if isSign(")") { break }
      // Cassandra's grammar takes commas without a column between them.
      if isSign(",") { continue }
      if isWord("primary") {
        guard table.partitionKey.isEmpty else {
          throw .invalid("Multiple PRIMARY KEYs specifed (exactly one required)")
        }
        try primaryKey(of: &table)
        continue
      }
      var column = CreateTableStatement.Column(name: try name(), type: try type())
      if take("static") { column.isStatic = true }
      if take("primary") {
        try expect("key")
        guard table.partitionKey.isEmpty else {
          throw .invalid("Multiple PRIMARY KEYs specifed (exactly one required)")
        }
        table.partitionKey = [column.name]
      }
      table.columns.append(column)
    } while take(sign: ",")
    try expect(sign: ")")
    table.options = try options()
    return table
  }

  mutating func primaryKey(of table: inout CreateTableStatement) throws(CQLError) {
    try expect("primary", "key")
    try expect(sign: "(")
    if take(sign: "(") {
      table.partitionKey = try names()
      try expect(sign: ")")
    } else {
      table.partitionKey = [try name()]
    }
    if take(sign: ",") { table.clustering = try names() }
    try expect(sign: ")")
  }

  private mutating func index(isCustom: Bool) throws(CQLError) -> CreateIndexStatement {
    if isCustom { try expect("index") }
    let ifNotExists = try ifNotExists()
    let name = isWord("on") ? nil : try name()
    try expect("on")
    let table = try objectName()
    try expect(sign: "(")
    var part: String?
    if case .name(let word, isQuoted: false) = current,
      ["keys", "values", "entries", "full"].contains(word), isSign("(", ahead: 1)
    {
      part = word
      advance()
      advance()
    }
    let column = try self.name()
    if part != nil { try expect(sign: ")") }
    guard !isSign(",") else { throw .invalid("An index has one column only") }
    try expect(sign: ")")
    let custom = take("using") ? try string() : nil
    if take("with") {
      try expect("options")
      try expect(sign: "=")
      _ = try term()
    }
    return CreateIndexStatement(
      name: name, table: table, column: column, part: part, custom: custom,
      ifNotExists: ifNotExists)
  }

  private mutating func alter() throws(CQLError) -> Statement {
    try expect("alter")
    if take("keyspace") {
      let ifExists = try ifExists()
      let name = try name()
      return .alterKeyspace(name, options: try options(), ifExists: ifExists)
    }
    if take("table") || take("columnfamily") {
      let ifExists = try ifExists()
      let table = try objectName()
      return .alterTable(table, try alterTableAction(), ifExists: ifExists)
    }
    if take("type") {
      let name = try objectName()
      if take("add") {
        return .alterType(
          name, .add(try list { (parser) throws(CQLError) in try parser.typedName() }))
      }
      try expect("rename")
      return .alterType(name, .rename(try renames()))
    }
    if take("role") { return .alterRole(try role(isUser: false), isUser: false) }
    if take("user") { return .alterRole(try role(isUser: true), isUser: true) }
    if take("materialized") {
      try expect("view")
      let name = try objectName()
      return .alterView(name, try options())
    }
    throw unexpected()
  }

  private mutating func renames() throws(CQLError) -> [RenamedColumn] {
    var all: [RenamedColumn] = []
    repeat {
      let from = try name()
      try expect("to")
      all.append(RenamedColumn(from: from, to: try name()))
    } while take("and")
    return all
  }

  private mutating func alterTableAction() throws(CQLError) -> AlterTableAction {
    if take("add") {
      let isListed = take(sign: "(")
      let columns = try list { (parser) throws(CQLError) in
        var column = CreateTableStatement.Column(
          name: try parser.name(), type: try parser.type())
        column.isStatic = parser.take("static")
        return column
      }
      if isListed { try expect(sign: ")") }
      return .add(columns)
    }
    if take("drop") {
      let isListed = take(sign: "(")
      let names = try names()
      if isListed { try expect(sign: ")") }
      guard !isWord("using") else { throw .invalid("DROP … USING TIMESTAMP is not supported") }
      return .drop(names)
    }
    if take("rename") { return .rename(try renames()) }
    if take("alter") {
      let column = try name()
      try expect("type")
      _ = try type()
      return .changeType(column)
    }
    guard isWord("with") else { throw unexpected() }
    return .with(try options())
  }

  private mutating func drop() throws(CQLError) -> Statement {
    try expect("drop")
    guard case .name(let word, isQuoted: false) = current else { throw unexpected() }
    advance()
    switch word {
    case "keyspace", "schema":
      let ifExists = try ifExists()
      return .dropKeyspace(try name(), ifExists: ifExists)
    case "table", "columnfamily":
      let ifExists = try ifExists()
      return .dropTable(try objectName(), ifExists: ifExists)
    case "index":
      let ifExists = try ifExists()
      return .dropIndex(try objectName(), ifExists: ifExists)
    case "type":
      let ifExists = try ifExists()
      return .dropType(try objectName(), ifExists: ifExists)
    case "role", "user":
      let ifExists = try ifExists()
      return .dropRole(try roleName(), isUser: word == "user", ifExists: ifExists)
    case "materialized":
      try expect("view")
      let ifExists = try ifExists()
      return .dropView(try objectName(), ifExists: ifExists)
    case "function": return .dropFunction(try dropFunction())
    case "aggregate": return .dropAggregate(try dropFunction())
    case "trigger": return unsupported("DROP TRIGGER")
    default: throw unexpected()
    }
  }
}
