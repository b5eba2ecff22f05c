public import Base

/// One committed version as a checkpoint stores it; bytes are borrowed for the closure.
public struct SnapshotVersion {
  public let space: KeyspaceID
  public let key: UnsafeRawBufferPointer
  /// nil: a deletion.
  public let value: UnsafeRawBufferPointer?
  public let timestamp: Timestamp
  public let index: LogIndex
  public let expires: Timestamp?
}

/// A walk over a store as it was at one log index, in slices with writes between them.
/// Lives on: the store's shard.
///
/// Versions of later entries are passed over; while the cursor lives, garbage collection keeps what it
/// still has to show. A keyspace dropped meanwhile is missing from then on: replaying the log behind
/// the index drops it as well. Intents are not shown; whoever keeps the prepare records stores them.
public final class SnapshotCursor {
  private let store: Store
  public let index: LogIndex
  /// Of versions at or below this timestamp, only the newest of a key is shown.
  public let horizon: Timestamp
  private var space: KeyspaceID?
  private var key: [UInt8] = []
  private var chain: [Version] = []
  private var isOpen = true

  init(store: Store, index: LogIndex, horizon: Timestamp) {
    self.store = store
    self.index = index
    self.horizon = horizon
    space = store.trees.first?.space
    store.pins.append(index)
  }

  deinit { close() }

  /// Lets garbage collection go on; also done by deinit.
  public func close() {
    guard isOpen else { return }
    isOpen = false
    if let slot = store.pins.firstIndex(of: index) { store.pins.remove(at: slot) }
  }

  /// Shows the next keys, about `budget` of them and about `bytes` of versions: keyspaces in order,
  /// keys in order, the versions of a key oldest first, so that `StoreLoader` rebuilds the store.
  /// Returns whether more follows.
  /// When the closure throws, the slice's keys are shown again by the next call.
  public func next(
    budget: Int, bytes: Int = .max, _ body: (SnapshotVersion) throws -> Void
  ) rethrows -> Bool {
    invariant(isOpen, "snapshot cursor used after close")
    guard let wanted = space else { return false }
    let (slot, exists) = store.treeSlot(wanted)
    guard slot < store.trees.count else {
      space = nil
      return false
    }
    let tree = store.trees[slot]
    if !exists {
      space = tree.space
      key.removeAll(keepingCapacity: true)
    }
    var left = budget
    var bytesLeft = bytes
    var following: [UInt8]?
    let row = store.rowBuffers.take()
    defer { store.rowBuffers.giveBack(row) }
    try key.withUnsafeBytes { start in
      try tree.visit(from: .inclusive(start), to: .unbounded, reverse: false) { head in
        if left <= 0 || bytesLeft <= 0 {
          following = Array(row.key(of: head))
          return .stop
        }
        left -= 1
        bytesLeft -= try show(head, row, tree.space, body)
        return .next
      }
    }
    key.removeAll(keepingCapacity: true)
    if let following {
      key = following
    } else {
      space = slot + 1 < store.trees.count ? store.trees[slot + 1].space : nil
    }
    return space != nil
  }

  /// Returns the bytes shown.
  private func show(
    _ head: Version, _ row: RowBuffer, _ space: KeyspaceID,
    _ body: (SnapshotVersion) throws -> Void
  ) rethrows -> Int {
    var bytes = 0
    chain.removeAll(keepingCapacity: true)
    var current = head.committed
    while let version = current {
      current = version.older
      guard version.index <= index else { continue }
      chain.append(version)
      if version.timestamp <= horizon { break }
    }
    // A deletion with nothing below it says nothing.
    if let oldest = chain.last, oldest.isTombstone, oldest.timestamp <= horizon {
      chain.removeLast()
    }
    let key = row.key(of: head)
    for version in chain.reversed() {
      bytes += Version.headerBytes + key.count + version.valueCount
      try body(
        SnapshotVersion(
          space: space, key: key, value: version.isTombstone ? nil : row.value(of: version),
          timestamp: version.timestamp, index: version.index, expires: version.expires))
    }
    return bytes
  }
}

extension Store {
  /// Begins a walk over the store as of `index`: of each key, the newest version at or below
  /// `horizon` and all newer ones are shown. The index is settled, or it is the newest written one,
  /// and then the caller waits until it has settled before it goes on.
  public func snapshotCursor(at index: LogIndex, horizon: Timestamp) -> SnapshotCursor {
    invariant(
      horizon >= self.horizon, "snapshot horizon \(horizon) below the collected \(self.horizon)")
    return SnapshotCursor(store: self, index: index, horizon: horizon)
  }
}
