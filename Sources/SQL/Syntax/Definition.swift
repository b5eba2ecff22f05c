/// The statements that change the catalog.
public enum Definition: Sendable {
  case createTable(CreateTable)
  case createTableAs(
    QuerySyntax.RelationName, columns: [String], QuerySyntax.Query, withData: Bool,
    ifNotExists: Bool, onCommit: OnCommit?, options: [DefinitionOption])
  case createIndex(CreateIndex)
  case createView(CreateView)
  case createSequence(
    QuerySyntax.RelationName, options: [DefinitionOption], ifNotExists: Bool)
  case alterSequence(QuerySyntax.RelationName, options: [DefinitionOption], ifExists: Bool)
  /// `name` nil: the owner's.
  case createSchema(name: String?, owner: RoleName?, ifNotExists: Bool)
  case createEnum([String], labels: [String])
  case createComposite(QuerySyntax.RelationName, [ColumnDefinition])
  case createDomain([String], QuerySyntax.TypeName, [ConstraintDefinition])
  case alterEnum(AlterEnum)
  case drop(DropStatement)
  case alterTable(AlterTable)
  case rename(Rename)
  case setSchema(ObjectKind, [String], schema: String, ifExists: Bool)
  case setOwner(ObjectKind, [String], RoleName)
  case comment(ObjectKind, [String], String?)
  case createRole(name: String, isUser: Bool, options: [DefinitionOption])
  case alterRole(RoleName, options: [DefinitionOption])
  /// ALTER ROLE … SET; `values` nil: RESET.
  case alterRoleSet(RoleName?, name: String?, values: [SettingValue]?)
  case dropRoles([RoleName], ifExists: Bool)
  case grant(Grant)
  case grantRoles([String], to: [RoleName], isGrant: Bool, withAdmin: Bool)
  case createTopic(
    name: String, source: TopicSource, options: [DefinitionOption], ifNotExists: Bool)
  case alterTopic(name: String, options: [DefinitionOption])
  case dropTopic(name: String, ifExists: Bool)
  case createSource(CreateSource)
  case alterSource(name: String, SourceAction)
  case dropSource(name: String, ifExists: Bool)
}

/// Whose changes a topic has.
public enum TopicSource: Sendable {
  case table(QuerySyntax.RelationName)
  /// Position: of the parenthesis, bytes from 1.
  case query(QuerySyntax.Query, position: Int)
}

public enum ObjectKind: String, Sendable {
  case table, index, view, sequence, schema, type, domain, role, column, database
  case constraint, tableConstraint, materializedView, function, sqlExtension, other
}

public enum RoleName: Sendable, Equatable {
  case named(String)
  case current
  case session
  case `public`
}

public struct ColumnDefinition: Sendable {
  public var name: String
  public var type: QuerySyntax.TypeName
  public var constraints: [ConstraintDefinition]
  public var position: Int?
  public init(
    name: String, type: QuerySyntax.TypeName, constraints: [ConstraintDefinition] = [],
    position: Int? = nil
  ) {
    self.name = name
    self.type = type
    self.constraints = constraints
    self.position = position
  }
}

/// A constraint of a column (its `columns` are empty) or of a table.
public struct ConstraintDefinition: Sendable {
  public enum Kind: Sendable {
    case notNull
    case null
    case defaultValue(QuerySyntax.Expression)
    case check(QuerySyntax.Expression)
    case primaryKey
    case unique(nullsNotDistinct: Bool)
    case reference(ForeignKeyDefinition)
    case identity(isAlways: Bool, [DefinitionOption])
    case generated(QuerySyntax.Expression)
  }
  public var name: String?
  public var kind: Kind
  public var columns: [String] = []
  public var included: [String] = []
  public var usingIndex: String?
  public var isDeferrable = false
  public var isInitiallyDeferred = false
  public var isNotValid = false
  public var position: Int?
  public init(kind: Kind) { self.kind = kind }
}

public struct ForeignKeyDefinition: Sendable {
  public enum Action: Sendable { case noAction, restrict, cascade, setNull, setDefault }
  public var table: QuerySyntax.RelationName
  /// Empty: its primary key.
  public var columns: [String]
  public var onUpdate: Action
  public var onDelete: Action
  public var isMatchFull: Bool
}

public struct CreateTable: Sendable {
  public var table: QuerySyntax.RelationName
  public var columns: [ColumnDefinition] = []
  public var constraints: [ConstraintDefinition] = []
  /// LIKE clauses: where in `columns` they stand, and the grammar's option bits.
  public var like: [(table: QuerySyntax.RelationName, place: Int, options: Int)] = []
  public var options: [DefinitionOption] = []
  public var ifNotExists = false
  /// Nil where the statement does not say.
  public var onCommit: OnCommit?
  public init(table: QuerySyntax.RelationName) { self.table = table }
}

/// What becomes of a temporary table at the end of each transaction.
public enum OnCommit: Sendable { case preserveRows, deleteRows, drop }

public struct CreateIndex: Sendable {
  public struct Element: Sendable {
    public var column: String?
    public var expression: QuerySyntax.Expression?
    public var isDescending: Bool
    /// Nil: by the direction.
    public var nullsFirst: Bool?
    public var operatorClass: String?
    public var position: Int?
  }
  public var name: String?
  public var table: QuerySyntax.RelationName
  public var method: String
  public var elements: [Element]
  public var included: [String]
  public var filter: QuerySyntax.Expression?
  public var isUnique: Bool
  public var nullsNotDistinct: Bool
  public var isConcurrent: Bool
  public var ifNotExists: Bool
}

public struct CreateView: Sendable {
  public var view: QuerySyntax.RelationName
  public var columns: [String]
  public var query: QuerySyntax.Query
  public var replaces: Bool
}

public enum AlterEnum: Sendable {
  case add([String], label: String, neighbor: String?, isAfter: Bool, ifNotExists: Bool)
  case rename([String], from: String, to: String)
}

public struct DropStatement: Sendable {
  public var kind: ObjectKind
  /// Qualified names.
  public var names: [[String]]
  public var isCascade: Bool
  public var ifExists: Bool
}

public struct AlterTable: Sendable {
  public enum Step: Sendable {
    case addColumn(ColumnDefinition, ifNotExists: Bool)
    case dropColumn(String, isCascade: Bool, ifExists: Bool)
    case setType(String, QuerySyntax.TypeName, using: QuerySyntax.Expression?)
    /// Nil: DROP DEFAULT.
    case setDefault(String, QuerySyntax.Expression?)
    case setNotNull(String, Bool)
    case addConstraint(ConstraintDefinition)
    case dropConstraint(String, isCascade: Bool, ifExists: Bool)
    case validateConstraint(String)
    case alterConstraint(String, isDeferrable: Bool, isInitiallyDeferred: Bool)
    case addIdentity(String, isAlways: Bool, [DefinitionOption])
    case setIdentity(String, [DefinitionOption])
    case dropIdentity(String, ifExists: Bool)
    case dropExpression(String, ifExists: Bool)
    case setOwner(RoleName)
    case setOptions([DefinitionOption])
    case resetOptions([DefinitionOption])
    /// What has no meaning here and changes nothing (SET STATISTICS, SET STORAGE, CLUSTER ON, …).
    case ignored(String)
  }
  public var kind: ObjectKind
  public var table: QuerySyntax.RelationName
  public var steps: [Step]
  public var ifExists: Bool
}

public struct Rename: Sendable {
  public var kind: ObjectKind
  /// The relation, or the qualified name of what is none.
  public var relation: QuerySyntax.RelationName?
  public var object: [String]
  /// The column or constraint of it.
  public var part: String?
  public var newName: String
  public var ifExists: Bool
}

public struct Grant: Sendable {
  public enum Target: Sendable {
    case relations([QuerySyntax.RelationName])
    case sequences([QuerySyntax.RelationName])
    case schemas([String])
    case databases([String])
    case allInSchemas(ObjectKind, [String])
    case other(String)
  }
  public var isGrant: Bool
  public var target: Target
  /// Lower-case words with their columns; empty: ALL.
  public var privileges: [(name: String, columns: [String])]
  public var grantees: [RoleName]
  public var withGrantOption: Bool
  public var isCascade: Bool
}
