import Base
import Glibc
import Reactor
import Testing

/// The real backends this kernel allows; says which it skips.
let backends: [ReactorGroup.Backend] = {
  var usable: [ReactorGroup.Backend] = [.epoll]
  do {
    let group = try ReactorGroup.start(count: 1, backend: .uring, pinned: false) { _, _ in }
    group.stop()
    group.join()
    usable.append(.uring)
  } catch {
    print("skipping io_uring, the kernel forbids it: \(error)")
  }
  return usable
}()

/// Starts shards, runs `body` as a task on the first, stops them, and returns what it returned.
func onShards<Value: Sendable>(
  _ count: Int, _ backend: ReactorGroup.Backend,
  _ body: @escaping @Sendable (any Reactor) async throws -> Value
) async throws -> Value {
  let box = ResultBox<Value>()
  let group = try ReactorGroup.start(count: count, backend: backend, pinned: false) {
    reactor, shard in
    if shard.rawValue != 0 { return }
    reactor.spawn {
      do {
        box.set(.success(try await body(reactor)))
      } catch {
        box.set(.failure(error))
      }
    }
  }
  let result = await box.wait()
  group.stop()
  group.join()
  return try result.get()
}

/// Hands one result from a shard to the test.
actor ResultBox<Value: Sendable> {
  private let stream: AsyncStream<Result<Value, any Error>>
  private let continuation: AsyncStream<Result<Value, any Error>>.Continuation

  init() { (stream, continuation) = AsyncStream.makeStream() }

  nonisolated func set(_ result: Result<Value, any Error>) {
    continuation.yield(result)
    continuation.finish()
  }

  func wait() async -> Result<Value, any Error> {
    for await result in stream { return result }
    fatalError("no result")
  }
}

/// A directory under /tmp (or the path in `base`) that is removed at the end.
func withTemporaryDirectory<Value>(_ body: (String) async throws -> Value) async throws -> Value {
  var template = Array("/tmp/reactor-XXXXXX".utf8CString)
  guard mkdtemp(&template) != nil else { throw IOFault(errno: errno, operation: "mkdtemp") }
  let path = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
  let result: Result<Value, any Error>
  do { result = .success(try await body(path)) } catch { result = .failure(error) }
  removeTree(path)
  return try result.get()
}

private func removeTree(_ path: String) {
  if let directory = opendir(path) {
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { removeTree("\(path)/\(name)") }
    }
    closedir(directory)
    rmdir(path)
  } else {
    unlink(path)
  }
}

/// Runs a command line; its exit status. The threads of the test run block signals, which a child
/// would inherit and `timeout` does not survive.
func shell(_ command: String) -> Int32 {
  var none = sigset_t()
  var old = sigset_t()
  sigemptyset(&none)
  pthread_sigmask(SIG_SETMASK, &none, &old)
  defer { pthread_sigmask(SIG_SETMASK, &old, nil) }
  return system(command)
}
