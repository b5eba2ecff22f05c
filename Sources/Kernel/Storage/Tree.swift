import Base
import Glibc

/// An ordered map from keys to version chains: one keyspace of one tablet. Lives on: the store's
/// shard. Owns all its nodes, separators and versions and frees them.
///
/// A B+tree with linked leaves. Nodes are never empty, except a root leaf; a node that falls under a
/// quarter is merged with a neighbour when both fit into one, so that merging and splitting cannot
/// alternate.
final class Tree {
  let space: KeyspaceID
  let capacity: Int
  let account: MemoryAccount
  var root: TreeNode
  /// Keys with at least one version or intent.
  var count = 0
  /// Keys with an intent.
  var intentCount = 0
  /// Versions that expire, and intents.
  private(set) var expiringCount = 0
  /// Bytes of nodes and blocks, as the allocator rounds them.
  private(set) var bytes = 0
  /// Versions and intents of all keys.
  private(set) var versionCount = 0
  /// Bytes of their keys and values.
  private(set) var contentBytes = 0
  /// No value expires before this; `Store.expiredKeys` finds out anew.
  var earliestExpiry = Timestamp.distantFuture

  /// The way from the root to the leaf of the last `locate`: nodes and the child taken in each.
  struct Step {
    var node: TreeNode
    var slot: Int
  }
  var path: [Step] = []
  /// Where the last key was that was found: whoever has looked at a key mostly writes it next. It is a guess, which
  /// the key itself confirms; only a leaf that has been freed must not be looked at.
  private var recent: Place?

  /// A leaf and a slot in it; `slot` may equal the leaf's count: behind its last key.
  struct Place {
    var leaf: TreeNode
    var slot: Int
    var isEqual: Bool
  }

  init(space: KeyspaceID, capacity: Int, account: MemoryAccount) {
    invariant(capacity >= 4 && capacity <= 1024, "node capacity \(capacity)")
    self.space = space
    self.capacity = capacity
    self.account = account
    root = TreeNode.make(capacity: capacity, isLeaf: true)
    path.reserveCapacity(16)
    charge(root.allocatedBytes)
  }

  deinit {
    var pending = [root]
    while let node = pending.popLast() { release(node, pending: &pending) }
    account.discharge(bytes)
  }

  func charge(_ amount: Int) {
    bytes += amount
    account.charge(amount)
  }

  func discharge(_ amount: Int) {
    bytes -= amount
    account.discharge(amount)
  }

  func makeVersion(
    key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer?, timestamp: Timestamp,
    owner: UInt64, flags: Version.Flags, expires: Timestamp?
  ) -> Version {
    let version = Version.make(
      key: key, value: value, timestamp: timestamp, owner: owner, flags: flags, expires: expires)
    charge(version.allocatedBytes)
    if !flags.contains(.separator) {
      versionCount += 1
      contentBytes += key.count + version.valueCount
    }
    if let expires {
      earliestExpiry = min(earliestExpiry, expires)
      expiringCount += 1
    }
    return version
  }

  func free(_ version: Version) {
    discharge(version.allocatedBytes)
    let flags = version.flags
    if !flags.contains(.separator) {
      versionCount -= 1
      contentBytes -= version.keyCount + version.valueCount
    }
    if flags.contains(.expires) { expiringCount -= 1 }
    Glibc.free(version.block)
  }

  /// Frees `version` and everything older; returns how many.
  @discardableResult
  func freeChain(_ version: Version?) -> Int {
    var rest = version
    var freed = 0
    while let current = rest {
      rest = current.older
      free(current)
      freed += 1
    }
    return freed
  }

  func makeNode(isLeaf: Bool) -> TreeNode {
    let node = TreeNode.make(capacity: capacity, isLeaf: isLeaf)
    charge(node.allocatedBytes)
    return node
  }

  func free(_ node: TreeNode) {
    recent = nil
    discharge(node.allocatedBytes)
    Glibc.free(node.block)
  }

  /// Frees one node: a leaf with its chains, or an inner node whose children become pending.
  /// Returns how many keys went.
  @discardableResult
  func release(_ node: TreeNode, pending: inout [TreeNode]) -> Int {
    for slot in 0..<node.count { freeChain(node.version(slot)) }
    var keys = 0
    if node.isLeaf {
      keys = node.count
    } else {
      for slot in 0...node.count { pending.append(node.child(slot)) }
    }
    free(node)
    return keys
  }

  /// Where `key` is or belongs, without remembering the way.
  func find(_ key: UnsafeRawBufferPointer) -> Place {
    if let place = placeAgain(key) { return place }
    var node = root
    while !node.isLeaf { node = node.child(node.childSlot(for: key)) }
    let (slot, isEqual) = node.lowerBound(key)
    let place = Place(leaf: node, slot: slot, isEqual: isEqual)
    if isEqual { recent = place }
    return place
  }

  @inline(__always)
  private func placeAgain(_ key: UnsafeRawBufferPointer) -> Place? {
    guard let recent, recent.slot < recent.leaf.count,
      compareKeys(recent.leaf.version(recent.slot).key, key) == 0
    else { return nil }
    return recent
  }

  /// As `locate`, but for a key that is there the way may not be remembered: enough to write, not to remove.
  func locateToWrite(_ key: UnsafeRawBufferPointer) -> Place {
    if let place = placeAgain(key) { return place }
    let place = locate(key)
    if place.isEqual { recent = place }
    return place
  }

  /// A key has just been put there.
  func note(_ place: Place) { recent = place }

  /// As `find`, remembering the way for `insert` and `remove`.
  func locate(_ key: UnsafeRawBufferPointer) -> Place {
    path.removeAll(keepingCapacity: true)
    var node = root
    while !node.isLeaf {
      let slot = node.childSlot(for: key)
      path.append(Step(node: node, slot: slot))
      node = node.child(slot)
    }
    let (slot, isEqual) = node.lowerBound(key)
    return Place(leaf: node, slot: slot, isEqual: isEqual)
  }

  var firstLeaf: TreeNode {
    var node = root
    while !node.isLeaf { node = node.child(0) }
    return node
  }

  var lastLeaf: TreeNode {
    var node = root
    while !node.isLeaf { node = node.child(node.count) }
    return node
  }

  func head(_ key: UnsafeRawBufferPointer) -> Version? {
    let place = find(key)
    return place.isEqual ? place.leaf.version(place.slot) : nil
  }
}
