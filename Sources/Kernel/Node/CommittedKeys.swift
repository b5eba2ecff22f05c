public import Base
import Storage

/// A key that a committed transaction has written.
public struct CommittedKey: Sendable, Equatable {
  public var transaction: TransactionID
  public var space: KeyspaceID
  public var key: [UInt8]
}

/// Hears which keys transactions write on tablets that are led here. Lives on: its shard.
public final class CommitObserver {
  /// When it hears.
  public enum Stage {
    /// The writes can be read; they may yet be lost with this leader, like whatever has read them.
    case visible
    /// They are there to stay.
    case committed
  }
  let stage: Stage
  let body: (TabletID, [CommittedKey]) -> Void

  init(_ stage: Stage, _ body: @escaping (TabletID, [CommittedKey]) -> Void) {
    self.stage = stage
    self.body = body
  }
}

extension Tablet {
  /// The writes have just become visible; who wants to know hears of them.
  func tellCommitted(_ state: OpenTransaction, index: LogIndex) {
    if shard.commitObservers.isEmpty { return }
    let keys = state.undo.filter { $0.previous == .none }.map {
      CommittedKey(transaction: state.id, space: $0.space, key: $0.key)
    }
    tellCommitted(keys, index: index)
  }

  func tellCommitted(_ keys: [CommittedKey], index: LogIndex) {
    let observers = shard.commitObservers
    for observer in observers where observer.stage == .visible { observer.body(id, keys) }
    guard observers.contains(where: { $0.stage == .committed }) else { return }
    replication.whenReleased(index) { [self] outcome in
      guard case .yes = outcome else { return }
      for observer in shard.commitObservers where observer.stage == .committed {
        observer.body(id, keys)
      }
    }
  }
}

extension NodeShard {
  /// From now on until it is removed `body` hears which keys are written on tablets led here. Gathering
  /// them costs: who has no use for it any more takes it back.
  public func observeCommits(
    _ stage: CommitObserver.Stage, _ body: @escaping (TabletID, [CommittedKey]) -> Void
  ) -> CommitObserver {
    let observer = CommitObserver(stage, body)
    commitObservers.append(observer)
    return observer
  }

  public func remove(_ observer: CommitObserver) {
    commitObservers.removeAll { $0 === observer }
  }

  /// What a front end keeps on this shard, made when it is first asked for.
  public func local<T: AnyObject>(_ type: T.Type, _ make: () -> T) -> T {
    if let found = locals[ObjectIdentifier(type)] as? T { return found }
    let made = make()
    locals[ObjectIdentifier(type)] = made
    return made
  }
}

extension TabletTransaction {
  /// As `NodeShard.local`, of the tablet's shard.
  public func local<T: AnyObject>(_ type: T.Type, _ make: (NodeShard) -> T) -> T {
    shard.local(type) { make(shard) }
  }
}
