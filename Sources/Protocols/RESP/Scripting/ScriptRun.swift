import Base
import CLua
import Glibc
import Node

/// One run of a script or function: what it may do, and the commands that it calls. Lives on: one shard,
/// while it runs.
final class ScriptRun {
  /// Scripts that run longer are ended and undone.
  static let nanosecondsMax: UInt64 = 30_000_000_000
  /// From then on SCRIPT KILL finds it.
  private static let nanosecondsUnseen: UInt64 = 5_000_000

  private let interpreter: ScriptInterpreter
  private var state: OpaquePointer?
  private let given: CommandContext?
  private let flags: ScriptFlags
  /// EVAL_RO and the like, or the flag `no-writes`.
  private let isReadOnly: Bool
  private let report: RunningScript
  private var started: UInt64 = 0
  private var deadline: UInt64
  private var slot: ScriptSlot?
  /// Counts what it calls, and shows it to MONITOR; nil on a thread of its own, or over copies of rows.
  private lazy var counts: RESPShard? = interpreter.isOnShard ? given?.rows.keeper?.state : nil
  /// Why it ended, where that is not for the script to know.
  private(set) var stop: CommandStop?

  init(
    _ interpreter: ScriptInterpreter, _ context: CommandContext, _ flags: ScriptFlags,
    isReadOnly: Bool, _ report: RunningScript
  ) {
    self.interpreter = interpreter
    given = context
    self.flags = flags
    self.isReadOnly = isReadOnly || flags.contains(.noWrites)
    self.report = report
    deadline = Self.nanosecondsMax
  }

  /// Of the loading of a library, which calls no commands.
  init(_ interpreter: ScriptInterpreter, _ state: OpaquePointer, loadingUntil deadline: UInt64) {
    self.interpreter = interpreter
    self.state = state
    given = nil
    flags = []
    isReadOnly = true
    report = RunningScript(isEval: false, name: "", command: [], started: 0)
    self.deadline = deadline
  }

  var context: CommandContext {
    guard let given else { fatalError("invariant: no command runs while a library is loaded") }
    return given
  }

  var opaque: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }

  /// Differs from run to run, and not between the attempts of one.
  var seed: UInt64 { context.options.seed }

  func begin(_ state: OpaquePointer, _ slot: ScriptSlot) {
    self.state = state
    self.slot = slot
    started = interpreter.monotonicNanoseconds()
    deadline = started + Self.nanosecondsMax
  }

  func end() {
    state = nil
    slot?.clear()
    slot = nil
  }

  // MARK: What Lua calls

  static var callbacks: cl_callbacks {
    cl_callbacks(
      call: { run, arguments, count, resp in
        ScriptRun.of(run).call(UnsafeBufferPointer(start: arguments, count: count), resp: Int(resp))
      },
      allows: { run, arguments, count in
        let command = CommandArguments(slices: UnsafeBufferPointer(start: arguments, count: count))
        return ScriptRun.of(run).allows(command)
      },
      interrupt: { run in ScriptRun.of(run).interrupt() ? 1 : 0 },
      log: { _, level, text, count in
        // As Redis logs by default: notices and warnings.
        guard level >= 2, let text else { return }
        var line = Array("quatrain: a script says: ".utf8)
        line.append(contentsOf: UnsafeRawBufferPointer(start: text, count: count))
        line.append(UInt8(ascii: "\n"))
        _ = write(STDERR_FILENO, line, line.count)
      })
  }

  private static func of(_ pointer: UnsafeMutableRawPointer?) -> ScriptRun {
    guard let pointer else { fatalError("invariant: Lua calls with the run that it was given") }
    return Unmanaged<ScriptRun>.fromOpaque(pointer).takeUnretainedValue()
  }

  private func say(_ bytes: [UInt8]) {
    guard let state else { return }
    bytes.withUnsafeBufferPointer { cl_set_reply(state, $0.baseAddress, $0.count) }
  }

  private func interrupt() -> Bool {
    let now = interpreter.monotonicNanoseconds()
    if given == nil {
      guard now > deadline else { return false }
      say(Array("FUNCTION LOAD timeout".utf8))
      return true
    }
    if now > deadline {
      say(Array("Script killed: it ran for more than \(Self.nanosecondsMax / 1_000_000) ms".utf8))
      return true
    }
    if interpreter.isOnShard, now > started + nanosecondsOnShard {
      stop = LongScript.stop
      say([])
      return true
    }
    guard let slot, now > started + Self.nanosecondsUnseen else { return false }
    var report = report
    report.started = started
    guard slot.isKilled(report) else { return false }
    say(Array("Script killed by user with SCRIPT KILL...".utf8))
    return true
  }

  private var nanosecondsOnShard: UInt64 {
    let threshold = context.configuration.busyReplyThreshold
    guard threshold > 0 else { return LongScripts.nanosecondsOnShardMax }
    return min(UInt64(threshold) * 1_000_000, LongScripts.nanosecondsOnShardMax)
  }

  private func allows(_ command: CommandArguments) -> Int32 {
    guard let spec = CommandTable.find(command) else { return -1 }
    return context.options.rights?.denial(spec, command) == nil ? 1 : 0
  }

  // MARK: Commands

  private func call(_ arguments: UnsafeBufferPointer<cl_slice>, resp: Int) -> Int32 {
    let command = CommandArguments(slices: arguments)
    guard let spec = CommandTable.find(command) else {
      return refuse("Unknown Redis command called from script")
    }
    guard spec.accepts(count: command.count) else {
      return refuse(spec, "Wrong number of args calling Redis command from script")
    }
    if let denial = context.options.rights?.denial(spec, command) {
      context.refusals.append(
        ScriptRefusal(reason: denial.reason, object: denial.object(spec)))
      return refuse(spec, denial.textInScript)
    }
    guard !spec.flags.contains(.noScript), let handler = ScriptedCommands.handler(of: spec) else {
      return refuse(spec, "This Redis command is not allowed from script")
    }
    if isReadOnly, !spec.flags.isDisjoint(with: [.write, .mayReplicate]) {
      return refuse(spec, "Write commands are not allowed from read-only scripts.")
    }
    if context.isOutOfMemory, spec.flags.contains(.denyOOM), !flags.contains(.allowOOM) {
      counts?.statistics.rejected(spec.number)
      var reply = ReplyWriter(version: resp)
      reply.error(KernelReply.outOfMemory)
      say(reply.bytes)
      return Int32(CL_REPLY)
    }
    return run(spec, handler, command, resp: resp)
  }

  private func refuse(_ spec: CommandSpec, _ text: String) -> Int32 {
    counts?.statistics.rejected(spec.number)
    return refuse(text)
  }

  private func refuse(_ text: String) -> Int32 {
    say(Array(text.utf8))
    return Int32(CL_REFUSED)
  }

  private func run(
    _ spec: CommandSpec, _ handler: DataHandler, _ command: CommandArguments, resp: Int
  ) -> Int32 {
    let outer = context.reply
    let start = interpreter.monotonicNanoseconds()
    if let counts, !counts.monitorPlaces.isEmpty {
      MonitorMessage.tell(command, spec, db: context.db, source: "lua", counts)
    }
    context.reply = ReplyWriter(version: resp)
    defer { context.reply = outer }
    if spec.flags.contains(.readOnly) { context.scriptHasRead = true }
    context.isReading = spec.flags.contains(.readOnly)
    defer { context.isReading = false }
    do throws(CommandStop) {
      try handler(context, command)
    } catch {
      guard case .error(let message) = error else {
        stop = error
        return Int32(CL_STOP)
      }
      context.reply.bytes = []
      context.reply.error(message)
    }
    counts?.statistics.called(
      spec.number, nanoseconds: interpreter.monotonicNanoseconds() &- start,
      failed: context.reply.bytes.first == UInt8(ascii: "-"), tracksDuration: false)
    say(context.reply.bytes)
    return Int32(CL_REPLY)
  }
}

extension CommandArguments {
  /// A copy of what a script has passed.
  init(slices: UnsafeBufferPointer<cl_slice>) {
    self.init()
    reserve(slices.count)
    for slice in slices {
      append(UnsafeRawBufferPointer(start: slice.bytes, count: slice.count))
    }
  }
}
