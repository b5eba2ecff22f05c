import Base
import Catalog
import Functions
import Syntax
import Types

extension Binder {
  /// The expression as `type`; literals and parameters without a type take it.
  func coerce(
    _ expression: TypedExpression, to type: SQLType, _ castContext: CastContext,
    position: Int? = nil
  ) throws(SQLError) -> TypedExpression {
    if case .parameter(let index, let own) = expression, own == .unknown {
      parameterTypes[index] = type.withoutModifier
      return try coerce(
        .parameter(index, type.withoutModifier), to: type, castContext, position: position)
    }
    let source = expression.type
    if source == type || type.isPseudo { return expression }
    if type.oid == source.oid && type.modifier < 0 { return expression }
    if case .constant(.null, _) = expression { return .constant(.null, type) }
    if TypeInfo.lookup(type) == nil {
      return try coerceToUser(expression, type, castContext, position)
    }
    if TypeInfo.lookup(source) == nil, let base = userBase(source) {
      return try coerce(relabel(expression, base), to: type, castContext, position: position)
    }
    if enumElement(of: source) != nil {
      return try coerce(asTexts(expression), to: type, castContext, position: position)
    }
    if let row = rowType(source) {
      // A row type has no casts of its own but to records and texts.
      if type.oid != SQLType.record.oid, type.info?.category != "S" || castContext == .implicit {
        throw SQLError(
          .cannotCoerce, "cannot cast type \(row.name) to \(formatType(type))", position: position)
      }
      if case .row(let items, _) = expression, type.oid == SQLType.record.oid {
        return .row(items, .record)
      }
      return try coerce(relabel(expression, .record), to: type, castContext, position: position)
    }
    // The vectors of the catalogs are arrays whose first place is 0.
    if (source.oid == SQLType.int2vector.oid && type.elementType?.oid == SQLType.int2.oid)
      || (source.oid == SQLType.oidvector.oid && type.elementType?.oid == SQLType.oid.oid)
    {
      return relabel(expression, type)
    }
    if type.oid == SQLType.regclass.oid, source == .unknown,
      case .constant(.text(let bytes), _) = expression,
      let id = try relationID(String(decoding: bytes, as: UTF8.self), position)
    {
      return .constant(.int(Int64(id.rawValue)), type)
    }
    let coercion: Coercion
    do throws(SQLError) {
      coercion = try registry.coercion(from: source, to: type, context: castContext)
    } catch {
      var error = error
      error.position = error.position ?? position
      throw error
    }
    if coercion.isIdentity { return relabel(expression, type) }
    if case .constant(let value, _) = expression {
      noteConversion(of: value, to: type)
      do throws(SQLError) {
        var evaluation = context.evaluation
        return .constant(try coercion.apply(value, &evaluation), type)
      } catch {
        var error = error
        // A length is looked at after the literal has become a value.
        if source == .unknown, error.code != .stringDataRightTruncation {
          error.position = error.position ?? position
        }
        throw error
      }
    }
    return .call(
      BoundCall(.coercion(coercion, from: source, castContext), [expression], type: type))
  }

  /// A relation by its name in a literal (`'s.t'::regclass`); nil for a number, 42P01 for no such.
  private func relationID(_ text: String, _ position: Int?) throws(SQLError) -> ObjectID? {
    if UInt32(text) != nil || text == "-" { return nil }
    var names: [String] = [""]
    var isQuoted = false
    for character in text {
      if character == "\"" {
        isQuoted.toggle()
      } else if character == "." && !isQuoted {
        names.append("")
      } else {
        names[names.count - 1] += isQuoted ? String(character) : character.lowercased()
      }
    }
    let name = names[names.count - 1]
    var path = context.searchPath
    if !path.contains("pg_catalog") { path.insert("pg_catalog", at: 0) }
    if names.count > 1 {
      path = [
        try TemporarySchema.resolved(
          names[names.count - 2], own: context.temporarySchema, context.catalog)
      ]
    }
    for schema in path {
      if let found = context.virtualTables?.table(schema: schema, name: name) { return found.id }
      guard let id = context.catalog.schema(named: schema)?.id else { continue }
      if let found = context.catalog.relation(schema: id, name: name) { return found.id }
      if let found = context.catalog.index(schema: id, name: name) { return found.1.id }
    }
    throw SQLError(
      .undefinedTable, "relation \"\(text)\" does not exist", position: position)
  }

  /// The same value under another name of its type.
  func relabel(_ expression: TypedExpression, _ type: SQLType) -> TypedExpression {
    switch expression {
    case .constant(let value, _): .constant(value, type)
    case .variable(let id, _): .variable(id, type)
    case .slot(let index, _): .slot(index, type)
    case .parameter(let index, _): .parameter(index, type)
    case .external(let id, _): .external(id, type)
    default: .call(BoundCall(.relabel, [expression], type: type))
    }
  }

  /// What a domain is over; enums read as text.
  func userBase(_ type: SQLType) -> SQLType? {
    if enumElement(of: type) != nil { return .textArray }
    guard case .type(let descriptor) = context.catalog.objects[type.oid] else { return nil }
    switch descriptor.kind {
    case .enumeration: return .text
    case .domain(let base, _, _, _): return base
    case .composite: return nil
    }
  }

  private func coerceToUser(
    _ expression: TypedExpression, _ type: SQLType, _ castContext: CastContext, _ position: Int?
  ) throws(SQLError) -> TypedExpression {
    if let row = rowType(type) {
      return try coerce(expression, to: row, castContext, position)
    }
    if let element = enumElement(of: type) {
      return try coerceToEnumArray(expression, element, castContext, position)
    }
    guard case .type(let descriptor) = context.catalog.objects[type.oid] else {
      return relabel(expression, type)
    }
    depend(on: descriptor)
    switch descriptor.kind {
    case .enumeration(let labels):
      if expression.type == type { return expression }
      let check = CallOrigin.enumCheck(
        EnumLabels(type: SQLType(type.oid), name: descriptor.name, labels: labels))
      if case .constant(let value, _) = expression {
        var evaluation = context.evaluation
        do throws(SQLError) {
          return .constant(try check.body(type)([value], &evaluation), type)
        } catch {
          var error = error
          error.position = position
          throw error
        }
      }
      return .call(BoundCall(check, [expression], type: type))
    case .domain(let base, let isNotNull, _, let checks):
      let inner = try coerce(expression, to: base, .assignment, position: position)
      var conditions: [(name: String, test: TypedExpression)] = []
      for check in checks {
        let scope = NameScope(parent: nil)
        let value = PlanVariable(id: -1, name: "value", type: base)
        scope.entries = [
          ScopeEntry(alias: nil, columns: [ScopeColumn(name: "value", variable: value)])
        ]
        let bound = try bind(
          context.parseExpression(check.expression), scope, ExpressionClause("CHECK"))
        conditions.append((check.name, bound.resolved([-1: 0])))
      }
      let check = DomainCheck(name: descriptor.name, isNotNull: isNotNull, tests: conditions)
      return .call(BoundCall(.domain(check), [inner], type: type))
    case .composite: return relabel(expression, type)
    }
  }

  /// As a column takes it: 42804 when it does not.
  func assign(_ expression: TypedExpression, to type: SQLType, column: String, position: Int?)
    throws(SQLError) -> TypedExpression
  {
    do throws(SQLError) {
      return try coerce(expression, to: type, .assignment, position: position)
    } catch {
      guard error.code == .cannotCoerce, error.detail == nil else { throw error }
      throw SQLError(
        .datatypeMismatch,
        "column \"\(column)\" is of type \(shownName(type)) but expression is of type \(shownName(expression.type))",
        hint: "You will need to rewrite or cast the expression.", position: position)
    }
  }

  /// A condition: 42804 when it is not boolean.
  func condition(
    _ syntax: QuerySyntax.Expression, _ scope: NameScope, _ clause: ExpressionClause
  ) throws(SQLError) -> TypedExpression {
    try boolean(bind(syntax, scope, clause), clause.name, syntax.position)
  }

  func boolean(_ bound: TypedExpression, _ word: String, _ position: Int?) throws(SQLError)
    -> TypedExpression
  {
    if bound.type == .bool { return bound }
    if bound.type == .unknown || userBase(bound.type) == .bool {
      return try coerce(bound, to: .bool, .implicit, position: position)
    }
    throw SQLError(
      .datatypeMismatch,
      "argument of \(word) must be type boolean, not type \(formatType(bound.type))",
      position: position)
  }

  /// Literals and parameters that nothing gave a type become text.
  func settled(_ expression: TypedExpression) throws(SQLError) -> TypedExpression {
    expression.type == .unknown ? try coerce(expression, to: .text, .implicit) : expression
  }

  func common(_ list: [TypedExpression], _ word: String, _ position: Int?) throws(SQLError)
    -> (SQLType, [TypedExpression])
  {
    let type: SQLType
    do throws(SQLError) {
      type = try registry.commonType(list.map(\.type), context: word)
    } catch {
      var error = error
      error.position = error.position ?? position
      throw error
    }
    var result: [TypedExpression] = []
    for item in list {
      result.append(try coerce(item, to: type, .implicit, position: position))
    }
    return (type, result)
  }
}
