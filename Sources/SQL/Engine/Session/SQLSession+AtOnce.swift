import Base
import Node
import Syntax
public import Types

/// Statements that need no waiting: run as plain functions, without a transaction of their own.
extension SQLSession {
  /// A block is open.
  public var isInBlock: Bool { isExplicit }

  /// Reads one row by its key, where no transaction is open and the row is at hand. `isAlone`: the
  /// implicit transaction has no other statement, which could see another snapshot than this one.
  /// Nil: nothing was done, `execute` has to. Else the rows; the portal has ended.
  public func readAtOnce(_ portal: Portal, isAlone: Bool) throws(SQLError) -> [[Value]]? {
    guard transaction == nil, !isExplicit, !portal.isStarted,
      isAlone || settings.defaultIsolation == .readCommitted,
      let plan = portal.statement.plan, let read = plan.pointRead,
      portal.statement.planKey == planKey
    else { return nil }
    var rows: [[Value]] = []
    if let (key, bucket) = read.key(portal.parameters) {
      let found = shard.readAtOnce(read.keyspace, key, in: bucket) { bytes in
        Result<[Value]?, SQLError> { () throws(SQLError) in try bytes.map(read.row) }
      }
      guard let found else { return nil }
      if let row = try found.get() { rows.append(row) }
    }
    portal.isStarted = true
    portal.isExhausted = true
    portal.tagBase = plan.commandTagBase
    portal.tagHasCount = true
    portal.rowsGiven = rows.count
    return rows
  }

  /// The end of a message without a transaction to end. False: `sync` has to.
  public func syncAtOnce() -> Bool {
    if isExplicit { return true }
    guard transaction == nil, portals.allSatisfy({ $0.value.declared == nil }) else {
      return false
    }
    portals.removeAll(keepingCapacity: true)
    return true
  }

  /// Reads one row by its key from wherever it is.
  func read(_ read: PointRead, _ portal: Portal, _ transaction: Transaction) async throws(SQLError)
  {
    portal.isExhausted = true
    transaction.refreshSnapshot()
    guard let (key, bucket) = read.key(portal.parameters) else { return }
    let bytes: [UInt8]?
    do throws(KernelError) {
      bytes = try await transaction.value(read.keyspace, key, in: bucket)
    } catch {
      throw sqlError(from: error)
    }
    if let bytes { portal.rows = [try read.row(bytes)] }
  }
}
