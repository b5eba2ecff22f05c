import Types

extension TypedExpression {
  /// The same expression over other children; leaves are returned as they are.
  func mapChildren(_ body: (TypedExpression) throws(SQLError) -> TypedExpression) throws(SQLError)
    -> TypedExpression
  {
    func all(_ list: [TypedExpression]) throws(SQLError) -> [TypedExpression] {
      var result: [TypedExpression] = []
      result.reserveCapacity(list.count)
      for item in list { result.append(try body(item)) }
      return result
    }
    switch self {
    case .constant, .parameter, .variable, .slot, .external: return self
    case .call(let call): return .call(call.with(arguments: try all(call.arguments)))
    case .setReturning(let call):
      return .setReturning(call.with(arguments: try all(call.arguments)))
    case .and(let list): return .and(try all(list))
    case .or(let list): return .or(try all(list))
    case .not(let inner): return .not(try body(inner))
    case .isNull(let inner, let negated): return .isNull(try body(inner), negated: negated)
    case .booleanTest(let inner, let wanted, let negated):
      return .booleanTest(try body(inner), wanted, negated: negated)
    case .distinct(let a, let b, let comparison, let negated):
      return .distinct(try body(a), try body(b), comparison, negated: negated)
    case .conditional(let cases, let otherwise, let type):
      var mapped: [BoundCase] = []
      for item in cases {
        mapped.append(
          BoundCase(condition: try body(item.condition), result: try body(item.result)))
      }
      return .conditional(mapped, otherwise: try body(otherwise), type)
    case .coalesce(let list, let type): return .coalesce(try all(list), type)
    case .nullIf(let a, let b, let comparison): return .nullIf(try body(a), try body(b), comparison)
    case .extremum(let list, let type, let greatest):
      return .extremum(try all(list), type, isGreatest: greatest)
    case .row(let list, let type): return .row(try all(list), type)
    case .field(let inner, let index, let type): return .field(try body(inner), index, type)
    case .array(let list, let element, let type, let nested):
      return .array(try all(list), element: element, type, isNested: nested)
    case .element(let base, let subscripts, let type):
      var mapped: [BoundSubscript] = []
      for item in subscripts {
        var copy = item
        if let lower = item.lower { copy.lower = try body(lower) }
        if let upper = item.upper { copy.upper = try body(upper) }
        mapped.append(copy)
      }
      return .element(try body(base), mapped, type)
    case .anyArray(let a, let b, let comparison, let isAll):
      return .anyArray(try body(a), try body(b), comparison, isAll: isAll)
    case .inList(let a, let list, let comparison):
      return .inList(try body(a), try all(list), comparison)
    case .rowCompare(let a, let b, let comparisons, let name):
      return .rowCompare(try all(a), try all(b), comparisons, name)
    case .anySubquery(let list, let id, let comparisons, let name, let isAll):
      return .anySubquery(try all(list), id, comparisons, name, isAll: isAll)
    case .aggregate(let call):
      var copy = call
      copy.arguments = try all(call.arguments)
      if let filter = call.filter { copy.filter = try body(filter) }
      var order: [BoundSortKey] = []
      for key in call.order { order.append(key.with(try body(key.expression))) }
      copy.order = order
      return .aggregate(copy)
    case .window(let call):
      var copy = call
      copy.arguments = try all(call.arguments)
      if let filter = call.filter { copy.filter = try body(filter) }
      copy.partition = try all(call.partition)
      var order: [BoundSortKey] = []
      for key in call.order { order.append(key.with(try body(key.expression))) }
      copy.order = order
      return .window(copy)
    }
  }

  /// Rewrites bottom-up... the children first, then the node itself.
  func rewritten(_ body: (TypedExpression) -> TypedExpression) -> TypedExpression {
    let inner: TypedExpression
    do throws(SQLError) {
      inner = try mapChildren { (child: TypedExpression) throws(SQLError) in
        child.rewritten(body)
      }
    } catch {
      inner = self
    }
    return body(inner)
  }

  /// Visits every node, parents first; `body` returns false to stay out of the children.
  func visit(_ body: (TypedExpression) -> Bool) {
    guard body(self) else { return }
    _ = try? mapChildren { (child: TypedExpression) throws(SQLError) in
      child.visit(body)
      return child
    }
  }

  func contains(_ test: (TypedExpression) -> Bool) -> Bool {
    var found = false
    visit { node in
      if found { return false }
      if test(node) { found = true }
      return !found
    }
    return found
  }

  /// The variables that it reads, each once, in the order of appearance.
  var variables: [VariableID] {
    var result: [VariableID] = []
    visit { node in
      if case .variable(let id, _) = node, !result.contains(id) { result.append(id) }
      return true
    }
    return result
  }

  var externals: [ExternalID] {
    var result: [ExternalID] = []
    visit { node in
      switch node {
      case .external(let id, _), .anySubquery(_, let id, _, _, _):
        if !result.contains(id) { result.append(id) }
      default: break
      }
      return true
    }
    return result
  }

  var isVolatile: Bool {
    contains { node in
      switch node {
      case .call(let call), .setReturning(let call): call.isVolatile
      case .external: true
      default: false
      }
    }
  }
  var hasAggregate: Bool { contains { if case .aggregate = $0 { true } else { false } } }
  var hasWindow: Bool { contains { if case .window = $0 { true } else { false } } }
  var hasSetReturning: Bool { contains { if case .setReturning = $0 { true } else { false } } }

  /// The parts of a conjunction.
  var conjuncts: [TypedExpression] {
    if case .and(let list) = self { return list.flatMap(\.conjuncts) }
    return [self]
  }
  static func conjunction(_ list: [TypedExpression]) -> TypedExpression? {
    list.isEmpty ? nil : (list.count == 1 ? list[0] : .and(list))
  }

  /// Variables that `layout` has become positions of the row; the others stay, as correlations.
  func resolved(_ layout: [VariableID: Int]) -> TypedExpression {
    rewritten { node in
      if case .variable(let id, let type) = node, let slot = layout[id] {
        return .slot(slot, type)
      }
      return node
    }
  }

  /// Structural equality, for GROUP BY, DISTINCT and ORDER BY matching.
  func matches(_ other: TypedExpression) -> Bool { fingerprint == other.fingerprint }

  var fingerprint: String {
    switch self {
    case .constant(let value, let type): return "c\(type.oid):\(value)"
    case .parameter(let index, _): return "$\(index)"
    case .variable(let id, _): return "v\(id)"
    case .slot(let id, _): return "s\(id)"
    case .external(let id, _): return "x\(id)"
    case .call(let call):
      let arguments = call.arguments.map(\.fingerprint).joined(separator: ",")
      return "\(call.name)/\(call.type.oid)/\(call.type.modifier)(\(arguments))"
    default:
      var parts: [String] = []
      _ = try? mapChildren { (child: TypedExpression) throws(SQLError) in
        parts.append(child.fingerprint)
        return child
      }
      return "\(shape)(\(parts.joined(separator: ",")))"
    }
  }

  private var shape: String {
    switch self {
    case .and: "and"
    case .or: "or"
    case .not: "not"
    case .isNull(_, let negated): "null\(negated)"
    case .booleanTest(_, let wanted, let negated): "test\(String(describing: wanted))\(negated)"
    case .distinct(_, _, _, let negated): "distinct\(negated)"
    case .conditional(let cases, _, _): "case\(cases.count)"
    case .coalesce: "coalesce"
    case .nullIf: "nullif"
    case .extremum(_, _, let greatest): "extremum\(greatest)"
    case .row: "row"
    case .field(_, let index, _): "field\(index)"
    case .array: "array"
    case .element(_, let subscripts, _): "element\(subscripts.map(\.isSlice))"
    case .anyArray(_, _, let comparison, let isAll): "any\(comparison.operatorName)\(isAll)"
    case .inList: "in"
    case .rowCompare(_, _, _, let name): "row\(name)"
    case .anySubquery(_, let id, _, let name, let isAll): "sub\(id)\(name)\(isAll)"
    case .aggregate(let call): "agg\(call.name)\(call.isDistinct)\(call.isStar)"
    case .window(let call): "win\(call.name)"
    case .setReturning(let call): "srf\(call.name)"
    default: "?"
    }
  }
}
