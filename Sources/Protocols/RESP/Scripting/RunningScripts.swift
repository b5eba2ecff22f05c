import Base
import Node
import Synchronization

/// A script that runs for long enough to be noticed.
struct RunningScript: Sendable {
  var isEval: Bool
  /// The function's.
  var name: String
  var command: [[UInt8]]
  /// Of the shard's clock.
  var started: UInt64
}

/// How the other shards of a node see what a shard runs, whose thread is busy with it. The shard looks into
/// it now and then, and only once a script has run for a while: short ones take no lock.
final class ScriptSlot: Sendable {
  let place: ShardPlace
  private struct State {
    var running: RunningScript?
    var isKilled = false
  }
  private let state = Mutex(State())

  init(_ place: ShardPlace) { self.place = place }

  /// Shows the script, and says whether somebody wants its end.
  func isKilled(_ running: RunningScript) -> Bool {
    state.withLock { state in
      if state.running == nil { state.running = running }
      return state.isKilled
    }
  }

  func clear() { state.withLock { $0 = State() } }

  var running: RunningScript? { state.withLock { $0.running } }

  func kill(isEval: Bool) -> KillAnswer {
    state.withLock { state in
      guard let running = state.running else { return .nothingRuns }
      guard running.isEval == isEval else { return .isOther }
      state.isKilled = true
      return .killed
    }
  }
}

/// In the order in which one answer goes before another.
enum KillAnswer: UInt8 {
  case nothingRuns = 0
  /// A function where a script was meant, or the other way round.
  case isOther = 1
  case killed = 2
}

/// The shards of this process that may run scripts.
enum RunningScripts {
  private static let slots = Mutex<[ScriptSlot]>([])

  static func add(_ slot: ScriptSlot) { slots.withLock { $0.append(slot) } }
  static func remove(_ slot: ScriptSlot) { slots.withLock { $0.removeAll { $0 === slot } } }

  private static func of(_ node: NodeID) -> [ScriptSlot] {
    slots.withLock { $0.filter { $0.place.node == node } }
  }

  /// Ends what runs on the node.
  static func kill(on node: NodeID, isEval: Bool) -> KillAnswer {
    var answer = KillAnswer.nothingRuns
    for slot in of(node) {
      let next = slot.kill(isEval: isEval)
      if next.rawValue > answer.rawValue { answer = next }
    }
    return answer
  }

  static func running(on node: NodeID) -> RunningScript? {
    of(node).lazy.compactMap(\.running).first
  }
}
