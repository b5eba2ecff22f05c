import Base
import Catalog
import Raft
import Reactor

@testable import KafkaRead
@testable import Node

/// Two groups of consumers of one topic, on hosts of their own beside a simulated cluster: one of the classic
/// protocol, with a static member, and one of KIP-848's. Lives on: the world's thread.
final class KafkaWork {
  static let table = "kt"
  static let topic = "public.kt"
  static let partitions = 8
  static let port = 9_092
  private static let hosts = [NodeID(rawValue: 901), NodeID(rawValue: 902)]
  static let classic = "classic"
  static let new = "new"
  private static let groups = [classic, new]
  private static let membersOfGroup = [classic: 3, new: 2]
  private static let instance = "static"

  unowned let simulation: ClusterSimulation
  var history = KafkaHistory()
  var commits = CommitHistory()
  var commitsUnknown = 0
  private var consumers: [KafkaConsumer] = []
  private var reactors: [any Reactor] = []
  private var toldFaults = 0

  init(_ simulation: ClusterSimulation) { self.simulation = simulation }

  func note(_ text: String) { simulation.note(text) }
  func fault(_ text: String) { simulation.fault("Kafka: \(text)") }

  /// A read that fails may be a disk's fault.
  var hasBrokenDisks: Bool { simulation.faultsMet.brokenDisks > 0 }

  /// Nodes that clients begin with, whether or not they run.
  func seeds() -> [KafkaMetadata.Node] {
    simulation.members.map {
      KafkaMetadata.Node(host: SimulatedWorld.address(of: $0), port: Self.port)
    }
  }

  // MARK: Consumers

  func begin() {
    for host in Self.hosts {
      simulation.world.start(host) { reactor, _ in reactors.append(reactor) }
    }
    fill()
  }

  private func living(_ group: String) -> [KafkaConsumer] {
    consumers.filter { $0.group == group && !$0.ends }
  }

  /// Groups get members until they have all they should; `oneIn`: those that are missing come with this chance.
  private func fill(oneIn chance: Int = 1) {
    for group in Self.groups {
      let missing = (Self.membersOfGroup[group] ?? 0) - living(group).count
      for _ in 0..<max(0, missing) where simulation.draw(1...chance) == 1 { start(group) }
    }
  }

  private func start(_ group: String) {
    let hasStatic = living(group).contains { $0.instance != nil }
    let reactor = reactors[simulation.draw(0...reactors.count - 1)]
    let consumer = KafkaConsumer(
      self, number: consumers.count + 1, group: group, group == Self.new ? .consumer : .classic,
      instance: group == Self.classic && !hasStatic ? Self.instance : nil, on: reactor,
      seed: simulation.random.next())
    consumers.append(consumer)
    consumer.note("starts")
    reactor.spawn { await consumer.run() }
  }

  /// Members die and leave, hosts are cut off from nodes, coordinators move. `heal` of the simulation ends cuts.
  func disturb() {
    let group = Self.groups[simulation.draw(0...Self.groups.count - 1)]
    switch simulation.draw(0...7) {
    case 0, 1: end(group) { $0.kill() }
    case 2: end(group) { $0.leaveGroup() }
    case 3, 4: cut()
    case 5: moveCoordinator(of: group)
    default: break
    }
    fill(oneIn: 2)
  }

  private func end(_ group: String, _ how: (KafkaConsumer) -> Void) {
    let living = living(group)
    guard !living.isEmpty else { return }
    let consumer = living[simulation.draw(0...living.count - 1)]
    simulation.faultsMet.consumersEnded += 1
    how(consumer)
    consumer.note(consumer.isKilled ? "is killed" : "is to leave")
  }

  private func cut() {
    let host = Self.hosts[simulation.draw(0...Self.hosts.count - 1)]
    let node = simulation.members[simulation.draw(0...simulation.members.count - 1)]
    note("clients on \(host) and \(node) are cut apart")
    simulation.world.partition(host, node)
  }

  private func moveCoordinator(of group: String) {
    for shard in simulation.shards.sorted(by: { $0.key < $1.key }).flatMap(\.value) {
      let id = shard.tablet(of: KafkaSchema.bucket(of: group))
      guard let tablet = shard.tablets[id], tablet.replication.isServing,
        let heir = tablet.replication.core.configuration.voters.first(where: {
          $0.node != shard.nodeID
        })
      else { continue }
      note("\(group) is to move from \(shard.nodeID)")
      return tablet.handOver(to: heir) { _ in }
    }
  }

  // MARK: The end

  /// What was found wrong since it was asked last.
  func tellFaults() {
    let all = history.faults + commits.faults
    for text in all.dropFirst(toldFaults) { fault(text) }
    toldFaults = all.count
  }

  /// Writers have ended, and everything has healed: the groups settle, read everything and commit it. Then they
  /// end. `rows`: the numbers of the table's rows.
  func finish(_ rows: [Int: Int]) {
    fill()
    let total = rows.values.reduce(0, +)
    var next: UInt64 = 0
    let isDone = simulation.world.run(atMostMilliseconds: 60_000) {
      guard simulation.world.now >= next else { return false }
      next = simulation.world.now + 20_000_000
      tellFaults()
      return simulation.hasFault || Self.groups.allSatisfy { hasReadAll($0, total) }
    }
    if simulation.hasFault { return }
    if !isDone { return fault("groups do not come to the end of \(total) changes: \(places)") }
    checkOffsets()
    endAll()
    history.check(rows)
    tellFaults()
    cover()
  }

  private func hasReadAll(_ group: String, _ total: Int) -> Bool {
    let living = living(group)
    let ends = (0..<Int32(Self.partitions)).map { history.end(group, $0) }
    guard ends.reduce(0, +) == Int64(total), living.allSatisfy(\.isSettled),
      living.reduce(0, { $0 + $1.positions.count }) == Self.partitions
    else { return false }
    return living.allSatisfy { consumer in
      consumer.positions.allSatisfy { partition, position in
        position == ends[Int(partition)] && consumer.committed[partition] ?? 0 == position
      }
    }
  }

  private var places: [String] {
    consumers.filter { !$0.ends }.map { consumer in
      let positions = consumer.positions.sorted { $0.key < $1.key }.map { partition, position in
        "\(partition): \(position ?? -1)"
      }
      return "\(consumer.number) of \(consumer.group), \(consumer.isMember): \(positions)"
    }
      + Self.groups.map { group in
        "\(group) \((0..<Int32(Self.partitions)).map { history.end(group, $0) })"
      }
  }

  /// What nodes say is what consumers came to: where the groups are, and where the partitions end.
  private func checkOffsets() {
    var isDone = false
    let client = KafkaClient(
      reactors[0], topic: Self.topic, seed: simulation.random.next(),
      seeds: { [unowned self] in seeds() }, fault: { [unowned self] in fault($0) })
    reactors[0].spawn { [self] in
      for group in Self.groups { await checkOffsets(of: group, client) }
      await checkEnds(client)
      client.close()
      isDone = true
    }
    if !simulation.world.run(atMostMilliseconds: 60_000, until: { isDone }) {
      fault("offsets cannot be read")
    }
  }

  private func checkOffsets(of group: String, _ client: KafkaClient) async {
    let all = (0..<Int32(Self.partitions)).map { $0 }
    for _ in 0..<20 {
      if let coordinator = await client.coordinator(of: group),
        let found = await KafkaOffsets.committed(group, all, member: nil, coordinator),
        found.error == .none
      {
        for partition in all where found.offsets[partition] ?? -1 != lastCommit(group, partition) {
          fault(
            "\(group) has \(found.offsets[partition] ?? -1) committed of \(partition), not "
              + "\(history.end(group, partition))")
        }
        return
      }
      client.forgetCoordinator()
      await reactors[0].sleep(milliseconds: 200)
    }
    fault("the offsets of \(group) cannot be read")
  }

  private func lastCommit(_ group: String, _ partition: Int32) -> Int64 {
    let end = history.end(group, partition)
    return end > 0 ? end : -1
  }

  private func checkEnds(_ client: KafkaClient) async {
    for partition in 0..<Int32(Self.partitions) {
      guard let end = await end(of: partition, client) else {
        return fault("the end of partition \(partition) cannot be read")
      }
      for group in Self.groups where history.end(group, partition) != end {
        fault("\(group) ends at \(history.end(group, partition)), \(partition) ends at \(end)")
      }
    }
  }

  private func end(of partition: Int32, _ client: KafkaClient) async -> Int64? {
    for _ in 0..<20 {
      if let metadata = await client.metadata(), let leader = metadata.leaders[partition],
        let node = metadata.nodes[leader.node],
        let connection = await client.connection(to: node, for: .records),
        let found = await KafkaOffsets.listed(
          partition, at: ListOffsetsRequest.latest, epoch: leader.epoch, connection),
        found.error == .none
      {
        return found.offset
      }
      client.forgetLeaders()
      await reactors[0].sleep(milliseconds: 200)
    }
    return nil
  }

  private func endAll() {
    for consumer in consumers where !consumer.ends { consumer.leaveGroup() }
    let hasEnded = simulation.world.run(atMostMilliseconds: 30_000) {
      consumers.allSatisfy(\.hasEnded)
    }
    if !hasEnded {
      fault("consumers do not end: \(consumers.filter { !$0.hasEnded }.map(\.number))")
    }
  }

  private func cover() {
    simulation.faultsMet.recordsRead += history.firstSightings
    simulation.faultsMet.recordsReadAgain += history.repeatedSightings
    simulation.faultsMet.topicWrites += history.acknowledgedWrites
    simulation.faultsMet.offsetsCommitted += commits.done
    simulation.faultsMet.commitsRefused += commits.refused
    simulation.faultsMet.commitsUnknown += commitsUnknown
    simulation.faultsMet.assignments += commits.assignments
  }
}
