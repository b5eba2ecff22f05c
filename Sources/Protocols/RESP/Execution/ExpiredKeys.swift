import Base
import Catalog
public import Node

/// Has keys that have expired removed, with their elements, soon after that. Lives on: its shard.
public final class ExpiredKeys {
  /// Hears of the keys that went (event "expired").
  var onEvents: (([KeyEvent]) -> Void)?

  /// Begins on a shard; once.
  public static func remove(on shard: NodeShard) {
    let keys = shard.expiredKeys
    shard.removeExpired(
      in: RedisSchema.keys, by: { RemoveExpired(keys: $0) },
      { [unowned keys] result in
        // A failure is nothing to tell anybody of: the next pass finds the keys again.
        if case .success(let events) = result, !events.isEmpty { keys.onEvents?(events) }
      })
    shard.removeExpired(
      in: RedisSchema.hash, by: { RemoveExpiredFields(rowKeys: $0) },
      { [unowned keys] result in
        if case .success(let events) = result, !events.isEmpty { keys.onEvents?(events) }
      })
  }
}

extension NodeShard {
  var expiredKeys: ExpiredKeys { local(ExpiredKeys.self) { ExpiredKeys() } }
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
