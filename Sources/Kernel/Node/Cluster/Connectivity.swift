import Base

/// Which nodes do not reach one another although both live. Such a pair's clients cannot use one another's
/// leaders, so that leaders belong on nodes that all others reach. Pure, so that it can be tested by itself;
/// the balancer keeps one. Lives on: shard 0.
struct Connectivity {
  /// A node's account of whom it hears.
  struct Account: Equatable {
    var node: NodeID
    var hears: [NodeID]
  }

  private struct Pair: Hashable, Comparable {
    var lower: NodeID
    var upper: NodeID

    init(_ one: NodeID, _ other: NodeID) {
      lower = min(one, other)
      upper = max(one, other)
    }
    static func < (one: Pair, other: Pair) -> Bool {
      (one.lower, one.upper) < (other.lower, other.upper)
    }
  }

  private var brokenSince: [Pair: UInt64] = [:]

  /// A pair counts when it has been apart for so long: longer than nodes take to connect again to one that
  /// has restarted.
  static let patienceNanoseconds: UInt64 = 1_500_000_000

  /// Takes in what the nodes that are heard here say now, this one among them.
  ///
  /// A node lives if anybody hears it; one that nobody hears is away, and a matter of elections.
  mutating func note(_ accounts: [Account], now: UInt64) {
    let living = Set(accounts.map(\.node) + accounts.flatMap(\.hears)).sorted()
    var broken: Set<Pair> = []
    // The usual case costs no more than counting.
    for account in accounts where account.hears.count + 1 < living.count {
      let hears = Set(account.hears)
      for other in living where other != account.node && !hears.contains(other) {
        broken.insert(Pair(account.node, other))
      }
    }
    brokenSince = brokenSince.filter { broken.contains($0.key) }
    for pair in broken.sorted() where brokenSince[pair] == nil { brokenSince[pair] = now }
  }

  /// How many living nodes the node has been apart from for a while.
  func partners(lostBy node: NodeID, now: UInt64) -> Int {
    brokenSince.count { pair, since in
      (pair.lower == node || pair.upper == node) && now >= since + Self.patienceNanoseconds
    }
  }
}
