import Base
import Raft
import Reactor
import Storage

@testable import Node

/// Three nodes with a replica of every tablet each, under single-tablet work, while nodes crash, clocks
/// jump, disks are slow, and messages between replicas are lost, late, repeated and cut off. Everything
/// follows from the seed. Lives on: the thread that runs it.
///
/// `@unchecked Sendable`: the nodes' callbacks run on the world's thread, which is this one.
final class GroupSimulation: @unchecked Sendable {
  static let nodes = 1...3
  private static let tablets = 2
  private static let keys = 6

  private(set) var faults: [String] = []
  private(set) var coverage = GroupCoverage()
  private(set) var trace = Trace()
  private let world: SimulatedWorld
  private var random: Xoshiro256
  private let plantedBug: PlantedBug?
  private let hasDrift: Bool
  private var shards: [Int: NodeShard] = [:]
  /// Rises with each start of a node: what was sent to an earlier life is not delivered.
  private var lives: [Int: Int] = [:]
  private var cuts: Set<[Int]> = []
  private var lossPerMille: UInt64 = 0
  private var history = CounterHistory()
  private var underWay = 0

  init(seed: UInt64, plantedBug: PlantedBug? = nil) {
    world = SimulatedWorld(seed: seed)
    random = Xoshiro256(seed: seed &+ 0x61_70)
    self.plantedBug = plantedBug
    hasDrift = seed % 2 == 0
    if hasDrift { drift() }
  }

  /// Some nodes' time runs fast, others' slow, by what leases have to bear: 8 ticks against 9 and a part.
  private func drift() {
    for node in Self.nodes {
      world.setTimerDrift(id(node), partsPerThousand: random.next() % 2 == 0 ? 50 : -50)
    }
  }

  var answered: Int { history.count { if case .value = $0.outcome { true } else { false } } }
  var unknown: Int { history.count { $0.outcome == .unknown } }
  var fingerprint: [UInt64] { [world.fingerprint, trace.hash] }

  /// Nil: every promise was kept.
  func run() -> String? {
    for node in Self.nodes { start(node) }
    if !awaitLeaders() { return "no leaders at the start" }
    for _ in 0..<12 {
      disturb()
      work(milliseconds: draw(100...900))
      if !faults.isEmpty { return faults[0] }
    }
    heal()
    if !awaitLeaders() { return "no leaders after healing: \(states)" }
    work(milliseconds: 200)
    if !world.run(atMostMilliseconds: 20_000, until: { underWay == 0 }) {
      return "\(underWay) calls do not end"
    }
    if !world.run(atMostMilliseconds: 20_000, until: { isLevel }) {
      return "replicas stay apart: \(states)"
    }
    compareReplicas()
    faults += history.check()
    return faults.first
  }

  // MARK: Nodes

  private func start(_ node: Int) {
    var settings = NodeSettings(
      dataDirectory: "/data", shardCount: 1, memoryLimitBytes: 1 << 30, randomSeed: 1)
    settings.tabletCount = Self.tablets
    settings.segmentBytes = 1 << 20
    settings.plantedBug = plantedBug
    settings.identity = ReplicaIdentity(
      id: ReplicaID(rawValue: UInt64(node)),
      configuration: RaftConfiguration(voters: Self.nodes.map { ReplicaID(rawValue: UInt64($0)) }))
    let life = (lives[node] ?? 0) + 1
    lives[node] = life
    var reactors: [any Reactor] = []
    world.start(id(node)) { reactor, _ in reactors.append(reactor) }
    Node.start(
      settings, on: reactors,
      onFailure: { [self] in faults.append("node \(node) does not start: \($0)") },
      onReady: { [self] shard in
        shard.replicaTransport = { [self] tablet, message in send(message, tablet, from: node) }
        shards[node] = shard
        trace.note("\(world.now) node \(node) life \(life)")
      })
  }

  private func crash(_ node: Int) {
    guard world.isRunning(id(node)) else { return }
    coverage.crashes += 1
    shards[node] = nil
    world.crash(id(node), powerLoss: random.next() % 4 != 0)
    trace.note("\(world.now) node \(node) crashes")
  }

  private func id(_ node: Int) -> NodeID { NodeID(rawValue: UInt32(node)) }

  private func send(_ message: RaftMessage, _ tablet: TabletID, from node: Int) {
    let target = Int(message.to.rawValue)
    coverage.messages += 1
    var out = ByteWriter()
    message.encode(into: &out)
    let copies = random.next() % 1_000 < 5 ? 2 : 1
    for _ in 0..<copies {
      if random.next() % 1_000 < lossPerMille { continue }
      let slow: UInt64 = random.next() % 100 == 0 ? 40 : 1
      let life = lives[target]
      world.after(nanoseconds: draw(50_000...500_000) * slow) { [self] in
        guard lives[target] == life, !cuts.contains([node, target]), let shard = shards[target]
        else { return }
        deliver(out.bytes, tablet, to: shard)
      }
    }
  }

  private func deliver(_ bytes: [UInt8], _ tablet: TabletID, to shard: NodeShard) {
    let target = ShardBound(shard)
    shard.reactor.handle.post { [self] _ in
      bytes.withUnsafeBytes { buffer in
        var reader = ByteReader(buffer)
        do throws(DecodingFault) {
          target.value.hosted(tablet).replication.receive(try RaftMessage(from: &reader))
        } catch {
          faults.append("a message does not come back: \(error)")
        }
      }
    }
  }

  // MARK: Faults

  private func disturb() {
    let node = Int(draw(1...3))
    let other = node % 3 + 1
    switch random.next() % 15 {
    case 0, 1: crash(node)
    case 2:
      crash(node)
      crash(other)
    case 3: cuts = [[node, other], [other, node]]
    case 4: cuts = [[node, other]]
    case 5, 10, 11:
      // One alone, in both directions.
      cuts = Set(Self.nodes.filter { $0 != node }.flatMap { [[node, $0], [$0, node]] })
    case 6: lossPerMille = draw(0...200)
    case 7:
      world.setClock(
        id(node), aheadNanoseconds: Int64.random(in: -200_000_000...200_000_000, using: &random))
    case 8: world.disk(of: id(node)).faults.slowness = draw(2...50)
    case 12: if hasDrift { drift() }
    case 13: transferAndCut()
    default: heal()
    }
    for node in Self.nodes where !world.isRunning(id(node)) && random.next() % 2 == 0 {
      start(node)
    }
  }

  /// A leader lets another replica campaign, and is cut off when that has heard of it.
  private func transferAndCut() {
    for (node, shard) in shards.sorted(by: { $0.key < $1.key }) {
      let group = shard.hosted(TabletID(rawValue: UInt64(draw(1...Self.tablets)))).replication
      guard group.isServing else { continue }
      let heir = node % 3 + 1
      group.transferLeadership(to: ReplicaID(rawValue: UInt64(heir)))
      coverage.transfers += 1
      world.after(nanoseconds: 600_000) { [self] in
        cuts = Set(Self.nodes.filter { $0 != node }.flatMap { [[node, $0], [$0, node]] })
      }
      return
    }
  }

  private func heal() {
    cuts = []
    lossPerMille = 0
    for node in Self.nodes {
      world.disk(of: id(node)).faults.slowness = 1
      if !world.isRunning(id(node)) { start(node) }
    }
  }

  // MARK: Work

  private func work(milliseconds: UInt64) {
    let end = world.now + milliseconds * 1_000_000
    while world.now < end && faults.isEmpty {
      if underWay < 40, let shard = shards[Int(draw(1...3))] { call(shard) }
      world.run(until: world.now + draw(200_000...2_000_000))
    }
  }

  private func call(_ shard: NodeShard) {
    let key = Int(draw(0...UInt64(Self.keys - 1)))
    let tablet = shard.tablet(of: bucket(key))
    // Clients find the leader; now and then they ask another node.
    if !shard.hosted(tablet).replication.isServing && random.next() % 8 != 0 { return }
    let kind = [0, 0, 0, 1, 2, 2][Int(random.next() % 6)]
    let life = lives.values.reduce(0, +)
    let origin = shards.first { $0.value === shard }?.key ?? 0
    let operation = history.begin(key, isRead: kind == 0, at: world.now)
    underWay += 1
    shard.reactor.spawn { [self] in
      let outcome: CounterHistory.Outcome
      do throws(KernelError) {
        outcome = .value(try await perform(kind, key, shard))
      } catch {
        outcome = isUnknown(error) ? .unknown : .failed
        if case .leaderChanged = error { coverage.refusals += 1 }
      }
      underWay -= 1
      history.end(operation, outcome, at: world.now)
      trace.note(
        "\(world.now) \(kind) \(key) \(outcome) node \(origin) "
          + "term \(shard.hosted(tablet).replication.term)")
    }
    // What a crashed node was doing never answers.
    world.after(nanoseconds: 10_000_000_000) { [self] in
      if history.isRunning(operation) && lives.values.reduce(0, +) != life { underWay -= 1 }
    }
  }

  private func perform(_ kind: Int, _ key: Int, _ shard: NodeShard) async throws(KernelError)
    -> Int
  {
    switch kind {
    case 0:
      let transaction = shard.begin(isolation: .readCommitted)
      let found = try await transaction.callAndCommit(ReadCounter(key: key), bucket: bucket(key))
      return found
    case 1:
      let transaction = shard.begin(isolation: .readCommitted)
      do throws(KernelError) {
        let made = try await transaction.call(AddOne(key: key), bucket: bucket(key))
        // Long enough for another leader to come and go.
        await shard.reactor.sleep(milliseconds: Int(draw(1...800)))
        try await transaction.commit()
        return made
      } catch {
        await transaction.rollback()
        throw error
      }
    default:
      let transaction = shard.begin(isolation: .readCommitted)
      return try await transaction.callAndCommit(AddOne(key: key), bucket: bucket(key))
    }
  }

  private func isUnknown(_ error: KernelError) -> Bool {
    if case .unknownOutcome = error { true } else { false }
  }

  private func bucket(_ key: Int) -> Bucket {
    Bucket(slot: UInt16(key % Self.tablets * (Bucket.count / Self.tablets) + key))
  }

  // MARK: What must hold at the end

  private func awaitLeaders() -> Bool {
    world.run(atMostMilliseconds: 30_000) {
      shards.count == 3
        && (1...Self.tablets).allSatisfy { number in
          shards.values.contains {
            $0.hosted(TabletID(rawValue: UInt64(number))).replication.isServing
          }
        }
    }
  }

  private var isLevel: Bool {
    (1...Self.tablets).allSatisfy { number in
      let groups = shards.values.map { $0.hosted(TabletID(rawValue: UInt64(number))).replication }
      guard let leader = groups.first(where: \.isServing) else { return false }
      return groups.allSatisfy { $0.commitIndex == leader.lastIndex }
    }
  }

  private var states: [String] {
    (1...Self.tablets).flatMap { number in
      Self.nodes.map { node in
        guard let shard = shards[node] else { return "node \(node) is down" }
        let group = shard.hosted(TabletID(rawValue: UInt64(number))).replication
        return "\(number)@\(node): \(group.core.role) term \(group.term) "
          + "commit \(group.commitIndex) last \(group.lastIndex) \(group.core.progressText)"
          + (group.failure.map { " failed: \($0)" } ?? "")
      }
    }
  }

  private func compareReplicas() {
    for number in 1...Self.tablets {
      let tablet = TabletID(rawValue: UInt64(number))
      let images = Self.nodes.map { node in shards[node].map { image($0.hosted(tablet)) } ?? [] }
      for node in 2...3 where images[node - 1] != images[0] {
        faults.append("tablet \(number) differs on nodes 1 and \(node)")
      }
    }
  }

  private func image(_ tablet: Tablet) -> [[UInt8]] {
    var rows: [[UInt8]] = []
    tablet.store.scan(
      AddOne.space, from: .unbounded, to: .unbounded, reverse: false, at: .distantFuture,
      reader: TransactionID(rawValue: 0)
    ) { key, found in
      var out = ByteWriter()
      out.blob(Array(key))
      out.integer(found.timestamp.rawValue)
      out.integer(found.logIndex.rawValue)
      out.blob(found.value.map { Array($0) } ?? [])
      rows.append(out.bytes)
      return .next
    }
    return rows
  }

  private func draw(_ range: ClosedRange<UInt64>) -> UInt64 {
    UInt64.random(in: range, using: &random)
  }
  private func draw(_ range: ClosedRange<Int>) -> UInt64 {
    UInt64(Int.random(in: range, using: &random))
  }
}

struct GroupCoverage {
  var crashes = 0
  var messages = 0
  var transfers = 0
  /// Calls that were sent to a node that does not lead.
  var refusals = 0

  mutating func add(_ other: GroupCoverage) {
    crashes += other.crashes
    messages += other.messages
    transfers += other.transfers
    refusals += other.refusals
  }
}

struct ReadCounter: Procedure, WireDescriptor {
  static let name = "simulation.readCounter"
  let key: Int

  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> Int {
    let found = try transaction.get(AddOne.space, [UInt8(key)])
    return found.map { $0.withUnsafeBytes { $0.loadUnaligned(as: Int.self) } } ?? 0
  }
}

/// Returns the new value.
struct AddOne: Procedure, WireDescriptor {
  static let name = "simulation.addOne"
  static let space = KeyspaceID(rawValue: 7_000)
  let key: Int

  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> Int {
    let value = try ReadCounter(key: key).run(transaction) + 1
    try transaction.put(Self.space, [UInt8(key)], withUnsafeBytes(of: value) { Array($0) })
    return value
  }
}
