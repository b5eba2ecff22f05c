import Base
import Raft
import Reactor

@testable import Node

/// What is done to the cluster.
extension ClusterSimulation {
  func disturb() {
    if cluster.splits && random.next() % 2 == 0 { split() }
    let node = members[draw(0...members.count - 1)]
    let other = members[draw(0...members.count - 1)]
    if let changer, random.next() % 3 == 0 { return cut(changer, other) }
    switch draw(0...21) {
    case 0, 1, 2: crash(node)
    case 3:
      crash(node)
      crash(other)
    case 4, 5, 6: cut(node, other)
    case 7, 8: cutOff(node)
    case 9: world.disk(of: node).faults.slowness = draw(2...50)
    case 10:
      faultsMet.clockJumps += 1
      world.setClock(
        node, aheadNanoseconds: Int64.random(in: -20_000_000...20_000_000, using: &random))
    case 11:
      faultsMet.clockDrifts += 1
      world.setClock(
        node, aheadNanoseconds: 0,
        driftPartsPerMillion: Int64.random(in: -500...500, using: &random))
      world.setTimerDrift(node, partsPerThousand: Int64.random(in: -50...50, using: &random))
    case 12, 13: moveLeader(on: node)
    case 14:
      faultsMet.delaySpikes += 1
      world.options.networkDelay = 2_000_000...draw(UInt64(4_000_000)...60_000_000)
    case 15:
      faultsMet.resets += 1
      world.options.brokenDeliveriesPerMille = draw(2...20)
    case 16, 17:
      faultsMet.lossyLinks += 1
      lossPerMille = draw(5...100)
    case 18: breakDisk(of: node)
    case 19, 20: drain(node)
    default: heal()
    }
    for rest in members where !world.isRunning(rest) && random.next() % 2 == 0 { start(rest) }
  }

  /// Two of them, in both directions or in one.
  private func cut(_ node: NodeID, _ other: NodeID) {
    guard node != other else { return }
    faultsMet.partitions += 1
    if random.next() % 2 == 0 {
      note("\(node) and \(other) are cut apart")
      world.partition(node, other)
    } else {
      faultsMet.oneWayPartitions += 1
      note("what \(node) sends does not reach \(other)")
      world.partition(from: node, to: other)
    }
  }

  /// One from all others: it hears nothing, or is not heard, or both.
  private func cutOff(_ node: NodeID) {
    faultsMet.partitions += 1
    let kind = draw(0...2)
    if kind > 0 { faultsMet.oneWayPartitions += 1 }
    note("\(node) is cut off, \(["wholly", "unheard", "deaf"][kind])")
    for rest in members where rest != node {
      if kind != 2 { world.partition(from: node, to: rest) }
      if kind != 1 { world.partition(from: rest, to: node) }
    }
  }

  /// Its writes fail and tear. A log that has failed refuses work until the node starts again.
  private func breakDisk(of node: NodeID) {
    faultsMet.brokenDisks += 1
    note("the disk of \(node) breaks")
    world.disk(of: node).faults.writeErrorsPerMille = draw(2...40)
  }

  private func moveLeader(on node: NodeID) {
    for shard in shards[node] ?? [] {
      for id in shard.tabletIDs where shard.hosted(id).replication.isServing {
        let group = shard.hosted(id).replication
        guard let heir = group.core.configuration.voters.first(where: { $0.node != shard.nodeID })
        else { continue }
        faultsMet.transfers += 1
        shard.hosted(id).handOver(to: heir) { _ in }
        return
      }
    }
  }

  /// Its replicas and leaders are to go elsewhere; its clients go on, and change schemas too.
  private func drain(_ node: NodeID) {
    guard members.count > 3, !hasTier, draining.isEmpty,
      let own = shards[node]?.first?.nodeID
    else { return }
    faultsMet.drains += 1
    draining.insert(own)
    change(.drain(own))
  }

  /// An operator's wish, through some node, without waiting for its end.
  private func change(_ wish: ClusterChange) {
    let ready = readyNodes
    guard !ready.isEmpty, let shard = shards[ready[draw(0...ready.count - 1)]]?.first else {
      return
    }
    note("\(wish) by \(shard.nodeID)")
    shard.reactor.spawn { [self] in
      do throws(KernelError) {
        try await shard.change(wish)
        note("\(wish) is done")
      } catch {
        note("\(wish): \(error)")
      }
    }
  }

  /// A tablet's split begins, on the way to whatever comes next.
  private func split() {
    guard let node = readyNodes.first, let shard = shards[node]?.first else { return }
    let number = draw(0...63)
    shard.reactor.spawn { [self] in
      let refusal = await shard.splitSome(number)
      if refusal == nil { faultsMet.splits += 1 }
      note("split \(number): \(refusal.map { "\($0)" } ?? "begins")")
    }
  }

  /// Everything works again, and whoever was down comes back.
  func heal() {
    world.healAll()
    world.options = usual
    lossPerMille = 0
    for node in members {
      world.disk(of: node).faults = DiskFaults()
      world.setTimerDrift(node, partsPerThousand: 0)
      // An operator starts a node again whose log has failed.
      if shards[node]?.contains(where: { $0.logFailure != nil }) == true {
        faultsMet.failedLogs += 1
        crash(node)
      }
      if !world.isRunning(node) { start(node) }
    }
  }

  /// Nodes that drain are taken back into use.
  func resumeDrained() {
    for node in draining.sorted() {
      perform("resume") { [self] shard in
        for _ in 0..<50 {
          do throws(KernelError) {
            return try await shard.change(.resume(node))
          } catch {
            note("resume \(node): \(error)")
            await shard.reactor.sleep(milliseconds: 100)
          }
        }
        fault("node \(node) cannot be resumed")
      }
    }
    draining = []
  }
}
