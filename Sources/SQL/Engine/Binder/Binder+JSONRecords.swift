import Base
import Catalog
import Functions
import Syntax
import Types

/// json[b]_to_record[set] and json[b]_populate_record[set]: their rows' types are in the statement.
extension Binder {
  struct JSONRecordCall {
    var name: String
    var isSet: Bool
    /// The first argument tells the rows' type; else the column definitions do.
    var hasBase: Bool

    init?(_ call: QuerySyntax.Call) {
      guard call.schema == nil || call.schema == "pg_catalog" else { return nil }
      name = call.name
      switch call.name {
      case "json_to_record", "jsonb_to_record": (isSet, hasBase) = (false, false)
      case "json_to_recordset", "jsonb_to_recordset": (isSet, hasBase) = (true, false)
      case "json_populate_record", "jsonb_populate_record": (isSet, hasBase) = (false, true)
      case "json_populate_recordset", "jsonb_populate_recordset": (isSet, hasBase) = (true, true)
      default: return nil
      }
    }
  }

  /// `columns`: the column definitions in FROM; nil elsewhere.
  func jsonRecords(
    _ wanted: JSONRecordCall, _ syntax: QuerySyntax.Call, _ given: [TypedExpression],
    columns: [(name: String, type: SQLType)]?
  ) throws(SQLError) -> TypedExpression {
    var arguments = given
    if wanted.hasBase, arguments.count == 3 { arguments.removeLast() }
    let count = wanted.hasBase ? 2 : 1
    guard arguments.count == count else {
      throw SQLError(
        .undefinedFunction,
        "function \(wanted.name)(\(given.map { shownName($0.type) }.joined(separator: ", "))) does not exist",
        hint: "No function matches the given name and argument types. You might need to add "
          + "explicit type casts.", position: syntax.position)
    }
    let row: RowType
    if wanted.hasBase {
      if arguments[0].type == .unknown {
        throw SQLError(
          .datatypeMismatch,
          "could not determine polymorphic type because input has type unknown")
      }
      guard let own = rowType(arguments[0].type) else {
        throw SQLError(
          .datatypeMismatch, "first argument of \(wanted.name) must be a row type")
      }
      row = own
    } else if let columns, !columns.isEmpty {
      row = RowType(type: .record, name: "record", fields: columns)
    } else if columns != nil {
      throw SQLError(
        .syntaxError,
        "a column definition list is required for functions returning \"record\"",
        position: syntax.position)
    } else {
      throw SQLError(
        .featureNotSupported, "could not determine row type for result of \(wanted.name)",
        hint: "Provide a non-null record argument, or call the function in the FROM clause "
          + "using a column definition list.")
    }
    let isText = wanted.name.hasPrefix("json_")
    arguments[count - 1] = try coerce(
      arguments[count - 1], to: isText ? .json : .jsonb, .implicit, position: syntax.position)
    let reader = try jsonReader(row)
    let records = JSONRecords(
      name: wanted.name, isSet: wanted.isSet, hasBase: wanted.hasBase,
      givesRows: wanted.isSet || columns != nil, reader: reader)
    guard records.givesRows else {
      return .call(BoundCall(.records(records), arguments, type: row.type))
    }
    return .setReturning(
      BoundCall(
        .records(records), arguments, type: row.type,
        columns: row.fields.map { RecordColumn(name: $0.name, type: $0.type) }))
  }

  private func jsonReader(_ row: RowType) throws(SQLError) -> JSONRecordReader {
    var fields: [(key: [UInt8], type: SQLType, reader: JSONFieldReader)] = []
    for field in row.fields {
      fields.append((Array(field.name.utf8), field.type, try jsonReader(field.type)))
    }
    return JSONRecordReader(fields: fields)
  }

  private func jsonReader(_ type: SQLType) throws(SQLError) -> JSONFieldReader {
    if type.oid == SQLType.jsonb.oid { return .jsonb }
    if type.oid == SQLType.json.oid { return .json }
    let fromText = try coerce(.slot(0, .unknown), to: type, .assignment)
    if type.isArray, let element = type.elementType {
      return .array(element, try jsonReader(element), fromText)
    }
    if let row = rowType(type) { return .row(try jsonReader(row), fromText) }
    return .scalar(fromText)
  }
}

/// A resolved call: the JSON is the last argument.
struct JSONRecords: Sendable {
  var name: String
  var isSet: Bool
  /// The first argument is a row, for what the JSON lacks.
  var hasBase: Bool
  /// Else a single row is the call's value.
  var givesRows: Bool
  var reader: JSONRecordReader

  func read(_ values: [Value], _ context: inout EvaluationContext) throws(SQLError) -> [Value] {
    var base: [Value]?
    if hasBase, case .record(let record) = values[0] { base = record.fields }
    guard let json = try Self.json(values[values.count - 1]) else {
      if isSet { return [] }
      return [hasBase ? values[0] : .null]
    }
    guard isSet else { return [try reader.read(json, base, "", &context)] }
    guard case .array(let elements) = json.kind else {
      throw SQLError(.invalidParameterValue, "cannot call \(name) on a non-array")
    }
    var result: [Value] = []
    for element in elements {
      guard case .object = element.kind else {
        throw SQLError(
          .invalidParameterValue, "argument of \(name) must be an array of objects")
      }
      result.append(try reader.read(element, base, "", &context))
    }
    return result
  }

  private static func json(_ value: Value) throws(SQLError) -> JSONValue? {
    switch value {
    case .jsonb(let json): return json
    case .text(let bytes): return try JSONText.parse(bytes, type: "json", isStored: true)
    default: return nil
    }
  }
}

/// Makes rows of one type from JSON objects.
final class JSONRecordReader: Sendable {
  let fields: [(key: [UInt8], type: SQLType, reader: JSONFieldReader)]

  init(fields: [(key: [UInt8], type: SQLType, reader: JSONFieldReader)]) { self.fields = fields }

  /// What the object lacks is `base`'s.
  func read(
    _ json: JSONValue, _ base: [Value]?, _ key: String, _ context: inout EvaluationContext
  ) throws(SQLError) -> Value {
    guard case .object(let members) = json.kind else {
      if case .array = json.kind {
        throw SQLError(.invalidParameterValue, "cannot call populate_composite on an array")
      }
      throw SQLError(.invalidParameterValue, "cannot call populate_composite on a scalar")
    }
    var values: [Value] = []
    for (place, field) in fields.enumerated() {
      guard let member = members.first(where: { $0.key == field.key }) else {
        values.append(base.map { place < $0.count ? $0[place] : .null } ?? .null)
        continue
      }
      values.append(
        try field.reader.read(
          member.value, String(decoding: field.key, as: UTF8.self), &context))
    }
    return .record(RecordValue(fields: values, types: fields.map(\.type)))
  }
}

indirect enum JSONFieldReader: Sendable {
  case json
  case jsonb
  /// The expressions read a text in slot 0.
  case scalar(TypedExpression)
  case array(SQLType, JSONFieldReader, TypedExpression)
  case row(JSONRecordReader, TypedExpression)

  func read(_ json: JSONValue, _ key: String, _ context: inout EvaluationContext)
    throws(SQLError) -> Value
  {
    if case .null = json.kind {
      if case .jsonb = self { return .jsonb(json) }
      if case .json = self { return .string("null") }
      return try nothing(&context)
    }
    switch self {
    case .jsonb: return .jsonb(json)
    case .json: return .text(Self.text(json))
    case .scalar(let expression): return try parsed(json, expression, &context)
    case .array(let element, let reader, let expression):
      if case .string = json.kind { return try parsed(json, expression, &context) }
      guard case .array(let items) = json.kind else {
        throw SQLError(
          .invalidTextRepresentation, "expected JSON array",
          hint: key.isEmpty ? nil : "See the value of key \"\(key)\".")
      }
      var elements: [Value] = []
      var dimensions = [ArrayValue.Dimension(count: items.count)]
      let isNested = items.contains { if case .array = $0.kind { true } else { false } }
      if isNested, element.oid != SQLType.jsonb.oid, element.oid != SQLType.json.oid {
        for (place, item) in items.enumerated() {
          guard case .array(let array) = try read(item, key, &context) else { continue }
          if place == 0 { dimensions += array.dimensions }
          guard Array(dimensions.dropFirst()) == array.dimensions else {
            throw SQLError(
              .invalidTextRepresentation, "malformed JSON array",
              detail: "Multidimensional arrays must have sub-arrays with matching dimensions.")
          }
          elements += array.elements
        }
      } else {
        for item in items { elements.append(try reader.read(item, key, &context)) }
      }
      if elements.isEmpty { return .array(ArrayValue(elementType: element, elements: [])) }
      return .array(
        ArrayValue(elementType: element, dimensions: dimensions, elements: elements))
    case .row(let reader, let expression):
      if case .string = json.kind { return try parsed(json, expression, &context) }
      return try reader.read(json, nil, key, &context)
    }
  }

  /// A JSON null: a domain may refuse it.
  private func nothing(_ context: inout EvaluationContext) throws(SQLError) -> Value {
    guard case .scalar(let expression) = self else { return .null }
    var environment = EvaluationEnvironment(parameters: [], context: context)
    return try expression.evaluate([.null], &environment)
  }

  private func parsed(
    _ json: JSONValue, _ expression: TypedExpression, _ context: inout EvaluationContext
  ) throws(SQLError) -> Value {
    var bytes = Self.text(json)
    if case .string(let text) = json.kind { bytes = text }
    var environment = EvaluationEnvironment(parameters: [], context: context)
    return try expression.evaluate([.text(bytes)], &environment)
  }

  private static func text(_ json: JSONValue) -> [UInt8] {
    var bytes: [UInt8] = []
    json.write(into: &bytes)
    return bytes
  }
}
