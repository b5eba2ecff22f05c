import Base
import Catalog
public import Types

/// What a topic's query makes of a row. Lives on: its shard.
public struct TopicProjection {
  let fields: [(name: String, type: SQLType)]
  private let expressions: [NamedExpression]
  private let condition: NamedExpression?

  init(_ query: TopicQuery, _ table: TableDescriptor, _ catalog: CatalogSnapshot) throws(SQLError) {
    let names = table.namedColumns
    expressions = try query.fields.map { (field) throws(SQLError) in
      try NamedExpression(field.expression, over: names, in: catalog)
    }
    condition = try query.condition.map { (text) throws(SQLError) in
      try NamedExpression(text, over: names, returning: .bool, in: catalog)
    }
    fields = zip(query.fields, expressions).map { ($0.name, $1.type) }
  }

  /// Nil: the condition is not true. Errors as the expressions'.
  public func shown(of row: [Value]) throws(SQLError) -> [Value]? {
    if let condition {
      guard case .bool(true) = try condition.evaluate(row) else { return nil }
    }
    return try expressions.map { (expression) throws(SQLError) in try expression.evaluate(row) }
  }
}
