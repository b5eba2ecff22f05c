import Base
import Glibc
import Testing

@testable import Node

private func environment(_ name: String) -> UInt64? {
  getenv(name).flatMap { UInt64(String(cString: $0)) }
}

@Suite struct ClusterSimulationTests {
  @Test("cluster simulation: nodes join, crash, are cut off, and no promise is broken")
  func seeds() {
    let first = environment("QUATRAIN_FIRST_SEED") ?? 1
    let seeds =
      environment("QUATRAIN_SEED").map { $0...$0 }
      ?? first...(first + (environment("QUATRAIN_SEEDS") ?? 12) - 1)
    var coverage = Coverage()
    var met = ClusterCoverage()
    for seed in seeds {
      let simulation = ClusterSimulation(
        seed: seed, options: ClusterSimulationOptions(seed: seed))
      if let fault = simulation.run() {
        Issue.record(
          """
          seed \(seed): \(fault)
          repeat: QUATRAIN_SEED=\(seed) swift test --filter ClusterSimulationTests.seeds
          \(simulation.lastEvents.joined(separator: "\n"))
          """)
      }
      coverage.add(simulation.coverage)
      met.add(simulation.faultsMet)
    }
    print("\(seeds.count) seeds: \(coverage.text)")
    print(
      "crashes \(met.crashes), partitions \(met.partitions), clock jumps \(met.clockJumps), "
        + "transfers \(met.transfers), unavailable \(met.unavailable)")
  }

  @Test(
    "cluster simulation: a node with a wrong clock leads nothing",
    arguments: [2_000_000_000, -900_000_000] as [Int64])
  func wrongClock(nanoseconds: Int64) {
    var options = ClusterSimulationOptions(seed: 1)
    options.wrongClockNanoseconds = nanoseconds
    let simulation = ClusterSimulation(seed: 1, options: options)
    if let fault = simulation.run() {
      Issue.record("\(fault)\n\(simulation.lastEvents.joined(separator: "\n"))")
    }
  }

  @Test("cluster simulation: a seed run twice is the same", arguments: [2, 5])
  func deterministic(seed: UInt64) {
    let one = ClusterSimulation(seed: seed, options: ClusterSimulationOptions(seed: seed))
    let two = ClusterSimulation(seed: seed, options: ClusterSimulationOptions(seed: seed))
    #expect(one.run() == two.run())
    #expect(one.fingerprint == two.fingerprint)
  }

  @Test(
    "cluster simulation: a planted bug is found",
    arguments: [PlantedBug.clocksTrusted])
  func planted(bug: PlantedBug) {
    for seed in UInt64(environment("QUATRAIN_FIRST_SEED") ?? 8)...40 {
      var options = ClusterSimulationOptions(seed: seed)
      options.plantedBug = bug
      let simulation = ClusterSimulation(seed: seed, options: options)
      if let fault = simulation.run() {
        print("\(bug): seed \(seed): \(fault.prefix(2000))")
        return
      }
    }
    Issue.record("no seed finds \(bug)")
  }
}
