import Glibc
import Testing

@testable import Node

private func options(_ seed: UInt64, _ bug: PlantedBug? = nil) -> ClusterSimulationOptions {
  var options = ClusterSimulationOptions(seed: seed)
  options.nodes = 3
  options.rounds = 3
  options.changesSchema = false
  options.sessions = 0
  options.runsKafka = true
  options.splits = seed % 3 == 0
  options.plantedBug = bug
  return options
}

/// Groups of Kafka consumers under every fault.
@Suite struct KafkaSimulationTests {
  /// Each but the first has found a fault: a leader without a lease that kept no groups, a reading that met a
  /// write, a replica that lagged and was asked for old records.
  private static let usual: [UInt64] = [2, 5, 17, 22]

  private static var asked: [UInt64] {
    if let one = environment("QUATRAIN_SEED") { return [one] }
    let (first, count) = (environment("QUATRAIN_FIRST_SEED"), environment("QUATRAIN_SEEDS"))
    if first == nil, count == nil { return usual }
    return (0..<(count ?? 3)).map { (first ?? 1) + $0 }
  }

  @Test("Kafka simulation: groups see every change in order, and what they have committed stays")
  func seeds() {
    let seeds = Self.asked
    var met = ClusterCoverage()
    for seed in seeds {
      let simulation = ClusterSimulation(seed: seed, options: options(seed))
      let fault = simulation.run()
      if environment("QUATRAIN_SEED") != nil { print("fingerprint \(simulation.fingerprint)") }
      if getenv("QUATRAIN_TRACE") != nil { print(simulation.trace.lines.joined(separator: "\n")) }
      if let fault {
        Issue.record(
          """
          seed \(seed): \(fault)
          repeat: QUATRAIN_SEED=\(seed) swift test --filter KafkaSimulationTests.seeds
          \(simulation.lastEvents.joined(separator: "\n"))
          """)
      }
      met.add(simulation.faultsMet)
    }
    print("\(seeds.count) seeds: \(met.text)")
    guard seeds.count >= 3 else { return }
    for (name, minimum) in [
      ("writes to topics", 60), ("records read", 150), ("offsets committed", 40), ("shares", 20),
    ] {
      #expect(met.value(name) >= minimum * seeds.count, "too few: \(name)")
    }
  }

  @Test("Kafka simulation: a seed run twice is the same", arguments: [2])
  func deterministic(seed: UInt64) {
    let both = (0..<2).map { _ in ClusterSimulation(seed: seed, options: options(seed)) }
    #expect(both[0].run() == both[1].run())
    #expect(both[0].fingerprint == both[1].fingerprint)
  }

  /// Each is found by the seed named; others are `QUATRAIN_FIRST_SEED` and those behind it.
  @Test(
    "Kafka simulation: a planted bug is found",
    arguments: [
      (PlantedBug.offsetsAnsweredEarly, 2), (.membersNotFenced, 4), (.changesAtProposal, 1),
    ] as [(PlantedBug, UInt64)])
  func planted(bug: PlantedBug, from near: UInt64) {
    if let name = getenv("QUATRAIN_BUG"), String(cString: name) != "\(bug)" { return }
    let first = environment("QUATRAIN_FIRST_SEED") ?? near
    for seed in first..<first + (environment("QUATRAIN_SEEDS") == nil ? 1 : 40) {
      let simulation = ClusterSimulation(seed: seed, options: options(seed, bug))
      if let fault = simulation.run() {
        print("\(bug): seed \(seed): \(fault.prefix(1000))")
        return
      }
    }
    Issue.record("no seed finds \(bug)")
  }
}
