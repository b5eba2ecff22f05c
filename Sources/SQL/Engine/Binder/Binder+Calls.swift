import Base
import Catalog
import Functions
import Syntax
import Types

extension FunctionBody {
  /// As the evaluator calls it.
  var asCallBody: CallBody {
    switch self {
    case .unary(let body):
      { (arguments, context) throws(SQLError) in try body(arguments[0], &context) }
    case .binary(let body):
      { (arguments, context) throws(SQLError) in try body(arguments[0], arguments[1], &context) }
    case .scalar(let body): body
    default:
      { [self] (arguments, context) throws(SQLError) in try evaluate(arguments, &context) }
    }
  }
}

extension Binder {
  func located<R>(_ position: Int?, _ body: () throws(SQLError) -> R) throws(SQLError) -> R {
    do throws(SQLError) { return try body() } catch {
      var error = error
      if error.position == nil { error.position = position }
      throw error
    }
  }

  /// An operator by PostgreSQL's rules. Enums and domains are compared as what they are over.
  func operation(
    _ name: String, _ left: TypedExpression?, _ right: TypedExpression, position: Int?
  ) throws(SQLError) -> TypedExpression {
    var left = left
    var right = right
    if ["<", "<=", ">", ">="].contains(name), let own = left,
      let labels = enumLabels(own.type) ?? enumLabels(right.type)
    {
      let type = enumLabels(own.type) == nil ? right.type : own.type
      if let list = try labelList(name, own, right, type, labels.labels, position) { return list }
      left = enumOrder(
        try coerce(own, to: type, .implicit, position: position), labels)
      right = enumOrder(
        try coerce(right, to: type, .implicit, position: position), labels)
    }
    if let own = left, enumElement(of: own.type) != nil || enumElement(of: right.type) != nil {
      // Both sides as the array type, for the checks of literals, then as texts.
      let type = enumElement(of: own.type) == nil ? right.type : own.type
      if own.type == .unknown { left = try coerce(own, to: type, .implicit, position: position) }
      if right.type == .unknown, name != "||" {
        right = try coerce(right, to: type, .implicit, position: position)
      }
      left = left.map { asTexts($0) }
      right = asTexts(right)
    }
    if let own = left, own.type == .unknown, rowType(right.type) != nil {
      left = try coerce(own, to: right.type, .implicit, position: position)
    } else if let own = left, right.type == .unknown, rowType(own.type) != nil {
      right = try coerce(right, to: own.type, .implicit, position: position)
    }
    if let own = left {
      left = asRecord(own)
      right = asRecord(right)
    }
    if let own = left, TypeInfo.lookup(own.type) == nil, let base = userBase(own.type) {
      // A literal beside an enum must be one of its labels.
      if right.type == .unknown, base == .text {
        right = try coerce(right, to: own.type, .implicit, position: position)
      }
      left = try coerce(own, to: base, .implicit)
    }
    if TypeInfo.lookup(right.type) == nil, let base = userBase(right.type) {
      if let own = left, own.type == .unknown, base == .text {
        left = try coerce(own, to: right.type, .implicit, position: position)
        if let own = left { left = try coerce(own, to: base, .implicit) }
      }
      right = try coerce(right, to: base, .implicit)
    }
    let resolved = try located(position) { () throws(SQLError) in
      try registry.resolveOperator(name, left?.type, right.type)
    }
    var arguments: [TypedExpression] = []
    if let left, let type = resolved.left {
      arguments.append(try coerce(left, to: type, .implicit, position: position))
    }
    arguments.append(try coerce(right, to: resolved.right, .implicit, position: position))
    return .call(BoundCall(.operation(resolved), arguments, type: resolved.result))
  }

  func enumLabels(_ type: SQLType) -> EnumLabels? {
    guard case .type(let descriptor) = context.catalog.objects[type.oid],
      case .enumeration(let labels) = descriptor.kind
    else { return nil }
    depend(on: descriptor)
    return EnumLabels(type: SQLType(type.oid), name: descriptor.name, labels: labels)
  }

  /// `value < 'label'` as `value IN (labels)`, which an index can find; nil where the label is not
  /// known yet or none fits.
  private func labelList(
    _ name: String, _ left: TypedExpression, _ right: TypedExpression, _ type: SQLType,
    _ labels: [String], _ position: Int?
  ) throws(SQLError) -> TypedExpression? {
    if case .constant = left { return nil }
    let limit = try coerce(right, to: type, .implicit, position: position)
    guard left.type == type, case .constant(.text(let bytes), _) = limit,
      let place = labels.firstIndex(of: String(decoding: bytes, as: UTF8.self))
    else { return nil }
    let fitting =
      switch name {
      case "<": labels[..<place]
      case "<=": labels[...place]
      case ">": labels[(place + 1)...]
      default: labels[place...]
      }
    if fitting.isEmpty { return nil }
    let items = fitting.map { TypedExpression.constant(.string($0), .text) }
    let (value, _, comparison) = try comparison(
      "=", relabel(left, .text), items[0], position: position)
    return .inList(value, items, comparison)
  }

  /// The label at a place.
  func label(_ place: TypedExpression, _ labels: EnumLabels, _ type: SQLType) -> TypedExpression {
    .call(BoundCall(.enumLabel(labels), [place], type: type))
  }

  /// An enum's value as its label's place, since the order of labels is not that of their texts.
  func enumOrder(_ expression: TypedExpression, _ labels: EnumLabels) -> TypedExpression {
    .call(BoundCall(.enumOrder(labels), [relabel(expression, .text)], type: .int4))
  }

  /// What a value is sorted by.
  func ordered(_ expression: TypedExpression) -> TypedExpression {
    enumLabels(expression.type).map { enumOrder(expression, $0) } ?? expression
  }

  /// Both sides coerced, and the comparison between them.
  func comparison(
    _ name: String, _ left: TypedExpression, _ right: TypedExpression, position: Int?
  ) throws(SQLError) -> (TypedExpression, TypedExpression, BoundComparison) {
    let bound = try operation(name, left, right, position: position)
    guard case .call(let call) = bound, case .operation(let resolved) = call.origin,
      call.arguments.count == 2
    else {
      throw SQLError(.internalError, "an operator without two operands")
    }
    if call.type != .bool {
      throw SQLError(
        .wrongObjectType, "op ANY/ALL (array) requires operator to yield boolean",
        position: position)
    }
    let types = call.arguments.map(\.type)
    return (
      call.arguments[0], call.arguments[1],
      BoundComparison(
        resolved,
        isPlain: name == "=" && types[0].oid == types[1].oid
          && types[0].oid != SQLType.bpchar.oid)
    )
  }

  func call(_ syntax: QuerySyntax.Call, _ scope: NameScope, _ clause: ExpressionClause)
    throws(SQLError) -> TypedExpression
  {
    if let schema = syntax.schema, schema != "pg_catalog",
      !(schema == "information_schema" && syntax.name.hasPrefix("_pg_"))
    {
      throw SQLError(
        .undefinedFunction, "function \(schema).\(syntax.name)() does not exist",
        position: syntax.position)
    }
    var inner = clause
    inner.allowsSets = clause.allowsSets
    var arguments: [TypedExpression] = []
    for argument in syntax.arguments { arguments.append(try bind(argument, scope, inner)) }
    if !syntax.argumentNames.isEmpty { arguments = try ordered(arguments, syntax) }
    if syntax.name == "min" || syntax.name == "max", arguments.count == 1,
      let labels = enumLabels(arguments[0].type)
    {
      // By the labels' places, and back.
      var places = syntax
      places.arguments = []
      let type = arguments[0].type
      let resolved = try registry.resolveFunction(syntax.name, [.int4])
      if case .aggregate(let descriptor) = resolved.body {
        return label(
          try aggregate(
            places, [enumOrder(arguments[0], labels)], descriptor, resolved, scope, clause),
          labels, type)
      }
    }
    if syntax.name != "pg_typeof" {
      for place in arguments.indices { arguments[place] = asTexts(arguments[place]) }
    }
    if let records = JSONRecordCall(syntax) {
      return try jsonRecords(records, syntax, arguments, columns: nil)
    }
    let resolved = try located(syntax.position) { () throws(SQLError) in
      try registry.resolveFunction(
        syntax.name, syntax.isStar ? [] : arguments.map(\.type),
        isVariadicCall: syntax.isVariadic)
    }
    for index in arguments.indices where index < resolved.argumentTypes.count {
      arguments[index] = try coerce(
        arguments[index], to: resolved.argumentTypes[index], .implicit,
        position: index < syntax.arguments.count
          ? syntax.arguments[index].position ?? syntax.position : syntax.position)
    }
    if resolved.signature.source.hasPrefix("jsonb_path_"),
      case .constant(.text(let path), _) = arguments[1]
    {
      let place = syntax.arguments.count > 1 ? syntax.arguments[1].position : nil
      try located(place) { () throws(SQLError) in try checkJSONPath(path) }
    }
    switch resolved.body {
    case .aggregate(let descriptor):
      return try aggregate(syntax, arguments, descriptor, resolved, scope, clause)
    case .window(let function):
      guard let window = syntax.window else {
        throw SQLError(
          "42P20", "window function \(syntax.name) requires an OVER clause",
          position: syntax.position)
      }
      var made = try self.window(window, scope, clause, syntax.position)
      made.name = syntax.name
      made.arguments = arguments
      made.type = resolved.result
      made.function = function
      return .window(made)
    case .engine(let name):
      let id = external(.call(name, arguments, isStrict: resolved.signature.isStrict))
      return .external(id, resolved.result)
    case .set:
      let list = resolved.signature.columns
      let element = arguments.first?.type.elementType
      let columns = (list.count > 1 ? list : []).map { column in
        RecordColumn(
          name: column.name,
          type: column.type == .anyelement ? element ?? column.type : column.type)
      }
      return .setReturning(
        BoundCall(.function(resolved), arguments, type: resolved.result, columns: columns))
    default: break
    }
    if syntax.window != nil {
      throw SQLError(
        .wrongObjectType,
        "OVER specified, but \(syntax.name) is not a window function nor an aggregate function",
        position: syntax.position)
    }
    return .call(BoundCall(.function(resolved), arguments, type: resolved.result))
  }

  private func aggregate(
    _ syntax: QuerySyntax.Call, _ arguments: [TypedExpression], _ descriptor: AggregateDescriptor,
    _ resolved: ResolvedCall, _ scope: NameScope, _ clause: ExpressionClause
  ) throws(SQLError) -> TypedExpression {
    var filter: TypedExpression?
    if let given = syntax.filter {
      filter = try condition(given, scope, ExpressionClause("FILTER"))
    }
    var settled: [TypedExpression] = []
    for argument in arguments { settled.append(try self.settled(argument)) }
    if let window = syntax.window {
      var made = try self.window(window, scope, clause, syntax.position)
      made.name = syntax.name
      made.arguments = settled
      made.type = resolved.result
      made.aggregate = descriptor
      made.filter = filter
      return .window(made)
    }
    guard clause.allowsAggregates else {
      throw SQLError(
        .groupingError, "aggregate functions are not allowed in \(clause.name)",
        position: syntax.position)
    }
    if settled.contains(where: \.hasAggregate) {
      throw SQLError(
        .groupingError, "aggregate function calls cannot be nested",
        position: syntax.arguments.first?.position ?? syntax.position)
    }
    var order: [BoundSortKey] = []
    for key in syntax.order { order.append(try sortKey(key, scope, ExpressionClause("ORDER BY"))) }
    return .aggregate(
      BoundAggregate(
        name: syntax.name, arguments: settled, type: resolved.result, isStar: syntax.isStar,
        isDistinct: syntax.isDistinct, filter: filter, order: order, descriptor: descriptor,
        resolved: resolved))
  }

  func sortKey(_ key: QuerySyntax.SortKey, _ scope: NameScope, _ clause: ExpressionClause)
    throws(SQLError) -> BoundSortKey
  {
    BoundSortKey(
      expression: ordered(try settled(bind(key.expression, scope, clause))),
      isDescending: key.isDescending, nullsFirst: key.nullsFirst ?? key.isDescending)
  }

  private func window(
    _ syntax: QuerySyntax.Window, _ scope: NameScope, _ clause: ExpressionClause, _ position: Int?
  ) throws(SQLError) -> BoundWindowCall {
    guard clause.allowsWindows else {
      throw SQLError(
        "42P20", "window functions are not allowed in \(clause.name)", position: position)
    }
    var inner = ExpressionClause("window definitions")
    inner.allowsAggregates = clause.allowsAggregates
    var definition = syntax
    if let name = syntax.base {
      guard let base = windows[name] else {
        throw SQLError(
          .undefinedObject, "window \"\(name)\" does not exist", position: position)
      }
      if definition.partition.isEmpty { definition.partition = base.partition }
      if definition.order.isEmpty { definition.order = base.order }
      definition.frame = definition.frame ?? base.frame
    }
    var partition: [TypedExpression] = []
    for item in definition.partition { partition.append(try settled(bind(item, scope, inner))) }
    var order: [BoundSortKey] = []
    for key in definition.order { order.append(try sortKey(key, scope, inner)) }
    let frame = definition.frame ?? WindowFrame()
    if frame.unit != .rows, frame.start.isOffset || frame.end.isOffset {
      throw SQLError(
        .featureNotSupported, "RANGE and GROUPS frames with offsets are not supported",
        position: position)
    }
    return BoundWindowCall(
      name: "", arguments: [], type: .unknown, partition: partition, order: order, frame: frame)
  }
}

extension WindowFrame.Bound {
  var isOffset: Bool {
    switch self {
    case .preceding, .following: true
    default: false
    }
  }
}
