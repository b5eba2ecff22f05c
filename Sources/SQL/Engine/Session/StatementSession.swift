public import Base
public import Types

public enum TransactionStatus: Sendable { case idle, active, failed }

/// One column of a result, as RowDescription tells it.
public struct ResultColumn: Sendable, Hashable {
  public var name: String
  public var type: SQLType
  /// The table and column that it comes from, 0 where it is computed.
  public var table = ObjectID(rawValue: 0)
  public var column: Int16 = 0

  init(name: String, type: SQLType) {
    self.name = name
    self.type = type
  }
}

/// What one execution of a portal gave.
public struct ExecutionResult: Sendable {
  public enum Ending: Sendable, Equatable {
    case completed(tag: String)
    /// The row limit was reached; execute again for more.
    case suspended
    case emptyQuery
  }
  public var rows: [[Value]]
  public var ending: Ending
}
