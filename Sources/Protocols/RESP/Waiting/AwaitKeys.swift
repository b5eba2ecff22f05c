import Base
import Catalog
import Node

/// Tells the leader of a tablet that a session waits for keys of it, or no longer does: where the command
/// itself runs on several tablets, or does not run any more.
struct AwaitKeys: Procedure {
  static let name = "redis.await"
  var waiter: WaiterID
  /// Of rows of `redis.keys`; none: the session has gone.
  var keys: [[UInt8]]
  var isReader: Bool

  init(waiter: WaiterID, keys: [[UInt8]], isReader: Bool) {
    self.waiter = waiter
    self.keys = keys
    self.isReader = isReader
  }
  func encode(into out: inout WireEncoder) {
    waiter.encode(into: &out)
    keys.encode(into: &out)
    isReader.encode(into: &out)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    waiter = try WaiterID(from: &reader)
    keys = try [[UInt8]](from: &reader)
    isReader = try Bool(from: &reader)
  }
  var isReadOnly: Bool { true }

  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> Bool {
    let waiters = transaction.local(KeyWaiters.self) { KeyWaiters($0) }
    if keys.isEmpty {
      waiters.leave(waiter)
    } else {
      waiters.join(waiter, keys, isReader: isReader)
    }
    return true
  }
}

extension RunOutcome {
  /// Of a run on one tablet, in the same step: what it waits for is written down, or forgotten. A run
  /// that has taken something away wakes the next one by its commit.
  mutating func settle(_ waiter: WaiterID, db: Int, _ transaction: TabletTransaction) {
    let waiters = transaction.local(KeyWaiters.self) { KeyWaiters($0) }
    isSettled = true
    guard let block else {
      let isError = replies.first?.first == UInt8(ascii: "-")
      return waiters.leave(waiter, hasTaken: !isError)
    }
    waiters.join(
      waiter, block.keys.map { RowKey.key(db: db, $0) }, isReader: block.isReader)
  }
}

extension RunCommands {
  /// Keys whose elements are another one's, who was woken for them and comes before.
  func yielded(_ transaction: TabletTransaction) -> [[UInt8]] {
    guard let waiter = options.waiter, let command = commands.first,
      let places = CommandTable.find(command.arguments)?.keyPositions(command.arguments)
    else { return [] }
    let keys = places.map { RowKey.key(db: command.db, command.arguments[$0]) }
    return transaction.local(KeyWaiters.self) { KeyWaiters($0) }.yielded(by: waiter, keys)
  }
}
