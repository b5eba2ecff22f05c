import Base
import Glibc

extension Tree {
  /// Takes the key at the place that `locate` just returned out of the tree. The caller has freed the
  /// chain.
  func remove(at place: Place) {
    count -= 1
    place.leaf.removeSlot(place.slot)
    mergeSmall(place.leaf, bytesMax: Leaf.softBytesMax * 3 / 4)
  }

  func isSmall(_ leaf: Leaf) -> Bool { leaf.count < max(1, capacity / 4) }

  /// Merges the leaf of the last `locate` with a neighbour, where it is small and both have no more bytes than that.
  func mergeSmall(_ leaf: Leaf, bytesMax: Int) {
    guard isSmall(leaf), let step = path.popLast() else { return }
    let parent = step.node
    let leftSlot = step.slot > 0 ? step.slot - 1 : 0
    let left = parent.child(leftSlot).leaf
    let right = parent.child(leftSlot + 1).leaf
    guard left.count + right.count <= capacity,
      left.liveBytes + right.liveBytes <= bytesMax || leaf.count == 0
    else { return }
    parent.children[leftSlot] = merge(left, right).block
    removeChild(leftSlot + 1, of: parent)
    removeUpwards(from: parent)
  }

  /// One leaf of two neighbours, which are freed.
  private func merge(_ left: Leaf, _ right: Leaf) -> Leaf {
    builder.add(left, 0..<left.count)
    builder.add(right, 0..<right.count)
    let made = builder.build(room: 0)
    charge(made.chargedBytes)
    made.previous = left.previous
    made.next = right.next
    made.previous?.next = made
    made.next?.previous = made
    free(left)
    free(right)
    return made
  }

  /// Takes the child and the separator before it out.
  private func removeChild(_ child: Int, of parent: InnerNode) {
    free(parent.separator(child - 1))
    dropChild(child, of: parent)
  }

  private func dropChild(_ child: Int, of parent: InnerNode) {
    let behind = parent.count - child
    memmove(parent.children + child, parent.children + child + 1, behind * 8)
    parent.removeKey(at: child - 1)
  }

  /// The node has lost a child: it is merged with a neighbour where both fit into one, and so on.
  private func removeUpwards(from start: InnerNode) {
    var node = start
    while let step = path.popLast() {
      if node.count >= max(1, capacity / 4) { return }
      let parent = step.node
      let leftSlot = step.slot > 0 ? step.slot - 1 : 0
      let left = parent.child(leftSlot).inner
      let right = parent.child(leftSlot + 1).inner
      guard left.count + right.count + 1 <= capacity else {
        if node.count == 0 { borrow(parent, leftSlot, left, right) }
        return
      }
      mergeInner(left, right, separator: parent.separator(leftSlot))
      free(right)
      dropChild(leftSlot + 1, of: parent)
      node = parent
    }
    // `node` is the root.
    if node.count == 0 {
      root = node.child(0)
      free(node)
    }
  }

  /// The parent's separator moves down between the two.
  private func mergeInner(_ left: InnerNode, _ right: InnerNode, separator: Separator) {
    let count = left.count
    left.keys[count] = separator.block
    memcpy(left.keys + count + 1, right.keys, right.count * 8)
    memcpy(left.children + count + 1, right.children, (right.count + 1) * 8)
    left.count = count + 1 + right.count
    left.refreshPrefixes()
  }

  /// One of two inner neighbours has a single child and the other is full: hand one child over
  /// through the parent.
  private func borrow(_ parent: InnerNode, _ slot: Int, _ left: InnerNode, _ right: InnerNode) {
    let separator = parent.separator(slot)
    if left.count == 0 {
      left.children[1] = right.children[0]
      left.insertKey(separator, at: 0)
      parent.keys[slot] = right.keys[0]
      memmove(right.children, right.children + 1, right.count * 8)
      right.removeKey(at: 0)
    } else {
      memmove(right.children + 1, right.children, (right.count + 1) * 8)
      right.children[0] = left.children[left.count]
      right.insertKey(separator, at: 0)
      parent.keys[slot] = left.keys[left.count - 1]
      left.removeKey(at: left.count - 1)
    }
    parent.refreshPrefixes()
  }
}
