import Base
import Glibc

/// One version of one key: a view of an entry in a `Leaf`. It has one of two forms.
///
/// As it is written, with room for what may change:
///
///     0   flags (UInt8)            1   prefix (UInt8)       2   1: not in a page (UInt8)
///     4   own key bytes (UInt32)   8   value bytes (UInt32)
///     12  offset of the older version in the page, or 0 (UInt32)
///     16  commit timestamp; for an intent: the prepare timestamp, 0 while active
///     24  log index; for an intent: the transaction
///     32  own key bytes, value; when `external`, the address of a block with the whole key and the value
///     ..  the expiry (UInt64) when flagged, then, when `apart`, the address of the older version or 0
///
/// Where a chain is long, all but its newest versions are blocks of their own of this form, with their whole keys: `apart`
/// is each of them, and the one in the page that leads to them (`Tree.spill`).
///
/// Packed, when it is small, committed and alone in its chain:
///
///     0   flags    1  prefix    2  stamp    3  own key bytes    4  own value bytes (UInt16)
///     6   own key bytes, own value bytes, the expiry when flagged
///
/// An intent is always first in its chain. Unsafe because the memory is managed by hand: nothing keeps a
/// `Version` across a call that may change its tree, since pages move.
struct Version {
  let page: UnsafeMutableRawPointer
  let entry: UnsafeMutableRawPointer

  static let headerBytes = 32
  static let packedHeaderBytes = 6
  static let keyBytesMax = (1 << 24) - 1
  static let valueBytesMax = Int(UInt32.max)
  /// A key and a value with more bytes are kept outside of the page.
  static let inlineBytesMax = 512

  struct Flags: OptionSet {
    let rawValue: UInt8
    static let tombstone = Flags(rawValue: 1)
    static let intent = Flags(rawValue: 2)
    static let prepared = Flags(rawValue: 4)
    static let expires = Flags(rawValue: 8)
    static let packed = Flags(rawValue: 16)
    static let external = Flags(rawValue: 32)
    /// The value begins with the prefix's; only of packed ones.
    static let split = Flags(rawValue: 64)
    /// The older version, if there is one, is not in a page.
    static let apart = Flags(rawValue: 128)
  }

  @inline(__always)
  private func read<T: BitwiseCopyable>(_ offset: Int, as type: T.Type) -> T {
    entry.loadUnaligned(fromByteOffset: offset, as: type)
  }
  @inline(__always)
  private func write<T: BitwiseCopyable>(_ value: T, _ offset: Int) {
    invariant(!isPacked, "a packed version does not change")
    entry.storeBytes(of: value, toByteOffset: offset, as: T.self)
  }

  /// In the page.
  var offset: UInt32 { UInt32(truncatingIfNeeded: entry - page) }

  var flags: Flags {
    get { Flags(rawValue: read(0, as: UInt8.self)) }
    nonmutating set { write(newValue.rawValue, 0) }
  }
  var isPacked: Bool { flags.contains(.packed) }
  var isTombstone: Bool { flags.contains(.tombstone) }
  var isIntent: Bool { flags.contains(.intent) }
  var isExternal: Bool { flags.contains(.external) }
  var isSplit: Bool { flags.contains(.split) }
  var isApart: Bool { flags.contains(.apart) }
  /// A block of its own.
  var isAlone: Bool { !isPacked && read(2, as: UInt8.self) == 1 }

  var older: Version? {
    get {
      if isPacked { return nil }
      if isApart {
        return UnsafeMutableRawPointer(bitPattern: read(entryBytes - 8, as: UInt.self)).map {
          Version(page: $0, entry: $0)
        }
      }
      let offset = read(12, as: UInt32.self)
      return offset == 0 ? nil : Version(page: page, entry: page + Int(offset))
    }
    nonmutating set {
      if isApart {
        invariant(newValue?.isAlone ?? true, "an older version in a page, of one that is not")
        return write(UInt(bitPattern: newValue?.entry), entryBytes - 8)
      }
      invariant(newValue.map { $0.page == page } ?? true, "an older version in another page")
      write(newValue?.offset ?? 0, 12)
    }
  }

  /// Timestamp and index.
  private var stamp: UnsafeMutableRawPointer {
    isPacked ? Leaf(block: page).stamp(Int(read(2, as: UInt8.self))) : entry + 16
  }

  var timestamp: Timestamp {
    get { Timestamp(rawValue: stamp.loadUnaligned(as: UInt64.self)) }
    nonmutating set { write(newValue.rawValue, 16) }
  }

  private var owner: UInt64 {
    get { stamp.loadUnaligned(fromByteOffset: 8, as: UInt64.self) }
    nonmutating set { write(newValue, 24) }
  }

  /// Meaningless for an intent.
  var index: LogIndex {
    get { LogIndex(rawValue: owner) }
    nonmutating set { owner = newValue.rawValue }
  }

  /// Meaningful for an intent only.
  var transaction: TransactionID { TransactionID(rawValue: owner) }

  /// Of the block outside of the page; meaningful for an external one only.
  var externalAddress: UInt { read(Version.headerBytes, as: UInt.self) }
  private var externalBlock: UnsafeMutableRawPointer? {
    UnsafeMutableRawPointer(bitPattern: externalAddress)
  }

  /// What the key begins with, which the page has once for many; empty when the entry has all of it.
  var sharedKey: UnsafeRawBufferPointer {
    isExternal || isAlone
      ? UnsafeRawBufferPointer(start: nil, count: 0)
      : Leaf(block: page).prefix(prefix)
  }

  var prefix: Int { Int(read(1, as: UInt8.self)) }

  /// What the entry has of the key.
  var ownKey: UnsafeRawBufferPointer {
    let flags = self.flags
    if flags.contains(.packed) {
      return UnsafeRawBufferPointer(
        start: entry + Version.packedHeaderBytes, count: Int(read(3, as: UInt8.self)))
    }
    return UnsafeRawBufferPointer(
      start: flags.contains(.external) ? externalBlock : entry + Version.headerBytes,
      count: Int(read(4, as: UInt32.self)))
  }

  var keyCount: Int { sharedKey.count + ownKey.count }
  var valueCount: Int { sharedValue.count + ownValueCount }
  private var ownValueCount: Int {
    isPacked ? Int(read(4, as: UInt16.self)) : Int(read(8, as: UInt32.self))
  }

  /// What the value begins with, when it is split.
  var sharedValue: UnsafeRawBufferPointer {
    isSplit
      ? Leaf(block: page).valuePrefix(prefix)
      : UnsafeRawBufferPointer(start: nil, count: 0)
  }

  /// What the entry has of the value: all of it when it is not split; empty for a tombstone. It lies behind `ownKey`.
  var ownValue: UnsafeRawBufferPointer {
    let own = ownKey
    return UnsafeRawBufferPointer(
      start: own.baseAddress.map { $0 + own.count }, count: ownValueCount)
  }

  /// Writes the header of the long form, with no older version. `own`: bytes of the key that the entry has; `isAlone`: it is
  /// a block of its own.
  @inline(__always)
  static func writeHeader(
    to entry: UnsafeMutableRawPointer, flags: Flags, prefix: Int = 0, isAlone: Bool = false,
    own: Int, valueCount: Int, timestamp: Timestamp, owner: UInt64
  ) {
    entry.storeBytes(of: flags.rawValue, as: UInt8.self)
    entry.storeBytes(of: UInt8(prefix), toByteOffset: 1, as: UInt8.self)
    entry.storeBytes(of: isAlone ? 1 : 0, toByteOffset: 2, as: UInt8.self)
    entry.storeBytes(of: UInt32(own), toByteOffset: 4, as: UInt32.self)
    entry.storeBytes(of: UInt32(valueCount), toByteOffset: 8, as: UInt32.self)
    entry.storeBytes(of: 0, toByteOffset: 12, as: UInt32.self)
    entry.storeBytes(of: timestamp.rawValue, toByteOffset: 16, as: UInt64.self)
    entry.storeBytes(of: owner, toByteOffset: 24, as: UInt64.self)
  }

  /// What the entry takes in its page.
  var entryBytes: Int {
    let flags = self.flags
    let expiry = flags.contains(.expires) ? 8 : 0
    if flags.contains(.packed) {
      return Version.packedHeaderBytes + ownKey.count + ownValueCount + expiry
    }
    return Version.headerBytes + expiry + (flags.contains(.apart) ? 8 : 0)
      + (flags.contains(.external) ? 8 : ownKey.count + ownValueCount)
  }

  var expires: Timestamp? {
    guard flags.contains(.expires) else { return nil }
    return Timestamp(rawValue: read(entryBytes - (isApart ? 16 : 8), as: UInt64.self))
  }

  /// What the entry has of the value; nil when deleted or when expired at `time`.
  func ownValue(at time: Timestamp) -> UnsafeRawBufferPointer? {
    if isTombstone { return nil }
    if let expires, expires <= time { return nil }
    return ownValue
  }

  /// Whether a version of this timestamp and entry cannot be put into its place in this chain as it is: a later one is
  /// packed, which only the oldest can be, or it or what would be below is not in the page. Costs a look at the newest,
  /// mostly.
  func isFixed(above time: Timestamp, _ index: UInt64) -> Bool {
    var current = committed
    while let version = current, version.timestamp >= time {
      let isLater = version.timestamp > time
      if version.isPacked, isLater { return true }
      // One of the same entry gives its place, and what is older than it, to the new one.
      if version.isApart, isLater || version.owner == index { return true }
      current = version.older
    }
    return false
  }

  /// The newest committed version of the chain that starts here.
  var committed: Version? { isIntent ? older : self }

  /// Orders this key and another of which the first `skip` bytes are known to be the same.
  @inline(__always)
  func compareKey(to key: UnsafeRawBufferPointer, from skip: Int = 0) -> Int {
    let shared = sharedKey
    var own = ownKey
    var position = skip
    if shared.count > skip {
      let behind = UnsafeRawBufferPointer(rebasing: shared[skip...])
      let rest = UnsafeRawBufferPointer(rebasing: key[skip...])
      if rest.count < behind.count { return compareKeys(behind, rest) }
      let order = memcmp(behind.baseAddress!, rest.baseAddress!, behind.count)
      if order != 0 { return Int(order) }
      position = shared.count
    } else if shared.count < skip {
      own = UnsafeRawBufferPointer(rebasing: own[(skip - shared.count)...])
    }
    return compareKeys(own, UnsafeRawBufferPointer(rebasing: key[position...]))
  }

  /// Bytes of the block outside of the page, as the allocator rounds them; 0: there is none.
  var externalBytes: Int {
    isExternal ? MemoryAccount.allocated(for: ownKey.count + valueCount) : 0
  }

  /// Frees the block outside of the page, if there is one.
  func freeExternal() {
    if isExternal { free(externalBlock) }
  }
}

/// What a new version is made of; bytes are borrowed.
struct NewVersion {
  var key: UnsafeRawBufferPointer
  /// nil: a deletion.
  var value: UnsafeRawBufferPointer?
  var timestamp: Timestamp
  /// The log index, or the transaction of an intent.
  var owner: UInt64
  var flags: Version.Flags = []
  var expires: Timestamp?
  /// It takes the place of one that is.
  var isApart = false

  var isExternal: Bool { key.count + (value?.count ?? 0) > Version.inlineBytesMax }

  /// The most that its entry takes in a page.
  var entryBytesMax: Int {
    Version.headerBytes + (expires == nil ? 0 : 8) + (isApart ? 8 : 0)
      + (isExternal ? 8 : key.count + (value?.count ?? 0))
  }

  /// Writes the entry into room that is there; `prefix` is one that the key begins with.
  func write(into leaf: Leaf, prefix: Int) -> Version {
    let valueCount = value?.count ?? 0
    invariant(key.count <= Version.keyBytesMax, "key of \(key.count) bytes")
    invariant(valueCount <= Version.valueBytesMax, "value of \(valueCount) bytes")
    let isExternal = self.isExternal
    var flags = self.flags
    if value == nil { flags.insert(.tombstone) }
    if expires != nil { flags.insert(.expires) }
    if isExternal { flags.insert(.external) }
    if isApart { flags.insert(.apart) }
    let shared = isExternal ? 0 : leaf.prefix(prefix).count
    let own = UnsafeRawBufferPointer(rebasing: key[shared...])
    let inline = isExternal ? 8 : own.count + valueCount
    let size = Version.headerBytes + inline + (expires == nil ? 0 : 8) + (isApart ? 8 : 0)
    let entry = leaf.takeRoom(size)
    Version.writeHeader(
      to: entry, flags: flags, prefix: prefix, own: own.count, valueCount: valueCount,
      timestamp: timestamp, owner: owner)
    let payload = entry + Version.headerBytes
    if isExternal {
      guard let block = malloc(own.count + valueCount) else {
        fatalError("out of memory: \(own.count + valueCount) bytes refused")
      }
      copy(own, to: block)
      payload.storeBytes(of: UInt(bitPattern: block), as: UInt.self)
    } else {
      copy(own, to: payload)
    }
    if let expires {
      payload.storeBytes(of: expires.rawValue, toByteOffset: inline, as: UInt64.self)
    }
    if isApart { entry.storeBytes(of: 0, toByteOffset: size - 8, as: UInt.self) }
    return Version(page: leaf.block, entry: entry)
  }

  @inline(__always)
  private func copy(_ own: UnsafeRawBufferPointer, to target: UnsafeMutableRawPointer) {
    if let source = own.baseAddress { memcpy(target, source, own.count) }
    if let value, let source = value.baseAddress { memcpy(target + own.count, source, value.count) }
  }
}

/// Orders keys as unsigned bytes, a prefix before its extensions; negative, zero or positive.
@inline(__always)
func compareKeys(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Int {
  let shared = min(a.count, b.count)
  if shared > 0, let left = a.baseAddress, let right = b.baseAddress {
    let order = memcmp(left, right, shared)
    if order != 0 { return Int(order) }
  }
  return a.count - b.count
}

/// As many bytes of a key behind `skip` as the integer has, big-endian, zeros behind the key's end: integers are ordered
/// as the keys, but for ties.
@inline(__always)
func leadingBytes<T: FixedWidthInteger & BitwiseCopyable>(
  of key: UnsafeRawBufferPointer, skip: Int
) -> T {
  let left = key.count - skip
  if left >= MemoryLayout<T>.size {
    return T(bigEndian: key.loadUnaligned(fromByteOffset: skip, as: T.self))
  }
  var value: T = 0
  var position = 0
  while position < left {
    value |= T(key[skip + position]) << T(T.bitWidth - 8 - 8 * position)
    position += 1
  }
  return value
}

/// How many leading bytes two keys share.
func sharedPrefixCount(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Int {
  let limit = min(a.count, b.count)
  var count = 0
  while count + 8 <= limit {
    let difference =
      a.loadUnaligned(fromByteOffset: count, as: UInt64.self)
      ^ b.loadUnaligned(fromByteOffset: count, as: UInt64.self)
    if difference != 0 { return count + difference.trailingZeroBitCount / 8 }
    count += 8
  }
  while count < limit && a[count] == b[count] { count += 1 }
  return count
}
