import Base
import Glibc

/// A write, read or sync under way. Made on its shard, carried out by the ring or a pool thread, and
/// finished on its shard.
///
/// `@unchecked Sendable`: it has one owner at a time, handed over through the pool's lock and back
/// through the shard's inbox; `completion` runs on the shard only.
final class FileOperation: @unchecked Sendable {
  enum Kind { case write, read, sync }

  let kind: Kind
  let file: OpenDescriptor
  private let memory: UnsafeMutableRawBufferPointer
  private let offset: Int
  private let completion: (Result<Int, IOFault>) -> Void
  private(set) var done = 0
  private(set) var fault: IOFault?

  init(
    _ kind: Kind, _ file: OpenDescriptor, _ memory: UnsafeMutableRawBufferPointer, at offset: Int,
    completion: @escaping (Result<Int, IOFault>) -> Void
  ) {
    self.kind = kind
    self.file = file
    self.memory = memory
    self.offset = offset
    self.completion = completion
  }

  var descriptor: Int32 { file.descriptor }
  /// What is left to transfer.
  var rest: UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(rebasing: memory[done...])
  }
  var position: Int { offset + done }
  /// What was being done to which file, for faults.
  var name: String {
    switch kind {
    case .write: "write \(file.path)"
    case .read: "read \(file.path)"
    case .sync: "fdatasync \(file.path)"
    }
  }

  /// Takes the result of one system call: a count or a negative errno. True when the operation has
  /// ended, false when it has to go on with `rest`.
  func advance(_ result: Int) -> Bool {
    if result == -Int(EINTR) || result == -Int(EAGAIN) { return false }
    if result < 0 {
      fault = IOFault(errno: Int32(-result), operation: name)
      return true
    }
    if kind == .sync { return true }
    done += result
    if done == memory.count { return true }
    if result == 0 {
      if kind == .write { fault = IOFault(errno: ENOSPC, operation: name) }
      return true
    }
    // A direct transfer that stops off a sector's edge has met the end of the file.
    return kind == .read && file.isDirect && done % AlignedBuffer.blockBytes != 0
  }

  func performBlocking() {
    while true {
      let result =
        switch kind {
        case .write: pwrite(descriptor, rest.baseAddress, rest.count, position)
        case .read: pread(descriptor, rest.baseAddress, rest.count, position)
        case .sync: Int(fdatasync(descriptor))
        }
      if advance(result < 0 ? -Int(errno) : result) { return }
    }
  }

  /// On the shard.
  func finish() {
    if let fault { completion(.failure(fault)) } else { completion(.success(done)) }
  }
}

/// Closes the descriptor with its last user, so that an operation under way never meets a number
/// that belongs to another file by now.
final class OpenDescriptor: Sendable {
  let descriptor: Int32
  /// As it was opened; a later rename does not change it.
  let path: String
  let isDirect: Bool
  init(_ descriptor: Int32, path: String, isDirect: Bool) {
    self.descriptor = descriptor
    self.path = path
    self.isDirect = isDirect
  }
  deinit { close(descriptor) }
}
