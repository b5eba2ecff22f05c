/// PostgreSQL's array: elements in row-major order, nulls among them, under 0 to 6 dimensions.
/// The empty array has no dimension.
public final class ArrayValue: Sendable, Hashable {
  public struct Dimension: Sendable, Hashable {
    public var count: Int
    public var lowerBound: Int
    public init(count: Int, lowerBound: Int = 1) {
      self.count = count
      self.lowerBound = lowerBound
    }
  }

  public static let dimensionsMax = 6
  /// PostgreSQL's MaxArraySize: 1 GiB of datums.
  public static let elementsMax = 134_217_727

  public let elementType: SQLType
  public let dimensions: [Dimension]
  public let elements: [Value]

  /// The product of the dimensions' counts must be the number of elements.
  public init(elementType: SQLType, dimensions: [Dimension], elements: [Value]) {
    self.elementType = elementType
    self.dimensions = dimensions
    self.elements = elements
  }

  /// One dimension from 1 on; empty without elements.
  public convenience init(elementType: SQLType, elements: [Value]) {
    self.init(
      elementType: elementType,
      dimensions: elements.isEmpty ? [] : [Dimension(count: elements.count)], elements: elements)
  }

  public static func == (a: ArrayValue, b: ArrayValue) -> Bool {
    a === b
      || (a.elementType.oid == b.elementType.oid && a.dimensions == b.dimensions
        && a.elements == b.elements)
  }
  public func hash(into hasher: inout Hasher) {
    hasher.combine(dimensions)
    hasher.combine(elements)
  }
}

/// A composite value: a row of fields, each with its type.
public final class RecordValue: Sendable, Hashable {
  public let fields: [Value]
  public let types: [SQLType]

  /// As many types as fields.
  public init(fields: [Value], types: [SQLType]) {
    self.fields = fields
    self.types = types
  }

  public static func == (a: RecordValue, b: RecordValue) -> Bool {
    a === b || a.fields == b.fields
  }
  public func hash(into hasher: inout Hasher) { hasher.combine(fields) }
}
