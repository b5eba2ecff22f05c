import Testing

/// The checkers find each anomaly in histories made by hand, and nothing in good ones.
@Suite struct KafkaHistoryTests {
  private static func record(
    _ offset: Int64, id: Int = 1, _ number: Int, by write: Int, epoch: Int32 = 1
  ) -> KafkaSighting {
    KafkaSighting(
      offset: offset, epoch: epoch, timestamp: 5, key: Array("{\"id\":\(id)}".utf8),
      value: Array("{\"id\":\(id),\"n\":\(number),\"w\":\(write)}".utf8))
  }

  /// Two acknowledged writes of key 1, one that was refused, and one of keys 1 and 2 whose outcome is not known.
  private static func written() -> KafkaHistory {
    var history = KafkaHistory()
    for (number, outcome) in [KafkaHistory.Outcome.acknowledged, .acknowledged, .refused]
      .enumerated()
    {
      let write = history.beginWrite()
      history.noteRow(write, 1, outcome == .acknowledged ? number + 1 : nil)
      history.endWrite(write, outcome)
    }
    let write = history.beginWrite()
    history.noteRow(write, 1, nil)
    history.noteRow(write, 2, nil)
    return history
  }

  private static func faults(
    _ sightings: [(String, Int32, KafkaSighting)], rows: [Int: Int] = [1: 2]
  ) -> [String] {
    var history = written()
    for (group, partition, record) in sightings { history.see(group, partition, record) }
    history.check(rows)
    return history.faults
  }

  @Test("Kafka's checker: everything once, again from a commit on, and by another group is right")
  func right() {
    let all = [Self.record(0, 1, by: 1), Self.record(1, 2, by: 2)]
    #expect(
      Self.faults([
        ("a", 0, all[0]), ("a", 0, all[1]), ("a", 0, all[0]), ("a", 0, all[1]), ("b", 0, all[0]),
        ("b", 0, all[1]),
      ]).isEmpty)
    let both: [(String, Int32, KafkaSighting)] = [
      ("a", 0, all[0]), ("a", 0, all[1]), ("a", 0, Self.record(2, 3, by: 4)),
      ("a", 1, Self.record(0, id: 2, 1, by: 4)),
    ]
    #expect(Self.faults(both, rows: [1: 3, 2: 1]).isEmpty)
  }

  @Test("Kafka's checker: what is missing, skipped, out of order, undone or half there is found")
  func wrong() {
    let one = Self.record(0, 1, by: 1)
    let two = Self.record(1, 2, by: 2)
    let wrong: [(String, [(String, Int32, KafkaSighting)], [Int: Int])] = [
      ("missing", [("a", 0, one)], [1: 2]),
      ("skipped", [("a", 0, one), ("a", 0, Self.record(2, 2, by: 2))], [1: 2]),
      ("of one group", [("a", 0, one), ("a", 0, two), ("b", 0, one)], [1: 2]),
      ("order", [("a", 0, Self.record(0, 2, by: 2)), ("a", 0, Self.record(1, 1, by: 1))], [1: 2]),
      (
        "another record", [("a", 0, one), ("a", 0, two), ("b", 0, Self.record(0, 1, by: 2))], [1: 2]
      ),
      ("refused", [("a", 0, one), ("a", 0, two), ("a", 0, Self.record(2, 3, by: 3))], [1: 3]),
      ("half", [("a", 0, one), ("a", 0, two), ("a", 0, Self.record(2, 3, by: 4))], [1: 3]),
      ("nobody's", [("a", 0, one), ("a", 0, two), ("a", 0, Self.record(2, 3, by: 9))], [1: 3]),
      ("twice", [("a", 0, one), ("a", 0, two), ("a", 0, Self.record(2, 3, by: 2))], [1: 3]),
      ("term", [("a", 0, Self.record(0, 1, by: 1, epoch: 2)), ("a", 0, two)], [1: 2]),
    ]
    for (name, sightings, rows) in wrong {
      #expect(!Self.faults(sightings, rows: rows).isEmpty, "not found: \(name)")
    }
  }

  @Test("Kafka's checker: commits that are lost, older, or of a former holder are found")
  func commits() {
    var right = CommitHistory()
    right.told("a", 0, 1)
    let first = right.begin("a", 1, [0: 5])
    right.end("a", first, 0, .done)
    _ = right.begin("a", 1, [0: 9])
    for offset in [5, 9] as [Int64] {
      right.read("a", 0, began: right.beginReading(), offset)
    }
    #expect(right.faults.isEmpty)

    var lost = CommitHistory()
    let ticket = lost.begin("a", 1, [0: 5])
    lost.end("a", ticket, 0, .done)
    lost.read("a", 0, began: lost.beginReading(), nil)
    #expect(lost.faults.count == 1)

    var older = right
    let last = older.begin("a", 1, [0: 12])
    older.end("a", last, 0, .done)
    older.read("a", 0, began: older.beginReading(), 5)
    #expect(older.faults.count == 1)

    // One that was under way when another one got the partition can take effect no more.
    var late = right
    late.told("a", 0, 2)
    let newer = late.begin("a", 2, [0: 20])
    late.end("a", newer, 0, .done)
    late.read("a", 0, began: late.beginReading(), 9)
    #expect(late.faults.count == 1)

    var former = right
    former.told("a", 0, 2)
    let stale = former.begin("a", 1, [0: 30])
    former.end("a", stale, 0, .done)
    #expect(former.faults.count == 1)

    var invented = right
    invented.read("a", 0, began: invented.beginReading(), 6)
    #expect(invented.faults.count == 1)
  }

  @Test("Kafka's checker: a partition with two members in one generation is found")
  func generations() {
    var groups = CommitHistory()
    groups.shared("a", 1, [0, 1], "x")
    groups.shared("a", 1, [2], "y")
    groups.shared("a", 1, [0, 1], "x")
    groups.shared("a", 2, [0, 1], "y")
    #expect(groups.faults.isEmpty)
    groups.shared("a", 1, [1], "y")
    #expect(groups.faults.count == 1)
  }
}
