@testable import Node

/// What one seed's cluster is like.
struct ClusterSimulationOptions {
  var nodes = 3
  var rounds = 5
  var plantedBug: PlantedBug?
  /// Tablets are split now and then.
  var splits = false
  /// The last node starts with a clock that is off by so much.
  var wrongClockNanoseconds: Int64 = 0
  /// Two nodes are cut apart while nothing else happens.
  var cut: Cut?
  /// Nodes are ended on purpose, and nothing else happens.
  var endsNodes = false
  /// They hand over what they lead before.
  var handsOver = true
  /// One more node joins in this round, while work goes on.
  var joinsInRound: Int?
  /// Nodes begin with clocks that are apart by up to 40 ms.
  var spreadsClocks = false
  /// SQL clients work on a table whose schema changes.
  var changesSchema = false
  /// CQL clients work on registers and counters by lightweight transactions.
  var runsCQL = false
  /// Groups of Kafka consumers read a topic that SQL clients write to; no other sessions run.
  var runsKafka = false
  /// Nodes of a second tier, in which every other place and the table are; it has so many replicas.
  /// 0: there is none.
  var tierNodes = 0
  /// The workload's keyspaces have change streams of so many partitions; 0: none.
  var streamPartitions = 0
  /// Some of them keep only the newest record of each key.
  var compactsStreams = false
  /// Sessions of each kind on each node.
  var sessions = 2

  struct Cut {
    var from: Int
    var to: Int
    var isOneWay: Bool
  }

  init(seed: UInt64) {
    nodes = seed % 5 == 0 ? 5 : 3
    joinsInRound = seed % 3 == 1 ? Int(seed % 2) + 1 : nil
    changesSchema = seed % 2 == 0
    spreadsClocks = seed % 2 == 1
    rounds = nodes == 5 ? 3 : 4
    sessions = changesSchema ? 1 : 2
  }
}

/// What happened to the cluster.
struct ClusterCoverage {
  var crashes = 0
  var partitions = 0
  var oneWayPartitions = 0
  var clockJumps = 0
  var clockDrifts = 0
  var delaySpikes = 0
  var resets = 0
  var lossyLinks = 0
  var brokenDisks = 0
  var failedLogs = 0
  var tornWrites = 0
  var joins = 0
  var drains = 0
  var ends = 0
  var transfers = 0
  var unavailable = 0
  var refusals = 0
  var registerCalls = 0
  /// Commands that were committed as they were written.
  var atOnce = 0
  var unknownWrites = 0
  var listTransactions = 0
  var sqlTransactions = 0
  var schemaChanges = 0
  var schemaRefusals = 0
  var splits = 0
  var tiers = 0
  var changeRecords = 0
  var movedStreams = 0
  var conditionalWrites = 0
  var counterUpdates = 0
  var plainWrites = 0
  var changesAtOnce = 0
  var unknownCQL = 0
  var topicWrites = 0
  var recordsRead = 0
  var recordsReadAgain = 0
  var offsetsCommitted = 0
  var commitsRefused = 0
  var commitsUnknown = 0
  var consumersEnded = 0
  var assignments = 0
  var cutStreams = 0
  var copiedStreams = 0
  var compactedSegments = 0

  static var names: [(String, WritableKeyPath<ClusterCoverage, Int>)] {
    [
      ("crashes", \.crashes), ("partitions", \.partitions),
      ("of one direction", \.oneWayPartitions), ("clock jumps", \.clockJumps),
      ("clock drifts", \.clockDrifts), ("delay spikes", \.delaySpikes), ("resets", \.resets),
      ("lossy groups", \.lossyLinks), ("broken disks", \.brokenDisks),
      ("failed logs", \.failedLogs), ("torn writes", \.tornWrites), ("joins", \.joins),
      ("drains", \.drains), ("transfers", \.transfers), ("unavailable", \.unavailable),
      ("disk refusals", \.refusals), ("register calls", \.registerCalls), ("at once", \.atOnce),
      ("unknown", \.unknownWrites), ("list transactions", \.listTransactions),
      ("SQL transactions", \.sqlTransactions), ("schema changes", \.schemaChanges),
      ("schema refusals", \.schemaRefusals), ("splits begun", \.splits),
      ("tiers made", \.tiers), ("ends", \.ends), ("change records", \.changeRecords),
      ("streams that moved", \.movedStreams), ("streams without a beginning", \.cutStreams),
      ("streams copied at the end", \.copiedStreams), ("segments compacted", \.compactedSegments),
      ("conditional writes", \.conditionalWrites),
      ("counter updates", \.counterUpdates), ("unknown in CQL", \.unknownCQL),
      ("plain writes in CQL", \.plainWrites), ("changes at once in CQL", \.changesAtOnce),
      ("writes to topics", \.topicWrites), ("records read", \.recordsRead),
      ("read again", \.recordsReadAgain), ("offsets committed", \.offsetsCommitted),
      ("commits refused", \.commitsRefused), ("commits unknown", \.commitsUnknown),
      ("consumers ended", \.consumersEnded), ("shares", \.assignments),
    ]
  }

  /// What so many seeds must reach, well below what they do. Few seeds prove nothing.
  static func minimums(seeds: Int) -> [(String, Int)] {
    guard seeds >= 8 else { return [] }
    return [
      ("crashes", 2), ("partitions", 1), ("register calls", 100), ("at once", 20),
      ("list transactions", 30),
      ("SQL transactions", 20), ("schema changes", 2),
    ].map { ($0.0, $0.1 * seeds) }
      + [
        "of one direction", "clock jumps", "clock drifts", "delay spikes", "resets",
        "lossy groups", "broken disks", "joins", "transfers", "unknown",
      ].map { ($0, 1) }
  }

  func value(_ name: String) -> Int {
    Self.names.first { $0.0 == name }.map { self[keyPath: $0.1] } ?? 0
  }

  mutating func add(_ other: ClusterCoverage) {
    for (_, path) in Self.names { self[keyPath: path] += other[keyPath: path] }
  }

  var text: String {
    Self.names.map { "\($0.0) \(self[keyPath: $0.1])" }.joined(separator: ", ")
  }
}
