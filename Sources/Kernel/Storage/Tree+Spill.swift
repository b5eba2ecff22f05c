import Base
import Glibc

/// Long chains. A key that is written all the time while somebody holds an old snapshot has as many versions as writes.
/// In a page they would be copied whenever it is made anew, so all but the newest few go to blocks of their own.
extension Tree {
  /// Moves what is older than the newest version out of the page, where the page has room for that one's longer form;
  /// if not, it has when the next version comes.
  func spill(at place: Place) {
    let leaf = place.leaf
    let head = leaf.version(place.slot)
    guard !head.isIntent, !head.isApart, leaf.freeBytes >= head.entryBytes + 8 else { return }
    var first: Version?
    var newer: Version?
    var rest = head.older
    while let current = rest, !current.isAlone {
      rest = current.older
      let moved = moveOut(current)
      if let newer { newer.older = moved } else { first = moved }
      newer = moved
    }
    newer?.older = rest
    leaf.setVersion(lengthened(head, older: first), at: place.slot)
  }

  /// A copy of the head with the address of what is older.
  private func lengthened(_ head: Version, older: Version?) -> Version {
    let leaf = Leaf(block: head.page)
    let size = head.entryBytes
    let entry = leaf.takeRoom(size + 8)
    memcpy(entry, head.entry, size)
    entry.storeBytes(of: head.flags.union(.apart).rawValue, as: UInt8.self)
    entry.storeBytes(of: 0, toByteOffset: size, as: UInt.self)
    let made = Version(page: head.page, entry: entry)
    made.older = older
    forget(head)
    return made
  }

  /// The entry's bytes are garbage, the version is elsewhere.
  private func forget(_ version: Version) {
    let size = version.entryBytes
    Leaf(block: version.page).garbageBytes += size
    discharge(size)
  }

  /// A block with the whole key; the older version is not set.
  private func moveOut(_ version: Version) -> Version {
    let key = row.key(of: version)
    let value = row.value(of: version)
    let content = version.isExternal ? 8 : key.count + value.count
    let expiry = version.expires == nil ? 0 : 8
    let size = Version.headerBytes + content + expiry + 8
    guard let block = malloc(size) else { fatalError("out of memory: \(size) bytes refused") }
    charge(MemoryAccount.allocated(for: size))
    let flags = version.flags.subtracting([.packed, .split]).union(.apart)
    Version.writeHeader(
      to: block, flags: flags, isAlone: true, own: key.count, valueCount: value.count,
      timestamp: version.timestamp, owner: version.index.rawValue)
    let payload = block + Version.headerBytes
    if version.isExternal {
      payload.storeBytes(of: version.externalAddress, as: UInt.self)
    } else {
      if let source = key.baseAddress { memcpy(payload, source, key.count) }
      if let source = value.baseAddress { memcpy(payload + key.count, source, value.count) }
    }
    if let expires = version.expires {
      payload.storeBytes(of: expires.rawValue, toByteOffset: content, as: UInt64.self)
    }
    block.storeBytes(of: 0, toByteOffset: size - 8, as: UInt.self)
    forget(version)
    return Version(page: block, entry: block)
  }

  /// Frees a version's own block; the caller has counted it out.
  func freeAlone(_ version: Version) {
    if version.isExternal {
      discharge(version.externalBytes)
      version.freeExternal()
    }
    freeBlock(version)
  }

  /// The chain's versions are in a page again.
  func freeMoved(_ head: Version) {
    var rest: Version? = head
    while let current = rest {
      rest = current.older
      if current.isAlone { freeBlock(current) }
    }
  }

  private func freeBlock(_ version: Version) {
    discharge(MemoryAccount.allocated(for: version.entryBytes))
    Glibc.free(version.entry)
  }
}

extension Version {
  /// A chain of so many versions in a page is long.
  private static let longChain = 8

  var hasLongChain: Bool {
    var left = Version.longChain
    var rest = older
    while let current = rest, !current.isAlone {
      left -= 1
      if left == 0 { return true }
      rest = current.older
    }
    return false
  }
}

extension Version {
  /// Whether a version of an entry above `index` leads from the page to versions outside, which would not be found any
  /// more without it.
  func losesWay(above index: LogIndex) -> Bool {
    var rest: Version? = self
    while let current = rest, !current.isAlone {
      rest = current.older
      if current.isApart, !current.isIntent, current.index > index { return rest != nil }
    }
    return false
  }
}

extension NewVersion {
  /// Whether it takes the place of the newest version of the chain, which is apart.
  func replaces(_ head: Version) -> Bool {
    guard let newest = head.committed, newest.isApart else { return false }
    return newest.timestamp == timestamp && newest.index.rawValue == owner
  }
}
