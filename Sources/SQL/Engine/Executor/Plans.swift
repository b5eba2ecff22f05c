import Base
import Types

/// A bound SELECT on at most one table.
struct SelectPlan: Sendable {
  var table: TableLayout?
  var filter: BoundExpression?
  /// Values of the whole primary key, where the filter fixes it: one tablet, one row.
  var key: [BoundExpression]?
  /// With aggregates or GROUP BY, rows become groups: first the keys, then the aggregates.
  var isGrouped = false
  var groupBy: [BoundExpression] = []
  var aggregates: [AggregateCall] = []
  var having: BoundExpression?
  var outputs: [BoundExpression] = []
  var orderBy: [OrderKey] = []
  var isDistinct = false
  var limit: BoundExpression?
  var offset: BoundExpression?
  /// Rows of VALUES, in place of a table.
  var values: [[BoundExpression]] = []
}

struct OrderKey: Sendable {
  var expression: BoundExpression
  var type: SQLType
  var isDescending: Bool
  var nullsFirst: Bool
}

struct InsertPlan: Sendable {
  var table: TableLayout
  /// One expression per column of the table, for each row; nil: the hidden row id.
  var rows: [[BoundExpression?]]
  var returning: [BoundExpression]
}

struct ChangePlan: Sendable {
  var table: TableLayout
  var filter: BoundExpression?
  var key: [BoundExpression]?
  var returning: [BoundExpression]
}

enum Plan: Sendable {
  case select(SelectPlan)
  case insert(InsertPlan)
  case update(ChangePlan, assignments: [(column: Int, value: BoundExpression)])
  case delete(ChangePlan)
}
