public import Types

/// Arguments have the types that the resolved call states.
public typealias ScalarBody =
  @Sendable (_ arguments: [Value], _ context: inout EvaluationContext) throws(SQLError) -> Value
public typealias UnaryBody =
  @Sendable (_ argument: Value, _ context: inout EvaluationContext) throws(SQLError) -> Value
public typealias BinaryBody =
  @Sendable (_ left: Value, _ right: Value, _ context: inout EvaluationContext) throws(SQLError)
  -> Value
/// Gives the next row, with as many values as the function has result columns; nil at the end.
public typealias RowStream = (_ context: inout EvaluationContext) throws(SQLError) -> [Value]?
/// Begins a set of rows.
public typealias SetBody =
  @Sendable (_ arguments: [Value], _ context: inout EvaluationContext) throws(SQLError)
  -> RowStream

/// Rows that are there already, as a stream.
public func rowStream(_ rows: [[Value]]) -> RowStream {
  var place = 0
  return { (_) throws(SQLError) in
    guard place < rows.count else { return nil }
    defer { place += 1 }
    return rows[place]
  }
}

/// How a function is computed.
public enum FunctionBody: Sendable {
  case unary(UnaryBody)
  /// Two arguments, without an array around them.
  case binary(BinaryBody)
  case scalar(ScalarBody)
  case set(SetBody)
  case aggregate(AggregateDescriptor)
  case window(WindowFunction)
  /// The engine executes it by this name of pg_proc: it needs the session (sequences, locks, sleep).
  case engine(String)

  /// True of the forms that `evaluate` computes.
  public var isScalar: Bool {
    switch self {
    case .unary, .binary, .scalar: true
    default: false
    }
  }

  /// Computes a scalar form; nulls are the caller's business when the function is strict.
  public func evaluate(_ arguments: [Value], _ context: inout EvaluationContext)
    throws(SQLError) -> Value
  {
    switch self {
    case .unary(let body): return try body(arguments[0], &context)
    case .binary(let body): return try body(arguments[0], arguments[1], &context)
    case .scalar(let body): return try body(arguments, &context)
    case .engine(let name):
      throw SQLError(
        .featureNotSupported, "function \(name) cannot be used in this place")
    case .set:
      throw SQLError(
        .featureNotSupported, "set-valued function called in context that cannot accept a set")
    case .aggregate:
      throw SQLError(.groupingError, "aggregate functions are not allowed here")
    case .window:
      throw SQLError("42P20", "window function call requires an OVER clause")
    }
  }
}

/// Functions that need a window frame; the engine computes them.
public enum WindowFunction: String, Sendable {
  case rowNumber = "row_number"
  case rank
  case denseRank = "dense_rank"
  case percentRank = "percent_rank"
  case cumeDist = "cume_dist"
  case ntile
  case lag
  case lead
  case firstValue = "first_value"
  case lastValue = "last_value"
  case nthValue = "nth_value"
}

/// An aggregate, specialised for its argument types.
public struct AggregateDescriptor: Sendable {
  /// A state that has seen no row.
  public var makeState: @Sendable () -> any AggregateState
  /// The types of what `AggregateState.partial` gives, to send it between tablets.
  public var partialTypes: [SQLType]
  /// True when the result depends on the order of rows (array_agg, string_agg, json_agg): partial
  /// states may then be combined only where the statement asks for no order.
  public var isOrderSensitive: Bool

  public init(
    partialTypes: [SQLType], isOrderSensitive: Bool = false,
    makeState: @escaping @Sendable () -> any AggregateState
  ) {
    self.makeState = makeState
    self.partialTypes = partialTypes
    self.isOrderSensitive = isOrderSensitive
  }
}

/// What an aggregate knows of the rows of one group. It sees every row, nulls included, and skips
/// what its function skips.
public protocol AggregateState: Sendable {
  mutating func accumulate(_ arguments: [Value], _ context: inout EvaluationContext)
    throws(SQLError)
  /// Everything it knows, in the descriptor's partial types.
  func partial() throws(SQLError) -> [Value]
  /// Takes in what another state of the same aggregate knew.
  mutating func combine(_ partial: [Value], _ context: inout EvaluationContext) throws(SQLError)
  func finish(_ context: inout EvaluationContext) throws(SQLError) -> Value
}
