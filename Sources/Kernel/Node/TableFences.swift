import Base
import Catalog
import Reactor
import Storage
import Types

/// A table that a transaction uses, and the catalog's version that its statements were planned with.
struct TableUse: Sendable, Equatable {
  var table: ObjectID
  var version: UInt64
}

/// Each tablet's own word on which schema of a table it still carries out calls for: a row with the
/// table's id and the catalog's version that a call must know at least (DESIGN 22.11, decision 0024).
///
/// Gates (`TableGates`) make statements wait in order, on the nodes that the changing node can reach.
/// What no gate holds is held here: a call says which tables it uses and with which version. The rows
/// are a part of the tablet like all others: in its log, with every replica, in checkpoints.
enum TableFences {
  static let space = KeyspaceID(rawValue: 5)

  static func key(_ table: ObjectID) -> [UInt8] {
    withUnsafeBytes(of: table.rawValue.bigEndian) { Array($0) }
  }

  static func value(_ version: UInt64) -> [UInt8] {
    withUnsafeBytes(of: version.littleEndian) { Array($0) }
  }

  static func version(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    invariant(bytes.count == 8, "a fence of \(bytes.count) bytes")
    return UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
  }
}

/// One tablet's fences, in its leader's memory. Lives on: the tablet's shard.
struct FenceLevel {
  /// Calls that know at least this version pass without a look at the rows; `.max` where somebody may
  /// hold a fence.
  var level = UInt64.max
  /// Transactions that have locked or written fences here and may not have ended.
  var holders: [TransactionID] = []
}

/// A step of a schema change at one tablet.
struct FenceTables: Procedure {
  static let name = "table.fence"

  enum Step: UInt8, WireEnumeration {
    /// The transaction has the tables alone until it ends; waits for all that use them here.
    case close = 1
    /// Calls of earlier versions are refused from its commit on; waits for those under way.
    case raise
    /// The tables are gone, and so is what was kept of them.
    case remove
  }
  let step: Step
  let tables: [ObjectID]
  /// Of `raise`.
  let version: UInt64
  let isNoWait: Bool

  init(_ step: Step, _ tables: [ObjectID], version: UInt64 = 0, isNoWait: Bool = false) {
    self.step = step
    self.tables = tables
    self.version = version
    self.isNoWait = isNoWait
  }
  func encode(into out: inout WireEncoder) {
    step.encode(into: &out)
    tables.encode(into: &out)
    version.encode(into: &out)
    isNoWait.encode(into: &out)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    step = try Step(from: &reader)
    tables = try [ObjectID](from: &reader)
    version = try UInt64(from: &reader)
    isNoWait = try reader.bool()
  }

  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> Bool {
    try transaction.fence(self)
    return true
  }
}

extension TabletTransaction {
  fileprivate func fence(_ change: FenceTables) throws(ProcedureError) {
    owner.fences.level = .max
    let limit = change.step == .raise ? change.version : .max
    let users = owner.users(of: change.tables, before: limit, besides: id)
    if let table = change.tables.first, !users.isEmpty {
      if change.isNoWait { throw .lockNotAvailable }
      throw blocked(fenceLock(table), users)
    }
    for table in change.tables {
      let key = TableFences.key(table)
      try lockLatest(fenceLock(table))
      switch change.step {
      case .close: break
      case .raise:
        let known = owner.fence(of: table, at: .distantFuture).version
        if known < change.version {
          try putLatest(TableFences.space, key, TableFences.value(change.version))
        }
      case .remove:
        if owner.fence(of: table, at: .distantFuture).version > 0 {
          try deleteLatest(TableFences.space, key)
        }
      }
    }
    owner.fences.holders.append(id)
  }

  private func fenceLock(_ table: ObjectID) -> LockRequest {
    LockRequest(space: TableFences.space, key: TableFences.key(table), mode: .update)
  }
}

// MARK: - At the tablet

extension Tablet {
  /// Why a call may not go on.
  enum FenceVerdict {
    /// A schema change has the table alone: the call waits for these.
    case held([TransactionID])
    /// The table has changed since the call's statement was planned, by the entry at the index.
    case stale(LogIndex)
  }

  /// Nil: the tables are as the call knows them. Costs a comparison where no schema has changed since
  /// the transaction began to use tables.
  @inline(__always)
  func fenceVerdict(_ header: CallHeader) -> FenceVerdict? {
    guard let oldest = header.uses.first, oldest.version < fences.level,
      shard.plantedBug != .fencesIgnored
    else { return nil }
    return lookAtFences(header)
  }

  private func lookAtFences(_ header: CallHeader) -> FenceVerdict? {
    settleFences()
    for use in header.uses {
      let request = LockRequest(
        space: TableFences.space, key: TableFences.key(use.table), mode: .keyShare)
      let holders = locks.conflicts(request, by: header.transaction)
      if !holders.isEmpty { return .held(holders) }
      let fence = fence(of: use.table, at: .distantFuture)
      if fence.version > use.version { return .stale(fence.index) }
    }
    return nil
  }

  func refuse(
    _ header: CallHeader, _ verdict: FenceVerdict, fail: @escaping (KernelError) -> Void,
    retry: @escaping () -> Void
  ) {
    switch verdict {
    case .held(let holders): wait(for: holders, header, fail: fail, retry: retry)
    case .stale(let index):
      // An error tells what was read, so it waits like a result.
      replication.whenReleased(index) { outcome in
        switch outcome {
        case .unknown(let error): fail(error)
        case .yes:
          fail(.serializationFailure("could not go on: the schema of a table has changed"))
        }
      }
    }
  }

  /// Where nobody holds a fence any more, the rows say from which version on all is well.
  private func settleFences() {
    guard fences.level == .max else { return }
    fences.holders.removeAll { open[$0] == nil }
    guard fences.holders.isEmpty else { return }
    fences.level = 0
    scan(
      TableFences.space, [], nil, reverse: false, at: .distantFuture,
      reader: TransactionID(rawValue: 0)
    ) { _, found in
      if let value = found.value {
        fences.level = max(fences.level, TableFences.version(value))
      }
      return .next
    }
  }

  /// A new leader: what is prepared may hold fences.
  func restoreFences() {
    fences = FenceLevel()
    fences.holders = open.values.filter { $0.prepared != nil }.map(\.id).sorted()
    settleFences()
  }

  /// The version that calls must know, and the entry that says so; 0 where the table never changed.
  func fence(of table: ObjectID, at time: Timestamp) -> (version: UInt64, index: LogIndex) {
    TableFences.key(table).withUnsafeBytes { key in
      store.get(TableFences.space, key, at: time, reader: TransactionID(rawValue: 0)) { found in
        (found.value.map { TableFences.version($0) } ?? 0, found.logIndex)
      }
    }
  }

  /// A replica that does not lead: whether the call's schema is that of its snapshot.
  func knowsSchema(_ header: CallHeader, at snapshot: Timestamp) -> Bool {
    if store.count(TableFences.space) == 0 { return true }
    return header.uses.allSatisfy { fence(of: $0.table, at: snapshot).version <= $0.version }
  }

  /// Transactions that have something here and use one of the tables by an earlier version, oldest
  /// first. Of what was prepared under an earlier leader it is not known what it uses.
  fileprivate func users(
    of tables: [ObjectID], before version: UInt64, besides transaction: TransactionID
  ) -> [TransactionID] {
    open.values.filter { state in
      guard state.id != transaction else { return false }
      guard let uses = state.uses else { return true }
      return uses.contains { $0.version < version && tables.contains($0.table) }
    }.map(\.id).sorted()
  }
}

// MARK: - A transaction's side

extension Transaction {
  /// A step at every tablet of the tables' tiers, since any may have rows of the table or entries of its
  /// indexes. Other tiers have none, and whether they can be reached has no part in it.
  private func fence(_ step: FenceTables) async throws(KernelError) {
    try await callEverywhere(step, of: tiers(of: step.tables))
  }

  /// Nil: what is not known may be in any. A table keeps its tier.
  private func tiers(of tables: [ObjectID]) -> [TierID]? {
    var tiers: [TierID] = []
    for id in tables {
      guard let table = shard.catalog.table(id) ?? catalog.table(id) else { return nil }
      if !tiers.contains(table.tier) { tiers.append(table.tier) }
    }
    return tiers
  }

  private static let pauseNanoseconds: UInt64 = 5_000_000

  /// After the gates: keeps those out whom no gate does. A node alone has no such.
  func closeFences(_ tables: [ObjectID], isNoWait: Bool) async throws(KernelError) {
    if shard.isAlone { return }
    try await fence(FenceTables(.close, tables, isNoWait: isNoWait))
  }

  /// At COMMIT, with the catalog's change: the tables that this transaction has alone and has changed.
  func publishFences(_ change: CatalogChange) async throws(KernelError) {
    if shard.isAlone { return }
    let changed = change.put.map(\.id)
    let raised = lockedTables.filter { changed.contains($0) }
    let removed = lockedTables.filter { change.removed.contains($0) }
    if !raised.isEmpty {
      try await fence(FenceTables(.raise, raised, version: change.version))
    }
    if !removed.isEmpty { try await fence(FenceTables(.remove, removed)) }
  }

  /// After a step of an online schema change was published: refuses whoever knows less, and waits for
  /// those who do and are under way. Each tablet by itself, in a transaction of its own.
  /// So a tablet that waits keeps nobody out of the others.
  func raiseFences(_ tables: [ObjectID]) async throws(KernelError) {
    if shard.isAlone { return }
    let step = FenceTables(
      .raise, tables, version: tables.map { shard.catalogHistory.version(of: $0) }.max() ?? 0)
    let tiers = tiers(of: tables)
    while let split = try await raise(step, on: shard.places(ofTiers: tiers) + [.catalog]) {
      try await awaitMap(without: split)
    }
  }

  /// Returns one that has been split meanwhile.
  private func raise(_ step: FenceTables, on places: [TabletPlace]) async throws(KernelError)
    -> TabletPlace?
  {
    let reply = Reply<[KernelError?]>()
    let gather = Gather<KernelError?>(count: places.count) { reply.fulfill($0) }
    for (position, place) in places.enumerated() {
      shard.reactor.spawn { [self] in gather.add(await raise(step, on: place), at: position) }
    }
    var split: TabletPlace?
    for (place, error) in zip(places, await reply.get()) {
      switch error {
      case nil: break
      case .tabletSplit: split = place
      case .some(let error): throw error
      }
    }
    return split
  }

  /// Again where a leader has gone: done twice it is as if done once.
  private func raise(_ step: FenceTables, on place: TabletPlace) async -> KernelError? {
    while true {
      let transaction = shard.begin(isolation: .readCommitted)
      transaction.lockTimeoutMilliseconds = lockTimeoutMilliseconds
      fenceSteps.append(transaction)
      defer { fenceSteps.removeAll { $0 === transaction } }
      do throws(KernelError) {
        try checkCancelled()
        _ = try await transaction.callAndCommit(step, on: place)
        return nil
      } catch {
        await transaction.rollback()
        switch error {
        case .serializationFailure, .unknownOutcome, .deadlock:
          await shard.reactor.sleep(nanoseconds: Self.pauseNanoseconds)
        default: return cancellationError ?? error
        }
      }
    }
  }
}
