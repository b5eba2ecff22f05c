/// One statement and where it stands in the text, in bytes; a length of 0 reaches to the end.
public struct Statement: Sendable, Equatable {
  public var body: StatementBody
  public var location: Int
  public var length: Int
}

public enum StatementBody: Sendable, Equatable {
  case select(SelectStatement)
  case insert(InsertStatement)
  case update(UpdateStatement)
  case delete(DeleteStatement)
  case createTable(CreateTableStatement)
  case dropTable(DropTableStatement)
  case transaction(TransactionStatement)
  /// SET; nil values mean DEFAULT (or RESET).
  case set(name: String, values: [Expression]?, isLocal: Bool)
  case show(name: String)
  /// Parsed, and not supported: what it is called in an error.
  case unsupported(String)
}

public struct RelationName: Sendable, Equatable {
  public var schema: String?
  public var name: String
  public var alias: String?
  public var location: Int
}

public struct Target: Sendable, Equatable {
  public var expression: Expression
  public var alias: String?

  public init(expression: Expression, alias: String?) {
    self.expression = expression
    self.alias = alias
  }
}

public struct SortKey: Sendable, Equatable {
  public var expression: Expression
  public var isDescending: Bool
  public var nullsFirst: Bool
}

public struct SelectStatement: Sendable, Equatable {
  public var targets: [Target] = []
  public var from: RelationName?
  public var filter: Expression?
  public var groupBy: [Expression] = []
  public var having: Expression?
  public var orderBy: [SortKey] = []
  public var limit: Expression?
  public var offset: Expression?
  public var isDistinct = false
  /// Rows of VALUES; the other parts but order and limit are empty then.
  public var values: [[Expression]] = []
}

public struct InsertStatement: Sendable, Equatable {
  public var table: RelationName
  public var columns: [(name: String, location: Int)]
  /// Empty: DEFAULT VALUES.
  public var rows: [[Expression]]
  public var returning: [Target]

  public static func == (a: InsertStatement, b: InsertStatement) -> Bool {
    a.table == b.table && a.columns.map(\.name) == b.columns.map(\.name) && a.rows == b.rows
      && a.returning == b.returning
  }
}

public struct Assignment: Sendable, Equatable {
  public var column: String
  public var value: Expression
  public var location: Int
}

public struct UpdateStatement: Sendable, Equatable {
  public var table: RelationName
  public var assignments: [Assignment]
  public var filter: Expression?
  public var returning: [Target]
}

public struct DeleteStatement: Sendable, Equatable {
  public var table: RelationName
  public var filter: Expression?
  public var returning: [Target]
}

public struct ColumnDefinition: Sendable, Equatable {
  public var name: String
  public var type: TypeName
  public var isNotNull = false
  public var isPrimaryKey = false
  public var defaultValue: Expression?
  public var location: Int
}

public struct CreateTableStatement: Sendable, Equatable {
  public var table: RelationName
  public var columns: [ColumnDefinition]
  public var primaryKey: [String]
  public var ifNotExists: Bool
}

public struct DropTableStatement: Sendable, Equatable {
  public var tables: [RelationName]
  public var ifExists: Bool
  public var isCascade: Bool
}

public enum TransactionStatement: Sendable, Equatable {
  case begin(options: [TransactionOption])
  case commit
  case rollback
  case savepoint(String)
  case release(String)
  case rollbackTo(String)
}

public enum TransactionOption: Sendable, Equatable {
  case isolation(String)
  case readOnly(Bool)
  case deferrable(Bool)
}
