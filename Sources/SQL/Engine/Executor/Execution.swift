import Base
import Catalog
public import Functions
public import Node
public import Types

/// One execution of a planned statement. Lives on: the session's shard.
final class Execution {
  let transaction: Transaction
  /// Bytes that operators may hold together; above it the statement ends with 53200.
  let memoryMax: Int
  let newRowID: () -> Int64
  /// Which tablet has a bucket, to send one call for many rows.
  /// By the newest map of tablets: asked twice, it may say something else.
  let placeOf: (Bucket) -> TabletPlace
  let sequences: any SequenceAccess
  private(set) var memoryUsed = 0
  /// Of the statement's own change, for the command tag.
  var rowsAffected = 0
  /// Rows of common table expressions, by their number in the statement, with the outer values that
  /// they were made from.
  var commonTables: [Int: (outer: [Value], rows: [[Value]])] = [:]
  var workTables: [Int: [[Value]]] = [:]
  /// Where WITH items change rows: what was read before, the keys of rows that have been changed (a
  /// row is changed once), and foreign keys to be looked at when everything is done.
  var earlyRows: [ObjectIdentifier: [[Value]]] = [:]
  private var changedKeys: [ObjectID: Set<[UInt8]>]?
  private var laterChecks: [() async throws(KernelError) -> Void] = []
  /// Foreign keys to be checked at COMMIT.
  let deferred: DeferredChecks
  var measurements: [ObjectIdentifier: NodeMeasurement] = [:]
  var isMeasured = false
  /// A cursor reads it, and comes again where there is nothing for now.
  var mayPause = false
  /// Nothing has come for now.
  var isPaused = false
  let clock: () -> Int64
  private var steps = 0
  private var lastPause: Int64

  init(
    transaction: Transaction, memoryMax: Int, newRowID: @escaping () -> Int64,
    placeOf: @escaping (Bucket) -> TabletPlace, sequences: any SequenceAccess,
    deferred: DeferredChecks, clock: @escaping () -> Int64
  ) {
    self.transaction = transaction
    self.memoryMax = memoryMax
    self.newRowID = newRowID
    self.placeOf = placeOf
    self.sequences = sequences
    self.deferred = deferred
    self.clock = clock
    lastPause = clock()
  }

  /// Microseconds of computing after which the shard's other work has its turn.
  private static let pauseMicroseconds: Int64 = 10_000
  private static let stepsPerLook = 64

  /// One step of a computation that needs nothing of a tablet. Where it says so, `pause` follows.
  func isPauseDue() -> Bool {
    steps += 1
    guard steps >= Self.stepsPerLook else { return false }
    steps = 0
    return clock() - lastPause > Self.pauseMicroseconds
  }

  /// Lets others run, and ends the statement if it has been cancelled.
  func pause() async throws(KernelError) {
    try await transaction.yieldTurn()
    lastPause = clock()
  }

  /// Counts memory that an operator keeps.
  func charge(_ bytes: Int) throws(KernelError) {
    memoryUsed += bytes
    guard memoryUsed <= memoryMax else {
      throw .user(
        SQLError(
          .outOfMemory, "out of memory",
          detail: "The statement needs more than \(memoryMax / 1_048_576) MiB of work memory."))
    }
  }

  /// Before the statement runs again: nothing was read, nothing written.
  func reset() {
    memoryUsed = 0
    rowsAffected = 0
    commonTables = [:]
    workTables = [:]
    measurements = [:]
    earlyRows = [:]
    changedKeys = nil
    laterChecks = []
  }

  func beginChanges() { changedKeys = [:] }

  func endChanges() async throws(KernelError) {
    changedKeys = nil
    let checks = laterChecks
    laterChecks = []
    for check in checks { try await check() }
  }

  /// False where another part of the statement has changed the row.
  func mayChange(_ table: ObjectID, _ key: [UInt8]) -> Bool {
    if changedKeys == nil { return true }
    return changedKeys?[table, default: []].insert(key).inserted ?? true
  }

  /// Whether foreign keys are looked at when all parts of the statement have run.
  var checksLater: Bool { changedKeys != nil }

  func checkLater(_ body: @escaping () async throws(KernelError) -> Void) {
    laterChecks.append(body)
  }

  func release(_ bytes: Int) { memoryUsed -= bytes }

  /// An estimate of the row's memory.
  static func size(of row: [Value]) -> Int {
    var size = 48
    for value in row {
      size += 16
      switch value {
      case .text(let bytes), .bytes(let bytes): size += 32 + bytes.count
      case .array(let array): size += 64 + array.elements.count * 24
      case .null, .bool, .int, .float: break
      default: size += 64
      }
    }
    return size
  }
}

struct NodeMeasurement {
  var rows = 0
  var loops = 0
  var microseconds: Int64 = 0
}

/// The calls of SQL that wait: sequences and the like. The session implements it.
public protocol SequenceAccess: AnyObject {
  /// nextval, currval, setval, lastval, pg_sleep, advisory locks: functions whose body is
  /// `.engine(name)`. Arguments have the resolved types.
  func call(
    _ name: String, _ arguments: [Value], context: EvaluationContext, transaction: Transaction
  )
    async throws(SQLError) -> Value
}

/// A stream of batches. Lives on: the session's shard.
class RowSource {
  /// Nil at the end; batches are never empty.
  func next() async throws(KernelError) -> [[Value]]? { nil }
}
