import Base
import Catalog
import Raft
import Reactor
import Storage
import Types

@testable import Node

/// What one seed's cluster is like.
struct ClusterSimulationOptions {
  var nodes = 3
  var rounds = 5
  var plantedBug: PlantedBug?
  /// Tablets are split now and then.
  var splits = false
  /// The last node starts with a clock that is off by so much.
  var wrongClockNanoseconds: Int64 = 0

  init(seed: UInt64) {
    nodes = seed % 5 == 0 ? 5 : 3
  }
}

/// A whole cluster in one thread: nodes that join one another over the simulated network, under the
/// workload of `Session`, while nodes crash and come back, links are cut, disks are slow and clocks jump.
/// Everything follows from the seed. Lives on: the thread that runs it.
///
/// `@unchecked Sendable`: the nodes' callbacks run on the world's thread, which is this one.
final class ClusterSimulation: Workplace, @unchecked Sendable {
  var options: NodeSimulationOptions
  let cluster: ClusterSimulationOptions
  let bankTotal: Int
  var coverage = Coverage()
  private(set) var faultsMet = ClusterCoverage()
  private(set) var faults: [String] = []
  private(set) var isStopping = false
  private(set) var trace = Trace()

  private static let firstAmount = 1_000
  private static let port = 4_400
  /// The log is cut often.
  private let segmentsAreSmall: Bool
  private let world: SimulatedWorld
  private var random: Xoshiro256
  private var shards: [NodeID: [NodeShard]] = [:]
  private var attempts: [Attempt] = []
  private var order = 0
  /// Sessions under way, by the life of their node.
  private var sessions: [NodeID: Int] = [:]
  private var members: [NodeID] = []
  private var lives: [NodeID: Int] = [:]
  private var places: [NodeSessions] = []

  init(seed: UInt64, options cluster: ClusterSimulationOptions) {
    self.cluster = cluster
    segmentsAreSmall = seed % 4 < 2
    var options = NodeSimulationOptions(seed: seed)
    options.shards = Int(seed % 2) + 1
    options.tablets = 4
    options.sessions = 4
    options.durability = .sync
    self.options = options
    var world = SimulationOptions()
    world.brokenDeliveriesPerMille = seed % 3 == 0 ? 1 : 0
    self.world = SimulatedWorld(seed: seed, options: world)
    random = Xoshiro256(seed: seed &+ 0xC1_05)
    bankTotal = options.tablets * 2 * Self.firstAmount
    attempts = [Attempt(id: 0, kind: "setup", isolation: .readCommitted, began: 0)]
    attempts[0].outcome = .committed
  }

  var fingerprint: [UInt64] { [world.fingerprint, trace.hash] }
  var lastEvents: [String] { trace.lines.suffix(40) }

  /// Nil: every promise was kept.
  func run() -> String? {
    live()
    coverage.splits = max(0, allTablets.count - 1 - options.tablets)
    for attempt in attempts.dropFirst() where attempt.outcome == .committed {
      coverage.commits += 1
      if attempt.places.count > 1 { coverage.twoPhaseCommits += 1 }
      if attempt.isolation == .serializable { coverage.serializableCommits += 1 }
    }
    return faults.first
  }

  private func live() {
    for number in 1...cluster.nodes {
      let node = NodeID(rawValue: UInt32(number))
      members.append(node)
      start(node)
      // Else they ask to join while the first one begins.
      let isAwaited = number == 1 && (random.next() % 2 == 0)
      if isAwaited && !awaitReady([node]) { return fault("the first node does not get ready") }
    }
    guard awaitReady(members) else { return fault("nodes do not join: \(readyNodes)") }
    makeCells()
    guard awaitReplicas() else { return fault("replicas do not come: \(placement)") }
    // Reads that may be old are to find the cells.
    world.run(until: world.now + UInt64(Session.stalenessMilliseconds) * 1_000_000)
    if cluster.wrongClockNanoseconds != 0 { return liveWithWrongClock() }
    for _ in 0..<cluster.rounds {
      startSessions()
      for _ in 0..<Int(draw(1...4)) {
        disturb()
        world.run(until: world.now + draw(50_000_000...900_000_000))
        if !faults.isEmpty { return }
      }
      heal()
      isStopping = true
      let hasEnded = world.run(atMostMilliseconds: 60_000) { sessions.values.reduce(0, +) == 0 }
      if !hasEnded {
        return fault("sessions do not end: \(stuck), \(groups)")
      }
      isStopping = false
      guard awaitReplicas() else { return fault("replicas do not come back: \(placement)") }
      verify()
      if !faults.isEmpty { return }
    }
    if !world.run(atMostMilliseconds: 20_000, until: { isLevel }) {
      return fault("replicas stay apart: \(groups)")
    }
    compareReplicas()
    var graph = SerializationGraph(attempts)
    if let circle = graph.fault() { fault(circle) }
  }

  /// The node leads nothing and refuses work, the others go on; with its clock set it takes part again.
  private func liveWithWrongClock() {
    let node = members[members.count - 1]
    crash(node)
    world.setClock(node, aheadNanoseconds: cluster.wrongClockNanoseconds)
    start(node)
    world.run(until: world.now + 6_000_000_000)
    let wrong = shards[node] ?? []
    if wrong.isEmpty || !wrong.allSatisfy(\.isClockWrong) {
      fault("a clock that is \(cluster.wrongClockNanoseconds) ns off is taken for right")
    }
    for shard in wrong {
      for id in shard.tabletIDs where shard.hosted(id).replication.core.role == .leader {
        fault("\(id) is led by a node with a wrong clock")
      }
    }
    for other in members.dropLast() where shards[other]?.contains(where: \.isClockWrong) == true {
      fault("node \(other) takes its clock for wrong")
    }
    crash(node)
    world.setClock(node, aheadNanoseconds: 0)
    start(node)
    guard awaitReady(members), awaitReplicas() else {
      return fault("the node does not come back: \(placement)")
    }
    verify()
  }

  // MARK: Nodes

  private func start(_ node: NodeID) {
    var settings = NodeSettings(
      dataDirectory: "/data", shardCount: options.shards, memoryLimitBytes: 1 << 30,
      randomSeed: 1)
    settings.tabletCount = options.tablets
    settings.segmentBytes = (segmentsAreSmall ? 128 : 256) << 10
    settings.checkpointLogBytes = (segmentsAreSmall ? 100 : 400) << 10
    settings.plantedBug = cluster.plantedBug
    settings.bucketReader = { [tablets = options.tablets] in PlaceBuckets($0, places: tablets) }
    settings.procedures = [
      Change.self, MakeCells.self, ReadAll.self, ReadCell.self, LockCell.self, ClaimUnique.self,
      PutRow.self, DeleteRow.self, CountGroup.self,
    ]
    let first = NodeAddress(
      host: SimulatedWorld.address(of: NodeID(rawValue: 1)), port: Self.port)
    var own = ClusterSettings(
      name: "node-\(node)",
      listen: NodeAddress(host: SimulatedWorld.address(of: node), port: Self.port),
      seeds: node.rawValue == 1 ? [] : [first])
    own.notice = { [self] in trace.note("\(world.now) node \(node): \($0)") }
    settings.cluster = own
    shards[node] = []
    sessions[node] = 0
    lives[node, default: 0] += 1
    var reactors: [any Reactor] = []
    world.start(node, shards: options.shards) { reactor, _ in reactors.append(reactor) }
    trace.note("\(world.now) node \(node) starts")
    Node.start(
      settings, on: reactors,
      onFailure: { [self] in fault("node \(node) does not start: \($0)") },
      onReady: { [self] shard in
        shards[node, default: []].append(shard)
        trace.note("\(world.now) node \(node) shard \(shard.id) is ready")
      })
  }

  private func crash(_ node: NodeID) {
    guard world.isRunning(node) else { return }
    faultsMet.crashes += 1
    coverage.crashes += 1
    trace.note("\(world.now) node \(node) crashes")
    shards[node] = []
    sessions[node] = 0
    world.crash(node, powerLoss: random.next() % 4 != 0)
  }

  /// What sessions of running nodes have not ended, and where they wait.
  private var stuck: [String] {
    let current = places.filter { lives[$0.node] == $0.life }.compactMap { place in
      place.current.flatMap { $0.ended == nil ? "\($0.kind) \($0.id) of \(place.node)" : nil }
    }
    let waiting = members.flatMap { node in
      (shards[node] ?? []).flatMap { shard in
        shard.tabletIDs.flatMap { id in
          shard.hosted(id).waiting.map {
            "\($0.transaction) waits on \(id)@\(node) for \($0.blockers)"
          }
            + shard.hosted(id).open.values.map {
              "\($0.id) open on \(id)@\(node) \($0.prepared == nil ? "" : "prepared")"
            }
        }
      }
    }
    let links = members.flatMap { node in
      (shards[node] ?? []).flatMap { shard in
        shard.cluster?.linkSummaries.map { "\(shard.nodeID).\(shard.id) → \($0)" } ?? []
      }
    }
    return current + waiting + links
  }

  private var readyNodes: [NodeID] {
    members.filter { shards[$0]?.count == options.shards }
  }

  private func awaitReady(_ nodes: [NodeID]) -> Bool {
    world.run(atMostMilliseconds: 60_000) {
      nodes.allSatisfy { shards[$0]?.count == options.shards } || !faults.isEmpty
    }
  }

  // MARK: Faults

  /// A tablet's split begins, on the way to whatever comes next.
  private func split() {
    guard let node = readyNodes.first, let shard = shards[node]?.first else { return }
    let number = Int(draw(0...63))
    shard.reactor.spawn { [self] in
      let refusal = await shard.splitSome(number)
      if refusal == nil { faultsMet.splits += 1 }
      trace.note("\(world.now) split \(number): \(refusal.map { "\($0)" } ?? "begins")")
    }
  }

  private func disturb() {
    if cluster.splits && random.next() % 2 == 0 { split() }
    let node = members[Int(draw(0...members.count - 1))]
    let other = members[Int(draw(0...members.count - 1))]
    switch random.next() % 12 {
    case 0, 1, 2: crash(node)
    case 3:
      crash(node)
      crash(other)
    case 4, 5:
      guard node != other else { return }
      faultsMet.partitions += 1
      trace.note("\(world.now) \(node) and \(other) are cut apart")
      world.partition(node, other)
    case 6, 7:
      faultsMet.partitions += 1
      trace.note("\(world.now) \(node) is cut off")
      for rest in members where rest != node { world.partition(node, rest) }
    case 8: world.disk(of: node).faults.slowness = draw(2...50)
    case 9:
      faultsMet.clockJumps += 1
      world.setClock(
        node, aheadNanoseconds: Int64.random(in: -20_000_000...20_000_000, using: &random))
    case 10: moveLeader(on: node)
    default: heal()
    }
    for rest in members where !world.isRunning(rest) && random.next() % 2 == 0 { start(rest) }
  }

  private func moveLeader(on node: NodeID) {
    for shard in shards[node] ?? [] {
      for id in shard.tabletIDs where shard.hosted(id).replication.isServing {
        let group = shard.hosted(id).replication
        guard let heir = group.core.configuration.voters.first(where: { $0.node != node }) else {
          continue
        }
        faultsMet.transfers += 1
        shard.hosted(id).handOver(to: heir) { _ in }
        return
      }
    }
  }

  private func heal() {
    world.healAll()
    for node in members {
      world.disk(of: node).faults.slowness = 1
      if !world.isRunning(node) { start(node) }
    }
    _ = awaitReady(members)
  }

  // MARK: Sessions

  private func startSessions() {
    for node in readyNodes {
      for _ in 0..<options.sessions {
        guard let all = shards[node], !all.isEmpty else { continue }
        let shard = all[Int(draw(0...all.count - 1))]
        let place = NodeSessions(self, node, life: lives[node] ?? 0)
        places.append(place)
        let session = Session(shard, place, seed: random.next())
        sessions[node, default: 0] += 1
        shard.reactor.spawn {
          await session.run()
          withExtendedLifetime(place) {}
        }
      }
    }
  }

  func sessionEnded() {}
  fileprivate func sessionEnded(on node: NodeID) { sessions[node, default: 0] -= 1 }

  func begin(_ kind: String, _ isolation: IsolationLevel) -> Attempt {
    order += 1
    let attempt = Attempt(id: attempts.count, kind: kind, isolation: isolation, began: order)
    attempts.append(attempt)
    return attempt
  }

  func end(_ attempt: Attempt, _ outcome: Outcome, _ error: KernelError?) {
    order += 1
    attempt.ended = order
    attempt.endedAt = world.now
    attempt.outcome = outcome
    switch error {
    case .serializationFailure: coverage.conflicts += 1
    case .deadlock: coverage.deadlocks += 1
    case .lockNotAvailable: coverage.lockFailures += 1
    case .unavailable: faultsMet.unavailable += 1
    case .user(let error):
      if error.code == .uniqueViolation {
        coverage.uniqueViolations += 1
      } else if error.code == "54000" && attempt.kind == "large" {
        coverage.tooLarge += 1
      } else {
        fault("\(attempt.kind) \(attempt.id): \(error.message)")
      }
    default: break
    }
    trace.note(
      "\(world.now) \(attempt.kind) \(attempt.id) \(outcome) \(error.map { "\($0)" } ?? "")")
  }

  func fault(_ text: String) {
    faults.append(text)
    trace.note("FAULT \(text)")
  }

  // MARK: Single steps

  private func perform(_ name: String, _ body: @escaping (NodeShard) async -> Void) {
    let ready = readyNodes
    guard !ready.isEmpty, let all = shards[ready[Int(draw(0...ready.count - 1))]] else {
      return fault("\(name): no node is ready")
    }
    let shard = all[Int(draw(0...all.count - 1))]
    var isDone = false
    shard.reactor.spawn {
      await body(shard)
      isDone = true
    }
    if !world.run(atMostMilliseconds: 30_000, until: { isDone }) {
      fault("\(name) does not end: \(groups)")
    }
  }

  private func makeCells() {
    perform("setup") { [self] shard in
      for _ in 0..<5 {
        let transaction = shard.begin(isolation: .readCommitted)
        do throws(KernelError) {
          for place in 0..<options.tablets {
            let cells = [0, 1, Cell.firstCounter].map { Cell(place: place, number: $0) }
            let make = MakeCells(cells: cells, amount: Self.firstAmount)
            _ = try await transaction.call(make, bucket: bucket(place))
          }
          return try await transaction.commit()
        } catch {
          await transaction.rollback()
          trace.note("setup: \(error)")
        }
      }
      fault("setup fails")
    }
  }

  private func verify() {
    perform("verification") { [self] shard in
      var last: KernelError?
      for _ in 0..<20 {
        let transaction = shard.begin(isolation: .repeatableRead)
        do throws(KernelError) {
          let found = try await transaction.statement { () async throws(KernelError) in
            try await transaction.readAll(options.tablets)
          }
          await transaction.rollback()
          let checker = Checker(
            bankTotal: bankTotal, groupLimit: options.groupLimit, isRelaxed: false)
          for text in checker.check(NodeState(found), attempts, &coverage) { fault(text) }
          return
        } catch {
          await transaction.rollback()
          last = error
          await shard.reactor.sleep(milliseconds: 100)
        }
      }
      fault("verification: \(last.map { "\($0)" } ?? "")")
    }
  }

  // MARK: What must hold in the end

  private var allTablets: [TabletID] {
    let first = (0...options.tablets).map { TabletID(rawValue: UInt64($0)) }
    return shards.values.joined().max { $0.map.version < $1.map.version }
      .map { [.catalog] + $0.map.tablets } ?? first
  }

  private func replicas(_ tablet: TabletID) -> [(node: NodeID, tablet: Tablet)] {
    members.flatMap { node in
      (shards[node] ?? []).compactMap { shard in
        // The cluster numbers its nodes in the order in which they join.
        shard.tablets[tablet].map { (shard.nodeID, $0) }
      }
    }
  }

  /// Every group has its leader and three voters that are where it is.
  private func awaitReplicas() -> Bool {
    world.run(atMostMilliseconds: 60_000) {
      readyNodes.count == members.count
        && shards.values.joined().allSatisfy { $0.map.descriptor.splits.isEmpty }
        && allTablets.allSatisfy { tablet in
          let found = replicas(tablet)
          guard let leader = found.first(where: { $0.tablet.replication.isServing }) else {
            return false
          }
          let configuration = leader.tablet.replication.core.configuration
          return !configuration.isJoint && configuration.voters.count >= 3
            && configuration.voters.allSatisfy { id in found.contains { $0.node == id.node } }
        }
    }
  }

  private var isLevel: Bool {
    allTablets.allSatisfy { tablet in
      let groups = replicas(tablet).map(\.tablet.replication)
      guard let leader = groups.first(where: \.isServing) else { return false }
      return groups.allSatisfy { $0.commitIndex == leader.lastIndex }
    }
  }

  private var placement: [String] {
    allTablets.map { tablet in
      let leader = replicas(tablet).first { $0.tablet.replication.isServing }
      return "\(tablet): \(leader.map { "\($0.tablet.replication.core.configuration)" } ?? "none")"
    } + ["ready \(readyNodes)"] + groups
  }

  private var groups: [String] {
    allTablets.flatMap { tablet in
      replicas(tablet).map { node, replica in
        let group = replica.replication
        return "\(tablet)@\(node): \(group.core.role) term \(group.term) commit "
          + "\(group.commitIndex) last \(group.lastIndex) open \(replica.open.count)"
          + (group.failure.map { " failed: \($0)" } ?? "")
      }
    }
  }

  private func compareReplicas() {
    for tablet in allTablets {
      let images = replicas(tablet).map { ($0.node, image($0.tablet)) }
      guard let first = images.first else { continue }
      for other in images.dropFirst() where other.1 != first.1 {
        fault("tablet \(tablet) differs on nodes \(first.0) and \(other.0)")
      }
    }
  }

  private func image(_ tablet: Tablet) -> [[UInt8]] {
    var rows: [[UInt8]] = []
    for space in tablet.store.spaces.sorted() {
      tablet.store.scan(
        space, from: .unbounded, to: .unbounded, reverse: false, at: .distantFuture,
        reader: TransactionID(rawValue: 0)
      ) { key, found in
        guard let value = found.value else { return .next }
        var out = ByteWriter()
        out.varint(UInt64(space.rawValue))
        out.blob(Array(key))
        out.integer(found.timestamp.rawValue)
        out.blob(Array(value))
        rows.append(out.bytes)
        return .next
      }
    }
    return rows
  }

  private func draw(_ range: ClosedRange<UInt64>) -> UInt64 {
    UInt64.random(in: range, using: &random)
  }
  private func draw(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
}

/// The sessions of one node: they end with it.
private final class NodeSessions: Workplace {
  private unowned let simulation: ClusterSimulation
  let node: NodeID
  let life: Int
  private(set) var current: Attempt?

  init(_ simulation: ClusterSimulation, _ node: NodeID, life: Int) {
    self.simulation = simulation
    self.node = node
    self.life = life
  }

  var options: NodeSimulationOptions { simulation.options }
  var bankTotal: Int { simulation.bankTotal }
  var coverage: Coverage {
    get { simulation.coverage }
    set { simulation.coverage = newValue }
  }
  var isStopping: Bool { simulation.isStopping }
  func begin(_ kind: String, _ isolation: IsolationLevel) -> Attempt {
    let attempt = simulation.begin(kind, isolation)
    current = attempt
    return attempt
  }
  func end(_ attempt: Attempt, _ outcome: Outcome, _ error: KernelError?) {
    simulation.end(attempt, outcome, error)
  }
  func fault(_ text: String) { simulation.fault(text) }
  func sessionEnded() { simulation.sessionEnded(on: node) }
}

/// What happened to the cluster.
struct ClusterCoverage {
  var crashes = 0
  var partitions = 0
  var clockJumps = 0
  var transfers = 0
  var unavailable = 0
  var splits = 0

  mutating func add(_ other: ClusterCoverage) {
    crashes += other.crashes
    partitions += other.partitions
    clockJumps += other.clockJumps
    transfers += other.transfers
    unavailable += other.unavailable
    splits += other.splits
  }
}
