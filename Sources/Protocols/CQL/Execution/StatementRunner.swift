import Base
import Catalog
import Node
import Reactor
import SQL
import Types

/// Runs statements for a session. Made for one statement; lives on the session's shard.
struct StatementRunner {
  let shard: NodeShard
  let state: CQLShard
  /// Who asks.
  let role: RoleDescriptor
  let keyspace: String?
  var parameters: QueryParameters
  let catalog: CQLCatalog
  /// Set: nothing is run, and the markers are noted.
  var markers: Markers?
  /// Nil: nobody asks for more than the result.
  var notes: RequestNotes?
  /// USING TIMEOUT; nil: the kernel's own patience.
  var timeoutMilliseconds: Int?
  /// The front end's own work: it asks nobody.
  var isInternal = false

  init(
    shard: NodeShard, state: CQLShard, role: RoleDescriptor, keyspace: String?,
    parameters: QueryParameters, markers: Markers? = nil
  ) {
    self.shard = shard
    self.state = state
    self.role = role
    self.keyspace = parameters.keyspace ?? keyspace
    self.parameters = parameters
    self.markers = markers
    catalog = state.catalog
  }

  /// Microseconds since the Unix epoch.
  var now: Int64 {
    parameters.nowInSeconds.map { Int64($0) * 1_000_000 }
      ?? Int64(shard.wallNanoseconds() / 1_000)
  }

  func arguments(_ values: [BoundValue]) -> Arguments {
    let shard = shard
    return Arguments(
      values: values, now: now, random: { shard.reactor.random.next() }, catalog: catalog,
      keyspace: keyspace, markers: markers, shard: shard)
  }

  /// Of a name in a statement.
  func keyspace(of name: ObjectName) throws(CQLError) -> String {
    guard let keyspace = name.keyspace ?? keyspace else {
      throw .invalid(
        "No keyspace has been specified. USE a keyspace, or explicitly specify keyspace.tablename")
    }
    return keyspace
  }

  func table(_ name: ObjectName) throws(CQLError) -> CQLTable {
    try catalog.table(try keyspace(of: name), name.name)
  }

  /// Unauthorized where the role lacks the privilege (PostgreSQL's letter) on the table.
  func require(_ letter: Character, _ table: CQLTable) throws(CQLError) {
    // Who prepares a statement need not be allowed to run it.
    if isInternal || markers != nil { return }
    guard let stored = table.stored, !SystemTables.keyspaces.contains(table.keyspace) else {
      if letter == "r" { return }
      throw CQLError(
        .unauthorized, "\(table.keyspace) keyspace is not user-modifiable.")
    }
    let names: [Character: String] = ["r": "SELECT", "a": "MODIFY", "w": "MODIFY", "d": "MODIFY"]
    // A view is read by those who may read its table.
    let owned = stored.viewOf.flatMap { catalog.snapshot.table($0) } ?? stored.descriptor
    guard
      Privileges.has(letter, role, owner: owned.owner, grants: owned.grants, catalog.snapshot)
    else {
      throw CQLError(
        .unauthorized,
        "User \(role.name) has no \(names[letter] ?? "") permission on <table \(table.keyspace)."
          + "\(table.name)> or any of its parents")
    }
  }

  // MARK: Calls

  /// The table has been changed since the statement looked at it: it starts again.
  static let isStale = CQLError(.server, "The table has just been changed")

  /// A read of one tablet.
  func read(_ request: ReadRows, bucket: Bucket) async throws(CQLError) -> ReadRows.Output {
    notes?.trace?.note("Asking", at: bucket)
    let output = try await readOnce(request, bucket)
    notes?.trace?.note("\(output.rows.count) rows came from", at: bucket)
    return output
  }

  private func readOnce(_ request: ReadRows, _ bucket: Bucket) async throws(CQLError)
    -> ReadRows.Output
  {
    let tables = [request.table.table.id] + [request.statics?.table.id].compactMap { $0 }
    let transaction = shard.begin(isolation: .readCommitted, isReadOnly: true)
    let timer = limit(transaction)
    defer { if let timer { shard.reactor.cancel(timer) } }
    let output: ReadRows.Output
    do throws(KernelError) {
      if try await transaction.use(tables), !isCurrent(request.table, request.statics) {
        transaction.finishReading()
        throw .user(SQLError("CQ000", ""))
      }
      output = try await transaction.statement { () async throws(KernelError) in
        try await transaction.callNewest(request, bucket: bucket)
      }
    } catch {
      await transaction.rollback()
      throw KernelFaults.error(error, parameters.consistency, isWrite: false)
    }
    transaction.finishReading()
    return output
  }

  /// Ends the transaction when the statement's time is over.
  func limit(_ transaction: Transaction) -> TimerToken? {
    timeoutMilliseconds.map { limit in
      shard.reactor.after(milliseconds: limit) {
        transaction.cancel(KernelFaults.timeout)
      }
    }
  }

  /// Of USING TIMEOUT, as it applies to the statement.
  mutating func takeTimeout(_ term: Term?, _ values: [BoundValue]) throws(CQLError) {
    guard let term else { return }
    let receiver = Receiver("[timeout]", .native(.duration), keyspace: keyspace ?? "")
    guard let given = try arguments(values).value(term, receiver), markers == nil else { return }
    guard case .scalar(.interval(let span)) = given, span.months == 0, span.days == 0,
      span.microseconds >= 0, span.microseconds % 1_000 == 0
    else {
      throw .invalid("A timeout is a duration of whole milliseconds, without days and months")
    }
    timeoutMilliseconds = Int(span.microseconds / 1_000)
  }

  func isCurrent(_ tables: TableRows?...) -> Bool {
    tables.allSatisfy { rows in
      rows.map { shard.catalog.table($0.table.id) == $0.table } ?? true
    }
  }
}

/// What the kernel says, as the protocol does.
enum KernelFaults {
  /// What a transaction hears that USING TIMEOUT ends.
  static let timeout = "the time that the statement gave has passed"

  /// `writeType`: the protocol's name of the kind of write.
  static func error(
    _ error: KernelError, _ consistency: Consistency, isWrite: Bool, writeType: String = "SIMPLE"
  ) -> CQLError {
    switch error {
    case .user(let fault): return self.error(fault)
    case .unknownOutcome:
      return CQLError(
        .writeTimeout, "Operation timed out: it is not known whether it has been done",
        .writeTimeout(consistency, writeType: writeType))
    case .unavailable, .leaderChanged, .tabletSplit:
      return CQLError(
        .unavailable, "Cannot achieve consistency level \(consistency)", .unavailable(consistency))
    case .cancelled(timeout):
      return isWrite
        ? CQLError(
          .writeTimeout, "Operation timed out: \(timeout)",
          .writeTimeout(consistency, writeType: writeType))
        : CQLError(.readTimeout, "Operation timed out: \(timeout)", .readTimeout(consistency))
    case .outOfMemory(let text), .diskFull(let text): return CQLError(.overloaded, text)
    case .storageFailed(let text): return CQLError(.server, text)
    case .serializationFailure(let text), .deadlock(let text), .lockNotAvailable(let text),
      .cancelled(let text):
      return CQLError(.overloaded, text)
    case .restartStatement: return CQLError(.overloaded, "the statement met newer rows")
    }
  }

  static func error(_ fault: SQLError) -> CQLError {
    switch fault.code {
    case "CQ000": return StatementRunner.isStale
    case .insufficientPrivilege: return CQLError(.unauthorized, fault.message)
    case .featureNotSupported, .invalidParameterValue: return .invalid(fault.message)
    case .internalError, .dataCorrupted, .ioError: return CQLError(.server, fault.message)
    case .statementCompletionUnknown:
      return CQLError(
        .writeTimeout, fault.message, .writeTimeout(.one, writeType: "SIMPLE"))
    case .outOfMemory, .diskFull, .serializationFailure, .deadlockDetected:
      return CQLError(.overloaded, fault.message)
    default: return .invalid(fault.message)
    }
  }
}
