import Base
import Catalog
import Functions
import Node
import Types

extension SQLSession {
  /// CREATE INDEX while the table is read and written (DESIGN 22.11): absent → delete-only →
  /// write-only → filled → public, in transactions of its own. Whatever goes wrong takes the index
  /// away again.
  func buildOnline(
    _ table: ObjectID, _ make: (inout CatalogSnapshot) -> IndexDescriptor
  ) async throws(SQLError) {
    var made: IndexDescriptor?
    try await change { (catalog) throws(SQLError) in
      guard var changed = catalog.table(table) else { return }
      var index = make(&catalog)
      index.placement = Self.placement(index, changed)
      index.state = .deleteOnly
      changed.indexes.append(index)
      changed.version += 1
      catalog.put(.table(changed))
      made = index
    }
    guard let made else { return }
    try await commit()
    let build = IndexBuild(self, table: table, index: made)
    do throws(SQLError) {
      try await build.run()
    } catch {
      await build.remove()
      throw error
    }
  }
}

/// One index on its way to being public. Lives on: the session's shard.
final class IndexBuild {
  private unowned let session: SQLSession
  private let table: ObjectID
  private let index: IndexDescriptor
  /// The session's transaction meanwhile: it hears of a cancellation, and does nothing else.
  private let watch: Transaction
  private var known: (version: UInt64, layout: StoredTable, place: Int)?

  /// A step waits so long for a lock or a gate, then begins again: so a cancellation is noticed.
  private static let stepMilliseconds = 200
  private static let pauseNanoseconds: UInt64 = 5_000_000
  /// So often the removal of what has failed is tried.
  private static let removalsMax = 50

  init(_ session: SQLSession, table: ObjectID, index: IndexDescriptor) {
    self.session = session
    self.table = table
    self.index = index
    watch = session.shard.begin(isolation: .readCommitted, isReadOnly: true)
    watch.lockTimeoutMilliseconds = session.settings.lockTimeoutMilliseconds
    session.transaction = watch
    // While the first step was committed nobody would have heard that the time is up.
    let limit = Int64(session.settings.statementTimeoutMilliseconds) * 1_000
    if limit > 0 && session.now() - session.statementTimestamp >= limit {
      session.cancel("canceling statement due to statement timeout")
    }
  }

  func run() async throws(SQLError) {
    // No transaction knows less than "deletes" before one knows "writes"; and none less than
    // "writes" before old rows are added, so that it could take away a row and leave its entry.
    try await awaitUsers()
    try await attempt { (transaction) async throws(KernelError) in
      try await self.edit(in: transaction) { $0.state = .writeOnly }
    }
    try await awaitUsers()
    // A change of the table that writes its rows anew moves the index too: once more. So does the split
    // of a tablet: of its rows one bucket leads to a part only.
    var filled: (space: KeyspaceID, tablets: UInt64)?
    while try filled?.space != keyspace() || filled?.tablets != session.shard.tabletMapVersion {
      filled = (try keyspace(), session.shard.tabletMapVersion)
      for bucket in try await tabletBuckets() { try await fill(bucket) }
    }
    try await attempt { (transaction) async throws(KernelError) in
      try await self.edit(in: transaction) {
        $0.state = .public
        $0.readableFrom = transaction.snapshot
      }
    }
  }

  // MARK: Steps

  /// Runs `body` in a transaction of its own, and again where it met others.
  private func attempt<Result>(
    _ body: (Transaction) async throws(KernelError) -> Result
  ) async throws(SQLError) -> Result {
    while true {
      // Garbage collection keeps what the oldest snapshot reads.
      watch.refreshSnapshot()
      let transaction = session.shard.begin(isolation: .readCommitted, isReadOnly: false)
      transaction.lockTimeoutMilliseconds = Self.stepMilliseconds
      do throws(KernelError) {
        try watch.checkCancelled()
        let result = try await body(transaction)
        try await transaction.commit()
        return result
      } catch {
        await transaction.rollback()
        switch error {
        case .lockNotAvailable, .restartStatement, .deadlock, .serializationFailure:
          try await pause()
        default: throw sqlError(from: error)
        }
      }
    }
  }

  private func pause() async throws(SQLError) {
    do throws(KernelError) {
      try await watch.sleep(nanoseconds: Self.pauseNanoseconds)
    } catch {
      throw sqlError(from: error)
    }
  }

  private func awaitUsers() async throws(SQLError) {
    do throws(KernelError) {
      try await watch.awaitUsers(of: [table])
    } catch {
      throw sqlError(from: error)
    }
  }

  private func edit(in transaction: Transaction, _ body: (inout IndexDescriptor) -> Void)
    async throws(KernelError)
  {
    try await transaction.changeCatalog { (catalog) throws(SQLError) in
      guard var changed = catalog.table(self.table),
        let place = changed.indexes.firstIndex(where: { $0.id == self.index.id })
      else { throw self.gone }
      body(&changed.indexes[place])
      changed.version += 1
      catalog.put(.table(changed))
    }
  }

  private var gone: SQLError {
    SQLError(.undefinedObject, "index \"\(index.name)\" was dropped while it was being built")
  }

  /// The table and the index as they are now.
  private func current() throws(SQLError) -> (layout: StoredTable, place: Int) {
    guard let found = session.shard.catalog.table(table) else { throw gone }
    if let known, known.version == found.version { return (known.layout, known.place) }
    let binder = Binder(session.statementContext(), parameterTypes: [])
    let layout = try binder.layout(found)
    guard let place = layout.indexes.firstIndex(where: { $0.descriptor.id == index.id }) else {
      throw gone
    }
    known = (found.version, layout, place)
    return (layout, place)
  }

  private func keyspace() throws(SQLError) -> KeyspaceID {
    let (layout, place) = try current()
    return layout.indexes[place].descriptor.keyspace
  }

  // MARK: Filling

  /// One bucket of each tablet that has rows of the table; nil: group 0. Rows that come later come
  /// with their entries.
  private func tabletBuckets() async throws(SQLError) -> [Bucket?] {
    try await attempt { (transaction) async throws(KernelError) in
      _ = try await transaction.use([self.table])
      let (layout, _) = try asKernel { () throws(SQLError) in try self.current() }
      if layout.isGlobal { return [nil] }
      transaction.refreshSnapshot()
      let firsts = try await transaction.callAll(
        FirstKeyFragment(space: layout.keyspace), of: layout.tier)
      return try asKernel { () throws(SQLError) in
        var buckets: [Bucket?] = []
        for case .some(let key) in firsts {
          buckets.append(try KeyReader.bucket(ofPrimaryKey: key, layout))
        }
        return buckets
      }
    }
  }

  private func fill(_ bucket: Bucket?) async throws(SQLError) {
    var next: [UInt8]? = []
    while let lower = next {
      let output = try await step(bucket, lower: lower, only: nil)
      for key in output.busy {
        while try await !step(bucket, lower: [], only: key).busy.isEmpty { try await pause() }
      }
      next = output.next
      do throws(KernelError) { try await watch.yieldTurn() } catch { throw sqlError(from: error) }
    }
  }

  /// One batch, or one row, in its own transaction.
  private func step(_ bucket: Bucket?, lower: [UInt8], only: [UInt8]?) async throws(SQLError)
    -> BackfillOutput
  {
    try await attempt { (transaction) async throws(KernelError) in
      _ = try await transaction.use([self.table])
      let (layout, place) = try asKernel { () throws(SQLError) in try self.current() }
      let environment = EvaluationEnvironment(
        parameters: [], context: self.session.evaluationContext())
      transaction.refreshSnapshot()
      let fragment = BackfillFragment(
        layout: layout, index: place, lower: lower, only: only, environment: environment)
      var output: BackfillOutput
      if let bucket {
        output = try await transaction.call(fragment, bucket: bucket)
      } else {
        output = try await transaction.callGlobal(fragment)
      }
      try await self.put(output.items, layout.indexes[place].descriptor, transaction, &output)
      if let row = output.duplicate {
        throw .user(layout.duplicateInBuild(place, row, environment))
      }
      return output
    }
  }

  /// Entries of a global index, which are on other tablets than the rows.
  private func put(
    _ items: [BackfillOutput.Item], _ descriptor: IndexDescriptor, _ transaction: Transaction,
    _ output: inout BackfillOutput
  ) async throws(KernelError) {
    var places: [TabletPlace: Int] = [:]
    var groups: [(tablet: TabletPlace, items: [BackfillOutput.Item])] = []
    for item in items {
      let tablet = session.shard.place(of: item.entry.bucket)
      let place = places[tablet] ?? groups.count
      if place == groups.count {
        places[tablet] = place
        groups.append((tablet, []))
      }
      groups[place].items.append(item)
    }
    let calls = groups.map {
      ($0.tablet, BackfillEntriesFragment(index: descriptor, entries: $0.items.map(\.entry)))
    }
    for (group, results) in zip(groups, try await transaction.callEach(calls)) {
      for (item, result) in zip(group.items, results) {
        switch result {
        case .done: break
        case .busy: output.busy.append(item.key)
        case .duplicate: output.duplicate = item.row
        }
      }
    }
  }

  // MARK: Failing

  /// Takes the index away, whatever became of the session. Where the catalog is kept locked for long
  /// it stays as it is, never read, until DROP INDEX or the next start.
  func remove() async {
    for _ in 0..<Self.removalsMax {
      let transaction = session.shard.begin(isolation: .readCommitted, isReadOnly: false)
      transaction.lockTimeoutMilliseconds = Self.stepMilliseconds
      var space: KeyspaceID?
      do throws(KernelError) {
        try await transaction.changeCatalog { (catalog) throws(SQLError) in
          guard var changed = catalog.table(self.table),
            let place = changed.indexes.firstIndex(where: { $0.id == self.index.id })
          else { return }
          space = changed.indexes.remove(at: place).keyspace
          changed.version += 1
          catalog.put(.table(changed))
        }
        try await transaction.commit()
        if let space { await drop(space) }
        return
      } catch {
        await transaction.rollback()
        switch error {
        case .storageFailed, .diskFull, .unknownOutcome: return
        default: break
        }
      }
    }
  }

  /// Statements that know the index still write entries: they are waited for, not for long.
  private func drop(_ space: KeyspaceID) async {
    let transaction = session.shard.begin(isolation: .readCommitted, isReadOnly: true)
    transaction.lockTimeoutMilliseconds = Self.stepMilliseconds
    do throws(KernelError) {
      try await transaction.awaitUsers(of: [table])
    } catch {
      // What they write belongs to no index.
    }
    transaction.finishReading()
    await session.shard.dropKeyspaces([space], of: session.shard.catalog.table(table)?.tier)
  }
}
