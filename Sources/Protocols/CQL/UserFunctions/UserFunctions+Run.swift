import Catalog
import Node
import SQL
import Types

/// CREATE and DROP FUNCTION and AGGREGATE.
extension StatementRunner {
  private func checkDefining(_ keyspace: String, _ what: String) throws(CQLError) {
    try checkWritable(keyspace)
    let schema = try catalog.schema(keyspace)
    guard Privileges.has("C", role, owner: schema.owner, grants: schema.grants, catalog.snapshot)
    else {
      throw CQLError(
        .unauthorized,
        "User \(role.name) has no \(what) permission on <all functions in \(keyspace)> or any of its parents"
      )
    }
  }

  /// Sets one option of the schema, or takes it away.
  private func keep(_ key: String, _ value: String?, in keyspace: String) async throws(CQLError) {
    try await sql([]) { (catalog) throws(SQLError) in
      guard var schema = catalog.schema(named: keyspace) else {
        throw SQLError(.undefinedObject, "Keyspace \(keyspace) does not exist")
      }
      var options = schema.options ?? [:]
      options[key] = value
      schema.options = options
      catalog.put(.schema(schema))
    }
  }

  private func typeNames(_ types: [TypeSyntax], _ keyspace: String) throws(CQLError) -> [String] {
    var names: [String] = []
    for syntax in types {
      let type = try catalog.type(syntax, keyspace)
      if type.isCounter { throw .invalid("Functions take and give no counters") }
      names.append(type.thawed.name)
    }
    return names
  }

  // MARK: Functions

  func createFunction(_ statement: CreateFunctionStatement) async throws(CQLError)
    -> StatementResult
  {
    let keyspace = try keyspace(of: statement.name)
    try checkDefining(keyspace, "CREATE")
    try checkName(statement.name.name, "Function", bytesMax: 1_000)
    guard let language = UserFunction.Language(rawValue: statement.language) else {
      throw .invalid("Language '\(statement.language)' is not supported: lua and sql are")
    }
    let types = try typeNames(statement.parameters.map(\.type), keyspace)
    let function = UserFunction(
      name: statement.name.name,
      parameters: zip(statement.parameters, types).map { .init(name: $0.name, type: $1) },
      returns: try typeNames([statement.returns], keyspace)[0], language: language,
      body: statement.body, isCalledOnNull: statement.isCalledOnNull)
    guard Set(function.parameters.map(\.name)).count == function.parameters.count else {
      throw .invalid("Duplicate argument names in function \(function.name)")
    }
    let schema = try catalog.schema(keyspace)
    if UserFunctionOptions.aggregates(schema).contains(where: { $0.signature == function.signature }
    ) {
      throw .invalid("Function \(function.signature) conflicts with an aggregate of the same name")
    }
    let known = UserFunctionOptions.functions(schema).first { $0.signature == function.signature }
    if let known {
      if statement.ifNotExists { return .void }
      guard statement.replaces else {
        throw .invalid("Function '\(keyspace).\(function.signature)' already exists")
      }
      guard known.returns == function.returns else {
        throw .invalid(
          "Cannot replace function '\(function.name)', the new return type \(function.returns) is not compatible with the return type \(known.returns) of existing function"
        )
      }
    }
    try compile(function, keyspace)
    try await keep(
      UserFunctionOptions.key(function), UserFunctionOptions.text(function), in: keyspace)
    return .schemaChange(
      SchemaChange(
        change: known == nil ? .created : .updated, target: .function, keyspace: keyspace,
        name: function.name, arguments: types))
  }

  private func compile(_ function: UserFunction, _ keyspace: String) throws(CQLError) {
    let resolved = try catalog.userFunctions.resolve(function, keyspace)
    guard function.language == .lua else { return }
    do throws(CQLError) {
      try LuaRunner.of(shard).check(LuaProgram.text(resolved.function))
    } catch {
      throw .invalid(
        "Could not compile function '\(function.name)' from Lua source: \(error.message)")
    }
  }

  func dropFunction(_ statement: DropFunctionStatement) async throws(CQLError) -> StatementResult {
    let keyspace = try keyspace(of: statement.name)
    try checkDefining(keyspace, "DROP")
    let schema = try catalog.schema(keyspace)
    let types = try statement.types.map { (types) throws(CQLError) in try typeNames(types, keyspace)
    }
    let found = UserFunctionOptions.functions(schema).filter {
      $0.name == statement.name.name && types.map($0.parameters.map(\.type).elementsEqual) ?? true
    }
    guard let function = found.first else {
      if statement.ifExists { return .void }
      throw .invalid(
        "Function '\(keyspace).\(types.map { UserFunction.signature(statement.name.name, $0) } ?? statement.name.name)' doesn't exist"
      )
    }
    guard found.count == 1 else {
      throw .invalid(
        "'DROP FUNCTION \(function.name)' matches multiple function definitions; specify the argument types by issuing a statement like 'DROP FUNCTION \(function.name) (type, type, ...)'"
      )
    }
    for aggregate in UserFunctionOptions.aggregates(schema)
    where aggregate.stateFunction == function.name || aggregate.finalFunction == function.name {
      throw .invalid(
        "Function '\(keyspace).\(function.signature)' is still referenced by aggregates \(aggregate.signature)"
      )
    }
    try await keep(UserFunctionOptions.key(function), nil, in: keyspace)
    return .schemaChange(
      SchemaChange(
        change: .dropped, target: .function, keyspace: keyspace, name: function.name,
        arguments: function.parameters.map(\.type)))
  }

  // MARK: Aggregates

  func createAggregate(_ statement: CreateAggregateStatement) async throws(CQLError)
    -> StatementResult
  {
    let keyspace = try keyspace(of: statement.name)
    try checkDefining(keyspace, "CREATE")
    try checkName(statement.name.name, "Aggregate", bytesMax: 1_000)
    let schema = try catalog.schema(keyspace)
    var aggregate = UserAggregate(
      name: statement.name.name, parameters: try typeNames(statement.types, keyspace),
      stateFunction: statement.stateFunction,
      stateType: try typeNames([statement.stateType], keyspace)[0],
      finalFunction: statement.finalFunction,
      initial: statement.initial.map { TermText.text($0) }, returns: "")
    let signature = aggregate.signature
    if UserFunctionOptions.functions(schema).contains(where: { $0.signature == signature }) {
      throw .invalid("Aggregate \(signature) conflicts with a function of the same name")
    }
    let isKnown = UserFunctionOptions.aggregates(schema).contains { $0.signature == signature }
    if isKnown {
      if statement.ifNotExists { return .void }
      guard statement.replaces else {
        throw .invalid("Aggregate '\(keyspace).\(signature)' already exists")
      }
    }
    var types: [CQLType] = []
    for syntax in statement.types { types.append(try catalog.type(syntax, keyspace)) }
    let bound = try arguments([]).bound(aggregate, types, keyspace, LuaRunner.of(shard))
    if !bound.step.function.isCalledOnNull, aggregate.initial == nil {
      throw .invalid(
        "Cannot create aggregate '\(aggregate.name)' without INITCOND because state function \(aggregate.stateFunction) does not accept 'null' arguments"
      )
    }
    aggregate.returns = bound.result.thawed.name
    try await keep(
      UserFunctionOptions.key(aggregate), UserFunctionOptions.text(aggregate), in: keyspace)
    return .schemaChange(
      SchemaChange(
        change: isKnown ? .updated : .created, target: .aggregate, keyspace: keyspace,
        name: aggregate.name, arguments: aggregate.parameters))
  }

  func dropAggregate(_ statement: DropFunctionStatement) async throws(CQLError) -> StatementResult {
    let keyspace = try keyspace(of: statement.name)
    try checkDefining(keyspace, "DROP")
    let types = try statement.types.map { (types) throws(CQLError) in try typeNames(types, keyspace)
    }
    let found = UserFunctionOptions.aggregates(try catalog.schema(keyspace)).filter {
      $0.name == statement.name.name && types.map($0.parameters.elementsEqual) ?? true
    }
    guard let aggregate = found.first else {
      if statement.ifExists { return .void }
      throw .invalid("Aggregate '\(keyspace).\(statement.name.name)' doesn't exist")
    }
    guard found.count == 1 else {
      throw .invalid(
        "'DROP AGGREGATE \(aggregate.name)' matches multiple aggregate definitions; specify the argument types"
      )
    }
    try await keep(UserFunctionOptions.key(aggregate), nil, in: keyspace)
    return .schemaChange(
      SchemaChange(
        change: .dropped, target: .aggregate, keyspace: keyspace, name: aggregate.name,
        arguments: aggregate.parameters))
  }
}
