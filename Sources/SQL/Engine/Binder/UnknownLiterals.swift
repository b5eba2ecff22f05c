import Syntax
import Types

extension QuerySyntax.Query {
  /// Where the targets of a plain SELECT stand; empty where `*` makes their number unknown.
  var targetPositions: [Int?] {
    guard case .select(let select) = body else { return [] }
    for target in select.targets {
      switch target.expression {
      case .column(let names, _) where names.last == "*": return []
      case .field(_, "*", _): return []
      default: break
      }
    }
    return select.targets.map(\.expression.position)
  }
}

/// Literals and parameters in a target list whose type depends on what the query is for: a branch of
/// UNION, the source of INSERT.
extension TypedExpression {
  /// Of no type yet.
  var isLiteral: Bool {
    switch self {
    case .constant(_, .unknown), .parameter(_, .unknown): true
    default: false
    }
  }
}

extension LogicalPlan {
  /// The variable, or the literal that it stands for while that has no type.
  func expression(of variable: PlanVariable) -> TypedExpression {
    if variable.type == .unknown {
      switch self {
      case .limit(let input, _, _, _): return input.expression(of: variable)
      case .project(_, let expressions, let output):
        if let place = output.firstIndex(where: { $0.id == variable.id }),
          expressions[place].isLiteral
        {
          return expressions[place]
        }
      default: break
      }
    }
    return .variable(variable.id, variable.type)
  }

  /// The plan with another expression in a literal's place.
  fileprivate func giving(_ expression: TypedExpression, to id: VariableID) -> LogicalPlan {
    switch self {
    case .limit(let input, let limit, let offset, let ties):
      return .limit(input.giving(expression, to: id), limit: limit, offset: offset, ties: ties)
    case .project(let input, var expressions, var output):
      if let place = output.firstIndex(where: { $0.id == id }) {
        expressions[place] = expression
        output[place].type = expression.type
      }
      return .project(input, expressions, output)
    default: return self
    }
  }
}

extension BoundQuery {
  /// The typed form of what `expression(of:)` gave for the column; gives what stands for it.
  mutating func give(_ expression: TypedExpression, to place: Int) -> TypedExpression {
    let column = columns[place].variable
    guard column.type == .unknown else { return expression }
    plan = plan.giving(expression, to: column.id)
    columns[place].variable.type = expression.type
    return .variable(column.id, expression.type)
  }
}
