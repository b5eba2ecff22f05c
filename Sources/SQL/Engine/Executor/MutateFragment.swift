import Base
import Catalog
import Functions
import Node
import Types

struct MutateOutput: Sendable {
  var count = 0
  /// RETURNING.
  var rows: [[Value]] = []
  var resume: ScanResume?
}

/// UPDATE or DELETE of the rows that match, read and written in one step next to the data. Only for
/// statements that need nothing but the row: no foreign keys touched, no global index entries
/// changed, the primary key kept.
struct MutateFragment: Procedure {
  static let name = "mutate"
  var layout: StoredTable
  var constraints: RowConstraints
  var access: ScanAccess
  var filter: TypedExpression?
  /// Nil: DELETE.
  var assignments: [ColumnAssignment]?
  var returning: [TypedExpression]?
  var environment: EvaluationEnvironment
  var resume: ScanResume?

  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> MutateOutput {
    var output = MutateOutput()
    var environment = environment
    // A statement must not meet its own changes: rows are collected before the first write, and
    // a cut is made only in the order of the primary key, which stays.
    var matched: [[Value]] = []
    var visitor = RowVisitor(
      layout: layout, access: access, filter: filter,
      visitedMax: access.index == nil ? ScanFragment.visitedMax : .max, resume: resume)
    try visitor.run(transaction, &environment) {
      (_, row, _) throws(ProcedureError) in
      matched.append(row)
      return true
    }
    var writer = RowWriter(layout: layout, environment: environment)
    for old in matched {
      var result = old
      if let assignments {
        let new = try asProcedure { () throws(SQLError) in
          var new = old
          for assignment in assignments {
            new[assignment.position] = try assignment.expression.evaluate(old, &environment)
          }
          try constraints.complete(&new, &environment)
          return new
        }
        try writer.update(old: old, new: new, transaction)
        result = new
      } else {
        try writer.delete(old, transaction)
      }
      output.count += 1
      if let returning {
        let values = try asProcedure { () throws(SQLError) in
          try TypedExpression.evaluate(returning, result, &environment)
        }
        output.rows.append(values)
      }
    }
    output.resume = visitor.resumePoint
    return output
  }
}
