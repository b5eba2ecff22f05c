import Base
import Glibc

/// How a node's disk misbehaves. Of a thousand operations, how many fail with EIO.
public struct DiskFaults: Sendable {
  public var readErrorsPerMille: UInt64 = 0
  public var writeErrorsPerMille: UInt64 = 0
  public var syncErrorsPerMille: UInt64 = 0
  /// Operations take this many times as long.
  public var slowness: UInt64 = 1
  /// Bytes of all files beyond which writes fail with ENOSPC.
  public var capacity = Int.max
  public init() {}
}

/// A node's disk: it survives the node's crashes, less what was not durable. Lives on: the world's
/// thread.
///
/// - A write is durable after a later `sync` of its file, or when it completes if the file is direct.
/// - A crash keeps or loses each 4 KiB sector of a write that is not durable by itself, and of a
///   write in flight too: batches tear.
/// - Making, renaming and removing files takes effect at once and is durable after `syncDirectory`;
///   a crash keeps a prefix of the changes since, as a journal does.
public final class SimulatedDisk {
  public var faults = DiskFaults()
  /// Writes of which a crash or fault kept a part.
  public private(set) var tornWriteCount = 0
  unowned let world: SimulatedWorld
  private var directories: Set<String> = ["/", "."]
  private var names: [String: SimulatedInode] = [:]
  private var durableNames: [String: SimulatedInode] = [:]
  /// Changes of names since they were durable, oldest first.
  private var journal: [Change] = []
  /// Writes under way, oldest first.
  private var inFlight: [SimulatedWrite] = []
  private var bytesUsed = 0

  private enum Change {
    case make(String, SimulatedInode)
    case remove(String)
    case rename(String, String)

    func touches(_ directory: String) -> Bool {
      switch self {
      case .make(let path, _), .remove(let path): SimulatedDisk.parent(path) == directory
      case .rename(let from, let to):
        SimulatedDisk.parent(from) == directory || SimulatedDisk.parent(to) == directory
      }
    }
  }

  static let sectorBytes = 4096

  init(_ world: SimulatedWorld) { self.world = world }

  // MARK: For tests

  /// Of writes under way, the longest: what a crash now may tear.
  public var longestWriteBytes: Int { inFlight.map(\.bytes.count).max() ?? 0 }

  /// The paths of all files, sorted.
  public var paths: [String] { names.keys.sorted() }

  /// A file's bytes as a reader sees them; nil without the file.
  public func contents(_ path: String) -> [UInt8]? { names[SimulatedDisk.normal(path)]?.bytes }

  /// Replaces a file's bytes on the disk, durably: rot, or a damage of a test's own. The file is
  /// made when missing.
  public func replace(_ path: String, with bytes: [UInt8]) {
    let path = SimulatedDisk.normal(path)
    let inode = names[path] ?? SimulatedInode()
    bytesUsed += bytes.count - inode.bytes.count
    inode.bytes = bytes
    inode.markDurable()
    names[path] = inode
    durableNames[path] = inode
    directories.insert(SimulatedDisk.parent(path))
  }

  /// Flips one bit of a file, durably. False when the file is shorter.
  @discardableResult
  public func flipBit(_ path: String, byte: Int, bit: Int) -> Bool {
    guard let inode = names[SimulatedDisk.normal(path)], inode.bytes.indices.contains(byte) else {
      return false
    }
    inode.bytes[byte] ^= 1 << UInt8(bit & 7)
    return true
  }

  // MARK: Names

  /// Without doubled and trailing slashes.
  static func normal(_ path: String) -> String {
    let joined = path.split(separator: "/").joined(separator: "/")
    return path.hasPrefix("/") ? "/" + joined : joined.isEmpty ? "." : joined
  }

  static func parent(_ path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  func makeDirectory(_ path: String) {
    var path = SimulatedDisk.normal(path)
    while !directories.contains(path) {
      directories.insert(path)
      path = SimulatedDisk.parent(path)
    }
  }

  func list(_ directory: String) throws(IOFault) -> [String] {
    let directory = SimulatedDisk.normal(directory)
    guard directories.contains(directory) else {
      throw IOFault(errno: ENOENT, operation: "opendir \(directory)")
    }
    let everything = Array(names.keys) + Array(directories)
    return everything.filter { $0 != directory && SimulatedDisk.parent($0) == directory }
      .compactMap { $0.split(separator: "/").last.map(String.init) }
      .filter { $0 != "." }
      .sorted()
  }

  func find(_ path: String, create: Bool) throws(IOFault) -> SimulatedInode {
    let path = SimulatedDisk.normal(path)
    if let inode = names[path] { return inode }
    guard create, directories.contains(SimulatedDisk.parent(path)) else {
      throw IOFault(errno: ENOENT, operation: "open \(path)")
    }
    let inode = SimulatedInode()
    names[path] = inode
    journal.append(.make(path, inode))
    return inode
  }

  func remove(_ path: String) throws(IOFault) {
    let path = SimulatedDisk.normal(path)
    guard let inode = names.removeValue(forKey: path) else {
      throw IOFault(errno: ENOENT, operation: "unlink \(path)")
    }
    bytesUsed -= inode.bytes.count
    journal.append(.remove(path))
  }

  func rename(_ from: String, _ to: String) throws(IOFault) {
    let from = SimulatedDisk.normal(from)
    let to = SimulatedDisk.normal(to)
    guard let inode = names[from], directories.contains(SimulatedDisk.parent(to)) else {
      throw IOFault(errno: ENOENT, operation: "rename \(from)")
    }
    if from == to { return }
    names[from] = nil
    if let replaced = names[to] { bytesUsed -= replaced.bytes.count }
    names[to] = inode
    journal.append(.rename(from, to))
  }

  func syncDirectory(_ path: String) throws(IOFault) {
    let path = SimulatedDisk.normal(path)
    guard directories.contains(path) else {
      throw IOFault(errno: ENOENT, operation: "open \(path)")
    }
    if world.chance(perMille: faults.syncErrorsPerMille) {
      throw IOFault(errno: EIO, operation: "fsync \(path)")
    }
    guard let last = journal.lastIndex(where: { $0.touches(path) }) else { return }
    settleNames(last + 1)
  }

  /// Makes the first `count` changes durable.
  private func settleNames(_ count: Int) {
    for change in journal[..<count] {
      switch change {
      case .make(let path, let inode): durableNames[path] = inode
      case .remove(let path): durableNames[path] = nil
      case .rename(let from, let to): durableNames[to] = durableNames.removeValue(forKey: from)
      }
    }
    journal.removeFirst(count)
  }

  // MARK: Bytes

  func delay() -> UInt64 { world.draw(world.options.diskDelay) &* faults.slowness }

  /// Room for a file to grow to `size`.
  func reserve(_ inode: SimulatedInode, upTo size: Int) -> Bool {
    let growth = max(0, size - inode.bytes.count)
    if growth > faults.capacity - min(bytesUsed, faults.capacity) { return false }
    bytesUsed += growth
    inode.grow(to: size)
    return true
  }

  func truncate(_ inode: SimulatedInode, to size: Int) -> Bool {
    if size > inode.bytes.count { return reserve(inode, upTo: size) }
    bytesUsed -= inode.bytes.count - size
    inode.shrink(to: size)
    return true
  }

  func began(_ write: SimulatedWrite) { inFlight.append(write) }
  func ended(_ write: SimulatedWrite) { inFlight.removeAll { $0 === write } }

  // MARK: Crashes

  func crash(powerLoss: Bool) {
    for write in inFlight { tear(write) }
    inFlight = []
    if !powerLoss { return }
    settleNames(Int(world.draw(0...UInt64(journal.count))))
    journal = []
    names = durableNames
    bytesUsed = 0
    for path in names.keys.sorted() {
      guard let inode = names[path] else { continue }
      inode.losePower { self.world.draw(0...1) == 0 }
      bytesUsed += inode.bytes.count
    }
  }

  /// Each sector of the write has reached its file, or not.
  func tear(_ write: SimulatedWrite) {
    guard reserve(write.inode, upTo: write.offset + write.bytes.count) else { return }
    var start = 0
    var kept = 0
    while start < write.bytes.count {
      let offset = write.offset + start
      let edge = (offset / SimulatedDisk.sectorBytes + 1) * SimulatedDisk.sectorBytes
      let end = min(write.bytes.count, start + edge - offset)
      if world.draw(0...1) == 0 {
        write.inode.apply(write.bytes[start..<end], at: offset, durable: write.isDirect)
        kept += end - start
      }
      start = end
    }
    if kept > 0 && kept < write.bytes.count { tornWriteCount += 1 }
  }
}

/// A write under way.
final class SimulatedWrite {
  let inode: SimulatedInode
  let bytes: [UInt8]
  let offset: Int
  let isDirect: Bool

  init(_ inode: SimulatedInode, _ bytes: [UInt8], at offset: Int, isDirect: Bool) {
    self.inode = inode
    self.bytes = bytes
    self.offset = offset
    self.isDirect = isDirect
  }
}

/// A file's bytes, and what a loss of power would bring back. Lives on: the world's thread.
final class SimulatedInode {
  var bytes: [UInt8] = []
  private var durableSize = 0
  /// The durable bytes of sectors that have been overwritten since, by sector number.
  private var undo: [Int: [UInt8]] = [:]

  func grow(to size: Int) {
    let rest = size - bytes.count
    if rest <= 0 { return }
    // Not `repeatElement`, which takes most of a simulation's time in a debug build.
    bytes += [UInt8](unsafeUninitializedCapacity: rest) { buffer, count in
      if let base = buffer.baseAddress { memset(base, 0, rest) }
      count = rest
    }
  }

  func shrink(to size: Int) {
    remember(size..<bytes.count)
    bytes.removeLast(bytes.count - size)
  }

  /// The file must have grown already.
  func apply(_ piece: ArraySlice<UInt8>, at offset: Int, durable: Bool) {
    if piece.isEmpty { return }
    let range = offset..<offset + piece.count
    if !durable { remember(range) }
    bytes.replaceSubrange(range, with: piece)
    if durable { settle(range) }
  }

  /// Everything up to now survives a loss of power.
  func markDurable() {
    undo = [:]
    durableSize = bytes.count
  }

  private func sectors(_ range: Range<Int>) -> Range<Int> {
    let size = SimulatedDisk.sectorBytes
    return range.lowerBound / size..<(range.upperBound + size - 1) / size
  }

  private func remember(_ range: Range<Int>) {
    if range.isEmpty { return }
    for sector in sectors(range) where undo[sector] == nil {
      let start = sector * SimulatedDisk.sectorBytes
      let end = min(start + SimulatedDisk.sectorBytes, bytes.count)
      undo[sector] = start < end ? Array(bytes[start..<end]) : []
    }
  }

  /// A direct write is durable, with the length it needs; sectors it covers only in part follow.
  private func settle(_ range: Range<Int>) {
    for sector in sectors(range) { undo[sector] = nil }
    durableSize = max(durableSize, range.upperBound)
  }

  /// Each sector written since the last sync stays or goes back; the length does likewise.
  func losePower(_ keeps: () -> Bool) {
    if durableSize != bytes.count && !keeps() {
      if durableSize < bytes.count { bytes.removeLast(bytes.count - durableSize) }
      grow(to: durableSize)
    }
    for sector in undo.keys.sorted() {
      if keeps() { continue }
      guard let old = undo[sector] else { continue }
      let start = sector * SimulatedDisk.sectorBytes
      let end = min(start + SimulatedDisk.sectorBytes, bytes.count)
      if start >= end { continue }
      for index in start..<end {
        bytes[index] = index - start < old.count ? old[index - start] : 0
      }
    }
    markDurable()
  }
}
