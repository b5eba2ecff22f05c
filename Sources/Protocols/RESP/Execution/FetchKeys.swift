import Base
import Catalog
import Node
import Types

/// All rows of one key, as a tablet has them.
struct FetchedKey: WireCodable {
  var rowKey: [UInt8]
  var rows: [RowChange]
  /// The row of a key that has expired and is not removed yet.
  var expired: [UInt8]?
  /// Others have written it since it was watched.
  var hasChanged: Bool

  init(rowKey: [UInt8], rows: [RowChange], expired: [UInt8]?, hasChanged: Bool) {
    self.rowKey = rowKey
    self.rows = rows
    self.expired = expired
    self.hasChanged = hasChanged
  }
  func encode(into out: inout WireEncoder) {
    out.bytes.blob(rowKey)
    rows.encode(into: &out)
    expired.encode(into: &out)
    hasChanged.encode(into: &out)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    rowKey = try reader.bytes.blob()
    rows = try [RowChange](from: &reader)
    expired = try [UInt8]?(from: &reader)
    hasChanged = try Bool(from: &reader)
  }
}

/// Which key is wanted, and what was seen of it.
struct WantedKey: WireCodable, Equatable {
  var rowKey: [UInt8]
  /// It is watched since then.
  var watchedSince: Timestamp?

  init(rowKey: [UInt8], watchedSince: Timestamp? = nil) {
    self.rowKey = rowKey
    self.watchedSince = watchedSince
  }
  func encode(into out: inout WireEncoder) {
    out.bytes.blob(rowKey)
    watchedSince.encode(into: &out)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    rowKey = try reader.bytes.blob()
    watchedSince = try Timestamp?(from: &reader)
  }
}

/// Fetches all rows of keys, and locks them against others where they are to be written.
struct FetchKeys: Procedure {
  static let name = "redis.fetch"
  var keys: [WantedKey]
  var locks: Bool
  /// What is to be written may need more memory.
  var needsRoom = false

  init(keys: [WantedKey], locks: Bool, needsRoom: Bool = false) {
    self.keys = keys
    self.locks = locks
    self.needsRoom = needsRoom
  }
  func encode(into out: inout WireEncoder) {
    keys.encode(into: &out)
    locks.encode(into: &out)
    needsRoom.encode(into: &out)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    keys = try [WantedKey](from: &reader)
    locks = try Bool(from: &reader)
    needsRoom = try Bool(from: &reader)
  }
  var isReadOnly: Bool { !locks }

  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> [FetchedKey] {
    var fetched: [FetchedKey] = []
    if needsRoom { try makeRoom(transaction) }
    for key in keys { fetched.append(try fetch(key, transaction)) }
    return fetched
  }

  private func makeRoom(_ transaction: TabletTransaction) throws(ProcedureError) {
    let context = CommandContext(RowAccess(transaction), RunOptions(), db: 0)
    do throws(CommandStop) {
      let hasRoom = try MemoryKeeper.of(transaction).makeRoom(context, besides: keys.map(\.rowKey))
      if !hasRoom { throw .outOfMemory }
    } catch {
      guard case .procedure(let reason) = error else {
        fatalError("invariant: making room ended with \(error)")
      }
      throw reason
    }
  }

  private func fetch(_ key: WantedKey, _ transaction: TabletTransaction) throws(ProcedureError)
    -> FetchedKey
  {
    let rowKey = key.rowKey
    if locks {
      let request = LockRequest(space: RedisSchema.keys, key: rowKey, mode: .update)
      _ = try transaction.lock(request, wait: .wait)
    }
    var found = FetchedKey(rowKey: rowKey, rows: [], expired: nil, hasChanged: false)
    if let since = key.watchedSince {
      found.hasChanged = RowAccess(transaction).keyHasChanged(rowKey, since: since)
    }
    var spaces: [KeyspaceID] = []
    if let value = try transaction.get(RedisSchema.keys, rowKey) {
      let row = value.withUnsafeBytes { bytes in
        Result { () throws(DecodingFault) in try KeyRow(bytes) }
      }
      let expires: Timestamp? = if case .success(let row) = row { row.expires } else { nil }
      if case .success(let row) = row { spaces = row.type.elementSpaces }
      found.rows.append(
        RowChange(space: RedisSchema.keys, key: rowKey, value: value, expires: expires))
    } else {
      found.expired = transaction.expired(RedisSchema.keys, rowKey)
      if found.expired != nil { spaces = Array(RedisSchema.keyspaces.dropFirst()) }
    }
    for space in spaces {
      try transaction.scan(
        space, lower: rowKey, upper: RowKey.end(of: rowKey), reverse: false
      ) { (key, value) throws(ProcedureError) in
        var row = RowChange(space: space, key: Array(key), value: Array(value))
        if space == RedisSchema.hash { row.expires = try fieldExpires(value) }
        found.rows.append(row)
        return true
      }
    }
    return found
  }

  private func fieldExpires(_ row: UnsafeRawBufferPointer) throws(ProcedureError) -> Timestamp? {
    do throws(DecodingFault) {
      return try HashRows.expires(row)
    } catch {
      throw .user(SQLError(.dataCorrupted, "a row of redis.hash cannot be read: \(error)"))
    }
  }
}

/// Fetches all rows of all keys that a tablet has of a database.
struct FetchDatabase: Procedure {
  static let name = "redis.fetch.database"
  var db: Int
  var locks: Bool

  init(db: Int, locks: Bool) {
    self.db = db
    self.locks = locks
  }
  func encode(into out: inout WireEncoder) {
    db.encode(into: &out)
    locks.encode(into: &out)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    db = try Int(from: &reader)
    locks = try Bool(from: &reader)
  }
  var isReadOnly: Bool { !locks }

  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> [FetchedKey] {
    var keys: [WantedKey] = []
    let prefix = RowKey.database(db)
    try transaction.scan(
      RedisSchema.keys, lower: prefix, upper: RowKey.end(of: prefix), reverse: false
    ) { (key, _) throws(ProcedureError) in
      keys.append(WantedKey(rowKey: Array(key)))
      return true
    }
    return try FetchKeys(keys: keys, locks: locks).run(transaction)
  }
}

/// Writes rows that were worked out elsewhere from what `FetchKeys` had fetched and locked.
struct WriteRows: Procedure {
  static let name = "redis.write"
  var changes: [RowChange]
  /// The client that does not want to hear of its own changes, as in `RunOptions`; 0: nobody.
  var silentClient: Int64

  init(changes: [RowChange], silentClient: Int64) {
    self.changes = changes
    self.silentClient = silentClient
  }
  func encode(into out: inout WireEncoder) {
    changes.encode(into: &out)
    silentClient.encode(into: &out)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    changes = try [RowChange](from: &reader)
    silentClient = try Int64(from: &reader)
  }

  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> Bool {
    if silentClient != 0 {
      TrackingWriters.of(transaction).note(transaction.id, silentClient)
    }
    for change in changes {
      if let value = change.value {
        try transaction.put(change.space, change.key, value, expires: change.expires)
      } else {
        try transaction.delete(change.space, change.key)
      }
    }
    return true
  }
}
