import Base
import Node
import Reactor
import SQL
import Types

/// What ends a statement or the session from outside: other connections, and time.
extension PgWireSession {
  func signalled(_ signal: SessionSignal) {
    switch signal {
    case .cancel: if isBusy { session?.cancel() }
    case .terminate:
      terminate(
        SQLError(.adminShutdown, "terminating connection due to administrator command"))
    }
  }

  /// Ends the session with the fault: at once when it waits for its client, else when the statement
  /// under way has been cancelled.
  func terminate(_ fault: SQLError) {
    guard ending == nil else { return }
    ending = fault
    if isBusy { session?.cancel() }
    guard let waiting else { return }
    if waiting == .input {
      output.fault("E", severity: "FATAL", fault)
      writeOut()
    }
    stream.close()
  }

  /// Arms the timer of a session that does nothing; nil where there is none.
  func startIdleTimer() -> TimerToken? {
    guard let session else { return nil }
    let limit = session.idleTimeout
    guard limit.milliseconds > 0 else { return nil }
    return shard.reactor.after(milliseconds: limit.milliseconds) { [weak self] in
      self?.terminate(limit.fault)
    }
  }
}
