public import Base
public import Types

/// What a function may ask of the statement that calls it. Lives on: the shard that evaluates; it
/// is a value, so that a plan's fragment can take a copy to another shard. To another node goes what
/// the fragment's expressions ask for (`ContextNeeds`).
public struct EvaluationContext: Sendable {
  /// Microseconds since 2000-01-01 UTC: the transaction's start, what `now()` gives.
  public var transactionTimestamp: Int64
  /// Microseconds since 2000-01-01 UTC: the arrival of the client's command.
  public var statementTimestamp: Int64
  /// The present, in microseconds since 2000-01-01 UTC; asked anew at each call.
  public var clockTimestamp: @Sendable () -> Int64
  /// How dates, floats and the like are read and written.
  public var settings: FormatSettings
  /// The source of `random()` and `gen_random_uuid()`.
  public var random: Xoshiro256
  public var currentUser = ""
  public var sessionUser = ""
  public var currentDatabase = ""
  /// The schemas that exist on the search path, without the implied `pg_catalog`.
  public var searchPath: [String] = ["public"]
  /// What `version()` answers.
  public var versionText = "PostgreSQL 15.0 (Quatrain)"
  public var backendProcessID: Int32 = 0
  /// `current_setting`: nil when there is no such setting.
  public var setting: @Sendable (_ name: String) -> String?
  /// All that `setting` knows, sorted by name: for a call that goes to another node.
  public var allSettings: @Sendable () -> [(name: String, value: String)] = { [] }
  /// `set_config`: name, value, whether for this transaction only; gives the value that holds.
  public var assignSetting:
    @Sendable (_ name: String, _ value: String, _ isLocal: Bool) throws(SQLError) -> String
  /// The functions that read the catalog; nil where no catalog is at hand.
  public var catalog: (any CatalogFunctions)?

  public init(
    transactionTimestamp: Int64 = 0, statementTimestamp: Int64? = nil,
    clockTimestamp: (@Sendable () -> Int64)? = nil,
    settings: FormatSettings = FormatSettings(), random: Xoshiro256 = Xoshiro256(seed: 0)
  ) {
    self.transactionTimestamp = transactionTimestamp
    self.statementTimestamp = statementTimestamp ?? transactionTimestamp
    let fixed = statementTimestamp ?? transactionTimestamp
    self.clockTimestamp = clockTimestamp ?? { fixed }
    self.settings = settings
    self.random = random
    setting = { _ in nil }
    assignSetting = { (name, _, _) throws(SQLError) in
      throw SQLError(
        .undefinedObject, "unrecognized configuration parameter \"\(name)\"")
    }
    self.settings.now = self.settings.now ?? transactionTimestamp
  }
}

/// Functions that read the catalog (`pg_get_expr`, `to_regclass`, `pg_table_is_visible`, …), by
/// pg_proc's name. Arguments have the types of the signature that was resolved, defaults filled in.
public protocol CatalogFunctions: Sendable {
  /// A scalar function's result. 42883 for a name that it doesn't know.
  func call(_ name: String, _ arguments: [Value], _ context: inout EvaluationContext)
    throws(SQLError) -> Value
  /// A set-returning function's rows.
  func rows(_ name: String, _ arguments: [Value], _ context: inout EvaluationContext)
    throws(SQLError) -> [[Value]]
}
