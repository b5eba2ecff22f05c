import Base
import CLinux
import Glibc

/// The machine's file system. Lives on: its shard. Reads, writes and syncs go through the shard's
/// backend; the rest blocks.
final class PosixFileSystem: FileSystem {
  private let backend: any IOBackend

  init(backend: any IOBackend) { self.backend = backend }

  private func check(_ result: Int32, _ operation: String, _ path: String) throws(IOFault) {
    if result != 0 { throw IOFault(errno: errno, operation: "\(operation) \(path)") }
  }

  func makeDirectory(_ path: String) throws(IOFault) {
    var built = path.hasPrefix("/") ? "" : "."
    for component in path.split(separator: "/") {
      let parent = built.isEmpty ? "/" : built
      built += "/\(component)"
      if mkdir(built, 0o700) == 0 {
        try syncDirectory(parent)
      } else if errno != EEXIST {
        throw IOFault(errno: errno, operation: "mkdir \(built)")
      }
    }
  }

  func list(_ directory: String) throws(IOFault) -> [String] {
    guard let stream = opendir(directory) else {
      throw IOFault(errno: errno, operation: "opendir \(directory)")
    }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  func remove(_ path: String) throws(IOFault) { try check(unlink(path), "unlink", path) }

  func rename(_ from: String, to: String) throws(IOFault) {
    try check(Glibc.rename(from, to), "rename", from)
  }

  func syncDirectory(_ path: String) throws(IOFault) {
    let descriptor = ql_open_directory(path)
    if descriptor < 0 { throw IOFault(errno: -descriptor, operation: "open \(path)") }
    defer { close(descriptor) }
    try check(fsync(descriptor), "fsync", path)
  }

  func open(_ path: String, create: Bool, direct: Bool) throws(IOFault) -> any File {
    let descriptor = ql_open(path, create ? 1 : 0, direct ? 1 : 0)
    if descriptor < 0 { throw IOFault(errno: -descriptor, operation: "open \(path)") }
    return PosixFile(OpenDescriptor(descriptor, path: path, isDirect: direct), backend)
  }

  func readAll(_ path: String) throws(IOFault) -> [UInt8] {
    let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 { throw IOFault(errno: errno, operation: "open \(path)") }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      if count < 0 && errno == EINTR { continue }
      if count < 0 { throw IOFault(errno: errno, operation: "read \(path)") }
      if count == 0 { return bytes }
      bytes.append(contentsOf: chunk[..<count])
    }
  }
}

/// A file of the machine. Lives on: its shard.
final class PosixFile: File {
  private var file: OpenDescriptor?
  private let backend: any IOBackend

  init(_ file: OpenDescriptor, _ backend: any IOBackend) {
    self.file = file
    self.backend = backend
  }

  private func opened(_ operation: String) throws(IOFault) -> OpenDescriptor {
    guard let file else { throw IOFault(errno: EBADF, operation: operation) }
    return file
  }

  private var openedOrTrap: OpenDescriptor {
    guard let file else { fatalError("invariant: an operation on a closed file") }
    return file
  }

  var size: Int {
    get throws(IOFault) {
      var status = stat()
      if fstat(try opened("fstat").descriptor, &status) != 0 {
        throw IOFault(errno: errno, operation: "fstat \(file?.path ?? "")")
      }
      return Int(status.st_size)
    }
  }

  func write(
    _ buffer: UnsafeRawBufferPointer, at offset: Int,
    completion: @escaping (Result<Void, IOFault>) -> Void
  ) {
    submit(.write, UnsafeMutableRawBufferPointer(mutating: buffer), at: offset) {
      completion($0.map { _ in })
    }
  }

  func read(
    into buffer: UnsafeMutableRawBufferPointer, at offset: Int,
    completion: @escaping (Result<Int, IOFault>) -> Void
  ) {
    submit(.read, buffer, at: offset, completion: completion)
  }

  func sync(completion: @escaping (Result<Void, IOFault>) -> Void) {
    let nothing = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    submit(.sync, nothing, at: 0) { completion($0.map { _ in }) }
  }

  private func submit(
    _ kind: FileOperation.Kind, _ memory: UnsafeMutableRawBufferPointer, at offset: Int,
    completion: @escaping (Result<Int, IOFault>) -> Void
  ) {
    backend.submit(FileOperation(kind, openedOrTrap, memory, at: offset, completion: completion))
  }

  private func perform(
    _ kind: FileOperation.Kind, _ memory: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(IOFault) -> Int {
    let operation = FileOperation(kind, try opened("file"), memory, at: offset) { _ in }
    operation.performBlocking()
    if let fault = operation.fault { throw fault }
    return operation.done
  }

  func readBlocking(
    into buffer: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(IOFault) -> Int {
    try perform(.read, buffer, at: offset)
  }

  func writeBlocking(_ buffer: UnsafeRawBufferPointer, at offset: Int) throws(IOFault) {
    _ = try perform(.write, UnsafeMutableRawBufferPointer(mutating: buffer), at: offset)
  }

  func syncBlocking() throws(IOFault) {
    _ = try perform(.sync, UnsafeMutableRawBufferPointer(start: nil, count: 0), at: 0)
  }

  func truncate(to size: Int) throws(IOFault) {
    if ftruncate(try opened("ftruncate").descriptor, size) != 0 {
      throw IOFault(errno: errno, operation: "ftruncate \(file?.path ?? "")")
    }
  }

  func close() { file = nil }
}
