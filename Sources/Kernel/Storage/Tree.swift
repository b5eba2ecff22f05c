import Base
import Glibc

/// An ordered map from keys to version chains: one keyspace of one tablet. Lives on: the store's
/// shard. Owns all its nodes, separators and versions and frees them.
///
/// A B+tree with linked leaves. Leaves are pages that move when they are made anew (`Leaf`). Nodes are never empty,
/// except a root leaf; a node that falls under a quarter is merged with a neighbour when both fit into one, so that
/// merging and splitting cannot alternate.
final class Tree {
  let space: KeyspaceID
  let capacity: Int
  let account: MemoryAccount
  let builder: LeafBuilder
  /// For what is put together within one call.
  let row = RowBuffer()
  var root: Node
  /// Keys with at least one version or intent.
  var count = 0
  /// Keys with an intent.
  var intentCount = 0
  /// Versions that expire, and intents.
  private(set) var expiringCount = 0
  /// Bytes of nodes and blocks, as the allocator rounds them, without the garbage in leaves.
  private(set) var bytes = 0
  /// Versions and intents of all keys.
  private(set) var versionCount = 0
  /// Bytes of their keys and values.
  private(set) var contentBytes = 0
  /// No value expires before this; `Store.expiredKeys` finds out anew.
  var earliestExpiry = Timestamp.distantFuture

  /// The way from the root to the leaf of the last `locate`: nodes and the child taken in each.
  struct Step {
    var node: InnerNode
    var slot: Int
  }
  var path: [Step] = []
  /// Where the last key was that was found: whoever has looked at a key mostly writes it next. It is a guess, which
  /// the key itself confirms; only a leaf that has been freed must not be looked at.
  private var recent: Place?

  /// A leaf and a slot in it; `slot` may equal the leaf's count: behind its last key.
  struct Place {
    var leaf: Leaf
    var slot: Int
    var isEqual: Bool
  }

  init(space: KeyspaceID, capacity: Int, account: MemoryAccount, builder: LeafBuilder) {
    invariant(capacity >= 4 && capacity <= 1024, "node capacity \(capacity)")
    self.space = space
    self.capacity = capacity
    self.account = account
    self.builder = builder
    let leaf = builder.build(room: 0)
    root = Node(block: leaf.block)
    path.reserveCapacity(16)
    charge(leaf.chargedBytes)
  }

  deinit {
    var pending = [root]
    while let node = pending.popLast() { release(node, pending: &pending) }
    account.discharge(bytes)
  }

  /// Begins with an empty root; the caller frees the old nodes.
  func reset() {
    let leaf = builder.build(room: 0)
    charge(leaf.chargedBytes)
    root = Node(block: leaf.block)
    recent = nil
    count = 0
  }

  func charge(_ amount: Int) {
    bytes += amount
    account.charge(amount)
  }

  func discharge(_ amount: Int) {
    bytes -= amount
    account.discharge(amount)
  }

  /// Puts a new version into the leaf of `place`, which has room for it, and into no chain yet.
  func add(_ new: NewVersion, to place: Place) -> Version {
    let version = new.write(into: place.leaf, prefix: prefix(for: new, at: place))
    if new.isExternal { charge(version.externalBytes) }
    versionCount += 1
    contentBytes += new.key.count + version.valueCount
    if let expires = new.expires {
      earliestExpiry = min(earliestExpiry, expires)
      expiringCount += 1
    }
    return version
  }

  /// A prefix of the leaf that the key begins with: a neighbour's, mostly.
  private func prefix(for new: NewVersion, at place: Place) -> Int {
    if new.isExternal { return 0 }
    let leaf = place.leaf
    if leaf.prefixCount == 1 || leaf.count == 0 { return 0 }
    if place.isEqual {
      let version = leaf.version(place.slot)
      return version.isExternal ? 0 : version.prefix
    }
    let before = place.slot > 0 ? prefix(of: leaf.version(place.slot - 1), for: new.key) : 0
    let behind = place.slot < leaf.count ? prefix(of: leaf.version(place.slot), for: new.key) : 0
    return leaf.prefix(before).count >= leaf.prefix(behind).count ? before : behind
  }

  /// The version's prefix, where the key begins with it.
  private func prefix(of version: Version, for key: UnsafeRawBufferPointer) -> Int {
    let shared = version.sharedKey
    guard shared.count > 0, shared.count <= key.count, let left = shared.baseAddress,
      let right = key.baseAddress, memcmp(left, right, shared.count) == 0
    else { return 0 }
    return version.prefix
  }

  func free(_ version: Version) {
    let flags = version.flags
    versionCount -= 1
    contentBytes -= version.keyCount + version.valueCount
    if flags.contains(.expires) { expiringCount -= 1 }
    if version.isAlone { return freeAlone(version) }
    let leaf = Leaf(block: version.page)
    let size = version.entryBytes
    leaf.garbageBytes += size
    leaf.quietLooks = 0
    discharge(size)
    if flags.contains(.external) {
      discharge(version.externalBytes)
      version.freeExternal()
    }
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

  func makeInner() -> InnerNode {
    let node = InnerNode.make(capacity: capacity)
    charge(node.allocatedBytes)
    return node
  }

  func free(_ node: InnerNode) {
    discharge(node.allocatedBytes)
    Glibc.free(node.block)
  }

  /// The versions have moved or are freed.
  func free(_ leaf: Leaf) {
    recent = nil
    discharge(leaf.chargedBytes)
    #if DEBUG
      // Whoever still looks there is to be found out.
      memset(leaf.block, 0xDB, leaf.size)
    #endif
    Glibc.free(leaf.block)
  }

  func free(_ separator: Separator) {
    discharge(separator.allocatedBytes)
    Glibc.free(separator.block)
  }

  /// Frees one node: a leaf with its chains, or an inner node whose children become pending.
  /// Returns how many keys went.
  @discardableResult
  func release(_ node: Node, pending: inout [Node]) -> Int {
    if node.isLeaf {
      let leaf = node.leaf
      let keys = leaf.count
      for slot in 0..<keys { freeChain(leaf.version(slot)) }
      free(leaf)
      return keys
    }
    let inner = node.inner
    for slot in 0..<inner.count { free(inner.separator(slot)) }
    for slot in 0...inner.count { pending.append(inner.child(slot)) }
    free(inner)
    return 0
  }

  /// Where `key` is or belongs, without remembering the way.
  func find(_ key: UnsafeRawBufferPointer) -> Place {
    if let place = placeAgain(key) { return place }
    var node = root
    while !node.isLeaf {
      let inner = node.inner
      node = inner.child(inner.childSlot(for: key))
    }
    let (slot, isEqual) = node.leaf.lowerBound(key)
    let place = Place(leaf: node.leaf, slot: slot, isEqual: isEqual)
    if isEqual { recent = place }
    return place
  }

  @inline(__always)
  private func placeAgain(_ key: UnsafeRawBufferPointer) -> Place? {
    guard let recent, recent.slot < recent.leaf.count,
      recent.leaf.version(recent.slot).compareKey(to: key) == 0
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
      let inner = node.inner
      let slot = inner.childSlot(for: key)
      path.append(Step(node: inner, slot: slot))
      node = inner.child(slot)
    }
    let (slot, isEqual) = node.leaf.lowerBound(key)
    return Place(leaf: node.leaf, slot: slot, isEqual: isEqual)
  }

  var firstLeaf: Leaf {
    var node = root
    while !node.isLeaf { node = node.inner.child(0) }
    return node.leaf
  }

  var lastLeaf: Leaf {
    var node = root
    while !node.isLeaf { node = node.inner.child(node.inner.count) }
    return node.leaf
  }

  func head(_ key: UnsafeRawBufferPointer) -> Version? {
    let place = find(key)
    return place.isEqual ? place.leaf.version(place.slot) : nil
  }
}
