import Base
import Catalog

/// A key as a command found it, or has left it.
struct KeyState {
  let name: [UInt8]
  /// Of its row in `redis.keys`; the keys of its elements' rows begin with it.
  let rowKey: [UInt8]
  /// Nil: there is no such key.
  var row: KeyRow?

  var exists: Bool { row != nil }
}

extension KeyType {
  /// Where the elements of a key of the type are.
  var elementSpaces: [KeyspaceID] {
    switch self {
    case .string: []
    case .list: [RedisSchema.list]
    case .hash: [RedisSchema.hash]
    case .set: [RedisSchema.set]
    case .zset: [RedisSchema.zset, RedisSchema.zsetByScore]
    case .stream:
      [
        RedisSchema.stream, RedisSchema.streamGroup, RedisSchema.streamConsumer,
        RedisSchema.streamPending,
      ]
    }
  }
}

extension CommandContext {
  /// The key, for a command that only reads. `type`: what it must hold, if there is one.
  func key(
    _ name: ArraySlice<UInt8>, _ type: KeyType? = nil, noting notes: LookupNotes = .missesToo
  ) throws(CommandStop) -> KeyState {
    try key(Array(name), type, noting: notes)
  }

  func key(
    _ name: [UInt8], _ type: KeyType? = nil, db: Int? = nil,
    noting notes: LookupNotes = .missesToo
  ) throws(CommandStop) -> KeyState {
    let db = db ?? self.db
    if isScript || usesOtherKeys || rows.tablet == nil { try rows.require(name, db: db) }
    let rowKey = RowKey.key(db: db, name)
    let found = try rows.withValue(RedisSchema.keys, rowKey) {
      bytes -> Result<KeyRow?, DecodingFault> in
      guard let bytes else { return .success(nil) }
      do throws(DecodingFault) {
        return .success(try KeyRow(bytes))
      } catch {
        return .failure(error)
      }
    }
    guard case .success(let row) = found else {
      if case .failure(let fault) = found { throw .damaged(fault) }
      return KeyState(name: name, rowKey: rowKey, row: nil)
    }
    note(notes, of: name, found: row != nil, db: db)
    if let type, let row, row.type != type { throw .wrongType }
    return KeyState(name: name, rowKey: rowKey, row: row)
  }

  /// The key, for a command that is going to write it, or its elements. What is left of an expired one
  /// is removed first.
  func keyToWrite(_ name: ArraySlice<UInt8>, _ type: KeyType? = nil) throws(CommandStop) -> KeyState
  {
    try keyToWrite(Array(name), type)
  }

  func keyToWrite(_ name: [UInt8], _ type: KeyType? = nil, db: Int? = nil) throws(CommandStop)
    -> KeyState
  {
    let key = try key(name, type, db: db)
    try rows.awaitOthers(key.rowKey)
    if key.row == nil, let bytes = rows.expired(key.rowKey) {
      let before = bytes.withUnsafeBytes { bytes in
        Result { () throws(DecodingFault) in try KeyRow(bytes) }
      }
      guard case .success(let row) = before else { return key }
      try removeElements(KeyState(name: name, rowKey: key.rowKey, row: row))
      try rows.delete(RedisSchema.keys, key.rowKey)
      noteExpired(name, db: db)
    }
    return key
  }

  /// SET without options: whatever the key holds is replaced, and never expires.
  func setString(_ name: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>) throws(CommandStop) {
    if isScript || usesOtherKeys || rows.tablet == nil { try rows.require(name, db: db) }
    let rowKey = RowKey.key(db: db, name)
    let type = try rows.read(RedisSchema.keys, rowKey) { (bytes) throws(CommandStop) -> KeyType in
      do throws(DecodingFault) {
        return try KeyRowView(bytes).type
      } catch {
        throw .damaged(error)
      }
    }
    try rows.awaitOthers(rowKey)
    let isBare = type == .string || (type == nil && rows.expired(rowKey) == nil)
    if !isBare { try removeElements(try keyToWrite(name)) }
    try putString(name, rowKey, value)
    if options.events.contains(.string) { notify(.string, "set", Array(name)) }
  }

  /// Writes the row of a string that never expires.
  func putString(
    _ name: ArraySlice<UInt8>, _ rowKey: [UInt8], _ value: ArraySlice<UInt8>
  ) throws(CommandStop) {
    if options.events.contains(.new) { try notifyIfNew(Array(name), rowKey) }
    let stop = KeyRow.withString(db: db, key: name, value) { row -> CommandStop? in
      do throws(CommandStop) {
        try rows.put(RedisSchema.keys, rowKey, bytes: row)
        return nil
      } catch {
        return error
      }
    }
    if let stop { throw stop }
  }

  /// The key's row is about to be written: there is none where the key is new.
  private func notifyIfNew(_ name: [UInt8], _ rowKey: [UInt8], db: Int? = nil) throws(CommandStop) {
    let isThere = try rows.withValue(RedisSchema.keys, rowKey) { $0 != nil }
    if !isThere { notify(.new, "new", name, db: db) }
  }

  /// Writes the key's row.
  func save(_ key: KeyState, db: Int? = nil) throws(CommandStop) {
    guard let row = key.row else { return }
    if options.events.contains(.new) { try notifyIfNew(key.name, key.rowKey, db: db) }
    let stop = row.withEncoded(db: db ?? self.db, key: key.name) { bytes -> CommandStop? in
      do throws(CommandStop) {
        try rows.put(RedisSchema.keys, key.rowKey, bytes: bytes, expires: row.expires)
        return nil
      } catch {
        return error
      }
    }
    if let stop { throw stop }
  }

  /// Writes the row of a collection, or removes the key where it is empty: Redis has no empty ones (but
  /// streams). True: it was removed.
  @discardableResult
  func saveOrRemove(_ key: KeyState) throws(CommandStop) -> Bool {
    guard try saveOrRemoveSilently(key) else { return false }
    notify(.generic, "del", key)
    return true
  }

  /// The same for commands that tell of what they have done first: the caller notifies of the removal.
  func saveOrRemoveSilently(_ key: KeyState) throws(CommandStop) -> Bool {
    guard let row = key.row else { return false }
    if row.length > 0 || row.type == .stream {
      try save(key)
      return false
    }
    try rows.delete(RedisSchema.keys, key.rowKey)
    return true
  }

  /// Removes the key with all its elements; nothing where there is none.
  func remove(_ key: KeyState) throws(CommandStop) {
    guard key.exists else { return }
    try removeElements(key)
    try rows.delete(RedisSchema.keys, key.rowKey)
  }

  func removeElements(_ key: KeyState) throws(CommandStop) {
    guard let row = key.row else { return }
    for space in row.type.elementSpaces {
      var found: [[UInt8]] = []
      try rows.scan(space, lower: key.rowKey, upper: RowKey.end(of: key.rowKey)) { element, _ in
        found.append(Array(element))
        return true
      }
      for element in found { try rows.delete(space, element) }
    }
  }
}
