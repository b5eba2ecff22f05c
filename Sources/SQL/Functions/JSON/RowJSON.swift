public import Types

/// Rows as jsonb, as to_jsonb makes them.
public enum RowJSON {
  public static func object(
    _ values: [Value], _ types: [SQLType], names: [String], _ context: EvaluationContext
  ) throws(SQLError) -> JSONValue {
    try JSONBuilding.jsonb(
      .record(RecordValue(fields: values, types: types)), .record, context, names: names)
  }
}
