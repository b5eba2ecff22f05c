import Base
import Raft

extension NodeShard {
  func whenCaughtUp(_ t: TabletID, _ d: @escaping (Bool) -> Void) { d(true) }
  func changeConfiguration(
    _ t: TabletID, to: RaftConfiguration, _ d: @escaping (Result<Bool, KernelError>) -> Void
  ) {}
  func receive(_ m: RaftMessage, of t: TabletID) { tablets[t]?.replication.receive(m) }
}
extension Replication {
  func report(rows: Int) -> TabletReport {
    TabletReport(
      tablet: tablet, term: term, configuration: core.configuration, commitIndex: commitIndex,
      caughtUp: [], rows: rows)
  }
  func transferLeadership(to: ReplicaID) {}
  var isWaitedFor: Bool { false }
}
