import Base
import Glibc

/// A leaf of a `Tree`: a page with keys and their versions, a view of a block that the tree owns. What
/// databases call a slotted page: slots grow from the front, entries from the back.
///
///     0   keys (UInt16)               2  prefixes (UInt16)      4  1: a leaf (UInt8)
///     5   rest (UInt8): `quietLooks`  6  stamps (UInt16)
///     8   skip: leading bytes that all the leaf's keys share (UInt32)
///     12  size of the block (UInt32)
///     16  next leaf                   24 previous leaf
///     32  where the entries begin     36 bytes of entries that are nobody's any more
///     40  where the slots begin
///     48  stamps: timestamp and log index, 16 bytes each, which packed entries share
///     ..  prefixes: offset and length of the key's and of the value's (UInt32 each); the first is what all keys share
///     ..  slots, sorted by key: head (4 bytes of the key behind `skip`, big-endian), offset of the newest version
///     ..  free
///     ..  entries (see `Version`), the bytes of the prefixes last
///
/// A key is a prefix and what its entry has of it; so is a value, where neighbours begin alike. Entries are added as long as there is room; then
/// `LeafBuilder` makes a new page, where what is alone in its chain is packed, neighbours share prefixes and
/// stamps, and nothing dead is left. So a write costs a copy, memory is asked for once in a dozen writes, and what
/// is at rest has little but its bytes.
///
/// Unsafe because a page of bytes is what a small row costs least in. Only its tree changes it.
struct Leaf: Equatable {
  let block: UnsafeMutableRawPointer

  static let headerBytes = 48
  static let stampBytes = 16
  static let prefixBytes = 16
  static let slotBytes = 8
  /// What a slot has of its key.
  static let headBytes = 4
  /// A leaf with more bytes than these is split, where it has two keys.
  static let softBytesMax = 16 << 10

  /// An empty page whose tables are still to be filled.
  static func make(size: Int, stamps: Int, prefixes: Int) -> Leaf {
    guard let block = malloc(size) else { fatalError("out of memory: \(size) bytes refused") }
    memset(block, 0, headerBytes)
    let leaf = Leaf(block: block)
    block.storeBytes(of: UInt16(prefixes), toByteOffset: 2, as: UInt16.self)
    block.storeBytes(of: 1, toByteOffset: 4, as: UInt8.self)
    block.storeBytes(of: UInt16(stamps), toByteOffset: 6, as: UInt16.self)
    block.storeBytes(of: UInt32(size), toByteOffset: 12, as: UInt32.self)
    leaf.heapStart = size
    block.storeBytes(
      of: UInt32(headerBytes + stamps * stampBytes + prefixes * prefixBytes), toByteOffset: 40,
      as: UInt32.self)
    return leaf
  }

  /// Keys.
  var count: Int {
    get { Int(block.load(as: UInt16.self)) }
    nonmutating set { block.storeBytes(of: UInt16(newValue), as: UInt16.self) }
  }
  var prefixCount: Int { Int(block.load(fromByteOffset: 2, as: UInt16.self)) }
  var stampCount: Int { Int(block.load(fromByteOffset: 6, as: UInt16.self)) }

  /// How often garbage collection has passed since the last change; `isTight` when made anew since.
  var quietLooks: UInt8 {
    get { block.load(fromByteOffset: 5, as: UInt8.self) }
    nonmutating set { block.storeBytes(of: newValue, toByteOffset: 5, as: UInt8.self) }
  }
  /// So many looks without a change, and the leaf is at rest.
  static let looksToRest: UInt8 = 2
  /// Made without room, and without a change since.
  static let tight: UInt8 = 255
  /// As `tight`, and no entry is one that garbage collection could have something to do with.
  static let settled: UInt8 = 254
  var isTight: Bool { quietLooks >= Leaf.settled }

  var skip: Int {
    get { Int(block.load(fromByteOffset: 8, as: UInt32.self)) }
    nonmutating set { block.storeBytes(of: UInt32(newValue), toByteOffset: 8, as: UInt32.self) }
  }
  var size: Int { Int(block.load(fromByteOffset: 12, as: UInt32.self)) }
  /// What the page is charged for: garbage is not counted, since garbage collection lets no page have much of it.
  var chargedBytes: Int { MemoryAccount.allocated(for: size) - garbageBytes }

  var next: Leaf? {
    get {
      block.load(fromByteOffset: 16, as: UnsafeMutableRawPointer?.self).map { Leaf(block: $0) }
    }
    nonmutating set {
      block.storeBytes(of: newValue?.block, toByteOffset: 16, as: UnsafeMutableRawPointer?.self)
    }
  }

  var previous: Leaf? {
    get {
      block.load(fromByteOffset: 24, as: UnsafeMutableRawPointer?.self).map { Leaf(block: $0) }
    }
    nonmutating set {
      block.storeBytes(of: newValue?.block, toByteOffset: 24, as: UnsafeMutableRawPointer?.self)
    }
  }

  /// Offset of the entry that was added last.
  var heapStart: Int {
    get { Int(block.load(fromByteOffset: 32, as: UInt32.self)) }
    nonmutating set { block.storeBytes(of: UInt32(newValue), toByteOffset: 32, as: UInt32.self) }
  }
  var garbageBytes: Int {
    get { Int(block.load(fromByteOffset: 36, as: UInt32.self)) }
    nonmutating set { block.storeBytes(of: UInt32(newValue), toByteOffset: 36, as: UInt32.self) }
  }
  private var slotsStart: Int { Int(block.load(fromByteOffset: 40, as: UInt32.self)) }

  var freeBytes: Int { heapStart - slotsStart - count * Leaf.slotBytes }
  /// So much of it that the page is made anew without waiting for the next write that needs room.
  var hasMuchGarbage: Bool { garbageBytes * 4 >= size }
  /// What is used and not garbage, the tables included.
  var liveBytes: Int { size - freeBytes - garbageBytes }

  /// Heads in the upper half, offsets in the lower.
  var slots: UnsafeMutablePointer<UInt64> {
    (block + slotsStart).assumingMemoryBound(to: UInt64.self)
  }

  func stamp(_ id: Int) -> UnsafeMutableRawPointer {
    block + Leaf.headerBytes + id * Leaf.stampBytes
  }

  private func prefixEntry(_ id: Int) -> UnsafeMutableRawPointer {
    block + Leaf.headerBytes + stampCount * Leaf.stampBytes + id * Leaf.prefixBytes
  }

  private func bytes(_ entry: UnsafeMutableRawPointer) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(
      start: block + Int(entry.load(as: UInt32.self)),
      count: Int(entry.load(fromByteOffset: 4, as: UInt32.self)))
  }

  /// What keys with the prefix begin with.
  func prefix(_ id: Int) -> UnsafeRawBufferPointer { bytes(prefixEntry(id)) }
  /// What the split values of entries with the prefix begin with.
  func valuePrefix(_ id: Int) -> UnsafeRawBufferPointer { bytes(prefixEntry(id) + 8) }

  /// The bytes that have been put at `key` and `value`.
  func setPrefix(
    _ id: Int, key: UnsafeMutableRawPointer, keyCount: Int, value: UnsafeMutableRawPointer,
    valueCount: Int
  ) {
    let entry = prefixEntry(id)
    entry.storeBytes(of: UInt32(key - block), as: UInt32.self)
    entry.storeBytes(of: UInt32(keyCount), toByteOffset: 4, as: UInt32.self)
    entry.storeBytes(of: UInt32(value - block), toByteOffset: 8, as: UInt32.self)
    entry.storeBytes(of: UInt32(valueCount), toByteOffset: 12, as: UInt32.self)
  }

  /// The newest version of the key in the slot.
  @inline(__always)
  func version(_ slot: Int) -> Version {
    Version(page: block, entry: block + Int(UInt32(truncatingIfNeeded: slots[slot])))
  }

  /// Puts another version of the same key in front of its chain.
  func setVersion(_ version: Version, at slot: Int) {
    slots[slot] = slots[slot] & 0xFFFF_FFFF_0000_0000 | UInt64(version.offset)
  }

  /// Room for `bytes` of an entry; the caller knows that it is there.
  func takeRoom(_ bytes: Int) -> UnsafeMutableRawPointer {
    let start = heapStart - bytes
    heapStart = start
    quietLooks = 0
    return block + start
  }

  /// Makes a slot for the version's key. The caller knows that there is room, and that the key shares `skip` bytes.
  func insertSlot(_ version: Version, key: UnsafeRawBufferPointer, at slot: Int) {
    let count = self.count
    let slots = self.slots
    memmove(slots + slot + 1, slots + slot, (count - slot) * Leaf.slotBytes)
    slots[slot] = UInt64(Leaf.head(of: key, skip: skip)) << 32 | UInt64(version.offset)
    self.count = count + 1
  }

  func removeSlot(_ slot: Int) {
    let count = self.count
    memmove(slots + slot, slots + slot + 1, (count - slot - 1) * Leaf.slotBytes)
    self.count = count - 1
    quietLooks = 0
  }

  /// Four bytes of a key behind `skip`.
  @inline(__always)
  static func head(of key: UnsafeRawBufferPointer, skip: Int) -> UInt32 {
    leadingBytes(of: key, skip: skip)
  }

  /// Whether the key shares what all keys of the leaf do.
  func sharesSkip(_ key: UnsafeRawBufferPointer) -> Bool {
    let skip = self.skip
    guard skip > 0 else { return true }
    guard key.count >= skip, let left = key.baseAddress, let right = prefix(0).baseAddress
    else { return false }
    return memcmp(left, right, skip) == 0
  }

  /// The first slot whose key is ≥ `key`, and whether it is equal.
  func lowerBound(_ key: UnsafeRawBufferPointer) -> (slot: Int, isEqual: Bool) {
    let count = self.count
    if count == 0 { return (0, false) }
    let skip = self.skip
    if skip > 0 {
      let shared = min(skip, key.count)
      if shared > 0, let left = key.baseAddress, let right = prefix(0).baseAddress {
        let order = memcmp(left, right, shared)
        if order < 0 { return (0, false) }
        if order > 0 { return (count, false) }
      }
      if key.count < skip { return (0, false) }
    }
    let wanted = Leaf.head(of: key, skip: skip)
    let slots = self.slots
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      let there = UInt32(truncatingIfNeeded: slots[middle] >> 32)
      if there < wanted {
        low = middle + 1
      } else if there > wanted {
        high = middle
      } else {
        let order = version(middle).compareKey(to: key, from: skip)
        if order == 0 { return (middle, true) }
        if order < 0 { low = middle + 1 } else { high = middle }
      }
    }
    return (low, false)
  }
}
