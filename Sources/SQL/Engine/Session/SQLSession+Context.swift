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
    let reactor = shard.reactor
    let offset = Self.epochOffset
    let clock = ClockReader(shard: shard)
    var context = EvaluationContext(
      transactionTimestamp: transactionTimestamp, statementTimestamp: statementTimestamp,
      clockTimestamp: { clock.microseconds() - offset }, settings: settings.formats,
      random: Xoshiro256(seed: reactor.random.next()))
    context.currentUser = user
    context.sessionUser = sessionUser
    context.currentDatabase = database
    context.searchPath = visibleSearchPath
    context.versionText = SessionSettings.versionText
    context.backendProcessID = processID
    let settings = self.settings
    let isolation = isolationName
    let user = self.user
    let isSuperuser = role.isSuperuser
    context.setting = { name in
      settings.shownValue(name, isolation: isolation, user: user, isSuperuser: isSuperuser)
    }
    context.catalog = environment.catalogFunctions?(catalog)
    return context
  }

  /// The role that acts; one that was dropped meanwhile has no rights.
  var role: RoleDescriptor {
    catalog.role(named: user) ?? RoleDescriptor(id: ObjectID(rawValue: 0), name: user)
  }

  /// The schemas of search_path that exist.
  var visibleSearchPath: [String] {
    settings.searchPath.compactMap { name in
      let wanted = name == "$user" ? user : name
      return catalog.schema(named: wanted) == nil ? nil : wanted
    }
  }

  func statementContext() -> StatementContext {
    StatementContext(
      catalog: catalog, searchPath: visibleSearchPath, role: role,
      evaluation: evaluationContext(), virtualTables: virtualTables,
      parseExpression: CatalogText.expression, parseQuery: CatalogText.query)
  }

  func executionContext(_ transaction: Transaction) -> ExecutionContext {
    var context = ExecutionContext(
      transaction: transaction, evaluation: evaluationContext(), sequences: engineCalls,
      deferred: deferred, newRowID: { [shard] in shard.uniqueRowID() },
      tabletOf: { [shard] in shard.tablet(of: $0) })
    context.workMemoryMax = settings.workMemoryBytes
    context.clock = { [shard] in Int64(shard.reactor.monotonicNanoseconds() / 1_000) }
    return context
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
