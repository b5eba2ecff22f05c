import Reactor
import Synchronization

/// Lets the shard know that a queue of librdkafka has something. Lives on: any thread.
///
/// `@unchecked Sendable`: `onShard` is touched on the shard alone.
final class FeedSignal: @unchecked Sendable {
  private let home: ReactorHandle
  /// A message to the shard is under way: the queue's further news need none.
  private let isRung = Atomic<Bool>(false)
  var onShard: (() -> Void)?

  init(_ home: ReactorHandle) { self.home = home }

  /// Called by a thread of librdkafka.
  func ring() {
    // The shard looks into the queue after it has put the mark back.
    if isRung.exchange(true, ordering: .acquiringAndReleasing) { return }
    home.post { [self] _ in
      isRung.store(false, ordering: .releasing)
      onShard?()
    }
  }
}
