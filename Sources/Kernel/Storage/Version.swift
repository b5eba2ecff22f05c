import Base
import Glibc

/// One version of one key: a view of a block that its `Tree` owns.
///
/// The block holds key and value together, so that a key with one version costs one allocation, and
/// a write links its block in front of the older one without copying anything:
///
///     0   older version's block, or nil
///     8   commit timestamp; for an intent: the prepare timestamp, 0 while active
///     16  log index; for an intent: the transaction
///     24  value length (UInt32)
///     28  key length (24 bits), flags (8 bits)
///     32  key, value, then the expiry (UInt64) when flagged
///
/// An intent is always first in its chain. Unsafe because the memory is managed by hand: blocks are
/// freed by `Tree` alone, and nothing keeps a `Version` across a call that may change its tree.
struct Version {
  let block: UnsafeMutableRawPointer

  static let headerBytes = 32
  static let keyBytesMax = (1 << 24) - 1
  static let valueBytesMax = Int(UInt32.max)

  struct Flags: OptionSet {
    let rawValue: UInt32
    static let tombstone = Flags(rawValue: 1 << 24)
    static let intent = Flags(rawValue: 1 << 25)
    static let prepared = Flags(rawValue: 1 << 26)
    static let expires = Flags(rawValue: 1 << 27)
    /// A key between two nodes of the tree, and no version of anything.
    static let separator = Flags(rawValue: 1 << 28)
    static let mask: UInt32 = 0xFF00_0000
  }

  var older: Version? {
    get { block.load(as: UnsafeMutableRawPointer?.self).map { Version(block: $0) } }
    nonmutating set { block.storeBytes(of: newValue?.block, as: UnsafeMutableRawPointer?.self) }
  }

  var timestamp: Timestamp {
    get { Timestamp(rawValue: block.load(fromByteOffset: 8, as: UInt64.self)) }
    nonmutating set { block.storeBytes(of: newValue.rawValue, toByteOffset: 8, as: UInt64.self) }
  }

  private var owner: UInt64 {
    get { block.load(fromByteOffset: 16, as: UInt64.self) }
    nonmutating set { block.storeBytes(of: newValue, toByteOffset: 16, as: UInt64.self) }
  }

  /// Meaningless for an intent.
  var index: LogIndex {
    get { LogIndex(rawValue: owner) }
    nonmutating set { owner = newValue.rawValue }
  }

  /// Meaningful for an intent only.
  var transaction: TransactionID { TransactionID(rawValue: owner) }

  private var lengthAndFlags: UInt32 {
    get { block.load(fromByteOffset: 28, as: UInt32.self) }
    nonmutating set { block.storeBytes(of: newValue, toByteOffset: 28, as: UInt32.self) }
  }

  var flags: Flags {
    get { Flags(rawValue: lengthAndFlags & Flags.mask) }
    nonmutating set { lengthAndFlags = (lengthAndFlags & ~Flags.mask) | newValue.rawValue }
  }

  var isTombstone: Bool { flags.contains(.tombstone) }
  var isIntent: Bool { flags.contains(.intent) }

  var keyCount: Int { Int(lengthAndFlags & ~Flags.mask) }
  var valueCount: Int { Int(block.load(fromByteOffset: 24, as: UInt32.self)) }

  var key: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: block + Version.headerBytes, count: keyCount)
  }

  /// The stored bytes; empty for a tombstone.
  var bytes: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: block + Version.headerBytes + keyCount, count: valueCount)
  }

  var expires: Timestamp? {
    guard flags.contains(.expires) else { return nil }
    return Timestamp(
      rawValue: block.loadUnaligned(
        fromByteOffset: Version.headerBytes + keyCount + valueCount, as: UInt64.self))
  }

  /// nil when deleted or when expired at `time`.
  func value(at time: Timestamp) -> UnsafeRawBufferPointer? {
    if isTombstone { return nil }
    if let expires, expires <= time { return nil }
    return bytes
  }

  /// The newest committed version of the chain that starts here.
  var committed: Version? { isIntent ? older : self }

  /// Bytes that the block takes from the allocator.
  var allocatedBytes: Int {
    MemoryAccount.allocated(
      for: Version.headerBytes + keyCount + valueCount + (flags.contains(.expires) ? 8 : 0))
  }

  static func make(
    key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer?, timestamp: Timestamp,
    owner: UInt64, flags: Flags, expires: Timestamp?
  ) -> Version {
    let valueCount = value?.count ?? 0
    invariant(key.count <= keyBytesMax, "key of \(key.count) bytes")
    invariant(valueCount <= valueBytesMax, "value of \(valueCount) bytes")
    var flags = flags
    if value == nil { flags.insert(.tombstone) }
    if expires != nil { flags.insert(.expires) }
    let size = headerBytes + key.count + valueCount + (expires == nil ? 0 : 8)
    guard let block = malloc(size) else { fatalError("out of memory: \(size) bytes refused") }
    block.storeBytes(of: nil, as: UnsafeMutableRawPointer?.self)
    block.storeBytes(of: timestamp.rawValue, toByteOffset: 8, as: UInt64.self)
    block.storeBytes(of: owner, toByteOffset: 16, as: UInt64.self)
    block.storeBytes(of: UInt32(valueCount), toByteOffset: 24, as: UInt32.self)
    block.storeBytes(of: UInt32(key.count) | flags.rawValue, toByteOffset: 28, as: UInt32.self)
    let payload = block + headerBytes
    if let source = key.baseAddress { memcpy(payload, source, key.count) }
    if let source = value?.baseAddress { memcpy(payload + key.count, source, valueCount) }
    if let expires {
      payload.storeBytes(
        of: expires.rawValue, toByteOffset: key.count + valueCount, as: UInt64.self)
    }
    return Version(block: block)
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

/// How many leading bytes two keys share.
func sharedPrefixCount(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Int {
  let limit = min(a.count, b.count)
  var count = 0
  while count < limit && a[count] == b[count] { count += 1 }
  return count
}
