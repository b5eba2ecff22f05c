import Base
import Node

/// EVAL and SCRIPT. Scripts run next to their keys' rows, as one procedure; which script EVALSHA means is
/// looked up in the session (`RESPSession.withCode`), and its text goes along.
enum ScriptCommands {
  /// The commands that run code of clients.
  static let runners: Set<String> = [
    "eval", "evalsha", "eval_ro", "evalsha_ro", "fcall", "fcall_ro",
  ]

  static let all: [CommandSpec] = [
    .data("eval", -3, [.noScript, .stale, .movableKeys, .mayReplicate], .counted(at: 2)) {
      (context, command) throws(CommandStop) in
      try eval(context, command, command.array(1), isReadOnly: false)
    },
    .data("eval_ro", -3, [.noScript, .readOnly, .stale, .movableKeys], .counted(at: 2)) {
      (context, command) throws(CommandStop) in
      try eval(context, command, command.array(1), isReadOnly: true)
    },
    .data("evalsha", -3, [.noScript, .stale, .movableKeys, .mayReplicate], .counted(at: 2)) {
      (context, command) throws(CommandStop) in
      try eval(context, command, context.code, isReadOnly: false)
    },
    .data("evalsha_ro", -3, [.noScript, .readOnly, .stale, .movableKeys], .counted(at: 2)) {
      (context, command) throws(CommandStop) in
      try eval(context, command, context.code, isReadOnly: true)
    },
    .session("script", -2, [.noScript], .none, script),
  ]

  static let noScript = CommandStop.error("NOSCRIPT No matching script. Please use EVAL.")

  private static func eval(
    _ context: CommandContext, _ command: CommandArguments, _ code: [UInt8]?, isReadOnly: Bool
  ) throws(CommandStop) {
    guard let count = command[2].strictInteger() else { throw .notInteger }
    let call = try ScriptCall(command, keyCount: count)
    guard let code else { throw noScript }
    let sha = ScriptHash.of(code)
    let interpreter = context.rows.interpreter
    let header = try interpreter.define(code, sha: sha)
    if header.isDeclared, isReadOnly, !header.flags.contains(.noWrites) { throw .writesInReadOnly }
    if header.isDeclared { try context.checkRoom(for: header.flags) }
    let report = RunningScript(isEval: true, name: sha, command: command.list, started: 0)
    let run = ScriptRun(interpreter, context, header.flags, isReadOnly: isReadOnly, report)
    try context.runScript { () throws(CommandStop) in
      try interpreter.run(script: sha, call, run)
    }
  }

  // MARK: SCRIPT

  private static let subcommands = [
    Subcommand("DEBUG", 3), Subcommand("EXISTS", -3), Subcommand("FLUSH", -2),
    Subcommand("HELP", 2), Subcommand("KILL", 2), Subcommand("LOAD", 3),
  ]

  private static func script(_ session: RESPSession, _ command: CommandArguments) async {
    do throws(CommandStop) {
      switch try Subcommand.find(command, subcommands) {
      case "LOAD": try await load(session, command.array(2))
      case "EXISTS": await exists(session, command)
      case "FLUSH":
        let isPlain =
          command.count == 2
          || command.count == 3 && (command.matches(2, "SYNC") || command.matches(2, "ASYNC"))
        guard isPlain else { throw .error("ERR SCRIPT FLUSH only support SYNC|ASYNC option") }
        await ScriptCache.flush(session.shard)
        session.output.ok()
      case "KILL": await kill(session, isEval: true)
      case "DEBUG":
        // There is no debugger to switch on.
        guard command.matches(2, "NO") else {
          throw .error("ERR the debugger of scripts is not supported")
        }
        session.output.ok()
      default: session.output.subcommands("SCRIPT", help)
      }
    } catch {
      session.output.stop(error)
    }
  }

  private static func exists(_ session: RESPSession, _ command: CommandArguments) async {
    session.output.array(command.count - 2)
    for index in 2..<command.count {
      let isThere = await ScriptCache.find(command.text(index), session.shard) != nil
      session.output.integer(isThere ? 1 : 0)
    }
  }

  private static func load(_ session: RESPSession, _ code: [UInt8]) async throws(CommandStop) {
    let sha = ScriptHash.of(code)
    _ = try ScriptInterpreter.of(session.shard).define(code, sha: sha)
    await ScriptCache.load(code, session.shard)
    session.output.bulk(sha)
  }

  static func kill(_ session: RESPSession, isEval: Bool) async {
    switch await ScriptCache.kill(isEval: isEval, session.shard) {
    case .killed: session.output.ok()
    case .nothingRuns: session.output.error("NOTBUSY No scripts in execution right now.")
    case .isOther:
      session.output.error((isEval ? BusyMessage.function : .script).reply)
    }
  }

  private static let help = [
    "DEBUG NO", "    Debugging of scripts is not supported.",
    "EXISTS <sha1> [<sha1> ...]", "    Says of each script whether it is in the cache.",
    "FLUSH [ASYNC|SYNC]", "    Empties the cache of scripts on all nodes.",
    "KILL", "    Ends the script that runs, and undoes what it has written.",
    "LOAD <script>", "    Puts a script into the cache of all nodes, without running it.",
  ]
}

extension CommandStop {
  static let writesInReadOnly = CommandStop.error(
    "ERR Can not execute a script with write flag using *_ro command.")
}

extension ScriptCall {
  init(_ command: CommandArguments, keyCount: Int64) throws(CommandStop) {
    if keyCount > Int64(command.count - 3) {
      throw .error("ERR Number of keys can't be greater than number of args")
    }
    if keyCount < 0 { throw .error("ERR Number of keys can't be negative") }
    self.init(command: command, keyCount: Int(keyCount))
  }
}

extension CommandContext {
  /// What has not said that it may run without memory does not.
  func checkRoom(for flags: ScriptFlags) throws(CommandStop) {
    guard isOutOfMemory, flags.isDisjoint(with: [.allowOOM, .noWrites]) else { return }
    throw .error(
      "OOM allow-oom flag is not set on the script, can not run it when used memory > 'maxmemory'")
  }

  /// Runs a script's body: commands in it may use any key, and SELECT is for them only.
  func runScript(_ body: () throws(CommandStop) -> Void) throws(CommandStop) {
    let outer = (db, isScript)
    isScript = true
    scriptHasRead = false
    defer { (db, isScript) = outer }
    try body()
  }
}

extension ReplyWriter {
  /// The reply of a command that was not carried out in the session.
  mutating func stop(_ stop: CommandStop) {
    switch stop {
    case .error(let text): error(text)
    case .procedure(.user(let fault)): error(KernelReply.text(fault))
    case .procedure, .missing, .missingDatabase:
      fatalError("invariant: a session has no rows: \(stop)")
    }
  }

  /// What HELP answers: lines in pairs, a subcommand and what it does.
  mutating func subcommands(_ name: String, _ lines: [String]) {
    let all =
      ["\(name) <subcommand> [<arg> [value] [opt] ...]. Subcommands are:"] + lines
      + ["HELP", "    Prints this help."]
    array(all.count)
    for line in all { simple(line) }
  }
}
