import Base
import Node
import Reactor

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
    if isAboveLimit { evict { _ in } }
  }

  private var isAboveLimit: Bool {
    configuration.evictionPolicy != .none && MemoryKeeper.of(shard).isOver(configuration)
  }

  /// `done` is told how many keys went.
  private func evict(_ done: @escaping (Int) -> Void) {
    let buckets = shard.firstBuckets
    var (left, removed) = (buckets.count, 0)
    if left == 0 { return done(0) }
    for bucket in buckets {
      shard.callAlone(EvictKeys(), bucket: bucket) { [unowned self] result in
        // A failure is nothing to tell anybody of: the next round tries again.
        if case .success(let events) = result, !events.isEmpty {
          publish(events)
          removed += events.count
        }
        left -= 1
        if left == 0 { done(removed) }
      }
    }
  }

  /// Before a command of a client that keeps copies, whether it needs memory or not: what is above the limit
  /// goes, so that the client hears of those keys before the command's reply. Waits until they have gone.
  func makeRoom() async {
    guard configuration.watchesMemory, isAboveLimit else { return }
    let now = shard.reactor.monotonicNanoseconds()
    if now < noRoomUntil { return }
    let reply = Reply<Int>()
    evict { reply.fulfill($0) }
    // Where nothing may go not every command looks again.
    if await reply.get() == 0 { noRoomUntil = now + Self.noRoomNanoseconds }
  }

  private static let noRoomNanoseconds: UInt64 = 100_000_000
}
