public import Base

extension Store {
  /// Adds a committed version: a leader's speculative write or a follower's apply. `value` nil is a
  /// deletion. An index above `settledIndex` can be undone. A second write of the same key at the
  /// same timestamp and index replaces the first.
  public func put(
    _ space: KeyspaceID, _ key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer?,
    at timestamp: Timestamp, index: LogIndex, expires: Timestamp? = nil
  ) {
    let tree = makeTree(space)
    let new = NewVersion(
      key: key, value: value, timestamp: timestamp, owner: index.rawValue, expires: expires)
    put(new, into: tree, at: tree.locateToWrite(key))
    if index > settledIndex { speculative.append(index, space, key) }
  }

  private func put(_ new: NewVersion, into tree: Tree, at found: Tree.Place) {
    var (new, place) = (new, found)
    if place.isEqual { new.isApart = new.replaces(place.leaf.version(place.slot)) }
    tree.makeRoom(for: new, at: &place)
    guard place.isEqual else {
      return tree.insert(tree.add(new, to: place), key: new.key, at: place)
    }
    if !new.isApart, place.leaf.version(place.slot).isFixed(above: new.timestamp, new.owner) {
      place = tree.widen(new.key, room: new)
    }
    link(tree.add(new, to: place), into: tree, at: place)
  }

  /// As `put` by somebody who begins and commits within this call, so that there is no intent. False, and nothing
  /// is written: another transaction's intent is there, or a version later than `timestamp`.
  public func putAtOnce(
    _ space: KeyspaceID, _ key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer?,
    at timestamp: Timestamp, index: LogIndex, expires: Timestamp? = nil
  ) -> Bool {
    let tree = makeTree(space)
    let place = tree.locateToWrite(key)
    if place.isEqual {
      let head = place.leaf.version(place.slot)
      if head.isIntent || head.timestamp > timestamp { return false }
    }
    let new = NewVersion(
      key: key, value: value, timestamp: timestamp, owner: index.rawValue, expires: expires)
    put(new, into: tree, at: place)
    if index > settledIndex { speculative.append(index, space, key) }
    return true
  }

  /// Puts a version that is in the leaf in its place in an existing chain, and prunes the chain's garbage. What
  /// gets an older version that way is not packed.
  func link(_ version: Version, into tree: Tree, at place: Tree.Place) {
    let head = place.leaf.version(place.slot)
    var newer: Version? = head.isIntent ? head : nil
    var rest = head.committed
    var isReplaced = false
    while let current = rest, current.timestamp > version.timestamp {
      newer = current
      rest = current.older
    }
    if let current = rest, current.timestamp == version.timestamp, current.index == version.index {
      rest = current.older
      tree.free(current)
      isReplaced = true
    }
    version.older = rest
    if let newer {
      newer.older = version
    } else {
      place.leaf.setVersion(version, at: place.slot)
    }
    guard rest != nil, !isReplaced else { return }
    if place.leaf.version(place.slot).hasLongChain { tree.spill(at: place) }
    // A key that is written faster than the horizon moves has a long chain without garbage: looking
    // through all of it each time would cost the square of the writes.
    links &+= 1
    let isFull = links % Store.linksPerFullPrune == 0 && fullPrunesLeft > 0
    if isFull { fullPrunesLeft -= 1 }
    prune(place.leaf.version(place.slot), in: tree, steps: isFull ? .max : Store.pruneSteps)
  }

  /// The newest index that no undo and no running snapshot can need to look below.
  var floorIndex: LogIndex { pins.reduce(settledIndex) { min($0, $1) } }

  /// Frees the versions that no read at or above the horizon, no undo and no snapshot can see.
  /// Looks at `steps` versions at most. Returns how many were freed.
  @discardableResult
  func prune(_ head: Version, in tree: Tree, steps: Int = .max) -> Int {
    let floor = floorIndex
    var left = steps
    var current: Version? = head.committed
    while let version = current, left > 0 {
      left -= 1
      if version.timestamp <= horizon && version.index <= floor {
        guard let garbage = version.older else { return 0 }
        version.older = nil
        if !version.isAlone { Leaf(block: version.page).quietLooks = 0 }
        return tree.freeChain(garbage)
      }
      current = version.older
    }
    return 0
  }

  /// No read will happen below `time`: replay knows that of each entry it applies.
  public func raiseHorizon(to time: Timestamp) { horizon = max(horizon, time) }

  /// Whether the whole chain means "absent" to everyone who may still look.
  func isGarbage(_ head: Version) -> Bool {
    head.isTombstone && !head.isIntent && head.older == nil && head.timestamp <= horizon
      && head.index <= floorIndex
  }

  /// The entries up to `index` have committed: their versions can no longer be undone.
  public func settle(upTo index: LogIndex) {
    guard index > settledIndex else { return }
    settledIndex = index
    fullPrunesLeft = Store.fullPrunesPerSettlement
    speculative.settle(upTo: index)
  }

  /// The leader has stepped down: removes the versions of entries above `index`, which is not below
  /// `settledIndex`. Intents are left alone; those that an undone entry had resolved are set and
  /// prepared again by whoever keeps the prepare records.
  public func undo(above index: LogIndex) {
    invariant(index >= settledIndex, "undo above \(index), settled up to \(settledIndex)")
    speculative.undo(above: index) { space, key in
      guard let tree = tree(space) else { return }
      var place = tree.locate(key)
      guard place.isEqual else { return }
      if place.leaf.version(place.slot).losesWay(above: index) { place = tree.widen(key) }
      var newer: Version?
      var current: Version? = place.leaf.version(place.slot)
      while let version = current {
        current = version.older
        if version.isIntent || version.index <= index {
          newer = version
          continue
        }
        let older = version.older
        tree.free(version)
        if let newer {
          newer.older = older
        } else if let older {
          place.leaf.setVersion(older, at: place.slot)
        } else {
          tree.remove(at: place)
        }
      }
    }
  }
}
