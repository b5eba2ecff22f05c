import Base
import Node
import Reactor
import Types

/// Scripts that take long. A script begins on the shard of its keys, whose thread it has for itself. One that
/// is not over after a while is taken back, and runs again on a thread of its own over copies of its rows
/// (`AcrossTablets`): the shard goes on meanwhile. One at a time does; others wait for it.
///
/// From the time of `busy-reply-threshold` on the clients of the node hear BUSY, as Redis' do, and may end
/// the script. Lives on: the shard of the script's session.
final class LongScripts {
  /// That a script may keep its shard's thread.
  static let nanosecondsOnShardMax: UInt64 = 50_000_000

  private let state: RESPShard
  /// Used by the thread that runs a script, one after the other.
  private let interpreter: ScriptInterpreter
  private var isRunning = false
  private var waiting: [CheckedContinuation<Void, Never>] = []
  /// Which of the scripts that have run here the timer of the last one is for.
  private var number = 0

  private init(_ shard: NodeShard) {
    state = RESPShard.of(shard)
    interpreter = ScriptInterpreter(apartFrom: shard)
  }

  static func of(_ shard: NodeShard) -> LongScripts {
    shard.local(LongScripts.self) { LongScripts(shard) }
  }

  /// Runs the commands over the rows, which nobody else touches until it is over.
  func run(
    _ commands: [QueuedCommand], _ watched: [WatchedKey], _ options: RunOptions,
    _ rows: FetchedRows
  ) async throws(CommandStop) -> RunOutcome {
    while isRunning { await withCheckedContinuation { waiting.append($0) } }
    isRunning = true
    begin(commands)
    rows.interpreter = interpreter
    let work = Handed((commands, watched, options, rows))
    let result = await state.shard.reactor.compute {
      let (commands, watched, options, rows) = work.value
      return Handed(
        Result { () throws(CommandStop) in
          try Runner(rows: RowAccess(rows), options: options).run(commands, watched)
        })
    }
    end()
    return try result.value.get()
  }

  private func begin(_ commands: [QueuedCommand]) {
    number += 1
    let threshold = state.configuration.busyReplyThreshold
    guard threshold > 0 else { return }
    let number = number
    let isFunction = commands.contains {
      CommandTable.find($0.arguments)?.name.hasPrefix("fcall") ?? false
    }
    state.shard.reactor.after(milliseconds: Int(clamping: threshold)) { [self] in
      guard isRunning, number == self.number else { return }
      BusyMessage.tell(isFunction ? .function : .script, from: state.shard)
    }
  }

  private func end() {
    isRunning = false
    BusyMessage.tell(.over, from: state.shard)
    if !waiting.isEmpty { waiting.removeFirst().resume() }
  }
}

/// Why a script left its shard: it runs again elsewhere. Never seen by clients.
enum LongScript {
  private static let code: SQLState = "XXR03"

  static let stop = CommandStop.procedure(.user(SQLError(code, "a script takes long")))

  static func isReason(of error: KernelError) -> Bool {
    guard case .user(let fault) = error else { return false }
    return fault.code == code
  }
}

/// Values on their way to another thread, or back.
///
/// `@unchecked Sendable`: whoever hands them over does not touch them until they come back.
private struct Handed<Value>: @unchecked Sendable {
  let value: Value
  init(_ value: Value) { self.value = value }
}

/// Tells the shards of a node whether a script keeps the node busy.
enum BusyMessage: UInt8 {
  case over = 0
  case script = 1
  case function = 2

  static let name = "redis.busy"

  static func tell(_ message: BusyMessage, from shard: NodeShard) {
    shard.askNode(name, [message.rawValue]) { _ in }
  }

  static func take(_ payload: [UInt8], from sender: ShardPlace, on state: RESPShard) {
    guard let message = payload.first.flatMap(BusyMessage.init(rawValue:)) else {
      return Message.report("\(name) \(payload)")
    }
    state.busyScripts[sender] = message == .over ? nil : message
  }

  /// What other commands are answered.
  var reply: String {
    "BUSY Redis is busy running a script. You can only call "
      + "\(self == .function ? "FUNCTION" : "SCRIPT") KILL or SHUTDOWN NOSAVE."
  }

  /// Commands that are carried out all the same.
  static func allows(_ spec: CommandSpec, _ command: CommandArguments) -> Bool {
    if spec.name == "script" || spec.name == "function" {
      return command.matches(1, "KILL") || spec.name == "function" && command.matches(1, "STATS")
    }
    return allowed.contains(spec.name)
  }
  private static let allowed: Set<String> = [
    "auth", "hello", "reset", "quit", "multi", "discard", "watch", "unwatch", "shutdown",
  ]
}
