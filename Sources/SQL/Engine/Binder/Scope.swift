import Base
import Catalog
import Functions
import Types

/// One column that names can refer to.
struct ScopeColumn {
  var name: String
  var variable: PlanVariable
  /// Where RowDescription says that it comes from.
  var table = ObjectID(rawValue: 0)
  var number: Int16 = 0
  /// In `*`.
  var isVisible = true
  /// What a read of it gives: 42501 for a column that the role may not see.
  var denial: SQLError?
}

/// One range table entry.
struct ScopeEntry {
  var alias: String?
  var schema: String?
  var columns: [ScopeColumn]
  /// Names of a join's input are found only with their qualifier when USING merged them.
  var hidden: Set<String> = []
  /// Entries of the same FROM that LATERAL has not come to, or that an outer join forbids.
  var isWholeRow = true
}

/// The names of one query block, and of those around it.
final class NameScope {
  var entries: [ScopeEntry] = []
  /// Columns that USING merged, before all others in `*`.
  var merged: [ScopeColumn] = []
  let parent: NameScope?
  var commonTables: [String: CommonTableBinding] = [:]

  init(parent: NameScope?) { self.parent = parent }

  func commonTable(_ name: String) -> CommonTableBinding? {
    var scope: NameScope? = self
    while let current = scope {
      if let found = current.commonTables[name] { return found }
      scope = current.parent
    }
    return nil
  }

  /// The innermost scope's column of this name; throws 42702 when several fit.
  func column(_ name: String, position: Int?) throws(SQLError) -> ScopeColumn? {
    var scope: NameScope? = self
    while let current = scope {
      var found = current.merged.filter { $0.name == name }
      for entry in current.entries where !entry.hidden.contains(name) {
        found.append(contentsOf: entry.columns.filter { $0.name == name })
      }
      if found.count > 1 {
        throw SQLError(
          .ambiguousColumn, "column reference \"\(name)\" is ambiguous", position: position)
      }
      if let only = found.first { return only }
      scope = current.parent
    }
    return nil
  }

  func entry(_ alias: String, schema: String? = nil) -> ScopeEntry? {
    var scope: NameScope? = self
    while let current = scope {
      if let found = current.entries.first(where: {
        $0.alias == alias && (schema == nil || $0.schema == schema)
      }) {
        return found
      }
      scope = current.parent
    }
    return nil
  }

  /// What `*` means.
  var star: [ScopeColumn] {
    merged
      + entries.flatMap { entry in
        entry.columns.filter { $0.isVisible && !entry.hidden.contains($0.name) }
      }
  }
}

/// A WITH item, as references see it.
final class CommonTableBinding {
  let number: Int
  let name: String
  var columns: [(name: String, type: SQLType)]
  let plan = SharedLogicalPlan()
  /// What a reference inside the item itself gives.
  var selfReference: SQLError?
  /// Of a WITH item that changes rows: its columns are those of RETURNING.
  var change: BoundChange?
  /// Set while the recursive term is bound: references read the work table.
  var isRecursing = false
  /// The levels of its plan.
  var height = 1
  init(number: Int, name: String, columns: [(name: String, type: SQLType)]) {
    self.number = number
    self.name = name
    self.columns = columns
  }
}

final class SharedLogicalPlan {
  var logical: LogicalPlan?
  let physical = SharedPlan()
}
