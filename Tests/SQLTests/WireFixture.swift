import Base
import Catalog
import Functions
import Node
import Syntax
import Types

@testable import SQL

/// `PlanFixture` with user types and a table `things` that has every kind of column, of index and
/// of constraint.
enum WireFixture {
  static let catalog: CatalogSnapshot = {
    var catalog = PlanFixture.catalog
    func type(_ id: UInt32, _ name: String, _ kind: TypeDescriptor.Kind) {
      catalog.put(
        .type(
          TypeDescriptor(
            id: ObjectID(rawValue: id), arrayID: ObjectID(rawValue: id + 1),
            schema: CatalogSnapshot.publicSchema, name: name,
            owner: CatalogSnapshot.bootstrapRole, kind: kind)))
    }
    type(24_000, "mood", .enumeration(labels: ["sad", "ok", "happy"]))
    type(
      24_010, "positive",
      .domain(
        base: .int4, isNotNull: false, defaultExpression: nil,
        checks: [
          CheckConstraint(
            id: ObjectID(rawValue: 24_015), name: "positive_check", expression: "value > 0")
        ]))
    type(
      24_020, "point2",
      .composite(fields: [
        ColumnDescriptor(id: ColumnID(rawValue: 1), name: "x", type: .int4),
        ColumnDescriptor(id: ColumnID(rawValue: 2), name: "y", type: .text),
      ]))
    catalog.put(.table(things))
    return catalog
  }()

  static let things: TableDescriptor = {
    let types: [(String, SQLType)] = [
      ("id", .int4), ("label", .text), ("amount", .numeric), ("at", .timestamptz),
      ("tags", .textArray), ("data", .jsonb), ("feeling", SQLType(ObjectID(rawValue: 24_000))),
      ("size", SQLType(ObjectID(rawValue: 24_010))),
      ("code", SQLType(SQLType.varchar.oid, modifier: 12)),
      ("twice", .int4), ("flag", .bool), ("rate", .float8), ("doc", .json),
    ]
    var columns = types.enumerated().map { place, column in
      ColumnDescriptor(id: ColumnID(rawValue: Int16(place + 1)), name: column.0, type: column.1)
    }
    columns[0].isNotNull = true
    columns[1].isNotNull = true
    columns[2].missingValue = "1.50"
    columns[9].generatedExpression = "id * 2"
    func index(_ id: UInt32, _ name: String, _ columns: [IndexColumn]) -> IndexDescriptor {
      IndexDescriptor(
        id: ObjectID(rawValue: id), name: name, keyspace: KeyspaceID(rawValue: id),
        columns: columns)
    }
    var primary = index(25_001, "things_pkey", [IndexColumn(column: ColumnID(rawValue: 1))])
    primary.isPrimary = true
    primary.isUnique = true
    var lower = index(
      25_002, "things_lower", [IndexColumn(column: nil, expression: "lower(label)")])
    lower.predicate = "amount > 0"
    let label = index(25_003, "things_label", [IndexColumn(column: ColumnID(rawValue: 2))])
    var table = TableDescriptor(
      id: ObjectID(rawValue: 25_000), schema: CatalogSnapshot.publicSchema, name: "things",
      owner: CatalogSnapshot.bootstrapRole, rowType: ObjectID(rawValue: 25_009), columns: columns,
      indexes: [primary, lower, label], distribution: .murmur3([ColumnID(rawValue: 1)]))
    table.checks = [
      CheckConstraint(
        id: ObjectID(rawValue: 25_005), name: "things_check", expression: "amount < 1000000")
    ]
    return table
  }()

  static var evaluation: EvaluationContext {
    var context = EvaluationContext(
      transactionTimestamp: 800_000_000_000_000, statementTimestamp: 800_000_000_123_456,
      random: Xoshiro256(seed: 7))
    context.currentUser = "quatrain"
    context.sessionUser = "somebody"
    context.currentDatabase = "quatrain"
    context.settings.timeZone = SessionSettings.timeZone("Europe/Berlin") ?? .utc
    context.setting = { $0 == "a.b" ? "c" : nil }
    context.allSettings = { [("a.b", "c")] }
    FragmentCatalog.use { ObjectNames(catalog: $0) }
    context.catalog = ObjectNames(catalog: catalog)
    return context
  }

  static var context: StatementContext {
    StatementContext(
      catalog: catalog, searchPath: ["public"],
      role: RoleDescriptor(id: CatalogSnapshot.bootstrapRole, name: "quatrain"),
      evaluation: evaluation, parseExpression: CatalogText.expression,
      parseQuery: CatalogText.query)
  }

  static func plan(_ sql: String) throws -> PlannedStatement {
    guard case .query(let statement) = try Parser.parse(Array(sql.utf8))[0].body else {
      throw SQLError(.internalError, "no query")
    }
    return try SQL.plan(statement, context: context, parameterTypes: [])
  }

  static let parameters: [Value] = [.int(3), .string("happy"), .int(1)]

  static var environment: EvaluationEnvironment {
    var environment = EvaluationEnvironment(parameters: parameters, context: evaluation)
    for id in 1...60 { environment.variables[id] = .int(Int64(id)) }
    for id in 1...8 {
      environment.externals[id] =
        id % 2 == 0
        ? ExternalResult(value: .int(1))
        : ExternalResult(rows: [[.int(1), .null], [.null, .int(2)], [.int(3), .int(4)]])
    }
    return environment
  }

  /// A row of `things`.
  static let row: [Value] = [
    .int(3), .string("Sun"), .numeric(Numeric(5)), .int(800_000_000_000_000),
    .array(ArrayValue(elementType: .text, elements: [.string("a"), .null])),
    .jsonb(.object([.init(key: Array("x".utf8), value: .number(Numeric(1)))])),
    .string("ok"), .int(4), .string("c0de"), .int(6), .bool(true), .float(0.5),
    .string("{\"x\": 1, \"y\": \"z\"}"),
  ]

  /// Tells objects' names, as SystemViews does.
  private struct ObjectNames: CatalogFunctions {
    let catalog: CatalogSnapshot
    func call(_ name: String, _ arguments: [Value], _ context: inout EvaluationContext)
      throws(SQLError) -> Value
    {
      guard case .int(let oid) = arguments.first else { return .null }
      return .string(catalog.objects[ObjectID(rawValue: UInt32(oid))]?.name ?? "\(oid)")
    }
    func rows(_ name: String, _ arguments: [Value], _ context: inout EvaluationContext)
      throws(SQLError) -> [[Value]]
    { [] }
  }

  /// Every fragment that the statement's plan would send.
  static func fragments(_ sql: String) throws -> [any Procedure] {
    var found: [any Procedure] = []
    collect(try plan(sql).root, &found)
    return found
  }

  private static func collect(_ node: PlanNode, _ found: inout [any Procedure]) {
    let range = KeyRange(lower: [1, 2], upper: [1, 2, 0], isPoint: true)
    let resume = ScanResume(range: 1, key: [7, 7])
    switch node {
    case let scan as ScanNode:
      let access = ScanAccess(
        index: scan.access.index, ranges: [range, .all], isReverse: scan.access.isReverse)
      found.append(
        ScanFragment(
          layout: scan.table, access: access, filter: scan.filter, projection: scan.projection,
          environment: environment, lock: scan.lock, limit: 1_024, resume: resume,
          aggregation: scan.aggregation))
    case let change as MutateNode:
      found.append(change.fragment(change.access, [range], environment, resume))
    case let insert as InsertNode:
      let layout = insert.target.layout
      let row = layout.table.name == "things" ? row : layout.types.map { _ in Value.int(1) }
      let operations: [RowOperation] = [
        .insert(row), .update(old: row, new: row), .delete(row),
        .resolveConflict(key: [1], proposed: row),
      ]
      found.append(
        WriteFragment(
          layout: layout, constraints: insert.target.constraints, operations: operations,
          conflict: insert.conflict, environment: environment))
      found.append(ParentLockFragment(layout: layout, index: nil, keys: [[1], [2, 3]]))
      for place in layout.indexes.indices {
        found.append(
          BackfillFragment(layout: layout, index: place, only: [4], environment: environment))
        found.append(
          IndexLookupFragment(index: layout.indexes[place].descriptor, keys: [[1], []]))
      }
    default: break
    }
    for external in node.externals {
      if let plan = external.plan { collect(plan, &found) }
    }
    for child in node.children { collect(child, &found) }
  }
}

/// The bytes that go to a node with the same catalog.
func wireBytes(_ value: some WireCodable, _ catalog: CatalogSnapshot = WireFixture.catalog)
  -> [UInt8]
{
  var out = WireEncoder(catalog: catalog)
  value.encode(into: &out)
  return out.bytes.bytes
}

func fromWire<T>(
  _ bytes: [UInt8], _ catalog: CatalogSnapshot = WireFixture.catalog,
  _ read: (inout WireDecoder) throws(DecodingFault) -> T
) throws -> T {
  let result: Result<T, DecodingFault> = bytes.withUnsafeBytes { buffer in
    do throws(DecodingFault) {
      var reader = WireDecoder(ByteReader(buffer), catalog: catalog)
      let value = try read(&reader)
      guard reader.bytes.isAtEnd else { throw .malformed("\(reader.bytes.remaining) bytes more") }
      return .success(value)
    } catch {
      return .failure(error)
    }
  }
  return try result.get()
}
