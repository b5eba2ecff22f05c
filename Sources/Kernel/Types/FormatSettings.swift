#if canImport(Glibc)
  import Glibc
#endif

/// The session settings that text input and output depend on.
public struct FormatSettings: Sendable {
  /// How `1/2/2003` is read; output is always ISO.
  public enum DateOrder: String, Sendable {
    case mdy = "MDY"
    case dmy = "DMY"
    case ymd = "YMD"
  }
  public enum IntervalStyle: String, Sendable {
    case postgres
    case iso8601 = "iso_8601"
  }
  public enum ByteaOutput: String, Sendable { case hex, escape }

  public var dateOrder: DateOrder = .mdy
  public var timeZone: TimeZone = .utc
  public var intervalStyle: IntervalStyle = .postgres
  /// Above 0 floats are written with the fewest digits that read back exactly.
  public var extraFloatDigits = 1
  public var byteaOutput: ByteaOutput = .hex
  /// What 'now' and 'today' mean: the transaction's start, in microseconds since 2000-01-01 UTC;
  /// nil reads the clock.
  public var now: Int64?
  /// The name of an object for the reg… types; without it they are written as numbers.
  public var objectName: (@Sendable (_ oid: Int64, _ type: SQLType) -> String?)?
  /// The other way: an object's oid by its name.
  public var objectID: (@Sendable (_ name: [UInt8], _ type: SQLType) throws(SQLError) -> Int64)?

  public init() {}

  var currentTimestamp: Int64 {
    if let now { return now }
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return (Int64(time.tv_sec) - Calendar.epochOffsetSeconds) * 1_000_000
      + Int64(time.tv_nsec) / 1_000
  }
}
