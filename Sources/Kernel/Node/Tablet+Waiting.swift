import Base
import Reactor

/// A timer that can be given up. Lives on: its shard.
struct ShardTimer {
  let token: TimerToken
}

extension Tablet {
  /// Queues the call until one of its blockers ends here; then it runs again from the start.
  func wait(
    for blockers: [TransactionID], _ header: CallHeader,
    fail: @escaping (KernelError) -> Void, retry: @escaping () -> Void
  ) {
    var call = WaitingCall(
      transaction: header.transaction, blockers: blockers, retry: retry, fail: fail)
    if header.lockTimeoutMilliseconds > 0 {
      call.timer = ShardTimer(
        token: shard.reactor.after(milliseconds: header.lockTimeoutMilliseconds) { [weak self] in
          self?.failWaiting(
            header.transaction,
            .lockNotAvailable("canceling statement due to lock timeout"))
        })
    }
    waiting.append(call)
    shard.noteWaiting()
  }

  /// Runs the calls that waited for the transaction, in the order they came. A call that is blocked
  /// again queues again behind those that still wait.
  func wake(after transaction: TransactionID) {
    guard waiting.contains(where: { $0.blockers.contains(transaction) }) else { return }
    var woken: [WaitingCall] = []
    var kept: [WaitingCall] = []
    for call in waiting {
      if call.blockers.contains(transaction) { woken.append(call) } else { kept.append(call) }
    }
    waiting = kept
    for call in woken {
      cancelTimer(call)
      call.retry()
    }
  }

  /// Ends the transaction's waiting call, if it has one here, with the error.
  func failWaiting(_ transaction: TransactionID, _ error: KernelError) {
    guard let index = waiting.firstIndex(where: { $0.transaction == transaction }) else { return }
    let call = waiting.remove(at: index)
    cancelTimer(call)
    call.fail(error)
  }

  func cancelTimer(_ call: WaitingCall) {
    if let timer = call.timer { shard.reactor.cancel(timer.token) }
  }
}
