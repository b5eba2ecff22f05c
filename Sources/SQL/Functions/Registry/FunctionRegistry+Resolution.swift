public import Base
public import Types

extension OperatorSignature {
  var operands: [SQLType] { (left.map { [$0] } ?? []) + [right] }
}

/// Which function or operator a call means, by the rules of PostgreSQL's manual, chapter 10.
extension FunctionRegistry {
  private struct Candidate {
    var signature: FunctionSignature
    /// One type for each argument of the call.
    var types: [SQLType]
    var omitted: Int
    /// Variadic elements spread over the call.
    var spread: Int
  }

  /// Chooses a function. `argumentTypes` has `.unknown` for literals and parameters whose type
  /// nothing else tells. `fieldNames`: the names of row-typed arguments' fields, by argument.
  /// 42883 when no function fits, 42725 when several fit equally well.
  public func resolveFunction(
    _ name: String, _ argumentTypes: [SQLType], isVariadicCall: Bool = false,
    fieldNames: [Int: [String]] = [:]
  ) throws(SQLError) -> ResolvedCall {
    let actual = argumentTypes.map(\.withoutModifier)
    let candidates = candidates(name, actual.count, isVariadicCall: isVariadicCall)
    var chosen = candidates.filter { $0.types == actual }
    if chosen.count > 1 { chosen = preferred(chosen) }
    if chosen.isEmpty {
      if actual.count == 1, let cast = castCall(name, actual[0]) { return cast }
      let fitting = candidates.filter { fits(actual, $0.types) }
      chosen = preferred(fitting)
      if chosen.count > 1 {
        let indices = select(actual, chosen.map(\.types))
        chosen = preferred(indices.map { chosen[$0] })
      }
    }
    if chosen.count > 1 {
      throw SQLError(
        .ambiguousFunction, "function \(shown(name, argumentTypes)) is not unique",
        hint: "Could not choose a best candidate function. You might need to add explicit type "
          + "casts.")
    }
    guard let best = chosen.first else {
      throw SQLError(
        .undefinedFunction, "function \(shown(name, argumentTypes)) does not exist",
        hint: "No function matches the given name and argument types. You might need to add "
          + "explicit type casts.")
    }
    return try finish(best, actual, isVariadicCall: isVariadicCall, fieldNames: fieldNames)
  }

  private func shown(_ name: String, _ types: [SQLType]) -> String {
    "\(name)(\(types.map(\.displayName).joined(separator: ", ")))"
  }

  private func candidates(_ name: String, _ count: Int, isVariadicCall: Bool) -> [Candidate] {
    functions(named: name).compactMap { candidate($0, count, isVariadicCall: isVariadicCall) }
  }

  /// Nil where the signature does not take so many arguments.
  private func candidate(_ signature: FunctionSignature, _ count: Int, isVariadicCall: Bool)
    -> Candidate?
  {
    let declared = signature.argumentTypes
    let required = declared.count - signature.defaultsCount
    if declared.count >= count && count >= required
      && (!signature.isVariadic || isVariadicCall || declared.last == .any)
    {
      return Candidate(
        signature: signature, types: Array(declared.prefix(count)),
        omitted: declared.count - count, spread: 0)
    }
    guard signature.isVariadic, let last = declared.last else { return nil }
    let fixed = declared.count - 1
    guard count > fixed else { return nil }
    if last == .any {
      // VARIADIC "any" takes one or more arguments as they are.
      let types = declared.dropLast() + Array(repeating: SQLType.any, count: count - fixed)
      return Candidate(signature: signature, types: Array(types), omitted: 0, spread: 0)
    }
    guard !isVariadicCall, let element = variadicElement(last) else { return nil }
    let types = declared.dropLast() + Array(repeating: element, count: count - fixed)
    return Candidate(
      signature: signature, types: Array(types), omitted: 0, spread: count - fixed)
  }

  /// A call that has been resolved before, by what it was resolved to. `argumentTypes` nil: as the
  /// signature has them, which tells them unless it `takesManyTypes`. 42883 when it does not fit.
  public func call(
    of oid: ObjectID, count: Int, _ argumentTypes: [SQLType]?, isVariadicCall: Bool,
    fieldNames: [Int: [String]]
  ) throws(SQLError) -> ResolvedCall {
    guard let signature = function(oid),
      let candidate = candidate(signature, count, isVariadicCall: isVariadicCall),
      argumentTypes != nil || !signature.takesManyTypes
    else {
      throw SQLError(.undefinedFunction, "function \(oid) does not take \(count) arguments")
    }
    guard let actual = argumentTypes else {
      return try finish(
        candidate, candidate.types, isVariadicCall: isVariadicCall, fieldNames: fieldNames)
    }
    guard actual.count == count, fits(actual, candidate.types) else {
      throw SQLError(.undefinedFunction, "function \(oid) does not take such arguments")
    }
    return try finish(candidate, actual, isVariadicCall: isVariadicCall, fieldNames: fieldNames)
  }

  /// The same for a call that was written as `typename(x)`.
  public func call(ofType name: String, _ source: SQLType) throws(SQLError) -> ResolvedCall {
    guard let call = castCall(name, source) else {
      throw SQLError(.undefinedFunction, "\(name) does not convert type \(source.displayName)")
    }
    return call
  }

  /// Of the signatures that tell all types. On the path of every call to another node.
  private static let settledOperators: [ObjectID: ResolvedOperator] = {
    var settled: [ObjectID: ResolvedOperator] = [:]
    for signature in builtin.allOperators where !signature.takesManyTypes {
      settled[signature.oid] = try? builtin.finish(signature, signature.operands)
    }
    return settled
  }()

  /// An operator that has been chosen before, by its oid. Operand types nil: as the signature has
  /// them.
  public func operation(_ oid: ObjectID, _ operandTypes: [SQLType]?) throws(SQLError)
    -> ResolvedOperator
  {
    if operandTypes == nil, let known = Self.settledOperators[oid] { return known }
    guard let signature = operation(oid), operandTypes != nil || !signature.takesManyTypes else {
      throw SQLError(.undefinedFunction, "operator \(oid) does not exist")
    }
    let declared = signature.operands
    let actual = operandTypes ?? declared
    guard actual.count == declared.count,
      let resolved = try finish(signature, actual.map(\.withoutModifier))
    else {
      throw SQLError(.undefinedFunction, "operator \(oid) does not take such operands")
    }
    return resolved
  }

  private func variadicElement(_ array: SQLType) -> SQLType? {
    switch array {
    case .anyarray: .anyelement
    case .anycompatiblearray: .anycompatible
    default: array.subscripted
    }
  }

  /// Of candidates with the same types, those without spreading and with fewest defaults.
  private func preferred(_ candidates: [Candidate]) -> [Candidate] {
    var result: [Candidate] = []
    for candidate in candidates {
      if let index = result.firstIndex(where: { $0.types == candidate.types }) {
        let (old, new) = (result[index], candidate)
        if (new.spread, new.omitted) < (old.spread, old.omitted) { result[index] = new }
      } else {
        result.append(candidate)
      }
    }
    return result
  }

  private func fits(_ actual: [SQLType], _ declared: [SQLType]) -> Bool {
    for (source, target) in zip(actual, declared)
    where !canCoerce(from: source, to: target, context: .implicit) {
      return false
    }
    if declared.contains(where: \.isPolymorphic) {
      return bind(declared: declared, actual: actual) != nil
    }
    return true
  }

  /// A call written as `typename(x)`.
  private func castCall(_ name: String, _ source: SQLType) -> ResolvedCall? {
    guard let target = TypeInfo.lookup(name: name).map({ SQLType($0.oid) }), !target.isPseudo
    else { return nil }
    guard let coercion = try? coercion(from: source, to: target, context: .explicit) else {
      return nil
    }
    // As PostgreSQL, only casts that need no function written under the type's name.
    let isString = source == .unknown || source.category == "S" || target.category == "S"
    guard coercion.isIdentity || isString else { return nil }
    let signature = FunctionSignature(
      oid: .init(rawValue: 0), name: name, argumentTypes: [source], isVariadic: false,
      defaults: [], result: target, columns: [], returnsSet: false, isStrict: true,
      volatility: .stable, kind: .function, source: "")
    return ResolvedCall(
      signature: signature, argumentTypes: [source], result: target, defaults: [],
      gatheredCount: 0, gatheredElement: .text,
      types: CallTypes(arguments: [source], result: target),
      body: .unary { (value, context) throws(SQLError) in try coercion.apply(value, &context) })
  }

  private func finish(
    _ candidate: Candidate, _ actual: [SQLType], isVariadicCall: Bool,
    fieldNames: [Int: [String]]
  ) throws(SQLError) -> ResolvedCall {
    let signature = candidate.signature
    guard let binding = bind(declared: candidate.types, actual: actual) else {
      throw SQLError(.datatypeMismatch, "arguments of polymorphic types are not all alike")
    }
    var concrete: [SQLType] = []
    for (declared, type) in zip(candidate.types, actual) {
      if declared == .any {
        concrete.append(type == .unknown ? .text : type)
      } else if let bound = binding.concrete(declared) {
        concrete.append(bound)
      } else {
        throw SQLError(
          .datatypeMismatch,
          "could not determine polymorphic type because input has type unknown")
      }
    }
    guard let result = binding.concrete(signature.result) else {
      throw SQLError(
        .datatypeMismatch,
        "could not determine polymorphic type because input has type unknown")
    }
    var element = SQLType.text
    var bodyTypes = concrete
    if candidate.spread > 0 {
      element = concrete.last ?? .text
      bodyTypes.removeLast(candidate.spread)
      bodyTypes.append(element.arrayType ?? .textArray)
    }
    bodyTypes += signature.argumentTypes.suffix(candidate.omitted)
    let types = CallTypes(
      arguments: bodyTypes, result: result, fieldNames: fieldNames,
      isExplicitlyVariadic: isVariadicCall)
    var resolved = signature
    resolved.columns = signature.columns.map { column in
      FunctionColumn(column.name, binding.concrete(column.type) ?? column.type)
    }
    return ResolvedCall(
      signature: resolved, argumentTypes: concrete, result: result,
      defaults: Array(signature.defaults.suffix(candidate.omitted)),
      gatheredCount: candidate.spread, gatheredElement: element, types: types,
      body: body(of: signature, for: types))
  }

  /// Chooses an operator; `left` is nil for a prefix operator. 42883 when none fits, 42725 when
  /// several fit equally well.
  public func resolveOperator(_ name: String, _ left: SQLType?, _ right: SQLType)
    throws(SQLError) -> ResolvedOperator
  {
    let actual = (left.map { [$0] } ?? []) + [right]
    let types = actual.map(\.withoutModifier)
    let all = operators(named: name).filter { ($0.left == nil) == (left == nil) }
    let declared = all.map(\.operands)
    // A literal beside a known type is taken to have that type, if there is such an operator.
    var assumed = types
    if types.count == 2 {
      if types[0] == .unknown { assumed[0] = types[1] }
      if types[1] == .unknown { assumed[1] = types[0] }
    }
    var chosen = all.indices.filter { declared[$0] == assumed }
    if chosen.isEmpty {
      chosen = all.indices.filter { fits(types, declared[$0]) }
      if chosen.count > 1 {
        chosen = select(types, chosen.map { declared[$0] }).map { [chosen] in chosen[$0] }
      }
    }
    let operands = actual.map(\.displayName)
    let text = left == nil ? "\(name) \(operands[0])" : operands.joined(separator: " \(name) ")
    if chosen.count > 1 {
      throw SQLError(
        .ambiguousFunction, "operator is not unique: \(text)",
        hint: "Could not choose a best candidate operator. You might need to add explicit type "
          + "casts.")
    }
    guard let index = chosen.first, let resolved = try finish(all[index], types) else {
      throw SQLError(
        .undefinedFunction, "operator does not exist: \(text)",
        hint: left == nil
          ? "No operator matches the given name and argument type. You might need to add an "
            + "explicit type cast."
          : "No operator matches the given name and argument types. You might need to add "
            + "explicit type casts.")
    }
    return resolved
  }

  /// Nil where the polymorphic operands contradict each other.
  private func finish(_ signature: OperatorSignature, _ types: [SQLType]) throws(SQLError)
    -> ResolvedOperator?
  {
    let declared = signature.operands
    guard let function = function(signature.function),
      let binding = bind(declared: declared, actual: types)
    else { return nil }
    var concrete: [SQLType] = []
    for type in declared {
      guard let bound = binding.concrete(type) else {
        throw SQLError(
          .indeterminateDatatype,
          "could not determine polymorphic type because input has type unknown")
      }
      concrete.append(bound)
    }
    let result = binding.concrete(signature.result) ?? signature.result
    let call = CallTypes(arguments: concrete, result: result)
    return ResolvedOperator(
      signature: signature, left: signature.left == nil ? nil : concrete[0],
      right: concrete[concrete.count - 1], result: result, body: body(of: function, for: call))
  }

  /// PostgreSQL's func_select_candidate: of several that fit, the indices of the best, more than
  /// one if the choice stays open.
  private func select(_ actual: [SQLType], _ candidates: [[SQLType]]) -> [Int] {
    func best(_ indices: [Int], _ score: (Int) -> Int) -> [Int] {
      let highest = indices.map(score).max() ?? 0
      return indices.filter { score($0) == highest }
    }
    let known = actual.indices.filter { actual[$0] != .unknown }
    let unknown = actual.indices.filter { actual[$0] == .unknown }
    var left = best(Array(candidates.indices)) { index in
      known.count { candidates[index][$0] == actual[$0] }
    }
    if left.count == 1 { return left }
    left = best(left) { index in
      known.count { position in
        let type = candidates[index][position]
        return type == actual[position]
          || (type.isPreferred && type.category == actual[position].category)
      }
    }
    if left.count == 1 || unknown.isEmpty { return left }
    // Literals: strings are preferred, else all candidates must agree on a category.
    var categories: [Int: (category: Character, hasPreferred: Bool)] = [:]
    var isResolved = true
    for position in unknown {
      var slot: (category: Character, hasPreferred: Bool)?
      var conflicts = false
      for index in left {
        let type = candidates[index][position]
        guard let current = slot else {
          slot = (type.category, type.isPreferred)
          continue
        }
        if current.category == type.category {
          slot?.hasPreferred = current.hasPreferred || type.isPreferred
        } else if type.category == "S" {
          slot = ("S", type.isPreferred)
        } else {
          conflicts = true
        }
      }
      guard let slot, !conflicts || slot.category == "S" else {
        isResolved = false
        break
      }
      categories[position] = slot
    }
    if isResolved {
      let stripped = left.filter { index in
        unknown.allSatisfy { position in
          guard let slot = categories[position] else { return true }
          let type = candidates[index][position]
          return type.category == slot.category && (!slot.hasPreferred || type.isPreferred)
        }
      }
      if !stripped.isEmpty { left = stripped }
      if left.count == 1 { return left }
    }
    // All known arguments of one type: literals may have it too.
    if let first = known.first, known.allSatisfy({ actual[$0] == actual[first] }) {
      let assumed = Array(repeating: actual[first], count: actual.count)
      let fitting = left.filter { fits(assumed, candidates[$0]) }
      if fitting.count == 1 { return fitting }
    }
    return left
  }
}
