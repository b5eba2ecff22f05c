import Base
import Raft
import Reactor
import WAL

/// A tablet's checkpoint file, read for another replica. It stays readable when a newer one takes its
/// place. Lives on: its shard.
final class CheckpointSource {
  let descriptor: RaftSnapshotDescriptor
  let bytes: Int
  private let file: any File

  /// Nil: there is none yet.
  init?(_ tablet: Tablet, directory: String) throws(WALError) {
    guard tablet.checkpointIndex > .zero,
      let descriptor = tablet.replication.core.snapshotDescriptor(at: tablet.checkpointIndex)
    else { return nil }
    self.descriptor = descriptor
    do throws(IOFault) {
      file = try tablet.shard.reactor.fileSystem.open(
        CheckpointFiles.path(tablet.id, in: directory), create: false, direct: false)
      bytes = try file.size
    } catch {
      throw .io(error)
    }
  }

  /// Nil: it cannot be read.
  func read(at offset: Int, atMost count: Int, _ completion: @escaping ([UInt8]?) -> Void) {
    let memory = UnsafeMutableRawBufferPointer.allocate(
      byteCount: min(count, bytes - offset), alignment: 8)
    file.read(into: memory, at: offset) { result in
      defer { memory.deallocate() }
      guard case .success(let found) = result else { return completion(nil) }
      completion(Array(memory[..<found]))
    }
  }

  func close() { file.close() }
}

/// The file of a snapshot that arrives. Lives on: its shard.
final class IncomingCheckpoint {
  private let fileSystem: any FileSystem
  private let directory: String
  private let tablet: TabletID
  private let file: any File
  private var buffer: UnsafeMutableRawBufferPointer?

  private var path: String { CheckpointFiles.incoming(tablet, in: directory) }

  init(fileSystem: any FileSystem, directory: String, tablet: TabletID) throws(WALError) {
    self.fileSystem = fileSystem
    self.directory = directory
    self.tablet = tablet
    do throws(IOFault) {
      file = try fileSystem.open(
        CheckpointFiles.incoming(tablet, in: directory), create: true, direct: false)
      try file.truncate(to: 0)
    } catch {
      throw .io(error)
    }
  }

  deinit { buffer?.deallocate() }

  /// One operation is under way at a time.
  func write(
    _ part: [UInt8], at offset: Int, _ completion: @escaping (Result<Void, IOFault>) -> Void
  ) {
    invariant(buffer == nil, "two parts of a snapshot are written")
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: part.count, alignment: 8)
    memory.copyBytes(from: part)
    buffer = memory
    file.write(UnsafeRawBufferPointer(memory), at: offset) { [self] result in
      buffer?.deallocate()
      buffer = nil
      completion(result)
    }
  }

  func sync(_ completion: @escaping (Result<Void, IOFault>) -> Void) {
    file.sync(completion: completion)
  }

  /// Takes the place of the tablet's checkpoint, durably. Blocking, but short.
  func publish() throws(WALError) {
    do throws(IOFault) {
      file.close()
      try fileSystem.rename(path, to: CheckpointFiles.path(tablet, in: directory))
      try fileSystem.syncDirectory(directory)
    } catch {
      throw .io(error)
    }
  }

  func abandon() {
    file.close()
    do throws(IOFault) {
      try fileSystem.remove(path)
    } catch {
      // What is left is emptied by the next one and removed at the next start.
    }
  }
}
