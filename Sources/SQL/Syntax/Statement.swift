/// One statement of a text, with its place in it (bytes).
public struct Statement: Sendable {
  public let body: StatementBody
  public let location: Int
  /// 0: to the end of the text.
  public let length: Int
  public init(body: StatementBody, location: Int, length: Int) {
    self.body = body
    self.location = location
    self.length = length
  }
}

public indirect enum StatementBody: Sendable {
  /// What is planned: SELECT, VALUES, INSERT, UPDATE, DELETE and EXPLAIN of them.
  case query(QuerySyntax.Statement)
  case transaction(TransactionStatement)
  case session(SessionStatement)
  /// A change of the catalog.
  case definition(Definition)
  case copy(CopyStatement)
  case cursor(CursorStatement)
  /// PREPARE name AS …, EXECUTE and DEALLOCATE (nil: ALL).
  case prepare(name: String, types: [QuerySyntax.TypeName], Statement)
  case execute(name: String, parameters: [QuerySyntax.Expression])
  case deallocate(name: String?)
  case truncate(TruncateStatement)
  case lockTables([QuerySyntax.RelationName], mode: Int, isNoWait: Bool)
  /// VACUUM, ANALYZE, CHECKPOINT and REINDEX: the node does these by itself.
  case maintenance(tag: String, tables: [QuerySyntax.RelationName])
  /// Parsed, and refused by this name when it runs.
  case unsupported(String)
}

public enum TransactionStatement: Sendable, Equatable {
  case begin(options: [TransactionOption])
  case commit(andChain: Bool)
  case rollback(andChain: Bool)
  case savepoint(String)
  case release(String)
  case rollbackTo(String)
}

public enum TransactionOption: Sendable, Equatable {
  case isolation(String)
  case readOnly(Bool)
  case deferrable(Bool)
}

public enum SessionStatement: Sendable {
  /// `values` nil: to the default.
  case set(name: String, values: [SettingValue]?, isLocal: Bool)
  case resetAll
  /// SET TRANSACTION; `isSession`: SET SESSION CHARACTERISTICS AS TRANSACTION.
  case characteristics([TransactionOption], isSession: Bool)
  case show(name: String)
  case listen(String)
  /// Nil: all channels.
  case unlisten(String?)
  case notify(channel: String, payload: String)
  /// "ALL", "PLANS", "SEQUENCES", "TEMP".
  case discard(String)
  /// SET CONSTRAINTS; empty: ALL.
  case constraints([QuerySyntax.RelationName], isDeferred: Bool)
}

public enum SettingValue: Sendable, Equatable {
  case string(String)
  case number(String)
}

/// COPY table (columns) | (query) FROM | TO STDIN | STDOUT.
public struct CopyStatement: Sendable {
  public var table: QuerySyntax.RelationName?
  public var columns: [String]
  public var query: QuerySyntax.Statement?
  public var isFrom: Bool
  /// A server-side file, or a program's command line; both are refused by the session.
  public var file: String?
  public var isProgram: Bool
  public var filter: QuerySyntax.Expression?
  public var options: [DefinitionOption]
}

public enum CursorStatement: Sendable {
  case declare(
    name: String, query: QuerySyntax.Query, isHeld: Bool, isScrollable: Bool?, isBinary: Bool)
  /// MOVE counts rows without sending them.
  case fetch(name: String, FetchDirection, isMove: Bool)
  /// Nil: ALL.
  case close(name: String?)
}

/// Counts may be negative (backward); `Int.max` is ALL.
public enum FetchDirection: Sendable, Equatable {
  case forward(Int)
  case backward(Int)
  case absolute(Int)
  case relative(Int)
}

public struct TruncateStatement: Sendable {
  public var tables: [QuerySyntax.RelationName]
  public var restartsIdentity: Bool
  public var isCascade: Bool
}

/// `name = value` of WITH (…), sequences, roles and COPY.
public struct DefinitionOption: Sendable {
  public indirect enum Value: Sendable {
    case none
    case string(String)
    /// Integers and decimals as written.
    case number(String)
    case bool(Bool)
    case names([String])
    case type(QuerySyntax.TypeName)
    case star
  }
  public var name: String
  public var value: Value
  public var position: Int?
}
