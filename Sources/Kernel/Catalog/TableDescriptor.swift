public import Base
public import Types

/// A column by its position in the table's history: 1 for the first, never used again after DROP.
public struct ColumnID: Identifier {
  public let rawValue: Int16
  public init(rawValue: Int16) { self.rawValue = rawValue }
}

/// A column. Expressions are kept as SQL text in PostgreSQL's normal form and bound on use.
public struct ColumnDescriptor: Sendable, Hashable, Codable {
  public enum Identity: String, Sendable, Codable { case none, always, byDefault }

  public var id: ColumnID
  public var name: String
  public var type: SQLType
  public var isNotNull = false
  public var isDropped = false
  /// A hidden column (the row id of a table without a primary key) is not in `*`.
  public var isHidden = false
  public var defaultExpression: String?
  public var generatedExpression: String?
  public var identity = Identity.none
  /// The sequence behind `serial` or an identity column, dropped with the column.
  public var ownedSequence: ObjectID?
  /// What rows written before ADD COLUMN … DEFAULT show, in PostgreSQL's text form.
  public var missingValue: String?
  public var collation: String?
  public var comment: String?
  /// The type as CQL writes it, where the SQL type alone does not tell: counters, sets, maps.
  public var cqlType: String?

  public init(id: ColumnID, name: String, type: SQLType) {
    self.id = id
    self.name = name
    self.type = type
  }
}

/// How rows are spread over tablets.
public enum Distribution: Sendable, Hashable, Codable {
  /// Bucket from Cassandra's Murmur3 token of these columns, a part of the primary key.
  case murmur3([ColumnID])
  /// Bucket from Redis' CRC16 slot of this column.
  case crc16(ColumnID)
  /// In group 0, on every node.
  case globally
}

/// One column of an index key.
public struct IndexColumn: Sendable, Hashable, Codable {
  /// Nil for an expression.
  public var column: ColumnID?
  public var expression: String?
  public var isDescending = false
  public var nullsFirst = false
  public var operatorClass: String?

  public init(column: ColumnID?, expression: String? = nil) {
    self.column = column
    self.expression = expression
  }
}

/// A secondary index, or the primary key (whose keyspace holds the rows themselves).
public struct IndexDescriptor: Sendable, Hashable, Codable {
  public enum Placement: String, Sendable, Codable {
    /// In the row's own tablet.
    case local
    /// Distributed by the index key: for UNIQUE on anything but the distribution key.
    case global
  }
  /// Online schema change, in this order (DESIGN 22.11).
  public enum State: String, Sendable, Codable { case deleteOnly, writeOnly, `public` }

  public var id: ObjectID
  public var name: String
  public var keyspace: KeyspaceID
  public var columns: [IndexColumn]
  public var included: [ColumnID] = []
  public var isUnique = false
  public var isPrimary = false
  public var nullsNotDistinct = false
  public var predicate: String?
  public var placement = Placement.local
  public var state = State.public
  /// Set when rows of before were added while others wrote: snapshots older than this do not see
  /// all entries, and read the table without the index.
  public var readableFrom: Timestamp?
  /// Set when a constraint owns the index (PRIMARY KEY, UNIQUE): its object id.
  public var constraint: ObjectID?
  public var isDeferrable = false
  public var comment: String?

  public init(id: ObjectID, name: String, keyspace: KeyspaceID, columns: [IndexColumn]) {
    self.id = id
    self.name = name
    self.keyspace = keyspace
    self.columns = columns
  }

  /// Whether a reader at the snapshot finds each of its rows through the index.
  public func isReadable(at snapshot: Timestamp) -> Bool {
    guard state == .public else { return false }
    return readableFrom.map { $0 <= snapshot } ?? true
  }
}

public struct CheckConstraint: Sendable, Hashable, Codable {
  public var id: ObjectID
  public var name: String
  public var expression: String
  public var isValidated = true
  public init(id: ObjectID, name: String, expression: String) {
    self.id = id
    self.name = name
    self.expression = expression
  }
}

public struct ForeignKey: Sendable, Hashable, Codable {
  public enum Action: String, Sendable, Codable {
    case noAction, restrict, cascade, setNull, setDefault
  }
  public var id: ObjectID
  public var name: String
  public var columns: [ColumnID]
  public var referencedTable: ObjectID
  public var referencedColumns: [ColumnID]
  public var onUpdate = Action.noAction
  public var onDelete = Action.noAction
  public var isDeferrable = false
  public var isInitiallyDeferred = false
  public var isMatchFull = false
  public var isValidated = true

  public init(
    id: ObjectID, name: String, columns: [ColumnID], referencedTable: ObjectID,
    referencedColumns: [ColumnID]
  ) {
    self.id = id
    self.name = name
    self.columns = columns
    self.referencedTable = referencedTable
    self.referencedColumns = referencedColumns
  }
}

/// A table, with all that a statement on it must know.
public struct TableDescriptor: Sendable, Hashable, Codable {
  public var id: ObjectID
  public var schema: ObjectID
  public var name: String
  public var owner: ObjectID
  /// Rises by one with each change of this table (DESIGN 22.11).
  public var version: UInt64 = 1
  public var columns: [ColumnDescriptor]
  /// The primary key is `indexes[0]`, always there: over the hidden row id where none was declared.
  public var indexes: [IndexDescriptor]
  public var distribution: Distribution
  public var checks: [CheckConstraint] = []
  public var foreignKeys: [ForeignKey] = []
  public var options: [String: String] = [:]
  public var grants: [Grant] = []
  public var comment: String?
  /// The table's composite row type.
  public var rowType: ObjectID
  /// Its tier, for good; nil: the standard one.
  public var tierID: TierID?
  public var tier: TierID { tierID ?? .standard }

  public init(
    id: ObjectID, schema: ObjectID, name: String, owner: ObjectID, rowType: ObjectID,
    columns: [ColumnDescriptor], indexes: [IndexDescriptor], distribution: Distribution
  ) {
    self.id = id
    self.schema = schema
    self.name = name
    self.owner = owner
    self.rowType = rowType
    self.columns = columns
    self.indexes = indexes
    self.distribution = distribution
  }

  /// The option that names the column from whose time on a row is not seen any more.
  public static let expiryOption = "expires_by"

  /// The option that names the table's tier.
  public static let tierOption = "tier"

  public var primaryKey: IndexDescriptor { indexes[0] }
  public var keyspace: KeyspaceID { indexes[0].keyspace }
  /// The columns that the user sees, in order.
  public var visibleColumns: [ColumnDescriptor] {
    columns.filter { !$0.isDropped && !$0.isHidden }
  }
  /// Nil where there is no such live column.
  public func column(named name: String) -> ColumnDescriptor? {
    columns.first { !$0.isDropped && $0.name == name }
  }
  /// The column with this id; ids are positions, so this is constant time.
  public func column(_ id: ColumnID) -> ColumnDescriptor { columns[Int(id.rawValue) - 1] }
}
