import Base
import Glibc

extension Tree {
  /// Makes the version, which has been added to the place's leaf, the first of a new key.
  func insert(_ version: Version, key: UnsafeRawBufferPointer, at place: Place) {
    count += 1
    place.leaf.insertSlot(version, key: key, at: place.slot)
    note(Place(leaf: place.leaf, slot: place.slot, isEqual: true))
  }

  /// Puts a new leaf behind the one of the last `locate`.
  func insertIntoParent(_ firstSeparator: Separator, _ leaf: Leaf) {
    var separator = firstSeparator
    var right = Node(block: leaf.block)
    while let step = path.popLast() {
      let node = step.node
      if node.count < capacity {
        insertChild(separator, right, into: node, at: step.slot)
        return
      }
      // Full: the middle separator rises. At the right edge leave a full node behind.
      let isEdge = step.slot == capacity
      let middle = isEdge ? capacity - 1 : capacity / 2
      let rising = node.separator(middle)
      let sibling = makeInner()
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
      right = Node(block: sibling.block)
    }
    let top = makeInner()
    top.children[0] = root.block
    insertChild(separator, right, into: top, at: 0)
    root = Node(block: top.block)
  }

  private func insertChild(
    _ separator: Separator, _ right: Node, into node: InnerNode, at slot: Int
  ) {
    let behind = node.count - slot
    memmove(node.children + slot + 2, node.children + slot + 1, behind * 8)
    node.children[slot + 1] = right.block
    node.insertKey(separator, at: slot)
  }
}
