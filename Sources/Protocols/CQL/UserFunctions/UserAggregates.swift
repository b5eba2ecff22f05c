import Catalog
import Types

/// A user's aggregate, ready to be run over a group.
struct BoundAggregate {
  var initial: Datum
  var step: UserFunctionTable.Resolved
  var final: UserFunctionTable.Resolved?
  var result: CQLType
  var lua: LuaRunner

  /// `rows`: the arguments of each row.
  func value(_ rows: [[Datum]]) throws(CQLError) -> Datum {
    var state = initial
    for row in rows {
      // A step that is not called with nulls leaves the state as it is.
      if !step.function.isCalledOnNull, state.isNull || row.contains(where: \.isNull) { continue }
      state = try step.value([state] + row, lua)
    }
    return try final.map { (final) throws(CQLError) in try final.value([state], lua) } ?? state
  }
}

extension Arguments {
  /// Nil: no aggregate of a user has the name.
  func aggregate(_ name: String, _ types: [CQLType]) throws(CQLError) -> BoundAggregate? {
    let (space, bare) = QualifiedName.parts(name)
    guard let keyspace = space ?? keyspace, let lua,
      let schema = catalog.snapshot.schema(named: keyspace)
    else { return nil }
    for aggregate in UserFunctionOptions.aggregates(schema) where aggregate.name == bare {
      var own: [CQLType] = []
      for text in aggregate.parameters { own.append(try catalog.type(text, keyspace)) }
      guard own.count == types.count, zip(own, types).allSatisfy({ $0.thawed == $1.thawed }) else {
        continue
      }
      return try bound(aggregate, own, keyspace, lua)
    }
    return nil
  }

  func bound(
    _ aggregate: UserAggregate, _ types: [CQLType], _ keyspace: String, _ lua: LuaRunner
  ) throws(CQLError) -> BoundAggregate {
    let state = try catalog.type(aggregate.stateType, keyspace)
    let step = try part(aggregate.stateFunction, [state] + types, keyspace)
    guard step.result.thawed == state.thawed else {
      throw .invalid("State function \(aggregate.stateFunction) does not return \(state.name)")
    }
    var final: UserFunctionTable.Resolved?
    if let name = aggregate.finalFunction { final = try part(name, [state], keyspace) }
    var initial = Datum.null
    if let text = aggregate.initial {
      var parser = try Parser(text)
      let term = try parser.term()
      initial = try set(term, Receiver("initcond", state, keyspace: keyspace))
    }
    return BoundAggregate(
      initial: initial, step: step, final: final, result: final?.result ?? state, lua: lua)
  }

  private func part(_ name: String, _ types: [CQLType], _ keyspace: String) throws(CQLError)
    -> UserFunctionTable.Resolved
  {
    let found = catalog.userFunctions.functions(in: keyspace).first {
      $0.function.name == name && $0.parameters.map(\.thawed) == types.map(\.thawed)
    }
    guard let found else {
      throw .invalid(
        "Function \(keyspace).\(UserFunction.signature(name, types.map(\.name))) doesn't exist")
    }
    return found
  }
}
