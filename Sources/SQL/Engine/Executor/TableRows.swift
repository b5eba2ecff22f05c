public import Base
public import Catalog
import Functions
public import Node
public import Types

/// A table's rows for procedures of other front ends: keys, bytes, and writes that keep local indexes
/// and constraints. Rows have a value for each column id, by position. Lives on: any thread.
public struct TableRows: Sendable {
  let layout: StoredTable
  let constraints: RowConstraints
  var environment: EvaluationEnvironment
  /// Why one call on the row's tablet does not do for a write; nil: it does.
  public let refusal: String?
  /// A write of a row is that of its bytes: its cells have times, it has no indexes, and nothing is to be verified but
  /// that its key has values.
  public let isPlain: Bool
  /// `cellPositions` as bits; nil: some are beyond 64.
  public let cellBits: UInt64?

  /// Bytes that a row takes in memory, about.
  public static func size(of row: [Value]) -> Int { Execution.size(of: row) }

  /// Cost: binds the expressions of indexes and checks; keep it for as long as the catalog stays.
  public init(_ table: TableDescriptor, in catalog: CatalogSnapshot) throws(SQLError) {
    let schema = catalog.objects[table.schema]?.name ?? ""
    let context = StatementContext(
      catalog: catalog, searchPath: [schema, "public"],
      role: catalog.role(CatalogSnapshot.bootstrapRole)
        ?? RoleDescriptor(id: CatalogSnapshot.bootstrapRole, name: ""),
      parseExpression: CatalogText.expression, parseQuery: CatalogText.query)
    let target = try Binder(context, parameterTypes: []).writeTarget(
      table, withReferences: true, keepsViews: true)
    layout = target.layout
    constraints = target.constraints
    environment = EvaluationEnvironment(parameters: [])
    refusal =
      if target.layout.isGlobal {
        "it is distributed globally"
      } else if !target.layout.globalIndexes.isEmpty {
        "it has a unique or global index"
      } else if !target.foreignKeys.isEmpty || !target.referencing.isEmpty {
        "it has or is referred to by a foreign key"
      } else if target.layout.redisRows != nil || FixedTables.isFixed(table.id) {
        "its rows belong to another protocol"
      } else {
        nil
      }
    let cells = target.layout.cells?.columns ?? []
    cellBits = cells.allSatisfy { $0 < 64 } ? cells.reduce(0) { $0 | 1 << UInt64($1) } : nil
    let key = Set(target.layout.primaryKey.compactMap(\.column))
    isPlain =
      refusal == nil && target.layout.indexes.isEmpty && target.layout.cells != nil
      && target.constraints.checks.isEmpty && target.constraints.generated.isEmpty
      && table.columns.enumerated().allSatisfy {
        !$0.element.isNotNull || $0.element.isDropped || key.contains($0.offset)
      }
  }

  public var table: TableDescriptor { layout.table }
  public var keyspace: KeyspaceID { layout.keyspace }
  /// Positions of the primary key's columns, in order.
  public var keyPositions: [Int] { layout.primaryKey.compactMap(\.column) }

  /// The bytes of the key, or of its first parts.
  public func key(_ values: [Value]) -> [UInt8] {
    var key: [UInt8] = []
    for (part, value) in zip(layout.primaryKey, values) { part.encode(value, into: &key) }
    return key
  }

  /// The distribution columns' values, in their order.
  public func bucket(_ values: [Value]) -> Bucket {
    layout.bucket(of: values, layout.distribution ?? [])
  }

  public func token(_ values: [Value]) -> Int64 {
    DistributionHash.distributionToken(values, (layout.distribution ?? []).map { layout.types[$0] })
  }

  public func deletionPlace(_ values: [Value]) -> DeletionPlace {
    DeletionPlace(
      relation: keyspace,
      partition: DistributionHash.distributionKey(
        values, (layout.distribution ?? []).map { layout.types[$0] }))
  }

  public func decode(_ bytes: [UInt8]) throws(ProcedureError) -> [Value] {
    try asProcedure { () throws(SQLError) in try layout.decode(bytes) }
  }

  public func decode(_ bytes: UnsafeRawBufferPointer) throws(ProcedureError) -> [Value] {
    try asProcedure { () throws(SQLError) in try layout.decode(bytes) }
  }

  /// The values at these positions, which rise.
  public func decode(_ bytes: UnsafeRawBufferPointer, at positions: [Int]) throws(ProcedureError)
    -> [Value]
  {
    try asProcedure { () throws(SQLError) in try layout.decode(bytes, at: positions) }
  }

  /// The columns at the positions, which rise, as they lie in the row's bytes. XX001 as of `decode`.
  public func fields(
    _ bytes: UnsafeRawBufferPointer, at positions: [Int], into fields: inout [RowField]
  ) throws(SQLError) {
    do throws(DecodingFault) {
      try RowCodec.fields(bytes, at: positions, into: &fields)
    } catch {
      throw layout.unreadable(error)
    }
  }

  /// The field of the column at the position, as a value.
  public func value(_ field: RowField, at position: Int) throws(SQLError) -> Value {
    do throws(DecodingFault) {
      return try field.value(layout.types[position], missing: layout.missing[position])
    } catch {
      throw layout.unreadable(error)
    }
  }

  /// The times of a row's cells; nil where the table's rows have none.
  public func times(of row: [Value]) throws(ProcedureError) -> CellTimes? {
    try asProcedure { () throws(SQLError) in try layout.cells?.times(of: row) }
  }

  /// What they come to, of a stored row, of which nothing else is looked at.
  public func timesSummary(of bytes: UnsafeRawBufferPointer) throws(ProcedureError)
    -> CellTimes.Summary?
  {
    try asProcedure { () throws(SQLError) in try layout.cells?.summary(of: bytes) }
  }

  /// Where the times are in a row.
  public var timesPosition: Int? { layout.cells?.position }
  /// Of the columns that are no part of the key, where cells have times.
  public var cellPositions: [Int] { layout.cells?.columns ?? [] }
  public var graceSeconds: Int64 { layout.cells?.graceSeconds ?? 0 }

  // MARK: Writing, inside a procedure

  /// Puts the row in place of `old`, whose primary key it has; the times of its cells are its own.
  public func put(_ new: [Value], over old: [Value]?, _ transaction: TabletTransaction)
    throws(ProcedureError)
  {
    var environment = environment
    var row = new
    try asProcedure { () throws(SQLError) in try constraints.complete(&row, &environment) }
    var writer = RowWriter(layout: layout, environment: environment, stampsCells: false)
    if let old {
      try writer.update(old: old, new: row, transaction)
    } else {
      try writer.insert(row, layout.key(of: row), transaction)
    }
  }

  /// Puts the row in place of what its key has. `times`: those that the row brings along; nil: it stays. Only where
  /// `isPlain`.
  public func putPlain(
    _ row: [Value], _ key: [UInt8], _ times: CellTimes?, _ transaction: TabletTransaction
  ) throws(ProcedureError) {
    invariant(isPlain, "rows of \(table.name) are more than their bytes")
    let expires = times?.expiry(of: row, columns: cellPositions).map(Timestamp.init(unixSeconds:))
    try transaction.put(layout.keyspace, key, layout.encode(row), expires: expires)
  }

  /// The same of a row's bytes, which have been made elsewhere. `expires`: in seconds since the Unix epoch; nil: it stays.
  public func putPlain(
    bytes: [UInt8], _ key: [UInt8], expires: Int64?, _ transaction: TabletTransaction
  ) throws(ProcedureError) {
    invariant(isPlain, "rows of \(table.name) are more than their bytes")
    try transaction.put(
      layout.keyspace, key, bytes, expires: expires.map(Timestamp.init(unixSeconds:)))
  }

  public func delete(_ row: [Value], _ transaction: TabletTransaction) throws(ProcedureError) {
    var writer = RowWriter(layout: layout, environment: environment, stampsCells: false)
    try writer.delete(row, transaction)
  }

  // MARK: Indexes

  /// A local index that readers may use, whose first part is the column.
  public func index(on position: Int, at snapshot: Timestamp) -> Int? {
    layout.indexes.firstIndex {
      !$0.isGlobal && $0.predicate == nil && $0.parts.first?.column == position
        && $0.descriptor.isReadable(at: snapshot)
    }
  }

  /// The same of the column's elements.
  public func index(ofElements kind: IndexElements, on position: Int, at snapshot: Timestamp)
    -> Int?
  {
    layout.indexes.firstIndex { index in
      index.elements.map { $0 == (kind, position) } ?? false && index.predicate == nil
        && index.descriptor.isReadable(at: snapshot)
    }
  }

  public func indexKeyspace(_ index: Int) -> KeyspaceID {
    layout.indexes[index].descriptor.keyspace
  }

  /// What the entries of the value begin with.
  public func indexPrefix(_ index: Int, _ value: Value) -> [UInt8] {
    var key: [UInt8] = []
    layout.indexes[index].parts[0].encode(value, into: &key)
    return key
  }

  public func primaryKey(
    ofEntry key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer, _ index: Int
  ) throws(ProcedureError) -> [UInt8] {
    try asProcedure { () throws(SQLError) in
      try layout.primaryKey(ofEntry: key, value: value, index)
    }
  }

  public var indexCount: Int { layout.indexes.count }
}

/// They go as their table: what they are made of is in the receiver's catalog, which keeps them for the next call.
extension TableRows: WireCodable {
  public func encode(into out: inout WireEncoder) { table.encode(into: &out) }

  public init(from reader: inout WireDecoder) throws(DecodingFault) {
    let table = try TableDescriptor(from: &reader)
    let catalog = reader.catalog
    self = try reader.kept(table) { () throws(DecodingFault) in
      do throws(SQLError) {
        return try TableRows(table, in: catalog)
      } catch {
        throw .malformed("table \(table.id): \(error.message)")
      }
    }
  }
}
