public import Base
import Catalog
import Functions
import Node
import Syntax
public import Types

extension SQLError {
  /// A prepared statement whose columns are others now; clients prepare it again on hearing this.
  public static let resultTypeChanged = SQLError(
    .featureNotSupported, "cached plan must not change result type")
}

// MARK: - Preparing

extension SQLSession {
  /// Splits the text into statements; none for an empty one.
  public func parse(_ sql: [UInt8]) throws(SQLError) -> [PreparedStatement] {
    let statements = try parsed(sql)
    for statement in statements { statement.mayChangeColumns = true }
    return statements
  }

  private func parsed(_ sql: [UInt8]) throws(SQLError) -> [PreparedStatement] {
    guard sql.count <= PlanCache.textBytesMax, let plans = contexts.plans else {
      return try parse(sql, parameterTypes: [])
    }
    let shape = StatementShape(sql)
    if let (known, values) = plans.find(sql, shape) {
      let statement = prepared(known, sql)
      statement.liftedValues = values
      return [statement]
    }
    let statements = try parse(sql, parameterTypes: [])
    guard statements.count == 1 else { return statements }
    return [try remember(statements[0], shape, plans)]
  }

  /// A statement that is known, for this session.
  private func prepared(_ known: KnownStatement, _ source: [UInt8]) -> PreparedStatement {
    let made = PreparedStatement(
      statement: known.statement, source: source, requestedTypes: known.requestedTypes)
    if let plan = known.plan { made.adopt(plan, planKey) }
    return made
  }

  /// Plans a statement of the simple protocol so that others of its shape can have the plan.
  private func remember(
    _ statement: PreparedStatement, _ shape: StatementShape, _ plans: PlanCache
  ) throws(SQLError) -> PreparedStatement {
    guard let parsed = statement.statement else { return statement }
    let source = statement.source
    switch parsed.body {
    case .definition: return statement
    case .query(let query):
      if let (body, literals) = LiteralLifting.lift(query, source, shape) {
        let types = literals.map { _ in SQLType.int4.oid }
        let general = PreparedStatement(
          statement: Statement(
            body: .query(body), location: parsed.location, length: parsed.length),
          source: source, requestedTypes: types)
        // What is wrong with the statement is told of it as it was written.
        let isPlanned = (try? plan(body, general)) != nil
        if isPlanned, let plan = general.plan, plan.isShareable, let made = general.statement {
          plans.keep(
            KnownStatement(statement: made, requestedTypes: types, plan: plan), source, shape,
            literals)
          if let (_, values) = plans.find(source, shape) {
            general.liftedValues = values
            return general
          }
        }
      }
      try bindNames(statement)
      if let plan = statement.plan, plan.isShareable {
        plans.keep(
          KnownStatement(statement: parsed, requestedTypes: [], plan: plan), source, shape, [])
      }
      return statement
    default:
      plans.keep(
        KnownStatement(statement: parsed, requestedTypes: [], plan: nil), source, shape, [])
      return statement
    }
  }

  func parse(_ sql: [UInt8], parameterTypes: [ObjectID]) throws(SQLError) -> [PreparedStatement] {
    do throws(ParseError) {
      return try Parser.parse(sql).map {
        PreparedStatement(statement: $0, source: sql, requestedTypes: parameterTypes)
      }
    } catch {
      fail()
      throw sqlError(error, in: sql)
    }
  }

  /// One statement of the extended protocol; type 0 is unknown.
  public func prepare(_ sql: [UInt8], parameterTypes: [ObjectID]) throws(SQLError)
    -> PreparedStatement
  {
    let key = PlanCache.Key(text: sql, types: parameterTypes)
    let plans = contexts.plans
    if let known = plans?.find(key) {
      let found = prepared(known, sql)
      try bindNames(found)
      return found
    }
    let statements = try parse(sql, parameterTypes: parameterTypes)
    if statements.count > 1 {
      fail()
      throw SQLError(
        .syntaxError, "cannot insert multiple commands into a prepared statement")
    }
    let prepared =
      statements.first
      ?? PreparedStatement(statement: nil, source: sql, requestedTypes: parameterTypes)
    try bindNames(prepared)
    if let plans, let statement = prepared.statement, let plan = prepared.plan, plan.isShareable {
      plans.keep(
        KnownStatement(statement: statement, requestedTypes: parameterTypes, plan: plan), key)
    }
    return prepared
  }

  /// Resolves names against the newest catalog, again where something has changed since.
  func bindNames(_ prepared: PreparedStatement) throws(SQLError) {
    guard let statement = prepared.statement else { return }
    do throws(SQLError) {
      try checkNotFailed(statement.body)
      switch statement.body {
      case .query(let query): try plan(query, prepared)
      case .cursor(.declare(_, let query, _, _, _)):
        // The cursor's own plan is made when it is opened; this one knows its parameters.
        prepared.parameterTypes = try SQL.plan(
          .query(query), context: statementContext(), parameterTypes: prepared.requestedTypes
        ).parameterTypes
      default: prepared.columns = try commandColumns(statement.body)
      }
    } catch {
      fail()
      throw error.placed(in: prepared.source)
    }
  }

  private func plan(_ query: QuerySyntax.Statement, _ prepared: PreparedStatement)
    throws(SQLError)
  {
    let key = planKey
    if let known = prepared.planKey, let plan = prepared.plan, !key.isPrivate {
      if known == key { return }
      if known.settingsVersion == key.settingsVersion, !known.isPrivate, known.user == key.user,
        known.shadowVersion == key.shadowVersion,
        plan.dependencies.count > 0, plan.isValid(in: catalog)
      {
        prepared.planKey = key
        return
      }
    }
    let made = try SQL.plan(
      query, context: statementContext(), parameterTypes: prepared.requestedTypes)
    if let before = prepared.columns, let after = made.columns, prepared.plan != nil,
      !prepared.mayChangeColumns,
      before.map(\.type) != after.map(\.type)
    {
      throw SQLError.resultTypeChanged
    }
    prepared.adopt(made, key)
  }

  /// What plans are made under now.
  var planKey: PlanKey {
    let isPrivate = transaction?.hasCatalogChanges ?? false
    return PlanKey(
      catalogVersion: isPrivate ? catalog.version : shard.catalogVersion,
      settingsVersion: settings.planVersion, shadowVersion: shadowVersion,
      isPrivate: isPrivate, user: user)
  }

  /// Values are decoded by `parameterTypes`.
  public func bind(_ statement: PreparedStatement, values: [Value]) throws(SQLError) -> Portal {
    try bindNames(statement)
    let values = statement.liftedValues.isEmpty ? values : statement.liftedValues
    guard values.count == statement.parameterTypes.count else {
      fail()
      throw SQLError(
        .protocolViolation,
        "bind message supplies \(values.count) parameters, but prepared statement requires \(statement.parameterTypes.count)"
      )
    }
    return Portal(statement: statement, parameters: values)
  }

  /// A parameter's value from the client's bytes; nil is NULL. Types of the catalog have their checks
  /// here: the statement takes the value for one of its type.
  public func parameter(_ bytes: [UInt8]?, as type: SQLType, isBinary: Bool) throws(SQLError)
    -> Value
  {
    do throws(SQLError) {
      return try decoded(bytes, as: type, isBinary: isBinary)
    } catch {
      fail()
      throw error
    }
  }

  private func decoded(_ bytes: [UInt8]?, as type: SQLType, isBinary: Bool) throws(SQLError)
    -> Value
  {
    if type.oid >= .firstUser {
      let binder = Binder(statementContext(), parameterTypes: [])
      if binder.rowType(type) != nil {
        let base: SQLType = isBinary ? .record : .unknown
        let value = try bytes.map { (bytes) throws(SQLError) in
          isBinary ? try TypeIO.decodeBinary(bytes, as: .record) : Value.text(bytes)
        }
        let read = try binder.coerce(.constant(value ?? .null, base), to: type, .explicit)
        var environment = EvaluationEnvironment(parameters: [], context: evaluationContext())
        return try read.evaluate([], &environment)
      }
      if isBinary, let element = binder.enumElement(of: type), var bytes, bytes.count >= 12 {
        // The elements are texts; the array's head names the enum.
        let own = withUnsafeBytes(of: element.id.rawValue.bigEndian) { Array($0) }
        let text = withUnsafeBytes(of: SQLType.text.oid.rawValue.bigEndian) { Array($0) }
        if Array(bytes[8..<12]) == own { bytes.replaceSubrange(8..<12, with: text) }
        let value = try TypeIO.decodeBinary(bytes, as: .textArray)
        let checked = try binder.coerce(.constant(value, .textArray), to: type, .explicit)
        var environment = EvaluationEnvironment(parameters: [], context: evaluationContext())
        return try checked.evaluate([], &environment)
      }
      if let base = binder.userBase(type) {
        let value = try decoded(bytes, as: base, isBinary: isBinary)
        let checked = try binder.coerce(.constant(value, base), to: type, .explicit)
        var environment = EvaluationEnvironment(parameters: [], context: evaluationContext())
        return try checked.evaluate([], &environment)
      }
    }
    guard let bytes else { return .null }
    return isBinary
      ? try TypeIO.decodeBinary(bytes, as: type)
      : try TypeIO.parseText(bytes, as: type, settings: formatSettings)
  }

  public func named(_ name: String) -> PreparedStatement? { prepared[name] }

  public func setNamed(_ name: String, _ statement: PreparedStatement) throws(SQLError) {
    if !name.isEmpty && prepared[name] != nil {
      fail()
      throw SQLError(
        .duplicatePreparedStatement, "prepared statement \"\(name)\" already exists")
    }
    prepared[name] = statement
  }

  public func closeNamed(_ name: String) { prepared[name] = nil }

  /// The columns of statements that are not planned.
  private func commandColumns(_ body: StatementBody) throws(SQLError) -> [OutputColumn]? {
    switch body {
    case .session(.show(let name)):
      if name.lowercased() == "all" {
        return ["name", "setting", "description"].map { OutputColumn(name: $0, type: .text) }
      }
      return [OutputColumn(name: settings.canonicalName(name), type: .text)]
    case .execute(let name, _):
      guard let statement = prepared[name] else { throw Self.unknownStatement(name) }
      try bindNames(statement)
      return statement.columns
    case .cursor(.fetch(let name, _, let isMove)):
      if isMove { return nil }
      guard let portal = portals[name] else { throw Self.unknownCursor(name) }
      return portal.columns
    default: return nil
    }
  }

  static func unknownStatement(_ name: String) -> SQLError {
    SQLError(
      .invalidSQLStatementName,
      name.isEmpty
        ? "unnamed prepared statement does not exist"
        : "prepared statement \"\(name)\" does not exist")
  }

  static func unknownCursor(_ name: String) -> SQLError {
    SQLError(.invalidCursorName, "cursor \"\(name)\" does not exist")
  }
}

// MARK: - Portals

extension SQLSession {
  public func portal(_ name: String) throws(SQLError) -> Portal {
    guard let found = portals[name] else {
      fail()
      throw SQLError(.invalidCursorName, "portal \"\(name)\" does not exist")
    }
    return found
  }

  public func setPortal(_ name: String, _ portal: Portal) throws(SQLError) {
    if !name.isEmpty && portals[name] != nil {
      fail()
      throw SQLError(.duplicateCursor, "cursor \"\(name)\" already exists")
    }
    portals[name] = portal
  }

  public func closePortal(_ name: String) { portals[name] = nil }
}
