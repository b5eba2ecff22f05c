import Node
import Types

/// The one table from the kernel's errors to PostgreSQL's.
func sqlError(_ error: KernelError) -> SQLError {
  switch error {
  case .serializationFailure(let message): SQLError(.serializationFailure, message)
  case .restartStatement:
    SQLError(.serializationFailure, "could not serialize access due to concurrent update")
  case .deadlock(let message): SQLError(.deadlockDetected, message)
  case .lockNotAvailable(let message): SQLError(.lockNotAvailable, message)
  case .cancelled(let message): SQLError(.queryCanceled, message)
  case .outOfMemory(let message): SQLError(.outOfMemory, message)
  case .storageFailed(let message): SQLError(.ioError, message)
  case .unknownOutcome:
    SQLError(
      .statementCompletionUnknown,
      "the outcome of the transaction is not known: its log entry could not be confirmed")
  case .user(let error): error
  }
}
