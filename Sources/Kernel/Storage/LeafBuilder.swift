import Base
import Glibc

/// Makes leaves anew out of others' keys: packed, without garbage, with the room that is asked for.
/// Lives on: one store; it keeps what it works with from one leaf to the next.
///
/// What it costs is a copy of the leaf and a few comparisons of neighbours: a few microseconds.
final class LeafBuilder {
  private struct Item {
    var version: Version
    /// Where the beginning of the key lies in `bytes`: of long ones only as much as a prefix may have.
    var key: Int
    var keyCount: Int
    var prefix = 0
    /// All versions of the chain are to be in the page.
    var isWide = false
    /// nil: the entry is not packed.
    var stamp: Int?
    /// Bytes of the key that it shares with the item before it.
    var shared = 0
    /// Where a value that had been split lies in `bytes`.
    var joinedValue: Int?
    var valueCount: Int
  }
  private struct Prefix {
    var key: Int
    var count: Int
    /// The item whose value begins with it, and how much.
    var valueItem = 0
    var valueCount = 0
  }

  private var items: [Item] = []
  /// Keys, and values that were split.
  private var bytes: [UInt8] = []
  private var prefixes: [Prefix] = []
  private var stamps: [(timestamp: UInt64, owner: UInt64)] = []
  private var entryBytes = 0
  private let row = RowBuffer()

  /// No longer prefix is looked for.
  private static let prefixBytesMax = 512
  /// Neighbours that share so many bytes less than those beside them are not in one group.
  private static let groupStep = 8
  /// Values are split where what they share is this part of them at least: a third.
  private static let splitShare = 3
  /// A stamp is looked for among so many.
  private static let stampsToCompare = 8

  /// The next keys, which are above those that have been added.
  func add(_ leaf: Leaf, _ slots: Range<Int>) {
    for slot in slots {
      let version = leaf.version(slot)
      var item = Item(
        version: version, key: bytes.count, keyCount: 0, valueCount: version.valueCount)
      let shared = version.sharedKey
      bytes.append(contentsOf: shared)
      let own = version.ownKey
      let left = max(0, LeafBuilder.prefixBytesMax - shared.count)
      bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: own[0..<min(left, own.count)]))
      item.keyCount = bytes.count - item.key
      if version.isSplit {
        item.joinedValue = bytes.count
        bytes.append(contentsOf: version.sharedValue)
        bytes.append(contentsOf: version.ownValue)
      }
      items.append(item)
    }
  }

  /// Makes the leaf of what has been added and forgets it. `room`: free bytes at least. `incoming`: a key that is
  /// to be added next. `wide`: the slot whose versions are to be changed, which are not packed.
  func build(room: Int, incoming: UnsafeRawBufferPointer? = nil, wide: Int? = nil) -> Leaf {
    defer { reset() }
    return bytes.withUnsafeBytes { bytes in
      choosePrefixes(bytes, incoming)
      chooseStamps(wide)
      let leaf = makeLeaf(room: room)
      fill(leaf, bytes)
      return leaf
    }
  }

  private func reset() {
    items.removeAll(keepingCapacity: true)
    bytes.removeAll(keepingCapacity: true)
    prefixes.removeAll(keepingCapacity: true)
    stamps.removeAll(keepingCapacity: true)
    entryBytes = 0
  }

  private func key(_ item: Int, _ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    let item = items[item]
    return UnsafeRawBufferPointer(rebasing: bytes[item.key..<item.key + item.keyCount])
  }

  /// The whole value of the item's newest version.
  private func value(_ item: Item, _ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    guard let start = item.joinedValue else { return item.version.ownValue }
    return UnsafeRawBufferPointer(rebasing: bytes[start..<start + item.valueCount])
  }

  // MARK: Prefixes

  private func choosePrefixes(_ bytes: UnsafeRawBufferPointer, _ incoming: UnsafeRawBufferPointer?)
  {
    prefixes.append(Prefix(key: items.first?.key ?? 0, count: sharedByAll(bytes, incoming)))
    for item in items.indices.dropFirst() {
      items[item].shared = sharedPrefixCount(key(item - 1, bytes), key(item, bytes))
    }
    var start = 0
    while start < items.count {
      var end = start + 1
      var shared = Int.max
      while end < items.count {
        let here = items[end].shared
        let next = end + 1 < items.count ? items[end + 1].shared : 0
        let best = max(next, shared == .max ? 0 : shared)
        if here + LeafBuilder.groupStep <= best { break }
        shared = min(shared, here)
        end += 1
      }
      if end - start > 1 { share(shared, start..<end, bytes) }
      start = end
    }
  }

  /// What all keys and the next one begin with. A leaf with few keys would have to be made anew for the next one.
  private func sharedByAll(_ bytes: UnsafeRawBufferPointer, _ incoming: UnsafeRawBufferPointer?)
    -> Int
  {
    guard items.count >= 4 else { return 0 }
    let first = key(0, bytes)
    var shared = sharedPrefixCount(first, key(items.count - 1, bytes))
    if let incoming { shared = min(shared, sharedPrefixCount(first, incoming)) }
    // Of long keys only the beginning is here: the bytes behind what is shared, which a slot has, are to be in it.
    return min(shared, LeafBuilder.prefixBytesMax - Leaf.headBytes)
  }

  /// Gives the items a prefix of their own where that saves something.
  private func share(_ shared: Int, _ group: Range<Int>, _ bytes: UnsafeRawBufferPointer) {
    // Those that lie outside have their whole keys there.
    let users = group.count { !items[$0].version.isExternal }
    let gain = (shared - prefixes[0].count) * users
    guard gain > shared + Leaf.prefixBytes, prefixes.count < 256 else { return }
    for item in group { items[item].prefix = prefixes.count }
    let values = sharedByValues(of: group, bytes)
    prefixes.append(
      Prefix(
        key: items[group.lowerBound].key, count: shared, valueItem: values.item,
        valueCount: values.count))
  }

  /// What all values of the group begin with that may be packed, and one that has it; 0 where it is little of them, since
  /// a split value is put together when it is read.
  private func sharedByValues(of group: Range<Int>, _ bytes: UnsafeRawBufferPointer) -> (
    item: Int, count: Int
  ) {
    var first: (item: Int, value: UnsafeRawBufferPointer)?
    var (shared, sum, users) = (0, 0, 0)
    for item in group where isSettled(items[item].version) {
      let value = value(items[item], bytes)
      if let first {
        shared = min(shared, sharedPrefixCount(first.value, value))
      } else {
        first = (item, value)
        shared = value.count
      }
      if shared == 0 { break }
      sum += value.count
      users += 1
    }
    guard let first, users > 1, shared * users * LeafBuilder.splitShare >= sum else {
      return (group.lowerBound, 0)
    }
    return (first.item, shared)
  }

  // MARK: Stamps

  private func chooseStamps(_ wide: Int?) {
    for position in items.indices {
      let version = items[position].version
      if position != wide, canBePacked(items[position]) {
        items[position].stamp = stamp(version.timestamp.rawValue, version.index.rawValue)
      }
      items[position].isWide = position == wide
      let item = items[position]
      let header = item.stamp == nil ? Version.headerBytes : Version.packedHeaderBytes
      var rest: Version? = version
      while let current = rest {
        rest = next(current, item)
        entryBytes += header + contentBytes(current, item)
      }
    }
  }

  private func canBePacked(_ item: Item) -> Bool {
    isSettled(item.version) && ownCount(item.version, item) <= 255
  }

  /// Small, committed and alone in its chain.
  private func isSettled(_ version: Version) -> Bool {
    !version.isIntent && !version.isExternal && version.older == nil
  }

  /// How much of the key the new entry has.
  private func ownCount(_ version: Version, _ item: Item) -> Int {
    version.isExternal
      ? version.ownKey.count : version.keyCount - prefixes[item.prefix].count
  }

  private func staysApart(_ version: Version, _ item: Item) -> Bool {
    version.isApart && !item.isWide && item.stamp == nil
  }

  /// What the new entry has behind its header.
  private func contentBytes(_ version: Version, _ item: Item) -> Int {
    var expiry = version.flags.contains(.expires) ? 8 : 0
    if staysApart(version, item) { expiry += 8 }
    if version.isExternal { return 8 + expiry }
    let sharedValue = item.stamp == nil ? 0 : prefixes[item.prefix].valueCount
    return ownCount(version, item) + version.valueCount - sharedValue + expiry
  }

  /// What is older in the page.
  private func next(_ version: Version, _ item: Item) -> Version? {
    version.isApart && !item.isWide ? nil : version.older
  }

  private func stamp(_ timestamp: UInt64, _ owner: UInt64) -> Int? {
    var position = stamps.count - 1
    let last = max(0, stamps.count - LeafBuilder.stampsToCompare)
    while position >= last {
      if stamps[position].timestamp == timestamp, stamps[position].owner == owner {
        return position
      }
      position -= 1
    }
    if stamps.count == 256 { return nil }
    stamps.append((timestamp, owner))
    return stamps.count - 1
  }

  // MARK: Filling

  private func makeLeaf(room: Int) -> Leaf {
    var size = Leaf.headerBytes + items.count * Leaf.slotBytes + entryBytes
    size += stamps.count * Leaf.stampBytes + prefixes.count * Leaf.prefixBytes
    for prefix in prefixes { size += prefix.count + prefix.valueCount }
    // What the allocator takes anyway is room as well.
    let whole = MemoryAccount.allocated(for: size + room) - 8
    return Leaf.make(size: whole, stamps: stamps.count, prefixes: prefixes.count)
  }

  private func fill(_ leaf: Leaf, _ bytes: UnsafeRawBufferPointer) {
    for (id, stamp) in stamps.enumerated() {
      let place = leaf.stamp(id)
      place.storeBytes(of: stamp.timestamp, as: UInt64.self)
      place.storeBytes(of: stamp.owner, toByteOffset: 8, as: UInt64.self)
    }
    for (id, prefix) in prefixes.enumerated() { fill(prefix, id, leaf, bytes) }
    leaf.skip = prefixes[0].count
    for position in items.indices {
      let item = items[position]
      let head = Leaf.head(of: key(position, bytes), skip: leaf.skip)
      let version = item.stamp == nil ? copyChain(item, to: leaf) : pack(item, bytes, to: leaf)
      leaf.slots[position] = UInt64(head) << 32 | UInt64(version.offset)
    }
    leaf.count = items.count
  }

  private func fill(_ prefix: Prefix, _ id: Int, _ leaf: Leaf, _ bytes: UnsafeRawBufferPointer) {
    let key = leaf.takeRoom(prefix.count)
    if prefix.count > 0 { memcpy(key, bytes.baseAddress! + prefix.key, prefix.count) }
    let value = leaf.takeRoom(prefix.valueCount)
    if prefix.valueCount > 0 {
      memcpy(value, self.value(items[prefix.valueItem], bytes).baseAddress!, prefix.valueCount)
    }
    leaf.setPrefix(
      id, key: key, keyCount: prefix.count, value: value, valueCount: prefix.valueCount)
  }

  private func pack(_ item: Item, _ bytes: UnsafeRawBufferPointer, to leaf: Leaf) -> Version {
    let version = item.version
    let own = ownCount(version, item)
    let entry = leaf.takeRoom(Version.packedHeaderBytes + contentBytes(version, item))
    let shared = prefixes[item.prefix].valueCount
    var flags = version.flags.union(.packed).subtracting(.apart)
    if shared > 0 { flags.insert(.split) } else { flags.remove(.split) }
    entry.storeBytes(of: flags.rawValue, as: UInt8.self)
    entry.storeBytes(of: UInt8(item.prefix), toByteOffset: 1, as: UInt8.self)
    entry.storeBytes(of: UInt8(item.stamp ?? 0), toByteOffset: 2, as: UInt8.self)
    entry.storeBytes(of: UInt8(own), toByteOffset: 3, as: UInt8.self)
    entry.storeBytes(of: UInt16(item.valueCount - shared), toByteOffset: 4, as: UInt16.self)
    let value = UnsafeRawBufferPointer(rebasing: value(item, bytes)[shared...])
    copyContent(version, own, value, to: entry + Version.packedHeaderBytes)
    return Version(page: leaf.block, entry: entry)
  }

  private func copyChain(_ item: Item, to leaf: Leaf) -> Version {
    let newest = copyWide(item.version, item, to: leaf)
    var newer = newest
    var rest = next(item.version, item)
    while let current = rest {
      rest = next(current, item)
      let copied = copyWide(current, item, to: leaf)
      newer.older = copied
      newer = copied
    }
    return newest
  }

  private func copyWide(_ version: Version, _ item: Item, to leaf: Leaf) -> Version {
    let value = row.value(of: version)
    let entry = leaf.takeRoom(Version.headerBytes + contentBytes(version, item))
    let own = ownCount(version, item)
    var flags = version.flags.subtracting([.packed, .split])
    let isApart = staysApart(version, item)
    if !isApart { flags.remove(.apart) }
    Version.writeHeader(
      to: entry, flags: flags, prefix: item.prefix, own: own, valueCount: value.count,
      timestamp: version.timestamp, owner: version.index.rawValue)
    let payload = entry + Version.headerBytes
    if version.isExternal {
      payload.storeBytes(of: version.externalAddress, as: UInt.self)
      if let expires = version.expires {
        payload.storeBytes(of: expires.rawValue, toByteOffset: 8, as: UInt64.self)
      }
    } else {
      copyContent(version, own, value, to: payload)
    }
    let made = Version(page: leaf.block, entry: entry)
    if isApart { made.older = version.older }
    return made
  }

  /// The last `own` bytes of the key, the value and the expiry.
  private func copyContent(
    _ version: Version, _ own: Int, _ value: UnsafeRawBufferPointer,
    to target: UnsafeMutableRawPointer
  ) {
    let before = version.ownKey
    let fromEntry = min(own, before.count)
    if fromEntry < own {
      let shared = version.sharedKey
      let more = own - fromEntry
      if let source = shared.baseAddress { memcpy(target, source + shared.count - more, more) }
    }
    if let source = before.baseAddress {
      memcpy(target + own - fromEntry, source + before.count - fromEntry, fromEntry)
    }
    if let source = value.baseAddress { memcpy(target + own, source, value.count) }
    if let expires = version.expires {
      target.storeBytes(of: expires.rawValue, toByteOffset: own + value.count, as: UInt64.self)
    }
  }
}
