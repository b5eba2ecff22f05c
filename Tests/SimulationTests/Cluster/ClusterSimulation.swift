import Base
import CQL
import Raft
import Reactor
import Storage
import Types

@testable import Node

/// A whole cluster in one thread: nodes that join one another over the simulated network, under several
/// workloads, while nodes crash and come back, links are cut and lossy, disks are slow and fail, and
/// clocks jump and drift. Everything follows from the seed. Lives on: the thread that runs it.
///
/// `+Nodes`: their lives. `+Faults`: what is done to them. `+Apart`, `+Ends`: a single one of these. `+Work`: sessions. `+Checks`: what must
/// hold. `@unchecked Sendable`: the nodes' callbacks run on the world's thread, which is this one.
final class ClusterSimulation: Workplace, @unchecked Sendable {
  let options: NodeSimulationOptions
  let cluster: ClusterSimulationOptions
  let bankTotal: Int
  var coverage = Coverage()
  var faultsMet = ClusterCoverage()
  var registers = RegisterHistory()
  var lists: ListHistory
  var rows = RowHistory()
  /// Of CQL's clients.
  var cqlRegisters = RegisterHistory()
  var counters = CounterTally()
  let cqlSettings = CQLSettings()
  private(set) lazy var kafka = KafkaWork(self)
  private(set) var faults: [String] = []
  private(set) var isStopping = false
  private(set) var trace = Trace()

  static let firstAmount = 1_000
  static let port = 4_400
  /// The log is cut often.
  let segmentsAreSmall: Bool
  let world: SimulatedWorld
  let usual: SimulationOptions
  var random: Xoshiro256
  var shards: [NodeID: [NodeShard]] = [:]
  var members: [NodeID] = []
  var lives: [NodeID: Int] = [:]
  var places: [NodeSessions] = []
  /// Sessions under way, by the life of their node.
  var sessions: [NodeID: Int] = [:]
  var attempts: [Attempt] = []
  /// Of a thousand messages between replicas, how many are lost; as many come twice, or late.
  var lossPerMille: UInt64 = 0
  /// Whose client changes the schema; it is cut off from others more often.
  var changer: NodeID?
  /// The node that is ended now has done what it does before.
  var hasHandedOver = false
  /// Nodes that drain, by their own numbers.
  var draining: Set<NodeID> = []
  private var order = 0
  private var lastValue = 0
  private var newestValues: [Int: Int] = [:]

  init(seed: UInt64, options cluster: ClusterSimulationOptions) {
    self.cluster = cluster
    segmentsAreSmall = seed % 4 < 2
    var options = NodeSimulationOptions(seed: seed)
    options.shards = Int(seed % 2) + 1
    options.tablets = 4
    options.sessions = cluster.sessions
    options.durability = .sync
    options.pauseMicroseconds = 12_000
    options.plantedBug = cluster.plantedBug
    self.options = options
    var usual = SimulationOptions()
    usual.brokenDeliveriesPerMille = seed % 3 == 0 ? 1 : 0
    self.usual = usual
    world = SimulatedWorld(seed: seed, options: usual)
    random = Xoshiro256(seed: seed &+ 0xC1_05)
    bankTotal = options.tablets * 2 * Self.firstAmount
    let tablets = options.tablets
    lists = ListHistory { Cell(place: $0 % tablets, number: 1_000_000 + $0) }
    attempts = [Attempt(id: 0, kind: "setup", isolation: .readCommitted, began: 0)]
    attempts[0].outcome = .committed
  }

  var fingerprint: [UInt64] { [world.fingerprint, trace.hash] }
  var lastEvents: [String] { trace.lines.suffix(40) }
  var hasFault: Bool { !faults.isEmpty }

  /// Nil: every promise was kept.
  func run() -> String? {
    live()
    coverage.splits = max(0, allTablets.count - 1 - options.tablets * (hasTier ? 2 : 1))
    for attempt in attempts.dropFirst() where attempt.outcome == .committed {
      coverage.commits += 1
      if attempt.places.count > 1 { coverage.twoPhaseCommits += 1 }
      if attempt.isolation == .serializable { coverage.serializableCommits += 1 }
      if attempt.kind == "append" { faultsMet.listTransactions += 1 }
    }
    faultsMet.registerCalls += registers.operations.count { $0.ended != .max }
    faultsMet.sqlTransactions += rows.committed
    faultsMet.tornWrites += members.reduce(0) { $0 + world.disk(of: $1).tornWriteCount }
    emptyDisks()
    return faults.first
  }

  private func live() {
    guard begin() else { return }
    if cluster.wrongClockNanoseconds != 0 { return liveWithWrongClock() }
    if let cut = cluster.cut { return liveApart(cut) }
    if cluster.endsNodes { return liveThroughEnds() }
    for round in 0..<cluster.rounds {
      startSessions(round)
      if cluster.joinsInRound == round { join() }
      for _ in 0..<Int(draw(1...4)) {
        disturb()
        if cluster.runsKafka { kafka.disturb() }
        world.run(until: world.now + draw(50_000_000...900_000_000))
        if cluster.runsKafka { kafka.tellFaults() }
        if hasFault { return }
      }
      guard endRound() else { return }
    }
    if cluster.runsKafka { checkKafka() }
    if hasFault { return }
    if !world.run(atMostMilliseconds: 20_000, until: { isLevel }) {
      return fault("replicas stay apart: \(groups)")
    }
    compareReplicas()
    if cluster.streamPartitions > 0 {
      awaitStreams()
      checkStreams()
    }
    awaitRemovals()
    checkHistories()
    if cluster.runsCQL { checkCQL() }
  }

  private func begin() -> Bool {
    for number in 1...cluster.nodes {
      let node = NodeID(rawValue: UInt32(number))
      members.append(node)
      if cluster.spreadsClocks {
        world.setClock(
          node, aheadNanoseconds: Int64.random(in: -20_000_000...20_000_000, using: &random))
      }
      start(node)
      // Else they ask to join while the first one begins.
      let isAwaited = number == 1 && (random.next() % 2 == 0)
      if isAwaited && !awaitReady([node]) {
        fault("the first node does not get ready")
        return false
      }
    }
    guard awaitReady(members) else {
      fault("nodes do not join: \(readyNodes)")
      return false
    }
    guard cluster.tierNodes == 0 || beginTier() else { return false }
    makeCells()
    if cluster.changesSchema { makeTable() }
    if cluster.runsCQL { makeCQLTables() }
    if cluster.runsKafka { makeKafkaTable() }
    guard awaitReplicas() else {
      fault("replicas do not come: \(placement)")
      return false
    }
    if hasFault { return false }
    if cluster.runsKafka { kafka.begin() }
    // Reads that may be old are to find the cells.
    world.run(until: world.now + UInt64(Session.stalenessMilliseconds) * 1_000_000)
    return !hasFault
  }

  /// After everything has healed sessions end, and what must hold does.
  func endRound() -> Bool {
    heal()
    // What comes back catches up while others go on.
    world.run(until: world.now + 300_000_000)
    isStopping = true
    let isReady = awaitReady(members)
    resumeDrained()
    let hasEnded = world.run(atMostMilliseconds: 60_000) { sessions.values.reduce(0, +) == 0 }
    isStopping = false
    if !isReady {
      fault("nodes do not come back: \(readyNodes), \(groups)")
    } else if !hasEnded {
      fault("sessions do not end: \(stuck), \(groups)")
    } else if !awaitReplicas() {
      fault("replicas do not come back: \(placement)")
    } else {
      verify()
      if cluster.changesSchema && !hasFault { verifyTable() }
    }
    return !hasFault
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

  // MARK: What clients tell

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
    case .storageFailed, .diskFull: faultsMet.refusals += 1
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
    checkEnding(attempt.kind, error)
    note("\(attempt.kind) \(attempt.id) \(outcome) \(error.map { "\($0)" } ?? "")")
  }

  func noteLists(_ attempt: Attempt, _ steps: [ListHistory.Step]) {
    for step in steps { lists.note(attempt.id, step) }
  }

  /// A value that no register has had.
  func nextValue() -> Int {
    lastValue += 1
    return lastValue
  }

  /// What a register likely has.
  func newestValue(of key: Int) -> Int { newestValues[key] ?? 0 }

  func noteRegister(
    _ key: Int, _ action: RegisterHistory.Action, _ outcome: RegisterHistory.Outcome
  ) {
    switch (action, outcome) {
    case (.read, .value(let value)), (.write(let value), .written),
      (.swap(_, let value), .swapped(true)):
      newestValues[key] = value
    default: break
    }
  }

  func note(_ text: String) { trace.note("\(world.now) \(text)") }

  func fault(_ text: String) {
    faults.append(text)
    note("FAULT \(text)")
  }

  func draw(_ range: ClosedRange<UInt64>) -> UInt64 { UInt64.random(in: range, using: &random) }
  func draw(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
}
