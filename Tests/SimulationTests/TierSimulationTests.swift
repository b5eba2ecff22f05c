import Base
import Glibc
import Testing

@testable import Node

/// The cluster's simulation with a second tier: one node with one replica of everything, or three with
/// three, and transactions over both tiers.
@Suite struct TierSimulationTests {
  @Test("tier simulation: two tiers under every fault")
  func seeds() {
    let first = environment("QUATRAIN_FIRST_SEED") ?? 2
    let seeds =
      environment("QUATRAIN_SEED").map { $0...$0 }
      ?? first...(first + (environment("QUATRAIN_SEEDS") ?? 1) - 1)
    var coverage = Coverage()
    var met = ClusterCoverage()
    for seed in seeds {
      let simulation = ClusterSimulation(seed: seed, options: options(seed))
      let fault = simulation.run()
      if getenv("QUATRAIN_TRACE") != nil { print(simulation.trace.lines.joined(separator: "\n")) }
      if let fault {
        Issue.record(
          """
          seed \(seed): \(fault)
          repeat: QUATRAIN_SEED=\(seed) swift test --filter TierSimulationTests.seeds
          \(simulation.lastEvents.joined(separator: "\n"))
          """)
      }
      coverage.add(simulation.coverage)
      met.add(simulation.faultsMet)
    }
    print("two tiers: \(coverage.text)\n\(met.text)")
    #expect(met.tiers == seeds.count, "tiers were not made")
    #expect(coverage.twoPhaseCommits > 0 || environment("QUATRAIN_SEED") != nil)
  }

  private func options(_ seed: UInt64) -> ClusterSimulationOptions {
    var options = ClusterSimulationOptions(seed: seed)
    options.nodes = 3
    options.tierNodes = seed % 2 == 1 ? 3 : 1
    options.splits = seed % 4 >= 2
    options.sessions = 1
    options.rounds = 3
    return options
  }

  @Test("tier simulation: replicas on another tier's nodes are found")
  func planted() {
    for seed: UInt64 in 1...4 {
      var options = options(seed)
      options.plantedBug = .tiersMixed
      if ClusterSimulation(seed: seed, options: options).run() != nil { return }
    }
    Issue.record("no seed finds tiersMixed")
  }
}
