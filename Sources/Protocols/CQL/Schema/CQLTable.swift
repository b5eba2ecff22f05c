import Base
import Catalog
import SQL
import Types

/// A column as CQL sees it.
struct CQLColumn: Sendable {
  enum Kind: String, Sendable {
    case partitionKey = "partition_key"
    case clustering, `static`, regular
  }
  var name: String
  var type: CQLType
  var kind: Kind
  /// Among those of its kind in the key; −1 for others.
  var component: Int
  /// Position in the row that it is stored in: the table's, or that of its static columns.
  var slot: Int
  var isDescending = false

  /// The stored value of a datum: in keys times come first in a timeuuid.
  func store(_ datum: Datum) throws(CQLError) -> Value {
    let value = try StoredForm.store(datum, type)
    if kind == .clustering, type.native == .timeuuid, case .uuid(let uuid) = value {
      return .uuid(TimeUUID.version6(uuid))
    }
    return value
  }
}

/// A table of the catalog as CQL sees it. Immutable; made again when the catalog changes.
final class CQLTable: Sendable {
  let keyspace: String
  let name: String
  let id: ObjectID
  /// In Cassandra's order: partition key, clustering columns, then the others by their names.
  let columns: [CQLColumn]
  /// Rows of catalogs and the like, which are no table; nil: a stored one.
  let virtual: (@Sendable (SystemContext) async -> [[Datum]])?
  let stored: Stored?

  struct Stored: Sendable {
    var descriptor: TableDescriptor
    var rows: TableRows
    /// Of the table that has the static columns; its key is the partition's.
    var statics: TableRows?
    /// Why CQL does not write it; nil: it does.
    var refusal: String?
    /// Of a materialized view: its table.
    var viewOf: ObjectID? {
      descriptor.options[TableDescriptor.viewOfOption].flatMap { UInt32($0) }
        .map { ObjectID(rawValue: $0) }
    }
    /// Views follow its rows.
    var hasViews = false
  }

  let partitionCount: Int
  let clusteringCount: Int
  let isCounter: Bool

  init(
    keyspace: String, name: String, id: ObjectID, columns: [CQLColumn], stored: Stored?,
    virtual: (@Sendable (SystemContext) async -> [[Datum]])?
  ) {
    self.keyspace = keyspace
    self.name = name
    self.id = id
    self.columns = columns
    self.stored = stored
    self.virtual = virtual
    partitionCount = columns.count { $0.kind == .partitionKey }
    clusteringCount = columns.count { $0.kind == .clustering }
    isCounter = columns.contains { $0.type.isCounter }
  }

  var partitionColumns: ArraySlice<CQLColumn> { columns[..<partitionCount] }
  var clusteringColumns: ArraySlice<CQLColumn> {
    columns[partitionCount..<partitionCount + clusteringCount]
  }
  var hasStatics: Bool { stored?.statics != nil }
  /// Whether its cells have times.
  var hasTimes: Bool { stored?.rows.timesPosition != nil }

  func index(of name: String) -> Int? { columns.firstIndex { $0.name == name } }

  /// The column's place among `columns`.
  func column(_ name: String) throws(CQLError) -> Int {
    guard let found = index(of: name) else {
      throw .invalid(
        "Undefined column name \(CQLName.quoted(name)) in table \(keyspace).\(self.name)")
    }
    return found
  }

  /// Options of the table's descriptor that are CQL's.
  static let optionPrefix = "cql_"
  /// The id of the table that has the static columns.
  static let staticsOption = TableDescriptor.staticColumnsOption
  /// The other way round.
  static let staticsOfOption = "cql_static_of"
}

/// How the catalog's tables and types are CQL's. Made for one version of the catalog; tables are made
/// when they are first asked for. Lives on: its shard.
final class CQLCatalog {
  let snapshot: CatalogSnapshot
  private var tables: [ObjectID: Result<CQLTable, CQLError>] = [:]
  /// All of the snapshot's, in order.
  private lazy var objects = snapshot.sortedObjects
  /// What `system_schema` shows, once it has been asked for.
  var knownFacts: [KeyspaceFacts]?
  /// Of tables whose views have been asked for.
  var boundViews: [ObjectID: [BoundView]] = [:]
  private(set) lazy var userFunctions = UserFunctionTable(self)

  init(_ snapshot: CatalogSnapshot) { self.snapshot = snapshot }

  /// Schemas that are no keyspaces: what other front ends have of their own.
  private static let hidden: Set<String> = [
    "pg_catalog", "information_schema", "cql", "redis", TraceTables.keyspace,
  ]

  static func isKeyspace(_ schema: String) -> Bool {
    !hidden.contains(schema) && !schema.hasPrefix("pg_temp") && !schema.hasPrefix("pg_toast")
  }

  /// In order of their names, without the virtual ones.
  var keyspaces: [SchemaDescriptor] {
    objects.compactMap { object in
      if case .schema(let schema) = object, Self.isKeyspace(schema.name) { schema } else { nil }
    }.sorted { $0.name < $1.name }
  }

  func schema(_ keyspace: String) throws(CQLError) -> SchemaDescriptor {
    guard let schema = snapshot.schema(named: keyspace), Self.isKeyspace(keyspace) else {
      throw .invalid("Keyspace \(CQLName.quoted(keyspace)) does not exist")
    }
    return schema
  }

  func hasKeyspace(_ name: String) -> Bool {
    SystemTables.keyspaces.contains(name)
      || snapshot.schema(named: name) != nil && Self.isKeyspace(name)
  }

  /// Tables of the keyspace that CQL can show, by name.
  func tables(in keyspace: String, areViews: Bool = false) -> [CQLTable] {
    guard let schema = snapshot.schema(named: keyspace) else { return [] }
    var found: [CQLTable] = []
    for case .table(let table) in objects
    where table.schema == schema.id && table.options[CQLTable.staticsOfOption] == nil
      && (table.options[TableDescriptor.viewOfOption] != nil) == areViews
    {
      if case .success(let made) = make(table, keyspace) { found.append(made) }
    }
    return found.sorted { $0.name < $1.name }
  }

  func table(_ keyspace: String, _ name: String) throws(CQLError) -> CQLTable {
    if SystemTables.keyspaces.contains(keyspace) {
      if keyspace == TraceTables.keyspace, let kept = TraceTables.descriptor(name, snapshot) {
        return try make(kept, keyspace).get()
      }
      guard let table = SystemTables.table(keyspace, name) else {
        throw .invalid("unconfigured table \(name)")
      }
      return table
    }
    let schema = try schema(keyspace)
    guard case .table(let table)? = snapshot.relation(schema: schema.id, name: name),
      table.options[CQLTable.staticsOfOption] == nil
    else { throw .invalid("unconfigured table \(name)") }
    return try make(table, keyspace).get()
  }

  /// Which CQL table a table of the catalog belongs to.
  private func make(_ table: TableDescriptor, _ keyspace: String) -> Result<CQLTable, CQLError> {
    if let known = tables[table.id] { return known }
    let made = Result<CQLTable, CQLError> { () throws(CQLError) in try view(table, keyspace) }
    tables[table.id] = made
    return made
  }

  private func view(_ table: TableDescriptor, _ keyspace: String) throws(CQLError) -> CQLTable {
    func noCounterpart(_ why: String) -> CQLError {
      .invalid("Table \(keyspace).\(table.name) has no counterpart in CQL: \(why)")
    }
    guard case .murmur3(let distribution) = table.distribution else {
      throw noCounterpart("it is not distributed by Murmur3")
    }
    let key = table.primaryKey.columns.compactMap(\.column)
    guard !key.contains(where: { table.column($0).isHidden }) else {
      throw noCounterpart("it has no primary key")
    }
    guard Array(key.prefix(distribution.count)) == distribution else {
      throw noCounterpart("its distribution is not the beginning of its primary key")
    }
    var columns: [CQLColumn] = []
    for (place, id) in key.enumerated() {
      let isPartition = place < distribution.count
      var column = try self.column(
        table.column(id), isPartition ? .partitionKey : .clustering, keyspace, table.name)
      column.component = isPartition ? place : place - distribution.count
      column.isDescending = table.primaryKey.columns[place].isDescending
      columns.append(column)
    }
    var others: [CQLColumn] = []
    for column in table.visibleColumns where !key.contains(column.id) {
      others.append(try self.column(column, .regular, keyspace, table.name))
    }
    let statics = staticTable(of: table)
    if let statics {
      let staticKey = statics.primaryKey.columns.compactMap(\.column)
      for column in statics.visibleColumns where !staticKey.contains(column.id) {
        others.append(try self.column(column, .static, keyspace, table.name))
      }
    }
    columns += others.sorted {
      ($0.kind == .static ? 0 : 1, $0.name) < ($1.kind == .static ? 0 : 1, $1.name)
    }
    let stored = try self.stored(table, statics)
    return CQLTable(
      keyspace: keyspace, name: table.name, id: table.id, columns: columns, stored: stored,
      virtual: nil)
  }

  private func stored(_ table: TableDescriptor, _ statics: TableDescriptor?) throws(CQLError)
    -> CQLTable.Stored
  {
    do throws(SQLError) {
      let rows = try TableRows(table, in: snapshot)
      var staticRows: TableRows?
      if let statics { staticRows = try TableRows(statics, in: snapshot) }
      let isGenerated = table.visibleColumns.contains {
        $0.generatedExpression != nil || $0.identity == .always
      }
      return CQLTable.Stored(
        descriptor: table, rows: rows, statics: staticRows,
        refusal: rows.refusal ?? staticRows?.refusal
          ?? (isGenerated ? "it has generated columns" : nil),
        hasViews: table.options[TableDescriptor.hasViewsOption] != nil)
    } catch {
      throw .invalid("Table \(table.name) cannot be used: \(error.message)")
    }
  }

  func staticTable(of table: TableDescriptor) -> TableDescriptor? {
    guard let text = table.options[CQLTable.staticsOption], let id = UInt32(text) else {
      return nil
    }
    return snapshot.table(ObjectID(rawValue: id))
  }

  private func column(
    _ column: ColumnDescriptor, _ kind: CQLColumn.Kind, _ keyspace: String, _ table: String
  ) throws(CQLError) -> CQLColumn {
    var type: CQLType?
    if let text = column.cqlType {
      type = try self.type(text, keyspace)
    } else {
      type = CQLType(column.type)
    }
    guard let type else {
      throw .invalid(
        "Table \(keyspace).\(table) has no counterpart in CQL: the type of its column "
          + "\(column.name) has none")
    }
    return CQLColumn(
      name: column.name, type: type, kind: kind, component: -1,
      slot: Int(column.id.rawValue) - 1)
  }

  // MARK: Types

  /// A type as the catalog keeps it.
  func type(_ text: String, _ keyspace: String) throws(CQLError) -> CQLType {
    var parser = try Parser(text)
    return try type(try parser.type(), keyspace)
  }

  func type(_ syntax: TypeSyntax, _ keyspace: String?) throws(CQLError) -> CQLType {
    switch syntax {
    case .list(let element): return .list(try type(element, keyspace)).frozenInside
    case .set(let element): return .set(try type(element, keyspace)).frozenInside
    case .map(let key, let value):
      return .map(try type(key, keyspace), try type(value, keyspace)).frozenInside
    case .tuple(let parts):
      var types: [CQLType] = []
      for part in parts {
        let type = try type(part, keyspace)
        types.append(type.isMultiCell ? .frozen(type) : type)
      }
      return .frozen(.tuple(types))
    case .frozen(let inner):
      let type = try type(inner, keyspace)
      if case .frozen = type { return type }
      guard type.native == nil else {
        throw .invalid(
          "frozen<> is only allowed on collections, tuples, and user-defined types (got "
            + "\(type.name))")
      }
      return .frozen(type)
    case .named(let given, let name):
      if given == nil {
        if name == "varchar" { return .text }
        if let native = CQLType.Native(rawValue: name) { return .native(native) }
      }
      if let given, let keyspace, given != keyspace {
        throw .invalid(
          "Statement on keyspace \(keyspace) cannot refer to a user type in keyspace \(given); user types can only be used in the keyspace they are defined in"
        )
      }
      guard let keyspace = given ?? keyspace else { throw .invalid("Unknown type \(name)") }
      return try userType(keyspace, name)
    }
  }

  func userType(_ keyspace: String, _ name: String) throws(CQLError) -> CQLType {
    guard let schema = snapshot.schema(named: keyspace),
      let type = snapshot.type(schema: schema.id, name: name),
      case .composite(let fields) = type.kind
    else { throw .invalid("Unknown type \(keyspace).\(name)") }
    var made: [CQLType.Field] = []
    for field in fields where !field.isDropped {
      let inner: CQLType?
      if let text = field.cqlType {
        inner = try self.type(text, keyspace)
      } else {
        inner = CQLType(field.type)
      }
      guard let inner else {
        throw .invalid("The type of field \(field.name) of \(name) has no counterpart in CQL")
      }
      made.append(
        CQLType.Field(name: field.name, type: inner.isMultiCell ? .frozen(inner) : inner))
    }
    return .user(keyspace: keyspace, name: name, fields: made)
  }

  /// User types of the keyspace, those first that others are made of.
  func userTypes(in keyspace: String) -> [(name: String, fields: [CQLType.Field])] {
    guard let schema = snapshot.schema(named: keyspace) else { return [] }
    var found: [(name: String, fields: [CQLType.Field])] = []
    for case .type(let type) in objects
    where type.schema == schema.id {
      guard case .composite = type.kind else { continue }
      let made = Result<CQLType, CQLError> { () throws(CQLError) in
        try userType(keyspace, type.name)
      }
      if case .success(.user(_, let name, let fields)) = made { found.append((name, fields)) }
    }
    return found
  }
}
