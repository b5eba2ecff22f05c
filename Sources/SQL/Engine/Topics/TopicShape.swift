import Base
public import Catalog
public import Types

/// Which columns the records of a topic have. Lives on: its shard.
public struct TopicShape {
  public struct Column: Sendable {
    public var name: String
    /// Of a domain what it is over, of enums text.
    public var type: SQLType
    /// In a row, or among what the query makes of it.
    public var position: Int
    public var isNullable: Bool
  }
  /// In a row.
  public let key: [Column]
  /// In a row, or where there is a query, among what it makes of one.
  public let value: [Column]
  /// Nil: the columns are the table's.
  public let query: TopicProjection?

  /// Errors: what is wrong with the query. Cost: it is bound; keep the shape as long as the catalog stays.
  public init(_ topic: TopicDefinition, _ table: TableDescriptor, _ catalog: CatalogSnapshot)
    throws(SQLError)
  {
    key = Self.keyColumns(topic, table).map { Self.column($0, catalog) }
    query = try topic.query.map { (query) throws(SQLError) in
      try TopicProjection(query, table, catalog)
    }
    value =
      query?.fields.enumerated().map {
        Column(name: $1.name, type: Self.base($1.type, catalog), position: $0, isNullable: true)
      } ?? Self.valueColumns(topic, table).map { Self.column($0, catalog) }
  }

  private static func column(_ column: ColumnDescriptor, _ catalog: CatalogSnapshot) -> Column {
    Column(
      name: column.name, type: base(column.type, catalog), position: Int(column.id.rawValue) - 1,
      isNullable: !column.isNotNull)
  }

  private static func base(_ type: SQLType, _ catalog: CatalogSnapshot) -> SQLType {
    if type.info != nil { return type }
    guard case .type(let found) = catalog.objects[type.oid] else {
      let isArray = catalog.objects.values.contains {
        if case .type(let found) = $0 { found.arrayID == type.oid } else { false }
      }
      return isArray ? .textArray : type
    }
    switch found.kind {
    case .domain(let base, _, _, _): return Self.base(base, catalog)
    case .enumeration: return .text
    case .composite: return type
    }
  }

  private static func keyColumns(_ topic: TopicDefinition, _ table: TableDescriptor)
    -> [ColumnDescriptor]
  {
    let ids = topic.key ?? table.primaryKey.columns.compactMap(\.column)
    return ids.map(table.column).filter { !$0.isHidden && !$0.isDropped }
  }

  private static func valueColumns(_ topic: TopicDefinition, _ table: TableDescriptor)
    -> [ColumnDescriptor]
  {
    guard let ids = topic.columns else { return table.visibleColumns }
    return ids.map(table.column).filter { !$0.isDropped }
  }

  /// All columns whose values leave with the topic's records, where it has no query.
  public static func shownColumns(_ topic: TopicDefinition, _ table: TableDescriptor)
    -> [ColumnDescriptor]
  {
    keyColumns(topic, table) + valueColumns(topic, table)
  }
}
