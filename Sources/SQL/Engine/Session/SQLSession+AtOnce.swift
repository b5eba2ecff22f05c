import Base
import Node
import Syntax
public import Types

/// Statements that need no waiting: run as plain functions, without a transaction of their own.
extension SQLSession {
  /// Reads one row by its key, where the row is at hand. `isAlone`: the implicit transaction, which
  /// then needs not be begun, has no other statement that could see another snapshot.
  /// Nil: nothing was done, `execute` has to. Else the rows; the portal has ended.
  public func readAtOnce(_ portal: Portal, isAlone: Bool) throws(SQLError) -> [[Value]]? {
    guard !portal.isStarted, status != .failed, let plan = portal.statement.plan,
      let read = plan.pointRead,
      portal.statement.planKey == planKey
    else { return nil }
    var rows: [[Value]] = []
    if let (key, bucket) = read.key(portal.parameters) {
      func decoded(_ bytes: UnsafeRawBufferPointer?) -> Result<[Value]?, SQLError> {
        Result { () throws(SQLError) in try bytes.map(read.row) }
      }
      let found: Result<[Value]?, SQLError>?
      if let transaction {
        found = transaction.readAtOnce(
          read.keyspace, key, in: bucket, of: plan.dependencies.keys, decoded)
      } else if !isExplicit && (isAlone || settings.defaultIsolation == .readCommitted) {
        found = shard.readAtOnce(read.keyspace, key, in: bucket, decoded)
      } else {
        found = nil
      }
      guard let found else { return nil }
      switch found {
      case .success(let row): if let row { rows.append(row) }
      case .failure(let error):
        fail()
        throw error
      }
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
    guard transaction == nil, !portals.hasDeclared else { return false }
    portals.removeAll()
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
