import Base
import Node

/// Runs commands whose keys are on several tablets as one transaction: their rows are fetched (and
/// locked, where something is to be written), the commands run over the copies, and what they have
/// changed is written back. A script that turns out to need another key runs again with it. Conflicts
/// with others start it again too: nothing has left. Lives on: the session's shard.
struct AcrossTablets {
  let shard: NodeShard
  let options: RunOptions
  /// Conflicts in a row after which the client hears of them.
  static let attemptsMax = 100

  /// `isLong`: a script among the commands takes long.
  func run(
    _ commands: [QueuedCommand], _ watched: [WatchedKey], keys first: [(db: Int, name: [UInt8])],
    databases: Set<Int> = [], isLong: Bool = false
  )
    async -> Result<RunOutcome, KernelError>
  {
    let writes = !commands.allSatisfy {
      CommandTable.find($0.arguments)?.isReadOnly ?? false
    }
    var wanted = first
    for key in watched { wanted.append((key.db, key.name)) }
    var databases = databases
    var isLong = isLong
    var attempts = 0
    /// Of the first attempt since the last conflict: what runs again with more keys runs at the same time,
    /// so that it comes to the same keys.
    var time: Timestamp?
    while true {
      let transaction = shard.begin(isolation: writes ? .serializable : .repeatableRead)
      do throws(KernelError) {
        let outcome = try await attempt(
          transaction, commands, watched, &wanted, &databases, &time, writes: writes,
          isLong: isLong, inOrder: attempts > 0
        )
        if let outcome { return .success(outcome) }
      } catch {
        await transaction.rollback()
        if LongScript.isReason(of: error) {
          isLong = true
          continue
        }
        attempts += 1
        time = nil
        guard error.isConflict, attempts < Self.attemptsMax else { return .failure(error) }
      }
    }
  }

  /// Nil: it needs more keys, which are in `wanted` now.
  private func attempt(
    _ transaction: Transaction, _ commands: [QueuedCommand], _ watched: [WatchedKey],
    _ wanted: inout [(db: Int, name: [UInt8])], _ databases: inout Set<Int>,
    _ time: inout Timestamp?, writes: Bool, isLong: Bool, inOrder: Bool
  ) async throws(KernelError) -> RunOutcome? {
    transaction.refreshSnapshot()
    let now = time ?? transaction.snapshot
    time = now
    let rows = FetchedRows(
      time: now, configuration: shard.redisConfiguration, interpreter: .of(shard))
    let needsRoom =
      options.watchesMemory
      && commands.contains {
        CommandTable.find($0.arguments)?.flags.contains(.denyOOM) ?? false
      }
    try await fetch(
      wanted, watched, into: rows, transaction, locks: writes, needsRoom: needsRoom,
      inOrder: inOrder)
    for db in databases.sorted() {
      let found = try await transaction.callAll(FetchDatabase(db: db, locks: writes))
      for key in found.joined() where !rows.has(key.rowKey) { rows.add(key) }
      rows.databases.insert(db)
    }
    let outcome: RunOutcome
    do throws(CommandStop) {
      outcome =
        isLong
        ? try await LongScripts.of(shard).run(commands, watched, options, rows)
        : try Runner(rows: RowAccess(rows), options: options).run(commands, watched)
    } catch {
      switch error {
      case .missing(let key, let db):
        await transaction.rollback()
        wanted.append((db, key))
        wanted += rows.alsoMissing
        return nil
      case .missingDatabase(let db):
        await transaction.rollback()
        databases.insert(db)
        return nil
      case .procedure(.user(let fault)): throw .user(fault)
      case .procedure, .error:
        fatalError("invariant: a run over fetched rows ended with \(error)")
      }
    }
    try await write(rows.changes, transaction)
    try await transaction.commit()
    return outcome
  }

  /// `inOrder`: one tablet after the other and its keys in order, as all do who have met others before:
  /// so none of them waits for one that waits for it.
  func fetch(
    _ keys: [(db: Int, name: [UInt8])], _ watched: [WatchedKey], into rows: FetchedRows,
    _ transaction: Transaction, locks: Bool, needsRoom: Bool, inOrder: Bool
  ) async throws(KernelError) {
    var calls: [(bucket: Bucket, tablet: TabletID, keys: [WantedKey])] = []
    var seen: Set<[UInt8]> = []
    for (db, name) in keys {
      let rowKey = RowKey.key(db: db, name)
      guard seen.insert(rowKey).inserted else { continue }
      let since = watched.filter { $0.db == db && $0.name == name }.map(\.since).min()
      let key = WantedKey(rowKey: rowKey, watchedSince: since)
      let bucket = KeySlot.bucket(name)
      let tablet = shard.tablet(of: bucket)
      if let place = calls.firstIndex(where: { $0.tablet == tablet }) {
        calls[place].keys.append(key)
      } else {
        calls.append((bucket, tablet, [key]))
      }
    }
    if inOrder {
      for call in calls.sorted(by: { $0.tablet < $1.tablet }) {
        let keys = call.keys.sorted { $0.rowKey.lexicographicallyPrecedes($1.rowKey) }
        let procedure = FetchKeys(keys: keys, locks: locks, needsRoom: needsRoom)
        let found = try await transaction.callEach([(call.bucket, procedure)])
        for key in found.joined() { rows.add(key) }
      }
      return
    }
    let fetched = try await transaction.callEach(
      calls.map { ($0.bucket, FetchKeys(keys: $0.keys, locks: locks, needsRoom: needsRoom)) })
    for key in fetched.joined() { rows.add(key) }
  }

  func write(_ changes: [RowChange], _ transaction: Transaction) async throws(KernelError) {
    var calls: [(bucket: Bucket, tablet: TabletID, changes: [RowChange])] = []
    for change in changes {
      guard let name = change.key.withUnsafeBytes({ RowKey.parse($0)?.name }) else {
        fatalError("invariant: a changed row of schema redis has a key")
      }
      let bucket = KeySlot.bucket(name)
      let tablet = shard.tablet(of: bucket)
      if let place = calls.firstIndex(where: { $0.tablet == tablet }) {
        calls[place].changes.append(change)
      } else {
        calls.append((bucket, tablet, [change]))
      }
    }
    let client = options.isNoLoop ? options.client : 0
    _ = try await transaction.callEach(
      calls.map { ($0.bucket, WriteRows(changes: $0.changes, silentClient: client)) })
  }
}

extension KernelError {
  /// Something was in the way of a transaction that has done nothing; it may begin again.
  var isConflict: Bool {
    switch self {
    case .serializationFailure, .restartStatement, .deadlock, .leaderChanged, .tabletSplit: true
    default: false
    }
  }
}
