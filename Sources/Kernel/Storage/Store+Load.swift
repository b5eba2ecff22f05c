public import Base

/// Fills an empty store with what a snapshot cursor showed, in the cursor's order. Lives on: the
/// store's shard, at start.
///
/// Rising keys go straight behind the last leaf, so that a row costs its allocation and little else.
public struct StoreLoader {
  private let store: Store
  private var tree: Tree?
  /// The last leaf: nothing else changes the store between two rows.
  private var tail: Leaf?

  public init(_ store: Store) {
    invariant(store.trees.isEmpty, "a snapshot is loaded into a store that is not empty")
    self.store = store
  }

  /// Adds the next version. False where the order is wrong: keyspaces and keys must rise, and the
  /// versions of a key come oldest first.
  public mutating func add(
    _ space: KeyspaceID, _ key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer?,
    at timestamp: Timestamp, index: LogIndex, expires: Timestamp?
  ) -> Bool {
    guard key.count <= Store.keyBytesMax else { return false }
    if tree?.space != space {
      if let tree, tree.space > space { return false }
      tree = store.makeTree(space)
      tail = tree?.lastLeaf
    }
    guard let tree, let leaf = tail else { return false }
    let last = leaf.count > 0 ? leaf.version(leaf.count - 1) : nil
    let order = last.map { -$0.compareKey(to: key) } ?? 1
    guard order >= 0 else { return false }
    if order == 0, let last, last.timestamp > timestamp { return false }
    let new = NewVersion(
      key: key, value: value, timestamp: timestamp, owner: index.rawValue, expires: expires)
    var place = Tree.Place(
      leaf: leaf, slot: order == 0 ? leaf.count - 1 : leaf.count, isEqual: order == 0)
    tree.makeRoom(for: new, at: &place)
    let version = tree.add(new, to: place)
    if place.isEqual {
      version.older = place.leaf.version(place.slot)
      place.leaf.setVersion(version, at: place.slot)
      if version.hasLongChain { tree.spill(at: place) }
    } else {
      tree.insert(version, key: key, at: place)
    }
    tail = place.leaf
    return true
  }
}
