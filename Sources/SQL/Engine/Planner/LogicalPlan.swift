import Base
import Catalog
import Functions
import Types

/// What a query means, before it is decided how: the binder's result. Variables name columns.
indirect enum LogicalPlan {
  case values([[TypedExpression]], [PlanVariable])
  case scan(LogicalScan)
  case virtual(VirtualTable, alias: String, [PlanVariable])
  case functions([FunctionScanNode.Function], hasOrdinality: Bool, name: String, [PlanVariable])
  case changes(ChangesCall, [PlanVariable])
  case filter(LogicalPlan, TypedExpression)
  case project(LogicalPlan, [TypedExpression], [PlanVariable])
  case projectSet(LogicalPlan, [TypedExpression], [PlanVariable])
  case join(JoinKind, LogicalPlan, LogicalPlan, TypedExpression?)
  case aggregate(
    LogicalPlan, groups: [TypedExpression], aggregates: [BoundAggregate], sets: [[Int]]?,
    [PlanVariable])
  case window(LogicalPlan, [BoundWindowCall], [PlanVariable])
  case sort(LogicalPlan, [BoundSortKey])
  case limit(
    LogicalPlan, limit: TypedExpression?, offset: TypedExpression?, ties: [BoundSortKey])
  case distinct(LogicalPlan, [TypedExpression]?)
  case set(SetOperation, isAll: Bool, LogicalPlan, LogicalPlan, [PlanVariable])
  case common(CommonTableBinding, [PlanVariable])
  case work(Int, name: String, [PlanVariable])
  case recursive(Int, isAll: Bool, LogicalPlan, LogicalPlan, [PlanVariable])
  case lock(LogicalPlan, [(scan: LogicalScan, lock: RowLock)])

  var output: [PlanVariable] {
    switch self {
    case .values(_, let output), .virtual(_, _, let output), .changes(_, let output),
      .functions(_, _, _, let output),
      .project(_, _, let output), .projectSet(_, _, let output),
      .aggregate(_, _, _, _, let output), .set(_, _, _, _, let output), .common(_, let output),
      .work(_, _, let output), .recursive(_, _, _, _, let output):
      output
    case .window(let input, _, let added): input.output + added
    case .scan(let scan): scan.columns
    case .filter(let input, _), .sort(let input, _), .limit(let input, _, _, _),
      .distinct(let input, _), .lock(let input, _):
      input.output
    case .join(let kind, let left, let right, _):
      kind == .semi || kind == .anti ? left.output : left.output + right.output
    }
  }
}

/// A table in FROM: one variable for each column id, dropped ones too.
final class LogicalScan {
  let layout: StoredTable
  let alias: String
  let columns: [PlanVariable]
  init(layout: StoredTable, alias: String, columns: [PlanVariable]) {
    self.layout = layout
    self.alias = alias
    self.columns = columns
  }
}

/// A subquery or waiting call inside expressions, by its id.
enum LogicalExternal {
  case scalar(LogicalPlan)
  case exists(LogicalPlan)
  case rows(LogicalPlan)
  case array(LogicalPlan, element: SQLType)
  case record(LogicalPlan)
  case call(String, [TypedExpression], isStrict: Bool)
}
