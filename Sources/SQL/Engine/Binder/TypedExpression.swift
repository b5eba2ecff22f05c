public import Functions
public import Types

/// A value that a plan node makes, named once for the whole statement: a column of a range table
/// entry, or a computed expression.
public typealias VariableID = Int

/// What runs when a function or operator is evaluated: all arguments, strictness handled before.
public typealias CallBody =
  @Sendable (_ arguments: [Value], _ context: inout EvaluationContext) throws(SQLError) -> Value

/// The rows of a set-returning function.
public typealias SetCallBody =
  @Sendable (_ arguments: [Value], _ context: inout EvaluationContext) throws(SQLError)
  -> RowStream

/// One resolved call of a function, operator or cast.
public final class BoundCall: Sendable {
  let origin: CallOrigin
  public let arguments: [TypedExpression]
  public let type: SQLType
  /// A null argument gives null without a call.
  public let isStrict: Bool
  public let body: CallBody
  /// Of set-returning functions, which handle nulls themselves.
  public let setBody: SetCallBody?
  /// Of a set whose rows are records of several columns.
  let columns: [RecordColumn]

  init(
    _ origin: CallOrigin, _ arguments: [TypedExpression], type: SQLType,
    columns: [RecordColumn] = []
  ) {
    self.origin = origin
    self.columns = columns
    self.arguments = arguments
    self.type = type
    isStrict = origin.isStrict
    setBody = origin.setBody
    body = origin.body(type)
  }

  private init(_ other: BoundCall, _ arguments: [TypedExpression]) {
    self.arguments = arguments
    origin = other.origin
    columns = other.columns
    type = other.type
    isStrict = other.isStrict
    setBody = other.setBody
    body = other.body
  }

  public var name: String { origin.name(type) }
  /// Neither folded nor moved.
  public var isVolatile: Bool { origin.isVolatile }
  /// How EXPLAIN and errors show it: `=`, `+`; nil for functions.
  public var operatorName: String? { origin.operatorName }

  func with(arguments: [TypedExpression]) -> BoundCall { BoundCall(self, arguments) }
}

/// A field of the records that a function gives.
public struct RecordColumn: Sendable {
  public var name: String
  public var type: SQLType
}

/// A comparison of two values, resolved: what ANY, IN, CASE and row comparisons carry. Both sides
/// have been converted to what the operator takes.
public final class BoundComparison: Sendable {
  let operation: ResolvedOperator
  public let body: CallBody
  public let isStrict: Bool
  /// Equality and order by `Value.compare` give the operator's answer.
  public let isPlain: Bool

  init(_ operation: ResolvedOperator, isPlain: Bool) {
    self.operation = operation
    self.isPlain = isPlain
    isStrict = operation.signature.isStrict
    body = operation.body.asCallBody
  }

  public var operatorName: String { operation.signature.name }
}

/// A typed expression. Sendable, so that it travels to the tablets; evaluation is in
/// `TypedExpression+Evaluate`.
public indirect enum TypedExpression: Sendable {
  case constant(Value, SQLType)
  /// From 0.
  case parameter(Int, SQLType)
  /// Before planning; after it, what an outer row gives (correlation).
  case variable(VariableID, SQLType)
  /// A position in the row that the plan node evaluates on.
  case slot(Int, SQLType)
  case call(BoundCall)
  case and([TypedExpression])
  case or([TypedExpression])
  case not(TypedExpression)
  case isNull(TypedExpression, negated: Bool)
  /// IS [NOT] TRUE, FALSE; nil: UNKNOWN.
  case booleanTest(TypedExpression, Bool?, negated: Bool)
  /// IS [NOT] DISTINCT FROM over one common type.
  case distinct(TypedExpression, TypedExpression, BoundComparison, negated: Bool)
  case conditional([BoundCase], otherwise: TypedExpression, SQLType)
  case coalesce([TypedExpression], SQLType)
  case nullIf(TypedExpression, TypedExpression, BoundComparison)
  case extremum([TypedExpression], SQLType, isGreatest: Bool)
  case row([TypedExpression], SQLType)
  case field(TypedExpression, Int, SQLType)
  /// ARRAY[…]; the elements are arrays themselves where `isNested`.
  case array([TypedExpression], element: SQLType, SQLType, isNested: Bool)
  case element(TypedExpression, [BoundSubscript], SQLType)
  /// scalar op ANY/ALL (array).
  case anyArray(TypedExpression, TypedExpression, BoundComparison, isAll: Bool)
  /// IN of constants and expressions of one type; nulls as SQL says.
  case inList(TypedExpression, [TypedExpression], BoundComparison)
  /// (a, b) op (c, d), op by `Value.compare` of columns.
  case rowCompare([TypedExpression], [TypedExpression], [BoundComparison], String)
  /// A value that the coordinator computes before the row is evaluated: subqueries and calls that
  /// wait (nextval).
  case external(ExternalID, SQLType)
  /// left op ANY/ALL (subquery); the rows come from the external.
  case anySubquery([TypedExpression], ExternalID, [BoundComparison], String, isAll: Bool)
  /// Before planning.
  case aggregate(BoundAggregate)
  case window(BoundWindowCall)
  /// A set-returning call in the target list, before planning.
  case setReturning(BoundCall)
}

public typealias ExternalID = Int

public struct BoundCase: Sendable {
  public var condition: TypedExpression
  public var result: TypedExpression
}

public struct BoundSubscript: Sendable {
  public var lower: TypedExpression?
  public var upper: TypedExpression?
  public var isSlice: Bool
}

extension TypedExpression {
  public var type: SQLType {
    switch self {
    case .constant(_, let type), .parameter(_, let type), .variable(_, let type),
      .slot(_, let type), .conditional(_, _, let type), .coalesce(_, let type),
      .extremum(_, let type, _), .row(_, let type), .field(_, _, let type),
      .array(_, _, let type, _), .element(_, _, let type), .external(_, let type):
      type
    case .call(let call), .setReturning(let call): call.type
    case .nullIf(let left, _, _): left.type
    case .aggregate(let call): call.type
    case .window(let call): call.type
    case .and, .or, .not, .isNull, .booleanTest, .distinct, .anyArray, .inList, .rowCompare,
      .anySubquery:
      .bool
    }
  }
  static let null = TypedExpression.constant(.null, .unknown)
  static let `true` = TypedExpression.constant(.bool(true), .bool)

  var isConstant: Bool { if case .constant = self { true } else { false } }
}
