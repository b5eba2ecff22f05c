import Syntax
import Types

/// A parser's refusal as PostgreSQL's error, placed in the text.
func sqlError(_ error: ParseError, in source: [UInt8]) -> SQLError {
  switch error {
  case .syntax(let message, let position):
    SQLError(.syntaxError, message, position: position > 0 ? position : nil)
  case .unsupported(let what, let location):
    SQLError(
      .featureNotSupported, "\(what) is not supported",
      position: location >= 0 ? characterPosition(location + 1, in: source) : nil)
  case .tooDeep:
    SQLError(
      .statementTooComplex, "stack depth limit exceeded",
      hint: "Nest the statement less deeply.")
  case .notUTF8: SQLError(.characterNotInRepertoire, "invalid byte sequence for encoding \"UTF8\"")
  case .unexpectedTree:
    SQLError(.featureNotSupported, "this form of the statement is not supported")
  }
}

/// Bytes from 1 as characters from 1. Characters are counted by their first bytes.
private func characterPosition(_ position: Int, in source: [UInt8]) -> Int {
  source.prefix(position - 1).reduce(1) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
}

extension SQLError {
  /// The engine counts bytes, clients count characters: to be called where an error leaves.
  func placed(in source: [UInt8]) -> SQLError {
    guard let position else { return self }
    var error = self
    error.position = characterPosition(position, in: source)
    return error
  }
}
