import Base
import Reactor
import Types

/// Transactions that have something here, and whose coordinator may be gone: its node has died, its word
/// that a transaction is over has been lost, or the decider's answer to it. Every tablet asks after those that have
/// been here for a while. Lives on: its shard.
///
/// What has not prepared may be given up at any time: its coordinator hears of it when it comes to commit.
/// What has prepared ends as its decider says. The gates that such a transaction has closed are opened.
extension NodeShard {
  static let orphanIntervalMilliseconds = 1_000

  func startOrphanWatch() {
    reactor.after(milliseconds: Self.orphanIntervalMilliseconds) { [unowned self] in
      askAfterOrphans()
      startOrphanWatch()
    }
  }

  private func askAfterOrphans() {
    guard cluster != nil else { return }
    var byPlace: [ShardPlace: [TransactionID]] = [:]
    for id in tabletIDs where hosted(id).replication.isServing {
      for transaction in hosted(id).open.keys.sorted() {
        guard isOld(transaction) else { continue }
        let place = ShardPlace(node: transaction.node, shard: transaction.shard)
        if byPlace[place]?.contains(transaction) != true {
          byPlace[place, default: []].append(transaction)
        }
      }
    }
    for transaction in Set(gates.closed.values).sorted() where isOld(transaction) {
      let place = ShardPlace(node: transaction.node, shard: transaction.shard)
      if byPlace[place]?.contains(transaction) != true {
        byPlace[place, default: []].append(transaction)
      }
    }
    for place in byPlace.keys.sorted() {
      guard let transactions = byPlace[place] else { continue }
      ask(place, AreActive(transactions: transactions)) { [self] answers in
        guard let answers else {
          // Out of reach: for good, or it will hear that they have been given up.
          if !isReachable(place.node) { transactions.forEach(endOrphan) }
          return
        }
        for (transaction, isActive) in zip(transactions, answers) where !isActive {
          endOrphan(transaction)
        }
      }
    }
  }

  /// Numbers of transactions are times.
  private func isOld(_ transaction: TransactionID) -> Bool {
    let age = wallNanoseconds() >> 13
    return (transaction.rawValue >> 16) + (2_000_000_000 >> 13) < age
  }

  private func isReachable(_ node: NodeID) -> Bool {
    node == nodeID || cluster?.isConnected(to: node) ?? false
  }

  private func endOrphan(_ transaction: TransactionID) {
    // Where it goes on after all, tablets keep out who comes now (`TableFences`).
    if gates.closed.values.contains(transaction) { openGates(of: transaction) }
    for id in tabletIDs {
      let tablet = hosted(id)
      guard tablet.replication.isServing, let state = tablet.open[transaction] else { continue }
      tablet.failWaiting(transaction, .serializationFailure("its coordinator is gone"))
      if let record = state.prepared {
        tablet.settleOrphan(record)
      } else {
        tablet.abandon(transaction)
      }
    }
  }
}
