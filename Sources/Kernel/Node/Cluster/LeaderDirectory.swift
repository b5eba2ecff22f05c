import Base

/// Which node leads which tablet, as one shard has heard. A hint: a replica that does not lead says so.
/// Lives on: its shard.
struct LeaderDirectory {
  struct Leader: Equatable {
    var node: NodeID
    var term: Term
  }
  private var leaders: [Leader?] = []

  subscript(tablet: TabletID) -> Leader? {
    tablet.rawValue < UInt64(leaders.count) ? leaders[Int(tablet.rawValue)] : nil
  }

  /// True when it is news.
  mutating func note(_ tablet: TabletID, _ leader: Leader) -> Bool {
    guard tablet.rawValue <= Layout.tabletMax else { return false }
    while leaders.count <= Int(tablet.rawValue) { leaders.append(nil) }
    if let known = leaders[Int(tablet.rawValue)], known.term >= leader.term { return false }
    leaders[Int(tablet.rawValue)] = leader
    return true
  }
}
