import Base
import Raft
import Reactor

/// Giving the leadership to another replica so that no client notices: transactions that begin wait,
/// those under way end, everything commits, and only then the other replica campaigns. Whoever waited
/// is sent there.
extension Tablet {
  /// How long transactions under way may take to end before the attempt is given up.
  private static let patienceMilliseconds = 1_000
  private static let pollMilliseconds = 2
  /// How long the other replica may take to be elected.
  private static let electionMilliseconds = 1_000

  /// `done` hears whether the leadership is gone. Forced, it goes when the patience is at its end, whatever is
  /// under way.
  func handOver(to target: ReplicaID, isForced: Bool = false, done: @escaping (Bool) -> Void) {
    guard !isHandingOver, replication.isServing else { return done(false) }
    isHandingOver = true
    isHandOverUrgent = false
    let term = replication.term
    let deadline =
      shard.reactor.monotonicNanoseconds() + UInt64(Self.patienceMilliseconds) * 1_000_000
    awaitQuiet(target, isForced, term, deadline, done)
  }

  private var isQuiet: Bool {
    open.isEmpty && waiting.isEmpty && !replication.isWaitedFor
      && decisions.values.allSatisfy { $0.stage == .committed }
  }

  private func awaitQuiet(
    _ target: ReplicaID, _ isForced: Bool, _ term: Term, _ deadline: UInt64,
    _ done: @escaping (Bool) -> Void
  ) {
    guard replication.isServing, replication.term == term else { return done(true) }
    let now = shard.reactor.monotonicNanoseconds()
    if isQuiet || (isForced && now >= deadline) {
      isHandOverUrgent = true
      replication.transferLeadership(to: target)
      let limit =
        shard.reactor.monotonicNanoseconds() + UInt64(Self.electionMilliseconds) * 1_000_000
      return awaitSuccessor(term, limit, done)
    }
    guard now < deadline else {
      endHandOver()
      return done(false)
    }
    if now + UInt64(Self.patienceMilliseconds) * 500_000 > deadline { isHandOverUrgent = true }
    shard.reactor.after(milliseconds: Self.pollMilliseconds) { [self] in
      awaitQuiet(target, isForced, term, deadline, done)
    }
  }

  private func awaitSuccessor(_ term: Term, _ limit: UInt64, _ done: @escaping (Bool) -> Void) {
    let isGone = !replication.isServing || replication.term != term
    guard !isGone, shard.reactor.monotonicNanoseconds() < limit else {
      endHandOver()
      return done(isGone)
    }
    shard.reactor.after(milliseconds: Self.pollMilliseconds) { [self] in
      awaitSuccessor(term, limit, done)
    }
  }

  /// Whether the call has to wait until it is known who leads on. A transaction that has something on
  /// another tablet may be what one here waits for: it goes on, unless too many of them come.
  func holdsBack(_ header: CallHeader) -> Bool {
    isHandingOver && open[header.transaction] == nil && header.terms[id] == nil
      && (header.terms.isEmpty || isHandOverUrgent)
  }

  /// It goes on here, or is refused where another replica leads now.
  func endHandOver() {
    isHandingOver = false
    let held = heldBack
    heldBack = []
    for call in held { call() }
  }
}
