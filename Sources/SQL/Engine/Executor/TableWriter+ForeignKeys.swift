import Base
import Catalog
import Functions
import Node
import Types

extension TableWriter {
  /// New references must have parents, which are locked FOR KEY SHARE. With `old`, only references
  /// that changed are looked at.
  func checkParents(_ rows: [[Value]], old: [[Value]]? = nil) async throws(KernelError) {
    for plan in target.foreignKeys {
      var references: [[Value]] = []
      for (place, row) in rows.enumerated() {
        if let old, plan.childPositions.allSatisfy({ old[place][$0] == row[$0] }) { continue }
        let values = try asKernel { () throws(SQLError) in try plan.reference(row) }
        if let values { references.append(values) }
      }
      if references.isEmpty { continue }
      if execution.deferred.isDeferred(plan.key) || execution.checksLater {
        for values in references { deferCheck(plan, values) }
        continue
      }
      if let missing = try await plan.lockParents(references, execution) {
        throw .user(plan.missingParent(missing))
      }
    }
  }

  /// At COMMIT: either the parent is there or nobody refers to it.
  private func deferCheck(_ plan: ForeignKeyPlan, _ values: [Value], isParentSide: Bool = false) {
    let execution = execution
    let environment = environment
    let check = { () async throws(KernelError) in
      try await execution.transaction.statement { () async throws(KernelError) in
        if try await plan.lockParents([values], execution) == nil { return }
        if try await plan.children(values, execution, environment).isEmpty { return }
        throw .user(isParentSide ? plan.stillReferenced(values) : plan.missingParent(values))
      }
    }
    if execution.deferred.isDeferred(plan.key) {
      execution.deferred.append(plan.key.id, check)
    } else {
      execution.checkLater(check)
    }
  }

  /// What a foreign key asks for when its parent's key goes away or changes.
  func act(
    _ action: ForeignKey.Action, _ link: (plan: ForeignKeyPlan, child: WriteTarget),
    _ values: [Value], replacement: [Value]?
  ) async throws(KernelError) {
    guard depth < Self.depthMax else {
      throw .user(
        SQLError(
          .statementTooComplex, "stack depth limit exceeded",
          hint: "Referential actions cascade through more than \(Self.depthMax) levels."))
    }
    let plan = link.plan
    if action == .noAction, execution.deferred.isDeferred(plan.key) || execution.checksLater {
      return deferCheck(plan, values, isParentSide: true)
    }
    // The parent is locked by our write: children that were added under its key-share lock have
    // committed, so that a fresh snapshot shows them all.
    let environment = environment
    let execution = execution
    let children = try await execution.transaction.statement { () async throws(KernelError) in
      try await plan.children(values, execution, environment)
    }
    if children.isEmpty { return }
    var writer = TableWriter(link.child, execution, environment)
    writer.depth = depth + 1
    switch action {
    case .noAction:
      // Another row of this statement may have taken the key's place.
      if try await plan.lockParents([values], execution) == nil { return }
      throw .user(plan.stillReferenced(values))
    case .restrict: throw .user(plan.stillReferenced(values))
    case .cascade:
      guard let replacement else { return try await writer.delete(children) }
      try await writer.change(children, plan.childPositions, to: replacement)
    case .setNull:
      try await writer.change(children, plan.childPositions, to: values.map { _ in .null })
    case .setDefault:
      var defaults: [Value] = []
      var scope = environment
      for position in plan.childPositions {
        let expression = link.child.defaults[position] ?? .null
        defaults.append(
          try asKernel { () throws(SQLError) in try expression.evaluate([], &scope) })
      }
      try await writer.change(children, plan.childPositions, to: defaults)
    }
  }

  /// Sets some columns of rows by a referential action.
  private func change(_ rows: [[Value]], _ positions: [Int], to values: [Value])
    async throws(KernelError)
  {
    var pairs: [(old: [Value], new: [Value])] = []
    var scope = environment
    for old in rows {
      var new = old
      for (position, value) in zip(positions, values) { new[position] = value }
      try asKernel { () throws(SQLError) in
        try target.constraints.complete(&new, &scope)
      }
      pairs.append((old, new))
    }
    try await update(pairs)
  }
}
