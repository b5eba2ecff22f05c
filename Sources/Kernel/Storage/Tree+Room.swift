import Base
import Glibc

/// Leaves that have no room any more are made anew or split.
extension Tree {
  /// What a leaf gets beyond what is asked for: a quarter of what it has, a few entries at least.
  private static func slack(_ bytes: Int) -> Int { max(bytes / 4, 96) }

  /// Makes sure that the leaf of `place` can take a new version of the key, which moves the place where it could not.
  @inline(__always)
  func makeRoom(for new: NewVersion, at place: inout Place) {
    let need = new.entryBytesMax + (place.isEqual ? 0 : Leaf.slotBytes)
    if !hasRoom(need, for: new.key, at: place) { place = makeRoom(need, for: new.key) }
  }

  @inline(__always)
  private func hasRoom(_ need: Int, for key: UnsafeRawBufferPointer, at place: Place) -> Bool {
    let leaf = place.leaf
    guard need <= leaf.freeBytes else { return false }
    if place.isEqual { return true }
    let isInside = place.slot > 0 && place.slot < leaf.count
    return leaf.count < capacity && (isInside || leaf.sharesSkip(key))
  }

  private func makeRoom(_ need: Int, for key: UnsafeRawBufferPointer) -> Place {
    while true {
      let place = locate(key)
      if hasRoom(need, for: key, at: place) { return place }
      let leaf = place.leaf
      let isFull =
        !place.isEqual && leaf.count >= capacity
        || leaf.count >= 2 && leaf.liveBytes + need > Leaf.softBytesMax
      if !isFull {
        let made = remade(leaf, room: need + Tree.slack(leaf.liveBytes), for: key)
        replace(leaf, by: made)
        return Place(leaf: made, slot: place.slot, isEqual: place.isEqual)
      }
      if place.slot == leaf.count && leaf.next == nil {
        return startLeaf(behind: leaf, for: key, need)
      }
      split(leaf, need)
    }
  }

  /// A leaf in which much is garbage is one whose keys are written over: what is new will soon be old.
  private func remade(_ leaf: Leaf, room: Int, for key: UnsafeRawBufferPointer) -> Leaf {
    if leaf.garbageBytes * 8 >= leaf.liveBytes, leaf.sharesSkip(key) {
      return leaf.compacted(room: room)
    }
    builder.add(leaf, 0..<leaf.count)
    return builder.build(room: room, incoming: key)
  }

  /// Rising keys: full leaves are left behind without room, and the next one is as large.
  private func startLeaf(behind leaf: Leaf, for key: UnsafeRawBufferPointer, _ need: Int) -> Place {
    let right = builder.build(room: max(need, min(leaf.liveBytes, Leaf.softBytesMax)))
    charge(right.chargedBytes)
    let separator = separator(below: key, behind: leaf)
    let left = makeTight(leaf)
    right.next = nil
    right.previous = left
    left.next = right
    insertIntoParent(separator, right)
    return Place(leaf: right, slot: 0, isEqual: false)
  }

  private func split(_ leaf: Leaf, _ need: Int) {
    let middle = leaf.count / 2
    let room = need + Tree.slack(leaf.liveBytes / 2)
    builder.add(leaf, middle..<leaf.count)
    let right = builder.build(room: room)
    charge(right.chargedBytes)
    let separator = separator(leaf, middle)
    builder.add(leaf, 0..<middle)
    let left = builder.build(room: room)
    replace(leaf, by: left)
    right.next = left.next
    right.previous = left
    left.next?.previous = right
    left.next = right
    insertIntoParent(separator, right)
  }

  /// Makes the leaf of the last `locate` anew without room.
  func makeTight(_ leaf: Leaf) -> Leaf {
    builder.add(leaf, 0..<leaf.count)
    let made = builder.build(room: 0)
    made.quietLooks = Leaf.tight
    replace(leaf, by: made)
    return made
  }

  /// Makes the leaf of the last `locate` anew without its garbage.
  func compact(_ leaf: Leaf) -> Leaf {
    let made = leaf.compacted(room: Tree.slack(leaf.liveBytes) / 2)
    replace(leaf, by: made)
    return made
  }

  /// Makes the key's leaf anew so that the key's versions may be changed and `room` may be added.
  func widen(_ key: UnsafeRawBufferPointer, room: NewVersion? = nil) -> Place {
    let place = locate(key)
    builder.add(place.leaf, 0..<place.leaf.count)
    let bytes = (room?.entryBytesMax ?? 0) + Tree.slack(place.leaf.liveBytes)
    let made = builder.build(room: bytes, wide: place.slot)
    if place.isEqual { freeMoved(place.leaf.version(place.slot)) }
    replace(place.leaf, by: made)
    return Place(leaf: made, slot: place.slot, isEqual: place.isEqual)
  }

  /// Puts a leaf with the same keys in the place of the one of the last `locate`.
  private func replace(_ leaf: Leaf, by made: Leaf) {
    charge(made.chargedBytes)
    made.next = leaf.next
    made.previous = leaf.previous
    made.next?.previous = made
    made.previous?.next = made
    if let step = path.last {
      step.node.children[step.slot] = made.block
    } else {
      root = Node(block: made.block)
    }
    free(leaf)
  }

  /// The shortest key above what is before the slot and not above what is in it.
  private func separator(_ leaf: Leaf, _ slot: Int) -> Separator {
    let left = RowBuffer()
    let right = RowBuffer()
    return separator(
      between: left.key(of: leaf.version(slot - 1)), and: right.key(of: leaf.version(slot)))
  }

  private func separator(below key: UnsafeRawBufferPointer, behind leaf: Leaf) -> Separator {
    let left = RowBuffer()
    return separator(between: left.key(of: leaf.version(leaf.count - 1)), and: key)
  }

  private func separator(
    between left: UnsafeRawBufferPointer, and right: UnsafeRawBufferPointer
  ) -> Separator {
    let length = min(right.count, sharedPrefixCount(left, right) + 1)
    let separator = Separator.make(UnsafeRawBufferPointer(rebasing: right[0..<length]))
    charge(separator.allocatedBytes)
    return separator
  }
}
