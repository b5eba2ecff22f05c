import Base
import Catalog
import Node
import Types

/// A command with the database that was SELECTed when it came.
struct QueuedCommand: WireCodable, Equatable {
  var db: Int
  var arguments: CommandArguments
  /// The script of EVALSHA, the library of FCALL: found by the session, and run wherever the keys are.
  var code: [UInt8]?

  init(db: Int, arguments: CommandArguments) {
    self.db = db
    self.arguments = arguments
  }
  func encode(into out: inout WireEncoder) {
    db.encode(into: &out)
    arguments.encode(into: &out)
    code.encode(into: &out)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    db = try Int(from: &reader)
    arguments = try CommandArguments(from: &reader)
    code = try [UInt8]?(from: &reader)
  }
}

/// A key of WATCH, and since when nobody may have written it.
struct WatchedKey: WireCodable, Equatable {
  var db: Int
  var name: [UInt8]
  var since: Timestamp
  /// There was such a key; that it expires meanwhile is a change.
  var wasThere: Bool

  init(db: Int, name: [UInt8], since: Timestamp, wasThere: Bool) {
    self.db = db
    self.name = name
    self.since = since
    self.wasThere = wasThere
  }
  func encode(into out: inout WireEncoder) {
    db.encode(into: &out)
    out.bytes.blob(name)
    since.encode(into: &out)
    wasThere.encode(into: &out)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    db = try Int(from: &reader)
    name = try reader.bytes.blob()
    since = try Timestamp(from: &reader)
    wasThere = try Bool(from: &reader)
  }
}

/// What a run came to.
struct RunOutcome: WireCodable, Equatable {
  /// Of each command, in order.
  var replies: [[UInt8]] = []
  var events: [KeyEvent] = []
  /// What scripts have published.
  var messages: [Publication] = []
  /// What scripts were not allowed.
  var refusals: [ScriptRefusal] = []
  /// The commands, by their places, that are scripts and have called none that reads.
  var unreadScripts: [Int] = []
  var block: BlockRequest?
  /// The tablet knows whether somebody waits for it.
  var isSettled = false
  /// A watched key has changed: nothing was done.
  var isAborted = false
  var keyCounts = KeyCounts()

  init() {}
  func encode(into out: inout WireEncoder) {
    replies.encode(into: &out)
    events.encode(into: &out)
    messages.encode(into: &out)
    refusals.encode(into: &out)
    unreadScripts.encode(into: &out)
    block.encode(into: &out)
    isSettled.encode(into: &out)
    isAborted.encode(into: &out)
    keyCounts.encode(into: &out)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    replies = try [[UInt8]](from: &reader)
    events = try [KeyEvent](from: &reader)
    messages = try [Publication](from: &reader)
    refusals = try [ScriptRefusal](from: &reader)
    unreadScripts = try [Int](from: &reader)
    block = try BlockRequest?(from: &reader)
    isSettled = try Bool(from: &reader)
    isAborted = try Bool(from: &reader)
    keyCounts = try KeyCounts(from: &reader)
  }
}

/// Runs commands on the one tablet that has their keys, as one atomic step: a single command, a MULTI, a
/// script.
struct RunCommands: Procedure {
  static let name = "redis"
  var commands: [QueuedCommand]
  var watched: [WatchedKey] = []
  var options: RunOptions

  init(commands: [QueuedCommand], watched: [WatchedKey] = [], options: RunOptions) {
    self.commands = commands
    self.watched = watched
    self.options = options
  }
  func encode(into out: inout WireEncoder) {
    commands.encode(into: &out)
    watched.encode(into: &out)
    options.encode(into: &out)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    commands = try [QueuedCommand](from: &reader)
    watched = try [WatchedKey](from: &reader)
    options = try RunOptions(from: &reader)
  }

  var isReadOnly: Bool {
    commands.allSatisfy { CommandTable.find($0.arguments)?.isReadOnly ?? false }
  }

  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> RunOutcome {
    if options.isNoLoop { TrackingWriters.of(transaction).note(transaction.id, options.client) }
    do throws(CommandStop) {
      let rows = RowAccess(transaction)
      var runner = Runner(rows: rows, options: options, yielded: yielded(transaction))
      var evictions: [KeyEvent] = []
      if options.watchesMemory {
        let context = CommandContext(rows, options, db: 0)
        runner.isOutOfMemory = try !watchMemory(context)
        evictions = context.events
      }
      var outcome = try runner.run(commands, watched)
      if !evictions.isEmpty { outcome.events = evictions + outcome.events }
      if let waiter = options.waiter, let command = commands.first {
        outcome.settle(waiter, db: command.db, transaction)
      }
      return outcome
    } catch {
      switch error {
      case .procedure(let reason): throw reason
      case .missing(let key, let db):
        // Whatever was written goes with the call.
        throw .user(MissingKey(db: db, name: key).error)
      case .missingDatabase(let db): throw .user(MissingKey(db: db, name: nil).error)
      case .error(let text): fatalError("invariant: a command's own error left its run: \(text)")
      }
    }
  }
}

/// How a run says that it needs a key of another tablet: by an error, so that the tablet takes back what
/// it has done.
struct MissingKey: Equatable {
  var db: Int
  /// Nil: all keys of the database.
  var name: [UInt8]?

  private static let code: SQLState = "XXR01"
  private static let databaseCode: SQLState = "XXR02"

  init(db: Int, name: [UInt8]?) {
    self.db = db
    self.name = name
  }

  /// Nil: the error is another one.
  init?(_ error: KernelError) {
    guard case .user(let fault) = error else { return nil }
    guard fault.code == Self.code || fault.code == Self.databaseCode else { return nil }
    db = Int(fault.detail ?? "") ?? 0
    if fault.code == Self.databaseCode { return }
    name = fault.message.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
  }

  /// Each byte is a character, since errors are text.
  var error: SQLError {
    var text = String.UnicodeScalarView()
    for byte in name ?? [] { text.append(UnicodeScalar(byte)) }
    return SQLError(name == nil ? Self.databaseCode : Self.code, String(text), detail: "\(db)")
  }
}

/// Runs commands over whichever rows there are.
struct Runner {
  let rows: RowAccess
  let options: RunOptions
  var yielded: [[UInt8]] = []
  var isOutOfMemory = false

  func run(_ commands: [QueuedCommand], _ watched: [WatchedKey]) throws(CommandStop) -> RunOutcome {
    var outcome = RunOutcome()
    for key in watched where try hasChanged(key) {
      outcome.isAborted = true
      return outcome
    }
    let context = CommandContext(rows, options, db: commands.first?.db ?? 0)
    context.yielded = yielded
    context.isOutOfMemory = isOutOfMemory
    for (place, command) in commands.enumerated() {
      context.db = command.db
      context.code = command.code
      context.reply.bytes = []
      context.scriptHasRead = nil
      try Self.perform(command.arguments, context)
      outcome.replies.append(context.reply.bytes)
      if context.scriptHasRead == false { outcome.unreadScripts.append(place) }
    }
    outcome.events = context.events
    outcome.messages = context.messages
    outcome.refusals = context.refusals
    outcome.block = context.block
    outcome.keyCounts = context.keyCounts
    return outcome
  }

  /// Runs one command; its own errors become its reply.
  static func perform(_ arguments: CommandArguments, _ context: CommandContext) throws(CommandStop)
  {
    let start = context.reply.bytes.count
    guard let spec = CommandTable.find(arguments), case .data(let handler) = spec.body else {
      return context.reply.error(CommandTable.unknown(arguments))
    }
    context.isReading = spec.isReadOnly
    do throws(CommandStop) {
      try handler(context, arguments)
    } catch {
      guard case .error(let message) = error else { throw error }
      context.reply.bytes.removeSubrange(start...)
      context.reply.error(message)
    }
  }

  private func hasChanged(_ key: WatchedKey) throws(CommandStop) -> Bool {
    let rowKey = RowKey.key(db: key.db, key.name)
    if rows.tablet == nil { try rows.require(key.name, db: key.db) }
    if key.wasThere, try rows.get(RedisSchema.keys, rowKey) == nil { return true }
    return rows.keyHasChanged(rowKey, since: key.since)
  }
}

extension CommandContext {
  /// One command that runs at once; its own errors become its reply, as in `Runner`.
  func runAlone(_ command: CommandArguments, _ handler: DataHandler) throws(ProcedureError) {
    let start = reply.bytes.count
    do throws(CommandStop) {
      try handler(self, command)
    } catch {
      switch error {
      case .error(let message):
        reply.bytes.removeSubrange(start...)
        reply.error(message)
      case .procedure(let reason): throw reason
      case .missing, .missingDatabase:
        // The usual way fetches it.
        throw .conflict
      }
    }
  }
}

extension RowAccess {
  /// Whether anybody has written the key or one of its elements since.
  func keyHasChanged(_ rowKey: [UInt8], since: Timestamp) -> Bool {
    RedisSchema.keyspaces.contains { space in
      hasChanged(
        space, lower: rowKey,
        upper: space == RedisSchema.keys ? rowKey + [0] : RowKey.end(of: rowKey), since: since)
    }
  }
}
