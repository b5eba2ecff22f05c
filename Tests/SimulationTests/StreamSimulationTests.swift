import Base
import Glibc
import Testing

@testable import Node

private func seeds(_ count: UInt64) -> ClosedRange<UInt64> {
  let first = environment("QUATRAIN_FIRST_SEED") ?? 1
  return environment("QUATRAIN_SEED").map { $0...$0 }
    ?? first...(first + (environment("QUATRAIN_SEEDS") ?? count) - 1)
}

private func options(_ seed: UInt64) -> ClusterSimulationOptions {
  var options = ClusterSimulationOptions(seed: seed)
  options.changesSchema = false
  options.splits = seed % 2 == 0
  // One for each tablet, or more than splits can reach.
  options.streamPartitions = options.splits ? 256 : 4
  options.compactsStreams = !options.splits
  return options
}

/// Change streams of the workload's keyspaces under every fault.
@Suite struct StreamSimulationTests {
  @Test("stream simulation: no change is missing, none comes twice, all replicas agree")
  func cluster() {
    var met = ClusterCoverage()
    var coverage = Coverage()
    let all = seeds(2)
    for seed in all {
      let simulation = ClusterSimulation(seed: seed, options: options(seed))
      if let fault = simulation.run() {
        Issue.record(
          """
          seed \(seed): \(fault)
          repeat: QUATRAIN_SEED=\(seed) swift test --filter StreamSimulationTests.cluster
          \(simulation.lastEvents.joined(separator: "\n"))
          """)
      }
      met.add(simulation.faultsMet)
      coverage.add(simulation.coverage)
    }
    print("streams in a cluster: \(met.text), \(coverage.text)")
    #expect(met.changeRecords > 100 * all.count)
    #expect(all.count == 1 || met.compactedSegments > all.count)
  }

  @Test("stream simulation: a seed run twice is the same", arguments: [2])
  func deterministic(seed: UInt64) {
    let both = (0..<2).map { _ in ClusterSimulation(seed: seed, options: options(seed)) }
    #expect(both[0].run() == both[1].run())
    #expect(both[0].fingerprint == both[1].fingerprint)
  }

  /// Some seeds each; `make simulate` runs them.
  @Test(
    "stream simulation: a planted bug is found",
    .enabled(if: environment("QUATRAIN_SEEDS") != nil || getenv("QUATRAIN_BUG") != nil),
    arguments: [PlantedBug.changesAtProposal, .changesNotSynced, .changesAtPrepare])
  func planted(bug: PlantedBug) {
    if let name = getenv("QUATRAIN_BUG"), String(cString: name) != "\(bug)" { return }
    let first = environment("QUATRAIN_FIRST_SEED") ?? 1
    for seed in first..<first + 40 {
      var options = options(seed)
      options.plantedBug = bug
      let simulation = ClusterSimulation(seed: seed, options: options)
      if let fault = simulation.run() {
        print("\(bug): seed \(seed): \(fault.prefix(1000))")
        return
      }
    }
    Issue.record("no seed finds \(bug)")
  }
}
