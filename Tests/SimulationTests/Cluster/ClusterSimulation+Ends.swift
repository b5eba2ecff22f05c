import Base
import Reactor

@testable import Node

/// Nodes that are ended on purpose, one after the other, under load.
extension ClusterSimulation {
  /// Whoever works through other nodes notices nothing: no call is lost, and no outcome unknown. Disks are slow
  /// now and then, so that answers wait for the log while their leader leaves.
  func liveThroughEnds() {
    for round in 0..<2 * members.count {
      let node = members[round % members.count]
      startSessions(round)
      world.run(until: world.now + draw(UInt64(200_000_000)...900_000_000))
      for other in members {
        // A write takes up to 24 ms, that of the ending node up to half a second.
        world.disk(of: other).faults.slowness = draw(1...(other == node ? 1_200 : 60))
      }
      guard end(node) else { return }
      heal()
      guard awaitReady(members), awaitReplicas() else {
        return fault("round \(round): \(node) does not come back: \(placement)")
      }
      guard endRound() else { return }
    }
    checkHistories()
  }

  /// As an operator's SIGTERM does: it hands over what it leads, and ends.
  private func end(_ node: NodeID) -> Bool {
    guard let shard = shards[node]?.first else {
      fault("\(node) is not there to end")
      return false
    }
    note("\(node) is ended")
    if cluster.handsOver {
      guard handOver(shard, of: node) else { return false }
    }
    faultsMet.ends += 1
    crash(node)
    return !hasFault
  }

  private func handOver(_ shard: NodeShard, of node: NodeID) -> Bool {
    let began = world.now
    hasHandedOver = false
    NodeHandle(shard).handOver { [self] in hasHandedOver = true }
    guard world.run(atMostMilliseconds: 20_000, until: { hasHandedOver || hasFault }), !hasFault
    else {
      fault("\(node) does not end")
      return false
    }
    let led = leaderCounts(of: node)
    note("\(node) leads \(led) after \((world.now - began) / 1_000_000) ms")
    if led > 0 {
      fault("\(node) ends with \(led) leaderships")
      return false
    }
    return true
  }

  /// What a client of a living node must not hear while nothing but such ends happens.
  func checkEnding(_ kind: String, _ error: KernelError?) {
    guard cluster.endsNodes, let error else { return }
    switch error {
    case .unknownOutcome: fault("\(kind): \(error), though nodes end on purpose alone")
    case .serializationFailure(let text) where text.contains("was lost"):
      fault("\(kind): \(text), though nodes end on purpose alone")
    default: break
    }
  }
}
