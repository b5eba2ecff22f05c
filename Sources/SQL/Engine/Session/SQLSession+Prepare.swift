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
    try parse(sql, parameterTypes: [])
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
    let isPrivate = transaction?.hasCatalogChanges ?? false
    let key = PlanKey(
      catalogVersion: isPrivate ? catalog.version : shard.catalogVersion,
      settingsVersion: settings.planVersion,
      shadowVersion: shadowVersion, isPrivate: isPrivate)
    if let known = prepared.planKey, let plan = prepared.plan, !key.isPrivate {
      if known == key { return }
      if known.settingsVersion == key.settingsVersion,
        known.shadowVersion == key.shadowVersion, !known.isPrivate,
        plan.dependencies.count > 0, plan.isValid(in: catalog)
      {
        prepared.planKey = key
        return
      }
    }
    let made = try SQL.plan(
      query, context: statementContext(), parameterTypes: prepared.requestedTypes)
    if let before = prepared.columns, let after = made.columns, prepared.plan != nil,
      before.map(\.type) != after.map(\.type)
    {
      throw SQLError.resultTypeChanged
    }
    prepared.plan = made
    prepared.planKey = key
    prepared.parameterTypes = made.parameterTypes
    prepared.columns = made.columns
  }

  /// Values are decoded by `parameterTypes`.
  public func bind(_ statement: PreparedStatement, values: [Value]) throws(SQLError) -> Portal {
    try bindNames(statement)
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
    if type.info == nil {
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
