import Base
import Glibc
import Testing

@testable import Raft

private func environment(_ name: String) -> String? {
  guard let value = getenv(name) else { return nil }
  return String(cString: value)
}

/// One seed's world: sizes, badness and settings all follow from it.
private func options(seed: UInt64) -> SimulationOptions {
  var random = Xoshiro256(seed: seed ^ 0x5EED)
  var options = SimulationOptions()
  options.voters = random.next() % 2 == 0 ? 3 : 5
  options.loss = random.next() % 100
  options.crash = random.next() % 12
  options.partition = random.next() % 20
  options.membership = random.next() % 3 == 0 ? 0 : 25
  options.writeStepsMax = 1 + random.next() % 12
  options.settings.preVote = random.next() % 4 != 0
  options.settings.maxInflight = 1 + Int(random.next() % 4)
  options.settings.maxBatchBytes = 64 + Int(random.next() % 256)
  options.settings.maxRetainedBytes = random.next() % 2 == 0 ? 100 : 4_096
  options.settings.snapshotTimeoutTicks = 20
  options.settings.announceCommits = random.next() % 2 == 0
  return options
}

private func failure(seed: UInt64, _ result: String) -> Comment {
  "seed \(seed): \(result)\nrepeat: QUATRAIN_SEED=\(seed) swift test --filter RaftTests.RandomCluster"
}

@Suite struct RandomClusterTests {
  @Test("cluster: 240 seeds of loss, crashes, partitions and changes keep every promise")
  func chaos() {
    if let text = environment("QUATRAIN_SEED"), let seed = UInt64(text) {
      var cluster = SimulatedCluster(seed: seed, options: options(seed: seed))
      if let result = cluster.run() { Issue.record(failure(seed: seed, result)) }
      return
    }
    var committed = 0
    var reads = 0
    var leases = 0
    var changes = 0
    for seed in UInt64(1)...240 {
      var cluster = SimulatedCluster(seed: seed, options: options(seed: seed))
      if let result = cluster.run() {
        Issue.record(failure(seed: seed, result))
        return
      }
      committed += cluster.checker.model.count
      reads += cluster.readsServed
      leases += cluster.leaseSteps
      changes += cluster.changesDone
    }
    print("committed \(committed), reads \(reads), lease steps \(leases), changes \(changes)")
    // A world in which nothing happens finds nothing.
    #expect(committed > 20_000 && reads > 2_000 && leases > 20_000 && changes > 500)
  }

  @Test("cluster: a seed run twice ends in the same state")
  func deterministic() {
    var one = SimulatedCluster(seed: 77, options: options(seed: 77))
    var two = SimulatedCluster(seed: 77, options: options(seed: 77))
    #expect(one.run() == two.run())
    #expect(one.random.next() == two.random.next())
    #expect(one.checker.model.map(\.entry) == two.checker.model.map(\.entry))
  }

  /// Those that are left are `PlantedRuleTests`' and, for leases, `GroupSimulation`'s.
  @Test(
    "cluster: a planted bug is found",
    arguments: [RaftSettings.PlantedBug.commitEarlierTermByCounting, .acknowledgeBeforeDurable])
  func planted(bug: RaftSettings.PlantedBug) {
    for seed in UInt64(1)...600 {
      var options = SimulationOptions()
      options.voters = seed % 2 == 0 ? 3 : 5
      options.spares = 0
      options.membership = 0
      options.compaction = 0
      options.transfer = 0
      options.loss = 100
      options.longDelay = 60
      options.crash = 40
      options.restart = 120
      options.partition = 40
      options.heal = 30
      options.writeStepsMax = 10
      options.settings.preVote = false
      options.settings.checkQuorum = false
      options.settings.leases = false
      options.settings.electionTimeoutTicks = 5
      options.settings.leaseTicks = 3
      options.settings.heartbeatTicks = 1
      // One entry a message: old entries are acknowledged before those of the leader's term.
      options.settings.maxBatchBytes = 1
      options.settings.maxInflight = 1
      options.settings.plantedBug = bug
      var cluster = SimulatedCluster(seed: seed, options: options)
      if let result = cluster.run(), !result.hasPrefix("no progress") {
        print("\(bug): seed \(seed): \(result)")
        return
      }
    }
    Issue.record("no seed finds \(bug)")
  }
}
