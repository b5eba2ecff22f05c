import Base
import Catalog
import Node
import Reactor
import SQL
import Types

/// INSERT, UPDATE, DELETE and BATCH.
extension StatementRunner {
  func run(_ statement: Modification, _ values: [BoundValue]) async throws(CQLError)
    -> StatementResult
  {
    var planned = PlannedChanges()
    try ModificationPlanner(runner: self).add(statement, values, to: &planned)
    if statement.condition.isConditional {
      planned.writeType = "CAS"
    } else if try table(statement.table).isCounter {
      planned.writeType = "COUNTER"
    }
    let outcome = try await carryOut(planned)
    guard statement.condition.isConditional else { return .void }
    return try conditionResult(planned, outcome, isBatch: false)
  }

  /// Statements of a batch with their values.
  func run(
    _ kind: BatchRequest.Kind, _ statements: [(Modification, [BoundValue])], timestamp: Int64?
  ) async throws(CQLError) -> StatementResult {
    var planned = PlannedChanges()
    let planner = ModificationPlanner(runner: self, batchTimestamp: timestamp)
    let isConditional = statements.contains { $0.0.condition.isConditional }
    if isConditional, timestamp != nil, parameters.timestamp == nil {
      throw .invalid("Cannot provide custom timestamp for conditional BATCH")
    }
    var areCounters: Bool?
    for (statement, values) in statements {
      let isCounter = try table(statement.table).isCounter
      if isCounter, kind == .logged {
        throw .invalid("Cannot include a counter statement in a logged batch")
      }
      if !isCounter, kind == .counter {
        throw .invalid("Cannot include non-counter statement in a counter batch")
      }
      if let other = areCounters, other != isCounter {
        throw .invalid("Counter and non-counter mutations cannot exist in the same batch")
      }
      areCounters = isCounter
      if isCounter, isConditional {
        throw .invalid("Cannot include counter statements in a conditional batch")
      }
      try planner.add(statement, values, to: &planned)
    }
    if isConditional {
      guard planned.partitions.union(planned.conditionPartitions).count <= 1 else {
        throw .invalid("Batch with conditions cannot span multiple partitions")
      }
      for place in planned.changes.indices { planned.changes[place].change.written = nil }
    } else if timestamp == nil {
      writeTogether(&planned)
    }
    planned.writeType =
      isConditional
      ? "CAS" : kind == .counter ? "COUNTER" : kind == .logged ? "BATCH" : "UNLOGGED_BATCH"
    let outcome = try await carryOut(planned)
    guard isConditional else { return .void }
    return try conditionResult(planned, outcome, isBatch: true)
  }

  /// All of a batch is written at one time, but for what has another.
  func writeTogether(_ planned: inout PlannedChanges) {
    let written = now
    for place in planned.changes.indices where planned.changes[place].change.written == nil {
      let table = planned.tables[planned.changes[place].change.table]
      if table.timesPosition != nil { planned.changes[place].change.written = written }
    }
  }

  // MARK: Calls

  private static let attemptsMax = 20

  func carryOut(_ planned: PlannedChanges) async throws(CQLError) -> ChangeRows.Outcome {
    if planned.changes.isEmpty, planned.conditions.isEmpty { return ChangeRows.Outcome() }
    if let notes {
      for (bucket, _) in planned.changes { notes.concerns(bucket) }
      for bucket in planned.conditionBuckets { notes.concerns(bucket) }
    }
    if let hold = changeAtOnce(planned) {
      guard let error = await hold.error() else { return ChangeRows.Outcome() }
      throw KernelFaults.error(
        error, parameters.consistency, isWrite: true, writeType: planned.writeType)
    }
    var attempt = 0
    while true {
      attempt += 1
      do throws(KernelError) {
        return try await attemptOnce(planned, isFirst: attempt == 1)
      } catch {
        switch error {
        case .serializationFailure, .deadlock:
          guard attempt < Self.attemptsMax else { fallthrough }
          if case .deadlock = error { await pause(behind: attempt) }
        default:
          throw KernelFaults.error(
            error, parameters.consistency, isWrite: true, writeType: planned.writeType)
        }
      }
    }
  }

  /// Those who were in each other's way come back at different times: about as far apart as it takes to find a circle of
  /// those who wait, so that whoever waits for several of them finds none there.
  private func pause(behind attempt: Int) async {
    let milliseconds = Int.random(in: 0...attempt * 50, using: &shard.reactor.random)
    let reply = Reply<Void>()
    shard.reactor.after(milliseconds: milliseconds) { reply.fulfill(()) }
    await reply.get()
  }

  /// Changes of one tablet that ask for nothing are committed as they are made, where nothing is in the way. Nil:
  /// nothing has been done.
  private func changeAtOnce(_ planned: PlannedChanges) -> ReplyHold? {
    guard planned.conditions.isEmpty, planned.views.isEmpty, timeoutMilliseconds == nil,
      notes?.trace == nil, let bucket = planned.changes.first?.bucket
    else { return nil }
    let place = shard.place(of: bucket)
    guard planned.changes.allSatisfy({ shard.place(of: $0.bucket) == place }) else { return nil }
    let call = ChangeRows(
      tables: planned.tables, conditions: [], changes: planned.changes.map(\.change))
    let hold = shard.runAtOnce(
      bucket: bucket, arrival: shard.reactor.monotonicNanoseconds(),
      knowing: catalog.snapshot.version
    ) { (transaction) throws(ProcedureError) in _ = try call.run(transaction) }
    if hold != nil { state.changesAtOnce += 1 }
    return hold
  }

  private func attemptOnce(_ planned: PlannedChanges, isFirst: Bool) async throws(KernelError)
    -> ChangeRows.Outcome
  {
    let transaction = shard.begin(isolation: .readCommitted)
    let timer = limit(transaction)
    defer { if let timer { shard.reactor.cancel(timer) } }
    do throws(KernelError) {
      let tables = planned.tables + planned.views.values.joined().map(\.rows)
      if try await transaction.use(tables.map(\.table.id)),
        !tables.allSatisfy({ isCurrent($0) })
      {
        throw .user(SQLError("CQ000", ""))
      }
      if !planned.views.isEmpty { return try await changeWithViews(planned, transaction) }
      let groups = groups(of: planned)
      if let trace = notes?.trace {
        for group in groups {
          trace.note("\(group.call.changes.count) changes go to", at: group.bucket)
        }
      }
      if groups.count == 1 {
        let outcome = try await transaction.callAndCommit(groups[0].call, bucket: groups[0].bucket)
        notes?.trace?.note("Committed")
        return outcome
      }
      let outcomes = try await transaction.statement { () async throws(KernelError) in
        try await call(groups, transaction, sideBySide: isFirst)
      }
      try await transaction.commit()
      notes?.trace?.note("Committed as one transaction")
      return outcomes.first ?? ChangeRows.Outcome()
    } catch {
      if !transaction.isEnded { await transaction.rollback() }
      throw error
    }
  }

  /// Side by side, or one after the other in an order that is the same for all, so that those who have waited for each
  /// other once do not do so again.
  private func call(
    _ groups: [(bucket: Bucket, call: ChangeRows)], _ transaction: Transaction, sideBySide: Bool
  ) async throws(KernelError) -> [ChangeRows.Outcome] {
    if sideBySide { return try await transaction.callEach(groups.map { ($0.bucket, $0.call) }) }
    var outcomes: [ChangeRows.Outcome] = []
    for group in groups.sorted(by: { $0.bucket.rawValue < $1.bucket.rawValue }) {
      outcomes.append(try await transaction.call(group.call, bucket: group.bucket))
    }
    return outcomes
  }

  /// One call for each tablet. Conditions are about one partition, and so on one.
  func groups(of planned: PlannedChanges) -> [(bucket: Bucket, call: ChangeRows)] {
    if planned.changes.count == 1 {
      let (bucket, change) = planned.changes[0]
      return [
        (
          bucket,
          ChangeRows(tables: planned.tables, conditions: planned.conditions, changes: [change])
        )
      ]
    }
    var groups: [(place: TabletPlace, bucket: Bucket, changes: [ChangeRows.Change])] = []
    for (bucket, change) in planned.changes {
      let place = shard.place(of: bucket)
      if let known = groups.firstIndex(where: { $0.place == place }) {
        groups[known].changes.append(change)
      } else {
        groups.append((place, bucket, [change]))
      }
    }
    if groups.isEmpty, let bucket = planned.conditionBuckets.first {
      groups.append((shard.place(of: bucket), bucket, []))
    }
    return groups.map { group in
      (
        group.bucket,
        ChangeRows(
          tables: planned.tables, conditions: planned.conditions, changes: group.changes)
      )
    }
  }

  // MARK: Results of IF

  private func conditionResult(
    _ planned: PlannedChanges, _ outcome: ChangeRows.Outcome, isBatch: Bool
  ) throws(CQLError) -> StatementResult {
    guard let first = planned.tested.first else { return .void }
    var columns = [
      ResultColumn(
        keyspace: first.table.keyspace, table: first.table.name, name: "[applied]", type: .boolean)
    ]
    if outcome.isApplied { return .rows(ResultRows(columns, [[.bool(true)]])) }
    // The rows as they are, of each statement that looked at one.
    var shown: [Int] =
      isBatch ? Array(0..<first.table.partitionCount + first.table.clusteringCount) : []
    for tested in planned.tested where tested.table === first.table {
      for place in tested.columns where !shown.contains(place) { shown.append(place) }
    }
    var rows: [[Datum]] = []
    for number in planned.tested.indices {
      var datums: [Int: Datum] = [:]
      for (condition, row) in zip(planned.conditions, outcome.rows)
      where condition.statement == number && !row.isEmpty {
        let isStatics = planned.tables[condition.table].table.id != planned.tested[number].table.id
        for place in shown {
          let column = first.table.columns[place]
          guard isStatics == (column.kind == .static) || column.kind == .partitionKey && isStatics
          else { continue }
          // In the static columns' own table the partition's columns come first, in the same order.
          let slot = isStatics && column.kind == .partitionKey ? place : column.slot
          datums[place] = try StoredForm.load(row[slot], column.type)
        }
      }
      guard !datums.isEmpty else { continue }
      rows.append([.bool(false)] + shown.map { datums[$0] ?? .null })
    }
    if rows.isEmpty { return .rows(ResultRows(columns, [[.bool(false)]])) }
    columns += shown.map { place in
      let column = first.table.columns[place]
      return ResultColumn(
        keyspace: first.table.keyspace, table: first.table.name, name: column.name,
        type: column.type)
    }
    return .rows(ResultRows(columns, rows))
  }
}
