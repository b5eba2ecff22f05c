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
  /// How deep records and arrays of them nest, this one counted.
  public let depth: Int

  /// The text form doubles the quotes within at each level: more levels than this are refused
  /// before a value of a few bytes takes gigabytes as text.
  public static let depthMax = 20

  /// As many types as fields.
  public init(fields: [Value], types: [SQLType]) {
    self.fields = fields
    self.types = types
    depth = 1 + (fields.lazy.map(\.recordDepth).max() ?? 0)
  }

  /// 54001 where it would nest too deep.
  public static func checked(fields: [Value], types: [SQLType]) throws(SQLError) -> RecordValue {
    let made = RecordValue(fields: fields, types: types)
    guard made.depth <= depthMax else {
      throw SQLError(
        .statementTooComplex, "stack depth limit exceeded",
        hint: "A record nests more than \(depthMax) levels deep.")
    }
    return made
  }

  public static func == (a: RecordValue, b: RecordValue) -> Bool {
    a === b || a.fields == b.fields
  }
  public func hash(into hasher: inout Hasher) { hasher.combine(fields) }
}

extension Value {
  /// The levels of records in it; 0 without any.
  fileprivate var recordDepth: Int {
    switch self {
    case .record(let record): return record.depth
    case .array(let array):
      guard case .record? = array.elements.first(where: { !$0.isNull }) else { return 0 }
      return 1 + (array.elements.lazy.map(\.recordDepth).max() ?? 0)
    default: return 0
    }
  }
}
