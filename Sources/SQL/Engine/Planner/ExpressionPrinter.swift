import Base
import Catalog
import Types

/// Expressions as text for EXPLAIN.
struct ExpressionPrinter {
  private let names: [String]
  private let variables: [VariableID: String]

  init(_ output: [PlanVariable]) {
    names = output.map(\.name)
    variables = [:]
  }
  init(table: StoredTable) {
    names = table.table.columns.map(\.name)
    variables = [:]
  }

  func text(_ expression: TypedExpression) -> String {
    func list(_ items: [TypedExpression]) -> String {
      items.map(text).joined(separator: ", ")
    }
    switch expression {
    case .constant(let value, let type): return constant(value, type)
    case .parameter(let index, _): return "$\(index + 1)"
    case .variable(let id, _): return variables[id] ?? "outer.\(id)"
    case .slot(let index, _): return index < names.count ? names[index] : "column\(index + 1)"
    case .call(let call), .setReturning(let call):
      if let name = call.operatorName, call.arguments.count == 2 {
        return "(\(text(call.arguments[0])) \(name) \(text(call.arguments[1])))"
      }
      if let name = call.operatorName, call.arguments.count == 1 {
        return "(\(name) \(text(call.arguments[0])))"
      }
      if call.name.hasPrefix("cast:"), let first = call.arguments.first {
        return "(\(text(first)))::\(formatType(call.type))"
      }
      return "\(call.name)(\(list(call.arguments)))"
    case .and(let items): return "(\(items.map(text).joined(separator: " AND ")))"
    case .or(let items): return "(\(items.map(text).joined(separator: " OR ")))"
    case .not(let inner): return "(NOT \(text(inner)))"
    case .isNull(let inner, let negated): return "(\(text(inner)) IS \(negated ? "NOT " : "")NULL)"
    case .booleanTest(let inner, let wanted, let negated):
      let word = wanted.map { $0 ? "TRUE" : "FALSE" } ?? "UNKNOWN"
      return "(\(text(inner)) IS \(negated ? "NOT " : "")\(word))"
    case .distinct(let a, let b, _, let negated):
      return "(\(text(a)) IS \(negated ? "NOT " : "")DISTINCT FROM \(text(b)))"
    case .conditional(let cases, let otherwise, _):
      let arms = cases.map { "WHEN \(text($0.condition)) THEN \(text($0.result))" }
      return "CASE \(arms.joined(separator: " ")) ELSE \(text(otherwise)) END"
    case .coalesce(let items, _): return "COALESCE(\(list(items)))"
    case .nullIf(let a, let b, _): return "NULLIF(\(text(a)), \(text(b)))"
    case .extremum(let items, _, let isGreatest):
      return "\(isGreatest ? "GREATEST" : "LEAST")(\(list(items)))"
    case .row(let items, _): return "ROW(\(list(items)))"
    case .field(let inner, let index, _): return "(\(text(inner))).f\(index + 1)"
    case .array(let items, _, _, _): return "ARRAY[\(list(items))]"
    case .element(let base, _, _): return "\(text(base))[…]"
    case .anyArray(let a, let b, let comparison, let isAll):
      return "(\(text(a)) \(comparison.operatorName) \(isAll ? "ALL" : "ANY") (\(text(b))))"
    case .inList(let a, let items, _): return "(\(text(a)) IN (\(list(items))))"
    case .rowCompare(let a, let b, _, let name):
      return "(ROW(\(list(a))) \(name) ROW(\(list(b))))"
    case .external(let id, _): return "(SubPlan \(id))"
    case .anySubquery(let items, let id, _, let name, let isAll):
      return "(\(list(items)) \(name) \(isAll ? "ALL" : "ANY") (SubPlan \(id)))"
    case .aggregate(let call): return "\(call.name)(\(call.isStar ? "*" : list(call.arguments)))"
    case .window(let call): return "\(call.name)(\(list(call.arguments))) OVER (?)"
    }
  }

  private func constant(_ value: Value, _ type: SQLType) -> String {
    switch value {
    case .null: return "NULL::\(formatType(type))"
    case .bool(let flag): return flag ? "true" : "false"
    case .int where type.isInteger: return TypeIO.formatText(value, as: type)
    case .numeric, .float: return "'\(TypeIO.formatText(value, as: type))'::\(formatType(type))"
    default:
      let quoted = TypeIO.formatText(value, as: type).replacing("'", with: "''")
      return "'\(quoted)'::\(formatType(type))"
    }
  }
}
