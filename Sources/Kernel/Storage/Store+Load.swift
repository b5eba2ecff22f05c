public import Base

/// Fills an empty store with what a snapshot cursor showed, in the cursor's order. Lives on: the
/// store's shard, at start.
///
/// Rising keys go straight behind the last leaf, so that a row costs its allocation and little else.
public struct StoreLoader {
  private let store: Store
  private var tree: Tree?
  private var tail: TreeNode?

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
    let order = last.map { compareKeys(key, $0.key) } ?? 1
    guard order >= 0 else { return false }
    if order == 0, let last, last.timestamp > timestamp { return false }
    let version = tree.makeVersion(
      key: key, value: value, timestamp: timestamp, owner: index.rawValue, flags: [],
      expires: expires)
    if order == 0 {
      version.older = last
      leaf.keys[leaf.count - 1] = version.block
    } else if leaf.count < tree.capacity {
      leaf.insertKey(version, at: leaf.count)
      tree.count += 1
    } else {
      tree.insert(version, at: tree.locate(key))
      tail = tree.lastLeaf
    }
    return true
  }
}
