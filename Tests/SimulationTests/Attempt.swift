import Base
import Node

/// What the client knows of its transaction.
enum Outcome: Sendable {
  /// COMMIT has not been asked for: if the node crashes, nothing of it may be there.
  case running
  /// COMMIT is under way: a crash leaves it open.
  case committing
  case committed
  case failed
  case unknown
}

/// One transaction of the workload, as its client saw it.
final class Attempt {
  let id: Int
  let kind: String
  var isolation: IsolationLevel
  /// Its place in the order of all beginnings and replies.
  let began: Int
  var ended: Int?
  /// Virtual nanoseconds.
  var endedAt: UInt64 = 0
  var outcome = Outcome.running
  /// COMMIT was answered, but with durability `relaxed` a crash may have taken it back.
  var isRevocable = false
  /// The marks that it leaves when it commits: place and part.
  var marks: [Mark] = []
  /// Versions read, by cell; its own are not among them.
  var reads: [Cell: Int] = [:]
  var writes: [Cell: Int] = [:]
  /// What it saw that may not be, if it commits: a transaction that has lost its locks with a tablet's
  /// leader goes on until it hears of that.
  var doubt: String?
  /// Its reads are all of one snapshot.
  var isSnapshotReader = false

  struct Mark: Hashable {
    var place: Int
    var part: Int
  }

  init(id: Int, kind: String, isolation: IsolationLevel, began: Int) {
    self.id = id
    self.kind = kind
    self.isolation = isolation
    self.began = began
  }

  var places: Set<Int> { Set(marks.map(\.place)) }

  func note(_ cell: Cell, _ change: Change.Output, part: Int) {
    if change.before.writer != id { reads[cell] = change.before.version }
    writes[cell] = change.after.version
    mark(cell.place, part)
  }

  func mark(_ place: Int, _ part: Int) {
    let mark = Mark(place: place, part: part)
    if !marks.contains(mark) { marks.append(mark) }
  }
}

/// What the workload has reached. A world in which nothing happens finds nothing.
struct Coverage: Sendable {
  var commits = 0
  var twoPhaseCommits = 0
  var serializableCommits = 0
  var conflicts = 0
  var deadlocks = 0
  var lockFailures = 0
  var uniqueViolations = 0
  var rollbacks = 0
  var savepoints = 0
  /// Commands that were committed as they were written.
  var atOnce = 0
  var audits = 0
  var oldAudits = 0
  var crashes = 0
  var crashesInRecovery = 0
  var tornWrites = 0
  var brokenLogs = 0
  var refusals = 0
  var unknownCommitted = 0
  var unknownAborted = 0
  var checkpoints = 0
  var relaxedLosses = 0
  var tooLarge = 0
  var unreadable = 0
  /// Tablets that came by splits.
  var splits = 0
  var steps = 0

  static var names: [(String, WritableKeyPath<Coverage, Int>)] {
    [
      ("commits", \.commits), ("over several tablets", \.twoPhaseCommits),
      ("serializable", \.serializableCommits), ("conflicts", \.conflicts),
      ("deadlocks", \.deadlocks), ("locks refused", \.lockFailures),
      ("unique violations", \.uniqueViolations), ("rollbacks", \.rollbacks),
      ("savepoints", \.savepoints), ("at once", \.atOnce), ("audits", \.audits),
      ("of followers", \.oldAudits),
      ("crashes", \.crashes),
      ("in recovery", \.crashesInRecovery), ("torn writes", \.tornWrites),
      ("broken logs", \.brokenLogs), ("refusals", \.refusals),
      ("unknown, committed", \.unknownCommitted), ("unknown, not", \.unknownAborted),
      ("checkpoints", \.checkpoints), ("relaxed losses", \.relaxedLosses),
      ("too large", \.tooLarge), ("disks unreadable", \.unreadable), ("splits", \.splits),
      ("steps", \.steps),
    ]
  }

  func value(_ name: String) -> Int {
    Coverage.names.first { $0.0 == name }.map { self[keyPath: $0.1] } ?? 0
  }

  /// What so many seeds must reach: well below what they do. Few seeds prove nothing.
  static func minimums(seeds: Int) -> [(String, Int)] {
    guard seeds >= 50 else { return [] }
    return [
      ("commits", 150), ("over several tablets", 60), ("serializable", 50), ("conflicts", 12),
      ("unique violations", 10), ("rollbacks", 8), ("savepoints", 15), ("at once", 5),
      ("audits", 15),
      ("crashes", 3), ("unknown, not", 2), ("unknown, committed", 1), ("checkpoints", 2),
    ].map { ($0.0, $0.1 * seeds) } + [
      ("deadlocks", 5), ("locks refused", 50), ("in recovery", 5), ("torn writes", 10),
      ("broken logs", 20), ("refusals", 100), ("relaxed losses", 3), ("too large", 10),
      ("disks unreadable", 1),
    ]
  }

  mutating func add(_ other: Coverage) {
    for (_, path) in Coverage.names { self[keyPath: path] += other[keyPath: path] }
  }

  var text: String {
    Coverage.names.map { "\($0.0) \(self[keyPath: $0.1])" }.joined(separator: ", ")
  }
}
