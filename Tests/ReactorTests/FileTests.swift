import Base
import Glibc
import Reactor
import Testing

@Suite struct FileTests {
  @Test("write, sync, read, rename, list", arguments: backends)
  func roundTrip(_ backend: ReactorGroup.Backend) async throws {
    try await withTemporaryDirectory { directory in
      let (bytes, short, names) = try await onShards(1, backend) { reactor in
        let files = reactor.fileSystem
        try files.makeDirectory("\(directory)/a/b")
        let file = try files.open("\(directory)/a/b/new", create: true, direct: false)
        let written = (0..<10_000).map { UInt8(truncatingIfNeeded: $0) }
        let memory = AlignedBuffer(capacity: 10_000)
        memory.bytes.copyBytes(from: written)
        try await write(file, memory.prefix(10_000), at: 100)
        try await sync(file)
        let back = AlignedBuffer(capacity: 20_000)
        let short = try await read(file, back.bytes, at: 100)
        file.close()
        try files.rename("\(directory)/a/b/new", to: "\(directory)/a/b/old")
        try files.syncDirectory("\(directory)/a/b")
        let whole = try files.readAll("\(directory)/a/b/old")
        let isEqual = whole.count == 10_100 && Array(whole[100...]) == written
        return (isEqual, short, try files.list("\(directory)/a/b"))
      }
      #expect(bytes)
      #expect(short == 10_000)
      #expect(names == ["old"])
    }
  }

  @Test("direct writes in flight together", arguments: backends)
  func direct(_ backend: ReactorGroup.Backend) async throws {
    try await withTemporaryDirectory { directory in
      let isEqual = try await onShards(1, backend) { reactor in
        let path = "\(directory)/segment"
        let file = try reactor.fileSystem.open(path, create: true, direct: true)
        var buffers: [AlignedBuffer] = []
        var left = 32
        var faults = 0
        await withUnsafeContinuation { (waiter: UnsafeContinuation<Void, Never>) in
          for index in 0..<32 {
            let buffer = AlignedBuffer(capacity: 8192)
            buffer.bytes.initializeMemory(as: UInt8.self, repeating: UInt8(index))
            buffers.append(buffer)
            file.write(buffer.prefix(8192), at: index * 8192) { result in
              if case .failure = result { faults += 1 }
              left -= 1
              if left == 0 { waiter.resume() }
            }
          }
        }
        let whole = try reactor.fileSystem.readAll(path)
        return faults == 0 && whole.count == 32 * 8192
          && whole.indices.allSatisfy { whole[$0] == UInt8($0 / 8192) }
      }
      #expect(isEqual)
    }
  }

  @Test("faults name the operation", arguments: backends)
  func faults(_ backend: ReactorGroup.Backend) async throws {
    let fault = try await onShards(1, backend) { reactor -> IOFault? in
      do throws(IOFault) {
        _ = try reactor.fileSystem.open("/nowhere/file", create: true, direct: false)
        return nil
      } catch { return error }
    }
    #expect(fault == IOFault(errno: ENOENT, operation: "open /nowhere/file"))
  }
}

func write(_ file: any File, _ bytes: UnsafeRawBufferPointer, at offset: Int) async throws {
  try await withUnsafeContinuation { (waiter: UnsafeContinuation<Result<Void, IOFault>, Never>) in
    file.write(bytes, at: offset) { waiter.resume(returning: $0) }
  }.get()
}

func read(_ file: any File, _ bytes: UnsafeMutableRawBufferPointer, at offset: Int) async throws
  -> Int
{
  try await withUnsafeContinuation { (waiter: UnsafeContinuation<Result<Int, IOFault>, Never>) in
    file.read(into: bytes, at: offset) { waiter.resume(returning: $0) }
  }.get()
}

func sync(_ file: any File) async throws {
  try await withUnsafeContinuation { (waiter: UnsafeContinuation<Result<Void, IOFault>, Never>) in
    file.sync { waiter.resume(returning: $0) }
  }.get()
}
