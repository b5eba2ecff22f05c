import Base
public import Catalog
public import Functions
public import Syntax
public import Types

/// What a statement is planned in.
public struct StatementContext {
  public var catalog: CatalogSnapshot
  /// Schemas as `search_path` gives them; pg_catalog is looked at first unless it is listed.
  public var searchPath: [String]
  public var role: RoleDescriptor
  public var evaluation: EvaluationContext
  public var virtualTables: (any VirtualTableProvider)?
  /// What `pg_temp` stands for, where the session has one.
  public var temporarySchema: String?
  /// Parses the text of defaults, checks and views, which the catalog keeps as SQL.
  public var parseExpression: (String) throws(SQLError) -> QuerySyntax.Expression
  public var parseQuery: (String) throws(SQLError) -> QuerySyntax.Query

  public init(
    catalog: CatalogSnapshot, searchPath: [String], role: RoleDescriptor,
    evaluation: EvaluationContext = EvaluationContext(),
    virtualTables: (any VirtualTableProvider)? = nil, temporarySchema: String? = nil,
    parseExpression: @escaping (String) throws(SQLError) -> QuerySyntax.Expression,
    parseQuery: @escaping (String) throws(SQLError) -> QuerySyntax.Query
  ) {
    self.catalog = catalog
    self.searchPath = searchPath
    self.role = role
    self.evaluation = evaluation
    self.virtualTables = virtualTables
    self.temporarySchema = temporarySchema
    self.parseExpression = parseExpression
    self.parseQuery = parseQuery
  }
}

/// Names and types of one statement, looked up. Used once; lives on the session's shard.
final class Binder {
  var context: StatementContext
  /// By position; `.unknown` until a use tells.
  var parameterTypes: [SQLType]
  var externals: [ExternalID: LogicalExternal] = [:]
  /// For messages: alias.column of each variable.
  var variableNames: [VariableID: String] = [:]
  /// The fields of records that a function of the target list gave.
  var recordColumns: [VariableID: [RecordColumn]] = [:]
  /// Scans by variable, for functional dependency in GROUP BY.
  var scans: [LogicalScan] = []
  /// Tables that the plan holds for, with their versions.
  var dependencies: [ObjectID: UInt64] = [:]
  private var nextVariable = 0
  private var nextExternal = 0
  private var nextCommonTable = 0
  private var layouts: [ObjectID: StoredTable] = [:]
  /// Views inside views, subqueries inside subqueries.
  var depth = 0 {
    didSet { deepest = max(deepest, depth) }
  }
  static let depthMax = 1_000
  /// How deep the plan is where it was deepest; WITH queries count where they are read.
  var deepest = 0

  /// WITH items that change rows, and whether the WITH that comes next may have some: only that of
  /// the whole statement may.
  var changes: [CommonTableBinding] = []
  var allowsChanges = false

  /// The query that is bound next (or now: `keepsTargets`) leaves literals in its target list
  /// without a type: who asked for that gives them one.
  var keepsUnknown = false
  var keepsTargets = false

  /// While the targets of a query with grouping sets are bound.
  var groupingMask: (variable: PlanVariable, groups: [TypedExpression])?
  /// WINDOW clauses of the query block that is being bound.
  var windows: [String: QuerySyntax.Window] = [:]

  /// False once something of this session or of this moment has become a part of the statement.
  private(set) var isShareable = true

  let registry = FunctionRegistry.builtin

  init(_ context: StatementContext, parameterTypes: [ObjectID]) {
    self.context = context
    self.parameterTypes = parameterTypes.map {
      $0.rawValue == 0 ? .unknown : SQLType($0)
    }
  }

  func variable(_ name: String, _ type: SQLType) -> PlanVariable {
    nextVariable += 1
    return PlanVariable(id: nextVariable, name: name, type: type)
  }

  func external(_ external: LogicalExternal) -> ExternalID {
    nextExternal += 1
    externals[nextExternal] = external
    return nextExternal
  }

  func commonTableNumber() -> Int {
    nextCommonTable += 1
    return nextCommonTable
  }

  static let tooDeep = SQLError(
    .statementTooComplex, "stack depth limit exceeded",
    hint: "The statement nests more than \(depthMax) levels deep.")

  /// Refuses nesting that would exhaust the stack.
  func deeper<R>(_ body: () throws(SQLError) -> R) throws(SQLError) -> R {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.depthMax else { throw Self.tooDeep }
    return try body()
  }

  /// Notes that a WITH query is read here: its plan lies below this one.
  func noteReading(_ common: CommonTableBinding) throws(SQLError) {
    deepest = max(deepest, depth + common.height)
    guard deepest <= Self.depthMax else { throw Self.tooDeep }
  }

  /// Binds a WITH query; how many levels its plan has.
  func measuringHeight<R>(_ body: () throws(SQLError) -> R) throws(SQLError) -> (R, height: Int) {
    let outer = deepest
    deepest = depth
    defer { deepest = outer }
    let bound = try body()
    return (bound, deepest - depth + 1)
  }

  /// The plan holds for the type as it is.
  func depend(on type: TypeDescriptor) { dependencies[type.id] = type.planVersion }

  func schemaName(_ id: ObjectID) -> String { context.catalog.objects[id]?.name ?? "" }

  enum Relation {
    case table(TableDescriptor)
    case view(ViewDescriptor)
    case virtual(VirtualTable, schema: String)
  }

  /// 42P01 with the position where there is none.
  func relation(_ name: QuerySyntax.RelationName) throws(SQLError) -> Relation {
    if let schema = name.schema {
      let wanted = try TemporarySchema.resolved(
        schema, own: context.temporarySchema, context.catalog)
      if let found = find(name.name, in: wanted) { return found }
      throw SQLError(
        .undefinedTable, "relation \"\(schema).\(name.name)\" does not exist",
        position: name.position)
    }
    var path = context.searchPath
    if !path.contains("pg_catalog") { path.insert("pg_catalog", at: 0) }
    // The cluster's views want their schema's name: the role of that name has tables of its own.
    for schema in path where schema != "quatrain" || context.catalog.schema(named: schema) != nil {
      if let found = find(name.name, in: schema) { return found }
    }
    throw SQLError(
      .undefinedTable, "relation \"\(name.name)\" does not exist", position: name.position)
  }

  private func find(_ name: String, in schema: String) -> Relation? {
    if let found = context.virtualTables?.table(schema: schema, name: name) {
      isShareable = false
      return .virtual(found, schema: schema)
    }
    guard let id = context.catalog.schema(named: schema)?.id else { return nil }
    switch context.catalog.relation(schema: id, name: name) {
    case .table(let table): return .table(table)
    case .view(let view): return .view(view)
    default: return nil
    }
  }

  /// A literal becomes a value of `type` now: 'today' is another day tomorrow. Whatever has letters
  /// counts as such, but for the T and Z of a timestamp; a time with a zone asks the date for its
  /// offset.
  func noteConversion(of value: Value, to type: SQLType) {
    let type = userBase(type) ?? type
    let element = type.elementType ?? type
    guard case .text(let text) = value else { return }
    switch element.oid {
    case SQLType.date.oid, SQLType.time.oid, SQLType.timestamp.oid, SQLType.timestamptz.oid:
      if text.contains(where: { byte in
        let lower = byte | 0x20
        return (97...122).contains(lower) && byte != UInt8(ascii: "T") && byte != UInt8(ascii: "Z")
      }) {
        isShareable = false
      }
    case SQLType.timetz.oid: isShareable = false
    default: break
    }
  }

  func layout(_ table: TableDescriptor) throws(SQLError) -> StoredTable {
    if let known = layouts[table.id] { return known }
    dependencies[table.id] = table.version
    let layout = try StoredTable(table, schemaName: schemaName(table.schema)) {
      (text) throws(SQLError) in
      try bindRowExpression(text, table)
    }
    layouts[table.id] = layout
    return layout
  }

  /// An expression of the catalog (default, check, index) over the table's row: columns are slots.
  func bindRowExpression(_ text: String, _ table: TableDescriptor, as type: SQLType? = nil)
    throws(SQLError) -> TypedExpression
  {
    let syntax = try context.parseExpression(text)
    let scope = NameScope(parent: nil)
    var columns: [ScopeColumn] = []
    var slots: [VariableID: Int] = [:]
    for (position, column) in table.columns.enumerated() where !column.isDropped {
      let made = variable(column.name, column.type)
      slots[made.id] = position
      columns.append(ScopeColumn(name: column.name, variable: made))
    }
    scope.entries = [ScopeEntry(alias: table.name, columns: columns)]
    var bound = try bind(syntax, scope, ExpressionClause("the expression"))
    if let type { bound = try assign(bound, to: type, column: "", position: nil) }
    return bound.resolved(slots)
  }

  /// A type, or the row type of a table or view.
  private func userType(_ name: String, in schema: ObjectID) -> ObjectID? {
    if let type = context.catalog.type(schema: schema, name: name) { return type.id }
    switch context.catalog.relation(schema: schema, name: name) {
    case .table(let table): return table.rowType
    case .view(let view): return view.rowType
    default: return nil
    }
  }

  func type(_ name: QuerySyntax.TypeName) throws(SQLError) -> SQLType {
    var found: SQLType?
    // The grammar has turned SQL's names into pg_type's, so "char" is the one-byte type here.
    if name.schema == nil || name.schema == "pg_catalog" {
      found = TypeInfo.lookup(name: name.name).map { SQLType($0.oid) } ?? SQLType.named(name.name)
    }
    if found == nil {
      let named = try name.schema.map { (schema) throws(SQLError) in
        [
          try TemporarySchema.resolved(
            schema, own: context.temporarySchema, context.catalog)
        ]
      }
      for schema in named ?? context.searchPath {
        guard let id = context.catalog.schema(named: schema)?.id,
          let user = userType(name.name, in: id)
        else { continue }
        found = SQLType(user)
        break
      }
    }
    guard var type = found else {
      if name.name == "jsonpath" {
        throw SQLError(
          .featureNotSupported, "columns and arrays of type jsonpath are not supported",
          position: name.position)
      }
      throw SQLError(
        .undefinedObject, "type \"\(name.name)\" does not exist", position: name.position)
    }
    if let first = name.modifiers.first {
      if type.oid == SQLType.numeric.oid {
        type = .numeric(
          precision: Int(first), scale: name.modifiers.count > 1 ? Int(name.modifiers[1]) : 0)
      } else if type.oid == SQLType.varchar.oid || type.oid == SQLType.bpchar.oid {
        type.modifier = first + 4
      } else {
        type.modifier = first
      }
    }
    if name.arrayDimensions > 0, let array = enumArray(of: type) { return array }
    if name.arrayDimensions > 0 && type.info == nil {
      throw SQLError(
        .featureNotSupported, "arrays of type \"\(name.name)\" are not supported",
        position: name.position)
    }
    if name.arrayDimensions > 0, let array = type.arrayType {
      type = SQLType(array.oid, modifier: type.modifier)
    }
    return type
  }
}

extension TypeDescriptor {
  /// Another one as soon as anything of the type changes; of this process alone.
  var planVersion: UInt64 { UInt64(bitPattern: Int64(hashValue)) }
}

/// Where an expression stands: what it may hold, and the word for messages.
struct ExpressionClause {
  var name: String
  var allowsAggregates = false
  var allowsWindows = false
  var allowsSets = false
  init(_ name: String) { self.name = name }

  static var targets: ExpressionClause {
    var clause = ExpressionClause("SELECT")
    clause.allowsAggregates = true
    clause.allowsWindows = true
    clause.allowsSets = true
    return clause
  }
}
