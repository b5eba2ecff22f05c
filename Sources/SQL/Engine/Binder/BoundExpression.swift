import Functions
import Types

enum Arithmetic: String, Sendable {
  case add = "+"
  case subtract = "-"
  case multiply = "*"
  case divide = "/"
  case modulo = "%"
}

enum Comparison: String, Sendable {
  case equal = "="
  case notEqual = "<>"
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="

  func holds(_ order: Int) -> Bool {
    switch self {
    case .equal: order == 0
    case .notEqual: order != 0
    case .less: order < 0
    case .lessOrEqual: order <= 0
    case .greater: order > 0
    case .greaterOrEqual: order >= 0
    }
  }
}

/// An expression with names and types resolved. Sendable: filters and assignments run on the
/// tablets' shards. Columns are positions in the row that it is evaluated on.
indirect enum BoundExpression: Sendable {
  case constant(Value)
  case column(Int)
  case parameter(Int)
  /// Both sides have the result's type.
  case arithmetic(Arithmetic, BoundExpression, BoundExpression, SQLType)
  case negate(BoundExpression, SQLType)
  case compare(Comparison, BoundExpression, BoundExpression, SQLType)
  case isDistinct(BoundExpression, BoundExpression, isNegated: Bool, SQLType)
  case and([BoundExpression])
  case or([BoundExpression])
  case not(BoundExpression)
  case isNull(BoundExpression, isNegated: Bool)
  case isTrue(BoundExpression, value: Bool?, isNegated: Bool)
  case isIn(BoundExpression, [BoundExpression], isNegated: Bool, SQLType)
  case like(BoundExpression, BoundExpression, ignoresCase: Bool, isNegated: Bool)
  case concatenate(BoundExpression, BoundExpression)
  case cast(BoundExpression, from: SQLType, to: SQLType)
  case branch([(condition: BoundExpression, result: BoundExpression)], otherwise: BoundExpression)
  case coalesce([BoundExpression])
  case call(ResolvedCall, [BoundExpression])
  /// An operator that has no case of its own; `left` is nil for a prefix one.
  case apply(ResolvedOperator, left: BoundExpression?, right: BoundExpression)
}

/// An expression and its static type; `unknown` for literals and parameters not yet given one.
struct Typed {
  var expression: BoundExpression
  var type: SQLType
}
