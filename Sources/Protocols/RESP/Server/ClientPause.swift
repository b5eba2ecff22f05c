import Base
import Node
import Reactor

/// CLIENT PAUSE. Lives on: its shard.
struct ClientPause {
  /// Monotonic nanoseconds; 0: there is none.
  private(set) var until: UInt64 = 0
  private(set) var isForWritesOnly = false
  private var waiting: [Reply<Void>] = []

  mutating func begin(until: UInt64, forWritesOnly: Bool) {
    // A pause under way is never made shorter or weaker by another one.
    isForWritesOnly = forWritesOnly && (self.until == 0 || isForWritesOnly)
    self.until = max(self.until, until)
  }

  mutating func end() {
    until = 0
    let waiters = waiting
    waiting = []
    for waiter in waiters { waiter.fulfill(()) }
  }

  func holds(_ isWrite: Bool, now: UInt64) -> Bool {
    now < until && (isWrite || !isForWritesOnly)
  }

  mutating func wait(_ reply: Reply<Void>) { waiting.append(reply) }
}

extension RESPShard {
  /// Whether commands that write, or others, are held back now.
  func isPaused(_ isWrite: Bool) -> Bool {
    pause.holds(isWrite, now: shard.reactor.monotonicNanoseconds())
  }

  /// Until the pause is over, where one holds the command back.
  func waitForPause(_ isWrite: Bool) async {
    while isPaused(isWrite) {
      let reply = Reply<Void>()
      pause.wait(reply)
      let rest = pause.until &- shard.reactor.monotonicNanoseconds()
      let timer = shard.reactor.after(nanoseconds: rest) { reply.fulfill(()) }
      await reply.get()
      shard.reactor.cancel(timer)
    }
    if pause.until != 0, shard.reactor.monotonicNanoseconds() >= pause.until { pause.end() }
  }
}
