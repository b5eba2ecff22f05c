import Base
import Glibc
import Synchronization
import Testing

@testable import Node

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

  /// Those that a node alone can show, each within 600 seeds from the first one named, which is known to be near.
  @Test(
    "node simulation: a planted bug is found",
    arguments: [
      (PlantedBug.acknowledgeBeforeDurable, 1), (.tornTailAccepted, 1), (.promisesNotConfirmed, 1),
      (.decisionNotLogged, 1), (.unknownDecisionAborted, 40), (.undoSkipped, 1),
      (.preparedIntentsPassed, 1), (.readsNotValidated, 70), (.newerVersionOverwritten, 1),
      (.doubtsAborted, 1), (.decisionForgottenEarly, 1), (.repeatedResolveTrusted, 30),
      (.preparedLeftOutOfCheckpoint, 25), (.clocksApart, 10),
    ] as [(PlantedBug, UInt64)])
  func planted(bug: PlantedBug, from near: UInt64) {
    // `QUATRAIN_BUG=repeatedResolveTrusted`: that one alone.
    if let name = getenv("QUATRAIN_BUG"), String(cString: name) != "\(bug)" { return }
    let first = environment("QUATRAIN_FIRST_SEED") ?? near
    for seed in first..<first + 600 {
      var options = NodeSimulationOptions(seed: seed)
      options.durability = .sync
      options.plantedBug = bug
      if bug == .repeatedResolveTrusted {
        // It takes a crash in the middle of a recovery: more lives, and shorter ones.
        options.lives = 16
        options.lifeMilliseconds = 2...20
      }
      let simulation = NodeSimulation(seed: seed, options: options)
      if let text = simulation.run() {
        print("\(bug): seed \(seed): \(text)")
        return
      }
    }
    Issue.record("no seed finds \(bug)")
  }
}
