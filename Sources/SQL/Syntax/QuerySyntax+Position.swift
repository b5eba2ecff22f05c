extension QuerySyntax.Expression {
  /// Where it begins, for error positions; nil where it is not known.
  public var position: Int? {
    switch self {
    case .literal(_, let position), .parameter(_, let position), .column(_, let position),
      .prefix(_, _, let position), .cast(_, _, let position), .conditional(_, _, _, let position),
      .coalesce(_, let position), .nullIf(_, _, let position), .extremum(_, _, let position),
      .row(_, let position), .field(_, _, let position), .element(_, _, let position),
      .array(_, let position), .grouping(_, let position), .defaultValue(let position):
      position
    case .subquery(_, let left, _, let position): left?.position ?? position
    case .binary(_, let left, _, let position), .distinct(let left, _, _, let position),
      .inList(let left, _, _, let position), .between(let left, _, _, _, _, let position),
      .anyArray(let left, _, _, _, let position):
      left.position ?? position
    case .and(let list), .or(let list): list.first?.position
    case .not(let inner), .isNull(let inner, _), .booleanTest(let inner, _, _): inner.position
    case .call(let call): call.position
    }
  }

  /// The name that a target without AS gets (PostgreSQL's FigureColname).
  public var columnName: String {
    switch self {
    case .column(let names, _): names.last ?? "?column?"
    case .call(let call): call.name
    case .field(_, let name, _): name
    case .element(let base, _, _): base.columnName
    case .cast(let inner, let type, _):
      inner.isWeaklyNamed ? type.name : inner.columnName
    case .conditional(_, _, let otherwise, _):
      otherwise.map { $0.isWeaklyNamed ? "case" : $0.columnName } ?? "case"
    case .coalesce: "coalesce"
    case .nullIf: "nullif"
    case .extremum(_, let isGreatest, _): isGreatest ? "greatest" : "least"
    case .row: "row"
    case .array: "array"
    case .grouping: "grouping"
    case .subquery(let kind, _, let query, _):
      switch kind {
      case .exists: "exists"
      case .array: "array"
      case .scalar:
        if case .select(let select) = query.body, let target = select.targets.first {
          target.alias ?? target.expression.columnName
        } else {
          "?column?"
        }
      case .any, .all: "?column?"
      }
    case .literal(.bool, _): "bool"
    default: "?column?"
    }
  }

  /// Whether its name gives way to that of a cast or CASE around it.
  private var isWeaklyNamed: Bool {
    switch self {
    case .cast(let inner, _, _): inner.isWeaklyNamed
    case .conditional(_, _, let otherwise, _): otherwise?.isWeaklyNamed ?? true
    case .literal(.bool, _): true
    default: columnName == "?column?"
    }
  }
}
