import Base
import Catalog
import Functions
import Syntax
import Types

extension Binder {
  /// Checks an expression over a table's row (CHECK, index, predicate); gives the positions of the
  /// columns that it reads. Predicates and checks must be boolean.
  @discardableResult
  func checkRowExpression(
    _ syntax: QuerySyntax.Expression, _ table: TableDescriptor, _ clause: String,
    isCondition: Bool = true
  ) throws(SQLError) -> [Int] {
    let scope = NameScope(parent: nil)
    var columns: [ScopeColumn] = []
    var slots: [VariableID: Int] = [:]
    for (position, column) in table.columns.enumerated()
    where !column.isDropped && !column.isHidden {
      let made = variable(column.name, column.type)
      slots[made.id] = position
      columns.append(ScopeColumn(name: column.name, variable: made))
    }
    scope.entries = [ScopeEntry(alias: table.name, columns: columns)]
    var place = ExpressionClause(clause)
    place.allowsAggregates = false
    let bound =
      isCondition ? try condition(syntax, scope, place) : try bind(syntax, scope, place)
    guard bound.externals.isEmpty else {
      throw SQLError(
        .featureNotSupported, "cannot use subquery in \(clause.dropLast())",
        position: syntax.position)
    }
    if clause != "check constraints" && bound.isVolatile {
      throw SQLError(
        .invalidObjectDefinition, "functions in \(clause.dropLast()) must be marked IMMUTABLE",
        position: syntax.position)
    }
    return Array(Set(bound.variables.compactMap { slots[$0] })).sorted()
  }
}
