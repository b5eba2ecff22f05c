import Base
import Glibc
import Synchronization

/// Threads that do what epoll cannot: blocking reads, writes and syncs. Shared by one shard's files.
final class FileWorkers: Sendable {
  private struct State {
    var queue: [@Sendable () -> Void] = []
    var isStopping = false
  }
  private let state = Mutex(State())
  private let signal: Semaphore

  init(count: Int) {
    signal = Semaphore()
    for _ in 0..<count {
      spawnThread(name: "files") { [self] in work() }
    }
  }

  func submit(_ body: @escaping @Sendable () -> Void) {
    state.withLock { $0.queue.append(body) }
    signal.post()
  }

  private func work() {
    while true {
      signal.wait()
      let next = state.withLock { $0.queue.isEmpty ? nil : $0.queue.removeFirst() }
      next?()
    }
  }
}

/// A counting semaphore of the system.
///
/// `@unchecked Sendable`: sem_t is made for use by many threads; it never moves.
final class Semaphore: @unchecked Sendable {
  private let semaphore: UnsafeMutablePointer<sem_t>
  init() {
    semaphore = .allocate(capacity: 1)
    sem_init(semaphore, 0, 0)
  }
  deinit {
    sem_destroy(semaphore)
    semaphore.deallocate()
  }
  func post() { sem_post(semaphore) }
  func wait() { while sem_wait(semaphore) != 0 && errno == EINTR {} }
}

/// Files through a few worker threads, for the epoll loop. Lives on: its shard.
final class PosixFileSystem: FileSystem {
  private let handle: ReactorHandle
  private let workers: FileWorkers

  init(handle: ReactorHandle, workers: FileWorkers) {
    self.handle = handle
    self.workers = workers
  }

  func makeDirectory(_ path: String) throws(IOFault) {
    var made = path.hasPrefix("/") ? "/" : ""
    for part in path.split(separator: "/") {
      made += made.isEmpty || made.hasSuffix("/") ? String(part) : "/" + part
      if mkdir(made, 0o700) != 0 && errno != EEXIST {
        throw IOFault(errno: errno, operation: "mkdir \(made)")
      }
    }
    try syncDirectory(path)
  }

  func list(_ directory: String) throws(IOFault) -> [String] {
    guard let stream = opendir(directory) else {
      throw IOFault(errno: errno, operation: "opendir \(directory)")
    }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  func remove(_ path: String) throws(IOFault) {
    if unlink(path) != 0 { throw IOFault(errno: errno, operation: "unlink \(path)") }
  }

  func rename(_ from: String, to: String) throws(IOFault) {
    if Glibc.rename(from, to) != 0 { throw IOFault(errno: errno, operation: "rename \(from)") }
  }

  func syncDirectory(_ path: String) throws(IOFault) {
    let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if descriptor < 0 { throw IOFault(errno: errno, operation: "open \(path)") }
    defer { Glibc.close(descriptor) }
    if fsync(descriptor) != 0 { throw IOFault(errno: errno, operation: "fsync \(path)") }
  }

  func open(_ path: String, create: Bool, direct: Bool) throws(IOFault) -> any File {
    let base = O_RDWR | O_CLOEXEC | (create ? O_CREAT : 0)
    var descriptor = Glibc.open(path, base | (direct ? O_DSYNC | 0o40000 : 0), 0o600)
    // Some file systems have no O_DIRECT; O_DSYNC alone keeps the promise.
    if descriptor < 0 && errno == EINVAL && direct {
      descriptor = Glibc.open(path, base | O_DSYNC, 0o600)
    }
    if descriptor < 0 { throw IOFault(errno: errno, operation: "open \(path)") }
    return PosixFile(
      descriptor: Descriptor(descriptor), path: path, handle: handle, workers: workers)
  }

  func readAll(_ path: String) throws(IOFault) -> [UInt8] {
    let file = try open(path, create: false, direct: false)
    defer { file.close() }
    let size = try file.size
    var bytes = [UInt8](repeating: 0, count: size)
    let fault: IOFault? = bytes.withUnsafeMutableBytes { buffer in
      do throws(IOFault) {
        _ = try file.readBlocking(into: buffer, at: 0)
        return nil
      } catch { return error }
    }
    if let fault { throw fault }
    return bytes
  }
}
