import Reactor

/// Files in memory with writes that complete when the test says so, tear at a sector when it
/// crashes, and fail on demand.
final class MemoryDisk: FileSystem {
  static let sectorBytes = 4_096

  var files: [String: [UInt8]] = [:]
  var failWrites = false
  /// Nothing may grow: ENOSPC.
  var isFull = false
  private var pending: [() -> Void] = []
  private var crash: [() -> Void] = []

  /// Completes writes, those begun by completions too, until nothing is left.
  func run() {
    while !pending.isEmpty {
      let batch = pending
      pending = []
      crash = []
      for operation in batch { operation() }
    }
  }

  /// Completes what is under way, but not what follows from it.
  func runOnce() {
    let batch = pending
    pending = []
    crash = []
    for operation in batch { operation() }
  }

  /// The machine stops: of each write under way, the sectors that `keeps` names reach the disk.
  func crash(keeps: @escaping (_ sector: Int) -> Bool) {
    keepsSector = keeps
    for operation in crash { operation() }
    pending = []
    crash = []
  }
  private var keepsSector: (Int) -> Bool = { _ in false }

  func makeDirectory(_ path: String) {}
  func list(_ directory: String) -> [String] {
    files.keys.filter { $0.hasPrefix(directory + "/") }
      .map { String($0.dropFirst(directory.count + 1)) }.sorted()
  }
  func remove(_ path: String) { files[path] = nil }
  func rename(_ from: String, to: String) throws(IOFault) {
    guard let bytes = files.removeValue(forKey: from) else {
      throw IOFault(errno: 2, operation: "rename \(from)")
    }
    files[to] = bytes
    for case let file as MemoryFile in opened where file.path == from { file.path = to }
  }
  func syncDirectory(_ path: String) {}
  var opened: [AnyObject] = []
  func open(_ path: String, create: Bool, direct: Bool) throws(IOFault) -> any File {
    if files[path] == nil {
      guard create else { throw IOFault(errno: 2, operation: "open \(path)") }
      files[path] = []
    }
    let file = MemoryFile(disk: self, path: path)
    opened.append(file)
    return file
  }
  func readAll(_ path: String) throws(IOFault) -> [UInt8] {
    guard let bytes = files[path] else { throw IOFault(errno: 2, operation: "open \(path)") }
    return bytes
  }

  fileprivate func store(_ path: String, _ bytes: [UInt8], at offset: Int) {
    var content = files[path] ?? []
    if content.count < offset + bytes.count {
      content += [UInt8](repeating: 0, count: offset + bytes.count - content.count)
    }
    content.replaceSubrange(offset..<offset + bytes.count, with: bytes)
    files[path] = content
  }

  fileprivate func begin(
    _ path: @escaping () -> String, _ bytes: [UInt8], at offset: Int,
    _ completion: @escaping (Result<Void, IOFault>) -> Void
  ) {
    pending.append { [self] in
      if failWrites { return completion(.failure(IOFault(errno: 5, operation: "write"))) }
      if isFull && offset + bytes.count > files[path()]?.count ?? 0 {
        return completion(.failure(IOFault(errno: 28, operation: "write")))
      }
      store(path(), bytes, at: offset)
      completion(.success(()))
    }
    crash.append { [self] in
      for start in stride(from: 0, to: bytes.count, by: Self.sectorBytes)
      where keepsSector(start / Self.sectorBytes) {
        let end = min(start + Self.sectorBytes, bytes.count)
        store(path(), Array(bytes[start..<end]), at: offset + start)
      }
    }
  }
}

final class MemoryFile: File {
  private let disk: MemoryDisk
  var path: String
  init(disk: MemoryDisk, path: String) {
    self.disk = disk
    self.path = path
  }
  var size: Int { disk.files[path]?.count ?? 0 }
  func write(
    _ buffer: UnsafeRawBufferPointer, at offset: Int,
    completion: @escaping (Result<Void, IOFault>) -> Void
  ) {
    disk.begin({ [self] in path }, Array(buffer), at: offset, completion)
  }
  func read(
    into buffer: UnsafeMutableRawBufferPointer, at offset: Int,
    completion: @escaping (Result<Int, IOFault>) -> Void
  ) {
    completion(.success(readBlocking(into: buffer, at: offset)))
  }
  func sync(completion: @escaping (Result<Void, IOFault>) -> Void) { completion(.success(())) }
  func readBlocking(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
    let bytes = (disk.files[path] ?? []).dropFirst(offset).prefix(buffer.count)
    buffer.copyBytes(from: bytes)
    return bytes.count
  }
  func writeBlocking(_ buffer: UnsafeRawBufferPointer, at offset: Int) {
    disk.store(path, Array(buffer), at: offset)
  }
  func syncBlocking() {}
  func truncate(to size: Int) { disk.files[path] = Array((disk.files[path] ?? []).prefix(size)) }
  func close() {}
}
