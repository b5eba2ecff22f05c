import Base
import Node
import Reactor

/// FUNCTION and FCALL. Libraries are in the catalog; the session finds the one that a call means, and its
/// code goes along to the keys' rows (`RESPSession.withCode`).
enum FunctionCommands {
  static let all: [CommandSpec] = [
    .data("fcall", -3, [.noScript, .stale, .movableKeys, .mayReplicate], .counted(at: 2)) {
      (context, command) throws(CommandStop) in
      try call(context, command, isReadOnly: false)
    },
    .data("fcall_ro", -3, [.noScript, .readOnly, .stale, .movableKeys], .counted(at: 2)) {
      (context, command) throws(CommandStop) in
      try call(context, command, isReadOnly: true)
    },
    .session("function", -2, [.noScript], .none, function),
  ]

  private static func call(
    _ context: CommandContext, _ command: CommandArguments, isReadOnly: Bool
  ) throws(CommandStop) {
    guard let code = context.code else { throw .error("ERR Function not found") }
    let sha = ScriptHash.of(code)
    let interpreter = context.rows.interpreter
    let functions = try interpreter.load(code, sha: sha)
    let name = command.text(1).lowercased()
    guard let function = functions.first(where: { $0.name.lowercased() == name }) else {
      throw .error("ERR Function not found")
    }
    guard let count = command[2].strictInteger() else {
      throw .error("ERR Bad number of keys provided")
    }
    let call = try ScriptCall(command, keyCount: count)
    if function.flags.contains(.noCluster) {
      throw .error("ERR Can not run script on cluster, 'no-cluster' flag is set.")
    }
    if isReadOnly, !function.flags.contains(.noWrites) { throw .writesInReadOnly }
    try context.checkRoom(for: function.flags)
    let report = RunningScript(
      isEval: false, name: function.name, command: command.list, started: 0)
    let run = ScriptRun(interpreter, context, function.flags, isReadOnly: isReadOnly, report)
    try context.runScript { () throws(CommandStop) in
      try interpreter.run(library: sha, function, call, run)
    }
  }

  // MARK: FUNCTION

  private static let subcommands = [
    Subcommand("DELETE", 3), Subcommand("DUMP", 2), Subcommand("FLUSH", -2),
    Subcommand("HELP", 2), Subcommand("KILL", 2), Subcommand("LIST", -2), Subcommand("LOAD", -3),
    Subcommand("RESTORE", -3), Subcommand("STATS", 2),
  ]

  private static func function(_ session: RESPSession, _ command: CommandArguments) async {
    do throws(CommandStop) {
      let subcommand = try Subcommand.find(command, subcommands)
      if subcommand == "LOAD" || subcommand == "RESTORE" { try session.checkMemory() }
      switch subcommand {
      case "LOAD": try await load(session, command)
      case "DELETE":
        var change = FunctionLibraries.Change()
        change.removed = command.text(2)
        try await perform(change, session)
      case "FLUSH": try await flush(session, command)
      case "LIST": try list(session, command)
      case "DUMP":
        let libraries = try FunctionLibraries.of(session.shard).all
        session.output.bulk(FunctionDump.bytes(libraries.map(\.code)))
      case "RESTORE": try await restore(session, command)
      case "STATS": try statistics(session)
      case "KILL": await ScriptCommands.kill(session, isEval: false)
      default: session.output.subcommands("FUNCTION", help)
      }
    } catch {
      session.output.stop(error)
    }
  }

  /// Replies OK, or why not.
  private static func perform(_ change: FunctionLibraries.Change, _ session: RESPSession)
    async
    throws(CommandStop)
  {
    if try await changed(change, session) { session.output.ok() }
  }

  /// False: the reply is there already.
  private static func changed(_ change: FunctionLibraries.Change, _ session: RESPSession)
    async
    throws(CommandStop) -> Bool
  {
    let refusal: CommandStop?
    do throws(KernelError) {
      refusal = try await FunctionLibraries.change(change, session.shard)
    } catch {
      session.output.bytes.append(contentsOf: session.failure(error))
      return false
    }
    if let refusal { throw refusal }
    return true
  }

  private static func load(_ session: RESPSession, _ command: CommandArguments)
    async
    throws(CommandStop)
  {
    var change = FunctionLibraries.Change()
    for index in 2..<command.count - 1 {
      guard command.matches(index, "REPLACE") else {
        throw .error("ERR Unknown option given: \(command.text(index))")
      }
      change.onCollision = .replace
    }
    let code = command.array(command.count - 1)
    let name = try LibraryHeader(code).name
    let present = try FunctionLibraries.of(session.shard).all
    if change.onCollision == .refuse, present.contains(where: { $0.name == name }) {
      throw .error("ERR Library '\(name)' already exists")
    }
    change.added = [try library(code, session)]
    if try await changed(change, session) { session.output.bulk(name) }
  }

  private static func library(_ code: [UInt8], _ session: RESPSession) throws(CommandStop)
    -> FunctionLibrary
  {
    let header = try LibraryHeader(code)
    let sha = ScriptHash.of(code)
    let functions = try ScriptInterpreter.of(session.shard).load(code, sha: sha)
    if functions.isEmpty { throw .error("ERR No functions registered") }
    return FunctionLibrary(name: header.name, code: code, sha: sha, functions: functions)
  }

  private static func flush(_ session: RESPSession, _ command: CommandArguments)
    async
    throws(CommandStop)
  {
    guard command.count <= 3 else { throw Subcommand.syntax(command) }
    let isPlain = command.count == 2 || command.matches(2, "SYNC") || command.matches(2, "ASYNC")
    guard isPlain else { throw .error("ERR FUNCTION FLUSH only supports SYNC|ASYNC option") }
    var change = FunctionLibraries.Change()
    change.removesAll = true
    try await perform(change, session)
  }

  private static func restore(_ session: RESPSession, _ command: CommandArguments)
    async
    throws(CommandStop)
  {
    guard command.count <= 4 else { throw Subcommand.syntax(command) }
    var change = FunctionLibraries.Change()
    change.isRestore = true
    if command.count == 4 {
      if command.matches(3, "FLUSH") {
        change.removesAll = true
      } else if command.matches(3, "REPLACE") {
        change.onCollision = .replace
      } else if !command.matches(3, "APPEND") {
        throw .error(
          "ERR Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE.")
      }
    }
    for code in try FunctionDump.libraries(command[2]) {
      change.added.append(try library(code, session))
    }
    try await perform(change, session)
  }

  private static let help = [
    "LOAD [REPLACE] <FUNCTION CODE>", "    Adds a library, under the name that its code gives.",
    "DELETE <LIBRARY NAME>", "    Removes a library.",
    "LIST [LIBRARYNAME PATTERN] [WITHCODE]", "    Lists the libraries and their functions.",
    "STATS", "    Says which function runs on this node, and counts libraries and functions.",
    "KILL", "    Ends the function that runs, and undoes what it has written.",
    "FLUSH [ASYNC|SYNC]", "    Removes all libraries.",
    "DUMP", "    Returns all libraries in the form that RESTORE takes.",
    "RESTORE <PAYLOAD> [FLUSH|APPEND|REPLACE]",
    "    Adds the libraries of a dump: instead of all others (FLUSH), beside them (APPEND, and",
    "    what it does by itself), or instead of those of the same names (REPLACE).",
  ]
}

// MARK: - Reports

extension FunctionCommands {
  private static func list(_ session: RESPSession, _ command: CommandArguments) throws(CommandStop)
  {
    var hasCode = false
    var pattern: GlobPattern?
    var index = 2
    while index < command.count {
      if !hasCode, command.matches(index, "WITHCODE") {
        hasCode = true
      } else if pattern == nil, command.matches(index, "LIBRARYNAME") {
        guard index + 1 < command.count else {
          throw .error("ERR library name argument was not given")
        }
        index += 1
        pattern = GlobPattern(command[index], ignoresCase: true)
      } else {
        throw .error("ERR Unknown argument \(command.text(index))")
      }
      index += 1
    }
    let libraries = try FunctionLibraries.of(session.shard).all.filter { library in
      pattern?.matches(Array(library.name.utf8)) ?? true
    }
    session.output.array(libraries.count)
    for library in libraries { write(library, hasCode: hasCode, &session.output) }
  }

  private static func write(
    _ library: FunctionLibrary, hasCode: Bool, _ output: inout ReplyWriter
  ) {
    output.map(hasCode ? 4 : 3)
    output.bulk("library_name")
    output.bulk(library.name)
    output.bulk("engine")
    output.bulk("LUA")
    output.bulk("functions")
    output.array(library.functions.count)
    for function in library.functions {
      output.map(3)
      output.bulk("name")
      output.bulk(function.name)
      output.bulk("description")
      output.optional(function.description)
      output.bulk("flags")
      let flags = ScriptFlags.names.filter { function.flags.contains($0.flag) }
      output.set(flags.count)
      for flag in flags { output.simple(flag.name) }
    }
    if hasCode {
      output.bulk("library_code")
      output.bulk(library.code)
    }
  }

  private static func statistics(_ session: RESPSession) throws(CommandStop) {
    let libraries = try FunctionLibraries.of(session.shard).all
    let running = RunningScripts.running(on: session.shard.place.node)
    if let running, running.isEval {
      throw .error(
        "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.")
    }
    session.output.map(2)
    session.output.bulk("running_script")
    if let running {
      session.output.map(3)
      session.output.bulk("name")
      session.output.bulk(running.name)
      session.output.bulk("command")
      session.output.array(running.command.count)
      for argument in running.command { session.output.bulk(argument) }
      session.output.bulk("duration_ms")
      let now = session.shard.reactor.monotonicNanoseconds()
      session.output.integer(Int64(clamping: (now - min(now, running.started)) / 1_000_000))
    } else {
      session.output.null()
    }
    session.output.bulk("engines")
    session.output.map(1)
    session.output.bulk("LUA")
    session.output.map(2)
    session.output.bulk("libraries_count")
    session.output.integer(libraries.count)
    session.output.bulk("functions_count")
    session.output.integer(libraries.reduce(0) { $0 + $1.functions.count })
  }
}
