import Types

/// The payload as a function expects it. XX000 when a value is not of the type that was resolved:
/// the caller's fault, and only the statement's end.
extension Value {
  private var mismatch: SQLError {
    SQLError(.internalError, "function argument has a value of an unexpected type")
  }
  var int: Int64 {
    get throws(SQLError) {
      if case .int(let value) = self { return value }
      throw mismatch
    }
  }
  /// An int4 as a Swift integer.
  var count: Int { get throws(SQLError) { Int(try int) } }
  var float: Double {
    get throws(SQLError) {
      if case .float(let value) = self { return value }
      throw mismatch
    }
  }
  var bool: Bool {
    get throws(SQLError) {
      if case .bool(let value) = self { return value }
      throw mismatch
    }
  }
  var numeric: Numeric {
    get throws(SQLError) {
      if case .numeric(let value) = self { return value }
      if case .int(let value) = self { return Numeric(value) }
      throw mismatch
    }
  }
  /// Text or bytea.
  var bytes: [UInt8] {
    get throws(SQLError) {
      switch self {
      case .text(let value), .bytes(let value): return value
      default: throw mismatch
      }
    }
  }
  var string: String { get throws(SQLError) { String(decoding: try bytes, as: UTF8.self) } }
  var interval: IntervalValue {
    get throws(SQLError) {
      if case .interval(let value) = self { return value }
      throw mismatch
    }
  }
  var timetz: TimeTZValue {
    get throws(SQLError) {
      if case .timetz(let value) = self { return value }
      throw mismatch
    }
  }
  var jsonb: JSONValue {
    get throws(SQLError) {
      if case .jsonb(let value) = self { return value }
      throw mismatch
    }
  }
  var array: ArrayValue {
    get throws(SQLError) {
      if case .array(let value) = self { return value }
      throw mismatch
    }
  }
  var inet: InetValue {
    get throws(SQLError) {
      if case .inet(let value) = self { return value }
      throw mismatch
    }
  }
  var uuid: UUIDValue {
    get throws(SQLError) {
      if case .uuid(let value) = self { return value }
      throw mismatch
    }
  }
}

/// Errors that many functions give.
enum Fault {
  static let divisionByZero = SQLError(.divisionByZero, "division by zero")
  static func outOfRange(_ type: String) -> SQLError {
    SQLError(.numericValueOutOfRange, "\(type) out of range")
  }
  static func invalid(_ message: String) -> SQLError { SQLError(.invalidParameterValue, message) }
  static let tooLong = SQLError(.programLimitExceeded, "requested length too large")
  /// The longest string that a function makes, a quarter of PostgreSQL's: a shard's memory serves many sessions.
  static let lengthMax = 268_435_455
}
