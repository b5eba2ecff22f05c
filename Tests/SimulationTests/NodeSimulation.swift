import Base
import Reactor
import Types

@testable import Node

/// One seed's world.
struct NodeSimulationOptions {
  var shards = 2
  var tablets = 4
  var sessions = 5
  /// Lives of the node; a crash ends each but the last, which ends in peace first.
  var lives = 4
  /// Virtual time of one life's work.
  var lifeMilliseconds = 20...120
  var groupLimit = 3
  /// A session rests so long between two transactions, at most.
  var pauseMicroseconds = 1_500
  var durability = Durability.sync
  var plantedBug: PlantedBug?
  /// Tablets are split now and then.
  var splits = false

  init(seed: UInt64) {
    var random = Xoshiro256(seed: seed ^ 0x5EED)
    shards = Int.random(in: 1...3, using: &random)
    tablets = [2, 4, 4, 8][Int.random(in: 0...3, using: &random)]
    sessions = Int.random(in: 3...7, using: &random)
    durability = random.next() % 8 == 0 ? .relaxed : .sync
  }
}

/// A node in the simulated world under a workload, with crashes and disk faults, and the checks of
/// what it kept. Everything follows from the seed. Lives on: the thread that runs it.
///
/// `@unchecked Sendable`: the node's callbacks run on the world's thread, which is this one.
final class NodeSimulation: Workplace, @unchecked Sendable {
  let options: NodeSimulationOptions
  let bankTotal: Int
  var coverage = Coverage()
  private(set) var faults: [String] = []
  private(set) var isStopping = false

  private static let firstAmount = 1_000
  private static let node = NodeID(rawValue: 1)
  private let world: SimulatedWorld
  private var random: Xoshiro256
  private var shards: [NodeShard] = []
  private var startFailure: String?
  private var attempts: [Attempt] = []
  private var order = 0
  private var activeSessions = 0
  private var trace = Trace()
  private var hasFaultyDisk = false

  init(seed: UInt64, options: NodeSimulationOptions) {
    self.options = options
    world = SimulatedWorld(seed: seed)
    random = Xoshiro256(seed: seed &+ 0x1234)
    bankTotal = options.tablets * 2 * NodeSimulation.firstAmount
    attempts = [Attempt(id: 0, kind: "setup", isolation: .readCommitted, began: 0)]
    attempts[0].outcome = .committed
  }

  /// Equal for equal runs: every event of the world, every reply, and the disk's bytes.
  private(set) var fingerprint: [UInt64] = []
  var lastEvents: [String] { trace.lines.suffix(25) }

  private var diskHash: UInt64 {
    let disk = world.disk(of: NodeSimulation.node)
    var hash = Trace()
    for path in disk.paths {
      hash.mix(Array(path.utf8))
      hash.mix(crcOf: disk.contents(path) ?? [])
    }
    return hash.hash
  }

  // MARK: The node's lives

  /// Nil: every promise was kept.
  func run() -> String? {
    live()
    fingerprint = [world.fingerprint, trace.hash, diskHash]
    coverage.steps = world.stepCount
    coverage.splits = (shards.first?.map.places.count ?? options.tablets) - options.tablets
    coverage.tornWrites = world.disk(of: NodeSimulation.node).tornWriteCount
    for attempt in attempts.dropFirst() where attempt.outcome == .committed {
      coverage.commits += 1
      if attempt.places.count > 1 { coverage.twoPhaseCommits += 1 }
      if attempt.isolation == .serializable { coverage.serializableCommits += 1 }
    }
    // Tasks of crashed nodes stay for ever, and with them the disk: it need not be full.
    let disk = world.disk(of: NodeSimulation.node)
    for path in disk.paths { disk.replace(path, with: []) }
    return faults.first
  }

  private func live() {
    for life in 0..<options.lives {
      guard start() else { return }
      if life == 0 { makeCells() }
      verify()
      if !faults.isEmpty { return }
      breakDisk(life)
      startSessions()
      if options.splits { startSplits() }
      world.run(until: world.now + draw(options.lifeMilliseconds) * 1_000_000 + draw(0...999_999))
      if hasFaultyDisk { probeRefusal() }
      if life == options.lives - 1 && !hasFaultyDisk { endSessions() }
      if !faults.isEmpty { return }
      crash()
    }
    guard start() else { return }
    verify()
    if faults.isEmpty && options.durability == .sync {
      var graph = SerializationGraph(attempts)
      if let circle = graph.fault() { fault(circle) }
    }
  }

  private func start() -> Bool {
    let disk = world.disk(of: NodeSimulation.node)
    disk.faults = DiskFaults()
    hasFaultyDisk = false
    if random.next() % 4 == 0 {
      // The wall clock may have been set back, or ahead.
      world.setClock(
        NodeSimulation.node,
        aheadNanoseconds: Int64.random(in: -2_000_000_000...2_000_000_000, using: &random))
    }
    var mayFail = random.next() % 16 == 0
    while true {
      disk.faults.readErrorsPerMille = mayFail ? 50 : 0
      shards = []
      startFailure = nil
      isStopping = false
      activeSessions = 0
      begin()
      if random.next() % 2 == 0 {
        let slowness = random.next() % 2 == 0 ? 1 : draw(2...20)
        disk.faults.slowness = slowness
        world.run(until: world.now + draw(0...1_500_000) * slowness)
        disk.faults.slowness = 1
        if shards.count < options.shards && startFailure == nil {
          coverage.crashesInRecovery += 1
          world.crash(NodeSimulation.node, powerLoss: random.next() % 4 != 0)
          continue
        }
      }
      let isReady = world.run(atMostMilliseconds: 10_000) {
        shards.count == options.shards || startFailure != nil
      }
      disk.faults.readErrorsPerMille = 0
      if startFailure != nil && mayFail {
        // It said so, and starts when the disk can be read again.
        mayFail = false
        coverage.unreadable += 1
        world.crash(NodeSimulation.node, powerLoss: false)
        continue
      }
      if let startFailure { fault("the node does not start: \(startFailure)") }
      if !isReady { fault("the node does not get ready") }
      shards.sort { $0.id < $1.id }
      return faults.isEmpty
    }
  }

  private func begin() {
    var settings = NodeSettings(
      dataDirectory: "/data", shardCount: options.shards, memoryLimitBytes: 1 << 30,
      randomSeed: 1)
    settings.tabletCount = options.tablets
    settings.segmentBytes = 256 << 10
    settings.checkpointLogBytes = 400 << 10
    settings.durability = options.durability
    settings.relaxedMilliseconds = 20
    settings.plantedBug = options.plantedBug
    settings.bucketReader = { [tablets = options.tablets] in PlaceBuckets($0, places: tablets) }
    var reactors: [any Reactor] = []
    world.start(NodeSimulation.node, shards: options.shards) { reactor, _ in
      reactors.append(reactor)
    }
    Node.start(
      settings, on: reactors, onFailure: { [self] in startFailure = $0 },
      onReady: { [self] in shards.append($0) })
  }

  private func crash() {
    coverage.crashes += 1
    let disk = world.disk(of: NodeSimulation.node)
    if random.next() % 2 == 0 {
      // Crashes like to come when there is much to tear.
      _ = world.run(atMostMilliseconds: 3) { disk.longestWriteBytes > 4_096 }
    }
    coverage.brokenLogs += shards.filter { $0.logFailure != nil }.count
    world.crash(NodeSimulation.node, powerLoss: random.next() % 4 != 0)
    trace.note("crash at \(world.now)")
    isStopping = false
    guard options.durability == .relaxed else { return }
    // What was answered shortly before may be lost, with a slow or broken disk even more.
    for attempt in attempts.dropFirst() where attempt.outcome == .committed {
      if hasFaultyDisk || attempt.endedAt + 200_000_000 > world.now {
        attempt.outcome = .committing
        attempt.isRevocable = true
      }
    }
  }

  private func breakDisk(_ life: Int) {
    let disk = world.disk(of: NodeSimulation.node)
    switch random.next() % 8 {
    case 0:
      hasFaultyDisk = true
      disk.faults.writeErrorsPerMille = draw(1...40)
      disk.faults.syncErrorsPerMille = draw(0...300)
    case 1:
      hasFaultyDisk = true
      disk.faults.capacity = 1
    case 2, 3: disk.faults.slowness = draw(2...30)
    default: break
    }
  }

  // MARK: Sessions

  private func startSessions() {
    for _ in 0..<options.sessions {
      let shard = shards[Int(draw(0...UInt64(shards.count - 1)))]
      let session = Session(shard, self, seed: random.next())
      activeSessions += 1
      shard.reactor.spawn { await session.run() }
    }
  }

  private func startSplits() {
    for _ in 0...draw(0...2) {
      let number = Int(draw(0...63))
      let shard = shards[number % shards.count]
      let pause = Int(draw(0...40))
      shard.reactor.spawn { [self] in
        await shard.reactor.sleep(milliseconds: pause)
        let refusal = await shard.splitSome(number)
        trace.note("\(world.now) split \(number): \(refusal.map { "\($0)" } ?? "begins")")
      }
    }
  }

  private func endSessions() {
    isStopping = true
    let hasEnded = world.run(atMostMilliseconds: 20_000) { activeSessions == 0 }
    if !hasEnded {
      let stuck = attempts.filter { $0.ended == nil }.map { "\($0.kind) \($0.id)" }
      fault("sessions do not end: \(stuck)")
    }
    verify()
  }

  func sessionEnded() { activeSessions -= 1 }

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
    case .storageFailed, .diskFull: coverage.refusals += 1
    case .user(let error):
      if error.code == .uniqueViolation {
        coverage.uniqueViolations += 1
      } else if error.code == .diskFull {
        coverage.refusals += 1
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

  /// Runs one piece of work on the node to its end.
  private func perform(_ name: String, _ body: @escaping (NodeShard) async -> Void) {
    let shard = shards[Int(draw(0...UInt64(shards.count - 1)))]
    var isDone = false
    shard.reactor.spawn {
      await body(shard)
      isDone = true
    }
    if !world.run(atMostMilliseconds: 20_000, until: { isDone }) { fault("\(name) does not end") }
  }

  private func makeCells() {
    perform("setup") { [self] shard in
      let transaction = shard.begin(isolation: .readCommitted)
      do throws(KernelError) {
        for place in 0..<options.tablets {
          let cells = [0, 1, Cell.firstCounter].map { Cell(place: place, number: $0) }
          let make = MakeCells(cells: cells, amount: NodeSimulation.firstAmount)
          _ = try await transaction.call(make, bucket: bucket(place))
        }
        try await transaction.commit()
      } catch {
        fault("setup: \(error)")
      }
    }
    // With `relaxed` the setup itself must not be lost.
    world.run(milliseconds: 200)
  }

  private func verify() {
    perform("verification") { [self] shard in
      let transaction = shard.begin(isolation: .repeatableRead)
      do throws(KernelError) {
        let found = try await transaction.statement { () async throws(KernelError) in
          try await transaction.readAll(options.tablets)
        }
        let checker = Checker(
          bankTotal: bankTotal, groupLimit: options.groupLimit,
          isRelaxed: options.durability == .relaxed)
        for text in checker.check(NodeState(found), attempts, &coverage) { fault(text) }
      } catch {
        fault("verification: \(error)")
      }
      await transaction.rollback()
    }
  }

  /// A shard whose log has failed refuses writes at once and acknowledges none.
  private func probeRefusal() {
    for shard in shards where shard.logFailure != nil {
      guard
        let place = (0..<options.tablets).first(where: {
          shard.layout.shard(of: shard.tablet(of: bucket($0))) == shard.id
        })
      else { continue }
      perform("probe") { [self] other in
        let attempt = begin("probe", .readCommitted)
        let change = Change(
          cell: Cell(place: place, number: Cell.firstCounter), amount: 1, attempt: attempt.id,
          part: 1, padding: 0)
        do throws(KernelError) {
          _ = try await other.begin(isolation: .readCommitted)
            .callAndCommit(change, bucket: bucket(place))
          fault("a shard without a log acknowledged a write")
        } catch {
          end(attempt, .failed, error)
        }
      }
    }
  }

  private func draw(_ range: ClosedRange<UInt64>) -> UInt64 {
    UInt64.random(in: range, using: &random)
  }

  private func draw(_ range: ClosedRange<Int>) -> UInt64 {
    UInt64(Int.random(in: range, using: &random))
  }
}

/// What happened, in words and as a hash.
struct Trace {
  private(set) var hash: UInt64 = 0xCBF2_9CE4_8422_2325
  private(set) var lines: [String] = []

  mutating func note(_ line: String) {
    lines.append(line)
    mix(Array(line.utf8))
  }

  mutating func mix(_ bytes: [UInt8]) {
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
  }

  mutating func mix(crcOf bytes: [UInt8]) {
    hash = (hash ^ UInt64(crc32c(bytes))) &* 0x100_0000_01B3
  }
}
