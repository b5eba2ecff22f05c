import Base
import Catalog
import Functions
import Node
import Reactor
import Types

/// What statements are planned and executed in.
extension SQLSession {
  /// Microseconds between the Unix epoch and 2000-01-01.
  private static let epochOffset: Int64 = 946_684_800_000_000

  func now() -> Int64 { Int64(shard.wallNanoseconds() / 1_000) - Self.epochOffset }

  func evaluationContext() -> EvaluationContext {
    var context = contexts.evaluation
    context.transactionTimestamp = transactionTimestamp
    context.statementTimestamp = statementTimestamp
    context.settings.now = transactionTimestamp
    context.random = Xoshiro256(seed: shard.reactor.random.next())
    let clock = ClockReader(shard: shard)
    let offset = Self.epochOffset
    context.clockTimestamp = { clock.microseconds() - offset }
    // These change within a transaction without a setting's knowing.
    let settings = self.settings
    let isolation = isolationName
    let user = self.user
    let isSuperuser = contexts.isSuperuser
    context.setting = { name in
      settings.shownValue(name, isolation: isolation, user: user, isSuperuser: isSuperuser)
    }
    context.allSettings = {
      settings.allNames.compactMap { name in
        settings.shownValue(name, isolation: isolation, user: user, isSuperuser: isSuperuser)
          .map { (name, $0) }
      }
    }
    return context
  }

  /// The role that acts; one that was dropped meanwhile has no rights.
  var role: RoleDescriptor {
    catalog.role(named: user) ?? RoleDescriptor(id: ObjectID(rawValue: 0), name: user)
  }

  /// The schemas of search_path that exist.
  var visibleSearchPath: [String] { contexts.searchPath }

  func statementContext() -> StatementContext {
    StatementContext(
      catalog: catalog, searchPath: visibleSearchPath, role: role,
      evaluation: evaluationContext(), virtualTables: virtualTables,
      temporarySchema: temporarySchema?.name, parseExpression: CatalogText.expression,
      parseQuery: CatalogText.query)
  }

  func executionContext(_ transaction: Transaction) -> ExecutionContext {
    var context = ExecutionContext(
      transaction: transaction, evaluation: evaluationContext(), sequences: engineCalls,
      deferred: deferred, newRowID: { [shard] in shard.uniqueRowID() },
      placeOf: { [shard] in shard.place(of: $0) })
    context.workMemoryMax = settings.workMemoryBytes
    context.clock = { [shard] in Int64(shard.reactor.monotonicNanoseconds() / 1_000) }
    return context
  }
}

/// What a session's statements share until the catalog or a setting changes. A class: it is looked
/// at several times per statement, and copying what it holds would cost more than the looking.
final class SessionContexts {
  let catalogVersion: UInt64
  let settingsVersion: UInt64
  let user: String
  let searchPath: [String]
  let isSuperuser: Bool
  let formats: FormatSettings
  /// Without what belongs to one statement.
  let evaluation: EvaluationContext
  /// Nil where plans are the session's own: made on a transaction's private catalog, or with temporary
  /// tables.
  let plans: PlanCache?

  init(_ session: SQLSession, catalogVersion: UInt64, isPrivate: Bool) {
    let catalog = session.catalog
    let user = session.user
    let temporary = session.temporarySchema?.name
    let named = session.settings.searchPath.compactMap { name -> String? in
      if name == "pg_temp" { return temporary }
      let wanted = name == "$user" ? user : name
      return catalog.schema(named: wanted) == nil ? nil : wanted
    }
    let isImplicit = temporary.map { !named.contains($0) } ?? false
    let path = isImplicit ? [temporary].compactMap { $0 } + named : named
    self.catalogVersion = catalogVersion
    self.user = user
    settingsVersion = session.settings.planVersion
    searchPath = path
    isSuperuser = session.role.isSuperuser
    var formats = session.settings.formats
    let functions = session.environment.catalogFunctions?(catalog)
    if let functions {
      formats.objectName = { oid, type in
        guard let info = type.info else { return nil }
        var context = EvaluationContext()
        context.searchPath = path
        guard
          case .text(let bytes)? = try? functions.call(info.outputFunction, [.int(oid)], &context)
        else { return nil }
        return String(decoding: bytes, as: UTF8.self)
      }
      formats.objectID = { (name, type) throws(SQLError) in
        var context = EvaluationContext()
        context.searchPath = path
        guard let info = type.info,
          case .int(let oid) = try functions.call(info.inputFunction, [.text(name)], &context)
        else { return 0 }
        return oid
      }
    }
    self.formats = formats
    var context = EvaluationContext(settings: session.settings.formats)
    context.currentUser = user
    context.sessionUser = session.sessionUser
    context.currentDatabase = session.database
    context.searchPath = path
    context.versionText = SessionSettings.versionText
    context.backendProcessID = session.processID
    context.catalog = functions
    evaluation = context
    // Its temporary tables shadow what the same names mean elsewhere.
    plans =
      isPrivate || session.ownTemporarySchema != nil
      ? nil
      : ShardPlans.cache(
        session.shard,
        ShardPlans.Profile(
          user: user, sessionUser: session.sessionUser, database: session.database,
          settings: session.settings.planSettings))
  }
}

/// `clock_timestamp()` from a fragment on another shard: the node's shards share one physical clock.
private struct ClockReader: Sendable {
  private let wallNanoseconds: UInt64
  private let monotonicNanoseconds: UInt64

  init(shard: NodeShard) {
    wallNanoseconds = shard.wallNanoseconds()
    monotonicNanoseconds = shard.reactor.monotonicNanoseconds()
  }

  func microseconds() -> Int64 { Int64(wallNanoseconds / 1_000) }
}
