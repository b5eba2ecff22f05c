import Base
import Catalog
import Node

/// MULTI, EXEC, DISCARD, WATCH and UNWATCH.
enum TransactionCommands {
  static let all: [CommandSpec] = [
    .session("multi", 1, [.noScript, .fast, .loading, .stale]) { session, _ in multi(session) },
    .session("exec", 1, [.noScript, .loading, .stale]) { session, _ in await exec(session) },
    .session("discard", 1, [.noScript, .fast, .loading, .stale]) { session, _ in
      guard session.transaction.isOpen else {
        return session.output.error("ERR DISCARD without MULTI")
      }
      session.transaction.close()
      session.output.ok()
    },
    .session("watch", -2, [.noScript, .fast, .loading, .stale], .all, watch),
    .session("unwatch", 1, [.noScript, .fast, .loading, .stale]) { session, _ in
      session.transaction.unwatch()
      session.output.ok()
    },
  ]

  /// Commands that are not queued.
  static func runsInside(_ spec: CommandSpec) -> Bool {
    ["multi", "exec", "discard", "watch", "quit", "reset"].contains(spec.name)
  }

  private static func multi(_ session: RESPSession) {
    guard !session.transaction.isOpen else {
      return session.output.error("ERR MULTI calls can not be nested")
    }
    session.transaction.open()
    session.output.ok()
  }

  private static func exec(_ session: RESPSession) async {
    guard session.transaction.isOpen else { return session.output.error("ERR EXEC without MULTI") }
    let state = session.transaction
    defer { session.transaction.close() }
    if state.isSpoiled {
      return session.output.error("EXECABORT Transaction discarded because of previous errors.")
    }
    let refused = state.queued.map { command in
      CommandTable.find(command.arguments).flatMap {
        session.denialAtExec($0, command.arguments)
      }
    }
    let data = zip(state.queued, refused).filter { $1 == nil && isData($0) }.map(\.0)
    var replies: [[UInt8]] = []
    if !data.isEmpty || state.isWatching {
      switch await session.run(data, watched: state.watched) {
      case .failure(let error):
        if KernelReply.text(error) == KernelReply.outOfMemory {
          return session.output.error(
            "EXECABORT Transaction discarded because of: \(KernelReply.outOfMemory)")
        }
        return session.output.bytes.append(contentsOf: session.failure(error))
      case .success(let outcome):
        if outcome.isAborted { return session.output.nullArray() }
        session.publish(outcome)
        replies = outcome.replies
        session.count(data, replies)
      }
    }
    // What the session itself does comes when the rest has committed, each at its place.
    session.output.array(state.queued.count)
    var next = 0
    for (command, reason) in zip(state.queued, refused) {
      if let reason {
        session.output.error(reason)
      } else if isData(command) {
        session.output.bytes.append(contentsOf: replies[next])
        next += 1
      } else if let spec = CommandTable.find(command.arguments) {
        await session.execute(command.arguments, spec)
      }
    }
  }

  private static func isData(_ command: QueuedCommand) -> Bool {
    if case .data = CommandTable.find(command.arguments)?.body { true } else { false }
  }

  private static func watch(_ session: RESPSession, _ command: CommandArguments) async {
    if session.transaction.isOpen {
      return session.output.error("ERR WATCH inside MULTI is not allowed")
    }
    // Begun before the keys are looked at, so that nothing newer is forgotten meanwhile.
    let guardian =
      session.transaction.isWatching ? nil : session.shard.begin(isolation: .repeatableRead)
    var watched: [WatchedKey] = []
    for index in 1..<command.count {
      let name = command.array(index)
      let reply = Reply<Result<WatchKey.Output, KernelError>>()
      session.shard.callAlone(
        WatchKey(rowKey: RowKey.key(db: session.db, name)), bucket: KeySlot.bucket(name)
      ) { reply.fulfill($0) }
      switch await reply.get() {
      case .failure(let error):
        guardian?.finishReading()
        return session.output.bytes.append(contentsOf: session.failure(error))
      case .success(let since):
        watched.append(
          WatchedKey(
            db: session.db, name: name, since: since.time, wasThere: since.wasThere))
      }
    }
    session.transaction.watch(watched, guardian)
    session.output.ok()
  }
}

/// When a key is looked at for WATCH, and whether it is there.
struct WatchKey: Procedure {
  static let name = "redis.watch"
  var rowKey: [UInt8]

  struct Output: WireCodable {
    var time: Timestamp
    var wasThere: Bool
    init(time: Timestamp, wasThere: Bool) {
      self.time = time
      self.wasThere = wasThere
    }
    func encode(into out: inout WireEncoder) {
      time.encode(into: &out)
      wasThere.encode(into: &out)
    }
    init(from reader: inout WireDecoder) throws(DecodingFault) {
      time = try Timestamp(from: &reader)
      wasThere = try Bool(from: &reader)
    }
  }

  init(rowKey: [UInt8]) { self.rowKey = rowKey }
  func encode(into out: inout WireEncoder) { out.bytes.blob(rowKey) }
  init(from reader: inout WireDecoder) throws(DecodingFault) { rowKey = try reader.bytes.blob() }
  var isReadOnly: Bool { true }

  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> Output {
    let isThere = try transaction.withValue(RedisSchema.keys, rowKey) { $0 != nil }
    return Output(time: transaction.snapshot, wasThere: isThere)
  }
}
