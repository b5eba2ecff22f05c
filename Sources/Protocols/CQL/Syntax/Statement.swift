/// A statement, parsed.
indirect enum Statement: Sendable, Hashable {
  case use(String)
  case select(Select)
  case modify(Modification)
  case batch(BatchStatement)
  case truncate(ObjectName)
  case createKeyspace(String, options: Options, ifNotExists: Bool)
  case alterKeyspace(String, options: Options, ifExists: Bool)
  case dropKeyspace(String, ifExists: Bool)
  case createTable(CreateTableStatement)
  case alterTable(ObjectName, AlterTableAction, ifExists: Bool)
  case dropTable(ObjectName, ifExists: Bool)
  case createIndex(CreateIndexStatement)
  case dropIndex(ObjectName, ifExists: Bool)
  case createType(ObjectName, [TypedName], ifNotExists: Bool)
  case alterType(ObjectName, AlterTypeAction)
  case dropType(ObjectName, ifExists: Bool)
  case createView(CreateViewStatement)
  case alterView(ObjectName, Options)
  case dropView(ObjectName, ifExists: Bool)
  case createFunction(CreateFunctionStatement)
  case createAggregate(CreateAggregateStatement)
  case dropFunction(DropFunctionStatement)
  case dropAggregate(DropFunctionStatement)
  case createRole(RoleStatement, isUser: Bool, ifNotExists: Bool)
  case alterRole(RoleStatement, isUser: Bool)
  case dropRole(String, isUser: Bool, ifExists: Bool)
  case grantRole(String, to: String, isGrant: Bool)
  case grant(permission: String, resource: ResourceName, to: String, isGrant: Bool)
  case listRoles(of: String?, isUsers: Bool)
  case listPermissions(of: String?)
  case describe(DescribeStatement)
  /// It is CQL, and not there; what it is called.
  case unsupported(String)
}

struct TypedName: Hashable, Sendable {
  var name: String
  var type: TypeSyntax
}

/// WITH: values as they were written; a map's as pairs.
struct Options: Hashable, Sendable {
  struct Entry: Hashable, Sendable {
    var name: String
    var value: Term
  }
  var entries: [Entry] = []
  /// CLUSTERING ORDER BY.
  var order: [Select.Order] = []
  var isCompactStorage = false
}

struct CreateTableStatement: Hashable, Sendable {
  struct Column: Hashable, Sendable {
    var name: String
    var type: TypeSyntax
    var isStatic = false
  }
  var name: ObjectName
  var columns: [Column] = []
  var partitionKey: [String] = []
  var clustering: [String] = []
  var options = Options()
  var ifNotExists = false
}

enum AlterTableAction: Hashable, Sendable {
  case add([CreateTableStatement.Column])
  case drop([String])
  case rename([RenamedColumn])
  case with(Options)
  case changeType(String)
}

struct RenamedColumn: Hashable, Sendable {
  var from: String
  var to: String
}

enum AlterTypeAction: Hashable, Sendable {
  case add([TypedName])
  case rename([RenamedColumn])
}

struct CreateIndexStatement: Hashable, Sendable {
  /// Nil: one is made up.
  var name: String?
  var table: ObjectName
  var column: String
  /// keys, values, entries, full; nil: the column.
  var part: String?
  /// CUSTOM … USING.
  var custom: String?
  var ifNotExists = false
}

struct RoleStatement: Hashable, Sendable {
  var name: String
  var password: String?
  var isSuperuser: Bool?
  var canLogin: Bool?
}

enum ResourceName: Hashable, Sendable {
  case allKeyspaces
  case keyspace(String)
  case table(ObjectName)
  case allRoles
  case role(String)
}

struct DescribeStatement: Hashable, Sendable {
  enum Subject: Hashable, Sendable {
    case keyspaces, tables, types, functions, aggregates, cluster
    case schema(isFull: Bool)
    case keyspace(String?, isOnly: Bool)
    case table(ObjectName)
    case index(ObjectName)
    case type(ObjectName)
    case view(ObjectName)
    case function(ObjectName)
    case aggregate(ObjectName)
    /// Whatever has the name.
    case any(ObjectName)
  }
  var subject: Subject
  var withInternals = false
}
