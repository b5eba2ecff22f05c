import Base
import SQL
import Types

/// A row as SELECT works with it: a datum for each of the table's columns, and the cells' times where
/// they were asked for.
struct SelectedRow {
  var columns: [Datum]
  var times: CellTimes?
  var staticTimes: CellTimes?
  var partition: [UInt8]
}

/// A selector with its type, ready to be evaluated over rows.
struct BoundSelector {
  var name: String
  var type: CQLType
  var isAggregate: Bool
  fileprivate var node: Node

  fileprivate indirect enum Node {
    case column(Int)
    case constant(Datum)
    case writeTime(Int)
    case timeToLive(Int)
    case call(CQLFunction, [BoundSelector])
    case toJSON(BoundSelector)
    case token([Int])
    case cast(BoundSelector)
    case field(BoundSelector, Int)
    case element(BoundSelector, Datum)
    case aggregate(Aggregate, BoundSelector?)
    case userAggregate(BoundAggregate, [BoundSelector])
  }

  enum Aggregate { case count, minimum, maximum, sum, average }
}

/// Makes selectors of what SELECT lists.
struct SelectorBinder {
  let table: CQLTable
  let arguments: Arguments

  func bind(_ item: Select.Item) throws(CQLError) -> BoundSelector {
    var bound = try bind(item.selector)
    if let alias = item.alias { bound.name = alias }
    return bound
  }

  func column(_ place: Int) -> BoundSelector {
    BoundSelector(
      name: table.columns[place].name, type: table.columns[place].type, isAggregate: false,
      node: .column(place))
  }

  private func bind(_ selector: Selector) throws(CQLError) -> BoundSelector {
    switch selector {
    case .column(let name): return column(try table.column(name))
    case .term(let term):
      let type = try arguments.typeOf(term)
      return BoundSelector(
        name: TermText.text(term), type: type, isAggregate: false,
        node: .constant(try arguments.set(term, Receiver("selection", type, of: table))))
    case .countAll:
      return BoundSelector(
        name: "count", type: .bigint, isAggregate: true, node: .aggregate(.count, nil))
    case .writeTime(let name), .timeToLive(let name): return try time(selector, name)
    case .timeOfPart(let name, let field, let isTime):
      throw try timeOfPartFault(name, field, isTime ? "writetime" : "ttl")
    case .cast(let inner, let syntax):
      let inner = try bind(inner)
      let type = try arguments.catalog.type(syntax, table.keyspace)
      guard let source = inner.type.native, let target = type.native,
        Cast.isPossible(from: source, to: target)
      else { throw .invalid("\(inner.type.name) cannot be cast to \(type.name)") }
      if source == target { return inner }
      return BoundSelector(
        name: "cast(\(inner.name) as \(type.name))", type: type, isAggregate: inner.isAggregate,
        node: .cast(inner))
    case .field(let inner, let name):
      let inner = try bind(inner)
      guard case .user(_, _, let fields) = inner.type.thawed,
        let place = fields.firstIndex(where: { $0.name == name })
      else {
        throw .invalid(
          "Invalid field selection: \(inner.name) of type \(inner.type.name) has no field \(name)")
      }
      return BoundSelector(
        name: "\(inner.name).\(name)", type: fields[place].type, isAggregate: inner.isAggregate,
        node: .field(inner, place))
    case .element(let inner, let key):
      let inner = try bind(inner)
      let (keyType, valueType): (CQLType, CQLType)
      switch inner.type.thawed {
      case .map(let key, let value): (keyType, valueType) = (key, value)
      case .set(let element): (keyType, valueType) = (element, element)
      default:
        throw .invalid(
          "Invalid element selection: \(inner.name) is of type \(inner.type.name) is not a map or set"
        )
      }
      let datum = try arguments.set(key, Receiver("key", keyType, of: table))
      return BoundSelector(
        name: "\(inner.name)[\(TermText.text(key))]", type: valueType,
        isAggregate: inner.isAggregate, node: .element(inner, datum))
    case .call(let name, let parts): return try call(name, parts)
    }
  }

  private func time(_ selector: Selector, _ name: String) throws(CQLError) -> BoundSelector {
    let place = try table.column(name)
    let column = table.columns[place]
    let isTime = if case .writeTime = selector { true } else { false }
    let function = isTime ? "writeTime" : "ttl"
    guard column.kind == .regular || column.kind == .static else {
      throw .invalid("Cannot use selection function \(function) on PRIMARY KEY part \(name)")
    }
    guard !column.type.isCollection || { if case .frozen = column.type { true } else { false } }()
    else {
      throw .invalid("Cannot use selection function \(function) on non-frozen collection \(name)")
    }
    guard table.hasTimes else {
      throw .invalid(
        "Table \(table.keyspace).\(table.name) was made in SQL: its cells have no \(function)")
    }
    return BoundSelector(
      name: "\(function.lowercased())(\(name))", type: isTime ? .bigint : .int,
      isAggregate: false, node: isTime ? .writeTime(place) : .timeToLive(place))
  }

  /// What is wrong with WRITETIME or TTL of the part.
  private func timeOfPartFault(_ name: String, _ field: String?, _ function: String)
    throws(CQLError) -> CQLError
  {
    let column = table.columns[try table.column(name)]
    if column.kind == .partitionKey || column.kind == .clustering {
      return .invalid("Cannot use selection function \(function) on PRIMARY KEY part \(name)")
    }
    switch (column.type.thawed, field) {
    case (.user, .some), (.map, nil), (.set, nil):
      // Cassandra reads them from version 5.0 on; those before it have no such syntax.
      return .syntax(
        "no viable alternative at input '\(field == nil ? "[" : ".")': \(function) of a part of \(name) alone is "
          + "not supported, since parts have no times of their own")
    case (_, .some):
      return .invalid(
        "Invalid field selection: \(name) of type \(column.type.name) is not a user type")
    case (.list, nil):
      return .invalid("Element selection is only allowed on sets and maps, but \(name) is a list")
    default:
      return .invalid(
        "Invalid element selection: \(name) is of type \(column.type.name) is not a collection")
    }
  }

  private func call(_ name: String, _ parts: [Selector]) throws(CQLError) -> BoundSelector {
    if name == "token" {
      let names = parts.map { if case .column(let name) = $0 { name } else { "" } }
      if names.contains("") { return try tokenOfValues(parts) }
      guard names.elementsEqual(table.partitionColumns.map(\.name)) else {
        throw .invalid("token() wants the columns of the partition key")
      }
      return BoundSelector(
        name: "system.token(\(names.joined(separator: ", ")))", type: .bigint, isAggregate: false,
        node: .token(Array(0..<table.partitionCount)))
    }
    var inner: [BoundSelector] = []
    for (place, part) in parts.enumerated() {
      inner.append(try argument(part, place, of: name, parts.count))
    }
    let list = inner.map(\.name).joined(separator: ", ")
    let full = "system.\(name)(\(list))"
    if let aggregate = try aggregate(name, inner, full) { return aggregate }
    if let aggregate = try arguments.aggregate(name, inner.map(\.type)) {
      return BoundSelector(
        name: "\(shown(name))(\(list))", type: aggregate.result, isAggregate: true,
        node: .userAggregate(aggregate, inner))
    }
    let isAggregate = inner.contains { $0.isAggregate }
    if name == "tojson", inner.count == 1 {
      return BoundSelector(
        name: full, type: .text, isAggregate: isAggregate, node: .toJSON(inner[0]))
    }
    let function = try arguments.function(
      name, count: inner.count, types: inner.map(\.type), returning: nil)
    for (argument, parameter) in zip(inner, function.parameters) {
      guard let parameter, parameter.thawed != argument.type.thawed else { continue }
      if parameter == .text, argument.type.native == .ascii { continue }
      throw .invalid(
        "Type error: \(argument.name) cannot be passed as argument of function \(name) of type "
          + parameter.name)
    }
    return BoundSelector(
      name: function.isUsers ? "\(shown(name))(\(list))" : full, type: function.result,
      isAggregate: isAggregate, node: .call(function, inner))
  }

  private func tokenOfValues(_ parts: [Selector]) throws(CQLError) -> BoundSelector {
    let function = try Functions.token(of: table, count: parts.count)
    var inner: [BoundSelector] = []
    for (part, column) in zip(parts, table.partitionColumns) {
      guard case .term(let term) = part else {
        inner.append(try bind(part))
        continue
      }
      let receiver = Receiver("token", column.type, of: table)
      inner.append(
        BoundSelector(
          name: TermText.text(term), type: column.type, isAggregate: false,
          node: .constant(try arguments.set(term, receiver))))
    }
    for (argument, column) in zip(inner, table.partitionColumns)
    where argument.type.thawed != column.type.thawed {
      throw .invalid(
        "Type error: \(argument.name) cannot be passed as argument of function token of type "
          + column.type.name)
    }
    return BoundSelector(
      name: "system.token(\(inner.map(\.name).joined(separator: ", ")))", type: .bigint,
      isAggregate: inner.contains { $0.isAggregate }, node: .call(function, inner))
  }

  /// A user's function with its keyspace, as columns of results are called.
  private func shown(_ name: String) -> String {
    let (keyspace, bare) = QualifiedName.parts(name)
    return "\(keyspace ?? arguments.keyspace ?? "").\(bare)"
  }

  /// Constants and markers have the type that the function wants.
  private func argument(_ part: Selector, _ place: Int, of name: String, _ count: Int)
    throws(CQLError) -> BoundSelector
  {
    guard case .term(let term) = part,
      case .success(let function) = Result(catching: { () throws(CQLError) in
        try arguments.function(name, count: count, returning: nil)
      }), let type = function.parameters[place]
    else { return try bind(part) }
    return BoundSelector(
      name: TermText.text(term), type: type, isAggregate: false,
      node: .constant(try arguments.set(term, Receiver("arg\(place)(\(name))", type, of: table))))
  }

  private func aggregate(_ name: String, _ inner: [BoundSelector], _ full: String)
    throws(CQLError) -> BoundSelector?
  {
    let kind: BoundSelector.Aggregate
    switch name {
    case "count": kind = .count
    case "min": kind = .minimum
    case "max": kind = .maximum
    case "sum": kind = .sum
    case "avg": kind = .average
    default: return nil
    }
    guard inner.count == 1, !inner[0].isAggregate else {
      throw .invalid("Invalid number of arguments in call to function \(name)")
    }
    var type = inner[0].type
    if kind == .count { type = .bigint }
    if kind == .sum || kind == .average {
      let numbers: [CQLType.Native] = [
        .bigint, .counter, .decimal, .double, .float, .int, .smallint, .tinyint, .varint,
      ]
      guard let native = type.native, numbers.contains(native) else {
        throw .invalid("Invalid call to function \(name): \(type.name) is no number")
      }
      if native == .counter { type = .bigint }
    }
    return BoundSelector(
      name: full, type: type, isAggregate: true, node: .aggregate(kind, inner[0]))
  }
}

/// Evaluates a selector for one row, or over the rows of a group.
struct SelectorEvaluator {
  let table: CQLTable
  let arguments: Arguments

  func value(_ selector: BoundSelector, _ row: SelectedRow) throws(CQLError) -> Datum {
    switch selector.node {
    case .column(let place): return row.columns[place]
    case .constant(let datum): return datum
    case .writeTime(let place):
      guard let cell = cell(place, row) else { return .null }
      return .int(cell.written)
    case .timeToLive(let place):
      guard let expires = cell(place, row)?.expires else { return .null }
      return .int(max(0, expires - arguments.now / 1_000_000))
    case .call(let function, let inner):
      var values: [Datum] = []
      for part in inner { values.append(try value(part, row)) }
      return try function.body(
        .init(arguments: values, types: inner.map(\.type), context: arguments))
    case .toJSON(let inner):
      return .text(try StoredForm.jsonText(try value(inner, row), inner.type))
    case .token(let places):
      guard let stored = table.stored else { return .null }
      var key: [Value] = []
      for place in places { key.append(try table.columns[place].store(row.columns[place])) }
      return .int(stored.rows.token(key))
    case .cast(let inner):
      return try Cast.value(try value(inner, row), from: inner.type, to: selector.type)
    case .field(let inner, let place):
      guard case .list(let parts) = try value(inner, row), place < parts.count else { return .null }
      return parts[place]
    case .element(let inner, let key):
      switch (try value(inner, row), inner.type.thawed) {
      case (.map(let entries), .map(let keyType, _)):
        return entries.first { Datum.compare($0.key, key, keyType) == 0 }?.value ?? .null
      case (.list(let items), .set(let element)):
        return items.first { Datum.compare($0, key, element) == 0 } ?? .null
      default: return .null
      }
    case .aggregate, .userAggregate: return .null
    }
  }

  private func cell(_ place: Int, _ row: SelectedRow) -> CellTimes.Cell? {
    guard !row.columns[place].isNull else { return nil }
    let column = table.columns[place]
    return (column.kind == .static ? row.staticTimes : row.times)?[column.slot]
  }

  /// Over a group; what is no aggregate has the first row's value.
  func value(_ selector: BoundSelector, group: [SelectedRow]) throws(CQLError) -> Datum {
    switch selector.node {
    case .aggregate(let kind, let inner): return try aggregate(kind, inner, group)
    case .userAggregate(let aggregate, let inner):
      var rows: [[Datum]] = []
      for row in group {
        var values: [Datum] = []
        for part in inner { values.append(try value(part, row)) }
        rows.append(values)
      }
      return try aggregate.value(rows)
    case .call(let function, let inner) where selector.isAggregate:
      var values: [Datum] = []
      for part in inner { values.append(try value(part, group: group)) }
      return try function.body(
        .init(arguments: values, types: inner.map(\.type), context: arguments))
    case .cast(let inner) where selector.isAggregate:
      return try Cast.value(try value(inner, group: group), from: inner.type, to: selector.type)
    case .toJSON(let inner) where selector.isAggregate:
      return .text(try StoredForm.jsonText(try value(inner, group: group), inner.type))
    default:
      guard let first = group.first else { return .null }
      return try value(selector, first)
    }
  }

  private func aggregate(
    _ kind: BoundSelector.Aggregate, _ inner: BoundSelector?, _ group: [SelectedRow]
  ) throws(CQLError) -> Datum {
    guard let inner else { return .int(Int64(group.count)) }
    var values: [Datum] = []
    for row in group {
      let value = try value(inner, row)
      if !value.isNull { values.append(value) }
    }
    switch kind {
    case .count: return .int(Int64(values.count))
    case .minimum: return values.min { Datum.compare($0, $1, inner.type) < 0 } ?? .null
    case .maximum: return values.max { Datum.compare($0, $1, inner.type) < 0 } ?? .null
    case .sum, .average: return try sum(values, inner.type.native ?? .int, kind == .average)
    }
  }

  private func sum(_ values: [Datum], _ native: CQLType.Native, _ isAverage: Bool)
    throws(CQLError) -> Datum
  {
    var total: Datum
    switch native {
    case .double, .float: total = .scalar(.float(0))
    case .decimal, .varint: total = .scalar(.numeric(.zero))
    default: total = .int(0)
    }
    // Wide sums of narrow numbers, which then have to fit.
    let wide: CQLType.Native =
      [.double, .float, .decimal, .varint].contains(native) ? native : .bigint
    for value in values { total = try Arithmetic.apply("+", total, value, wide) }
    if isAverage, !values.isEmpty {
      let count: Datum
      switch total {
      case .scalar(.float): count = .scalar(.float(Double(values.count)))
      case .scalar(.numeric): count = .scalar(.numeric(Numeric(values.count)))
      default: count = .int(Int64(values.count))
      }
      total = try Arithmetic.apply("/", total, count, wide)
    }
    if case .scalar(.int(let number)) = total {
      return .int(try TextForm.ranged(number, native))
    }
    return total
  }
}
