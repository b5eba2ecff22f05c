import Base
import Catalog
import Node

/// Commands on all keys of a database, on every tablet.
enum KeyspaceCommands {
  static let all: [CommandSpec] = [
    .session("dbsize", 1, [.readOnly, .fast]) { session, _ in
      await reply(session, CountKeys(db: session.db)) { counts in
        session.output.integer(counts.reduce(0, +))
      }
    },
    .session("flushdb", -1, [.write]) { session, command in
      await flush(session, command, db: session.db)
    },
    .session("flushall", -1, [.write]) { session, command in
      await flush(session, command, db: nil)
    },
    .session("swapdb", 3, [.write, .fast], .none, swap),
  ]

  private static func swap(_ session: RESPSession, _ command: CommandArguments) async {
    func number(_ index: Int) -> Int32? {
      command[index].strictInteger().flatMap { Int32(exactly: $0) }
    }
    guard let first = number(1) else { return session.output.error("ERR invalid first DB index") }
    guard let second = number(2) else {
      return session.output.error("ERR invalid second DB index")
    }
    let range = 0..<Int32(session.settings.databases)
    guard range.contains(first), range.contains(second) else {
      return session.output.error("ERR DB index is out of range")
    }
    if first == second { return session.output.ok() }
    await change(session, SwapDatabases(first: Int(first), second: Int(second))) { _ in
      session.output.ok()
    }
  }

  private static func flush(_ session: RESPSession, _ command: CommandArguments, db: Int?) async {
    let isPlain =
      command.count == 1
      || (command.count == 2 && (command.matches(1, "SYNC") || command.matches(1, "ASYNC")))
    guard isPlain else { return session.output.error("ERR syntax error") }
    await change(session, RemoveAll(db: db)) { _ in session.output.ok() }
    // Also behind a failure: the keys may have gone all the same.
    session.state.tellFlushed()
  }

  /// Asks every tablet for what one snapshot shows.
  static func reply<P: Procedure>(
    _ session: RESPSession, _ procedure: P, _ body: ([P.Output]) -> Void
  ) async {
    let transaction = session.shard.begin(isolation: .repeatableRead, isReadOnly: true)
    defer { transaction.finishReading() }
    do throws(KernelError) {
      let outputs = try await transaction.statement { () async throws(KernelError) in
        try await transaction.callAll(procedure)
      }
      body(outputs)
    } catch {
      session.output.bytes.append(contentsOf: session.failure(error))
    }
  }

  /// Changes something on every tablet, as one transaction.
  static func change<P: Procedure>(
    _ session: RESPSession, _ procedure: P, _ body: ([P.Output]) -> Void
  ) async {
    var attempts = 0
    while true {
      let transaction = session.shard.begin(isolation: .readCommitted)
      do throws(KernelError) {
        let outputs = try await transaction.statement { () async throws(KernelError) in
          try await transaction.callAll(procedure)
        }
        try await transaction.commit()
        return body(outputs)
      } catch {
        await transaction.rollback()
        attempts += 1
        // Others write many keys at the same time: one of the two begins again.
        if case .deadlock = error, attempts < attemptsMax { continue }
        return session.output.bytes.append(contentsOf: session.failure(error))
      }
    }
  }

  private static let attemptsMax = 20
}

/// How many keys a database has on a tablet.
struct CountKeys: Procedure {
  static let name = "redis.count"
  var db: Int

  init(db: Int) { self.db = db }
  func encode(into out: inout WireEncoder) { db.encode(into: &out) }
  init(from reader: inout WireDecoder) throws(DecodingFault) { db = try Int(from: &reader) }
  var isReadOnly: Bool { true }

  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> Int {
    var count = 0
    let prefix = RowKey.database(db)
    try transaction.scan(
      RedisSchema.keys, lower: prefix, upper: RowKey.end(of: prefix), reverse: false
    ) { (_, _) throws(ProcedureError) in
      count += 1
      return true
    }
    return count
  }
}

/// Removes all keys of a database, or of all, from a tablet.
struct RemoveAll: Procedure {
  static let name = "redis.flush"
  /// Nil: of all.
  var db: Int?

  init(db: Int?) { self.db = db }
  func encode(into out: inout WireEncoder) { db.encode(into: &out) }
  init(from reader: inout WireDecoder) throws(DecodingFault) { db = try Int?(from: &reader) }

  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> Bool {
    TrackingWriters.of(transaction).note(transaction.id, TrackingWriters.flush)
    let prefix = db.map { RowKey.database($0) } ?? []
    for space in RedisSchema.keyspaces {
      var keys: [[UInt8]] = []
      try transaction.scan(
        space, lower: prefix, upper: RowKey.end(of: prefix), reverse: false
      ) { (key, _) throws(ProcedureError) in
        keys.append(Array(key))
        return true
      }
      for key in keys { try transaction.delete(space, key) }
    }
    return true
  }
}

/// Gives the keys of two databases on a tablet to each other.
struct SwapDatabases: Procedure {
  static let name = "redis.swap"
  var first: Int
  var second: Int

  init(first: Int, second: Int) {
    self.first = first
    self.second = second
  }
  func encode(into out: inout WireEncoder) {
    first.encode(into: &out)
    second.encode(into: &out)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    first = try Int(from: &reader)
    second = try Int(from: &reader)
  }

  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> Bool {
    for space in RedisSchema.keyspaces {
      let rows = [
        try read(space, first, transaction), try read(space, second, transaction),
      ]
      for row in rows.joined() { try transaction.delete(space, row.key) }
      try write(rows[0], space, to: second, transaction)
      try write(rows[1], space, to: first, transaction)
    }
    return true
  }

  private func read(_ space: KeyspaceID, _ db: Int, _ transaction: TabletTransaction)
    throws(ProcedureError) -> [(key: [UInt8], value: [UInt8])]
  {
    var rows: [(key: [UInt8], value: [UInt8])] = []
    let prefix = RowKey.database(db)
    try transaction.scan(
      space, lower: prefix, upper: RowKey.end(of: prefix), reverse: false
    ) { (key, value) throws(ProcedureError) in
      rows.append((Array(key), Array(value)))
      return true
    }
    return rows
  }

  private func write(
    _ rows: [(key: [UInt8], value: [UInt8])], _ space: KeyspaceID, to db: Int,
    _ transaction: TabletTransaction
  ) throws(ProcedureError) {
    for row in rows {
      guard let (_, name, end) = row.key.withUnsafeBytes({ RowKey.parse($0) }) else {
        throw .damagedRow(.malformed("a key of schema redis"))
      }
      let key = ElementRow.renamed(
        key: row.key, in: space, from: end, to: RowKey.key(db: db, name))
      let value: [UInt8]
      var expires: Timestamp?
      do throws(DecodingFault) {
        value = try ElementRow.renamed(row.value, db: db, key: name)
        if space == RedisSchema.keys {
          expires = try value.withUnsafeBytes { bytes in
            Result { () throws(DecodingFault) in try KeyRow(bytes) }
          }.get().expires
        } else if space == RedisSchema.hash {
          expires = try value.withUnsafeBytes { bytes in
            Result { () throws(DecodingFault) in try HashRows.expires(bytes) }
          }.get()
        }
      } catch {
        throw .damagedRow(error)
      }
      try transaction.put(space, key, value, expires: expires)
    }
  }
}
