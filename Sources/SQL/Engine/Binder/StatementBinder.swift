import Base
import Catalog
import Node
import Syntax
import Types

/// Statements → plans. Lives nowhere: works on one catalog snapshot.
struct StatementBinder {
  let catalog: CatalogSnapshot
  let source: [UInt8]
  var parameterTypes: [SQLType]

  struct Bound {
    var plan: Plan
    var columns: [ResultColumn]?
    var parameterTypes: [SQLType]
  }

  mutating func bind(_ body: StatementBody) throws(SQLError) -> Bound? {
    switch body {
    case .select(let select): return try bind(select)
    case .insert(let insert): return try bind(insert)
    case .update(let update): return try bind(update)
    case .delete(let delete): return try bind(delete)
    default: return nil
    }
  }

  func binder(_ scope: Scope) -> ExpressionBinder {
    ExpressionBinder(scope: scope, parameterTypes: parameterTypes, source: source)
  }

  func resolve(_ name: RelationName) throws(SQLError) -> TableDescriptor {
    let probe = binder(Scope())
    let schema = name.schema ?? "public"
    guard let found = catalog.schema(named: schema),
      case .table(let table) = catalog.relation(schema: found.id, name: name.name)
    else {
      let shown = name.schema.map { "\($0).\(name.name)" } ?? name.name
      throw probe.fault(.undefinedTable, "relation \"\(shown)\" does not exist", name.location)
    }
    return table
  }

  func layout(_ table: TableDescriptor) -> TableLayout {
    let schema = catalog.objects[table.schema]?.name ?? "public"
    return TableLayout(table, schema: schema)
  }

  func scope(_ table: TableDescriptor, _ name: RelationName) -> Scope {
    Scope(
      qualifier: name.alias ?? name.name,
      columns: table.visibleColumns.map { ($0.name, $0.type, Int($0.id.rawValue) - 1) })
  }

  func expand(_ targets: [Target], _ scope: Scope) throws(SQLError) -> [Target] {
    var expanded: [Target] = []
    for target in targets {
      guard case .star(let qualifier, let location) = target.expression else {
        expanded.append(target)
        continue
      }
      if let name = qualifier.last, name != scope.qualifier {
        throw binder(scope).fault(
          .undefinedTable, "missing FROM-clause entry for table \"\(name)\"", location)
      }
      if scope.columns.isEmpty && scope.qualifier == nil {
        throw binder(scope).fault(
          .syntaxError, "SELECT * with no tables specified is not valid", location)
      }
      for column in scope.columns {
        expanded.append(
          Target(expression: .column([column.name], location: location), alias: nil))
      }
    }
    return expanded
  }

  /// Binds a list of results; names as PostgreSQL gives them.
  func outputs(
    _ targets: [Target], _ scope: Scope, _ table: TableDescriptor?,
    _ binder: inout ExpressionBinder
  ) throws(SQLError) -> (expressions: [BoundExpression], columns: [ResultColumn]) {
    var expressions: [BoundExpression] = []
    var columns: [ResultColumn] = []
    for target in try expand(targets, scope) {
      let bound = try binder.bind(target.expression)
      let typed = try binder.decided(bound, .text)
      expressions.append(typed.expression)
      var column = ResultColumn(
        name: target.alias ?? Self.name(of: target.expression), type: typed.type)
      if case .column(let names, _) = target.expression,
        let origin = table?.column(named: names[names.count - 1]), let table
      {
        column.table = table.id
        column.column = origin.id.rawValue
      }
      columns.append(column)
    }
    return (expressions, columns)
  }

  private static func name(of expression: Expression) -> String {
    switch expression {
    case .column(let names, _): return names[names.count - 1]
    case .call(let call): return call.name[call.name.count - 1]
    case .cast(let operand, let type, _):
      let inner = name(of: operand)
      return inner == "?column?" ? type.names[type.names.count - 1] : inner
    case .caseWhen: return "case"
    case .coalesce: return "coalesce"
    case .nullIf: return "nullif"
    case .constant(.bool, _): return "bool"
    default: return "?column?"
    }
  }

  /// The key's values where the filter demands each of its columns to equal something constant.
  func fixedKey(_ filter: BoundExpression?, _ table: TableLayout) -> [BoundExpression]? {
    var fixed: [Int: BoundExpression] = [:]
    collect(filter, table, &fixed)
    var key: [BoundExpression] = []
    for position in table.key {
      guard let value = fixed[position] else { return nil }
      key.append(value)
    }
    return key
  }

  private func collect(
    _ filter: BoundExpression?, _ table: TableLayout, _ fixed: inout [Int: BoundExpression]
  ) {
    switch filter {
    case .and(let parts): for part in parts { collect(part, table, &fixed) }
    case .compare(.equal, .column(let position), let value, let type)
    where type.oid == table.types[position].oid && value.isFixed:
      fixed[position] = value
    case .compare(.equal, let value, .column(let position), let type)
    where type.oid == table.types[position].oid && value.isFixed:
      fixed[position] = value
    default: break
    }
  }
}

extension BoundExpression {
  /// Whether it has one value for the whole statement.
  var isFixed: Bool {
    switch self {
    case .constant(let value): !value.isNull
    case .parameter: true
    case .cast(let operand, _, _): operand.isFixed
    case .negate(let operand, _): operand.isFixed
    default: false
    }
  }
}
