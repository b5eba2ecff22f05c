public import Base
import Storage

/// A key that a committed transaction has written.
public struct CommittedKey: Sendable, Equatable {
  public var space: KeyspaceID
  public var key: [UInt8]
}

extension Tablet {
  /// The writes have just become visible; who wants to know hears of them when they have committed.
  func tellCommitted(_ state: OpenTransaction, index: LogIndex) {
    guard shard.onCommitted != nil else { return }
    let keys = state.undo.filter { $0.previous == .none }.map {
      CommittedKey(space: $0.space, key: $0.key)
    }
    replication.whenReleased(index) { [self] outcome in
      if case .yes = outcome { shard.onCommitted?(id, keys) }
    }
  }
}

extension NodeShard {
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
