import Catalog
import Functions
import Types

/// NOT NULL and CHECK of a table, verified wherever a new row is made. Sendable: fast updates
/// verify next to the data.
struct RowConstraints: Sendable {
  struct Check: Sendable {
    var name: String
    var expression: TypedExpression
  }
  var layout: StoredTable
  var checks: [Check]
  /// Generated columns: position and expression, computed before the checks.
  var generated: [(position: Int, expression: TypedExpression)]

  /// Computes generated columns, then verifies: 23502 first, then 23514, as PostgreSQL.
  func complete(_ row: inout [Value], _ environment: inout EvaluationEnvironment) throws(SQLError) {
    for column in generated {
      row[column.position] = try column.expression.evaluate(row, &environment)
    }
    for (position, column) in layout.table.columns.enumerated()
    where column.isNotNull && !column.isDropped && row[position].isNull {
      var error = SQLError(
        .notNullViolation,
        "null value in column \"\(column.name)\" of relation \"\(layout.table.name)\" violates not-null constraint",
        detail: failingRow(row, environment))
      error.schema = layout.schemaName
      error.table = layout.table.name
      error.column = column.name
      throw error
    }
    for check in checks where try check.expression.evaluate(row, &environment) == .bool(false) {
      var error = SQLError(
        .checkViolation,
        "new row for relation \"\(layout.table.name)\" violates check constraint \"\(check.name)\"",
        detail: failingRow(row, environment))
      error.schema = layout.schemaName
      error.table = layout.table.name
      error.constraint = check.name
      throw error
    }
  }

  /// Values longer than 64 characters are cut, as PostgreSQL does.
  private func failingRow(_ row: [Value], _ environment: EvaluationEnvironment) -> String {
    var parts: [String] = []
    for (position, column) in layout.table.columns.enumerated()
    where !column.isDropped && !column.isHidden {
      if row[position].isNull {
        parts.append("null")
        continue
      }
      let text = TypeIO.formatText(
        row[position], as: column.type, settings: environment.context.settings)
      parts.append(text.count > 64 ? String(text.prefix(64)) + "..." : text)
    }
    return "Failing row contains (\(parts.joined(separator: ", ")))."
  }
}
