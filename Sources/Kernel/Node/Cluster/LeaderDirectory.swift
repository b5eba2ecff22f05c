import Base

/// Which node leads which tablet, as one shard has heard. A hint: a replica that does not lead says so.
/// Lives on: its shard.
struct LeaderDirectory {
  struct Leader: Equatable {
    var node: NodeID
    var term: Term
  }
  private var leaders: [Leader?]

  /// `owner` leads all of them, as in a cluster of one.
  init(tablets: Int, owner: NodeID?) {
    leaders = Array(
      repeating: owner.map { Leader(node: $0, term: .zero) }, count: tablets + 1)
  }

  subscript(tablet: TabletID) -> Leader? {
    tablet.rawValue < UInt64(leaders.count) ? leaders[Int(tablet.rawValue)] : nil
  }

  /// True when it is news.
  mutating func note(_ tablet: TabletID, _ leader: Leader) -> Bool {
    guard tablet.rawValue < UInt64(leaders.count) else { return false }
    if let known = leaders[Int(tablet.rawValue)], known.term >= leader.term { return false }
    leaders[Int(tablet.rawValue)] = leader
    return true
  }
}
