public import Base
public import Types

/// A row of pg_proc.
public struct FunctionSignature: Sendable {
  public enum Kind: Character, Sendable {
    case function = "f"
    case aggregate = "a"
    case window = "w"
  }
  public enum Volatility: Character, Sendable {
    case immutable = "i"
    case stable = "s"
    case volatile = "v"
  }
  public var oid: ObjectID
  public var name: String
  /// May hold any, anyelement, anyarray and the like. Of a variadic function the last one is the
  /// array, or "any" for VARIADIC "any".
  public var argumentTypes: [SQLType]
  public var isVariadic: Bool
  /// Empty where the function's arguments have no names.
  public var argumentNames: [String] = []
  /// Values of the last arguments when a call leaves them out.
  public var defaults: [Value]
  public var result: SQLType
  /// Names and types of the columns of a set or record result; empty for a single column.
  public var columns: [FunctionColumn]
  public var returnsSet: Bool
  /// Null as soon as one argument is null; of sets: no row.
  public var isStrict: Bool
  public var volatility: Volatility
  public var kind: Kind
  /// pg_proc.prosrc: the name of PostgreSQL's C function.
  public var source: String
  /// Whether the types of a call's arguments are not told by the signature alone.
  public var takesManyTypes = false
  /// What its body may ask of the context.
  public var asks: ContextNeeds = .everything

  public var defaultsCount: Int { defaults.count }
}

/// One result column of a function.
public struct FunctionColumn: Sendable, Hashable {
  public var name: String
  public var type: SQLType
  public init(_ name: String, _ type: SQLType) {
    self.name = name
    self.type = type
  }
}

/// A row of pg_operator.
public struct OperatorSignature: Sendable {
  public var oid: ObjectID
  public var name: String
  /// Nil for a prefix operator.
  public var left: SQLType?
  public var right: SQLType
  public var result: SQLType
  /// The function that computes it.
  public var function: ObjectID
  /// pg_operator's oids; nil when there is none.
  public var commutator: ObjectID?
  public var negator: ObjectID?
  public var isStrict: Bool
  /// Whether the operands' types are not told by the signature alone.
  public var takesManyTypes = false
  /// What its body may ask of the context.
  public var asks: ContextNeeds = .everything
}

/// In which places a cast applies by itself.
public enum CastContext: Character, Sendable, Comparable {
  /// In expressions.
  case implicit = "i"
  /// In INSERT and UPDATE as well.
  case assignment = "a"
  /// Only where CAST or :: asks.
  case explicit = "e"

  private var rank: Int {
    switch self {
    case .implicit: 0
    case .assignment: 1
    case .explicit: 2
    }
  }
  public static func < (a: CastContext, b: CastContext) -> Bool { a.rank < b.rank }
}

/// A row of pg_cast.
public struct CastSignature: Sendable {
  public enum Method: Sendable {
    /// By this function of pg_proc.
    case function(ObjectID)
    /// The value stays as it is.
    case binaryCoercible
    /// By the text form.
    case inputOutput
  }
  public var oid: ObjectID
  public var source: SQLType
  public var target: SQLType
  public var context: CastContext
  public var method: Method
}

/// The types of one call, known when it is bound: what polymorphic and "any" functions need.
public struct CallTypes: Sendable {
  /// Concrete types, one per argument of the call as it is evaluated.
  public var arguments: [SQLType]
  public var result: SQLType
  /// Field names of arguments that are rows, by argument; missing for others. Without names the
  /// fields are f1, f2, …
  public var fieldNames: [Int: [String]]
  /// True when the call was written with VARIADIC: the last argument is an array of arguments.
  public var isExplicitlyVariadic: Bool

  public init(
    arguments: [SQLType], result: SQLType, fieldNames: [Int: [String]] = [:],
    isExplicitlyVariadic: Bool = false
  ) {
    self.arguments = arguments
    self.result = result
    self.fieldNames = fieldNames
    self.isExplicitlyVariadic = isExplicitlyVariadic
  }
}

/// A function chosen for a call.
public struct ResolvedCall: Sendable {
  public var signature: FunctionSignature
  /// What each argument must be coerced to, in the order of the call. Of a call that spreads its
  /// variadic arguments over the call, one type per argument written.
  public var argumentTypes: [SQLType]
  public var result: SQLType
  /// Appended to the call's arguments, already of the right types.
  public var defaults: [Value]
  /// Above 0: so many of the last arguments are to be gathered into one array of this type before
  /// `body` sees them; `evaluate` does it.
  public var gatheredCount: Int
  public var gatheredElement: SQLType
  /// What `body` was made for.
  public var types: CallTypes
  public var body: FunctionBody

  /// The call's value from arguments of `argumentTypes`: appends defaults, gathers variadic ones,
  /// gives null for a strict function with a null.
  public func evaluate(_ arguments: [Value], _ context: inout EvaluationContext)
    throws(SQLError) -> Value
  {
    if defaults.isEmpty && gatheredCount == 0 {
      if signature.isStrict {
        for argument in arguments where argument.isNull { return .null }
      }
      return try body.evaluate(arguments, &context)
    }
    let prepared = prepare(arguments)
    if signature.isStrict {
      for argument in prepared where argument.isNull { return .null }
    }
    return try body.evaluate(prepared, &context)
  }

  /// The rows of a set-returning call; of a scalar one its single value as a row.
  public func rows(_ arguments: [Value], _ context: inout EvaluationContext)
    throws(SQLError) -> RowStream
  {
    guard case .set(let body) = body else {
      return rowStream([[try evaluate(arguments, &context)]])
    }
    let prepared = prepare(arguments)
    if signature.isStrict {
      for argument in prepared where argument.isNull { return rowStream([]) }
    }
    return try body(prepared, &context)
  }

  /// The arguments as `body` takes them.
  public func prepare(_ arguments: [Value]) -> [Value] {
    var prepared = arguments + defaults
    if gatheredCount > 0 {
      let tail = Array(prepared.suffix(gatheredCount))
      prepared.removeLast(gatheredCount)
      prepared.append(.array(ArrayValue(elementType: gatheredElement, elements: tail)))
    }
    return prepared
  }
}

/// An operator chosen for its operands.
public struct ResolvedOperator: Sendable {
  public var signature: OperatorSignature
  /// What the operands must be coerced to; `left` is nil for a prefix operator.
  public var left: SQLType?
  public var right: SQLType
  public var result: SQLType
  public var body: FunctionBody

  /// Null when the operator is strict and an operand is null.
  public func evaluate(_ left: Value, _ right: Value, _ context: inout EvaluationContext)
    throws(SQLError) -> Value
  {
    if signature.isStrict && (left.isNull || right.isNull) { return .null }
    if case .binary(let body) = body { return try body(left, right, &context) }
    return try body.evaluate([left, right], &context)
  }

  /// A prefix operator's value.
  public func evaluate(_ operand: Value, _ context: inout EvaluationContext)
    throws(SQLError) -> Value
  {
    if signature.isStrict && operand.isNull { return .null }
    return try body.evaluate([operand], &context)
  }
}
