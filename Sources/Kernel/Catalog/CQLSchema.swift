public import Base
public import Types

/// What CQL keeps beside the tables themselves: the deletions of rows whose cells have write times.
/// Fixed ids, so that writes find it without looking into the catalog. docs/cassandra.md has the
/// mapping; docs/decisions/0060-cell-times.md says why.
public enum CQLSchema {
  public static let schema = ObjectID(rawValue: 15_400)
  public static let name = "cql"
  public static let deletions = KeyspaceID(rawValue: 540)
  public static let deletionsTable = ObjectID(rawValue: 15_410)

  /// The hidden column that keeps when each cell of a row was written and when it expires.
  public static let cellTimesColumn = "quatrain_cell_times"

  /// Columns of `cql.deletions`, by position.
  public enum Column {
    /// The partition's key as CQL serialises it: its token is the partition's, so that both are on
    /// one tablet.
    public static let partition = 0
    /// The number of the table's keyspace: TRUNCATE forgets.
    public static let relation = 1
    public static let start = 2
    public static let stop = 3
    /// Microseconds since the Unix epoch: older writes are gone.
    public static let written = 4
    public static let detail = 5
    public static let expiresAt = 6
  }

  public static let types: [SQLType] = columns.map(\.type)

  private static let columns: [(name: String, type: SQLType, isNotNull: Bool)] = [
    ("partition", .bytea, true), ("relation", .int8, true), ("start", .bytea, true),
    ("stop", .bytea, false), ("written", .int8, true), ("detail", .bytea, false),
    ("expires_at", .timestamptz, false),
  ]

  /// What makes the schema in a catalog without it.
  public static func objects() -> [CatalogObject] {
    var schema = SchemaDescriptor(id: schema, name: name, owner: CatalogSnapshot.bootstrapRole)
    schema.comment = "deletions of CQL clients"
    let base = deletionsTable.rawValue
    var primary = IndexDescriptor(
      id: ObjectID(rawValue: base + 2), name: "deletions_pkey", keyspace: deletions,
      columns: (1...3).map { IndexColumn(column: ColumnID(rawValue: $0)) })
    primary.isUnique = true
    primary.isPrimary = true
    primary.constraint = ObjectID(rawValue: base + 3)
    var table = TableDescriptor(
      id: deletionsTable, schema: Self.schema, name: "deletions",
      owner: CatalogSnapshot.bootstrapRole, rowType: ObjectID(rawValue: base + 1),
      columns: columns.enumerated().map { place, column in
        var made = ColumnDescriptor(
          id: ColumnID(rawValue: Int16(place + 1)), name: column.name, type: column.type)
        made.isNotNull = column.isNotNull
        return made
      },
      indexes: [primary], distribution: .murmur3([ColumnID(rawValue: 1)]))
    table.options[TableDescriptor.expiryOption] = "expires_at"
    return [.schema(schema), .table(table)]
  }
}

extension TableDescriptor {
  /// The hidden column of the cells' times; nil: its rows have none, since the table was made in SQL.
  public var cellTimes: ColumnDescriptor? {
    columns.first { $0.isHidden && !$0.isDropped && $0.name == CQLSchema.cellTimesColumn }
  }
}

extension ColumnDescriptor {
  /// The hidden key of a table without a primary key.
  public var isRowID: Bool { isHidden && name != CQLSchema.cellTimesColumn }
}
