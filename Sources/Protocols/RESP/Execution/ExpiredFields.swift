import Base
import Catalog
import Node

/// Removes fields of a tablet's hashes that have expired, given by the keys of their rows, and whatever
/// hash has none left. The events are its answer.
struct RemoveExpiredFields: Procedure {
  static let name = "redis.expireFields"
  var rowKeys: [[UInt8]]

  init(rowKeys: [[UInt8]]) { self.rowKeys = rowKeys }
  func encode(into out: inout WireEncoder) { rowKeys.encode(into: &out) }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    rowKeys = try [[UInt8]](from: &reader)
  }

  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> [KeyEvent] {
    var options = RunOptions()
    options.events = KeyEvent.Kinds(
      rawValue: KeyEvent.Kind.expired.rawValue | KeyEvent.Kind.hash.rawValue
        | KeyEvent.Kind.generic.rawValue)
    let context = CommandContext(RowAccess(transaction), options, db: 0)
    do throws(CommandStop) {
      var rest = rowKeys[...]
      while let first = rest.first, let key = Self.key(of: first) {
        // The rows come in order: those of one hash together.
        let count = rest.prefix { $0.starts(with: RowKey.key(db: key.db, key.name)) }.count
        try remove(rest.prefix(count), of: key, context, transaction)
        rest = rest.dropFirst(count)
      }
    } catch {
      switch error {
      case .procedure(let reason): throw reason
      case .error, .missing, .missingDatabase:
        fatalError("invariant: removing a field ended with \(error)")
      }
    }
    return context.events
  }

  private static func key(of rowKey: [UInt8]) -> (db: Int, name: [UInt8])? {
    rowKey.withUnsafeBytes { RowKey.parse($0) }.map { ($0.db, $0.name) }
  }

  private func remove(
    _ rowKeys: ArraySlice<[UInt8]>, of key: (db: Int, name: [UInt8]), _ context: CommandContext,
    _ transaction: TabletTransaction
  ) throws(CommandStop) {
    context.db = key.db
    let found = try context.keyToWrite(key.name)
    var removed = 0
    for rowKey in rowKeys where transaction.expired(RedisSchema.hash, rowKey) != nil {
      try context.rows.delete(RedisSchema.hash, rowKey)
      removed += 1
    }
    // The key may be another one by now: what it left behind went all the same.
    guard removed > 0, found.row?.type == .hash else { return }
    var hash = HashRows(context, found)
    let isGone = try hash.finishExpiry()
    context.notify(.hash, "hexpired", found)
    if isGone { context.notify(.generic, "del", found) }
  }
}
