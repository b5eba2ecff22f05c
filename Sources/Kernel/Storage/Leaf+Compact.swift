import Base
import Glibc

extension Leaf {
  /// The same keys with the same prefixes and stamps in a new page without garbage, with `room` free bytes at least.
  /// Costs a copy: a fraction of what `LeafBuilder` does, which makes the versions smaller as well.
  func compacted(room: Int) -> Leaf {
    let size = MemoryAccount.allocated(for: liveBytes + room) - 8
    let made = Leaf.make(size: size, stamps: stampCount, prefixes: prefixCount)
    made.skip = skip
    memcpy(made.stamp(0), stamp(0), stampCount * Leaf.stampBytes)
    for id in 0..<prefixCount {
      let key = made.takeCopy(of: prefix(id))
      let value = made.takeCopy(of: valuePrefix(id))
      made.setPrefix(
        id, key: key, keyCount: prefix(id).count, value: value, valueCount: valuePrefix(id).count)
    }
    let count = self.count
    let slots = self.slots
    let madeSlots = made.slots
    for slot in 0..<count {
      let head = made.copyChain(version(slot))
      madeSlots[slot] = slots[slot] & 0xFFFF_FFFF_0000_0000 | UInt64(head.offset)
    }
    made.count = count
    return made
  }

  private func takeCopy(of bytes: UnsafeRawBufferPointer) -> UnsafeMutableRawPointer {
    let place = takeRoom(bytes.count)
    if let source = bytes.baseAddress { memcpy(place, source, bytes.count) }
    return place
  }

  private func copyChain(_ head: Version) -> Version {
    let newest = copy(head)
    var newer = newest
    var rest = head.older
    while let current = rest, !current.isAlone {
      rest = current.older
      let copied = copy(current)
      newer.older = copied
      newer = copied
    }
    return newest
  }

  private func copy(_ version: Version) -> Version {
    let size = version.entryBytes
    let entry = takeRoom(size)
    memcpy(entry, version.entry, size)
    return Version(page: block, entry: entry)
  }
}
