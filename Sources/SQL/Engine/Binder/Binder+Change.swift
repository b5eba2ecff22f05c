import Base
import Catalog
import Functions
import Syntax
import Types

extension Binder {
  func bind(_ update: QuerySyntax.Update, in outer: NameScope? = nil) throws(SQLError)
    -> BoundChange
  {
    let table = try target(update.table, "update", privileges: "")
    let (scan, scope, joined) = try changed(
      table, update.alias, try withScope(update.with, update.isRecursive, outer), update.from,
      update.filter)
    let assigned = try assignments(update.assignments, table, scope)
    try require("w", on: assigned.map { table.columns[$0.position] }, of: table)
    if assigned.contains(where: { $0.expression.hasAggregate }) {
      throw SQLError(.groupingError, "aggregate functions are not allowed in UPDATE")
    }
    let passed =
      scan.columns
      + joined.output.filter { item in
        !scan.columns.contains { $0.id == item.id }
      }
    let values = assigned.map { variable("new", $0.expression.type) }
    let input = LogicalPlan.project(
      joined, passed.map { .variable($0.id, $0.type) } + assigned.map(\.expression),
      passed + values)
    var change = BoundChange(
      kind: .update(assigned.map(\.position)),
      target: try writeTarget(table, withReferences: true), input: input, scan: scan)
    try returning(update.returning, scan, scope, &change)
    return change
  }

  func bind(_ delete: QuerySyntax.Delete, in outer: NameScope? = nil) throws(SQLError)
    -> BoundChange
  {
    let table = try target(delete.table, "delete from", privileges: "d")
    let (scan, scope, joined) = try changed(
      table, delete.alias, try withScope(delete.with, delete.isRecursive, outer), delete.using,
      delete.filter)
    let passed =
      scan.columns
      + joined.output.filter { item in
        !scan.columns.contains { $0.id == item.id }
      }
    var change = BoundChange(
      kind: .delete, target: try writeTarget(table, withReferences: true),
      input: .project(joined, passed.map { .variable($0.id, $0.type) }, passed), scan: scan)
    try returning(delete.returning, scan, scope, &change)
    return change
  }

  /// A statement's names: its own WITH items, and those of the statement that it is an item of.
  func withScope(
    _ with: [QuerySyntax.CommonTable], _ isRecursive: Bool, _ outer: NameScope?
  ) throws(SQLError) -> NameScope {
    let scope = NameScope(parent: outer)
    try commonTables(with, isRecursive: isRecursive, scope)
    return scope
  }

  /// The rows that UPDATE or DELETE is about.
  private func changed(
    _ table: TableDescriptor, _ alias: String?, _ scope: NameScope,
    _ from: [QuerySyntax.FromItem], _ filter: QuerySyntax.Expression?
  ) throws(SQLError) -> (LogicalScan, NameScope, LogicalPlan) {
    let scan = try scan(table, alias: alias ?? table.name)
    for (column, made) in zip(table.columns, scan.columns) {
      variableNames[made.id] = "\(scan.alias).\(column.name)"
    }
    scope.entries = [
      ScopeEntry(
        alias: scan.alias, schema: alias == nil ? schemaName(table.schema) : nil,
        columns: try scopeColumns(scan))
    ]
    var plan = LogicalPlan.scan(scan)
    for item in from { plan = .join(.inner, plan, try self.from(item, scope), nil) }
    if let filter {
      plan = .filter(plan, try condition(filter, scope, ExpressionClause("WHERE")))
    }
    return (scan, scope, plan)
  }
}
