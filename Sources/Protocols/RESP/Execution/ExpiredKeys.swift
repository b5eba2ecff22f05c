import Base
import Catalog
import Node

/// Has keys and fields that have expired removed soon after that, and tells of it (event "expired").
enum ExpiredKeys {
  /// Begins on a shard; once. `onEvents` hears what went.
  static func remove(on shard: NodeShard, _ onEvents: @escaping ([KeyEvent]) -> Void) {
    // A failure is nothing to tell anybody of: the next pass finds the keys again.
    let told: (Result<[KeyEvent], KernelError>) -> Void = { result in
      if case .success(let events) = result, !events.isEmpty { onEvents(events) }
    }
    shard.removeExpired(in: RedisSchema.keys, by: { RemoveExpired(keys: $0) }, told)
    shard.removeExpired(in: RedisSchema.hash, by: { RemoveExpiredFields(rowKeys: $0) }, told)
  }
}

/// Removes keys of a tablet that have expired, given by the keys of their rows. The events are its
/// answer.
struct RemoveExpired: Procedure {
  static let name = "redis.expire"
  var keys: [[UInt8]]

  init(keys: [[UInt8]]) { self.keys = keys }
  func encode(into out: inout WireEncoder) { keys.encode(into: &out) }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    keys = try [[UInt8]](from: &reader)
  }

  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> [KeyEvent] {
    var options = RunOptions()
    options.events = KeyEvent.Kinds(rawValue: KeyEvent.Kind.expired.rawValue)
    let context = CommandContext(RowAccess(transaction), options, db: 0)
    do throws(CommandStop) {
      for rowKey in keys {
        guard let (db, name, _) = rowKey.withUnsafeBytes({ RowKey.parse($0) }) else { continue }
        _ = try context.keyToWrite(name, db: db)
      }
    } catch {
      switch error {
      case .procedure(let reason): throw reason
      case .error, .missing, .missingDatabase:
        fatalError("invariant: removing a key ended with \(error)")
      }
    }
    return context.events
  }
}
