import Base
import Testing

@testable import Node

/// `QUATRAIN_SEED`: that one alone; `QUATRAIN_SEEDS`: how many, from `QUATRAIN_FIRST_SEED` on.
private func seeds(_ count: UInt64) -> ClosedRange<UInt64> {
  let first = environment("QUATRAIN_FIRST_SEED") ?? 1
  return environment("QUATRAIN_SEED").map { $0...$0 }
    ?? first...(first + (environment("QUATRAIN_SEEDS") ?? count) - 1)
}

private func nodeOptions(_ seed: UInt64) -> NodeSimulationOptions {
  var options = NodeSimulationOptions(seed: seed)
  options.splits = true
  return options
}

private func clusterOptions(_ seed: UInt64) -> ClusterSimulationOptions {
  var options = ClusterSimulationOptions(seed: seed)
  options.splits = true
  return options
}

/// The two simulations with splits among the faults.
@Suite struct SplitSimulationTests {
  @Test("split simulation: tablets of a node are split while it crashes")
  func node() {
    var coverage = Coverage()
    for seed in seeds(12) {
      let simulation = NodeSimulation(seed: seed, options: nodeOptions(seed))
      if let fault = simulation.run() {
        Issue.record(
          """
          seed \(seed): \(fault)
          repeat: QUATRAIN_SEED=\(seed) swift test --filter SplitSimulationTests.node
          \(simulation.lastEvents.joined(separator: "\n"))
          """)
      }
      coverage.add(simulation.coverage)
    }
    print("splits on a node: \(coverage.text)")
    #expect(coverage.splits > 0 || environment("QUATRAIN_SEED") != nil, "nothing was split")
  }

  @Test("split simulation: tablets of a cluster are split under every fault")
  func cluster() {
    var coverage = Coverage()
    var met = ClusterCoverage()
    for seed in seeds(2) {
      let simulation = ClusterSimulation(seed: seed, options: clusterOptions(seed))
      if let fault = simulation.run() {
        Issue.record(
          """
          seed \(seed): \(fault)
          repeat: QUATRAIN_SEED=\(seed) swift test --filter SplitSimulationTests.cluster
          \(simulation.lastEvents.joined(separator: "\n"))
          """)
      }
      coverage.add(simulation.coverage)
      met.add(simulation.faultsMet)
    }
    print("splits in a cluster: \(met.splits) begun, \(coverage.text)")
    #expect(coverage.splits > 0 || environment("QUATRAIN_SEED") != nil, "nothing was split")
  }

  @Test("split simulation: a seed run twice is the same", arguments: [2, 7])
  func deterministic(seed: UInt64) {
    let nodes = (0..<2).map { _ in NodeSimulation(seed: seed, options: nodeOptions(seed)) }
    #expect(nodes[0].run() == nodes[1].run())
    #expect(nodes[0].fingerprint == nodes[1].fingerprint)
    let clusters = (0..<2).map { _ in
      ClusterSimulation(seed: seed, options: clusterOptions(seed))
    }
    #expect(clusters[0].run() == clusters[1].run())
    #expect(clusters[0].fingerprint == clusters[1].fingerprint)
  }

  @Test(
    "split simulation: a planted bug is found",
    arguments: [PlantedBug.splitUnguarded, .rangeUnchecked])
  func planted(bug: PlantedBug) {
    for seed in UInt64(1)...60 {
      var options = nodeOptions(seed)
      options.plantedBug = bug
      let simulation = NodeSimulation(seed: seed, options: options)
      if let fault = simulation.run() {
        print("\(bug): seed \(seed): \(fault.prefix(500))")
        return
      }
    }
    Issue.record("no seed finds \(bug)")
  }
}
