import Testing

@Suite struct CQLSimulationTests {
  @Test(
    "CQL simulation: conditions, plain writes and counters are linearizable while nodes crash and are cut off"
  )
  func seeds() {
    let first = environment("QUATRAIN_FIRST_SEED") ?? 1
    let seeds =
      environment("QUATRAIN_SEED").map { $0...$0 }
      ?? first...(first + (environment("QUATRAIN_SEEDS") ?? 3) - 1)
    var met = ClusterCoverage()
    for seed in seeds {
      var options = ClusterSimulationOptions(seed: seed)
      options.nodes = 3
      options.changesSchema = false
      options.sessions = 1
      options.runsCQL = true
      let simulation = ClusterSimulation(seed: seed, options: options)
      if let fault = simulation.run() {
        Issue.record(
          """
          seed \(seed): \(fault)
          repeat: QUATRAIN_SEED=\(seed) swift test --filter CQLSimulationTests.seeds
          \(simulation.lastEvents.joined(separator: "\n"))
          """)
      }
      met.add(simulation.faultsMet)
    }
    print("\(seeds.count) seeds: \(met.text)")
    guard seeds.count >= 3 else { return }
    for (name, minimum) in [
      ("conditional writes", 60), ("counter updates", 40), ("crashes", 2),
      ("plain writes in CQL", 40),
      ("changes at once in CQL", 20),
    ] {
      #expect(met.value(name) >= minimum * seeds.count / 3, "too few: \(name)")
    }
  }

  @Test("counters' checker: what was acknowledged and is not there, and what falls, is found")
  func checker() {
    var lost = CounterTally()
    lost.endAddition(1, lost.beginAddition(1), .done)
    lost.endReading(1, began: lost.beginReading(), 0)
    #expect(lost.check().count == 1)
    var twice = CounterTally()
    twice.endAddition(1, twice.beginAddition(1), .done)
    twice.endReading(1, began: twice.beginReading(), 2)
    #expect(twice.check().count == 1)
    var falling = CounterTally()
    falling.endAddition(1, falling.beginAddition(1), .unknown)
    falling.endReading(1, began: falling.beginReading(), 1)
    falling.endReading(1, began: falling.beginReading(), 0)
    #expect(falling.check().count == 1)
    var right = CounterTally()
    right.endAddition(1, right.beginAddition(1), .unknown)
    right.endReading(1, began: right.beginReading(), 0)
    right.endReading(1, began: right.beginReading(), 1)
    #expect(right.check().isEmpty)
  }
}
