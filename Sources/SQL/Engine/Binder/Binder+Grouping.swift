import Base
import Catalog
import Functions
import Syntax
import Types

extension Binder {
  /// GROUP BY's expressions, each once, and the grouping sets over them (nil: a plain one).
  func grouping(_ select: QuerySyntax.Select, _ scope: NameScope) throws(SQLError)
    -> (groups: [TypedExpression], sets: [[Int]]?)
  {
    var groups: [TypedExpression] = []
    func place(_ syntax: QuerySyntax.Expression) throws(SQLError) -> Int {
      let bound = try groupItem(syntax, select, scope)
      if let known = groups.firstIndex(where: { $0.matches(bound) }) { return known }
      groups.append(bound)
      return groups.count - 1
    }
    func places(_ list: [QuerySyntax.Expression]) throws(SQLError) -> [Int] {
      var result: [Int] = []
      for item in list { result.append(try place(item)) }
      return result
    }
    var sets: [[Int]] = [[]]
    var isPlain = true
    for item in select.groups {
      var alternatives: [[Int]] = []
      switch item {
      case .expression(let syntax): alternatives = [[try place(syntax)]]
      case .rollup(let parts):
        isPlain = false
        var bound: [[Int]] = []
        for part in parts { bound.append(try places(part)) }
        for length in stride(from: bound.count, through: 0, by: -1) {
          alternatives.append(bound[..<length].flatMap { $0 })
        }
      case .cube(let parts):
        isPlain = false
        guard parts.count <= 12 else {
          throw SQLError("54011", "CUBE is limited to 12 elements")
        }
        var bound: [[Int]] = []
        for part in parts { bound.append(try places(part)) }
        for mask in stride(from: (1 << bound.count) - 1, through: 0, by: -1) {
          alternatives.append(
            bound.indices.filter { mask >> (bound.count - 1 - $0) & 1 == 1 }.flatMap { bound[$0] })
        }
      case .sets(let parts):
        isPlain = false
        for part in parts { alternatives.append(try places(part)) }
      }
      sets = sets.flatMap { head in alternatives.map { head + $0 } }
      guard sets.count <= 4_096 else {
        throw SQLError(.statementTooComplex, "too many grouping sets present (maximum 4096)")
      }
    }
    return (groups, isPlain ? nil : sets)
  }

  /// A name is a column of FROM first, then an output name; a number is a target.
  private func groupItem(
    _ syntax: QuerySyntax.Expression, _ select: QuerySyntax.Select, _ scope: NameScope
  ) throws(SQLError) -> TypedExpression {
    let clause = ExpressionClause("GROUP BY")
    if case .literal(.integer(let number), let position) = syntax {
      var targets: [TypedExpression] = []
      for target in select.targets {
        targets.append(contentsOf: try expand(target, scope).map(\.expression))
      }
      guard number >= 1 && number <= targets.count else {
        throw SQLError(
          .invalidColumnReference, "GROUP BY position \(number) is not in select list",
          position: position)
      }
      let chosen = targets[Int(number) - 1]
      if chosen.hasAggregate {
        throw SQLError(
          .groupingError, "aggregate functions are not allowed in GROUP BY", position: position)
      }
      return chosen
    }
    if case .column(let names, let position) = syntax, names.count == 1,
      try scope.column(names[0], position: position) == nil,
      let target = select.targets.first(where: {
        ($0.alias ?? $0.expression.columnName) == names[0]
      })
    {
      return try settled(bind(target.expression, scope, clause))
    }
    return try settled(bind(syntax, scope, clause))
  }

  /// The aggregation, and `all` rewritten over its output. 42803 for what is not grouped.
  func aggregate(
    _ input: LogicalPlan, _ given: [TypedExpression], _ sets: [[Int]]?,
    _ all: inout [TypedExpression], _ select: QuerySyntax.Select, _ scope: NameScope
  ) throws(SQLError) -> LogicalPlan {
    var groups = given
    if sets == nil { addDependent(&groups, all) }
    var output: [PlanVariable] = []
    for group in groups {
      // A plain column keeps its name, so that subqueries can refer to it.
      if case .variable(let id, let type) = group {
        output.append(PlanVariable(id: id, name: variableNames[id] ?? "group", type: type))
      } else {
        output.append(variable("group", group.type))
      }
    }
    var aggregates: [BoundAggregate] = []
    var made: [(call: TypedExpression, variable: PlanVariable)] = []
    func rewrite(_ node: TypedExpression) throws(SQLError) -> TypedExpression {
      if let place = groups.firstIndex(where: { $0.matches(node) }) {
        return .variable(output[place].id, output[place].type)
      }
      if case .aggregate(let call) = node {
        if let known = made.first(where: { $0.call.matches(node) && sameModifiers($0.call, node) })
        {
          return .variable(known.variable.id, known.variable.type)
        }
        let result = variable(call.name, call.type)
        aggregates.append(call)
        made.append((node, result))
        return .variable(result.id, result.type)
      }
      if case .variable(let id, _) = node, let name = variableNames[id], isLocal(id, scope) {
        throw SQLError(
          .groupingError,
          "column \"\(name)\" must appear in the GROUP BY clause or be used in an aggregate function",
          position: position(of: name, select))
      }
      return try node.mapChildren(rewrite)
    }
    for index in all.indices { all[index] = try rewrite(all[index]) }
    output += made.map(\.variable)
    if let mask = groupingMask { output.append(mask.variable) }
    return .aggregate(input, groups: groups, aggregates: aggregates, sets: sets, output)
  }

  private func sameModifiers(_ a: TypedExpression, _ b: TypedExpression) -> Bool {
    guard case .aggregate(let x) = a, case .aggregate(let y) = b else { return false }
    return (x.filter == nil) == (y.filter == nil) && x.order.count == y.order.count
      && zip(x.order, y.order).allSatisfy { $0.isDescending == $1.isDescending }
  }

  private func isLocal(_ id: VariableID, _ scope: NameScope) -> Bool {
    scope.entries.contains { entry in entry.columns.contains { $0.variable.id == id } }
      || scope.merged.contains { $0.variable.id == id }
  }

  /// Columns that a grouped primary key determines are grouped too.
  private func addDependent(_ groups: inout [TypedExpression], _ all: [TypedExpression]) {
    var grouped: Set<VariableID> = []
    for case .variable(let id, _) in groups { grouped.insert(id) }
    if grouped.isEmpty { return }
    let used = Set(all.flatMap(\.variables))
    for scan in scans {
      let key = scan.layout.primaryKey.compactMap(\.column)
      guard key.allSatisfy({ grouped.contains(scan.columns[$0].id) }) else { continue }
      for column in scan.columns where used.contains(column.id) && !grouped.contains(column.id) {
        groups.append(.variable(column.id, column.type))
      }
    }
  }

  /// Where the target list has the column; for the error's position.
  private func position(of name: String, _ select: QuerySyntax.Select) -> Int? {
    let parts = name.split(separator: ".").map(String.init)
    for target in select.targets {
      if case .column(let names, let position) = target.expression, names.last == parts.last {
        return position
      }
    }
    return nil
  }

  /// Window calls become columns of a node over the input.
  func window(_ input: LogicalPlan, _ all: inout [TypedExpression]) -> LogicalPlan {
    var calls: [BoundWindowCall] = []
    var made: [PlanVariable] = []
    for index in all.indices where all[index].hasWindow {
      all[index] = all[index].rewritten { node in
        guard case .window(let call) = node else { return node }
        let result = variable(call.name, call.type)
        calls.append(call)
        made.append(result)
        return .variable(result.id, result.type)
      }
    }
    return calls.isEmpty ? input : .window(input, calls, made)
  }

  /// Set-returning calls become columns of a node over the input.
  func setReturning(_ input: LogicalPlan, _ all: inout [TypedExpression]) throws(SQLError)
    -> LogicalPlan
  {
    var calls: [TypedExpression] = []
    var made: [PlanVariable] = []
    for index in all.indices where all[index].hasSetReturning {
      all[index] = all[index].rewritten { node in
        guard case .setReturning(let call) = node else { return node }
        if let known = calls.firstIndex(where: { $0.matches(node) }) {
          return .variable(made[known].id, made[known].type)
        }
        let result = variable(call.name, call.type)
        if !call.columns.isEmpty { recordColumns[result.id] = call.columns }
        calls.append(node)
        made.append(result)
        return .variable(result.id, result.type)
      }
    }
    if calls.isEmpty { return input }
    // Calls inside calls: one node for each level.
    let passed = input.output.map { TypedExpression.variable($0.id, $0.type) }
    return .projectSet(input, passed + calls, input.output + made)
  }
}
