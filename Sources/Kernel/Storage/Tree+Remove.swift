import Base
import Glibc

extension Tree {
  /// Takes the key at the place that `locate` just returned out of the tree. The caller frees the
  /// chain.
  func remove(at place: Place) {
    count -= 1
    place.leaf.removeKey(at: place.slot)
    var node = place.leaf
    while let step = path.popLast() {
      if node.count >= max(1, capacity / 4) { return }
      let parent = step.node
      let leftSlot = step.slot > 0 ? step.slot - 1 : 0
      let left = parent.child(leftSlot)
      let right = parent.child(leftSlot + 1)
      if node.isLeaf {
        guard left.count + right.count <= capacity else { return }
        mergeLeaves(left, right)
      } else if left.count + right.count + 1 <= capacity {
        mergeInner(left, right, separator: parent.version(leftSlot))
      } else {
        if node.count == 0 { borrow(parent, leftSlot, left, right) }
        return
      }
      if right.isLeaf { free(parent.version(leftSlot)) }
      free(right)
      let behind = parent.count - leftSlot - 1
      memmove(parent.children + leftSlot + 1, parent.children + leftSlot + 2, behind * 8)
      parent.removeKey(at: leftSlot)
      node = parent
    }
    // `node` is the root.
    if !root.isLeaf && root.count == 0 {
      let old = root
      root = old.child(0)
      free(old)
    }
  }

  private func mergeLeaves(_ left: TreeNode, _ right: TreeNode) {
    memcpy(left.keys + left.count, right.keys, right.count * 8)
    left.count += right.count
    left.refreshPrefixes()
    left.next = right.next
    right.next?.previous = left
  }

  /// The parent's separator moves down between the two.
  private func mergeInner(_ left: TreeNode, _ right: TreeNode, separator: Version) {
    let count = left.count
    left.keys[count] = separator.block
    memcpy(left.keys + count + 1, right.keys, right.count * 8)
    memcpy(left.children + count + 1, right.children, (right.count + 1) * 8)
    left.count = count + 1 + right.count
    left.refreshPrefixes()
  }

  /// One of two inner neighbours has a single child and the other is full: hand one child over
  /// through the parent.
  private func borrow(_ parent: TreeNode, _ slot: Int, _ left: TreeNode, _ right: TreeNode) {
    let separator = parent.version(slot)
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
