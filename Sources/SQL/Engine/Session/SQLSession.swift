import Base
public import Catalog
public import Functions
public import Node
import Syntax
public import Types

/// What a session needs of its front end. Lives on: the session's shard.
public protocol SessionClient: AnyObject {
  /// WARNING, NOTICE and the like.
  func notice(_ severity: String, _ notice: SQLError)
  /// A setting that the client is told of has changed.
  func parameterStatus(_ name: String, _ value: String)
  func notification(process: Int32, channel: String, payload: String)
}

/// What the node gives to all its sessions. Immutable; shared by the shards.
public struct SessionEnvironment: Sendable {
  /// pg_catalog, information_schema and the quatrain schema.
  public var systemViews: (@Sendable (SQLSession) -> any VirtualTableProvider)?
  /// The functions over a catalog. Also what the fragments of other nodes call here, which have no
  /// session: a process has one kind of them.
  public var catalogFunctions: (@Sendable (CatalogSnapshot) -> any CatalogFunctions)? {
    didSet { if let catalogFunctions { FragmentCatalog.use(catalogFunctions) } }
  }
  /// A password as the catalog keeps it.
  public var makeVerifier: (@Sendable (_ password: String) throws(SQLError) -> PasswordVerifiers)?
  /// Refuses a pattern of the table option `redis_key`, whose rows Redis' clients then read and write.
  public var checkRedisKey:
    (@Sendable (_ pattern: String, _ table: TableDescriptor) throws(SQLError) -> Void)?
  /// What reads sources; nil: there can be none.
  public var sources: SourceReading?
  public init() {}

  func verifier(_ password: String) throws(SQLError) -> PasswordVerifiers {
    guard let makeVerifier else {
      throw SQLError(.featureNotSupported, "passwords are not supported")
    }
    return try makeVerifier(password)
  }
}

/// A session as a SQL front end sees it: statements in, rows out, PostgreSQL's rules for
/// transactions. Lives on: the shard that accepted the connection.
public final class SQLSession {
  public internal(set) var status = TransactionStatus.idle
  /// Who logged in, and who acts (SET ROLE, SET SESSION AUTHORIZATION).
  public let sessionUser: String
  public internal(set) var user: String
  public let database: String
  public let processID: Int32
  public let shard: NodeShard
  public let environment: SessionEnvironment
  public weak var client: (any SessionClient)?

  var settings: SessionSettings
  var transaction: Transaction?
  var isExplicit = false
  /// Whether the open transaction may have effects or locks: without them its end needs no call.
  var mayHaveEffects = false
  var savepoints: [SessionSavepoint] = []
  /// Tables whose rows go when the transaction commits.
  var droppedKeyspaces: [KeyspaceID] = []
  var droppedSequences: [SequenceDescriptor] = []
  var deferred = DeferredChecks()
  /// The schema of this session's temporary objects, once there is one.
  var temporarySchemaID: ObjectID?
  /// Rises with each new temporary object: it may shadow what plans have found by its name.
  var shadowVersion: UInt64 = 0
  /// Temporary tables that the end of a transaction changes, in the order of their creation.
  var onCommitActions: [(table: ObjectID, action: OnCommit)] = []
  /// What CREATE TABLE AS inserted, for its tag.
  var rowsOfCreation = 0
  var transactionTimestamp: Int64 = 0
  var statementTimestamp: Int64 = 0
  var prepared: [String: PreparedStatement] = [:]
  var portals = PortalTable()
  private var cachedContexts: SessionContexts?
  lazy var engineCalls = EngineCalls(session: self)
  lazy var virtualTables = environment.systemViews?(self)
  /// What a transaction has to tell when it commits.
  var pendingNotifications: [(channel: String, payload: String)] = []
  var listenChanges: [ListenChange] = []
  var listening: Set<String> = []

  public init(
    shard: NodeShard, user: String, database: String = "quatrain", processID: Int32 = 0,
    environment: SessionEnvironment = SessionEnvironment()
  ) {
    self.shard = shard
    self.user = user
    self.database = database
    self.processID = processID
    self.environment = environment
    sessionUser = user
    settings = SessionSettings()
  }

  /// What the client is told at the start, in PostgreSQL's order.
  public var reportedParameters: [(name: String, value: String)] {
    settings.reported.map { ($0.name, shown($0)) }
  }
  /// How values are written for the client.
  public var formatSettings: FormatSettings { contexts.formats }

  /// The committed catalog, or the open transaction's changed copy.
  public var currentCatalog: CatalogSnapshot { catalog }
  var catalog: CatalogSnapshot { transaction?.catalog ?? shard.catalog }

  /// What statements are planned and run in, made again when the catalog or a setting has changed.
  var contexts: SessionContexts {
    let isPrivate = transaction?.hasCatalogChanges ?? false
    let version = isPrivate ? 0 : shard.catalogVersion
    if !isPrivate, let known = cachedContexts, known.catalogVersion == version,
      known.settingsVersion == settings.planVersion, known.user == user
    {
      return known
    }
    let made = SessionContexts(self, catalogVersion: version, isPrivate: isPrivate)
    cachedContexts = made
    return made
  }

  func notice(_ severity: String, _ notice: SQLError) {
    if settings.isShown(severity) { client?.notice(severity, notice) }
  }

  /// A statement has failed: an explicit transaction only takes ROLLBACK from now on.
  func fail() {
    if isExplicit { status = .failed }
  }
}

/// A savepoint of the session's language over one of the kernel's.
struct SessionSavepoint {
  var name: String
  var point: Savepoint
  var settings: SessionSettings
  var deferredMark: Int
  var droppedCount: Int
  var droppedSequenceCount: Int
}

enum ListenChange {
  case listen(String)
  case unlisten(String)
  case unlistenAll
}
