import Base
import Catalog
import Node
public import Types

/// A table whose rows are hashes to Redis' clients: a field is a column, its value the column's text, and
/// a NULL no field.
struct RedisView: Sendable {
  let pattern: RedisKeyPattern
  /// As error messages show it.
  let name: String
  /// Quoted, with its schema.
  let table: String
  let columns: [String]
  /// Where its rows are.
  let keyspace: KeyspaceID
  /// The columns of the primary key as they follow each other in a row's key, and their places in the pattern.
  private let key: [(type: SQLType, isDescending: Bool, place: Int)]

  init?(_ table: TableDescriptor, schema: String) {
    guard let text = table.options[RedisKeyPattern.option] else { return nil }
    do throws(SQLError) {
      try RedisKeyPattern.check(text, table)
      pattern = try RedisKeyPattern(text)
    } catch {
      // The primary key has changed since: no key is meant any more.
      return nil
    }
    name = table.name
    self.table = Self.quoted(schema) + "." + Self.quoted(table.name)
    columns = table.columns.filter { !$0.isDropped && !$0.isHidden }.map(\.name)
    keyspace = table.keyspace
    let names = pattern.columns
    key = table.primaryKey.columns.compactMap { part in
      guard let column = table.columns.first(where: { $0.id == part.column }),
        let place = names.firstIndex(of: column.name)
      else { return nil }
      return (column.type, part.isDescending, place)
    }
  }

  /// What Redis' clients call the row with this key.
  func name(ofRow row: UnsafeRawBufferPointer) throws(DecodingFault) -> [UInt8] {
    var reader = ByteReader(row)
    var values = [[UInt8]](repeating: [], count: key.count)
    for part in key {
      let value = try KeyCodec.decode(&reader, type: part.type, descending: part.isDescending)
      TypeIO.formatText(value, as: part.type, into: &values[part.place])
    }
    return pattern.key(values)
  }

  /// Differs where other keys are meant, or other fields.
  var identity: [String] { [table, "\(pattern)"] + columns }

  static func quoted(_ name: String) -> String {
    "\"" + name.replacing("\"", with: "\"\"") + "\""
  }

  func column(_ field: some Collection<UInt8>) -> String? {
    columns.first { $0.utf8.elementsEqual(field) }
  }

  /// "a" = $1 AND "b" = $2, in the order of the pattern.
  var condition: String {
    pattern.columns.enumerated().map { "\(Self.quoted($1)) = $\($0 + 1)" }
      .joined(separator: " AND ")
  }

  var columnList: String { columns.map(Self.quoted).joined(separator: ", ") }
}

/// The views of the catalog that a shard knows. Lives on: its shard.
struct RedisViews {
  private var version: UInt64?
  private(set) var all: [RedisView] = []

  /// Costs nothing while the catalog is the same. False: nothing has changed.
  @discardableResult
  mutating func follow(_ shard: NodeShard) -> Bool {
    if version == shard.catalogVersion { return false }
    let before = all.map(\.identity)
    version = shard.catalogVersion
    var schemas: [ObjectID: String] = [:]
    let objects = shard.catalog.sortedObjects
    for case .schema(let schema) in objects { schemas[schema.id] = schema.name }
    all = objects.compactMap { object in
      guard case .table(let table) = object, !table.options.isEmpty,
        let schema = schemas[table.schema]
      else { return nil }
      return RedisView(table, schema: schema)
    }
    return before != all.map(\.identity)
  }

  /// The view whose rows are there.
  func find(_ keyspace: KeyspaceID) -> RedisView? { all.first { $0.keyspace == keyspace } }

  /// The view that has the key, and the values of its primary key.
  func find(_ key: some Collection<UInt8>) -> (view: RedisView, values: [[UInt8]])? {
    for view in all {
      if let values = view.pattern.match(key) { return (view, values) }
    }
    return nil
  }
}

/// A session of SQL, for what Redis' clients do with rows of tables. Lives on: the shard of its session.
public protocol RowStatements: AnyObject {
  /// One statement with its parameters as text; its rows as text.
  func run(_ statement: String, _ parameters: [[UInt8]?]) async throws(SQLError) -> StatementResult
  func close() async
}

/// What a statement came to.
public struct StatementResult {
  public var rows: [[[UInt8]?]] = []
  /// Rows that were changed.
  public var count = 0
  public init() {}
}
