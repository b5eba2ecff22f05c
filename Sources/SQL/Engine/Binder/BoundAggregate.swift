public import Functions
public import Syntax
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
  /// What `descriptor` is of.
  public var resolved: ResolvedCall
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
