import Base
import Catalog
import Node
import SQL
import Types

/// Makes changes of INSERT, UPDATE and DELETE.
struct ModificationPlanner {
  let runner: StatementRunner
  /// Of the batch, where it gives one.
  var batchTimestamp: Int64?

  var isNoting: Bool { runner.markers != nil }

  func add(
    _ statement: Modification, _ values: [BoundValue], to planned: inout PlannedChanges
  ) throws(CQLError) {
    let table = try runner.table(statement.table)
    try requirePrivileges(statement, table)
    guard let stored = table.stored else {
      throw CQLError(.unauthorized, "\(table.keyspace) keyspace is not user-modifiable.")
    }
    if let refusal = stored.refusal {
      throw .invalid("Table \(table.keyspace).\(table.name) can be written in SQL only: \(refusal)")
    }
    if stored.viewOf != nil { throw .invalid("Cannot directly modify a materialized view") }
    if stored.hasViews, !isNoting {
      let views = try runner.catalog.views(of: table)
      if !views.isEmpty { planned.views[planned.table(stored.rows)] = views }
    }
    var item = Item(
      statement: statement, table: table, stored: stored, arguments: runner.arguments(values))
    try item.readUsing(batchTimestamp ?? runner.parameters.timestamp)
    switch statement.body {
    case .insert(let assignments): try insert(assignments, item, &planned)
    case .insertJSON(let term, let defaultsUnset):
      try insert(term, defaultsUnset: defaultsUnset, item, &planned)
    case .update(let assignments): try update(assignments, item, &planned)
    case .delete(let targets): try delete(targets, item, &planned)
    }
  }

  func requirePrivileges(_ statement: Modification, _ table: CQLTable) throws(CQLError) {
    switch statement.body {
    case .insert, .insertJSON: try runner.require("a", table)
    case .update:
      try runner.require("w", table)
      try runner.require("a", table)
    case .delete: try runner.require("d", table)
    }
    if case .conditions = statement.condition { try runner.require("r", table) }
  }

  /// One statement on its way.
  struct Item {
    let statement: Modification
    let table: CQLTable
    let stored: CQLTable.Stored
    let arguments: Arguments
    var written: Int64?
    var seconds: Int64?

    init(statement: Modification, table: CQLTable, stored: CQLTable.Stored, arguments: Arguments) {
      self.statement = statement
      self.table = table
      self.stored = stored
      self.arguments = arguments
    }

    /// USING, the client's time, and the table's time to live.
    mutating func readUsing(_ clientTimestamp: Int64?) throws(CQLError) {
      let isNoting = arguments.markers != nil
      let isConditional = statement.condition.isConditional
      written = isConditional ? nil : clientTimestamp
      if let term = statement.using.timestamp {
        let given = try arguments.value(term, Receiver("[timestamp]", .bigint, of: table))
        if isConditional {
          throw .invalid("Cannot provide custom timestamp for conditional updates")
        }
        if table.isCounter { throw .invalid("Cannot provide custom timestamp for counter updates") }
        if !table.hasTimes {
          throw .invalid(
            "Table \(table.keyspace).\(table.name) was made in SQL: its cells have no timestamps")
        }
        if let given {
          guard let number = given.int else { throw .invalid("Invalid null value of timestamp") }
          guard number > .min else {
            throw .invalid("Out of bound timestamp, must be in [\(Int64.min + 1), \(Int64.max)]")
          }
          written = number
        }
      }
      if !table.hasTimes { written = nil }
      let usual = TableOptions.defaultTimeToLive(of: stored.descriptor)
      seconds = usual > 0 ? usual : nil
      guard let term = statement.using.timeToLive,
        let given = try arguments.value(term, Receiver("[ttl]", .int, of: table))
      else { return }
      if isNoting { return }
      if table.isCounter { throw .invalid("Cannot provide custom TTL for counter updates") }
      guard let number = given.int else {
        seconds = nil
        return
      }
      guard (0...TimeToLive.secondsMax).contains(number) else {
        throw .invalid(
          number < 0
            ? "A TTL must be greater or equal to 0, but was \(number)"
            : "ttl is too large. requested (\(number)) maximum (\(TimeToLive.secondsMax))")
      }
      guard table.hasTimes || number == 0 else {
        throw .invalid(
          "Table \(table.keyspace).\(table.name) was made in SQL: its cells do not expire")
      }
      seconds = number == 0 ? nil : number
    }
  }
}
