import Base

@testable import Raft

/// How bad the world is; chances are per mille and step.
struct SimulationOptions {
  var voters = 3
  var spares = 2
  var loss: UInt64 = 30
  var duplication: UInt64 = 20
  var longDelay: UInt64 = 20
  var crash: UInt64 = 4
  var restart: UInt64 = 40
  var partition: UInt64 = 8
  var heal: UInt64 = 15
  var proposal: UInt64 = 250
  var membership: UInt64 = 15
  var transfer: UInt64 = 3
  var compaction: UInt64 = 15
  var read: UInt64 = 60
  var writeStepsMax: UInt64 = 6
  var steps = 700
  var settings = RaftSettings()
}

/// Replicas, their disks and a bad network, all moved by one seed.
struct SimulatedCluster {
  /// A tick of each replica takes this many steps; they do not tick together.
  static let stepsPerTick = 4

  var options: SimulationOptions
  var random: Xoshiro256
  var replicas: [SimulatedReplica] = []
  var checker = ClusterChecker()
  var step = 0
  private var network: [(deliverAt: Int, message: RaftMessage)] = []
  private var blocked: [[Bool]]
  private var nextPayload: UInt64 = 0
  private var reads: [UInt64: LogIndex] = [:]
  private var nextRead: UInt64 = 0
  var readsServed = 0
  var leaseSteps = 0
  var changesDone = 0

  init(seed: UInt64, options: SimulationOptions) {
    self.options = options
    random = Xoshiro256(seed: seed)
    let count = options.voters + options.spares
    let voters = (1...options.voters).map { ReplicaID(rawValue: UInt64($0)) }
    blocked = Array(repeating: Array(repeating: false, count: count), count: count)
    for number in 1...count {
      let isVoter = number <= options.voters
      replicas.append(
        SimulatedReplica(
          id: ReplicaID(rawValue: UInt64(number)),
          configuration: .init(voters: isVoter ? voters : []), settings: options.settings))
      replicas[number - 1].start(memoryEntries: 0, seed: random.next())
    }
  }

  mutating func chance(_ perMille: UInt64) -> Bool { random.next() % 1_000 < perMille }
  mutating func below(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }

  // MARK: Phases

  /// Chaos, then a healed world in which the group must work again. Returns the failure.
  mutating func run() -> String? {
    for _ in 0..<options.steps {
      disturb()
      advance()
      if checker.failure != nil { return checker.failure }
    }
    heal()
    let goal = LogIndex(rawValue: checker.committedCount.rawValue + 5)
    for _ in 0..<1_600 {
      advance()
      if checker.failure != nil { return checker.failure }
      if checker.committedCount < goal {
        proposeSomewhere()
      } else if isSettled() {
        return nil
      }
    }
    return "no progress after healing: " + description
  }

  private var description: String {
    replicas.map { replica in
      guard let core = replica.core else { return "\(replica.id) down" }
      return
        "\(core.id) \(core.role) term \(core.term) last \(core.lastIndex) commit \(core.commitIndex) \(core.configuration)"
    }.joined(separator: "; ")
  }

  private func isSettled() -> Bool {
    guard let leader = replicas.first(where: { $0.core?.role == .leader })?.core else {
      return false
    }
    if leader.configuration.isJoint || !(leader.isLeaseValid || leader.leaseForfeited) {
      return false
    }
    return replicas.allSatisfy { replica in
      !leader.configuration.contains(replica.id) || replica.applied == checker.committedCount
    }
  }

  private mutating func heal() {
    options.loss = 0
    options.duplication = 0
    options.longDelay = 0
    for row in blocked.indices { for column in blocked.indices { blocked[row][column] = false } }
    for position in replicas.indices where replicas[position].core == nil { restart(position) }
  }

  // MARK: What goes wrong

  private mutating func disturb() {
    let victim = below(replicas.count)
    if replicas[victim].core != nil {
      if chance(options.crash) {
        let surviving = below(replicas[victim].writes.count + 1)
        replicas[victim].crash(survivingWrites: surviving)
      }
    } else if chance(options.restart) {
      restart(victim)
    }
    if chance(options.partition) { partition() }
    if chance(options.heal) {
      for row in blocked.indices { for column in blocked.indices { blocked[row][column] = false } }
    }
    if chance(options.proposal) { proposeSomewhere() }
    if chance(options.membership) { changeMembership() }
    if chance(options.transfer) { transfer() }
    if chance(options.compaction) { compact(below(replicas.count)) }
    if chance(options.read) { read(below(replicas.count)) }
  }

  private mutating func restart(_ position: Int) {
    let memory = below(4)
    let seed = random.next()
    replicas[position].start(memoryEntries: memory, seed: seed)
  }

  /// Two sides, or links that are cut in one direction.
  private mutating func partition() {
    let isOneWay = chance(300)
    let sides = replicas.indices.map { _ in below(2) }
    for row in replicas.indices {
      for column in replicas.indices where sides[row] != sides[column] {
        blocked[row][column] = !isOneWay || sides[row] == 0
      }
    }
  }

  private func leaderPositions() -> [Int] {
    replicas.indices.filter { replicas[$0].core?.role == .leader }
  }

  private mutating func proposeSomewhere() {
    for position in leaderPositions() {
      for _ in 0...below(3) {
        nextPayload += 1
        let value = nextPayload
        let bytes = withUnsafeBytes(of: value.littleEndian) { Array($0) }
        _ = replicas[position].core?.propose(bytes)
      }
      replicas[position].isDirty = true
    }
  }

  private mutating func changeMembership() {
    guard let position = leaderPositions().randomElement(using: &random),
      let now = replicas[position].core?.configuration
    else { return }
    var voters = now.voters
    var learners = now.learners
    let replica = replicas[below(replicas.count)].id
    if let place = learners.firstIndex(of: replica) {
      learners.remove(at: place)
      if chance(800) { voters.append(replica) }
      // Often a replacement in the same change.
      if voters.count > 3 && chance(500) { voters.removeFirst() }
    } else if let place = voters.firstIndex(of: replica) {
      if voters.count <= 2 { return }
      voters.remove(at: place)
      if chance(400) { learners.append(replica) }
    } else {
      learners.append(replica)
    }
    let result = replicas[position].core?.proposeConfiguration(voters: voters, learners: learners)
    if case .success? = result { changesDone += 1 }
    replicas[position].isDirty = true
  }

  private mutating func transfer() {
    guard let position = leaderPositions().randomElement(using: &random) else { return }
    let target = replicas[below(replicas.count)].id
    replicas[position].input { _ = $0.transferLeadership(to: target, into: &$1) }
  }

  private mutating func compact(_ position: Int) {
    guard let core = replicas[position].core else { return }
    let end = min(core.appliedIndex, core.durableIndex)
    // Writes in flight could hold a truncation or snapshot that this would get ahead of.
    guard replicas[position].writes.isEmpty, end > core.compactedIndex,
      let descriptor = core.snapshotDescriptor(at: end)
    else { return }
    replicas[position].disk.compact(to: descriptor)
    replicas[position].core?.compacted(upTo: end)
  }

  private mutating func read(_ position: Int) {
    nextRead += 1
    let context = nextRead
    reads[context] = checker.committedCount
    replicas[position].input { _ = $0.readIndex(context: context, into: &$1) }
  }

  // MARK: One step

  private mutating func advance() {
    step += 1
    for position in replicas.indices where replicas[position].core != nil {
      if (step + position) % Self.stepsPerTick == 0 {
        replicas[position].input { $0.tick(into: &$1) }
      }
    }
    deliver()
    for position in replicas.indices {
      finishWrites(of: position)
      perform(position)
    }
    for replica in replicas {
      guard let core = replica.core, core.isLeaseValid else { continue }
      leaseSteps += 1
      checker.reads(core.commitIndex, asOf: checker.committedCount, on: core.id)
    }
  }

  private mutating func deliver() {
    var position = 0
    while position < network.count {
      if network[position].deliverAt > step {
        position += 1
        continue
      }
      let message = network[position].message
      network.swapAt(position, network.count - 1)
      network.removeLast()
      let receiver = Int(message.to.rawValue) - 1
      if blocked[Int(message.from.rawValue) - 1][receiver] { continue }
      replicas[receiver].input { $0.step(message, into: &$1) }
    }
  }

  private mutating func post(_ messages: [RaftMessage]) {
    for message in messages {
      if chance(options.loss) { continue }
      let copies = chance(options.duplication) ? 2 : 1
      for _ in 0..<copies {
        let delay = chance(options.longDelay) ? 1 + below(150) : 1 + below(4)
        network.append((step + delay, message))
      }
    }
  }

  private mutating func finishWrites(of position: Int) {
    while replicas[position].core != nil, let write = replicas[position].writes.first,
      write.finishesAt <= step
    {
      replicas[position].writes.removeFirst()
      replicas[position].disk.perform(write)
      post(write.messages)
      replicas[position].input { $0.durable(write.mark, into: &$1) }
    }
  }

  /// The owner's part: does what the actions say.
  private mutating func perform(_ position: Int) {
    guard replicas[position].isDirty, var core = replicas[position].core else { return }
    replicas[position].core = nil
    replicas[position].isDirty = false
    var actions = replicas[position].actions
    let before = core.isReadyNeeded(&actions) ? nil : actions
    core.ready(into: &actions)
    if var before {
      // Owners do without `ready` then.
      before.mark = actions.mark
      if before != actions { checker.fail("\(core.id): ready is needed: \(actions)") }
    }
    if step % 8 == 0 { core.checkInvariants() }
    if let violation = actions.violation { checker.fail("\(core.id): \(violation)") }
    if core.role == .leader { checker.leads(core, incarnation: replicas[position].incarnation) }
    for entry in actions.entries {
      checker.appends(entry, after: core.term(at: entry.index.previous), on: core.id)
    }
    if let snapshot = actions.snapshot {
      checker.installs(snapshot, on: core.id)
      replicas[position].applied = snapshot.index
    }
    post(actions.messages)
    if actions.mustWrite || !actions.messagesAfterDurable.isEmpty {
      let earliest = replicas[position].writes.last?.finishesAt ?? step
      let delay = Int(random.next() % options.writeStepsMax)
      replicas[position].writes.append(
        .init(
          snapshot: actions.snapshot, hardState: actions.hardState, entries: actions.entries,
          mark: actions.mark, messages: actions.messagesAfterDurable,
          finishesAt: max(earliest, step + delay)))
    }
    if let committed = actions.committed { apply(committed, on: position, &core) }
    for state in actions.readStates {
      if let required = reads[state.context] {
        checker.reads(state.index, asOf: required, on: core.id)
        readsServed += 1
      }
    }
    let requests = actions.entriesNeeded
    let snapshots = actions.snapshotsNeeded
    actions.reset()
    for request in requests { supply(request, position, &core, &actions) }
    for follower in snapshots {
      if chance(100) {
        core.snapshotFailed(to: follower)
      } else if let descriptor = core.snapshotDescriptor(at: core.appliedIndex) {
        core.sendSnapshot(descriptor, to: follower, into: &actions)
      }
    }
    replicas[position].isDirty = !requests.isEmpty || !snapshots.isEmpty
    replicas[position].actions = actions
    replicas[position].core = core
  }

  private mutating func apply(_ committed: RaftCommitted, on position: Int, _ core: inout RaftCore)
  {
    var index = committed.first
    while index <= committed.last {
      guard let entry = core.entry(at: index) ?? replicas[position].entry(at: index) else {
        return checker.fail("\(core.id): entry \(index) is nowhere")
      }
      checker.applies(entry, on: core)
      index = index.next
    }
    replicas[position].applied = committed.last
    core.applied(upTo: committed.last)
  }

  private mutating func supply(
    _ request: RaftEntriesRequest, _ position: Int, _ core: inout RaftCore,
    _ actions: inout RaftActions
  ) {
    var entries: [RaftEntry] = []
    var index = request.first
    while index <= request.last, entries.count < 5, let entry = replicas[position].entry(at: index)
    {
      entries.append(entry)
      index = index.next
    }
    core.supply(entries, from: request.first, to: request.to, into: &actions)
  }
}
