import Base
import Catalog
import Node
import Types

/// A SELECT of columns of the one row with a given primary key: planned like any other, but run
/// without an executor's machinery, since it is what most statements of most clients are.
/// Lives on: the shard that planned it.
final class PointRead {
  private enum Source {
    case constant(Value)
    case parameter(Int)
  }
  private let layout: StoredTable
  /// A value for each part of the primary key.
  private let sources: [Source]
  /// For each distribution column, its place among the key's parts.
  private let distribution: [Int]
  private let distributionColumns: [Int]
  /// Positions of the row that are given out, and whether they rise.
  private let projection: [Int]
  private let isRising: Bool

  /// Nil where the plan is anything else.
  init?(_ root: PlanNode) {
    var node = root
    var slots: [Int]?
    while let project = node as? ProjectNode {
      guard project.externals.isEmpty else { return nil }
      var inner: [Int] = []
      for expression in project.expressions {
        guard case .slot(let slot, _) = expression else { return nil }
        inner.append(slot)
      }
      slots = slots.map { outer in outer.map { inner[$0] } } ?? inner
      node = project.input
    }
    guard let scan = node as? ScanNode, scan.isPoint, scan.externals.isEmpty, scan.lock == nil,
      scan.limit == nil, scan.aggregation == nil, scan.table.cells == nil,
      let columns = scan.table.distribution
    else { return nil }
    var sources: [Source] = []
    for values in scan.access.equalities {
      switch values[0] {
      case .constant(let value, _): sources.append(.constant(value))
      case .parameter(let index, _): sources.append(.parameter(index))
      default: return nil
      }
    }
    var places: [Int] = []
    for column in columns {
      guard let place = scan.table.primaryKey.firstIndex(where: { $0.column == column }) else {
        return nil
      }
      places.append(place)
    }
    layout = scan.table
    self.sources = sources
    distribution = places
    distributionColumns = columns
    let projection = slots.map { slots in slots.map { scan.projection[$0] } } ?? scan.projection
    self.projection = projection
    isRising = zip(projection, projection.dropFirst()).allSatisfy { $0 < $1 }
  }

  var keyspace: KeyspaceID { layout.keyspace }

  /// The row's key and where it is; nil where a value is null, which no row has.
  func key(_ parameters: [Value]) -> (key: [UInt8], bucket: Bucket)? {
    var values: [Value] = []
    values.reserveCapacity(sources.count)
    var key: [UInt8] = []
    key.reserveCapacity(16 * sources.count)
    for (part, source) in zip(layout.primaryKey, sources) {
      let value: Value
      switch source {
      case .constant(let constant): value = constant
      case .parameter(let index): value = parameters[index]
      }
      if value.isNull { return nil }
      part.encode(value, into: &key)
      values.append(value)
    }
    let bucket =
      distribution.count == 1 && values.count == 1
      ? layout.bucket(of: values, distributionColumns)
      : layout.bucket(of: distribution.map { values[$0] }, distributionColumns)
    return (key, bucket)
  }

  /// The columns that are given out, of a row as it is stored.
  func row(_ bytes: UnsafeRawBufferPointer) throws(SQLError) -> [Value] {
    if isRising { return try layout.decode(bytes, at: projection) }
    let row = try layout.decode(bytes)
    return projection.map { row[$0] }
  }

  func row(_ bytes: [UInt8]) throws(SQLError) -> [Value] {
    try bytes.withUnsafeBytes { buffer in
      Result<[Value], SQLError> { () throws(SQLError) in try row(buffer) }
    }.get()
  }
}

extension ScanNode {
  /// Whether the filter says nothing but that the primary key has given values: then the access path
  /// alone answers it. A conjunct tells of one column at most, so as many conjuncts as the key has
  /// parts, and a value for each part, means that each conjunct is one of those equalities.
  var isPoint: Bool {
    guard access.index == nil, access.bucketValues != nil,
      access.equalities.count == table.primaryKey.count,
      access.equalities.allSatisfy({ $0.count == 1 && !$0[0].type.isArray }),
      let conjuncts = filter?.conjuncts, conjuncts.count == table.primaryKey.count
    else { return false }
    return conjuncts.allSatisfy {
      guard case .call(let call) = $0, call.operatorName == "=" else { return false }
      return call.isStrict
    } && table.primaryKey.allSatisfy { Self.comparesByKey.contains($0.type.oid) }
  }

  /// Types whose `=` is the equality of key bytes, beyond doubt.
  private static let comparesByKey: Set<ObjectID> = [
    SQLType.int2.oid, SQLType.int4.oid, SQLType.int8.oid, SQLType.text.oid, SQLType.varchar.oid,
    SQLType.uuid.oid, SQLType.date.oid, SQLType.timestamp.oid, SQLType.timestamptz.oid,
    SQLType.bytea.oid,
  ]
}
