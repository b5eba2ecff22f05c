import Base
import Node
import Types

/// Why a command's handler ends without having written its reply.
enum CommandStop: Error {
  /// The client's fault, as the reply's line: "ERR …", "WRONGTYPE …".
  case error(String)
  /// Of the tablet: what is in the way, or why it refuses.
  case procedure(ProcedureError)
  /// A key that the command had not named, and whose rows are elsewhere: they are fetched, and everything
  /// runs again.
  case missing([UInt8], db: Int)
  /// The same, of all keys of a database.
  case missingDatabase(Int)
}

extension CommandStop {
  static let wrongType = CommandStop.error(
    "WRONGTYPE Operation against a key holding the wrong kind of value")
  static let syntax = CommandStop.error("ERR syntax error")
  static let notInteger = CommandStop.error("ERR value is not an integer or out of range")
  static let notFloat = CommandStop.error("ERR value is not a valid float")
  static let noSuchKey = CommandStop.error("ERR no such key")
  static let outOfRange = CommandStop.error("ERR index out of range")
  static func damaged(_ fault: DecodingFault) -> CommandStop { .procedure(.damagedRow(fault)) }
}

extension ProcedureError {
  static func damagedRow(_ fault: DecodingFault) -> ProcedureError {
    .user(SQLError(.dataCorrupted, "a row of schema redis cannot be read: \(fault)"))
  }
}

extension CommandStop {
  static func wrongArity(_ name: String) -> CommandStop {
    .error("ERR wrong number of arguments for '\(name.lowercased())' command")
  }
}

/// What the kernel's errors are to Redis' clients.
enum KernelReply {
  /// Nil: the outcome is not known, and the connection is closed so that nobody takes it for either.
  static func text(_ error: KernelError) -> String? {
    switch error {
    case .unknownOutcome: nil
    case .user(let fault): text(fault)
    case .outOfMemory: outOfMemory
    case .diskFull(let text), .storageFailed(let text):
      "MISCONF writes are refused: \(text)"
    case .unavailable(let text): "CLUSTERDOWN \(text)"
    case .leaderChanged: "TRYAGAIN the leader of a tablet has changed"
    case .tabletSplit: "TRYAGAIN a tablet is being split"
    case .serializationFailure(let text): "TRYAGAIN \(text)"
    case .deadlock(let text), .lockNotAvailable(let text), .cancelled(let text): "ERR \(text)"
    case .restartStatement: "TRYAGAIN the key is being changed"
    }
  }

  static let outOfMemory = "OOM command not allowed when used memory > 'maxmemory'."

  static func text(_ fault: SQLError) -> String {
    switch fault.code {
    case .outOfMemory: outOfMemory
    case .diskFull: "MISCONF writes are refused: \(fault.message)"
    case .insufficientPrivilege: "NOPERM \(fault.message)"
    default: "ERR \(fault.message)"
    }
  }
}
