import Base
import CLinux
import Glibc

/// Starts a detached thread with a stack of 64 MiB of address space, whatever the process' limit: the SQL parser and
/// binder recurse.
func spawnThread(name: String, _ body: @escaping @Sendable () -> Void) {
  final class Box: Sendable {
    let body: @Sendable () -> Void
    let name: String
    init(_ body: @escaping @Sendable () -> Void, _ name: String) {
      self.body = body
      self.name = name
    }
  }
  var attributes = pthread_attr_t()
  pthread_attr_init(&attributes)
  pthread_attr_setstacksize(&attributes, 64 << 20)
  pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
  var thread = pthread_t()
  let box = Unmanaged.passRetained(Box(body, name))
  let result = pthread_create(
    &thread, &attributes,
    { raw in
      let box = Unmanaged<Box>.fromOpaque(raw!).takeRetainedValue()
      ql_name_thread(box.name)
      box.body()
      return nil
    }, box.toOpaque())
  invariant(result == 0, "pthread_create: errno \(result)")
  pthread_attr_destroy(&attributes)
}

/// The shard threads of one process: one loop each, pinned to its core where the host allows it.
public enum ShardThreads {
  /// Starts `count` loops; `start` runs on each shard's thread before its loop.
  public static func start(
    count: Int, seed: UInt64, isPinned: Bool,
    _ start: @escaping @Sendable (any Reactor) -> Void
  ) throws(IOFault) {
    signal(SIGPIPE, SIG_IGN)
    for number in 0..<count {
      let shard = ShardID(rawValue: UInt16(number))
      spawnThread(name: "shard-\(number)") {
        if isPinned { pin(to: number) }
        do throws(IOFault) {
          let reactor = try EpollReactor(shard: shard, seed: seed &+ UInt64(number))
          start(reactor)
          reactor.run()
        } catch {
          fatalError("shard \(number) cannot start: \(error)")
        }
      }
    }
  }

  private static func pin(to core: Int) {
    // Best effort: a container may forbid it.
    _ = ql_pin_thread(Int32(core % Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))))
  }
}
