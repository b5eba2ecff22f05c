public import Base

extension NodeShard {
  /// The term in which the tablet's replica on this shard leads it, with a lease; nil where it does not.
  /// What a front end keeps in memory beside a tablet's rows is true for one such term.
  public func leadingTerm(of tablet: TabletID) -> Term? {
    guard let replication = tablets[tablet]?.replication, replication.isReadable else { return nil }
    return replication.term
  }
}
