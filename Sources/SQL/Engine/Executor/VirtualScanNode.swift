public import Base
public import Catalog
public import Functions
import Node
public import Types

/// What a virtual table may look at when its rows are made. Lives on: the session's shard.
public struct VirtualTableContext {
  public var catalog: CatalogSnapshot
  public var role: RoleDescriptor
  public var evaluation: EvaluationContext
  public init(catalog: CatalogSnapshot, role: RoleDescriptor, evaluation: EvaluationContext) {
    self.catalog = catalog
    self.role = role
    self.evaluation = evaluation
  }
}

/// A table that is computed: those of pg_catalog, information_schema and quatrain.
public struct VirtualTable {
  public var id: ObjectID
  public var columns: [(name: String, type: SQLType)]
  /// Behind the others in each row; not in `*` (tableoid).
  public var hiddenColumns: [(name: String, type: SQLType)] = []
  public var rows: (VirtualTableContext) async throws(SQLError) -> [[Value]]
  public init(
    id: ObjectID, columns: [(name: String, type: SQLType)],
    rows: @escaping (VirtualTableContext) async throws(SQLError) -> [[Value]]
  ) {
    self.id = id
    self.columns = columns
    self.rows = rows
  }
}

public protocol VirtualTableProvider: AnyObject {
  /// Nil where there is no such table.
  func table(schema: String, name: String) -> VirtualTable?
}

final class VirtualScanNode: PlanNode {
  let table: VirtualTable
  let alias: String
  let context: () -> (CatalogSnapshot, RoleDescriptor)
  let projection: [Int]
  init(
    table: VirtualTable, alias: String, projection: [Int], output: [PlanVariable],
    context: @escaping () -> (CatalogSnapshot, RoleDescriptor)
  ) {
    self.table = table
    self.alias = alias
    self.projection = projection
    self.context = context
    super.init(output: output)
    estimatedRows = 500
  }
  override var title: String { "Seq Scan on \(alias)" }

  override func open(_ execution: Execution, _ environment: EvaluationEnvironment) -> RowSource {
    var isDone = false
    return GeneratedSource { [table, projection, role = context().1] () async throws(KernelError) in
      if isDone { return nil }
      isDone = true
      do throws(SQLError) {
        let rows = try await table.rows(
          VirtualTableContext(
            catalog: execution.transaction.catalog, role: role, evaluation: environment.context))
        return rows.map { row in projection.map { row[$0] } }
      } catch {
        throw .user(error)
      }
    }
  }
}
