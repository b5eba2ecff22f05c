import Base

/// Who may do what with which key of one tablet: holders, and the calls that wait, in order.
/// Lives on: the tablet's shard, in the leader's memory only; prepare records carry the locks that
/// must outlive it (DESIGN 22.3).
struct LockTable {
  struct Key: Hashable {
    var space: KeyspaceID
    var bytes: [UInt8]
  }

  private struct Holder {
    var transaction: TransactionID
    var mode: LockMode
  }

  private var holders: [Key: [Holder]] = [:]
  private var keysOf: [TransactionID: [Key]] = [:]

  var isEmpty: Bool { holders.isEmpty }

  /// The transactions whose locks on the key conflict with `mode`, in the order they came.
  func conflicts(_ request: LockRequest, by transaction: TransactionID) -> [TransactionID] {
    if holders.isEmpty { return [] }
    guard let found = holders[Key(space: request.space, bytes: request.key)] else { return [] }
    return found.lazy
      .filter { $0.transaction != transaction && $0.mode.conflicts(with: request.mode) }
      .map(\.transaction)
  }

  /// Gives the lock, or strengthens the one held. The caller has seen no conflict.
  mutating func acquire(_ request: LockRequest, by transaction: TransactionID) {
    let key = Key(space: request.space, bytes: request.key)
    var found = holders[key] ?? []
    if let own = found.firstIndex(where: { $0.transaction == transaction }) {
      if found[own].mode >= request.mode { return }
      found[own].mode = request.mode
    } else {
      found.append(Holder(transaction: transaction, mode: request.mode))
      keysOf[transaction, default: []].append(key)
    }
    holders[key] = found
  }

  /// All locks of the transaction, for its prepare record.
  func locks(of transaction: TransactionID) -> [LockRequest] {
    (keysOf[transaction] ?? []).map { key in
      let mode = holders[key]?.first { $0.transaction == transaction }?.mode
      invariant(mode != nil, "lock of \(transaction) has no holder")
      return LockRequest(space: key.space, key: key.bytes, mode: mode ?? .update)
    }
  }

  mutating func releaseAll(of transaction: TransactionID) {
    guard let keys = keysOf.removeValue(forKey: transaction) else { return }
    for key in keys {
      guard var found = holders[key] else { continue }
      found.removeAll { $0.transaction == transaction }
      holders[key] = found.isEmpty ? nil : found
    }
  }
}
