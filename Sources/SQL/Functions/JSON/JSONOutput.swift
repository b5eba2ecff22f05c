public import Types

/// Values as JSON text for others than SQL: what `to_json` gives in UTC.
public struct JSONOutput: Sendable {
  private let context = EvaluationContext()

  public init() {}

  /// Appends the value. 54001 where it is nested too deeply.
  public func write(_ value: Value, as type: SQLType, into output: inout [UInt8]) throws(SQLError) {
    try JSONBuilding.write(value, type, context, into: &output)
  }

  /// Appends a string with its quotes.
  public static func writeString(_ text: String, into output: inout [UInt8]) {
    JSONValue.writeString(Array(text.utf8), into: &output)
  }
}
