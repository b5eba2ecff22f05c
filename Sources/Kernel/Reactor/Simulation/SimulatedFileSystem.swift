import Base
import Glibc

/// A simulated reactor's view of its node's disk. Lives on: its shard.
final class SimulatedFileSystem: FileSystem {
  private let disk: SimulatedDisk
  /// Set once, right after; the world keeps both for ever.
  unowned var reactor: SimulatedReactor!
  private var opened: [SimulatedFile] = []

  init(_ disk: SimulatedDisk) { self.disk = disk }

  func makeDirectory(_ path: String) throws(IOFault) { disk.makeDirectory(path) }
  func list(_ directory: String) throws(IOFault) -> [String] { try disk.list(directory) }
  func remove(_ path: String) throws(IOFault) { try disk.remove(path) }
  func rename(_ from: String, to: String) throws(IOFault) { try disk.rename(from, to) }
  func syncDirectory(_ path: String) throws(IOFault) { try disk.syncDirectory(path) }

  func open(_ path: String, create: Bool, direct: Bool) throws(IOFault) -> any File {
    let file = SimulatedFile(
      try disk.find(path, create: create), disk, reactor, isDirect: direct)
    opened.removeAll { !$0.isOpen }
    opened.append(file)
    return file
  }

  /// The node has crashed. Its tasks stay suspended for ever and hold their files, which must not
  /// hold the bytes of removed ones.
  func letGo() {
    for file in opened { file.letGo() }
    opened = []
  }

  func readAll(_ path: String) throws(IOFault) -> [UInt8] {
    if disk.world.chance(perMille: disk.faults.readErrorsPerMille) {
      throw IOFault(errno: EIO, operation: "read \(path)")
    }
    return try disk.find(path, create: false).bytes
  }
}

/// An open simulated file. Lives on: its shard.
final class SimulatedFile: File {
  private var inode: SimulatedInode
  private let disk: SimulatedDisk
  private unowned let reactor: SimulatedReactor
  private let isDirect: Bool
  private(set) var isOpen = true

  init(
    _ inode: SimulatedInode, _ disk: SimulatedDisk, _ reactor: SimulatedReactor, isDirect: Bool
  ) {
    self.inode = inode
    self.disk = disk
    self.reactor = reactor
    self.isDirect = isDirect
  }

  var size: Int { get throws(IOFault) { inode.bytes.count } }

  /// The kernel's rule for O_DIRECT.
  private func isAligned(_ address: UnsafeRawPointer?, _ count: Int, _ offset: Int) -> Bool {
    if !isDirect { return true }
    return (Int(bitPattern: address) | count | offset) % AlignedBuffer.blockBytes == 0
  }

  private func checkOpen() { invariant(isOpen, "an operation on a closed file") }

  func write(
    _ buffer: UnsafeRawBufferPointer, at offset: Int,
    completion: @escaping (Result<Void, IOFault>) -> Void
  ) {
    checkOpen()
    if !isAligned(buffer.baseAddress, buffer.count, offset) {
      let fault = IOFault(errno: EINVAL, operation: "write")
      reactor.after(nanoseconds: 0) { completion(.failure(fault)) }
      return
    }
    let write = SimulatedWrite(inode, Array(buffer), at: offset, isDirect: isDirect)
    disk.began(write)
    reactor.after(nanoseconds: disk.delay()) { [self] in
      disk.ended(write)
      completion(finish(write))
    }
  }

  private func finish(_ write: SimulatedWrite) -> Result<Void, IOFault> {
    if disk.world.chance(perMille: disk.faults.writeErrorsPerMille) {
      disk.tear(write)
      return .failure(IOFault(errno: EIO, operation: "write"))
    }
    if !disk.reserve(inode, upTo: write.offset + write.bytes.count) {
      return .failure(IOFault(errno: ENOSPC, operation: "write"))
    }
    inode.apply(write.bytes[...], at: write.offset, durable: isDirect)
    return .success(())
  }

  func read(
    into buffer: UnsafeMutableRawBufferPointer, at offset: Int,
    completion: @escaping (Result<Int, IOFault>) -> Void
  ) {
    checkOpen()
    reactor.after(nanoseconds: disk.delay()) { [self] in
      do throws(IOFault) {
        completion(.success(try readBlocking(into: buffer, at: offset)))
      } catch {
        completion(.failure(error))
      }
    }
  }

  /// What has completed when the sync does is durable; after a fault nothing more than before.
  func sync(completion: @escaping (Result<Void, IOFault>) -> Void) {
    checkOpen()
    reactor.after(nanoseconds: disk.delay()) { [self] in
      do throws(IOFault) {
        try syncBlocking()
        completion(.success(()))
      } catch {
        completion(.failure(error))
      }
    }
  }

  func readBlocking(
    into buffer: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(IOFault) -> Int {
    if !isAligned(buffer.baseAddress, buffer.count, offset) {
      throw IOFault(errno: EINVAL, operation: "read")
    }
    if disk.world.chance(perMille: disk.faults.readErrorsPerMille) {
      throw IOFault(errno: EIO, operation: "read")
    }
    let end = min(offset + buffer.count, inode.bytes.count)
    if offset >= end { return 0 }
    buffer.copyBytes(from: inode.bytes[offset..<end])
    return end - offset
  }

  func writeBlocking(_ buffer: UnsafeRawBufferPointer, at offset: Int) throws(IOFault) {
    if !isAligned(buffer.baseAddress, buffer.count, offset) {
      throw IOFault(errno: EINVAL, operation: "write")
    }
    let write = SimulatedWrite(inode, Array(buffer), at: offset, isDirect: isDirect)
    if case .failure(let fault) = finish(write) { throw fault }
  }

  func syncBlocking() throws(IOFault) {
    if disk.world.chance(perMille: disk.faults.syncErrorsPerMille) {
      throw IOFault(errno: EIO, operation: "fdatasync")
    }
    inode.markDurable()
  }

  func truncate(to size: Int) throws(IOFault) {
    if size < 0 { throw IOFault(errno: EINVAL, operation: "ftruncate") }
    if !disk.truncate(inode, to: size) { throw IOFault(errno: ENOSPC, operation: "ftruncate") }
  }

  func close() { isOpen = false }

  func letGo() {
    isOpen = false
    inode = SimulatedInode()
  }
}
