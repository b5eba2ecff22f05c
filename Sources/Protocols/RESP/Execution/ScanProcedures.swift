import Base
import Catalog
import Node

/// The keys of a tablet whose names match.
struct FindKeys: Procedure {
  static let name = "redis.find"
  var db: Int
  var pattern: [UInt8]

  init(db: Int, pattern: [UInt8]) {
    self.db = db
    self.pattern = pattern
  }
  func encode(into out: inout WireEncoder) {
    db.encode(into: &out)
    out.bytes.blob(pattern)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    db = try Int(from: &reader)
    pattern = try reader.bytes.blob()
  }
  var isReadOnly: Bool { true }

  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> [[UInt8]] {
    let glob = GlobPattern(pattern)
    let prefix = RowKey.database(db)
    var found: [[UInt8]] = []
    try transaction.scan(
      RedisSchema.keys, lower: prefix, upper: RowKey.end(of: prefix), reverse: false
    ) { (key, _) throws(ProcedureError) in
      let name = RowKey.name(key)
      if glob.matches(name) { found.append(name) }
      return true
    }
    return found
  }
}

/// The next keys of a tablet in their order.
struct ScanKeys: Procedure {
  static let name = "redis.scan"
  var db: Int
  /// 0: from the first.
  var cursor: UInt64
  /// How many to look at.
  var count: Int
  var pattern: [UInt8]?
  var type: [UInt8]?

  struct Output: WireCodable {
    var names: [[UInt8]] = []
    /// 0: there are no more here.
    var next: UInt64 = 0
    var visited = 0
    init() {}
    func encode(into out: inout WireEncoder) {
      names.encode(into: &out)
      next.encode(into: &out)
      visited.encode(into: &out)
    }
    init(from reader: inout WireDecoder) throws(DecodingFault) {
      names = try [[UInt8]](from: &reader)
      next = try UInt64(from: &reader)
      visited = try Int(from: &reader)
    }
  }

  init(db: Int, cursor: UInt64, count: Int) {
    self.db = db
    self.cursor = cursor
    self.count = count
  }
  func encode(into out: inout WireEncoder) {
    db.encode(into: &out)
    cursor.encode(into: &out)
    count.encode(into: &out)
    pattern.encode(into: &out)
    type.encode(into: &out)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    db = try Int(from: &reader)
    cursor = try UInt64(from: &reader)
    count = try Int(from: &reader)
    pattern = try [UInt8]?(from: &reader)
    type = try [UInt8]?(from: &reader)
  }
  var isReadOnly: Bool { true }

  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> Output {
    let glob = pattern.map { GlobPattern($0) }
    let prefix = RowKey.database(db)
    let cursors = transaction.scanCursors
    // What a cursor belongs to is the tablet's database.
    let owner = prefix + Array("\(transaction.tablet)".utf8)
    let after = cursor == 0 ? nil : cursors.position(of: cursor, owner: owner)
    var output = Output()
    var last: [UInt8]?
    var fault: DecodingFault?
    try transaction.scan(
      RedisSchema.keys, lower: after.map { $0 + [0] } ?? prefix, upper: RowKey.end(of: prefix),
      reverse: false
    ) { (key, value) throws(ProcedureError) in
      if output.visited >= count {
        output.next = 1
        return false
      }
      output.visited += 1
      last = Array(key)
      let name = RowKey.name(key)
      guard glob?.matches(name) ?? true else { return true }
      if let type {
        do throws(DecodingFault) {
          guard try KeyRowView(value).type.name.utf8.elementsEqual(type) else { return true }
        } catch {
          fault = error
          return false
        }
      }
      output.names.append(name)
      return true
    }
    if let fault { throw .damagedRow(fault) }
    if output.next != 0, let last { output.next = cursors.keep(last, owner: owner) }
    return output
  }
}
