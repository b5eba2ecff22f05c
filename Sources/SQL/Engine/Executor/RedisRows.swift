import Base
import Catalog
import Node
import Types

/// The tables of schema `redis` whose rows belong together: a collection's elements and the row of its
/// key, which counts them. SQL's writes keep them as Redis' commands do, in the same procedure. What SQL
/// cannot keep whole is refused.
enum RedisRows: Equatable {
  case keys
  /// The elements of keys of this type.
  case elements(of: String)
  /// Rows that only Redis' commands know how to write.
  case closed

  /// Nil: an ordinary table.
  init?(_ table: TableDescriptor) {
    guard RedisSchema.tableIDs.contains(table.id) else { return nil }
    switch table.name {
    case "keys": self = .keys
    case "hash", "set", "zset", "list": self = .elements(of: table.name)
    default: self = .closed
    }
  }

  private enum Column {
    static let db = 0
    static let key = 1
    static let type = 2
    static let value = 3
    /// Of a hash's field too.
    static let expiresAt = 4
    static let length = 5
    static let first = 6
    static let detail = 7
    /// Of a list's element.
    static let position = 2
  }
  private static let types = RedisSchema.types(of: "keys")

  /// A row is about to be inserted.
  func insert(_ row: [Value], _ transaction: TabletTransaction) throws(ProcedureError) {
    switch self {
    case .closed: throw .user(Self.isClosed)
    case .elements(let type): try count(1, row, type, transaction)
    case .keys:
      let isString = row[Column.type] == .text(Array("string".utf8)) && !row[Column.value].isNull
      let isPlain = [Column.length, Column.first, Column.detail].allSatisfy { row[$0].isNull }
      guard isString && isPlain else {
        throw .user(
          SQLError(
            .featureNotSupported, "only keys of type string are inserted into redis.keys",
            hint:
              "A collection's key comes with its first element, as a row of redis.hash and the like."
          ))
      }
      try removeExpired(row, transaction)
    }
  }

  /// A row is about to be replaced by another one with the same primary key.
  func update(_ old: [Value], _ new: [Value], _ transaction: TabletTransaction)
    throws(ProcedureError)
  {
    switch self {
    case .closed: throw .user(Self.isClosed)
    case .elements(of: "hash"):
      if old[Column.expiresAt] != new[Column.expiresAt] { try count(0, new, "hash", transaction) }
    case .elements: break
    case .keys:
      let isKept = [Column.type, Column.length, Column.first, Column.detail].allSatisfy {
        old[$0] == new[$0]
      }
      guard isKept && old[Column.value].isNull == new[Column.value].isNull else {
        throw .user(
          SQLError(
            .featureNotSupported,
            "of a row of redis.keys, expires_at and a string's value can be changed"))
      }
    }
  }

  /// A row is about to be deleted.
  func delete(_ row: [Value], _ transaction: TabletTransaction) throws(ProcedureError) {
    switch self {
    case .closed: throw .user(Self.isClosed)
    case .elements(let type): try count(-1, row, type, transaction)
    case .keys: try removeElements(Self.key(of: row), transaction)
    }
  }

  private static let isClosed = SQLError(
    .featureNotSupported, "rows of streams are written by Redis' commands alone", hint: "Use XADD.")

  private static func key(of row: [Value]) -> [UInt8] {
    var key: [UInt8] = []
    KeyCodec.encode(row[Column.db], type: .int4, into: &key)
    KeyCodec.encode(row[Column.key], type: .text, into: &key)
    return key
  }

  private func removeElements(_ key: [UInt8], _ transaction: TabletTransaction)
    throws(ProcedureError)
  {
    // All keys behind the key's own that begin with it end in its terminator's place.
    var end = key
    end[end.count - 1] = 1
    for space in RedisSchema.keyspaces where space != RedisSchema.keys {
      var found: [[UInt8]] = []
      try transaction.scan(space, lower: key, upper: end, reverse: false) {
        (element, _) throws(ProcedureError) in
        found.append(Array(element))
        return true
      }
      for element in found { try transaction.delete(space, element) }
    }
  }

  /// What an expired key has left behind is not the new key's.
  private func removeExpired(_ row: [Value], _ transaction: TabletTransaction)
    throws(ProcedureError)
  {
    let key = Self.key(of: row)
    if transaction.expired(RedisSchema.keys, key) != nil { try removeElements(key, transaction) }
  }

  /// An element has come (1), goes (-1) or is another (0): the row of its key follows, and comes and goes with it.
  private func count(
    _ step: Int64, _ element: [Value], _ type: String, _ transaction: TabletTransaction
  ) throws(ProcedureError) {
    let key = Self.key(of: element)
    var row: [Value]
    if let bytes = try transaction.get(RedisSchema.keys, key) {
      row = try asProcedure { () throws(SQLError) in try Self.decode(bytes) }
    } else if step < 0 {
      // The key's own row has gone before in this statement, and its elements with it.
      return
    } else {
      try removeExpired(element, transaction)
      row = [
        element[Column.db], element[Column.key], .text(Array(type.utf8)), .null, .null, .int(0),
        .null, .null,
      ]
    }
    guard row[Column.type] == .text(Array(type.utf8)), case .int(let length) = row[Column.length]
    else {
      throw .user(
        SQLError(
          .checkViolation,
          "the key holds a \(Self.text(row[Column.type])), and no \(type)",
          detail: "Key: \(Self.text(element[Column.key]))."))
    }
    if type == "hash", !row[Column.detail].isNull || !element[Column.expiresAt].isNull {
      row[Column.detail] = .bytes(RedisSchema.uncountedExpiry)
    }
    if type == "list" { row[Column.first] = try first(of: row, length, step, element) }
    row[Column.length] = .int(length + step)
    guard length + step > 0 else { return try transaction.delete(RedisSchema.keys, key) }
    var bytes: [UInt8] = []
    RowCodec.encode(row, Self.types, into: &bytes)
    try transaction.put(
      RedisSchema.keys, key, bytes, expires: StoredTable.timestamp(row[Column.expiresAt]))
  }

  /// A list's first position behind the change: elements come and go at its ends only.
  private func first(of row: [Value], _ length: Int64, _ step: Int64, _ element: [Value])
    throws(ProcedureError) -> Value
  {
    guard case .int(let position) = element[Column.position] else { return row[Column.first] }
    guard length > 0, case .int(let first) = row[Column.first] else { return .int(position) }
    let last = first + length - 1
    switch (step, position) {
    case (1, last + 1), (-1, last): return .int(first)
    case (1, first - 1): return .int(position)
    case (-1, first): return .int(first + 1)
    default:
      throw .user(
        SQLError(
          .checkViolation, "a list has no gaps: elements come and go at its ends",
          detail: "Position \(position) of a list from \(first) to \(last)."))
    }
  }

  private static func text(_ value: Value) -> String {
    if case .text(let bytes) = value { String(decoding: bytes, as: UTF8.self) } else { "?" }
  }

  private static func decode(_ bytes: [UInt8]) throws(SQLError) -> [Value] {
    do throws(DecodingFault) {
      return try RowCodec.decode(bytes, types)
    } catch {
      throw SQLError(.dataCorrupted, "a row of redis.keys cannot be read: \(error)")
    }
  }
}
