import Base
import Catalog
import Functions
import Node
import Types

/// A table as statements change it. Plan time, immutable but for `referencing`, which is linked
/// after all targets are made (foreign keys may form cycles).
final class WriteTarget {
  let layout: StoredTable
  let constraints: RowConstraints
  /// Its own foreign keys.
  var foreignKeys: [ForeignKeyPlan] = []
  /// Foreign keys of others that refer to it, with the target of the child for cascades.
  var referencing: [(plan: ForeignKeyPlan, child: WriteTarget)] = []
  /// Defaults of columns, for SET DEFAULT: those that need no waiting call.
  var defaults: [Int: TypedExpression] = [:]

  init(layout: StoredTable, constraints: RowConstraints) {
    self.layout = layout
    self.constraints = constraints
  }

  /// Whether one call on the row's tablet does all that an insert needs.
  var isLocalInsert: Bool { foreignKeys.isEmpty && layout.globalIndexes.isEmpty }

  /// The same for an update of these columns, or for a delete (nil).
  func isLocalChange(_ positions: [Int]?) -> Bool {
    guard let positions else { return referencing.isEmpty && layout.globalIndexes.isEmpty }
    func touches(_ columns: [Int]) -> Bool { columns.contains { positions.contains($0) } }
    if touches(layout.primaryKey.compactMap(\.column)) { return false }
    if touches(layout.distribution ?? []) { return false }
    for index in layout.globalIndexes {
      let parts = layout.indexes[index].parts
      if parts.contains(where: { $0.column == nil }) || layout.indexes[index].predicate != nil {
        return false
      }
      if touches(parts.compactMap(\.column)) { return false }
    }
    if foreignKeys.contains(where: { touches($0.childPositions) }) { return false }
    if referencing.contains(where: { touches($0.plan.parentPositions) }) { return false }
    // Generated columns may be part of any of these.
    return constraints.generated.isEmpty
  }
}

/// Writes rows of one target for one statement: constraints across tablets, global indexes, the
/// rows themselves, then referential actions. Lives on: the session's shard.
struct TableWriter {
  let target: WriteTarget
  let execution: Execution
  let environment: EvaluationEnvironment
  /// Cascades may form cycles; a chain longer than this is refused.
  var depth = 0
  static let depthMax = 64

  init(_ target: WriteTarget, _ execution: Execution, _ environment: EvaluationEnvironment) {
    self.target = target
    self.execution = execution
    self.environment = environment
  }

  private var layout: StoredTable { target.layout }

  // MARK: - Calls

  /// Runs the operations on their tablets, few calls; outcomes are in the order of the operations.
  private func apply(
    _ operations: [(bucket: Bucket, operation: RowOperation)], _ conflict: ConflictRule?
  ) async throws(KernelError) -> [RowOutcome] {
    func fragment(_ list: [RowOperation]) -> WriteFragment {
      WriteFragment(
        layout: layout, constraints: target.constraints, operations: list, conflict: conflict,
        environment: environment)
    }
    if operations.isEmpty { return [] }
    if layout.isGlobal {
      return try await execution.transaction.callGlobal(fragment(operations.map(\.operation)))
    }
    if operations.count == 1 {
      return try await execution.transaction.call(
        fragment([operations[0].operation]), bucket: operations[0].bucket)
    }
    var places: [TabletPlace: Int] = [:]
    var groups: [(place: TabletPlace, members: [Int])] = []
    for (index, item) in operations.enumerated() {
      let place = execution.placeOf(item.bucket)
      if let group = places[place] {
        groups[group].members.append(index)
      } else {
        places[place] = groups.count
        groups.append((place, [index]))
      }
    }
    var outcomes = [RowOutcome](repeating: .skipped, count: operations.count)
    let calls = groups.map { group in
      (group.place, fragment(group.members.map { operations[$0].operation }))
    }
    let results = try await execution.transaction.callEach(calls)
    for (group, result) in zip(groups, results) {
      for (index, outcome) in zip(group.members, result) { outcomes[index] = outcome }
    }
    return outcomes
  }

  private func change(_ index: Int, _ changes: [IndexEntryFragment.Change])
    async throws(KernelError) -> [[UInt8]?]
  {
    if changes.isEmpty { return [] }
    let descriptor = layout.indexes[index].descriptor
    var places: [TabletPlace: Int] = [:]
    var groups: [(tablet: TabletPlace, members: [Int])] = []
    for (place, change) in changes.enumerated() {
      let tablet = execution.placeOf(change.entry.bucket)
      if let group = places[tablet] {
        groups[group].members.append(place)
      } else {
        places[tablet] = groups.count
        groups.append((tablet, [place]))
      }
    }
    let results = try await execution.transaction.callEach(
      groups.map { group in
        (
          group.tablet,
          IndexEntryFragment(index: descriptor, changes: group.members.map { changes[$0] })
        )
      })
    var holders = [[UInt8]?](repeating: nil, count: changes.count)
    for (group, result) in zip(groups, results) {
      for (place, holder) in zip(group.members, result) { holders[place] = holder }
    }
    return holders
  }

  private func entry(_ index: Int, _ row: [Value]) throws(KernelError) -> IndexEntry? {
    var environment = environment
    return try asKernel { () throws(SQLError) in
      try layout.entry(index, of: row, &environment)
    }
  }

  private func duplicate(_ index: Int?, _ row: [Value]) -> KernelError {
    var environment = environment
    return .user(layout.duplicate(index, row, &environment))
  }

  // MARK: - Insert

  /// Complete rows (defaults, NOT NULL, CHECK done). One outcome per row.
  func insert(_ rows: [[Value]], conflict: ConflictRule?) async throws(KernelError) -> [RowOutcome]
  {
    // A row whose global key is taken goes on as a conflict, if the rule covers it.
    var held = [[UInt8]?](repeating: nil, count: rows.count)
    var isSkipped = [Bool](repeating: false, count: rows.count)
    if conflict != nil { try await probe(rows, conflict, &held, &isSkipped) }
    var operations: [(bucket: Bucket, operation: RowOperation)] = []
    var places: [Int] = []
    for (place, row) in rows.enumerated() where !isSkipped[place] {
      if let key = held[place] {
        let bucket = try asKernel { () throws(SQLError) in
          try KeyReader.bucket(ofPrimaryKey: key, layout)
        }
        operations.append((bucket, .resolveConflict(key: key, proposed: row)))
      } else {
        operations.append((layout.bucket(of: row), .insert(row)))
      }
      places.append(place)
    }
    var outcomes = [RowOutcome](repeating: .skipped, count: rows.count)
    for (place, outcome) in zip(places, try await apply(operations, conflict)) {
      outcomes[place] = outcome
    }
    var inserted: [[Value]] = []
    var updated: [(old: [Value], new: [Value])] = []
    for outcome in outcomes {
      switch outcome {
      case .inserted(let row): inserted.append(row)
      case .updated(let old, let new): updated.append((old, new))
      case .deleted, .skipped: break
      }
    }
    for index in layout.globalIndexes {
      var changes: [IndexEntryFragment.Change] = []
      var owners: [[Value]] = []
      for row in inserted {
        guard let entry = try entry(index, row) else { continue }
        changes.append(.init(entry: entry, isRemoval: false))
        owners.append(row)
      }
      for (row, holder) in zip(owners, try await change(index, changes)) where holder != nil {
        throw duplicate(index, row)
      }
    }
    try await checkParents(inserted)
    if !updated.isEmpty { try await afterUpdate(updated) }
    return outcomes
  }

  /// Finds rows whose keys in arbitrating global indexes exist.
  private func probe(
    _ rows: [[Value]], _ conflict: ConflictRule?, _ held: inout [[UInt8]?],
    _ isSkipped: inout [Bool]
  ) async throws(KernelError) {
    guard let conflict else { return }
    for index in layout.globalIndexes
    where conflict.covers(index) && layout.indexes[index].descriptor.isUnique {
      var seen: Set<[UInt8]> = []
      for (place, row) in rows.enumerated() where held[place] == nil && !isSkipped[place] {
        guard let entry = try entry(index, row), entry.isExclusive else { continue }
        if !seen.insert(entry.key).inserted {
          if conflict.update != nil { throw .user(ConflictRule.secondTime) }
          isSkipped[place] = true
          continue
        }
        let found = try await execution.transaction.call(
          IndexLookupFragment(
            index: layout.indexes[index].descriptor, keys: [entry.key]),
          bucket: entry.bucket)
        guard let holder = found.first ?? nil else { continue }
        if conflict.update == nil { isSkipped[place] = true } else { held[place] = holder }
      }
    }
  }

  // MARK: - Update and delete

  func update(_ pairs: [(old: [Value], new: [Value])]) async throws(KernelError) {
    var operations: [(bucket: Bucket, operation: RowOperation)] = []
    var moved: [[Value]] = []
    for (old, new) in pairs {
      if layout.key(of: old) == layout.key(of: new) {
        operations.append((layout.bucket(of: old), .update(old: old, new: new)))
      } else {
        operations.append((layout.bucket(of: old), .delete(old)))
        moved.append(new)
      }
    }
    _ = try await apply(operations, nil)
    _ = try await apply(moved.map { (layout.bucket(of: $0), .insert($0)) }, nil)
    try await afterUpdate(pairs)
  }

  private func afterUpdate(_ pairs: [(old: [Value], new: [Value])]) async throws(KernelError) {
    for index in layout.globalIndexes {
      var removals: [IndexEntryFragment.Change] = []
      var additions: [IndexEntryFragment.Change] = []
      var owners: [[Value]] = []
      for (old, new) in pairs {
        let before = try entry(index, old)
        let after = try entry(index, new)
        if before == after { continue }
        if let before { removals.append(.init(entry: before, isRemoval: true)) }
        if let after {
          additions.append(.init(entry: after, isRemoval: false))
          owners.append(new)
        }
      }
      _ = try await change(index, removals)
      for (row, holder) in zip(owners, try await change(index, additions)) where holder != nil {
        throw duplicate(index, row)
      }
    }
    try await checkParents(pairs.map(\.new), old: pairs.map(\.old))
    for link in target.referencing {
      let positions = link.plan.parentPositions
      for (old, new) in pairs {
        let before = positions.map { old[$0] }
        let after = positions.map { new[$0] }
        if before == after || before.contains(where: \.isNull) { continue }
        try await act(link.plan.key.onUpdate, link, before, replacement: after)
      }
    }
  }

  func delete(_ rows: [[Value]]) async throws(KernelError) {
    _ = try await apply(rows.map { (layout.bucket(of: $0), .delete($0)) }, nil)
    for index in layout.globalIndexes {
      var changes: [IndexEntryFragment.Change] = []
      for row in rows {
        if let entry = try entry(index, row) {
          changes.append(.init(entry: entry, isRemoval: true))
        }
      }
      _ = try await change(index, changes)
    }
    for link in target.referencing {
      for row in rows {
        let values = link.plan.parentPositions.map { row[$0] }
        if values.contains(where: \.isNull) { continue }
        try await act(link.plan.key.onDelete, link, values, replacement: nil)
      }
    }
  }
}
