public import Base

extension Store {
  /// Visits the keys between the bounds in order, or in reverse order, that have a visible value or an
  /// intent of another transaction; with `includeNewer` also those that have only versions newer than
  /// `time`. `from` is always the lower bound. The key and the value are borrowed for the closure.
  public func scan(
    _ space: KeyspaceID, from: KeyBound, to: KeyBound, reverse: Bool = false, at time: Timestamp,
    reader: TransactionID?, includeNewer: Bool = false,
    _ body: (_ key: UnsafeRawBufferPointer, Found) throws -> ScanStep
  ) rethrows {
    guard let tree = tree(space) else { return }
    let row = rowBuffers.take()
    defer { rowBuffers.giveBack(row) }
    try tree.visit(from: from, to: to, reverse: reverse) { head in
      var found = head.found(at: time, reader: reader)
      guard
        found.value != nil || found.intent != nil
          || (includeNewer && found.nextTimestamp != nil)
      else { return .next }
      found.join(row)
      return try body(row.key(of: head), found)
    }
  }

  /// Whether anything in the range was committed after `timestamp`, or may yet be, by a transaction
  /// that has prepared, other than `transaction`: the validation of a serializable read.
  public func hasChanges(
    _ space: KeyspaceID, from: KeyBound, to: KeyBound, after timestamp: Timestamp,
    exceptBy transaction: TransactionID?
  ) -> Bool {
    guard let tree = tree(space) else { return false }
    var changed = false
    tree.visit(from: from, to: to, reverse: false) { head in
      if let newest = head.committed, newest.timestamp > timestamp { changed = true }
      if head.flags.contains(.prepared), head.transaction != transaction { changed = true }
      return changed ? .stop : .next
    }
    return changed
  }
}

extension Tree {
  /// Visits the chains between the bounds. The closure must not change the tree.
  func visit(
    from: KeyBound, to: KeyBound, reverse: Bool, _ body: (Version) throws -> ScanStep
  ) rethrows {
    if reverse {
      var (leaf, slot) = start(behind: to)
      while true {
        while slot >= 0 {
          let head = leaf.version(slot)
          guard Tree.isInside(head, from: from) else { return }
          if try body(head) == .stop { return }
          slot -= 1
        }
        guard let previous = leaf.previous else { return }
        leaf = previous
        slot = leaf.count - 1
      }
    }
    var (leaf, slot) = start(at: from)
    while true {
      while slot < leaf.count {
        let head = leaf.version(slot)
        guard Tree.isInside(head, to: to) else { return }
        if try body(head) == .stop { return }
        slot += 1
      }
      guard let next = leaf.next else { return }
      leaf = next
      slot = 0
    }
  }

  /// The first place inside a lower bound.
  func start(at bound: KeyBound) -> (leaf: Leaf, slot: Int) {
    switch bound {
    case .unbounded: return (firstLeaf, 0)
    case .inclusive(let key):
      let place = find(key)
      return (place.leaf, place.slot)
    case .exclusive(let key):
      let place = find(key)
      return (place.leaf, place.isEqual ? place.slot + 1 : place.slot)
    }
  }

  /// The last place inside an upper bound; slot -1 is before the leaf's first key.
  private func start(behind bound: KeyBound) -> (leaf: Leaf, slot: Int) {
    switch bound {
    case .unbounded:
      let leaf = lastLeaf
      return (leaf, leaf.count - 1)
    case .inclusive(let key):
      let place = find(key)
      return (place.leaf, place.isEqual ? place.slot : place.slot - 1)
    case .exclusive(let key):
      let place = find(key)
      return (place.leaf, place.slot - 1)
    }
  }

  private static func isInside(_ version: Version, to: KeyBound) -> Bool {
    switch to {
    case .unbounded: true
    case .inclusive(let bound): version.compareKey(to: bound) <= 0
    case .exclusive(let bound): version.compareKey(to: bound) < 0
    }
  }

  private static func isInside(_ version: Version, from: KeyBound) -> Bool {
    switch from {
    case .unbounded: true
    case .inclusive(let bound): version.compareKey(to: bound) >= 0
    case .exclusive(let bound): version.compareKey(to: bound) > 0
    }
  }
}
