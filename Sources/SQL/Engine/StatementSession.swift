public import Base
public import Syntax
public import Types

public enum TransactionStatus: Sendable { case idle, active, failed }

/// One column of a result, as RowDescription tells it.
public struct ResultColumn: Sendable, Hashable {
  public var name: String
  public var type: SQLType
  /// The table and column that it comes from, 0 where it is computed.
  public var table: ObjectID
  public var column: Int16
  public init(name: String, type: SQLType, table: ObjectID = ObjectID(rawValue: 0), column: Int16 = 0)
  {
    self.name = name
    self.type = type
    self.table = table
    self.column = column
  }
}

/// Takes a statement's rows. Lives on the session's shard. `row` may be called many times without
/// suspending; the engine calls `drain` between batches, which waits while the peer does not read.
public protocol RowOutput: AnyObject {
  /// Once per execution that returns rows, before the first row (simple protocol sends it as
  /// RowDescription; the extended protocol ignores it).
  func columns(_ columns: [ResultColumn])
  func row(_ values: [Value], _ columns: [ResultColumn])
  /// COPY … TO STDOUT: `begin` once with the format, then data.
  func copyOutBegin(isBinary: Bool, columnCount: Int)
  func copyOutData(_ bytes: [UInt8])
  func drain() async throws(SQLError)
}

public enum ExecutionResult: Sendable {
  /// The command tag, as "INSERT 0 1".
  case completed(tag: String)
  /// The row limit was reached; execute again for more.
  case suspended
  case emptyQuery
  /// COPY … FROM STDIN: feed the bytes to `copyIn(data:)`, then `copyInEnd` or `copyInFail`.
  case copyIn(isBinary: Bool, columnCount: Int)
}

/// A statement parsed and, where it can be, bound: parameter types and columns are known.
public protocol PreparedStatement: AnyObject {
  var parameterTypes: [SQLType] { get }
  /// Nil where the statement returns no rows.
  var columns: [ResultColumn]? { get }
}

/// A bound statement that is being executed.
public protocol Portal: AnyObject {
  var columns: [ResultColumn]? { get }
}

/// A session as a SQL front end sees it. Lives on: the shard that accepted the connection.
/// Errors leave the transaction failed, as in PostgreSQL.
public protocol StatementSession: AnyObject {
  var status: TransactionStatus { get }
  /// Text settings that the client sees through ParameterStatus; called on each change.
  var onParameterStatus: ((_ name: String, _ value: String) -> Void)? { get set }
  /// NOTICE, WARNING, …: severity and the message with its code.
  var onNotice: ((_ severity: String, _ notice: SQLError) -> Void)? { get set }
  var onNotification: ((_ pid: Int32, _ channel: String, _ payload: String) -> Void)? { get set }
  /// Those to announce at start, in PostgreSQL's order.
  var reportedParameters: [(name: String, value: String)] { get }
  /// Time zone and the like, for text formats.
  var formatSettings: FormatSettings { get }

  /// Splits and parses; a syntax error carries its position.
  func parse(_ sql: [UInt8]) throws(SQLError) -> [Statement]
  /// `parameterTypes`: oid 0 means unknown.
  func prepare(_ statement: Statement?, parameterTypes: [ObjectID]) async throws(SQLError)
    -> any PreparedStatement
  /// Values are already decoded by `parameterTypes`.
  func bind(_ statement: any PreparedStatement, values: [Value]) async throws(SQLError) -> any Portal
  /// At most `maximumRows` rows (0: all).
  func execute(_ portal: any Portal, maximumRows: Int, output: any RowOutput) async throws(SQLError)
    -> ExecutionResult
  /// Statements sent together in one simple Query are one implicit transaction; `isLast` commits it.
  func executeSimple(
    _ statement: Statement, isLast: Bool, isOnly: Bool, output: any RowOutput) async throws(SQLError)
    -> ExecutionResult
  /// The extended protocol's Sync (and the end of a simple Query): ends the implicit transaction,
  /// committing it unless a statement failed.
  func sync(failed: Bool) async throws(SQLError)

  func copyIn(data: [UInt8]) async throws(SQLError)
  func copyInEnd() async throws(SQLError) -> ExecutionResult
  func copyInFail(_ message: String) async

  /// A portal by SQL's DECLARE CURSOR name, for Describe; nil if there is none.
  func cursor(named name: String) -> (any Portal)?
  /// Statements that SQL's PREPARE made, shared with the protocol's named statements.
  func namedStatement(_ name: String) -> (any PreparedStatement)?
  func setNamedStatement(_ name: String, _ statement: any PreparedStatement) throws(SQLError)
  func closeNamedStatement(_ name: String)

  /// Another connection asked to cancel: the running statement ends with 57014.
  func cancel()
  /// Rolls back what is open. The session is unusable afterwards.
  func close() async
}
