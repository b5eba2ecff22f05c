import Base
import Glibc
import Reactor
import Synchronization
import Testing

@Suite struct LoopTests {
  @Test("timers run by time, then by order; cancelled ones do not", arguments: backends)
  func timers(_ backend: ReactorGroup.Backend) async throws {
    let order = try await onShards(1, backend) { reactor in
      let order = Log()
      reactor.after(milliseconds: 20) { order.add(3) }
      reactor.after(milliseconds: 5) { order.add(1) }
      let cancelled = reactor.after(milliseconds: 10) { order.add(99) }
      reactor.after(milliseconds: 12) { order.add(2) }
      reactor.after(nanoseconds: 0) { order.add(0) }
      reactor.cancel(cancelled)
      let start = reactor.monotonicNanoseconds()
      await reactor.sleep(milliseconds: 40)
      order.add(reactor.monotonicNanoseconds() - start >= 40_000_000 ? 4 : -1)
      return order.values
    }
    #expect(order == [0, 1, 2, 3, 4])
  }

  @Test("turn-end hooks run after the turn's tasks", arguments: backends)
  func turnEnd(_ backend: ReactorGroup.Backend) async throws {
    let order = try await onShards(1, backend) { reactor in
      let order = Log()
      let isArmed = Log()
      reactor.onTurnEnd { if isArmed.values.count > 0 { order.add(9) } }
      reactor.spawn { order.add(2) }
      isArmed.add(1)
      order.add(1)
      await reactor.sleep(milliseconds: 2)
      return order.values
    }
    #expect(Array(order.prefix(3)) == [1, 2, 9])
  }

  @Test("two shards play ping-pong", arguments: backends)
  func pingPong(_ backend: ReactorGroup.Backend) async throws {
    let hops = try await onShards(2, backend) { reactor -> Int in
      await withUnsafeContinuation { waiter in
        bounce(reactor.peers, 2_000, 0) { waiter.resume(returning: $0) }
      }
    }
    #expect(hops == 2_000)
  }

  @Test("messages beyond the ring wait in order", arguments: backends)
  func overflow(_ backend: ReactorGroup.Backend) async throws {
    let sum = try await onShards(2, backend) { reactor -> Bool in
      let state = Mutex((next: 0, inOrder: true))
      let shared = Shared(state)
      let target = reactor.peers[1]
      let home = reactor.handle
      return await withUnsafeContinuation { waiter in
        for index in 0..<50_000 {
          target.post { _ in
            shared.state.withLock { state in
              if state.next != index { state.inOrder = false }
              state.next += 1
            }
            if index == 49_999 {
              let result = shared.state.withLock { $0.inOrder && $0.next == 50_000 }
              home.post { _ in waiter.resume(returning: result) }
            }
          }
        }
      }
    }
    #expect(sum)
  }

  @Test("a task stays on the shard's thread across suspensions", arguments: backends)
  func staysOnThread(_ backend: ReactorGroup.Backend) async throws {
    let isSame = try await onShards(1, backend) { reactor in
      let home = pthread_self()
      for _ in 0..<3 {
        await reactor.sleep(nanoseconds: 100_000)
        if pthread_equal(home, pthread_self()) == 0 { return false }
      }
      return true
    }
    #expect(isSame)
  }

  @Test("messages of a foreign thread arrive in order", arguments: backends)
  func foreignOrder(_ backend: ReactorGroup.Backend) async throws {
    let group = try ReactorGroup.start(count: 1, backend: backend, pinned: false) { _, _ in }
    let shared = Shared(Mutex((next: 0, inOrder: true)))
    for index in 0..<10_000 {
      group.handles[0].post { _ in
        shared.state.withLock { state in
          if state.next != index { state.inOrder = false }
          state.next += 1
        }
      }
    }
    let seen = await withCheckedContinuation { waiter in
      group.handles[0].post { _ in
        waiter.resume(returning: shared.state.withLock { $0.inOrder ? $0.next : -1 })
      }
    }
    #expect(seen == 10_000)
    group.stop()
    group.join()
  }

  @Test("a foreign thread posts to a sleeping shard", arguments: backends)
  func foreignPost(_ backend: ReactorGroup.Backend) async throws {
    let group = try ReactorGroup.start(count: 1, backend: backend, pinned: true) { _, _ in }
    for _ in 0..<100 {
      let shard = await withCheckedContinuation { waiter in
        group.handles[0].post { reactor in waiter.resume(returning: reactor.shard) }
      }
      #expect(shard == ShardID(rawValue: 0))
    }
    group.stop()
    group.join()
  }
}

private func bounce(
  _ peers: [ReactorHandle], _ left: Int, _ done: Int, _ finish: @escaping @Sendable (Int) -> Void
) {
  if left == 0 {
    finish(done)
    return
  }
  peers[(done + 1) % 2].post { _ in bounce(peers, left - 1, done + 1, finish) }
}

private final class Shared: Sendable {
  let state: Mutex<(next: Int, inOrder: Bool)>
  init(_ state: consuming Mutex<(next: Int, inOrder: Bool)>) { self.state = state }
}

/// What happened, in order. Lives on: one shard.
final class Log {
  private(set) var values: [Int] = []
  func add(_ value: Int) { values.append(value) }
}
