public import Base

extension Store {
  /// One slice of garbage collection: visits about `budget` keys from where the last slice ended, and
  /// frees what no read at or above `horizon` can see; memory of dropped keyspaces goes first.
  /// The horizon never moves back. Returns how many versions were freed.
  @discardableResult
  public func collectGarbage(below horizon: Timestamp, budget: Int) -> Int {
    self.horizon = max(self.horizon, horizon)
    var left = budget
    var freed = freeDropped(&left)
    // Once around at most.
    var restarts = 0
    while left > 0 && restarts < 2 && !trees.isEmpty {
      guard let tree = garbageTree() else {
        garbageSpace = nil
        restarts += 1
        continue
      }
      freed += collect(in: tree, &left)
    }
    return freed
  }

  /// The tree of the cursor, or the next one if it has been dropped; nil at the end.
  private func garbageTree() -> Tree? {
    guard let space = garbageSpace else {
      garbageSpace = trees.first?.space
      garbageKey.removeAll(keepingCapacity: true)
      return trees.first
    }
    let (slot, exists) = treeSlot(space)
    if !exists {
      garbageKey.removeAll(keepingCapacity: true)
      guard slot < trees.count else { return nil }
      garbageSpace = trees[slot].space
    }
    return trees[slot]
  }

  private func collect(in tree: Tree, _ left: inout Int) -> Int {
    var freed = 0
    let row = rowBuffers.take()
    defer { rowBuffers.giveBack(row) }
    var (leaf, slot) = garbageKey.withUnsafeBytes { tree.start(at: .inclusive($0)) }
    garbageKey.removeAll(keepingCapacity: true)
    var following: Leaf? = leaf
    while let current = following {
      leaf = current
      if left <= 0, slot < leaf.count { break }
      freed += collect(in: &leaf, from: slot, of: tree, row, &left)
      following = leaf.next
      slot = 0
    }
    if let following {
      garbageKey.append(contentsOf: row.key(of: following.version(slot)))
    } else {
      // The empty keyspace has no successor when its number is the last.
      let (value, overflow) = tree.space.rawValue.addingReportingOverflow(1)
      garbageSpace = overflow ? nil : KeyspaceID(rawValue: value)
      left -= 1
      if overflow { left = 0 }
    }
    freed += removeGarbageKeys(from: tree)
    mergeSmallLeaves(of: tree)
    return freed
  }

  /// Passes over one leaf from a slot on; a leaf at rest, that has changed nothing for a while, is made anew without room.
  private func collect(
    in leaf: inout Leaf, from slot: Int, of tree: Tree, _ row: RowBuffer, _ left: inout Int
  ) -> Int {
    if leaf.quietLooks == Leaf.settled {
      left -= 1
      return 0
    }
    var freed = 0
    var isSettled = true
    let noted = garbageKeys.byteCount
    for slot in slot..<max(slot, leaf.count) {
      left -= 1
      let head = leaf.version(slot)
      if head.isPacked, !head.isTombstone { continue }
      isSettled =
        isSettled && head.isExternal && head.older == nil && !head.isTombstone && !head.isIntent
      freed += prune(head, in: tree)
      if isGarbage(head) { garbageKeys.append(row.key(of: head)) }
    }
    // What has just been found is taken out first.
    guard slot == 0, leaf.count > 0, garbageKeys.byteCount == noted else { return freed }
    if leaf.hasMuchGarbage {
      _ = tree.locate(row.key(of: leaf.version(0)))
      leaf = tree.compact(leaf)
    } else if leaf.quietLooks == Leaf.tight {
      if isSettled { leaf.quietLooks = Leaf.settled }
    } else if leaf.quietLooks < Leaf.looksToRest {
      leaf.quietLooks += 1
    } else {
      _ = tree.locate(row.key(of: leaf.version(0)))
      leaf = tree.makeTight(leaf)
      if tree.isSmall(leaf) { smallLeaves.append(row.key(of: leaf.version(0))) }
    }
    return freed
  }

  private func removeGarbageKeys(from tree: Tree) -> Int {
    var freed = 0
    garbageKeys.removeAll { key in
      let place = tree.locate(key)
      invariant(place.isEqual, "garbage key is not in its tree")
      tree.free(place.leaf.version(place.slot))
      tree.remove(at: place)
      freed += 1
    }
    return freed
  }

  /// Leaves that were split while old versions were kept may have few keys when those have gone. Half of a leaf is left
  /// free, so that the next write does not split it again.
  private func mergeSmallLeaves(of tree: Tree) {
    smallLeaves.removeAll { key in
      tree.mergeSmall(tree.locate(key).leaf, bytesMax: Leaf.softBytesMax / 2)
    }
  }

  private func freeDropped(_ left: inout Int) -> Int {
    var freed = 0
    while left > 0, let last = dropped.indices.last {
      guard let node = dropped[last].pending.popLast() else {
        dropped.removeLast()
        continue
      }
      let keys = dropped[last].tree.release(node, pending: &dropped[last].pending)
      freed += keys
      left -= max(1, keys)
    }
    return freed
  }

  /// Before this time a pass of `expiredKeys` over the keyspace finds nothing.
  public func earliestExpiry(_ space: KeyspaceID) -> Timestamp {
    tree(space)?.earliestExpiry ?? .distantFuture
  }

  /// One slice of a pass over a keyspace in search of expired keys: looks at up to `budget` keys behind
  /// `cursor` (nil: a pass begins), and calls `body` with those whose newest version had expired at
  /// `time`; it returns false to end the slice. The leader logs their removal; storage itself never
  /// removes them, and until somebody does, passes find them. Returns the cursor for the next slice,
  /// nil at the end.
  public func expiredKeys(
    _ space: KeyspaceID, at time: Timestamp, after cursor: [UInt8]?, budget: Int,
    _ body: (UnsafeRawBufferPointer) -> Bool
  ) -> [UInt8]? {
    guard let tree = tree(space) else { return nil }
    var left = budget
    var last: [UInt8]?
    let row = rowBuffers.take()
    defer { rowBuffers.giveBack(row) }
    func visit(_ head: Version) -> ScanStep {
      var goesOn = true
      // What is under an intent may come back: it is looked at again.
      if let expires = head.isIntent ? time : head.expires {
        tree.earliestExpiry = min(tree.earliestExpiry, expires)
        if !head.isIntent, expires <= time { goesOn = body(row.key(of: head)) }
      }
      left -= 1
      if left > 0, goesOn { return .next }
      last = Array(row.key(of: head))
      return .stop
    }
    if let cursor {
      cursor.withUnsafeBytes {
        tree.visit(from: .exclusive($0), to: .unbounded, reverse: false, visit)
      }
    } else {
      tree.earliestExpiry = .distantFuture
      tree.visit(from: .unbounded, to: .unbounded, reverse: false, visit)
    }
    return last
  }
}
