import Base
import Catalog
import Node

/// The rows that a command works on: those of the tablet it runs on, or, where its keys are on several
/// tablets, copies of them that its coordinator has fetched (`FetchedRows`). Commands cannot tell.
/// Lives on: one shard, while the command runs.
final class RowAccess {
  private enum Place {
    case tablet(TabletTransaction)
    case fetched(FetchedRows)
  }
  private var place: Place

  init(_ transaction: TabletTransaction) { place = .tablet(transaction) }

  /// For the next command.
  func use(_ transaction: TabletTransaction) {
    if tablet !== transaction { place = .tablet(transaction) }
  }
  init(_ rows: FetchedRows) { place = .fetched(rows) }

  /// Nanoseconds since the Unix epoch: the same for everything that runs with it.
  var time: Timestamp {
    switch place {
    case .tablet(let transaction): transaction.snapshot
    case .fetched(let rows): rows.time
    }
  }

  /// Of the shard where the command runs.
  var interpreter: ScriptInterpreter {
    switch place {
    case .tablet(let transaction):
      return transaction.local(ScriptInterpreter.self) { ScriptInterpreter($0) }
    case .fetched(let rows):
      if let interpreter = rows.interpreter { return interpreter }
      fatalError("invariant: rows were fetched for a script without its interpreter")
    }
  }

  /// Nil where the rows are copies.
  var tablet: TabletTransaction? {
    if case .tablet(let transaction) = place { transaction } else { nil }
  }

  var configuration: RESPConfiguration {
    switch place {
    case .tablet(let transaction): transaction.redisConfiguration
    case .fetched(let rows): rows.configuration
    }
  }

  /// The key's rows are at hand, or the command runs again when they are.
  func require(_ name: some Collection<UInt8>, db: Int) throws(CommandStop) {
    switch place {
    case .tablet(let transaction):
      if !transaction.owns(KeySlot.bucket(name)) { throw .missing(Array(name), db: db) }
    case .fetched(let rows):
      if !rows.has(db: db, name) { throw .missing(Array(name), db: db) }
    }
  }

  /// The same for many: all that are not at hand are fetched together.
  func require(_ names: [[UInt8]], db: Int) throws(CommandStop) {
    if case .fetched(let rows) = place {
      for name in names where !rows.has(db: db, name) { rows.alsoMissing.append((db, name)) }
    }
    for name in names { try require(name, db: db) }
  }

  /// All keys of the database are at hand, or the command runs again when they are: never on a tablet, which
  /// has some of them.
  func requireDatabase(_ db: Int) throws(CommandStop) {
    if case .fetched(let rows) = place, rows.databases.contains(db) { return }
    throw .missingDatabase(db)
  }

  func withValue<R>(
    _ space: KeyspaceID, _ key: [UInt8], _ body: (UnsafeRawBufferPointer?) -> R
  ) throws(CommandStop) -> R {
    switch place {
    case .tablet(let transaction):
      do throws(ProcedureError) {
        return try transaction.withValue(space, key, body)
      } catch {
        throw .procedure(error)
      }
    case .fetched(let rows):
      guard let value = rows.get(space, key) else { return body(nil) }
      return value.withUnsafeBytes { body($0) }
    }
  }

  func get(_ space: KeyspaceID, _ key: [UInt8]) throws(CommandStop) -> [UInt8]? {
    try withValue(space, key) { value in value.map { Array($0) } }
  }

  /// Visits the keys from `lower` to below `upper` in order, or from the end; `body` returns false to
  /// stop. The bytes are borrowed.
  func scan(
    _ space: KeyspaceID, lower: [UInt8], upper: [UInt8]?, reverse: Bool = false,
    _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Bool
  ) throws(CommandStop) {
    switch place {
    case .tablet(let transaction):
      do throws(ProcedureError) {
        try transaction.scan(space, lower: lower, upper: upper, reverse: reverse) {
          (key, value) throws(ProcedureError) in body(key, value)
        }
      } catch {
        throw .procedure(error)
      }
    case .fetched(let rows):
      rows.scan(space, lower: lower, upper: upper, reverse: reverse, body)
    }
  }

  /// With borrowed bytes.
  func put(
    _ space: KeyspaceID, _ key: [UInt8], bytes value: UnsafeRawBufferPointer,
    expires: Timestamp? = nil
  ) throws(CommandStop) {
    switch place {
    case .tablet(let transaction):
      do throws(ProcedureError) {
        try transaction.put(space, key, bytes: value, expires: expires)
      } catch {
        throw .procedure(error)
      }
    case .fetched(let rows): rows.put(space, key, Array(value), expires: expires)
    }
  }

  func put(_ space: KeyspaceID, _ key: [UInt8], _ value: [UInt8], expires: Timestamp? = nil)
    throws(CommandStop)
  {
    switch place {
    case .tablet(let transaction):
      do throws(ProcedureError) {
        try transaction.put(space, key, value, expires: expires)
      } catch {
        throw .procedure(error)
      }
    case .fetched(let rows): rows.put(space, key, value, expires: expires)
    }
  }

  func delete(_ space: KeyspaceID, _ key: [UInt8]) throws(CommandStop) {
    switch place {
    case .tablet(let transaction):
      do throws(ProcedureError) {
        try transaction.delete(space, key)
      } catch {
        throw .procedure(error)
      }
    case .fetched(let rows): rows.delete(space, key)
    }
  }

  /// Waits until nobody else holds the key, though only rows of its elements are about to be written:
  /// a transaction over several tablets locks its keys by their own rows.
  func awaitOthers(_ key: [UInt8]) throws(CommandStop) {
    guard case .tablet(let transaction) = place else { return }
    let request = LockRequest(space: RedisSchema.keys, key: key, mode: .noKeyUpdate)
    do throws(ProcedureError) {
      _ = try transaction.lock(request, wait: .wait)
    } catch {
      throw .procedure(error)
    }
  }

  /// Whether the key can be removed without waiting for others; it is locked if so.
  func isFree(_ key: [UInt8]) throws(CommandStop) -> Bool {
    guard case .tablet(let transaction) = place else { return true }
    let request = LockRequest(space: RedisSchema.keys, key: key, mode: .update)
    do throws(ProcedureError) {
      return try transaction.lock(request, wait: .skipLocked)
    } catch {
      if case .conflict = error { return false }
      throw .procedure(error)
    }
  }

  /// Of the shard where the rows are; nil where they are copies.
  var keeper: MemoryKeeper? { tablet.map { MemoryKeeper.of($0) } }

  /// The row of a key that has expired and is not removed yet.
  func expired(_ key: [UInt8]) -> [UInt8]? {
    switch place {
    case .tablet(let transaction): transaction.expired(RedisSchema.keys, key)
    case .fetched(let rows): rows.expired(key)
    }
  }

  /// Whether anybody has written in the range since.
  func hasChanged(_ space: KeyspaceID, lower: [UInt8], upper: [UInt8]?, since: Timestamp) -> Bool {
    switch place {
    case .tablet(let transaction):
      transaction.hasChanged(space, lower: lower, upper: upper, since: since)
    case .fetched(let rows): rows.hasChanged(space, lower: lower, since: since)
    }
  }
}

/// Redis' slots are the kernel's buckets.
enum KeySlot {
  static func bucket(_ name: some Collection<UInt8>) -> Bucket {
    Bucket(slot: slot(name))
  }

  /// CRC16 of the key, or of its hash tag: what stands between the first `{` and the next `}`.
  static func slot(_ name: some Collection<UInt8>) -> UInt16 {
    if let slot = name.withContiguousStorageIfAvailable({ slot(of: UnsafeRawBufferPointer($0)) }) {
      return slot
    }
    return slot(Array(name))
  }

  private static func slot(of name: UnsafeRawBufferPointer) -> UInt16 {
    if let open = name.firstIndex(of: UInt8(ascii: "{")) {
      let rest = name[name.index(after: open)...]
      if let close = rest.firstIndex(of: UInt8(ascii: "}")), close != rest.startIndex {
        return crc16(rest[..<close]) & 0x3FFF
      }
    }
    return crc16(name) & 0x3FFF
  }

  private static let table: [UInt16] = (0..<256).map { index in
    var crc = UInt16(index) << 8
    for _ in 0..<8 { crc = crc & 0x8000 != 0 ? crc << 1 ^ 0x1021 : crc << 1 }
    return crc
  }

  private static func crc16(_ bytes: some Sequence<UInt8>) -> UInt16 {
    table.withUnsafeBufferPointer { table in
      var crc: UInt16 = 0
      for byte in bytes { crc = crc << 8 ^ table[Int(UInt8(truncatingIfNeeded: crc >> 8) ^ byte)] }
      return crc
    }
  }
}
