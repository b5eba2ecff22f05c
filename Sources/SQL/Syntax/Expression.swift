/// An expression as written; names and types are resolved by the binder. `location` is a byte
/// offset into the text, -1 for none.
public indirect enum Expression: Sendable, Equatable {
  public enum Constant: Sendable, Equatable {
    case null
    case bool(Bool)
    case integer(Int)
    /// A number that is no int4, as text.
    case number(String)
    case string(String)
  }
  public enum Connective: Sendable, Equatable { case and, or, not }
  public enum Match: Sendable, Equatable { case like, ilike }

  case constant(Constant, location: Int)
  case parameter(Int, location: Int)
  /// One to three names: column, table.column, schema.table.column.
  case column([String], location: Int)
  /// `*` or `table.*`.
  case star(qualifier: [String], location: Int)
  /// Prefix where `left` is nil.
  case operation(String, left: Expression?, right: Expression, location: Int)
  case logic(Connective, [Expression], location: Int)
  case isNull(Expression, isNegated: Bool, location: Int)
  case isTrue(Expression, value: Bool?, isNegated: Bool, location: Int)
  case isDistinct(Expression, Expression, isNegated: Bool, location: Int)
  case isIn(Expression, [Expression], isNegated: Bool, location: Int)
  case between(Expression, Expression, Expression, isNegated: Bool, location: Int)
  case like(Expression, pattern: Expression, Match, isNegated: Bool, location: Int)
  case call(FunctionCall)
  case cast(Expression, TypeName, location: Int)
  case caseWhen(
    operand: Expression?, branches: [CaseBranch], otherwise: Expression?, location: Int)
  case coalesce([Expression], location: Int)
  case nullIf(Expression, Expression, location: Int)
  case defaultValue(location: Int)

  public var location: Int {
    switch self {
    case .constant(_, let x), .parameter(_, let x), .column(_, let x), .star(_, let x),
      .operation(_, _, _, let x), .logic(_, _, let x), .isNull(_, _, let x),
      .isTrue(_, _, _, let x), .isDistinct(_, _, _, let x), .isIn(_, _, _, let x),
      .between(_, _, _, _, let x), .like(_, _, _, _, let x), .cast(_, _, let x),
      .caseWhen(_, _, _, let x), .coalesce(_, let x), .nullIf(_, _, let x), .defaultValue(let x):
      x
    case .call(let call): call.location
    }
  }
}

public struct CaseBranch: Sendable, Equatable {
  public var condition: Expression
  public var result: Expression
}

public struct FunctionCall: Sendable, Equatable {
  /// Schema and name, or the name alone.
  public var name: [String]
  public var arguments: [Expression]
  public var isStar: Bool
  public var isDistinct: Bool
  public var location: Int
}

public struct TypeName: Sendable, Equatable {
  public var names: [String]
  public var modifiers: [Expression]
  public var isArray: Bool
  public var location: Int
}
