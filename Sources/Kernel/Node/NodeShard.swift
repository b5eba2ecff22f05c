public import Base
public import Catalog
import Raft
public import Reactor
import Storage
import Types
import WAL

/// One shard of a node: its tablets, its log, its clock, and the way to the other shards.
/// Lives on: its shard. Front ends get it with the connections that the shard accepts.
public final class NodeShard {
  public let id: ShardID
  public let layout: Layout
  public let reactor: any Reactor
  /// The newest committed catalog that this shard has heard of.
  public private(set) var catalog = CatalogSnapshot()
  /// Of `catalog`, without copying it.
  public var catalogVersion: UInt64 { catalog.version }

  var clock = HybridClock()
  var tablets: [TabletID: Tablet] = [:] {
    didSet { noteTablets() }
  }
  /// By their numbers.
  private var tabletTable: [Tablet?] = []
  /// What runs at once, one behind the other.
  var atOnce: TabletTransaction?
  var isRunningAtOnce = false
  let wireMemo = WireMemo()
  /// Below it nobody reads, as of that timestamp: a key that is written again and again keeps no more versions than the
  /// disk waits for.
  var atOnceHorizon = Timestamp.zero
  /// What transactions that run at once have in common until the clock goes on.
  var atOnceStamp = (transaction: TransactionID(rawValue: 0), timestamp: Timestamp.zero)
  /// Of `tablets`, in order.
  private(set) var tabletIDs: [TabletID] = []
  var peers = ShardPeers()
  let memory: MemoryAccount
  /// The newest one that this shard has heard of.
  public private(set) var map: TabletMap

  private var physical: PhysicalClock
  private(set) var log: ShardLog?
  private(set) var checkpointer: Checkpointer?
  private(set) var durability = Durability.sync
  package private(set) var plantedBug: PlantedBug?
  /// Says where stored keys belong; nil: tablets cannot be split here.
  private(set) var bucketReader: (@Sendable (CatalogSnapshot) -> any BucketReader)?
  var splitWatch = SplitWatch()
  private var relaxedMilliseconds = 0
  /// What one entry of the log may have: it must fit a segment.
  private(set) var entryBytesMax = Int.max
  /// Somebody waits for the disk, or the time is up.
  private var isFlushWanted = false
  private var isFlushTimerSet = false
  private var flushGate = FlushGate()
  private var isGateTimerSet = false
  /// Ticks that the groups have had.
  var groupTicks: UInt64 = 0
  /// Groups with something to write, in the order in which they said so.
  private var pendingGroups: [Replication] = []
  /// Takes messages to replicas on other nodes; they may get lost.
  var replicaTransport: ((TabletID, RaftMessage) -> Void)?
  /// Likewise for parts of snapshots.
  var snapshotTransport: ((TabletID, SnapshotMessage, ReplicaID) -> Void)?
  /// Who hears when the log is durable up to a position, in order.
  private var appended: [(position: LogPosition, group: Replication, mark: RaftWriteMark)] = []
  private var catalogWaiters = CatalogWaiters()
  private var active: [TransactionID: ActiveTransaction] = [:]
  private var lastTransactionID: UInt64 = 0
  private var lastRowID: UInt64 = 0
  private var horizons: [Timestamp]
  private var isWatchingWaits = false
  private var deadlocks = Deadlocks()
  /// The other nodes; nil where there can be none.
  var cluster: Cluster?
  /// This node is the whole cluster: every tablet is led here.
  var isAlone = true
  var leaders = LeaderDirectory()
  /// What followers here can serve.
  var closed = ClosedTimestamps()
  /// When this shard's catalog came: older snapshots know indexes that are newer not to be whole.
  private(set) var catalogSince = Timestamp.zero
  /// This node's clock is too far off the others' to give timestamps: it leads nothing and begins
  /// nothing (`WrongClock`).
  var isClockWrong = false
  /// How far the clocks of the cluster's nodes may be apart, in nanoseconds.
  var clockBound = ClusterView.clockBoundMax
  /// What may be asked of this shard's tablets from other nodes.
  let commands: CommandTable
  var catalogHistory = CatalogHistory()
  private(set) var dataDirectory = ""
  private(set) var checkpointDirectory = ""
  /// Whose replicas are here.
  let replicaNode: NodeID
  var snapshots = SnapshotTransfers()
  /// Replicas that were here and are not to come back.
  var droppedGenerations: [TabletID: UInt64] = [:]
  /// The tablet whose replica has asked last whether its group has left it out.
  var lastAskedLeftOut = TabletID.catalog
  private var durableWaiters: [(position: LogPosition, body: () -> Void)] = []
  /// What transactions of other nodes may still read, and when they said so.
  private var nodeHorizons: [NodeID: (horizon: Timestamp, at: UInt64)] = [:]
  var sequences = Sequences()
  var gates = TableGates()
  public var notifications = Notifications()
  /// The plans that SQL's sessions on this shard share; the kernel never looks inside.
  public var sharedPlans: AnyObject?
  /// What else front ends keep on this shard.
  var locals: [ObjectIdentifier: AnyObject] = [:]
  /// Who takes the messages of front ends here, by their names.
  var messageHandlers: [String: ([UInt8], ShardPlace) -> [UInt8]] = [:]
  /// Who hears which keys are written on tablets that are led here.
  var commitObservers: [CommitObserver] = []
  var sessions = SessionTable()
  var expiry = ExpirySweeps()
  /// The tables with change streams, by the keyspaces of their rows; of `catalog`.
  private(set) var streams: [KeyspaceID: StreamedTable] = [:]
  private var streamsOfTests: [KeyspaceID: StreamedTable] = [:]
  var partitionFinder = PartitionFinder()
  var changeWriter = ChangeWriter()

  private struct ActiveTransaction {
    unowned let transaction: Transaction
  }

  init(
    id: ShardID, layout: Layout, reactor: any Reactor, memoryLimitBytes: Int,
    identity: ReplicaIdentity = .alone, commands: CommandTable = CommandTable(),
    isFirst: Bool = true, node: NodeID? = nil
  ) {
    replicaNode = node ?? identity.id.node
    self.id = id
    self.layout = layout
    self.reactor = reactor
    self.commands = commands
    memory = MemoryAccount(limitBytes: memoryLimitBytes)
    map = TabletMap(layout)
    physical = PhysicalClock(
      wallNanoseconds: reactor.wallNanoseconds(),
      monotonicNanoseconds: reactor.monotonicNanoseconds())
    horizons = Array(repeating: .zero, count: layout.shardCount)
    // A node that joins others gets replicas from them.
    if isFirst {
      for tablet in layout.tablets(on: id) { tablets[tablet] = makeTablet(tablet, identity) }
    }
    // Observers do not run in an initializer.
    noteTablets()
  }

  private func noteTablets() {
    tabletIDs = tablets.keys.sorted()
    tabletTable = Array(repeating: nil, count: Int(tabletIDs.last?.rawValue ?? 0) + 1)
    for (id, tablet) in tablets { tabletTable[Int(id.rawValue)] = tablet }
    // It must not keep a tablet that has gone.
    atOnce = nil
  }

  /// As `tablets[id]`, for what is done with each request.
  func hostedTablet(_ id: TabletID) -> Tablet? {
    id.rawValue < UInt64(tabletTable.count) ? tabletTable[Int(id.rawValue)] : nil
  }

  /// The tablet, which must be on this shard.
  func hosted(_ tablet: TabletID) -> Tablet {
    guard let found = tablets[tablet] else {
      fatalError("invariant: tablet \(tablet) is not on shard \(id)")
    }
    return found
  }

  public var tabletCount: Int { tablets.count }
  var hasReplicaPeers: Bool { tablets.values.contains { $0.replication.hasPeers } }
  /// In order.
  public var memoryUsedBytes: Int { memory.usedBytes }
  public var memoryLimitBytes: Int { memory.limitBytes }
  /// Bytes of log that recovery would read.
  public var logBytes: Int { log?.liveBytes ?? 0 }
  var logSegmentCount: Int { log?.segmentCount ?? 0 }
  var logFailure: String? { log?.failure.map { "\($0)" } }
  public var activeTransactionCount: Int { active.count }
}

// MARK: - Time and transactions

extension NodeShard {
  func nextTimestamp() -> Timestamp {
    clock.next(physical: physical.now(monotonicNanoseconds: reactor.monotonicNanoseconds()))
  }

  /// What the node's physical clock said when the monotonic one said this.
  func physicalTime(at monotonicNanoseconds: UInt64) -> UInt64 {
    physical.now(monotonicNanoseconds: monotonicNanoseconds)
  }

  /// All shards of the node go by the same clock from now on.
  func follow(_ clock: PhysicalClock) { physical = clock }

  /// Nanoseconds since the Unix epoch by the node's physical clock.
  public func wallNanoseconds() -> UInt64 {
    physical.now(monotonicNanoseconds: reactor.monotonicNanoseconds())
  }

  /// Begins a transaction; it must be committed or rolled back.
  public func begin(isolation: IsolationLevel, isReadOnly: Bool = false) -> Transaction {
    let transaction = Transaction(
      shard: self, id: nextTransactionID(), isolation: isolation, isReadOnly: isReadOnly)
    active[transaction.id] = ActiveTransaction(transaction: transaction)
    return transaction
  }

  func forget(_ transaction: Transaction) {
    active[transaction.id] = nil
    leftTables(transaction.id)
  }

  /// Why the transaction of this shard must not go on; nil where nothing is known against it.
  func cancellation(of transaction: TransactionID) -> KernelError? {
    active[transaction]?.transaction.cancellationError
  }

  func isActive(_ transaction: TransactionID) -> Bool { active[transaction] != nil }

  /// Transactions of this shard that use one of the tables, oldest first.
  func users(of tables: [ObjectID], besides transaction: TransactionID) -> [TransactionID] {
    active.values.filter { entry in
      entry.transaction.id != transaction
        && entry.transaction.usedTables.contains { tables.contains($0.table) }
    }.map(\.transaction.id).sorted()
  }

  func isInUse(_ tables: [ObjectID], besides transaction: TransactionID) -> Bool {
    gates.isClosed(tables, to: transaction) || !users(of: tables, besides: transaction).isEmpty
  }

  func nextTransactionID() -> TransactionID {
    lastTransactionID = max(lastTransactionID + 1, wallNanoseconds() >> 13)
    return TransactionID(node: nodeID, shard: id, number: lastTransactionID)
  }

  /// Zero in a node that has no others.
  var nodeID: NodeID { cluster?.identity.node ?? NodeID(rawValue: 0) }

  /// A number that no other shard and no earlier call has given: for rows without a primary key.
  public func uniqueRowID() -> Int64 {
    lastRowID = max(lastRowID + 1, wallNanoseconds() >> 13)
    return Int64(
      bitPattern: TransactionID(node: nodeID, shard: id, number: lastRowID).rawValue)
  }

  /// Below this no transaction of this shard reads, now or later.
  private var oldestSnapshot: Timestamp {
    active.values.reduce(min(nextTimestamp(), oldestNearbySnapshot)) {
      min($0, $1.transaction.oldestSnapshot)
    }
  }

  /// The same where no other shard reads here and no transaction is under way; zero: it is not known.
  var horizonOfOne: Timestamp {
    layout.shardCount == 1 && isAlone && active.isEmpty
      ? min(clock.latest.previous, oldestNearbySnapshot) : .zero
  }

  /// Below this nobody reads, as far as this shard has heard.
  var safeHorizon: Timestamp {
    let now = reactor.monotonicNanoseconds()
    return nodeHorizons.values.reduce(ownHorizon) { oldest, other in
      now < other.at + Self.horizonNanoseconds ? min(oldest, other.horizon) : oldest
    }
  }

  /// The same of this node's shards.
  var ownHorizon: Timestamp { horizons.min() ?? .zero }

  /// What a node that is lost for longer may still read is not kept: it hears 40001.
  private static let horizonNanoseconds: UInt64 = 10_000_000_000

  func noteHorizon(_ horizon: Timestamp, of node: NodeID) {
    nodeHorizons[node] = (horizon, reactor.monotonicNanoseconds())
  }

  /// One round of garbage collection; shards tell one another what they may still read.
  func collectGarbage() {
    let mine = oldestSnapshot
    for shard in 0..<layout.shardCount {
      peers[ShardID(rawValue: UInt16(shard))].post { [id] there in
        there.horizons[Int(id.rawValue)] = mine
      }
    }
    let horizon = safeHorizon
    guard horizon > .zero else { return }
    for tablet in tablets.keys.sorted() {
      _ = hosted(tablet).store.collectGarbage(below: horizon, budget: 2_000)
    }
  }
}

// MARK: - The log

extension NodeShard {
  /// Rebuilds the shard's tablets from their checkpoints and the log. Blocking: at start only.
  func recover(_ settings: NodeSettings) throws(WALError) {
    plantedBug = settings.plantedBug
    bucketReader = settings.bucketReader
    streamsOfTests = settings.streamsOfTests
    streams = streamsOfTests
    dataDirectory = settings.dataDirectory
    let directory = settings.dataDirectory + "/shard-\(id)"
    let checkpoints = directory + "/checkpoints"
    let checkpointed = try loadCheckpoints(checkpoints)
    try openChangeLogs(directory + "/streams", settings)
    entryBytesMax = settings.segmentBytes - ShardLog.reservedBytes
    var fault: WALError?
    var logSettings = WALSettings(segmentBytes: settings.segmentBytes)
    logSettings.batchBytesMax = min(logSettings.batchBytesMax, settings.segmentBytes / 4)
    logSettings.acceptsTornTail = plantedBug == .tornTailAccepted
    let opened = try ShardLog.open(
      fileSystem: reactor.fileSystem, directory: directory + "/log", shard: id,
      settings: logSettings
    ) { record in
      guard fault == nil else { return }
      do throws(WALError) {
        try replay(record, directory)
      } catch {
        fault = error
      }
    }
    if let fault { throw fault }
    checkpointDirectory = checkpoints
    for id in tablets.keys.sorted() where !hosted(id).replication.isRecoveredWhole {
      tablets[id]?.changes.close()
      tablets[id] = nil
    }
    try removeStrayChangeFiles()
    for id in checkpointed where tablets[id]?.checkpointIndex ?? .zero == .zero {
      // A replica's that has gone, or that another one has followed.
      removeCheckpoint(of: id)
    }
    for id in tablets.keys.sorted() {
      let tablet = hosted(id)
      do throws(DecodingFault) {
        _ = try tablet.undecidedRecords()
      } catch {
        throw .badSegment(file: directory, reason: "tablet \(id), a prepare entry: \(error)")
      }
      try opened.release(id, upTo: tablet.checkpointIndex)
    }
    opened.onDurable = { [unowned self, unowned opened] in becameDurable($0, opened) }
    opened.onFailure = { [unowned self] in logFailed($0) }
    opened.onOutOfSpace = { [unowned self, unowned opened] in
      reactor.after(milliseconds: Self.spaceRetryMilliseconds) { opened.retrySpare() }
    }
    log = opened
    checkpointer = Checkpointer(
      shard: self, log: opened, directory: checkpoints, logBytesMax: settings.checkpointLogBytes)
    durability = settings.durability
    relaxedMilliseconds = settings.relaxedMilliseconds
    // The reactor keeps its shard, also where the others' recovery fails and nobody else does.
    reactor.onTurnEnd { [self] in flush(opened) }
  }

  /// Returns the tablets that have one.
  private func loadCheckpoints(_ directory: String) throws(WALError) -> [TabletID] {
    let reader = try CheckpointReader(fileSystem: reactor.fileSystem, directory: directory)
    let found = try reader.tablets()
    for id in found {
      guard layout.shard(of: id) == self.id else {
        throw .badCheckpoint(
          file: directory, reason: "tablet \(id) does not belong to shard \(self.id)")
      }
      let none = ReplicaIdentity(
        id: ReplicaID(rawValue: 0), configuration: RaftConfiguration(voters: []))
      let tablet = tablets[id] ?? makeTablet(id, none)
      tablets[id] = tablet
      tablet.checkpointIndex = try tablet.load(from: reader)
    }
    return found
  }

  /// Takes a checkpoint of every tablet here and cuts the log; true when all succeeded. Their writes
  /// go on meanwhile.
  public func checkpoint() async -> Bool {
    guard let checkpointer else { return false }
    let reply = Reply<Bool>()
    checkpointer.take(tablets.keys.sorted()) { reply.fulfill($0) }
    return await reply.get()
  }

  private func replay(_ record: LogRecord, _ directory: String) throws(WALError) {
    guard layout.shard(of: record.tablet) == id else {
      throw .badSegment(
        file: directory, reason: "tablet \(record.tablet) does not belong to shard \(id)")
    }
    switch record {
    case .replica(let tablet, let replica): return try recovered(tablet, replica: replica)
    case .entry, .configuration, .hardState, .truncated, .installed: break
    }
    // Of a replica that is gone, or an earlier one's.
    guard let tablet = tablets[record.tablet] else { return }
    do throws(DecodingFault) {
      switch record {
      case .entry(_, let index, let term, let payload):
        try replay(tablet, index, term, payload, isConfiguration: false)
      case .configuration(_, let index, let term, let payload):
        try replay(tablet, index, term, payload, isConfiguration: true)
      case .hardState(_, let term, let vote): tablet.replication.recovered(term: term, vote: vote)
      case .installed(_, let index): tablet.replication.recovered(installed: index)
      case .truncated(_, let index): tablet.replication.recovered(truncatedFrom: index)
      case .replica: break
      }
    } catch {
      if case .malformed(Self.gap) = error {
        throw .missingEntries(
          tablet: tablet.id.rawValue, after: tablet.replication.lastIndex.rawValue,
          found: tablet.gapIndex.rawValue)
      }
      throw .badSegment(file: directory, reason: "tablet \(tablet.id): \(error)")
    }
  }

  private static let gap = "a gap"

  private func replay(
    _ tablet: Tablet, _ index: LogIndex, _ term: Term, _ payload: [UInt8], isConfiguration: Bool
  ) throws(DecodingFault) {
    guard tablet.replication.accepts(index) else { return }
    let next = tablet.replication.lastIndex.next
    guard index == next || (index < next && !tablet.replication.isRecoveredAlone) else {
      tablet.gapIndex = index
      throw .malformed(Self.gap)
    }
    if !tablet.replication.isRecoveredAlone {
      try tablet.replay(
        pending: index, term: term, payload: payload, isConfiguration: isConfiguration)
    } else if isConfiguration {
      try tablet.replay(configuration: payload, index: index, term: term)
    } else {
      try tablet.replay(index: index, term: term, payload: payload)
    }
  }

  /// The log says which replica of the tablet is here; of another one nothing is left.
  private func recovered(_ id: TabletID, replica: UInt64) throws(WALError) {
    let none = RaftConfiguration(voters: [])
    if let found = tablets[id]?.replication {
      if found.takes(replica: ReplicaID(rawValue: replica)) { return }
      tablets[id]?.changes.close()
      tablets[id] = nil
    }
    if replica == 0 { return }
    let made = makeTablet(
      id, ReplicaIdentity(id: ReplicaID(rawValue: replica), configuration: none))
    try made.changes.open()
    tablets[id] = made
  }

  func makeTablet(_ id: TabletID, _ identity: ReplicaIdentity) -> Tablet {
    Tablet(
      id: id, shard: self, store: Store(memory: memory),
      replication: Replication(tablet: id, shard: self, identity: identity))
  }

  /// Copies the record into the log's next batch, which is written when somebody wants that, when it
  /// is large, or a while later.
  func appendToLog(_ record: LogRecord) {
    openLog.append(record)
    guard !isFlushTimerSet else { return }
    isFlushTimerSet = true
    reactor.after(milliseconds: relaxedMilliseconds) { [unowned self] in
      isFlushTimerSet = false
      isFlushWanted = true
    }
  }

  private var openLog: ShardLog {
    guard let log else { fatalError("invariant: an append before recovery") }
    return log
  }

  /// The group hears when what has been appended so far is durable.
  func tellDurable(_ group: Replication, _ mark: RaftWriteMark) {
    appended.append((openLog.appended, group, mark))
  }

  /// The group's `carryOut` runs at the turn's end.
  func carryOutLater(_ group: Replication) { pendingGroups.append(group) }

  /// This turn's end writes what has gathered.
  func wantFlush() { isFlushWanted = true }

  /// Somebody waits for what the next batch has.
  func waitForFlush() {
    isFlushWanted = true
    flushGate.wait()
  }

  private static let spaceRetryMilliseconds = 500

  /// Why writes are refused while the disk has no room for what they would add to the log.
  var outOfSpace: SQLError? {
    guard let log, log.isOutOfSpace else { return nil }
    return SQLError(
      .diskFull, "could not extend the log of shard \(id): no space left on device",
      hint: "Free disk space; writes go on by themselves then.")
  }

  /// Gathered entries are not kept longer than this.
  private static let pendingBytesMax = 1 << 20

  /// The end of a turn: groups hand their entries to the log, and one write takes them all.
  private func flush(_ log: ShardLog) {
    while !pendingGroups.isEmpty {
      let groups = pendingGroups
      pendingGroups.removeAll(keepingCapacity: true)
      for group in groups { group.carryOut() }
    }
    let isMuch = log.pendingBytes > Self.pendingBytesMax
    // What is being written is followed by the next batch when it ends.
    guard isFlushWanted || isMuch, !log.isWriting else { return }
    let now = reactor.monotonicNanoseconds()
    // Other nodes do not wait for this one's clients.
    if isAlone, !isMuch {
      let delay = flushGate.delay(now)
      if delay > 0 { return flushLater(delay) }
    }
    isFlushWanted = false
    flushGate.begins(now)
    log.flush()
  }

  private func flushLater(_ nanoseconds: UInt64) {
    guard !isGateTimerSet else { return }
    isGateTimerSet = true
    // The turn's end flushes.
    reactor.after(nanoseconds: nanoseconds) { [unowned self] in isGateTimerSet = false }
  }

  /// Runs `body` when the log is durable up to the position.
  func whenDurable(_ position: LogPosition, _ body: @escaping () -> Void) {
    durableWaiters.append((position, body))
  }

  private func becameDurable(_ position: LogPosition, _ log: ShardLog) {
    while let first = durableWaiters.first, first.position <= position {
      durableWaiters.removeFirst()
      first.body()
    }
    let ready = appended.prefix { $0.position <= position }
    appended.removeFirst(ready.count)
    for entry in ready { entry.group.durable(entry.mark) }
    flushGate.ended(reactor.monotonicNanoseconds())
    flush(log)
    checkpointer?.consider()
  }

  /// Writes are refused from now on; reads of what has committed go on.
  private func logFailed(_ error: WALError) {
    let text = "the log of shard \(id) cannot be written: \(error)"
    let failure: KernelError = error.isDiskFull ? .diskFull(text) : .storageFailed(text)
    for tablet in tablets.keys.sorted() { hosted(tablet).replication.fail(failure) }
  }
}

// MARK: - Catalog

extension NodeShard {
  /// Group 0's shard: from now on changes are made known; the catalog is about to be read whole, and
  /// what recovery settled is part of that.
  func watchCatalog() {
    hosted(.catalog).onApply = { [unowned self] in publishCatalog($0, $1) }
  }

  /// Group 0's shard: a change was appended or applied; every shard hears of it once it has committed.
  private func publishCatalog(_ writes: [WriteRecord], _ index: LogIndex) {
    guard writes.contains(where: { $0.space == CatalogRows.state }) else { return }
    hosted(.catalog).replication.whenCommitted(index) { [self] result in
      guard case .yes = result, let version = CatalogRows.version(in: writes) else { return }
      if version <= catalog.version { return }
      if version == catalog.version + 1, let next = CatalogRows.apply(writes, to: catalog) {
        broadcastCatalog(next)
      } else {
        // What came before is in a snapshot of the group.
        readCatalog()
      }
    }
  }

  func broadcastCatalog(_ next: CatalogSnapshot) {
    adoptCatalog(next)
    for shard in 0..<layout.shardCount where shard != Int(id.rawValue) {
      peers[ShardID(rawValue: UInt16(shard))].post { $0.adoptCatalog(next) }
    }
  }

  private func adoptCatalog(_ next: CatalogSnapshot) {
    guard next.version > catalog.version else { return }
    catalog = next
    streams = next.streams.merging(streamsOfTests) { own, _ in own }
    catalogSince = nextTimestamp()
    catalogHistory.add(next)
    if let tablets = next.tabletMap, tablets.version > map.version { map = TabletMap(tablets) }
    cluster?.catalogChanged()
    watchSplits()
    for body in catalogWaiters.take(upTo: next.version) { body(true) }
  }

  /// Runs `body` when this shard has the catalog's version.
  func whenCatalog(_ version: UInt64, _ body: @escaping () -> Void) {
    if catalog.version >= version { return body() }
    catalogWaiters.add(version) { _ in body() }
  }

  /// Runs `body` with true when this shard has the catalog's version, with false if it has not come in time.
  func whenCatalog(
    _ version: UInt64, withinMilliseconds patience: Int, _ body: @escaping (Bool) -> Void
  ) {
    if catalog.version >= version { return body(true) }
    let number = catalogWaiters.add(version, body)
    reactor.after(milliseconds: patience) { [self] in catalogWaiters.take(number)?(false) }
  }

  /// Returns when every shard that can be reached has the version: statements that begin later see
  /// it. A node that others keep from hearing of it is not waited for without end.
  func catalogIsEverywhere(_ version: UInt64) async {
    let reply = Reply<Void>()
    var isAnswered = false
    let answer = {
      if !isAnswered { reply.fulfill(()) }
      isAnswered = true
    }
    let limit = reactor.after(milliseconds: Self.catalogPatienceMilliseconds, answer)
    ask(places, AwaitCatalog(version: version)) { _ in answer() }
    await reply.get()
    reactor.cancel(limit)
  }

  private static let catalogPatienceMilliseconds = 5_000
}

// MARK: - Waiting and deadlocks

extension NodeShard {
  /// A call has begun to wait: group 0's leader hears of the waits until there are none.
  func noteWaiting() {
    guard !isWatchingWaits else { return }
    isWatchingWaits = true
    reactor.after(milliseconds: Deadlocks.intervalMilliseconds) { [unowned self] in reportWaits() }
  }

  private func reportWaits() {
    isWatchingWaits = false
    var edges: [WaitEdge] = []
    for id in tablets.keys.sorted() {
      for call in hosted(id).waiting {
        edges += call.blockers.map { WaitEdge(waiter: call.transaction, blocker: $0) }
      }
    }
    edges += gates.edges
    let waits = edges
    let watcher = ShardPlace(
      node: leaders[.catalog]?.node ?? nodeID, shard: ShardID(rawValue: 0))
    tell([watcher], ReportWaits(shard: id, edges: waits))
    if !edges.isEmpty { noteWaiting() }
  }

  func updateDeadlocks(_ place: ShardPlace, _ waits: [WaitEdge]) {
    guard let victim = deadlocks.update(place, waits) else { return }
    tell(places, BreakDeadlock(victim: victim))
  }

  /// Nodes that are gone wait for nobody.
  func deadlocksForgetLost() {
    guard let cluster else { return }
    for node in cluster.others where !cluster.isConnected(to: node) { deadlocks.forget(node) }
  }

  func breakDeadlock(_ victim: TransactionID) {
    for tablet in tablets.keys.sorted() {
      hosted(tablet).failWaiting(victim, .deadlock("deadlock detected"))
    }
    failGate(victim, .deadlock("deadlock detected"))
  }
}
