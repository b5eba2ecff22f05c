/// One SQL value, without its type: the static type of the expression or column says what an
/// `.int` or a `.text` is. Payloads are at most eight bytes, so that a value is 16.
///
/// | case | types |
/// | --- | --- |
/// | int | int2, int4, int8, oid and the reg… types (UInt32), date (days since 2000-01-01), time, timestamp, timestamptz (microseconds since midnight or 2000-01-01 UTC); ±infinity of date is Int32.min/max, of timestamps Int64.min/max |
/// | float | float8; float4 rounded to Float |
/// | text | text, varchar, bpchar (blank-padded as stored), name, "char", unknown, json, enum labels, xml |
/// | bytes | bytea |
public enum Value: Sendable {
  case null
  case bool(Bool)
  case int(Int64)
  case float(Double)
  case numeric(Numeric)
  case text([UInt8])
  case bytes([UInt8])
  case interval(IntervalValue)
  case timetz(TimeTZValue)
  case uuid(UUIDValue)
  case jsonb(JSONValue)
  case inet(InetValue)
  case array(ArrayValue)
  case record(RecordValue)

  public static func string(_ text: String) -> Value { .text(Array(text.utf8)) }
  public var isNull: Bool { if case .null = self { true } else { false } }
}
