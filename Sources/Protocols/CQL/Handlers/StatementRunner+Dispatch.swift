import Types

extension StatementRunner {
  func run(_ statement: Statement, _ values: [BoundValue]) async throws(CQLError)
    -> StatementResult
  {
    switch statement {
    case .use(let name):
      guard catalog.hasKeyspace(name) else {
        throw .invalid("Keyspace '\(name)' does not exist")
      }
      return .keyspace(name)
    case .select(let select):
      var limited = self
      try limited.takeTimeout(select.timeout, values)
      return try await limited.run(select, values)
    case .modify(let modification):
      var limited = self
      try limited.takeTimeout(modification.using.timeout, values)
      return try await limited.run(modification, values)
    case .batch(let batch): return try await run(batch, values)
    case .truncate(let table): return try await truncate(table)
    case .createKeyspace(let name, let options, let ifNotExists):
      return try await createKeyspace(name, options, ifNotExists: ifNotExists)
    case .alterKeyspace(let name, let options, let ifExists):
      return try await alterKeyspace(name, options, ifExists: ifExists)
    case .dropKeyspace(let name, let ifExists):
      return try await dropKeyspace(name, ifExists: ifExists)
    case .createTable(let statement): return try await createTable(statement)
    case .alterTable(let table, let action, let ifExists):
      return try await alterTable(table, action, ifExists: ifExists)
    case .dropTable(let table, let ifExists):
      return try await dropTable(table, ifExists: ifExists)
    case .createIndex(let statement): return try await createIndex(statement)
    case .dropIndex(let index, let ifExists):
      return try await dropIndex(index, ifExists: ifExists)
    case .createType(let name, let fields, let ifNotExists):
      return try await createType(name, fields, ifNotExists: ifNotExists)
    case .alterType(let name, let action): return try await alterType(name, action)
    case .dropType(let name, let ifExists): return try await dropType(name, ifExists: ifExists)
    default: return try await runOther(statement)
    }
  }

  private func runOther(_ statement: Statement) async throws(CQLError) -> StatementResult {
    switch statement {
    case .createView(let statement): return try await createView(statement)
    case .alterView(let view, let options): return try await alterView(view, options)
    case .dropView(let view, let ifExists): return try await dropView(view, ifExists: ifExists)
    case .createFunction(let statement): return try await createFunction(statement)
    case .createAggregate(let statement): return try await createAggregate(statement)
    case .dropFunction(let statement): return try await dropFunction(statement)
    case .dropAggregate(let statement): return try await dropAggregate(statement)
    case .createRole(let role, let isUser, let ifNotExists):
      return try await run(create: role, isUser: isUser, ifNotExists: ifNotExists)
    case .alterRole(let role, let isUser): return try await run(alter: role, isUser: isUser)
    case .dropRole(let name, _, let ifExists): return try await run(drop: name, ifExists: ifExists)
    case .grantRole(let granted, let name, let isGrant):
      return try await run(grantRole: granted, to: name, isGrant: isGrant)
    case .grant(let permission, let resource, let name, let isGrant):
      return try await run(grant: permission, on: resource, to: name, isGrant: isGrant)
    case .listRoles(let name, let isUsers): return try listRoles(of: name, isUsers: isUsers)
    case .listPermissions(let name): return try listPermissions(of: name)
    case .describe(let describe): return try run(describe)
    case .unsupported(let name): throw .invalid("\(name) is not supported")
    default: throw CQLError(.server, "a statement that nothing runs")
    }
  }

  /// BEGIN BATCH … APPLY BATCH.
  private func run(_ batch: BatchStatement, _ values: [BoundValue]) async throws(CQLError)
    -> StatementResult
  {
    var timestamp: Int64?
    if let term = batch.using.timestamp {
      guard let first = batch.statements.first else { return .void }
      let table = try table(first.table)
      let given = try arguments(values).value(term, Receiver("[timestamp]", .bigint, of: table))
      timestamp = given?.int
      for statement in batch.statements where statement.using.timestamp != nil {
        throw .invalid("Timestamp must be set either on BATCH or individual statements")
      }
    }
    var limited = self
    try limited.takeTimeout(batch.using.timeout, values)
    return try await limited.run(
      batch.kind, batch.statements.map { ($0, values) }, timestamp: timestamp)
  }

  // MARK: PREPARE

  /// Notes the markers, and gives the columns of the result; nil: there are no rows.
  func prepare(_ statement: Statement) throws(CQLError) -> [ResultColumn]? {
    switch statement {
    case .select(let select):
      try noteTimeout(select.timeout)
      return try bind(select, []).resultColumns
    case .modify(let modification):
      try noteTimeout(modification.using.timeout)
      var planned = PlannedChanges()
      try ModificationPlanner(runner: self).add(modification, [], to: &planned)
      return nil
    case .batch(let batch):
      if let term = batch.using.timestamp, let first = batch.statements.first {
        _ = try arguments([]).value(
          term, Receiver("[timestamp]", .bigint, of: try table(first.table)))
      }
      for modification in batch.statements {
        var planned = PlannedChanges()
        try ModificationPlanner(runner: self).add(modification, [], to: &planned)
      }
      return nil
    default: return nil
    }
  }

  private func noteTimeout(_ term: Term?) throws(CQLError) {
    var copy = self
    try copy.takeTimeout(term, [])
  }

  /// The markers that give the partition key, in its order; empty where not all of it is given by some.
  func partitionMarkers(of statement: Statement) -> [Int] {
    let name: ObjectName
    switch statement {
    case .select(let select): name = select.table
    case .modify(let modification): name = modification.table
    default: return []
    }
    guard let markers,
      case .success(let table) = Result(catching: { () throws(CQLError) in try table(name) })
    else { return [] }
    let places = (0..<table.partitionCount).compactMap { markers.partition[$0] }
    return places.count == table.partitionCount ? places : []
  }
}
