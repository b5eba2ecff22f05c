import Base
import Glibc

/// A file descriptor that stays open until the last operation on it has ended.
final class Descriptor: Sendable {
  let number: Int32
  init(_ number: Int32) { self.number = number }
  deinit { Glibc.close(number) }
}

/// Crosses to a worker thread and back.
///
/// `@unchecked Sendable`: the callback is touched on the shard only; the memory is kept alive and
/// unchanged by the caller until the callback has run.
private struct PendingOperation<Success>: @unchecked Sendable {
  let memory: UnsafeMutableRawBufferPointer
  let completion: (Result<Success, IOFault>) -> Void
}

final class PosixFile: File {
  private var descriptor: Descriptor?
  private let path: String
  private let handle: ReactorHandle
  private let workers: FileWorkers

  init(descriptor: Descriptor, path: String, handle: ReactorHandle, workers: FileWorkers) {
    self.descriptor = descriptor
    self.path = path
    self.handle = handle
    self.workers = workers
  }

  private func opened() throws(IOFault) -> Descriptor {
    guard let descriptor else { throw IOFault(errno: EBADF, operation: path) }
    return descriptor
  }

  var size: Int {
    get throws(IOFault) {
      var status = stat()
      if fstat(try opened().number, &status) != 0 {
        throw IOFault(errno: errno, operation: "fstat \(path)")
      }
      return Int(status.st_size)
    }
  }

  func write(
    _ buffer: UnsafeRawBufferPointer, at offset: Int,
    completion: @escaping (Result<Void, IOFault>) -> Void
  ) {
    run(UnsafeMutableRawBufferPointer(mutating: buffer), completion) {
      [path] (descriptor, memory) throws(IOFault) in
      try Self.writeAll(descriptor, UnsafeRawBufferPointer(memory), offset, path)
    }
  }

  func read(
    into buffer: UnsafeMutableRawBufferPointer, at offset: Int,
    completion: @escaping (Result<Int, IOFault>) -> Void
  ) {
    run(buffer, completion) { [path] (descriptor, memory) throws(IOFault) -> Int in
      try Self.readAll(descriptor, memory, offset, path)
    }
  }

  func sync(completion: @escaping (Result<Void, IOFault>) -> Void) {
    run(UnsafeMutableRawBufferPointer(start: nil, count: 0), completion) {
      [path] (descriptor, _) throws(IOFault) in
      if fdatasync(descriptor) != 0 { throw IOFault(errno: errno, operation: "sync \(path)") }
    }
  }

  private func run<Success: Sendable>(
    _ memory: UnsafeMutableRawBufferPointer,
    _ completion: @escaping (Result<Success, IOFault>) -> Void,
    _ body: @escaping @Sendable (Int32, UnsafeMutableRawBufferPointer) throws(IOFault) -> Success
  ) {
    let pending = PendingOperation(memory: memory, completion: completion)
    guard let descriptor else {
      let fault = IOFault(errno: EBADF, operation: path)
      return handle.post { _ in pending.completion(.failure(fault)) }
    }
    let handle = handle
    workers.submit {
      let result: Result<Success, IOFault>
      do throws(IOFault) {
        result = .success(try body(descriptor.number, pending.memory))
      } catch {
        result = .failure(error)
      }
      handle.post { _ in pending.completion(result) }
    }
  }

  func readBlocking(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(IOFault)
    -> Int
  {
    try Self.readAll(try opened().number, buffer, offset, path)
  }

  func writeBlocking(_ buffer: UnsafeRawBufferPointer, at offset: Int) throws(IOFault) {
    try Self.writeAll(try opened().number, buffer, offset, path)
  }

  func syncBlocking() throws(IOFault) {
    if fdatasync(try opened().number) != 0 {
      throw IOFault(errno: errno, operation: "sync \(path)")
    }
  }

  func truncate(to size: Int) throws(IOFault) {
    if ftruncate(try opened().number, size) != 0 {
      throw IOFault(errno: errno, operation: "truncate \(path)")
    }
  }

  func close() { descriptor = nil }

  private static func writeAll(
    _ descriptor: Int32, _ buffer: UnsafeRawBufferPointer, _ offset: Int, _ path: String
  ) throws(IOFault) {
    var done = 0
    while done < buffer.count {
      let count = pwrite(descriptor, buffer.baseAddress! + done, buffer.count - done, offset + done)
      if count < 0 {
        if errno == EINTR { continue }
        throw IOFault(errno: errno, operation: "write \(path)")
      }
      done += count
    }
  }

  private static func readAll(
    _ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer, _ offset: Int, _ path: String
  ) throws(IOFault) -> Int {
    var done = 0
    while done < buffer.count {
      let count = pread(descriptor, buffer.baseAddress! + done, buffer.count - done, offset + done)
      if count < 0 {
        if errno == EINTR { continue }
        throw IOFault(errno: errno, operation: "read \(path)")
      }
      if count == 0 { break }
      done += count
    }
    return done
  }
}
