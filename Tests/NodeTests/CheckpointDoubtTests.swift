import Base
import Catalog
import Reactor
import Storage
import Synchronization
import Testing
import Types
import WAL

@testable import Node

/// What two-phase commit has under way lives through checkpoints.
@Suite struct CheckpointDoubtTests {
  /// Two keys whose tablets differ.
  private static let decided = 1
  private static let other = 30

  /// Writes both keys in one transaction and prepares the second one's tablet.
  private static func prepare(_ shard: NodeShard) async -> (Transaction, Promise) {
    let transaction = shard.begin(isolation: .serializable)
    let participant = shard.tablet(of: bucket(other))
    let decider = shard.tablet(of: bucket(decided))
    #expect(participant != decider)
    await #expect(throws: Never.self) {
      _ = try await transaction.call(Put(key: decided, value: 10), bucket: bucket(decided))
      _ = try await transaction.call(Add(key: other, amount: 20), bucket: bucket(other))
    }
    let outcome = shard.hosted(participant).prepare(
      transaction.id, decider: decider, isolation: .serializable, snapshot: transaction.snapshot)
    // The coordinator is never heard of again.
    shard.forget(transaction)
    guard case .success(let promise) = outcome else {
      Issue.record("not prepared")
      let nowhere = LogPlace(index: .zero, term: .zero)
      return (transaction, Promise(timestamp: .zero, place: nowhere))
    }
    return (transaction, promise)
  }

  enum End: CaseIterable {
    case noDecision, decisionInLog, decisionInCheckpoint, resolvedInLog, promiseLost
  }

  @Test(arguments: End.allCases)
  func `prepared before the checkpoint, ended after the restart`(end: End) async {
    let harness = NodeHarness(shards: 1, tablets: 8)
    let node = harness.start()
    await node.session(on: 0) { shard in
      await shard.put(Self.decided, 1)
      await shard.put(Self.other, 2)
      let (transaction, promise) = await Self.prepare(shard)
      let participant = shard.tablet(of: bucket(Self.other))
      let decider = shard.hosted(shard.tablet(of: bucket(Self.decided)))
      if end == .decisionInCheckpoint {
        await Self.propose(decider, transaction, promise, participant)
      }
      let isTaken = await shard.checkpoint()
      #expect(isTaken)
      switch end {
      case .noDecision, .decisionInCheckpoint: break
      case .decisionInLog: await Self.propose(decider, transaction, promise, participant)
      case .promiseLost:
        var lost = promise
        lost.place.term = lost.place.term.next
        await Self.propose(decider, transaction, lost, participant)
      case .resolvedInLog:
        let reply = Reply<Tablet.Outcome>()
        decider.decide(
          transaction.id, participants: [Participant(tablet: participant, place: promise.place)],
          floor: promise.timestamp, isolation: .serializable, snapshot: transaction.snapshot
        ) { reply.fulfill($0) }
        guard case .success = await reply.get() else {
          Issue.record("not decided")
          return
        }
        // The participant hears of it behind the decision.
        while shard.hosted(participant).open[transaction.id] != nil {
          await shard.reactor.sleep(milliseconds: 1)
        }
        await shard.put(3, 3)
      }
    }
    node.kill()
    for _ in 0..<2 {
      let next = harness.start()
      await next.session(on: 0) { shard in
        let first = await shard.value(Self.decided)
        let second = await shard.value(Self.other)
        let isAborted = end == .noDecision || end == .promiseLost
        #expect(first == (isAborted ? 1 : 10))
        #expect(second == (isAborted ? 2 : 22))
        // Nothing holds the keys any more.
        #expect(shard.hosted(shard.tablet(of: bucket(Self.other))).open.isEmpty)
        #expect(shard.hosted(shard.tablet(of: bucket(Self.decided))).open.isEmpty)
        let isTaken = await shard.checkpoint()
        #expect(isTaken)
      }
      next.kill()
    }
  }

  /// The decision is durable, and the node stops before anybody hears of it.
  private static func propose(
    _ decider: Tablet, _ transaction: Transaction, _ promise: Promise, _ participant: TabletID
  ) async {
    let proposed = decider.propose(
      transaction.id, participants: [Participant(tablet: participant, place: promise.place)],
      floor: promise.timestamp, isolation: .serializable, snapshot: transaction.snapshot)
    guard case .success = proposed else {
      Issue.record("not proposed")
      return
    }
    let reply = Reply<Bool>()
    decider.replication.whenCommitted(decider.replication.lastIndex) { result in
      if case .yes = result { reply.fulfill(true) } else { reply.fulfill(false) }
    }
    let isDurable = await reply.get()
    #expect(isDurable)
  }

  @Test func `a prepared transaction's locks and ranges hold after the checkpoint is loaded`()
    async
    throws
  {
    let harness = NodeHarness(shards: 1, tablets: 8)
    let node = harness.start()
    let transaction = Shared(TransactionID(rawValue: 0))
    let record = Shared<[PrepareRecord]>([])
    await node.session(on: 0) { shard in
      await shard.put(Self.other, 2)
      let (made, _) = await Self.prepare(shard)
      transaction.withLock { $0 = made.id }
      let tablet = shard.hosted(shard.tablet(of: bucket(Self.other)))
      let prepared = tablet.open[made.id]?.prepared.map { [$0] } ?? []
      record.withLock { $0 = prepared }
      let isTaken = await shard.checkpoint()
      #expect(isTaken)
    }
    // Loaded into a shard of its own, before anything is settled.
    await node.session(on: 0) { shard in
      let id = shard.tablet(of: bucket(Self.other))
      let copy = Tablet(
        id: id, shard: shard, store: Store(memory: MemoryAccount()),
        replication: Replication(tablet: id, shard: shard))
      do throws(WALError) {
        let reader = try CheckpointReader(
          fileSystem: shard.reactor.fileSystem,
          directory: harness.directory + "/shard-0/checkpoints")
        let index = try copy.load(from: reader)
        #expect(index == shard.hosted(id).replication.lastIndex)
        #expect(throws: Never.self) { try copy.beginLeading() }
      } catch {
        Issue.record("\(error)")
      }
      let key = transaction.withLock { $0 }
      #expect(copy.open[key]?.prepared == record.withLock { $0 }.first)
      #expect(copy.protectedRanges.count == record.withLock { $0 }.first?.ranges.count)
      #expect(copy.protectedRanges.count > 0)
      let found = copy.newestVersion(space, keyBytes(Self.other))
      let original = shard.hosted(id).newestVersion(space, keyBytes(Self.other))
      #expect(found?.timestamp == original?.timestamp && found?.index == original?.index)
    }
    node.kill()
  }

  @Test func `the catalog lives in its checkpoint`() async {
    let harness = NodeHarness(shards: 2)
    let node = harness.start()
    await node.session(on: 0) { shard in
      let transaction = shard.begin(isolation: .readCommitted)
      await #expect(throws: Never.self) {
        try await transaction.changeCatalog { (catalog) throws(SQLError) in
          guard var role = catalog.role(named: "quatrain") else { return }
          role.comment = "kept"
          catalog.put(.role(role))
        }
        try await transaction.commit()
      }
      let isTaken = await shard.checkpoint()
      #expect(isTaken)
    }
    node.kill()
    let next = harness.start()
    await next.session(on: 1) { shard in
      #expect(shard.catalog.role(named: "quatrain")?.comment == "kept")
    }
    next.kill()
  }
}
