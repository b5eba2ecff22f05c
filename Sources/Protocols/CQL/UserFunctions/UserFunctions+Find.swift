import Catalog
import Node
import SQL
import Types

/// Functions of users with the types of this catalog, ready to be called. Lives on: its shard, for one version
/// of the catalog.
final class UserFunctionTable {
  private unowned let catalog: CQLCatalog
  private var known: [String: [Resolved]] = [:]

  struct Resolved {
    var function: UserFunction
    var keyspace: String
    var parameters: [CQLType]
    var result: CQLType
    /// Of functions in SQL.
    var expression: NamedExpression?
  }

  init(_ catalog: CQLCatalog) { self.catalog = catalog }

  func functions(in keyspace: String) -> [Resolved] {
    if let found = known[keyspace] { return found }
    var found: [Resolved] = []
    if let schema = catalog.snapshot.schema(named: keyspace) {
      for function in UserFunctionOptions.functions(schema) {
        let made = Result<Resolved, CQLError> { () throws(CQLError) in
          try resolve(function, keyspace)
        }
        // One whose types are not there any more cannot be called.
        if case .success(let resolved) = made { found.append(resolved) }
      }
    }
    known[keyspace] = found
    return found
  }

  func resolve(_ function: UserFunction, _ keyspace: String) throws(CQLError) -> Resolved {
    var types: [CQLType] = []
    for parameter in function.parameters {
      types.append(try catalog.type(parameter.type, keyspace))
    }
    var resolved = Resolved(
      function: function, keyspace: keyspace, parameters: types,
      result: try catalog.type(function.returns, keyspace))
    if function.language == .sql {
      do throws(SQLError) {
        resolved.expression = try NamedExpression(
          function.body,
          over: zip(function.parameters, types).map { ($0.name, $1.sqlType) },
          returning: resolved.result.sqlType, in: catalog.snapshot)
      } catch {
        throw .invalid("Function \(function.signature) is no expression of SQL: \(error.message)")
      }
    }
    return resolved
  }
}

extension UserFunctionTable.Resolved {
  func callable(_ lua: LuaRunner) -> CQLFunction {
    CQLFunction(parameters: parameters.map { $0 }, result: result, isUsers: true) {
      (call) throws(CQLError) in
      try self.value(call.arguments, lua)
    }
  }

  func value(_ arguments: [Datum], _ lua: LuaRunner) throws(CQLError) -> Datum {
    if !function.isCalledOnNull, arguments.contains(where: \.isNull) { return .null }
    do throws(CQLError) {
      if let expression { return try self.value(of: expression, arguments) }
      var texts: [String] = []
      for (argument, type) in zip(arguments, parameters) {
        texts.append(try StoredForm.jsonText(argument, type))
      }
      let reply = try lua.call(LuaProgram.text(function), "[" + texts.joined(separator: ",") + "]")
      guard case .array(let items) = try StoredForm.parse(Array(reply.utf8)).kind,
        let item = items.first
      else { throw .invalid("Lua gave no value") }
      return try StoredForm.read(Self.listed(item, result), result)
    } catch {
      throw CQLError(
        .functionFailure,
        "execution of '\(keyspace).\(function.name)[\(function.parameters.map(\.type).joined(separator: ", "))]' failed: \(error.message)",
        .functionFailure(
          keyspace: keyspace, name: function.name, arguments: function.parameters.map(\.type)))
    }
  }

  /// An empty table of Lua is no list by itself.
  private static func listed(_ item: JSONValue, _ type: CQLType) -> JSONValue {
    guard case .object(let members) = item.kind, members.isEmpty else { return item }
    switch type.thawed {
    case .list, .set, .tuple: return .array([])
    default: return item
    }
  }

  private func value(of expression: NamedExpression, _ arguments: [Datum]) throws(CQLError)
    -> Datum
  {
    var values: [Value] = []
    for (argument, type) in zip(arguments, parameters) {
      values.append(try StoredForm.store(argument, type))
    }
    let value: Value
    do throws(SQLError) {
      value = try expression.evaluate(values)
    } catch {
      throw .invalid(error.message)
    }
    return try StoredForm.load(value, result)
  }
}

extension Arguments {
  /// A function of CQL or of a user: `name`, or `keyspace.name`.
  func function(_ name: String, count: Int, types: [CQLType]? = nil, returning wanted: CQLType?)
    throws(CQLError) -> CQLFunction
  {
    let (space, bare) = QualifiedName.parts(name)
    if space == nil || space == "system" {
      let builtIn = Result<CQLFunction, CQLError> { () throws(CQLError) in
        try Functions.find(bare, count: count, returning: wanted)
      }
      switch builtIn {
      case .success(let function): return function
      case .failure(let error):
        guard space == nil, let keyspace, let lua,
          let found = try user(bare, keyspace, count: count, types: types)
        else { throw error }
        return found.callable(lua)
      }
    }
    guard let space, let lua, let found = try user(bare, space, count: count, types: types) else {
      throw .invalid("Unknown function '\(name)'")
    }
    return found.callable(lua)
  }

  private func user(_ name: String, _ keyspace: String, count: Int, types: [CQLType]?)
    throws(CQLError) -> UserFunctionTable.Resolved?
  {
    let named = catalog.userFunctions.functions(in: keyspace).filter { $0.function.name == name }
    if named.isEmpty { return nil }
    var fitting = named.filter { $0.parameters.count == count }
    if fitting.count > 1, let types {
      fitting = fitting.filter { zip($0.parameters, types).allSatisfy { $0.thawed == $1.thawed } }
    }
    guard let first = fitting.first else {
      throw .invalid(
        "Invalid call to function \(name), none of its type signatures match (known type signatures: "
          + named.map { "\(keyspace).\($0.function.signature)" }.joined(separator: ", ") + ")")
    }
    guard fitting.count == 1 else {
      throw .invalid("Ambiguous call to function \(name): use type casts to tell which is meant")
    }
    return first
  }
}

/// Names of functions: `name`, or `keyspace.name`.
enum QualifiedName {
  static func parts(_ name: String) -> (keyspace: String?, name: String) {
    guard let dot = name.firstIndex(of: ".") else { return (nil, name) }
    return (String(name[..<dot]), String(name[name.index(after: dot)...]))
  }
}
