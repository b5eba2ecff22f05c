public import Base
import Glibc

/// What the world does to its nodes, unless told otherwise while it runs. Times in nanoseconds.
public struct SimulationOptions: Sendable {
  public var networkDelay: ClosedRange<UInt64> = 50_000...500_000
  /// Of a thousand deliveries, how many take twenty times as long.
  public var slowDeliveriesPerMille: UInt64 = 10
  /// Of a thousand deliveries, how many break their connection instead.
  public var brokenDeliveriesPerMille: UInt64 = 0
  public var diskDelay: ClosedRange<UInt64> = 50_000...400_000
  /// The wall clock at the world's start.
  public var epochNanoseconds: UInt64 = 1_700_000_000_000_000_000
  public init() {}
}

/// Nodes, network and disks in one thread, every choice from one seed: the same seed and the same
/// calls give the same run. Lives on: the thread that steps it, which runs all of its reactors.
///
/// Time moves only from event to event. The order within a moment: ready tasks, then turn-end hooks
/// of the reactors that did something, then the next event.
public final class SimulatedWorld {
  public var options: SimulationOptions
  /// The source of every choice of the world; a test draws its own from here too.
  public var random: Xoshiro256
  /// Nanoseconds since the world began: every reactor's monotonic clock.
  public private(set) var now: UInt64 = 0
  /// A hash over everything that ran and when: equal for equal runs.
  public private(set) var fingerprint: UInt64 = 0xCBF2_9CE4_8422_2325
  /// Events, jobs and hooks run so far.
  public private(set) var stepCount = 0

  var timers = Timers()
  private var ready = Queue<(SimulatedReactor, UnownedJob)>()
  private var turnEnds = Queue<SimulatedReactor>()
  private(set) var nodes: [SimulatedNode] = []
  /// All there ever were: executors must outlive their tasks, those of crashed nodes too.
  private var reactors: [SimulatedReactor] = []
  lazy var network = SimulatedNetwork(self)
  let scratch = AlignedBuffer(capacity: 1 << 16)
  private let thread = pthread_self()

  public init(seed: UInt64, options: SimulationOptions = SimulationOptions()) {
    random = Xoshiro256(seed: seed)
    self.options = options
  }

  // MARK: Nodes

  /// The address under which other nodes connect to this one.
  public static func address(of node: NodeID) -> String {
    "10.\(node.rawValue >> 16 & 255).\(node.rawValue >> 8 & 255).\(node.rawValue & 255)"
  }

  /// Starts a node, on an empty disk or on what a crash left; traps when it runs. `body` runs at
  /// once for each shard, as in `ReactorGroup.start`.
  public func start(
    _ id: NodeID, shards: Int = 1, _ body: (any Reactor, ShardID) -> Void
  ) {
    let node = findNode(id) ?? addNode(id)
    invariant(node.reactors.isEmpty, "node \(id) runs already")
    for shard in 0..<shards {
      let reactor = SimulatedReactor(
        self, node, ShardID(rawValue: UInt16(shard)), ordinal: reactors.count,
        seed: random.next())
      reactors.append(reactor)
      node.reactors.append(reactor)
    }
    for reactor in node.reactors {
      body(reactor, reactor.shard)
      reactor.didSomething()
    }
  }

  /// Ends a node as a loss of power does: tasks stop where they are, connections are reset, and of
  /// what was not durable each 4 KiB sector survives or not by itself. With `powerLoss` false only
  /// the process dies: what was written stays, what was in flight may tear.
  public func crash(_ id: NodeID, powerLoss: Bool = true) {
    guard let node = findNode(id), !node.reactors.isEmpty else { return }
    for reactor in node.reactors { reactor.end() }
    node.reactors = []
    network.nodeEnded(id)
    node.disk.crash(powerLoss: powerLoss)
  }

  public func isRunning(_ id: NodeID) -> Bool { findNode(id)?.reactors.isEmpty == false }

  /// The node's disk: to break it, or to look at it.
  public func disk(of id: NodeID) -> SimulatedDisk { (findNode(id) ?? addNode(id)).disk }

  /// Sets a node's wall clock ahead (or back), and lets it run fast (or slow) from now on.
  public func setClock(_ id: NodeID, aheadNanoseconds: Int64, driftPartsPerMillion: Int64 = 0) {
    let node = findNode(id) ?? addNode(id)
    node.clockAhead = aheadNanoseconds
    node.clockDrift = driftPartsPerMillion
    node.clockSetAt = now
  }

  /// From now on the node's timers take this much longer (or shorter): its monotonic clock drifts.
  public func setTimerDrift(_ id: NodeID, partsPerThousand: Int64) {
    (findNode(id) ?? addNode(id)).timerDrift = partsPerThousand
  }

  func findNode(_ id: NodeID) -> SimulatedNode? { nodes.first { $0.id == id } }

  private func addNode(_ id: NodeID) -> SimulatedNode {
    let node = SimulatedNode(id, SimulatedDisk(self))
    nodes.append(node)
    return node
  }

  // MARK: Network

  /// Cuts the two nodes apart: what is sent waits, and new connections time out.
  public func partition(_ one: NodeID, _ other: NodeID) {
    network.cut(from: one, to: other)
    network.cut(from: other, to: one)
  }
  /// What `one` sends does not reach `other`; what `other` sends arrives.
  public func partition(from one: NodeID, to other: NodeID) { network.cut(from: one, to: other) }
  public func heal(_ one: NodeID, _ other: NodeID) { network.heal(one, other) }
  public func healAll() { network.healAll() }

  // MARK: Running

  /// Runs `body` at a moment of the world, outside of every node.
  @discardableResult
  public func after(nanoseconds: UInt64, _ body: @escaping () -> Void) -> TimerToken {
    timers.set(deadline: now &+ nanoseconds, body)
  }

  /// One job, turn end or event. False when nothing is left to happen.
  @discardableResult
  public func step() -> Bool {
    invariant(pthread_equal(thread, pthread_self()) != 0, "the world is stepped by another thread")
    if let (reactor, job) = ready.popFirst() {
      // A dead node's tasks stay suspended for ever.
      if reactor.isAlive {
        note(1, UInt64(reactor.ordinal))
        reactor.didSomething()
        job.runSynchronously(on: reactor.executor.asUnownedTaskExecutor())
      }
      return true
    }
    if let reactor = turnEnds.popFirst() {
      reactor.needsTurnEnd = false
      if reactor.isAlive {
        note(2, UInt64(reactor.ordinal))
        for hook in reactor.turnEndHooks { hook() }
      }
      return true
    }
    guard let deadline = timers.nextDeadline() else { return false }
    now = max(now, deadline)
    note(3, now)
    timers.takeDue(now)?()
    return true
  }

  /// Runs everything up to the moment `deadline`, which becomes the present.
  public func run(until deadline: UInt64) {
    while !ready.isEmpty || !turnEnds.isEmpty || isDue(deadline) { step() }
    now = max(now, deadline)
  }

  public func run(milliseconds: Int) {
    run(until: now &+ UInt64(max(0, milliseconds)) &* 1_000_000)
  }

  /// Runs until `condition` holds; false when it does not within the time.
  public func run(
    atMostMilliseconds limit: Int, until condition: () -> Bool
  ) -> Bool {
    let deadline = now &+ UInt64(max(0, limit)) &* 1_000_000
    while !condition() {
      if ready.isEmpty && turnEnds.isEmpty && !isDue(deadline) {
        now = max(now, deadline)
        return false
      }
      step()
    }
    return true
  }

  private func isDue(_ deadline: UInt64) -> Bool {
    guard let next = timers.nextDeadline() else { return false }
    return next <= deadline
  }

  // MARK: For its parts

  func enqueue(_ job: UnownedJob, _ reactor: SimulatedReactor) {
    invariant(
      pthread_equal(thread, pthread_self()) != 0, "a simulated task was resumed by another thread")
    ready.append((reactor, job))
  }

  func needsTurnEnd(_ reactor: SimulatedReactor) { turnEnds.append(reactor) }

  /// Mixes what happened into the fingerprint (FNV-1a over words).
  func note(_ kind: UInt64, _ value: UInt64) {
    stepCount += 1
    fingerprint = (fingerprint ^ kind) &* 0x100_0000_01B3
    fingerprint = (fingerprint ^ value) &* 0x100_0000_01B3
  }

  func chance(perMille: UInt64) -> Bool {
    perMille > 0 && UInt64.random(in: 0..<1000, using: &random) < perMille
  }

  func draw(_ range: ClosedRange<UInt64>) -> UInt64 { UInt64.random(in: range, using: &random) }
}

/// One machine of the world: it outlives its crashes.
final class SimulatedNode {
  let id: NodeID
  let disk: SimulatedDisk
  /// Empty while the node is down.
  var reactors: [SimulatedReactor] = []
  var clockAhead: Int64 = 0
  var clockDrift: Int64 = 0
  var clockSetAt: UInt64 = 0
  var timerDrift: Int64 = 0
  var nextPort = 40_000

  init(_ id: NodeID, _ disk: SimulatedDisk) {
    self.id = id
    self.disk = disk
  }

  /// What the node takes for so long takes longer or shorter.
  func stretched(_ nanoseconds: UInt64) -> UInt64 {
    guard timerDrift != 0, nanoseconds < 1 << 50 else { return nanoseconds }
    return nanoseconds &+ UInt64(bitPattern: Int64(nanoseconds) / 1_000 &* timerDrift)
  }
}
