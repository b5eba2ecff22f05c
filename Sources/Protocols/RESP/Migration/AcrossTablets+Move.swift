import Base
import Node
import Types

extension AcrossTablets {
  /// Looks at keys, hands what `look` has made of them to `send`, and removes those that it returns, all as one
  /// transaction: but for a copy nobody else can write the keys meanwhile. Returns what has happened to them.
  ///
  /// Conflicts with others start it again until something was sent. From then on they end it: the keys are here
  /// still, whatever has become of them elsewhere.
  func move<Found>(
    _ names: [[UInt8]], db: Int, isCopy: Bool,
    _ look: (CommandContext) throws(CommandStop) -> Found,
    _ send: (Found) async -> [[UInt8]]
  ) async -> Result<[KeyEvent], KernelError> {
    var attempts = 0
    while true {
      let transaction = shard.begin(isolation: isCopy ? .repeatableRead : .serializable)
      var hasSent = false
      do throws(KernelError) {
        let rows = try await held(names, db: db, transaction, locks: !isCopy, attempts > 0)
        let context = CommandContext(RowAccess(rows), options, db: db)
        let found = try Self.translating { () throws(CommandStop) in try look(context) }
        hasSent = true
        let moved = await send(found)
        if !isCopy {
          try remove(moved, context)
          try await write(rows.changes, transaction)
        }
        try await transaction.commit()
        return .success(context.events)
      } catch {
        await transaction.rollback()
        attempts += 1
        guard !hasSent, attempts < Self.attemptsMax, error.isConflict else {
          return .failure(error)
        }
      }
    }
  }

  /// The keys' rows.
  private func held(
    _ names: [[UInt8]], db: Int, _ transaction: Transaction, locks: Bool, _ inOrder: Bool
  ) async throws(KernelError) -> FetchedRows {
    transaction.refreshSnapshot()
    let rows = FetchedRows(time: transaction.snapshot, configuration: shard.redisConfiguration)
    try await fetch(
      names.map { (db, $0) }, [], into: rows, transaction, locks: locks, needsRoom: false,
      inOrder: inOrder)
    return rows
  }

  private func remove(_ names: [[UInt8]], _ context: CommandContext) throws(KernelError) {
    try Self.translating { () throws(CommandStop) in
      for name in names {
        let key = try context.keyToWrite(name)
        guard key.exists else { continue }
        try context.remove(key)
        context.notify(.generic, "del", key)
      }
    }
  }

  private static func translating<R>(_ body: () throws(CommandStop) -> R) throws(KernelError) -> R {
    do throws(CommandStop) {
      return try body()
    } catch {
      switch error {
      case .procedure(.user(let fault)): throw .user(fault)
      case .error(let text):
        let text = text.hasPrefix("ERR ") ? String(text.dropFirst(4)) : text
        throw .user(SQLError(.featureNotSupported, text))
      case .procedure, .missing, .missingDatabase:
        fatalError("invariant: a look at fetched rows ended with \(error)")
      }
    }
  }
}
