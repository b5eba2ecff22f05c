/// Why a text is not a statement that we run. The engine turns it into the client's error.
public enum ParseError: Error, Equatable, Sendable {
  /// The parser's own message and the place in characters from 1, 0 for none (42601).
  case syntax(message: String, position: Int)
  /// A construct that is not supported, by name; a byte offset or -1 (0A000).
  case unsupported(String, location: Int)
  /// 54001.
  case tooDeep
  /// 22021.
  case notUTF8
  /// The parser's tree is not of the version that this was written for.
  case unexpectedTree
}
