public import Functions
public import Types

/// All that an expression sees besides its row. A value: fragments take a copy to their tablets.
public struct EvaluationEnvironment: Sendable {
  public var parameters: [Value]
  /// What outer rows give to the inner plans: the left side of a lateral or parameterised join,
  /// the query around a subquery.
  var variables: [VariableID: Value] = [:]
  var externals: [ExternalID: ExternalResult] = [:]
  /// The session's side: time, settings, user.
  public var context: EvaluationContext

  public init(parameters: [Value], context: EvaluationContext = EvaluationContext()) {
    self.parameters = parameters
    self.context = context
  }
}

/// What a subquery or a waiting call gave.
final class ExternalResult: Sendable {
  let value: Value
  /// Of IN, ANY and ALL.
  let rows: [[Value]]
  let firstColumn: Set<Value>

  init(value: Value) {
    self.value = value
    rows = []
    firstColumn = []
  }

  init(rows: [[Value]]) {
    value = .null
    self.rows = rows
    firstColumn = Set(rows.lazy.compactMap(\.first))
  }
}
