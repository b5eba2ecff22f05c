import Base
import Catalog
import Functions
import Node
import Syntax
public import Types

public enum TransactionStatus: Sendable { case idle, active, failed }

/// How one execution of a portal ended.
public enum ExecutionEnding: Sendable, Equatable {
  case completed(tag: String)
  /// The row limit was reached; execute again for more.
  case suspended
  case emptyQuery
}

/// A statement with its parameters' types and result's columns known. Lives with its session.
public final class PreparedStatement {
  /// Nil: an empty query.
  let statement: Statement?
  public let source: [UInt8]
  let requestedTypes: [ObjectID]
  /// For queries; made again when the catalog or a setting that it depends on has changed.
  var plan: PlannedStatement?
  var planKey: PlanKey?
  /// PREPARE made it; pg_prepared_statements tells.
  let isFromSQL: Bool
  /// Values of the integer constants that a known plan has as its parameters (`LiteralLifting`).
  var liftedValues: [Value] = []
  /// Nobody has been told of its columns: the simple protocol tells of them as they come.
  var mayChangeColumns = false

  init(
    statement: Statement?, source: [UInt8], requestedTypes: [ObjectID], isFromSQL: Bool = false
  ) {
    self.statement = statement
    self.source = source
    self.requestedTypes = requestedTypes
    self.isFromSQL = isFromSQL
  }

  public internal(set) var parameterTypes: [SQLType] = []
  /// Nil where the statement returns no rows.
  public internal(set) var columns: [OutputColumn]?
}

extension PreparedStatement {
  func adopt(_ made: PlannedStatement, _ key: PlanKey) {
    plan = made
    planKey = key
    parameterTypes = made.parameterTypes
    columns = made.columns
  }
}

/// What a plan was made under.
struct PlanKey: Equatable {
  var catalogVersion: UInt64
  var settingsVersion: UInt64
  var shadowVersion: UInt64
  /// A private catalog has its base's version: what was planned on it must not outlive it.
  var isPrivate: Bool
  /// Whose rights were looked at.
  var user: String
}

/// A bound statement that is being executed. Lives with its session.
public final class Portal {
  public let statement: PreparedStatement
  let parameters: [Value]
  /// The front end's: how each column goes to the client.
  public var formats: [Int16] = []
  /// The statement's own rows, as they come.
  var cursor: RowCursor?
  /// Rows that were read and not given out, from `position` on.
  var rows: [[Value]] = []
  var position = 0
  var isStarted = false
  /// Nothing more comes from `cursor`.
  var isExhausted = false
  var tagBase = ""
  var tagHasCount = false
  var rowsGiven = 0
  /// What a suspended reading of READ COMMITTED goes on with.
  var snapshot: Timestamp?
  /// DECLARE made it.
  var declared: DeclaredCursor?

  init(statement: PreparedStatement, parameters: [Value]) {
    self.statement = statement
    self.parameters = parameters
  }

  public var columns: [OutputColumn]? { statement.columns }
  /// The front end's: the description of the columns in these formats, kept with the plan.
  public var describedColumns: (formats: [Int16], message: [UInt8])? {
    get { statement.plan?.describedColumns }
    set { statement.plan?.describedColumns = newValue }
  }

  /// What CommandComplete says.
  var tag: String {
    let (word, count) = tagParts
    return count.map { "\(word) \($0)" } ?? word
  }

  public var tagParts: (word: String, count: Int?) {
    guard tagHasCount else { return (tagBase, nil) }
    return (tagBase, cursor.map { $0.rowsAffected > 0 ? $0.rowsAffected : rowsGiven } ?? rowsGiven)
  }
}

/// DECLARE … CURSOR.
struct DeclaredCursor {
  var name: String
  var isHeld: Bool
  var isScrollable: Bool
  /// All rows so far, for scrolling: `place` is how many are before the cursor.
  var scrolled: [[Value]] = []
  var place = 0
}
