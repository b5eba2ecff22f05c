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
  case .deadlock(let text):
    SQLError(.deadlockDetected, text.isEmpty ? "deadlock detected" : text)
  case .lockNotAvailable(let text):
    SQLError(.lockNotAvailable, text.isEmpty ? "could not obtain lock on row" : text)
  case .cancelled(let text):
    SQLError(.queryCanceled, text.isEmpty ? "canceling statement due to user request" : text)
  case .outOfMemory(let text): SQLError(.outOfMemory, "out of memory", detail: text)
  case .storageFailed(let text): SQLError(.ioError, text)
  case .diskFull(let text):
    SQLError(
      .diskFull, text,
      hint: "Make room and start the node again: what was acknowledged is there.")
  case .leaderChanged:
    SQLError(
      .serializationFailure, "could not go on: the leader of a tablet has changed",
      hint: "The transaction might succeed if retried.")
  case .tabletSplit:
    SQLError(
      .serializationFailure, "could not go on: a tablet has been split",
      hint: "The transaction might succeed if retried.")
  case .unknownOutcome:
    SQLError(
      .statementCompletionUnknown,
      "the outcome of the transaction is not known: its log entry could not be confirmed")
  case .unavailable(let text):
    SQLError(
      "57P03", text, hint: "It works again when enough nodes are back; nothing has been done.")
  }
}

// The other directions, at the edges between user's faults and the kernel's.

func asUser<R>(_ body: () async throws(KernelError) -> R) async throws(SQLError) -> R {
  do throws(KernelError) { return try await body() } catch { throw sqlError(from: error) }
}

func asKernel<R>(_ body: () throws(SQLError) -> R) throws(KernelError) -> R {
  do throws(SQLError) { return try body() } catch { throw .user(error) }
}

func asProcedure<R>(_ body: () throws(SQLError) -> R) throws(ProcedureError) -> R {
  do throws(SQLError) { return try body() } catch { throw .user(error) }
}
