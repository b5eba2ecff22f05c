import Base
import Catalog
import Functions
import Syntax
import Types

extension Binder {
  func bind(_ syntax: QuerySyntax.Expression, _ scope: NameScope, _ clause: ExpressionClause)
    throws(SQLError) -> TypedExpression
  {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.depthMax else { throw Self.tooDeep }
    func list(_ items: [QuerySyntax.Expression]) throws(SQLError) -> [TypedExpression] {
      var result: [TypedExpression] = []
      for item in items { result.append(try bind(item, scope, clause)) }
      return result
    }
    switch syntax {
    case .literal(let literal, _): return try bindLiteral(literal)
    case .parameter(let number, let position):
      guard number >= 1 && number <= 65_535 else {
        throw SQLError(
          .undefinedParameter, "there is no parameter $\(number)", position: position)
      }
      while parameterTypes.count < number { parameterTypes.append(.unknown) }
      return .parameter(number - 1, parameterTypes[number - 1])
    case .column(let names, let position): return try column(names, scope, position)
    case .binary(let name, let left, let right, let position):
      if case .row(let a, _) = left, case .row(let b, _) = right {
        return try rows(name, try list(a), try list(b), position)
      }
      let (a, b) = (try bind(left, scope, clause), try bind(right, scope, clause))
      do throws(SQLError) {
        return try operation(name, a, b, position: position)
      } catch {
        // What a literal cannot be is told at the literal.
        guard error.code == .invalidTextRepresentation, error.position == position else {
          throw error
        }
        var error = error
        if case .literal(.string, let place) = right {
          error.position = place
        } else if case .literal(.string, let place) = left {
          error.position = place
        }
        throw error
      }
    case .prefix(let name, let inner, let position):
      if name == "-", case .literal(.number(let text), _) = inner {
        return try bindLiteral(.number("-" + text))
      }
      return try operation(name, nil, bind(inner, scope, clause), position: position)
    case .and(let items):
      var result: [TypedExpression] = []
      for item in items {
        result.append(try boolean(bind(item, scope, clause), "AND", item.position))
      }
      return .and(result)
    case .or(let items):
      var result: [TypedExpression] = []
      for item in items {
        result.append(try boolean(bind(item, scope, clause), "OR", item.position))
      }
      return .or(result)
    case .not(let inner):
      return .not(try boolean(bind(inner, scope, clause), "NOT", inner.position))
    case .isNull(let inner, let negated):
      return .isNull(try settled(bind(inner, scope, clause)), negated: negated)
    case .booleanTest(let inner, let wanted, let negated):
      let word = "IS \(negated ? "NOT " : "")" + (wanted.map { $0 ? "TRUE" : "FALSE" } ?? "UNKNOWN")
      return .booleanTest(
        try boolean(bind(inner, scope, clause), word, inner.position), wanted, negated: negated)
    case .distinct(let left, let right, let negated, let position):
      let (a, b, comparison) = try comparison(
        "=", bind(left, scope, clause), bind(right, scope, clause), position: position)
      return .distinct(a, b, comparison, negated: negated)
    case .inList(let left, let items, let negated, let position):
      let bound = try inList(bind(left, scope, clause), list(items), position)
      return negated ? .not(bound) : bound
    case .between(let inner, let low, let high, let negated, let isSymmetric, let position):
      let value = try bind(inner, scope, clause)
      let a = try bind(low, scope, clause)
      let b = try bind(high, scope, clause)
      func within(_ a: TypedExpression, _ b: TypedExpression) throws(SQLError) -> TypedExpression {
        .and([
          try operation(">=", value, a, position: position),
          try operation("<=", value, b, position: position),
        ])
      }
      let bound = isSymmetric ? .or([try within(a, b), try within(b, a)]) : try within(a, b)
      return negated ? .not(bound) : bound
    case .anyArray(let left, let name, let right, let isAll, let position):
      return try anyArray(
        bind(left, scope, clause), name, bind(right, scope, clause), isAll, position)
    case .call(let call): return try self.call(call, scope, clause)
    case .cast(let inner, let name, let position)
    where name.name == "jsonpath" && name.schema == nil && name.arrayDimensions == 0:
      // The type is not there: its functions and operators take texts.
      let path = try bind(inner, scope, clause)
      if case .constant(.text(let bytes), _) = path {
        try located(inner.position ?? position) { () throws(SQLError) in try checkJSONPath(bytes) }
      }
      return try coerce(path, to: .text, .explicit, position: inner.position ?? position)
    case .cast(let inner, let name, let position):
      let target = try type(name)
      if case .array(let items, _) = inner, let element = target.elementType {
        var elements: [TypedExpression] = []
        for item in items {
          elements.append(try coerce(bind(item, scope, clause), to: element, .explicit))
        }
        if !elements.contains(where: { $0.type.isArray && !element.isArray }) {
          return .array(elements, element: element, target, isNested: false)
        }
      }
      return try coerce(
        bind(inner, scope, clause), to: target, .explicit, position: inner.position ?? position)
    default: return try bindComposite(syntax, scope, clause, list)
    }
  }

  private func bindLiteral(_ literal: QuerySyntax.Literal) throws(SQLError) -> TypedExpression {
    switch literal {
    case .null: return .null
    case .bool(let flag): return .constant(.bool(flag), .bool)
    case .integer(let number):
      return .constant(.int(number), Int32(exactly: number) == nil ? .int8 : .int4)
    case .number(let text):
      if let small = Int32(text) { return .constant(.int(Int64(small)), .int4) }
      if let number = Int64(text) { return .constant(.int(number), .int8) }
      return .constant(try TypeIO.parseText(text, as: .numeric), .numeric)
    case .string(let text): return .constant(.string(text), .unknown)
    case .bits: throw SQLError(.featureNotSupported, "bit strings are not supported")
    }
  }

  /// A column, or a whole row of a FROM item.
  func column(_ names: [String], _ scope: NameScope, _ position: Int?) throws(SQLError)
    -> TypedExpression
  {
    func read(_ column: ScopeColumn) throws(SQLError) -> TypedExpression {
      if let denial = column.denial { throw denial }
      return .variable(column.variable.id, column.variable.type)
    }
    switch names.count {
    case 1:
      if let found = try scope.column(names[0], position: position) { return try read(found) }
      if let entry = scope.entry(names[0]) {
        var fields: [TypedExpression] = []
        for column in entry.columns where column.isVisible { fields.append(try read(column)) }
        return .row(fields, .record)
      }
      throw SQLError(
        .undefinedColumn, "column \"\(names[0])\" does not exist",
        hint: similar(names[0], scope), position: position)
    case 2, 3:
      let schema = names.count == 3 ? names[0] : nil
      let alias = names[names.count - 2]
      guard let entry = scope.entry(alias, schema: schema) else {
        if names.count == 2, let whole = try? scope.column(alias, position: nil) {
          return try field(try read(whole), names[1], position)
        }
        throw SQLError(
          .undefinedTable,
          "missing FROM-clause entry for table \"\(alias)\"", position: position)
      }
      let matches = entry.columns.filter { $0.name == names[names.count - 1] }
      if matches.count > 1 {
        throw SQLError(
          .ambiguousColumn, "column reference \"\(names[names.count - 1])\" is ambiguous",
          position: position)
      }
      if let found = matches.first { return try read(found) }
      if let name = names.last, ["tableoid", "ctid", "xmin", "xmax", "cmin", "cmax"].contains(name)
      {
        throw SQLError(
          .featureNotSupported, "system column \"\(name)\" is not supported", position: position)
      }
      throw SQLError(
        .undefinedColumn, "column \(alias).\(names[names.count - 1]) does not exist",
        hint: similar(names[names.count - 1], scope), position: position)
    default:
      throw SQLError(
        .syntaxError,
        "improper qualified name (too many dotted names): \(names.joined(separator: "."))",
        position: position)
    }
  }

  /// PostgreSQL's guess at what was meant: one column at a distance of at most half of the name.
  private func similar(_ name: String, _ scope: NameScope) -> String? {
    var best: (distance: Int, text: String)?
    for entry in scope.entries {
      for column in entry.columns where column.isVisible {
        let distance = Self.distance(
          Array(name.utf8.prefix(64)), Array(column.name.utf8.prefix(64)))
        guard distance <= max(name.utf8.count / 2, 1), distance <= 3 else { continue }
        if let held = best, held.distance <= distance { continue }
        best = (distance, "\(entry.alias ?? "").\(column.name)")
      }
    }
    return best.map { "Perhaps you meant to reference the column \"\($0.text)\"." }
  }

  private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var row = Array(0...b.count)
    for (i, left) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, right) in b.enumerated() {
        let above = row[j + 1]
        row[j + 1] = min(above + 1, row[j] + 1, diagonal + (left == right ? 0 : 1))
        diagonal = above
      }
    }
    return row[b.count]
  }

  private func rows(
    _ name: String, _ left: [TypedExpression], _ right: [TypedExpression], _ position: Int?
  ) throws(SQLError) -> TypedExpression {
    guard left.count == right.count else {
      throw SQLError(
        .syntaxError, "unequal number of entries in row expressions", position: position)
    }
    var a: [TypedExpression] = []
    var b: [TypedExpression] = []
    var comparisons: [BoundComparison] = []
    for (x, y) in zip(left, right) {
      let (l, r, comparison) = try comparison(name, x, y, position: position)
      a.append(l)
      b.append(r)
      comparisons.append(comparison)
    }
    // Equality is a conjunction, which can be pushed down and use indexes.
    if name == "=" {
      var parts: [TypedExpression] = []
      for (x, y) in zip(left, right) { parts.append(try operation("=", x, y, position: position)) }
      return parts.count == 1 ? parts[0] : .and(parts)
    }
    return .rowCompare(a, b, comparisons, name)
  }

  private func inList(
    _ left: TypedExpression, _ items: [TypedExpression], _ position: Int?
  ) throws(SQLError) -> TypedExpression {
    if case .row(let fields, _) = left {
      var alternatives: [TypedExpression] = []
      for item in items {
        guard case .row(let others, _) = item else {
          throw SQLError(.datatypeMismatch, "a row is compared with a value", position: position)
        }
        alternatives.append(try rows("=", fields, others, position))
      }
      return alternatives.count == 1 ? alternatives[0] : .or(alternatives)
    }
    if items.count == 1 { return try operation("=", left, items[0], position: position) }
    // All of one type where there is one; else each on its own.
    guard let type = try? registry.commonType(([left] + items).map(\.type), context: "IN"),
      let first = try? coerce(left, to: type, .implicit)
    else {
      var alternatives: [TypedExpression] = []
      for item in items { alternatives.append(try operation("=", left, item, position: position)) }
      return .or(alternatives)
    }
    var elements: [TypedExpression] = []
    for item in items { elements.append(try coerce(item, to: type, .implicit, position: position)) }
    let (a, _, comparison) = try comparison("=", first, elements[0], position: position)
    return .inList(a, elements, comparison)
  }

  private func anyArray(
    _ left: TypedExpression, _ name: String, _ right: TypedExpression, _ isAll: Bool,
    _ position: Int?
  ) throws(SQLError) -> TypedExpression {
    var right = right
    if right.type == .unknown {
      let element = left.type == .unknown ? SQLType.text : left.type.withoutModifier
      right = try coerce(right, to: element.arrayType ?? SQLType.textArray, .implicit)
    }
    let element: SQLType
    if let own = right.type.elementType {
      element = own
    } else if let labelled = enumElement(of: right.type) {
      element = SQLType(labelled.id)
    } else if right.type.oid == SQLType.int2vector.oid {
      element = .int2
    } else if right.type.oid == SQLType.oidvector.oid {
      element = .oid
    } else {
      throw SQLError(
        .wrongObjectType, "op ANY/ALL (array) requires array on right side", position: position)
    }
    let (a, b, comparison) = try comparison(
      name, left, .slot(0, element), position: position)
    if b.type.oid != element.oid, enumElement(of: right.type) == nil, let wanted = b.type.arrayType
    {
      right = try coerce(right, to: wanted, .implicit, position: position)
    }
    return .anyArray(a, right, comparison, isAll: isAll)
  }

  func field(_ base: TypedExpression, _ name: String, _ position: Int?) throws(SQLError)
    -> TypedExpression
  {
    if base.type.info != nil && base.type != .record {
      throw SQLError(
        .wrongObjectType,
        "column notation .\(name) applied to type \(formatType(base.type)), which is not a composite type",
        position: position)
    }
    var fields = rowType(base.type)?.fields ?? []
    if case .row(let items, _) = base, fields.isEmpty {
      fields = items.enumerated().map { ("f\($0.offset + 1)", $0.element.type) }
    }
    switch base {
    case .variable(let id, _) where fields.isEmpty:
      fields = (recordColumns[id] ?? []).map { ($0.name, $0.type) }
    case .setReturning(let call) where fields.isEmpty:
      fields = call.columns.map { ($0.name, $0.type) }
    default: break
    }
    guard let place = fields.firstIndex(where: { $0.name == name }) else {
      throw SQLError(
        .undefinedColumn,
        "column \"\(name)\" not found in data type \(shownName(base.type))", position: position)
    }
    return .field(base, place, fields[place].type)
  }

  private func bindComposite(
    _ syntax: QuerySyntax.Expression, _ scope: NameScope, _ clause: ExpressionClause,
    _ list: ([QuerySyntax.Expression]) throws(SQLError) -> [TypedExpression]
  ) throws(SQLError) -> TypedExpression {
    switch syntax {
    case .conditional(let operand, let arms, let otherwise, let position):
      var subject: TypedExpression?
      if let operand { subject = try bind(operand, scope, clause) }
      var cases: [BoundCase] = []
      var results: [TypedExpression] = []
      for arm in arms {
        let test = try bind(arm.condition, scope, clause)
        let condition: TypedExpression
        if let subject {
          condition = try operation("=", subject, test, position: arm.condition.position)
        } else {
          condition = try boolean(test, "CASE/WHEN", arm.condition.position)
        }
        let result = try bind(arm.result, scope, clause)
        cases.append(BoundCase(condition: condition, result: result))
        results.append(result)
      }
      if let otherwise {
        results.append(try bind(otherwise, scope, clause))
      } else {
        results.append(.null)
      }
      let (type, coerced) = try common(results, "CASE", position)
      for index in cases.indices { cases[index].result = coerced[index] }
      return .conditional(cases, otherwise: coerced[cases.count], type)
    case .coalesce(let items, let position):
      let (type, coerced) = try common(list(items), "COALESCE", position)
      return .coalesce(coerced, type)
    case .extremum(let items, let isGreatest, let position):
      let (type, coerced) = try common(
        list(items), isGreatest ? "GREATEST" : "LEAST", position)
      if let labels = enumLabels(type) {
        return label(
          .extremum(coerced.map { enumOrder($0, labels) }, .int4, isGreatest: isGreatest), labels,
          type)
      }
      return .extremum(coerced, type, isGreatest: isGreatest)
    case .nullIf(let left, let right, let position):
      let (a, b, comparison) = try comparison(
        "=", bind(left, scope, clause), bind(right, scope, clause), position: position)
      return .nullIf(a, b, comparison)
    case .row(let items, _):
      var fields: [TypedExpression] = []
      for item in try list(items) {
        // A literal may become a field of a row type yet.
        if case .constant = item { fields.append(item) } else { fields.append(try settled(item)) }
      }
      return .row(fields, .record)
    case .field(.column(let names, _), let name, let position)
    where names.count == 1 && scope.entry(names[0]) != nil
      && (try? scope.column(names[0], position: nil)) == nil:
      return try column(names + [name], scope, position)
    case .field(let base, let name, let position):
      return try field(bind(base, scope, clause), name, position)
    case .element(let base, let subscripts, let position):
      let value = try bind(base, scope, clause)
      if value.type.oid == SQLType.jsonb.oid {
        return try jsonElement(value, subscripts, scope, clause, position)
      }
      guard
        let element = value.type.elementType ?? enumElement(of: value.type).map({ SQLType($0.id) })
      else {
        throw SQLError(
          .datatypeMismatch,
          "cannot subscript type \(formatType(value.type)) because it does not support subscripting",
          position: position)
      }
      var bound: [BoundSubscript] = []
      let isSlice = subscripts.contains(where: \.isSlice)
      func integer(_ item: QuerySyntax.Expression?) throws(SQLError) -> TypedExpression? {
        guard let item else { return nil }
        return try coerce(
          bind(item, scope, clause), to: .int4, .assignment, position: item.position)
      }
      for item in subscripts {
        bound.append(
          BoundSubscript(
            lower: try integer(item.lower), upper: try integer(item.upper), isSlice: item.isSlice))
      }
      return .element(value, bound, isSlice ? value.type : element)
    case .array(let items, let position):
      let elements = try list(items)
      if elements.isEmpty {
        throw SQLError(
          .indeterminateDatatype, "cannot determine type of empty array",
          hint: "Explicitly cast to the desired type, for example ARRAY[]::integer[].",
          position: position)
      }
      var (type, coerced) = try common(elements, "ARRAY", position)
      if type == .unknown {
        type = .text
        var texts: [TypedExpression] = []
        for item in coerced { texts.append(try coerce(item, to: .text, .implicit)) }
        coerced = texts
      }
      if type.isArray, let inner = type.elementType {
        return .array(coerced, element: inner, type, isNested: true)
      }
      guard let array = enumArray(of: type) ?? type.arrayType else {
        throw SQLError(
          .undefinedObject, "could not find array type for data type \(formatType(type))",
          position: position)
      }
      return .array(coerced, element: type, array, isNested: false)
    case .subquery(let kind, let left, let query, let position):
      return try subquery(kind, left, query, scope, clause, position)
    case .grouping(let items, let position):
      guard let mask = groupingMask else {
        throw SQLError(
          .groupingError,
          "arguments to GROUPING must be grouping expressions of the associated query level",
          position: position)
      }
      return try grouping(list(items), mask, position)
    case .defaultValue(let position):
      throw SQLError(.syntaxError, "DEFAULT is not allowed in this context", position: position)
    default:
      throw SQLError(.internalError, "an expression that the binder does not know")
    }
  }

  /// jsonb['a'][0] is jsonb -> 'a' -> 0.
  private func jsonElement(
    _ base: TypedExpression, _ subscripts: [QuerySyntax.Subscript], _ scope: NameScope,
    _ clause: ExpressionClause, _ position: Int?
  ) throws(SQLError) -> TypedExpression {
    var value = base
    for item in subscripts {
      guard !item.isSlice, let syntax = item.upper else {
        throw SQLError(
          .datatypeMismatch, "jsonb subscript does not support slices", position: position)
      }
      var key = try bind(syntax, scope, clause)
      if key.type == .unknown { key = try coerce(key, to: .text, .implicit) }
      value = try operation("->", value, key, position: position)
    }
    return value
  }

  /// GROUPING(…): the bits of its arguments from the mask of the row's grouping set.
  private func grouping(
    _ items: [TypedExpression], _ mask: (variable: PlanVariable, groups: [TypedExpression]),
    _ position: Int?
  ) throws(SQLError) -> TypedExpression {
    var places: [Int64] = []
    for item in items {
      guard let place = mask.groups.firstIndex(where: { $0.matches(item) }) else {
        throw SQLError(
          .groupingError,
          "arguments to GROUPING must be grouping expressions of the associated query level",
          position: position)
      }
      places.append(Int64(place))
    }
    return .call(
      BoundCall(.grouping(places), [.variable(mask.variable.id, .int8)], type: .int4))
  }

  private func subquery(
    _ kind: QuerySyntax.SubqueryKind, _ left: QuerySyntax.Expression?, _ query: QuerySyntax.Query,
    _ scope: NameScope, _ clause: ExpressionClause, _ position: Int?
  ) throws(SQLError) -> TypedExpression {
    let savedWindows = windows
    let savedMask = groupingMask
    defer {
      windows = savedWindows
      groupingMask = savedMask
    }
    groupingMask = nil
    let bound = try bind(query, scope)
    func single() throws(SQLError) -> SQLType {
      guard bound.columns.count == 1 else {
        throw SQLError(.syntaxError, "subquery must return only one column", position: position)
      }
      return bound.columns[0].variable.type
    }
    switch kind {
    case .exists: return .external(external(.exists(bound.plan)), .bool)
    case .scalar:
      return .external(external(.scalar(bound.plan)), try single())
    case .array:
      let type = try single()
      guard let array = type.isArray ? type : type.arrayType else {
        throw SQLError(
          .undefinedObject, "could not find array type for data type \(formatType(type))",
          position: position)
      }
      return .external(external(.array(bound.plan, element: type)), array)
    case .any(let name), .all(let name):
      guard let left else { throw SQLError(.internalError, "ANY without a left side") }
      let test = try bind(left, scope, clause)
      var fields = [test]
      if case .row(let items, _) = test { fields = items }
      guard fields.count == bound.columns.count else {
        throw SQLError(
          .syntaxError,
          fields.count < bound.columns.count
            ? "subquery has too many columns" : "subquery has too few columns", position: position)
      }
      // The subquery's columns take the operator's types by a projection over it.
      var lefts: [TypedExpression] = []
      var rights: [TypedExpression] = []
      var comparisons: [BoundComparison] = []
      for (item, column) in zip(fields, bound.columns) {
        let (a, b, comparison) = try comparison(
          name, item, .variable(column.variable.id, column.variable.type), position: position)
        lefts.append(a)
        rights.append(b)
        comparisons.append(comparison)
      }
      let output = rights.map { variable("column", $0.type) }
      let id = external(.rows(.project(bound.plan, rights, output)))
      var isAll = false
      if case .all = kind { isAll = true }
      return .anySubquery(lefts, id, comparisons, name, isAll: isAll)
    }
  }
}
