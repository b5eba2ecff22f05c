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
  public init() {}
}
