public import Node
public import Types

/// The one table from the kernel's errors to PostgreSQL's.
public func sqlError(from error: KernelError) -> SQLError {
  switch error {
  case .user(let inner): inner
  case .serializationFailure(let text):
    SQLError(
      .serializationFailure,
      text.isEmpty ? "could not serialize access due to concurrent update" : text)
  case .restartStatement:
    SQLError(.serializationFailure, "could not serialize access due to concurrent update")
  case .deadlock(let text): SQLError(.deadlockDetected, "deadlock detected", detail: text)
  case .lockNotAvailable(let text):
    SQLError(.lockNotAvailable, text.isEmpty ? "could not obtain lock on row" : text)
  case .cancelled(let text):
    SQLError(.queryCanceled, text.isEmpty ? "canceling statement due to user request" : text)
  case .outOfMemory(let text): SQLError(.outOfMemory, "out of memory", detail: text)
  case .storageFailed(let text): SQLError(.ioError, "could not write to the log: \(text)")
  case .unknownOutcome:
    SQLError(
      .statementCompletionUnknown, "the outcome of the transaction is not known",
      hint: "The node that led the tablet was lost after it took the write.")
  }
}

/// The other direction, at the edge.
func asUser<R>(_ body: () async throws(KernelError) -> R) async throws(SQLError) -> R {
  do throws(KernelError) { return try await body() } catch { throw sqlError(from: error) }
}
