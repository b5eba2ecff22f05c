/// A user's fault, or a fault that a user must hear of, with PostgreSQL's five-letter SQLSTATE.
/// Front ends translate it once, at their edge.
public struct SQLError: Error, Sendable, Equatable {
  public var code: SQLState
  public var message: String
  public var detail: String?
  public var hint: String?
  /// Where in the statement's text, in characters from 1; nil where no place is to blame.
  public var position: Int?
  public var context: String?
  public var schema: String?
  public var table: String?
  public var column: String?
  public var dataType: String?
  public var constraint: String?

  public init(
    _ code: SQLState, _ message: String, detail: String? = nil, hint: String? = nil,
    position: Int? = nil
  ) {
    self.code = code
    self.message = message
    self.detail = detail
    self.hint = hint
    self.position = position
  }
}

/// PostgreSQL's error codes (its Appendix A), by condition name. Add the ones you need here.
public struct SQLState: Sendable, Hashable, ExpressibleByStringLiteral, CustomStringConvertible {
  public let text: String
  public init(stringLiteral value: String) { text = value }
  public var description: String { text }

  public static let featureNotSupported: SQLState = "0A000"
  public static let statementCompletionUnknown: SQLState = "08007"
  public static let protocolViolation: SQLState = "08P01"
  public static let cardinalityViolation: SQLState = "21000"
  public static let stringDataRightTruncation: SQLState = "22001"
  public static let numericValueOutOfRange: SQLState = "22003"
  public static let nullValueNotAllowed: SQLState = "22004"
  public static let invalidDatetimeFormat: SQLState = "22007"
  public static let datetimeFieldOverflow: SQLState = "22008"
  public static let divisionByZero: SQLState = "22012"
  public static let invalidArgumentForLogarithm: SQLState = "2201E"
  public static let invalidArgumentForPowerFunction: SQLState = "2201F"
  public static let intervalFieldOverflow: SQLState = "22015"
  public static let invalidTimeZoneDisplacement: SQLState = "22009"
  public static let untranslatableCharacter: SQLState = "22P05"
  public static let invalidEscapeSequence: SQLState = "22025"
  public static let invalidParameterValue: SQLState = "22023"
  public static let characterNotInRepertoire: SQLState = "22021"
  public static let arraySubscriptError: SQLState = "2202E"
  public static let invalidTextRepresentation: SQLState = "22P02"
  public static let invalidBinaryRepresentation: SQLState = "22P03"
  public static let badCopyFileFormat: SQLState = "22P04"
  public static let integrityConstraintViolation: SQLState = "23000"
  public static let restrictViolation: SQLState = "23001"
  public static let notNullViolation: SQLState = "23502"
  public static let foreignKeyViolation: SQLState = "23503"
  public static let uniqueViolation: SQLState = "23505"
  public static let checkViolation: SQLState = "23514"
  public static let invalidCursorState: SQLState = "24000"
  public static let activeSQLTransaction: SQLState = "25001"
  public static let readOnlySQLTransaction: SQLState = "25006"
  public static let noActiveSQLTransaction: SQLState = "25P01"
  public static let inFailedSQLTransaction: SQLState = "25P02"
  public static let invalidSQLStatementName: SQLState = "26000"
  public static let invalidAuthorizationSpecification: SQLState = "28000"
  public static let invalidPassword: SQLState = "28P01"
  public static let dependentObjectsStillExist: SQLState = "2BP01"
  public static let invalidTransactionTermination: SQLState = "2D000"
  public static let invalidCursorName: SQLState = "34000"
  public static let invalidSavepointSpecification: SQLState = "3B001"
  public static let invalidCatalogName: SQLState = "3D000"
  public static let invalidSchemaName: SQLState = "3F000"
  public static let serializationFailure: SQLState = "40001"
  public static let deadlockDetected: SQLState = "40P01"
  public static let insufficientPrivilege: SQLState = "42501"
  public static let syntaxError: SQLState = "42601"
  public static let invalidName: SQLState = "42602"
  public static let nameTooLong: SQLState = "42622"
  public static let duplicateColumn: SQLState = "42701"
  public static let ambiguousColumn: SQLState = "42702"
  public static let undefinedColumn: SQLState = "42703"
  public static let undefinedObject: SQLState = "42704"
  public static let duplicateObject: SQLState = "42710"
  public static let duplicateAlias: SQLState = "42712"
  public static let duplicateFunction: SQLState = "42723"
  public static let ambiguousFunction: SQLState = "42725"
  public static let groupingError: SQLState = "42803"
  public static let datatypeMismatch: SQLState = "42804"
  public static let wrongObjectType: SQLState = "42809"
  public static let invalidForeignKey: SQLState = "42830"
  public static let cannotCoerce: SQLState = "42846"
  public static let undefinedFunction: SQLState = "42883"
  public static let generatedAlways: SQLState = "428C9"
  public static let undefinedTable: SQLState = "42P01"
  public static let undefinedParameter: SQLState = "42P02"
  public static let duplicateCursor: SQLState = "42P03"
  public static let duplicateDatabase: SQLState = "42P04"
  public static let duplicatePreparedStatement: SQLState = "42P05"
  public static let duplicateSchema: SQLState = "42P06"
  public static let duplicateTable: SQLState = "42P07"
  public static let ambiguousParameter: SQLState = "42P08"
  public static let invalidColumnReference: SQLState = "42P10"
  public static let invalidTableDefinition: SQLState = "42P16"
  public static let indeterminateDatatype: SQLState = "42P18"
  public static let invalidObjectDefinition: SQLState = "42P17"
  public static let outOfMemory: SQLState = "53200"
  public static let diskFull: SQLState = "53100"
  public static let tooManyConnections: SQLState = "53300"
  public static let programLimitExceeded: SQLState = "54000"
  public static let statementTooComplex: SQLState = "54001"
  public static let objectNotInPrerequisiteState: SQLState = "55000"
  public static let objectInUse: SQLState = "55006"
  public static let cannotChangeRuntimeParameter: SQLState = "55P02"
  public static let lockNotAvailable: SQLState = "55P03"
  public static let queryCanceled: SQLState = "57014"
  public static let adminShutdown: SQLState = "57P01"
  public static let cannotConnectNow: SQLState = "57P03"
  public static let ioError: SQLState = "58030"
  public static let internalError: SQLState = "XX000"
  public static let dataCorrupted: SQLState = "XX001"
}
