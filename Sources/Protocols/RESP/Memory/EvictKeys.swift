import Base
import Node

/// Removes keys of a tablet whose shard uses more memory than it may, without a command that needs the room:
/// the limit was lowered, or others have written. The events are its answer.
struct EvictKeys: Procedure {
  static let name = "redis.evict"

  init() {}
  func encode(into out: inout WireEncoder) {}
  init(from reader: inout WireDecoder) throws(DecodingFault) {}

  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> [KeyEvent] {
    var options = RunOptions()
    options.events = KeyEvent.Kinds(rawValue: KeyEvent.Kind.evicted.rawValue)
    let context = CommandContext(RowAccess(transaction), options, db: 0)
    do throws(CommandStop) {
      // Whether that was enough the next round sees.
      _ = try MemoryKeeper.of(transaction).makeRoom(context, besides: [])
    } catch {
      guard case .procedure(let reason) = error else {
        fatalError("invariant: removing keys ended with \(error)")
      }
      throw reason
    }
    return context.events
  }
}

extension RESPShard {
  /// Once a second: what is above the limit goes, by whichever way it came.
  func evict() {
    guard configuration.evictionPolicy != .none, MemoryKeeper.of(shard).isOver(configuration)
    else { return }
    for bucket in shard.firstBuckets {
      shard.callAlone(EvictKeys(), bucket: bucket) { [unowned self] result in
        // A failure is nothing to tell anybody of: the next round tries again.
        if case .success(let events) = result, !events.isEmpty { publish(events) }
      }
    }
  }
}
