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
      position: location >= 0 && location <= source.count
        ? String(decoding: source[..<location], as: UTF8.self).unicodeScalars.count + 1 : nil)
  case .tooDeep:
    SQLError(
      .statementTooComplex, "stack depth limit exceeded",
      hint: "Nest the statement less deeply.")
  case .notUTF8: SQLError(.characterNotInRepertoire, "invalid byte sequence for encoding \"UTF8\"")
  case .unexpectedTree:
    SQLError(.featureNotSupported, "this form of the statement is not supported")
  }
}
