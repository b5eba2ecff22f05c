import Base
import Node
import Reactor

/// A blocking command that waits.
final class BlockedCommand {
  let wake = SessionReply<Bool>()
}

extension RESPSession {
  /// Waits until one of the keys may have something; false: the command is over, and its reply written.
  func waitForKeys(_ request: BlockRequest, until deadline: UInt64?) async -> Bool {
    if let deadline, shard.reactor.monotonicNanoseconds() >= deadline {
      output.bytes.append(contentsOf: request.emptyReply)
      return false
    }
    await shard.reactor.sleep(milliseconds: 10)
    return !isEnding
  }
}
