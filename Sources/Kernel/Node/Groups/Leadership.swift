public import Base
import Reactor

extension NodeShard {
  /// The term in which the tablet's replica on this shard leads it, as far as it knows; nil where it does not.
  /// Another one may lead it in a later term already: `confirmedTerm` tells.
  /// What a front end keeps in memory beside a tablet's rows is true for one such term.
  public func leadingTerm(of tablet: TabletID) -> Term? {
    guard let replication = tablets[tablet]?.replication, replication.isServing else { return nil }
    return replication.term
  }

  /// The term in which the tablet's replica on this shard leads it now; nil where it does not. With a lease at
  /// once. Without one, as after a change of leaders that came to nothing, which costs the lease for the rest of the
  /// term, by a round of messages to its followers; where they do not answer, when leadership has ended.
  public func confirmedTerm(of tablet: TabletID) async -> Term? {
    guard let replication = tablets[tablet]?.replication, replication.isServing else { return nil }
    if !replication.isReadable {
      let reply = Reply<Bool>()
      replication.whenReadable { reply.fulfill($0) }
      guard await reply.get() else { return nil }
    }
    return leadingTerm(of: tablet)
  }
}
