public import Base
import Catalog
import Functions
import Node
public import Types

/// A foreign key with both tables' layouts. Plan time, immutable.
final class ForeignKeyPlan {
  let key: ForeignKey
  let child: StoredTable
  let parent: StoredTable
  /// The parent's unique index that the key refers to; nil: the primary key.
  let parentIndex: Int?
  /// For each part of that index: the child's column and the parent's column.
  let pairs: [(child: Int, parent: Int)]
  /// Finds children by the foreign key's values, which are variables −1, −2, … in `key`'s order.
  let childScan: ScanNode

  init(
    key: ForeignKey, child: StoredTable, parent: StoredTable, parentIndex: Int?,
    pairs: [(child: Int, parent: Int)], childScan: ScanNode
  ) {
    self.key = key
    self.child = child
    self.parent = parent
    self.parentIndex = parentIndex
    self.pairs = pairs
    self.childScan = childScan
  }

  var childPositions: [Int] { key.columns.map { Int($0.rawValue) - 1 } }
  var parentPositions: [Int] { key.referencedColumns.map { Int($0.rawValue) - 1 } }
  var parentParts: [KeyPart] { parentIndex.map { parent.indexes[$0].parts } ?? parent.primaryKey }
}

extension ForeignKeyPlan {
  /// The foreign key's values; nil where they refer to nothing (a null). MATCH FULL allows all null
  /// or none.
  func reference(_ row: [Value]) throws(SQLError) -> [Value]? {
    let values = childPositions.map { row[$0] }
    guard values.contains(where: \.isNull) else { return values }
    if key.isMatchFull && !values.allSatisfy(\.isNull) {
      var error = SQLError(
        .foreignKeyViolation,
        "insert or update on table \"\(child.table.name)\" violates foreign key constraint \"\(key.name)\"",
        detail: "MATCH FULL does not allow mixing of null and nonnull key values.")
      name(&error)
      throw error
    }
    return nil
  }

  /// The parent's key bytes and the bucket to find it in, from the values in `key`'s order.
  func parentKey(_ values: [Value]) -> (key: [UInt8], bucket: Bucket) {
    var row = [Value](repeating: .null, count: parent.types.count)
    for (position, value) in zip(parentPositions, values) { row[position] = value }
    var key: [UInt8] = []
    for part in parentParts { if let column = part.column { part.encode(row[column], into: &key) } }
    if let parentIndex, parent.indexes[parentIndex].isGlobal {
      let columns = parentParts.compactMap(\.column)
      return (
        key,
        parent.bucket(ofEntry: columns.map { row[$0] }, columns.map { parent.types[$0] })
      )
    }
    return (key, parent.bucket(of: row))
  }

  private func name(_ error: inout SQLError) {
    error.schema = child.schemaName
    error.table = child.table.name
    error.constraint = key.name
  }

  private func shown(_ values: [Value], _ layout: StoredTable, _ positions: [Int]) -> String {
    let names = positions.map { layout.table.columns[$0].name }.joined(separator: ", ")
    let texts = zip(values, positions).map {
      $0.isNull ? "null" : TypeIO.formatText($0, as: layout.types[$1])
    }
    return "Key (\(names))=(\(texts.joined(separator: ", ")))"
  }

  func missingParent(_ values: [Value]) -> SQLError {
    var error = SQLError(
      .foreignKeyViolation,
      "insert or update on table \"\(child.table.name)\" violates foreign key constraint \"\(key.name)\"",
      detail:
        "\(shown(values, child, childPositions)) is not present in table \"\(parent.table.name)\".")
    name(&error)
    return error
  }

  func stillReferenced(_ values: [Value]) -> SQLError {
    var error = SQLError(
      .foreignKeyViolation,
      "update or delete on table \"\(parent.table.name)\" violates foreign key constraint \"\(key.name)\" on table \"\(child.table.name)\"",
      detail:
        "\(shown(values, parent, parentPositions)) is still referenced from table \"\(child.table.name)\"."
    )
    name(&error)
    return error
  }

  /// Locks the parents FOR KEY SHARE; gives the first values without a parent.
  func lockParents(_ references: [[Value]], _ execution: Execution) async throws(KernelError)
    -> [Value]?
  {
    var byBucket: [Bucket: Int] = [:]
    var groups: [(bucket: Bucket, keys: [[UInt8]], values: [[Value]])] = []
    var seen: Set<[Value]> = []
    for values in references where seen.insert(values).inserted {
      let (bytes, bucket) = parentKey(values)
      if let place = byBucket[bucket] {
        groups[place].keys.append(bytes)
        groups[place].values.append(values)
      } else {
        byBucket[bucket] = groups.count
        groups.append((bucket, [bytes], [values]))
      }
    }
    if let parentIndex, parent.indexes[parentIndex].isGlobal {
      return try await lockThroughGlobalIndex(parentIndex, groups, execution)
    }
    func fragment(_ keys: [[UInt8]]) -> ParentLockFragment {
      ParentLockFragment(layout: parent, index: parentIndex, keys: keys)
    }
    if parent.isGlobal {
      for group in groups {
        let found = try await execution.transaction.callGlobal(fragment(group.keys))
        for (values, isFound) in zip(group.values, found) where !isFound { return values }
      }
      return nil
    }
    let found = try await execution.transaction.callEach(
      groups.map { ($0.bucket, fragment($0.keys)) })
    for (group, flags) in zip(groups, found) {
      for (values, isFound) in zip(group.values, flags) where !isFound { return values }
    }
    return nil
  }

  private func lockThroughGlobalIndex(
    _ index: Int, _ groups: [(bucket: Bucket, keys: [[UInt8]], values: [[Value]])],
    _ execution: Execution
  ) async throws(KernelError) -> [Value]? {
    let descriptor = parent.indexes[index].descriptor
    let found = try await execution.transaction.callEach(
      groups.map { ($0.bucket, IndexLookupFragment(index: descriptor, keys: $0.keys)) })
    for (group, keys) in zip(groups, found) {
      for (values, primary) in zip(group.values, keys) {
        guard let primary else { return values }
        let bucket = try asKernel { () throws(SQLError) in
          try KeyReader.bucket(ofPrimaryKey: primary, parent)
        }
        let call = ParentLockFragment(layout: parent, index: nil, keys: [primary])
        let flags =
          parent.isGlobal
          ? try await execution.transaction.callGlobal(call)
          : try await execution.transaction.call(call, bucket: bucket)
        if flags != [true] { return values }
      }
    }
    return nil
  }

  /// Rows of the child that refer to these values.
  func children(
    _ values: [Value], _ execution: Execution, _ environment: EvaluationEnvironment
  ) async throws(KernelError) -> [[Value]] {
    var scope = environment
    for (place, value) in values.enumerated() { scope.variables[-1 - place] = value }
    return try await childScan.open(execution, scope).collect(execution)
  }
}

/// Foreign keys that wait for COMMIT, and SET CONSTRAINTS. The session has one per transaction and
/// runs it before it commits. Lives on: the session's shard.
public final class DeferredChecks {
  public enum Mode: Sendable { case deferred, immediate }
  /// SET CONSTRAINTS ALL; nil: as declared.
  public var modeOfAll: Mode?
  /// SET CONSTRAINTS by constraint id, after the last ALL.
  public var modes: [ObjectID: Mode] = [:]
  private var checks: [(constraint: ObjectID, body: () async throws(KernelError) -> Void)] = []

  public init() {}

  public var isEmpty: Bool { checks.isEmpty }
  /// Whether anything of a transaction is in it.
  var isUsed: Bool { !checks.isEmpty || modeOfAll != nil || !modes.isEmpty }

  func isDeferred(_ key: ForeignKey) -> Bool {
    guard key.isDeferrable else { return false }
    return (modes[key.id] ?? modeOfAll ?? (key.isInitiallyDeferred ? .deferred : .immediate))
      == .deferred
  }

  func append(_ constraint: ObjectID, _ body: @escaping () async throws(KernelError) -> Void) {
    checks.append((constraint, body))
  }

  /// Runs what waits: all of it, or that of some constraints (SET CONSTRAINTS … IMMEDIATE).
  public func run(only constraints: Set<ObjectID>? = nil) async throws(SQLError) {
    let due = checks.filter { constraints?.contains($0.constraint) ?? true }
    checks.removeAll { constraints?.contains($0.constraint) ?? true }
    for check in due {
      do throws(KernelError) { try await check.body() } catch { throw sqlError(from: error) }
    }
  }

  /// The number of waiting checks, to return to at ROLLBACK TO SAVEPOINT.
  public var mark: Int { checks.count }
  public func truncate(to mark: Int) {
    if mark < checks.count { checks.removeLast(checks.count - mark) }
  }
}
