import Base
import Glibc
import Synchronization
import Testing

@testable import Node

private func environment(_ name: String) -> UInt64? {
  getenv(name).flatMap { UInt64(String(cString: $0)) }
}

private func failure(_ seed: UInt64, _ text: String, _ simulation: NodeSimulation) -> Comment {
  """
  seed \(seed): \(text)
  repeat: QUATRAIN_SEED=\(seed) swift test --filter NodeSimulationTests.seeds
  \(simulation.lastEvents.joined(separator: "\n"))
  """
}

/// Runs one seed; records what it finds.
private func run(_ seed: UInt64) -> Coverage {
  let simulation = NodeSimulation(seed: seed, options: NodeSimulationOptions(seed: seed))
  let found = simulation.run()
  if environment("QUATRAIN_SEED") != nil { print("fingerprint \(simulation.fingerprint)") }
  if let text = found { Issue.record(failure(seed, text, simulation)) }
  return simulation.coverage
}

@Suite struct NodeSimulationTests {
  /// `QUATRAIN_SEED`: that one alone. `QUATRAIN_SEEDS`: how many, from `QUATRAIN_FIRST_SEED` on.
  @Test("node simulation: crashes, torn writes and disk errors break no promise")
  func seeds() async {
    if let seed = environment("QUATRAIN_SEED") {
      print(run(seed).text)
      return
    }
    let first = environment("QUATRAIN_FIRST_SEED") ?? 1
    let count = environment("QUATRAIN_SEEDS") ?? 200
    let lanes: UInt64 = 2
    let coverage = await withTaskGroup(of: Coverage.self) { group in
      for lane in 0..<lanes {
        group.addTask {
          var sum = Coverage()
          for seed in first..<first + count where seed % lanes == lane { sum.add(run(seed)) }
          return sum
        }
      }
      var sum = Coverage()
      for await part in group { sum.add(part) }
      return sum
    }
    print("\(count) seeds: \(coverage.text)")
    for (name, minimum) in Coverage.minimums(seeds: Int(count)) {
      #expect(coverage.value(name) >= minimum, "the workload reaches too few: \(name)")
    }
  }

  @Test("node simulation: a seed run twice is the same to the last byte", arguments: [3, 11])
  func deterministic(seed: UInt64) {
    let one = NodeSimulation(seed: seed, options: NodeSimulationOptions(seed: seed))
    let two = NodeSimulation(seed: seed, options: NodeSimulationOptions(seed: seed))
    #expect(one.run() == two.run())
    #expect(one.lastEvents == two.lastEvents)
    #expect(one.fingerprint == two.fingerprint)
    let other = NodeSimulation(seed: seed + 1, options: NodeSimulationOptions(seed: seed))
    _ = other.run()
    #expect(one.fingerprint != other.fingerprint)
  }

  @Test("node simulation: a planted bug is found", arguments: PlantedBug.ofOneNode)
  func planted(bug: PlantedBug) {
    for seed in UInt64(1)...600 {
      var options = NodeSimulationOptions(seed: seed)
      options.durability = .sync
      options.plantedBug = bug
      let simulation = NodeSimulation(seed: seed, options: options)
      if let text = simulation.run() {
        print("\(bug): seed \(seed): \(text)")
        return
      }
    }
    Issue.record("no seed finds \(bug)")
  }
}
