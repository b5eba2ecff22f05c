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
}
