import Base
import Catalog
import Functions
import Node
import Types

/// The calls of SQL that wait or that change the session: sequences, settings, advisory locks,
/// notifications, sleeping. Lives with its session.
final class EngineCalls: SequenceAccess {
  private unowned let session: SQLSession
  /// currval, by sequence.
  private var given: [ObjectID: Int64] = [:]
  private var lastGiven: (sequence: ObjectID, value: Int64)?
  /// Session-level advisory locks: each is a transaction of its own that only locks.
  private var advisoryLocks: [AdvisoryKey: (holder: Transaction, count: Int)] = [:]

  /// Waits for a session-level advisory lock.
  private var waitingHolder: Transaction?

  init(session: SQLSession) { self.session = session }

  /// Ends a wait that is not the session's transaction's own.
  func cancelWaiting(_ message: String) { waitingHolder?.cancel(message) }

  func forgetSequences() {
    given = [:]
    lastGiven = nil
  }

  func call(
    _ name: String, _ arguments: [Value], context: EvaluationContext, transaction: Transaction
  ) async throws(SQLError) -> Value {
    switch name {
    case "nextval", "currval", "setval", "lastval":
      return try await sequence(name, arguments, transaction)
    case "set_config": return try setConfig(arguments)
    case "pg_notify":
      try session.notify(Self.text(arguments, 0), Self.text(arguments, 1))
      return .null
    case "pg_sleep", "pg_sleep_for", "pg_sleep_until":
      try await sleep(name, arguments, transaction)
      return .null
    case "pg_current_xact_id", "txid_current", "pg_current_xact_id_if_assigned",
      "txid_current_if_assigned":
      return .int(Int64(bitPattern: transaction.id.rawValue >> 12))
    case "pg_cancel_backend": return .bool(try await signal(.cancel, arguments))
    case "pg_terminate_backend": return .bool(try await signal(.terminate, arguments))
    case "pg_reload_conf": return .bool(true)
    case "pg_notification_queue_usage": return .float(0)
    case "pg_blocking_pids": return .array(ArrayValue(elementType: .int4, elements: []))
    case "current_query": return .null
    case _ where name.contains("advisory"):
      return try await advisory(name, arguments, transaction)
    default:
      throw SQLError(.featureNotSupported, "function \(name) is not supported")
    }
  }

  private static func text(_ arguments: [Value], _ place: Int) -> String {
    guard place < arguments.count, case .text(let bytes) = arguments[place] else { return "" }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func setConfig(_ arguments: [Value]) throws(SQLError) -> Value {
    let name = Self.text(arguments, 0)
    let value: String? = arguments[1].isNull ? nil : Self.text(arguments, 1)
    var isLocal = false
    if case .bool(let flag) = arguments[2] { isLocal = flag }
    // What SET LOCAL refuses outside of a block is an effect on one statement here.
    if isLocal && !session.isExplicit { return arguments[1] }
    try session.set(name, value.map { [$0] }, isLocal: isLocal)
    return .string(session.settings.value(name) ?? value ?? "")
  }

  private func sleep(_ name: String, _ arguments: [Value], _ transaction: Transaction)
    async throws(SQLError)
  {
    var microseconds: Int64 = 0
    switch arguments[0] {
    case .float(let seconds): microseconds = Int64(min(max(seconds, 0), 1e9) * 1e6)
    case .interval(let interval):
      microseconds =
        interval.microseconds + (Int64(interval.days) + Int64(interval.months) * 30)
        * 86_400_000_000
    case .int(let until): microseconds = until - session.now()
    default: break
    }
    do throws(KernelError) {
      try await transaction.sleep(nanoseconds: UInt64(max(microseconds, 0)) * 1_000)
    } catch {
      throw sqlError(from: error)
    }
  }
}

// MARK: - Other sessions

extension EngineCalls {
  /// False, with a warning, when there is no such session.
  private func signal(_ signal: SessionSignal, _ arguments: [Value]) async throws(SQLError)
    -> Bool
  {
    guard case .int(let number) = arguments[0], let process = Int32(exactly: number) else {
      return false
    }
    guard let name = await session.shard.user(ofSession: process) else {
      session.notice(
        "WARNING", SQLError("01000", "PID \(process) is not a PostgreSQL server process"))
      return false
    }
    let catalog = session.catalog
    let verb = signal == .cancel ? ("canceled", "cancel") : ("terminated", "terminate")
    let what = signal == .cancel ? "query" : "process"
    if let target = catalog.role(named: name), !session.role.isSuperuser {
      if target.isSuperuser {
        throw SQLError(
          .insufficientPrivilege, "must be a superuser to \(verb.1) superuser \(what)")
      }
      guard Privileges.isMember(session.role, of: target.id, catalog) else {
        throw SQLError(
          .insufficientPrivilege,
          "must be a member of the role whose \(what) is being \(verb.0) or member of pg_signal_backend"
        )
      }
    }
    session.shard.signalSession(process, signal)
    if process == session.processID {
      // The signal comes when this statement waits: here.
      do throws(KernelError) {
        try await session.current().sleep(nanoseconds: 1_000_000_000)
      } catch {
        throw sqlError(from: error)
      }
    }
    return true
  }
}

// MARK: - Sequences

extension EngineCalls {
  private func sequence(_ name: String, _ arguments: [Value], _ transaction: Transaction)
    async throws(SQLError) -> Value
  {
    if name == "lastval" {
      guard let last = lastGiven else {
        throw SQLError(
          .objectNotInPrerequisiteState, "lastval is not yet defined in this session")
      }
      return .int(last.value)
    }
    guard case .int(let oid) = arguments[0] else { return .null }
    let id = ObjectID(rawValue: UInt32(truncatingIfNeeded: oid))
    guard let sequence = transaction.catalog.sequence(id) else {
      let known = transaction.catalog.objects[id]?.name ?? String(oid)
      throw SQLError(.wrongObjectType, "\"\(known)\" is not a sequence")
    }
    do throws(KernelError) {
      switch name {
      case "currval":
        guard let value = given[id] else {
          throw .user(
            SQLError(
              .objectNotInPrerequisiteState,
              "currval of sequence \"\(sequence.name)\" is not yet defined in this session"))
        }
        return .int(value)
      case "setval": return try await set(sequence, arguments)
      default:
        if transaction.isReadOnly {
          throw .user(
            SQLError(
              .readOnlySQLTransaction, "cannot execute nextval() in a read-only transaction"))
        }
        let value = try await session.shard.nextValue(of: sequence)
        given[id] = value
        lastGiven = (id, value)
        return .int(value)
      }
    } catch {
      throw sqlError(from: error)
    }
  }

  private func set(_ sequence: SequenceDescriptor, _ arguments: [Value])
    async throws(KernelError) -> Value
  {
    guard case .int(let value) = arguments[1] else { return .null }
    guard value >= sequence.minimum && value <= sequence.maximum else {
      throw .user(
        SQLError(
          .numericValueOutOfRange,
          "setval: value \(value) is out of bounds for sequence \"\(sequence.name)\" (\(sequence.minimum)..\(sequence.maximum))"
        ))
    }
    var isCalled = true
    if arguments.count > 2, case .bool(let flag) = arguments[2] { isCalled = flag }
    try await session.shard.setValue(
      of: sequence, SequenceState(value: value, isCalled: isCalled))
    if isCalled {
      given[sequence.id] = value
      lastGiven = (sequence.id, value)
    }
    return .int(value)
  }
}

// MARK: - Advisory locks

private struct AdvisoryKey: Hashable {
  var bytes: [UInt8]
  var isShared: Bool
}

extension EngineCalls {
  private func advisory(_ name: String, _ arguments: [Value], _ transaction: Transaction)
    async throws(SQLError) -> Value
  {
    if name == "pg_advisory_unlock_all" {
      await releaseAdvisoryLocks()
      return .null
    }
    let isShared = name.hasSuffix("_shared")
    // One bigint and two integers are different key spaces, as in PostgreSQL.
    var bytes: [UInt8] = [UInt8(arguments.count)]
    for argument in arguments {
      if case .int(let number) = argument {
        withUnsafeBytes(of: number.bigEndian) { bytes += $0 }
      }
    }
    let key = AdvisoryKey(bytes: bytes, isShared: isShared)
    if name.hasPrefix("pg_advisory_unlock") { return .bool(try await unlock(key)) }
    let isTry = name.hasPrefix("pg_try_")
    let isOfTransaction = name.contains("_xact_")
    if isOfTransaction { session.mayHaveEffects = true }
    if !isOfTransaction, let held = advisoryLocks[key] {
      advisoryLocks[key] = (held.holder, held.count + 1)
      return isTry ? .bool(true) : .null
    }
    let holder =
      isOfTransaction ? transaction : session.shard.begin(isolation: .readCommitted)
    holder.lockTimeoutMilliseconds = session.settings.lockTimeoutMilliseconds
    if !isOfTransaction { waitingHolder = holder }
    defer { waitingHolder = nil }
    do throws(KernelError) {
      let isLocked = try await holder.lockAdvisory(
        bytes, isShared: isShared, wait: isTry ? .skipLocked : .wait)
      if !isOfTransaction {
        if isLocked { advisoryLocks[key] = (holder, 1) } else { await holder.rollback() }
      }
      return isTry ? .bool(isLocked) : .null
    } catch {
      if !isOfTransaction { await holder.rollback() }
      throw sqlError(from: error)
    }
  }

  private func unlock(_ key: AdvisoryKey) async throws(SQLError) -> Bool {
    guard let held = advisoryLocks[key] else {
      session.notice(
        "WARNING",
        SQLError(
          "01000", "you don't own a lock of type \(key.isShared ? "ShareLock" : "ExclusiveLock")"))
      return false
    }
    if held.count > 1 {
      advisoryLocks[key] = (held.holder, held.count - 1)
    } else {
      advisoryLocks[key] = nil
      await held.holder.rollback()
    }
    return true
  }

  func releaseAdvisoryLocks() async {
    let held = advisoryLocks.values.map(\.holder)
    advisoryLocks = [:]
    for holder in held { await holder.rollback() }
  }
}
