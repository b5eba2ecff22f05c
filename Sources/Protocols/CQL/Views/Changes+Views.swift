import Base
import Catalog
import Node
import SQL
import Types

/// Changes of tables with materialized views: the table's rows, and then the views' of them, in one
/// transaction over all their tablets.
extension StatementRunner {
  func changeWithViews(_ planned: PlannedChanges, _ transaction: Transaction)
    async throws(KernelError) -> ChangeRows.Outcome
  {
    let tracked = planned.tables.indices.filter { !(planned.views[$0] ?? []).isEmpty }
    let calls = groups(of: planned).map { group in
      var call = group.call
      call.tracked = tracked
      return (group.bucket, call)
    }
    let outcomes = try await transaction.statement { () async throws(KernelError) in
      try await transaction.callEach(calls)
    }
    let images = outcomes.flatMap(\.images)
    let steps = try viewSteps(images, planned)
    if !steps.isEmpty {
      _ = try await transaction.statement { () async throws(KernelError) in
        try await transaction.callEach(steps)
      }
    }
    try await transaction.commit()
    notes?.trace?.note("Committed with \(steps.count) calls for views")
    return outcomes.first ?? ChangeRows.Outcome()
  }

  /// For each tablet of the views what becomes of its rows, in the order of the changes.
  private func viewSteps(_ images: [RowImage], _ planned: PlannedChanges) throws(KernelError)
    -> [(Bucket, PutViewRows)]
  {
    let seconds = Int64(shard.wallNanoseconds() / 1_000_000_000)
    var groups: [(place: TabletPlace, bucket: Bucket, call: PutViewRows)] = []
    func add(_ view: BoundView, _ key: [Value], _ row: [Value]?) {
      let bucket = view.rows.bucket(Array(key.prefix(view.view.partitionCount)))
      let place = shard.place(of: bucket)
      var group = groups.firstIndex { $0.place == place } ?? groups.count
      if group == groups.count {
        groups.append((place, bucket, PutViewRows(tables: [], steps: [])))
        group = groups.count - 1
      }
      let id = view.rows.table.id
      var table = groups[group].call.tables.firstIndex { $0.table.id == id } ?? -1
      if table < 0 {
        groups[group].call.tables.append(view.rows)
        table = groups[group].call.tables.count - 1
      }
      groups[group].call.steps.append(.init(table: table, key: key, row: row))
    }
    for image in images {
      for view in planned.views[image.table] ?? [] {
        let (old, new) = try asKernel { () throws(CQLError) in
          (try view.row(of: image.old, at: seconds), try view.row(of: image.new, at: seconds))
        }
        let keys = (old.map(view.key), new.map(view.key))
        if let key = keys.0, key != keys.1 { add(view, key, nil) }
        if let key = keys.1 { add(view, key, new) }
      }
    }
    return groups.map { ($0.bucket, $0.call) }
  }

  private func asKernel<R>(_ body: () throws(CQLError) -> R) throws(KernelError) -> R {
    do throws(CQLError) {
      return try body()
    } catch {
      throw .user(SQLError(.dataCorrupted, error.message))
    }
  }

  // MARK: Building

  private static let rowsOfStep = 128

  /// Puts the rows that are there into the views: each is written as it is, which brings it along.
  func fillViews(of table: CQLTable) async throws(CQLError) {
    guard let stored = table.stored else { return }
    let selectors = table.columns[..<(table.partitionCount + table.clusteringCount)].map {
      Select.Item(selector: .column($0.name))
    }
    var select = Select(table: ObjectName(keyspace: table.keyspace, name: table.name))
    select.items = selectors
    var reading = SelectReading(runner: self, bound: try bind(select, []))
    while !reading.isDone {
      let rows = try await reading.next(Self.rowsOfStep)
      var planned = PlannedChanges()
      let place = planned.table(stored.rows)
      planned.views[place] = try catalog.views(of: table)
      for row in rows {
        var key: [Value] = []
        var isWhole = true
        for (datum, column) in zip(row.columns, table.columns.prefix(selectors.count)) {
          // A partition with static columns alone has no row.
          if datum.isNull { isWhole = false } else { key.append(try column.store(datum)) }
        }
        guard isWhole else { continue }
        planned.changes.append(
          (
            stored.rows.bucket(Array(key.prefix(table.partitionCount))),
            ChangeRows.Change(table: place, kind: .update, key: key)
          ))
      }
      _ = try await carryOut(planned)
    }
  }
}
