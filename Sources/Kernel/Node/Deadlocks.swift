import Base

/// Which transactions wait for which, as one shard sees it.
struct WaitEdge: Sendable, Hashable {
  var waiter: TransactionID
  var blocker: TransactionID
}

/// Finds circles among waiting transactions (DESIGN 9). Lives on: shard 0 of
/// the node that leads group 0, which every shard tells
/// of its waits once in `Deadlocks.intervalMilliseconds` while it has any.
///
/// The edges of different shards are not of one instant, so a circle counts only when it is seen in
/// two rounds in a row.
struct Deadlocks {
  static let intervalMilliseconds = 50

  /// Those of a shard that has none left out.
  private var edges: [ShardPlace: [WaitEdge]] = [:]
  private var suspect: TransactionID?

  /// Takes a shard's waits in place of those it told before; returns the transaction to break.
  mutating func update(_ place: ShardPlace, _ waits: [WaitEdge]) -> TransactionID? {
    edges[place] = waits.isEmpty ? nil : waits
    let all = edges.sorted { $0.key < $1.key }.flatMap(\.value)
    guard let victim = Self.victim(in: all) else {
      suspect = nil
      return nil
    }
    if suspect == victim {
      suspect = nil
      return victim
    }
    suspect = victim
    return nil
  }

  /// A node that is gone waits for nobody.
  mutating func forget(_ node: NodeID) { edges = edges.filter { $0.key.node != node } }

  /// The youngest transaction on a circle, if there is a circle.
  static func victim(in edges: [WaitEdge]) -> TransactionID? {
    var next: [TransactionID: [TransactionID]] = [:]
    for edge in edges { next[edge.waiter, default: []].append(edge.blocker) }
    // The youngest first, so that the answer does not depend on the order of the edges.
    for start in Set(edges.map(\.waiter)).sorted(by: >) where reaches(start, start, next) {
      return start
    }
    return nil
  }

  private static func reaches(
    _ from: TransactionID, _ target: TransactionID, _ next: [TransactionID: [TransactionID]]
  ) -> Bool {
    var seen: Set<TransactionID> = []
    var stack = next[from] ?? []
    while let here = stack.popLast() {
      if here == target { return true }
      if seen.insert(here).inserted { stack.append(contentsOf: next[here] ?? []) }
    }
    return false
  }
}
