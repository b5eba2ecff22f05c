import Base
import Glibc

/// A node of a `Tree`, leaf or not: both say which in their fifth byte.
struct Node: Equatable {
  let block: UnsafeMutableRawPointer

  var isLeaf: Bool { block.load(fromByteOffset: 4, as: UInt8.self) == 1 }
  var leaf: Leaf { Leaf(block: block) }
  var inner: InnerNode { InnerNode(block: block) }
}

/// An inner node of a `Tree`: a view of a block that the tree owns.
///
///     0   entries (UInt16)        2  capacity (UInt16)       4  0: not a leaf (UInt8)
///     8   skip: leading bytes that all the node's keys share (UInt32)
///     16  8-byte prefixes of the keys behind `skip`, big-endian as integers
///     ..  keys: blocks of separators
///     ..  children, one more than keys; child i+1 holds keys ≥ key i
///
/// The search compares integers in one or two cache lines and follows a pointer only on a tie. Unsafe
/// because fixed-capacity nodes of raw pointers are what makes a step cost so little.
struct InnerNode: Equatable {
  let block: UnsafeMutableRawPointer

  static let headerBytes = 16

  static func byteCount(capacity: Int) -> Int {
    headerBytes + capacity * 16 + (capacity + 1) * 8
  }

  static func make(capacity: Int) -> InnerNode {
    let size = byteCount(capacity: capacity)
    guard let block = malloc(size) else { fatalError("out of memory: \(size) bytes refused") }
    memset(block, 0, headerBytes)
    block.storeBytes(of: UInt16(capacity), toByteOffset: 2, as: UInt16.self)
    return InnerNode(block: block)
  }

  var count: Int {
    get { Int(block.load(as: UInt16.self)) }
    nonmutating set { block.storeBytes(of: UInt16(newValue), as: UInt16.self) }
  }
  var capacity: Int { Int(block.load(fromByteOffset: 2, as: UInt16.self)) }
  var allocatedBytes: Int {
    MemoryAccount.allocated(for: InnerNode.byteCount(capacity: capacity))
  }

  var skip: Int {
    get { Int(block.load(fromByteOffset: 8, as: UInt32.self)) }
    nonmutating set { block.storeBytes(of: UInt32(newValue), toByteOffset: 8, as: UInt32.self) }
  }

  var prefixes: UnsafeMutablePointer<UInt64> {
    (block + InnerNode.headerBytes).assumingMemoryBound(to: UInt64.self)
  }
  var keys: UnsafeMutablePointer<UnsafeMutableRawPointer> {
    (block + InnerNode.headerBytes + capacity * 8)
      .assumingMemoryBound(to: UnsafeMutableRawPointer.self)
  }
  var children: UnsafeMutablePointer<UnsafeMutableRawPointer> {
    (block + InnerNode.headerBytes + capacity * 16)
      .assumingMemoryBound(to: UnsafeMutableRawPointer.self)
  }

  func separator(_ slot: Int) -> Separator { Separator(block: keys[slot]) }
  func child(_ slot: Int) -> Node { Node(block: children[slot]) }

  /// Bytes `skip..<skip + 8` of a key.
  @inline(__always)
  static func prefix(of key: UnsafeRawBufferPointer, skip: Int) -> UInt64 {
    leadingBytes(of: key, skip: skip)
  }

  /// The first slot whose key is ≥ `key`, and whether it is equal.
  func lowerBound(_ key: UnsafeRawBufferPointer) -> (slot: Int, isEqual: Bool) {
    let count = self.count
    if count == 0 { return (0, false) }
    let skip = self.skip
    if skip > 0 {
      let first = separator(0).key
      let shared = min(skip, key.count)
      if shared > 0, let left = key.baseAddress, let right = first.baseAddress {
        let order = memcmp(left, right, shared)
        if order < 0 { return (0, false) }
        if order > 0 { return (count, false) }
      }
      if key.count < skip { return (0, false) }
    }
    let wanted = InnerNode.prefix(of: key, skip: skip)
    let prefixes = self.prefixes
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      let there = prefixes[middle]
      if there < wanted {
        low = middle + 1
      } else if there > wanted {
        high = middle
      } else {
        let order = compareKeys(separator(middle).key, key)
        if order == 0 { return (middle, true) }
        if order < 0 { low = middle + 1 } else { high = middle }
      }
    }
    return (low, false)
  }

  /// The child that holds `key`.
  func childSlot(for key: UnsafeRawBufferPointer) -> Int {
    let (slot, isEqual) = lowerBound(key)
    return isEqual ? slot + 1 : slot
  }

  /// Makes room at `slot` and puts the key there. The caller knows that there is room.
  func insertKey(_ separator: Separator, at slot: Int) {
    let count = self.count
    let key = separator.key
    let keeps = count > 0 && sharedPrefixCount(key, self.separator(0).key) >= skip
    memmove(keys + slot + 1, keys + slot, (count - slot) * 8)
    memmove(prefixes + slot + 1, prefixes + slot, (count - slot) * 8)
    keys[slot] = separator.block
    self.count = count + 1
    if keeps {
      prefixes[slot] = InnerNode.prefix(of: key, skip: skip)
    } else {
      refreshPrefixes()
    }
  }

  func removeKey(at slot: Int) {
    let count = self.count
    memmove(keys + slot, keys + slot + 1, (count - slot - 1) * 8)
    memmove(prefixes + slot, prefixes + slot + 1, (count - slot - 1) * 8)
    self.count = count - 1
  }

  /// Recomputes `skip` from the outermost keys, then every prefix.
  func refreshPrefixes() {
    let count = self.count
    guard count > 0 else {
      skip = 0
      return
    }
    let first = separator(0).key
    let shared = sharedPrefixCount(first, separator(count - 1).key)
    // A single key shares all of itself; leave its tail to the prefix, since its neighbours to come
    // will most likely differ there.
    skip = count == 1 ? max(0, shared - 8) : shared
    for slot in 0..<count {
      prefixes[slot] = InnerNode.prefix(of: separator(slot).key, skip: skip)
    }
  }
}
