import Base
import Glibc

extension Tree {
  /// Adds a new key at the place that `locate` just returned for it.
  func insert(_ version: Version, at place: Place) {
    count += 1
    let leaf = place.leaf
    if leaf.count < capacity {
      leaf.insertKey(version, at: place.slot)
      note(Place(leaf: leaf, slot: place.slot, isEqual: true))
      return
    }
    let right = makeNode(isLeaf: true)
    right.next = leaf.next
    right.previous = leaf
    leaf.next?.previous = right
    leaf.next = right
    if place.slot == capacity && right.next == nil {
      // Rising keys: leave full leaves behind.
      right.insertKey(version, at: 0)
    } else {
      let middle = capacity / 2
      move(from: leaf, slot: middle, to: right)
      if place.slot <= middle {
        leaf.insertKey(version, at: place.slot)
      } else {
        right.insertKey(version, at: place.slot - middle)
      }
    }
    insertIntoParent(
      separator(between: leaf.version(leaf.count - 1).key, and: right.version(0).key), right)
  }

  /// Moves the keys from `slot` on to the empty node `target`.
  private func move(from source: TreeNode, slot: Int, to target: TreeNode) {
    let moved = source.count - slot
    memcpy(target.keys, source.keys + slot, moved * 8)
    target.count = moved
    source.count = slot
    source.refreshPrefixes()
    target.refreshPrefixes()
  }

  /// The shortest key above `left` and not above `right`, as a block of its own.
  private func separator(
    between left: UnsafeRawBufferPointer, and right: UnsafeRawBufferPointer
  ) -> Version {
    let length = min(right.count, sharedPrefixCount(left, right) + 1)
    return makeVersion(
      key: UnsafeRawBufferPointer(rebasing: right[0..<length]), value: nil, timestamp: .zero,
      owner: 0, flags: .separator, expires: nil)
  }

  private func insertIntoParent(_ firstSeparator: Version, _ firstRight: TreeNode) {
    var separator = firstSeparator
    var right = firstRight
    while let step = path.popLast() {
      let node = step.node
      if node.count < capacity {
        insertChild(separator, right, into: node, at: step.slot)
        return
      }
      // Full: the middle separator rises. At the right edge leave a full node behind.
      let isEdge = step.slot == capacity
      let middle = isEdge ? capacity - 1 : capacity / 2
      let rising = node.version(middle)
      let sibling = makeNode(isLeaf: false)
      let moved = capacity - middle - 1
      memcpy(sibling.keys, node.keys + middle + 1, moved * 8)
      memcpy(sibling.children, node.children + middle + 1, (moved + 1) * 8)
      sibling.count = moved
      node.count = middle
      if step.slot <= middle {
        insertChild(separator, right, into: node, at: step.slot)
      } else {
        insertChild(separator, right, into: sibling, at: step.slot - middle - 1)
      }
      node.refreshPrefixes()
      sibling.refreshPrefixes()
      separator = rising
      right = sibling
    }
    let top = makeNode(isLeaf: false)
    top.children[0] = root.block
    insertChild(separator, right, into: top, at: 0)
    root = top
  }

  private func insertChild(
    _ separator: Version, _ right: TreeNode, into node: TreeNode, at slot: Int
  ) {
    let behind = node.count - slot
    memmove(node.children + slot + 2, node.children + slot + 1, behind * 8)
    node.children[slot + 1] = right.block
    node.insertKey(separator, at: slot)
  }
}
