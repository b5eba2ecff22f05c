import Base
import Catalog
import Functions
import Node
public import SQL
import Types

/// pg_catalog and information_schema as virtual tables: every relation of PostgreSQL 15 is there
/// with its columns; those that describe what we do not have are empty. One for each session.
/// Lives on: the session's shard.
public final class SystemTables: VirtualTableProvider {
  private unowned let session: SQLSession

  public init(session: SQLSession) { self.session = session }

  public func table(schema: String, name: String) -> VirtualTable? {
    if let found = sequence(schema, name) { return found }
    if schema == "quatrain" { return ClusterViews.table(name, session) }
    guard schema == "pg_catalog" || schema == "information_schema",
      let relation = SystemRelation.byName["\(schema).\(name)"]
    else { return nil }
    var table = VirtualTable(id: relation.id, columns: relation.columns) {
      [unowned session] (context) throws(SQLError) in
      let source = SystemSource(context, relation, session: session)
      return (Self.generators["\(schema).\(name)"]?(source) ?? []).map {
        relation.kind == "r" ? $0 + [.oid(relation.id)] : $0
      }
    }
    if relation.kind == "r" { table.hiddenColumns = [("tableoid", .oid)] }
    return table
  }

  /// A sequence read like a table: one row.
  private func sequence(_ schema: String, _ name: String) -> VirtualTable? {
    let catalog = session.currentCatalog
    guard let id = catalog.schema(named: schema)?.id,
      case .sequence(let sequence) = catalog.relation(schema: id, name: name)
    else { return nil }
    let columns: [(name: String, type: SQLType)] = [
      ("last_value", .int8), ("log_cnt", .int8), ("is_called", .bool),
    ]
    return VirtualTable(id: sequence.id, columns: columns) {
      [unowned session] (_) throws(SQLError) in
      do throws(KernelError) {
        let state = try await session.shard.state(of: sequence)
        return [[.int(state.value), .int(0), .bool(state.isCalled)]]
      } catch {
        throw sqlError(from: error)
      }
    }
  }

  typealias Generator = @Sendable (SystemSource) -> [[Value]]

  /// What makes the rows; a relation without one is empty.
  static let generators: [String: Generator] = {
    var all: [String: Generator] = [:]
    addRelations(&all)
    addTypes(&all)
    addFunctions(&all)
    addRoles(&all)
    addSession(&all)
    addViews(&all)
    addInformationSchema(&all)
    return all
  }()
}

/// What the rows are made from.
struct SystemSource {
  let catalog: CatalogSnapshot
  let role: RoleDescriptor
  let relation: SystemRelation
  let session: SQLSession

  init(_ context: VirtualTableContext, _ relation: SystemRelation, session: SQLSession) {
    catalog = context.catalog
    role = context.role
    self.relation = relation
    self.session = session
  }

  func row(_ values: KeyValuePairs<String, Value>) -> [Value] { relation.row(values) }

  var tables: [TableDescriptor] {
    catalog.sortedObjects.compactMap { if case .table(let table) = $0 { table } else { nil } }
  }
  var views: [ViewDescriptor] {
    catalog.sortedObjects.compactMap { if case .view(let view) = $0 { view } else { nil } }
  }
  var sequences: [SequenceDescriptor] {
    catalog.sortedObjects.compactMap { if case .sequence(let item) = $0 { item } else { nil } }
  }
  var schemas: [SchemaDescriptor] {
    catalog.sortedObjects.compactMap { if case .schema(let item) = $0 { item } else { nil } }
  }
  var types: [TypeDescriptor] {
    catalog.sortedObjects.compactMap { if case .type(let item) = $0 { item } else { nil } }
  }
  var roles: [RoleDescriptor] {
    catalog.sortedObjects.compactMap { if case .role(let item) = $0 { item } else { nil } }
  }

  func schemaName(_ id: ObjectID) -> String { catalog.objects[id]?.name ?? "" }
  func isTemporary(_ schema: ObjectID) -> Bool { schemaName(schema).hasPrefix("pg_temp_") }
  /// Not a temporary schema of another session.
  func isReachable(_ schema: ObjectID) -> Bool {
    !isTemporary(schema) || schema == session.ownTemporarySchema
  }
  func roleName(_ id: ObjectID) -> String { catalog.role(id)?.name ?? "unknown (OID=\(id))" }
  func schemaID(_ name: String) -> ObjectID {
    name == "pg_catalog" ? CatalogSnapshot.pgCatalogSchema : CatalogSnapshot.informationSchema
  }

  /// The indexes that users see: not the one behind the hidden row id.
  func indexes(of table: TableDescriptor) -> [IndexDescriptor] {
    table.indexes.filter { index in
      !index.columns.contains { $0.column.map { table.column($0).isHidden } ?? false }
    }
  }

  /// Columns, dropped ones too, without the hidden row id.
  func columns(of table: TableDescriptor) -> [ColumnDescriptor] {
    table.columns.filter { !$0.isHidden }
  }
}

/// Object ids of what the catalog keeps inside of others.
enum DerivedID {
  /// The type that `compositeRelation` was made from.
  static func compositeType(_ relation: ObjectID) -> ObjectID? {
    relation.rawValue >> 28 == 2 ? ObjectID(rawValue: relation.rawValue & 0xFFF_FFFF) : nil
  }
  /// pg_class.oid of a composite type.
  static func compositeRelation(_ type: ObjectID) -> ObjectID {
    ObjectID(rawValue: 0x2000_0000 | type.rawValue)
  }
  /// pg_attrdef.oid: above all others, unique by table and column within reach.
  static func attributeDefault(_ table: ObjectID, _ column: ColumnID) -> ObjectID {
    ObjectID(
      rawValue: 0x8000_0000 | (table.rawValue & 0xF_FFFF) << 11 | UInt32(column.rawValue) & 0x7FF)
  }
  static func enumLabel(_ type: ObjectID, _ place: Int) -> ObjectID {
    ObjectID(rawValue: 0x4000_0000 | (type.rawValue & 0xF_FFFF) << 10 | UInt32(place) & 0x3FF)
  }
}
