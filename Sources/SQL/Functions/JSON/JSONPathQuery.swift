public import Types

/// A jsonpath that was read once, for many documents.
public struct JSONPathQuery: Sendable {
  private let path: JSONPath

  /// 42601, 22P02: the text is none.
  public init(_ text: String) throws(SQLError) { path = try JSONPath(Array(text.utf8)) }

  /// The first item that the path leads to; nil: there is none.
  public func first(in document: JSONValue) throws(SQLError) -> JSONValue? {
    var run = JSONPathRun(path, document, variables: .object([]))
    return try run.items().first
  }
}
