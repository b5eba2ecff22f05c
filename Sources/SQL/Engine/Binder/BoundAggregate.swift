public import Functions
public import Types

public struct BoundSortKey: Sendable {
  public var expression: TypedExpression
  public var isDescending = false
  public var nullsFirst = false
  func with(_ other: TypedExpression) -> BoundSortKey {
    var copy = self
    copy.expression = other
    return copy
  }
}

/// One aggregate call of a query block.
public struct BoundAggregate: Sendable {
  public var name: String
  public var arguments: [TypedExpression]
  public var type: SQLType
  public var isStar = false
  public var isDistinct = false
  public var filter: TypedExpression?
  public var order: [BoundSortKey] = []
  public var descriptor: AggregateDescriptor
}

/// One window function call.
public struct BoundWindowCall: Sendable {
  public var name: String
  public var arguments: [TypedExpression]
  public var type: SQLType
  public var partition: [TypedExpression] = []
  public var order: [BoundSortKey] = []
  public var filter: TypedExpression?
  public var frame = WindowFrame()
  public var function: WindowFunction?
  /// Nil for the proper window functions.
  public var aggregate: AggregateDescriptor?
}

/// A frame of rows; the default is RANGE UNBOUNDED PRECEDING to CURRENT ROW.
public struct WindowFrame: Sendable, Hashable {
  public enum Unit: Sendable { case rows, range, groups }
  public enum Bound: Sendable, Hashable {
    case unboundedPreceding
    case preceding(Int)
    case currentRow
    case following(Int)
    case unboundedFollowing
  }
  public var unit = Unit.range
  public var start = Bound.unboundedPreceding
  public var end = Bound.currentRow
}
