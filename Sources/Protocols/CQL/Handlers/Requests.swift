import Base
import Catalog
import Node
import Reactor
import Security
import Types

/// QUERY, PREPARE, EXECUTE and BATCH.
extension CQLSession {
  /// Runs the request and replies.
  func perform(_ request: Request, _ number: Int16, isTraced: Bool) async {
    let notes =
      isTraced || routesTablets
      ? RequestNotes(trace: isTraced ? state.makeTrace(of: stream.peerAddress) : nil) : nil
    describe(request, notes?.trace)
    await answer(request, number, notes)
    guard let trace = notes?.trace else { return }
    trace.end()
    await state.store(trace)
  }

  private func answer(_ request: Request, _ number: Int16, _ notes: RequestNotes?) async {
    do throws(CQLError) {
      guard let role = currentRole else {
        throw CQLError(.unauthorized, "The role of this connection has been dropped")
      }
      switch request {
      case .query(let text, let parameters):
        let result = try await query(text, parameters, role, notes)
        reply(result, number, notes)
      case .prepare(let text, let given):
        let statement = try prepare(text, given ?? keyspace, role)
        settings.texts.keep(statement.id, .init(keyspace: statement.keyspace, text: text))
        reply(
          .result, ResultBody.prepared(statement, version: version), stream: number,
          extras(of: notes))
      case .execute(let id, let resultID, let parameters):
        try await execute(id, resultID, parameters, role, number, notes)
      case .batch(let batch):
        let result = try await run(batch, role, notes)
        reply(result, number, notes)
      default: break
      }
    } catch {
      notes?.trace?.note("Refused: \(error.message)")
      reply(error, stream: number, extras(of: notes))
    }
  }

  private func reply(_ result: StatementResult, _ number: Int16, _ notes: RequestNotes?) {
    if case .keyspace(let name) = result { keyspace = name }
    if case .schemaChange(let change) = result { state.announce(change) }
    reply(
      .result, ResultBody.encode(result, skipsMetadata: false, newID: nil), stream: number,
      extras(of: notes))
  }

  /// A statement that finds its table changed looks at it again.
  private static let attemptsMax = 20

  private func again<R>(_ body: () async throws(CQLError) -> R) async throws(CQLError) -> R {
    for _ in 1..<Self.attemptsMax {
      do throws(CQLError) {
        return try await body()
      } catch {
        guard error == StatementRunner.isStale else { throw error }
      }
    }
    return try await body()
  }

  private func runner(
    _ parameters: QueryParameters, _ role: RoleDescriptor, keyspace: String?,
    _ notes: RequestNotes?
  ) -> StatementRunner {
    var runner = StatementRunner(
      shard: shard, state: state, role: role, keyspace: keyspace, parameters: parameters)
    runner.notes = notes
    return runner
  }

  // MARK: QUERY

  private func query(
    _ text: String, _ parameters: QueryParameters, _ role: RoleDescriptor, _ notes: RequestNotes?
  ) async throws(CQLError) -> StatementResult {
    notes?.trace?.note("Parsing \(text)")
    let (statement, markers) = try Parser.parse(text)
    notes?.trace?.note("Running the statement")
    let session = keyspace
    return try await again { () async throws(CQLError) in
      let runner = runner(parameters, role, keyspace: session, notes)
      let values = try self.values(parameters, markers)
      return try await runner.run(statement, values)
    }
  }

  /// The values in the order of the markers.
  private func values(_ parameters: QueryParameters, _ markers: [String?]) throws(CQLError)
    -> [BoundValue]
  {
    if parameters.names.isEmpty {
      guard parameters.values.count == markers.count else {
        throw .invalid("Invalid amount of bind variables")
      }
      return parameters.values
    }
    var values: [BoundValue] = []
    for marker in markers {
      guard let marker, let place = parameters.names.lastIndex(of: marker) else {
        if let marker { throw .invalid("No value was given for the bind variable \(marker)") }
        throw .invalid("Values with names, but markers without")
      }
      values.append(parameters.values[place])
    }
    return values
  }

  // MARK: PREPARE and EXECUTE

  private func prepare(_ text: String, _ keyspace: String?, _ role: RoleDescriptor)
    throws(CQLError) -> PreparedStatement
  {
    let id = Self.identifier(keyspace, text)
    if let known = state.find(id), known.catalogVersion == shard.catalogVersion { return known }
    let (statement, names) = try Parser.parse(text)
    let markers = Markers()
    let runner = StatementRunner(
      shard: shard, state: state, role: role, keyspace: keyspace, parameters: QueryParameters(),
      markers: markers)
    let columns = try runner.prepare(statement)
    var specs: [Markers.Spec] = []
    for place in names.indices {
      guard var spec = markers.specs[place] else {
        throw .invalid("The type of bind variable \(place + 1) cannot be told")
      }
      if let name = names[place] { spec.name = name }
      specs.append(spec)
    }
    let partition = runner.partitionMarkers(of: statement)
    let made = PreparedStatement(
      id: id, keyspace: keyspace, text: text, statement: statement, markerNames: names,
      markers: specs, partitionKey: partition, columns: columns,
      catalogVersion: shard.catalogVersion)
    if case .select(let select) = statement, let columns {
      made.point = PointSelect(statement, try runner.table(select.table), columns)
    }
    if case .modify(let modification) = statement {
      made.change = PreparedChange(
        statement, try runner.table(modification.table), markerCount: names.count, runner)
    }
    state.keep(made)
    return made
  }

  /// The same on every node.
  static func identifier(_ keyspace: String?, _ text: String) -> [UInt8] {
    Array(Digests.sha256(Array("\(keyspace ?? "")\u{0}\(text)".utf8)).prefix(16))
  }

  /// Prepared on this node, whichever shard it was.
  private func prepared(_ id: [UInt8], _ role: RoleDescriptor) throws(CQLError)
    -> PreparedStatement
  {
    if let known = state.find(id), known.catalogVersion == shard.catalogVersion { return known }
    guard let source = settings.texts[id] else {
      throw CQLError(
        .unprepared,
        "Prepared query with ID \(HexText.text(id)) not found (either the query was not prepared on this host (maybe the host has been restarted?) or you have prepared too many queries and it has been evicted from the internal cache)",
        .unprepared(id))
    }
    return try prepare(source.text, source.keyspace, role)
  }

  private func execute(
    _ id: [UInt8], _ resultID: [UInt8]?, _ parameters: QueryParameters, _ role: RoleDescriptor,
    _ number: Int16, _ notes: RequestNotes?
  ) async throws(CQLError) {
    notes?.trace?.note("Running the prepared statement")
    var known: PreparedStatement?
    let result = try await again { () async throws(CQLError) in
      let statement = try prepared(id, role)
      known = statement
      let runner = runner(parameters, role, keyspace: statement.keyspace, notes)
      if let planned = try statement.change?.planned(runner) {
        _ = try await runner.carryOut(planned)
        return StatementResult.void
      }
      let values = try self.values(parameters, statement.markerNames)
      return try await runner.run(statement.statement, values)
    }
    if case .keyspace(let name) = result { keyspace = name }
    if case .schemaChange(let change) = result { state.announce(change) }
    var newID: [UInt8]?
    var skips = parameters.skipsMetadata
    if case .rows(let rows) = result {
      let isKnown = known?.columns == rows.columns
      if !isKnown { skips = false }
      if let resultID {
        let now = isKnown ? known?.resultID : ResultBody.identifier(rows.columns)
        if now != resultID {
          newID = now
          skips = false
        }
      }
    }
    reply(
      .result, ResultBody.encode(result, skipsMetadata: skips, newID: newID), stream: number,
      extras(of: notes))
  }

  // MARK: BATCH

  private func run(_ batch: BatchRequest, _ role: RoleDescriptor, _ notes: RequestNotes?)
    async throws(CQLError) -> StatementResult
  {
    let session = keyspace
    return try await again { () async throws(CQLError) in
      let runner = runner(batch.parameters, role, keyspace: session, notes)
      if let planned = try planned(batch, role, runner) {
        _ = try await runner.carryOut(planned)
        return .void
      }
      var statements: [(Modification, [BoundValue])] = []
      for (item, values) in batch.items {
        let statement: Statement
        let count: Int
        switch item {
        case .text(let text):
          let (parsed, markers) = try Parser.parse(text)
          statement = parsed
          count = markers.count
        case .prepared(let id):
          let known = try prepared(id, role)
          statement = known.statement
          count = known.markerNames.count
          if known.keyspace != session, case .modify(var modification) = statement,
            modification.table.keyspace == nil
          {
            modification.table.keyspace = known.keyspace
            statements.append((modification, values))
            continue
          }
        }
        guard case .modify(let modification) = statement else {
          throw .invalid(
            "Invalid statement in batch: only UPDATE, INSERT and DELETE statements are allowed.")
        }
        guard values.count == count else { throw .invalid("Invalid amount of bind variables") }
        statements.append((modification, values))
      }
      return try await runner.run(batch.kind, statements, timestamp: nil)
    }
  }

  /// A batch of nothing but prepared changes, by where their values go; nil: it has to be looked at whole.
  private func planned(_ batch: BatchRequest, _ role: RoleDescriptor, _ runner: StatementRunner)
    throws(CQLError) -> PlannedChanges?
  {
    guard batch.kind != .counter else { return nil }
    var planned = PlannedChanges()
    for (item, values) in batch.items {
      guard case .prepared(let id) = item else { return nil }
      let known = try prepared(id, role)
      guard let change = known.change, !change.table.isCounter,
        try change.add(values, batch.parameters, runner, to: &planned)
      else { return nil }
    }
    runner.writeTogether(&planned)
    planned.writeType = batch.kind == .logged ? "BATCH" : "UNLOGGED_BATCH"
    return planned
  }
}
