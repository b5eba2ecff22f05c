public import Syntax
public import Types

/// The parser's statements as the binder takes them. Positions become characters from 1.
public struct SyntaxTranslation {
  private let source: [UInt8]

  public init(source: [UInt8]) { self.source = source }

  /// Nil for statements that are no queries.
  public func statement(_ body: StatementBody) throws(SQLError) -> QuerySyntax.Statement? {
    switch body {
    case .select(let select): return .query(try query(select))
    case .insert(let insert):
      var made = QuerySyntax.Insert(name(insert.table))
      made.alias = insert.table.alias
      made.columns = insert.columns.map { ($0.name, position($0.location)) }
      if !insert.rows.isEmpty { made.source = QuerySyntax.Query(.values(try rows(insert.rows))) }
      made.returning = try returning(insert.returning)
      return .insert(made)
    case .update(let update):
      var made = QuerySyntax.Update(name(update.table))
      made.alias = update.table.alias
      for item in update.assignments {
        made.assignments.append(
          QuerySyntax.Assignment(
            [item.column], try expression(item.value), position: position(item.location)))
      }
      made.filter = try optional(update.filter)
      made.returning = try returning(update.returning)
      return .update(made)
    case .delete(let delete):
      var made = QuerySyntax.Delete(name(delete.table))
      made.alias = delete.table.alias
      made.filter = try optional(delete.filter)
      made.returning = try returning(delete.returning)
      return .delete(made)
    default: return nil
    }
  }

  func position(_ location: Int) -> Int? {
    guard location >= 0 else { return nil }
    // Characters are counted by their first bytes.
    return source.prefix(location).reduce(1) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
  }

  private func name(_ relation: RelationName) -> QuerySyntax.RelationName {
    QuerySyntax.RelationName(
      relation.name, schema: relation.schema, position: position(relation.location))
  }

  private func optional(_ item: Expression?) throws(SQLError) -> QuerySyntax.Expression? {
    guard let item else { return nil }
    return try expression(item)
  }

  private func list(_ items: [Expression]) throws(SQLError) -> [QuerySyntax.Expression] {
    var result: [QuerySyntax.Expression] = []
    for item in items { result.append(try expression(item)) }
    return result
  }

  private func rows(_ rows: [[Expression]]) throws(SQLError) -> [[QuerySyntax.Expression]] {
    var result: [[QuerySyntax.Expression]] = []
    for row in rows { result.append(try list(row)) }
    return result
  }

  private func targets(_ targets: [Target]) throws(SQLError) -> [QuerySyntax.Target] {
    var result: [QuerySyntax.Target] = []
    for target in targets {
      result.append(QuerySyntax.Target(try expression(target.expression), alias: target.alias))
    }
    return result
  }

  private func returning(_ list: [Target]) throws(SQLError) -> [QuerySyntax.Target]? {
    list.isEmpty ? nil : try targets(list)
  }

  func query(_ select: SelectStatement) throws(SQLError) -> QuerySyntax.Query {
    var made: QuerySyntax.Query
    if select.values.isEmpty {
      var block = QuerySyntax.Select()
      block.isDistinct = select.isDistinct
      block.targets = try targets(select.targets)
      if let from = select.from {
        block.from = [.relation(name(from), from.alias.map { QuerySyntax.Alias($0) })]
      }
      block.filter = try optional(select.filter)
      for item in select.groupBy { block.groups.append(.expression(try expression(item))) }
      block.having = try optional(select.having)
      made = QuerySyntax.Query(.select(block))
    } else {
      made = QuerySyntax.Query(.values(try rows(select.values)))
    }
    for key in select.orderBy {
      made.order.append(
        QuerySyntax.SortKey(
          try expression(key.expression), isDescending: key.isDescending,
          nullsFirst: key.nullsFirst))
    }
    made.limit = try optional(select.limit)
    made.offset = try optional(select.offset)
    return made
  }

  /// One expression. Nesting is bounded by the parser.
  public func expression(_ item: Expression) throws(SQLError) -> QuerySyntax.Expression {
    let place = position(item.location)
    switch item {
    case .constant(let constant, _):
      switch constant {
      case .null: return .literal(.null, position: place)
      case .bool(let flag): return .literal(.bool(flag), position: place)
      case .integer(let number): return .literal(.integer(Int64(number)), position: place)
      case .number(let text): return .literal(.number(text), position: place)
      case .string(let text): return .literal(.string(text), position: place)
      }
    case .parameter(let number, _): return .parameter(number, position: place)
    case .column(let names, _): return .column(names, position: place)
    case .star(let qualifier, _): return .column(qualifier + ["*"], position: place)
    case .operation(let name, let left, let right, _):
      guard let left else { return .prefix(name, try expression(right), position: place) }
      return .binary(name, try expression(left), try expression(right), position: place)
    case .logic(let connective, let items, _):
      switch connective {
      case .and: return .and(try list(items))
      case .or: return .or(try list(items))
      case .not: return .not(try expression(items[0]))
      }
    case .isNull(let inner, let negated, _):
      return .isNull(try expression(inner), negated: negated)
    case .isTrue(let inner, let value, let negated, _):
      return .booleanTest(try expression(inner), value, negated: negated)
    case .isDistinct(let left, let right, let negated, _):
      return .distinct(
        try expression(left), try expression(right), negated: negated, position: place)
    case .isIn(let left, let items, let negated, _):
      return .inList(try expression(left), try list(items), negated: negated, position: place)
    case .between(let inner, let low, let high, let negated, _):
      return .between(
        try expression(inner), try expression(low), try expression(high), negated: negated,
        isSymmetric: false, position: place)
    case .like(let left, let pattern, let match, let negated, _):
      let name = (negated ? "!" : "") + (match == .like ? "~~" : "~~*")
      return .binary(name, try expression(left), try expression(pattern), position: place)
    case .call(let call):
      var made = QuerySyntax.Call(
        call.name.last ?? "", try list(call.arguments), position: place)
      made.schema = call.name.count > 1 ? call.name[0] : nil
      made.isStar = call.isStar
      made.isDistinct = call.isDistinct
      return .call(made)
    case .cast(let inner, let type, _):
      return .cast(try expression(inner), try typeName(type), position: place)
    case .caseWhen(let operand, let branches, let otherwise, _):
      var arms: [(condition: QuerySyntax.Expression, result: QuerySyntax.Expression)] = []
      for branch in branches {
        arms.append((try expression(branch.condition), try expression(branch.result)))
      }
      return .conditional(
        operand: try optional(operand), arms, otherwise: try optional(otherwise), position: place)
    case .coalesce(let items, _): return .coalesce(try list(items), position: place)
    case .nullIf(let left, let right, _):
      return .nullIf(try expression(left), try expression(right), position: place)
    case .defaultValue: return .defaultValue(position: place)
    }
  }

  private func typeName(_ type: TypeName) throws(SQLError) -> QuerySyntax.TypeName {
    var made = QuerySyntax.TypeName(
      type.names.last ?? "", schema: type.names.count > 1 ? type.names[0] : nil,
      arrayDimensions: type.isArray ? 1 : 0, position: position(type.location))
    for modifier in type.modifiers {
      guard case .constant(.integer(let number), _) = modifier,
        let small = Int32(exactly: number)
      else {
        throw SQLError(
          .syntaxError, "type modifiers must be simple constants or identifiers",
          position: made.position)
      }
      made.modifiers.append(small)
    }
    return made
  }
}

/// Parses SQL that the catalog keeps: defaults, checks, index expressions, views.
public enum CatalogText {
  public static func query(_ text: String) throws(SQLError) -> QuerySyntax.Query {
    let source = Array(text.utf8)
    let statements: [Statement]
    do throws(ParseError) { statements = try Parser.parse(source) } catch { statements = [] }
    guard statements.count == 1, case .select(let select) = statements[0].body else {
      throw SQLError(.dataCorrupted, "the catalog's text cannot be parsed: \(text)")
    }
    return try SyntaxTranslation(source: source).query(select)
  }

  public static func expression(_ text: String) throws(SQLError) -> QuerySyntax.Expression {
    let query = try query("SELECT " + text)
    guard case .select(let select) = query.body, let target = select.targets.first else {
      throw SQLError(.dataCorrupted, "the catalog's text cannot be parsed: \(text)")
    }
    return target.expression
  }
}
