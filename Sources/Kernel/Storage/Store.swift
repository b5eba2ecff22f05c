public import Base

/// The versions of one tablet: ordered keyspaces of keys, each with a chain of committed versions,
/// newest first, and at most one intent in front. Lives on: one shard; not Sendable.
///
/// Bytes in, bytes out; keys are ordered as unsigned bytes. No call allocates to read. Closures that
/// get borrowed bytes must not change the store. Timestamps of a key's writes should rise with the
/// log index; an older one is put in its place in the chain.
public final class Store {
  /// The longest key; callers refuse longer ones with their protocol's error.
  public static let keyBytesMax = Version.keyBytesMax
  public static let valueBytesMax = Version.valueBytesMax

  public let memory: MemoryAccount
  let nodeCapacity: Int

  /// Sorted by keyspace.
  var trees: [Tree] = []
  /// The tree that was used last: most calls in a row are for the same one.
  private var recent: Tree?

  /// Entries up to here are committed and are never undone.
  public internal(set) var settledIndex = LogIndex.zero
  /// No read happens below; versions that only such a read could see are garbage.
  public internal(set) var horizon = Timestamp.zero
  var speculative = SpeculativeLog()
  /// Indexes that running snapshots show; garbage collection keeps what they need.
  var pins: [LogIndex] = []

  /// Versions linked to older ones so far: every so often one looks through its whole chain, but not more often
  /// than something new may be found.
  var links = 0
  var fullPrunesLeft = fullPrunesPerSettlement
  static let fullPrunesPerSettlement = 8
  static let linksPerFullPrune = 64
  static let pruneSteps = 8

  /// Where the next slice of garbage collection goes on.
  var garbageSpace: KeyspaceID?
  var garbageKey: [UInt8] = []
  /// Keys that the slice found dead.
  var garbageKeys = KeyList()
  /// A key of each leaf at rest that has few.
  var smallLeaves = KeyList()
  let builder = LeafBuilder()
  let rowBuffers = RowBuffers()
  /// What `intent` returned last.
  private let before = RowBuffer()
  /// Nodes of dropped keyspaces that are still to be freed.
  var dropped: [(tree: Tree, pending: [Node])] = []

  public convenience init(memory: MemoryAccount) {
    self.init(memory: memory, nodeCapacity: 64)
  }

  /// Tests use small nodes to reach every layout with few keys.
  init(memory: MemoryAccount, nodeCapacity: Int) {
    self.memory = memory
    self.nodeCapacity = nodeCapacity
  }

  deinit {
    for index in dropped.indices {
      while let node = dropped[index].pending.popLast() {
        dropped[index].tree.release(node, pending: &dropped[index].pending)
      }
    }
  }

  /// The keyspaces that have been written to, in order.
  public var spaces: [KeyspaceID] { trees.map(\.space) }

  /// Keys with a version, a tombstone or an intent.
  public func count(_ space: KeyspaceID) -> Int { tree(space)?.count ?? 0 }

  /// Intents in the keyspace: where there are none, no key need be asked.
  public func intentCount(_ space: KeyspaceID) -> Int { tree(space)?.intentCount ?? 0 }

  /// Whether anything in the keyspace has a time when it ends.
  public func hasExpiring(_ space: KeyspaceID) -> Bool {
    tree(space).map { $0.expiringCount > 0 } ?? false
  }

  /// What a keyspace has; nil: nobody has written to it. Costs nothing: it is counted with each write.
  public func use(of space: KeyspaceID) -> KeyspaceUse? {
    guard let tree = tree(space) else { return nil }
    return KeyspaceUse(
      keys: tree.count, versions: tree.versionCount - tree.intentCount, intents: tree.intentCount,
      contentBytes: tree.contentBytes, memoryBytes: tree.bytes)
  }

  /// Bytes that the keyspace takes, as the allocator rounds them.
  public func bytes(_ space: KeyspaceID) -> Int { tree(space)?.bytes ?? 0 }

  /// Bytes of all keyspaces; dropped ones count until they are freed.
  public var bytes: Int {
    trees.reduce(0) { $0 + $1.bytes } + dropped.reduce(0) { $0 + $1.tree.bytes }
  }

  /// Calls `body` with what a reader at `time` sees of the key; an intent of `reader` wins. What has
  /// expired at `expiredAt` (nil: at `time`) is not seen.
  public func get<R>(
    _ space: KeyspaceID, _ key: UnsafeRawBufferPointer, at time: Timestamp,
    reader: TransactionID?, expiredAt: Timestamp? = nil, _ body: (Found) throws -> R
  ) rethrows -> R {
    guard let head = tree(space)?.head(key) else { return try body(Found()) }
    var found = head.found(at: time, reader: reader, expiredAt: expiredAt)
    if found.split == nil { return try body(found) }
    let row = rowBuffers.take()
    defer { rowBuffers.giveBack(row) }
    found.join(row)
    return try body(found)
  }

  /// The newest committed version and the intent; nil when the key has neither.
  public func newestVersion(_ space: KeyspaceID, _ key: UnsafeRawBufferPointer) -> NewestVersion? {
    guard let head = tree(space)?.head(key) else { return nil }
    let newest = head.committed
    return NewestVersion(
      timestamp: newest?.timestamp ?? .zero, index: newest?.index ?? .zero,
      hasValue: newest.map { !$0.isTombstone } ?? false, expires: newest?.expires,
      intent: head.intentInfo)
  }

  /// The provisional value of `transaction` on the key, nil for a deletion, and when it expires; it
  /// must have one there. `before`: the newest committed value, expired or not. Valid until the next call.
  public func intent(
    _ space: KeyspaceID, _ key: UnsafeRawBufferPointer, of transaction: TransactionID
  ) -> (
    value: UnsafeRawBufferPointer?, expires: Timestamp?, before: UnsafeRawBufferPointer?
  ) {
    guard let head = tree(space)?.head(key), head.isIntent, head.transaction == transaction
    else { fatalError("invariant: \(transaction) has no intent on a key that it wrote") }
    let older = head.older.flatMap { $0.isTombstone ? nil : before.value(of: $0) }
    return (head.isTombstone ? nil : head.ownValue, head.expires, older)
  }

  func treeSlot(_ space: KeyspaceID) -> (slot: Int, exists: Bool) {
    var low = 0
    var high = trees.count
    while low < high {
      let middle = (low + high) / 2
      if trees[middle].space < space { low = middle + 1 } else { high = middle }
    }
    return (low, low < trees.count && trees[low].space == space)
  }

  func tree(_ space: KeyspaceID) -> Tree? {
    if let recent, recent.space == space { return recent }
    let (slot, exists) = treeSlot(space)
    guard exists else { return nil }
    recent = trees[slot]
    return recent
  }

  func makeTree(_ space: KeyspaceID) -> Tree {
    if let tree = tree(space) { return tree }
    let made = Tree(space: space, capacity: nodeCapacity, account: memory, builder: builder)
    trees.insert(made, at: treeSlot(space).slot)
    recent = made
    return made
  }

  /// Removes all keys of the keyspace. They are gone at once; their memory is freed by the next
  /// slices of `collectGarbage`. Call it when the entry that drops has committed: it is not undone.
  public func drop(_ space: KeyspaceID) {
    let (slot, exists) = treeSlot(space)
    guard exists else { return }
    let tree = trees.remove(at: slot)
    if recent === tree { recent = nil }
    // The tree keeps an empty root, so that it frees itself like any other.
    dropped.append((tree, [tree.root]))
    tree.reset()
  }
}
