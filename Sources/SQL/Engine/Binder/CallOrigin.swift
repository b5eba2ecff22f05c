import Base
import Functions
import Types

/// What a call is of: its body follows from it, here and on another node, which is told the origin
/// instead of the body. Operators and functions are known by their oids, what the catalog has by
/// its contents: a tablet's catalog may be newer.
enum CallOrigin: Sendable {
  case operation(ResolvedOperator)
  case function(ResolvedCall)
  /// json[b]_to_record and its kin.
  case records(JSONRecords)
  /// A cast from the type to the call's, in such a place.
  case coercion(Coercion, from: SQLType, CastContext)
  /// The value under another name of its type.
  case relabel
  case enumCheck(EnumLabels)
  case enumArrayCheck(EnumLabels)
  /// An array of enums as functions take it.
  case enumArrayTexts
  /// A label's place.
  case enumOrder(EnumLabels)
  /// The label at a place.
  case enumLabel(EnumLabels)
  case domain(DomainCheck)
  /// A composite value from its text form; the expressions read fields' texts in slots.
  case rowFromText([TypedExpression], [SQLType])
  /// From a record whose fields are known only when it is there: their types must be the same.
  case rowFromRecord(name: String, [SQLType])
  /// GROUPING(…) from the mask of the row's grouping set, by the arguments' places in it.
  case grouping([Int64])
}

/// An enum as it was when the statement was bound.
struct EnumLabels: Sendable, Hashable {
  var type: SQLType
  var name: String
  var labels: [String]
}

/// What a domain asks of its values; the tests see the value in slot 0.
struct DomainCheck: Sendable {
  var name: String
  var isNotNull: Bool
  var tests: [(name: String, test: TypedExpression)]
}

extension CallOrigin {
  func name(_ type: SQLType) -> String {
    switch self {
    case .operation(let operation): "op:\(operation.signature.name)"
    case .function(let call): call.signature.name
    case .records(let records): records.name
    case .enumOrder: "enum_order"
    case .enumLabel: "enum_label"
    case .grouping: "grouping"
    case .coercion, .relabel, .enumCheck, .enumArrayCheck, .enumArrayTexts, .domain, .rowFromText,
      .rowFromRecord:
      "cast:\(type.oid)"
    }
  }

  var operatorName: String? {
    if case .operation(let operation) = self { operation.signature.name } else { nil }
  }

  /// A null argument gives null without a call.
  var isStrict: Bool {
    switch self {
    case .operation(let operation): operation.signature.isStrict
    case .function(let call): call.body.isScalar && call.isPlain && call.signature.isStrict
    case .records, .domain, .grouping: false
    default: true
    }
  }

  var isVolatile: Bool {
    if case .function(let call) = self { call.signature.volatility == .volatile } else { false }
  }

  /// Of set-returning functions.
  var setBody: SetCallBody? {
    switch self {
    case .function(let call):
      guard case .set = call.body else { return nil }
      return { (values, context) throws(SQLError) in try call.rows(values, &context) }
    case .records(let records):
      guard records.givesRows else { return nil }
      return { (values, context) throws(SQLError) in
        rowStream(try records.read(values, &context).map { [$0] })
      }
    default: return nil
    }
  }

  func body(_ type: SQLType) -> CallBody {
    switch self {
    case .operation(let operation): return operation.body.asCallBody
    case .function(let call):
      if case .set = call.body { return { (_, _) throws(SQLError) in .null } }
      if call.isPlain { return call.body.asCallBody }
      return { (values, context) throws(SQLError) in try call.evaluate(values, &context) }
    case .records(let records):
      if records.givesRows { return { (_, _) throws(SQLError) in .null } }
      return { (values, context) throws(SQLError) in
        try records.read(values, &context).first ?? .null
      }
    case .coercion(let coercion, _, _):
      return { (arguments, context) throws(SQLError) in
        try coercion.apply(arguments[0], &context)
      }
    case .relabel: return { (arguments, _) throws(SQLError) in arguments[0] }
    case .enumCheck(let labels): return labels.check
    case .enumArrayCheck(let labels): return labels.arrayCheck
    case .enumArrayTexts:
      return { (arguments, _) throws(SQLError) in
        guard case .array(let array) = arguments[0] else { return .null }
        return .array(
          ArrayValue(
            elementType: .text, dimensions: array.dimensions, elements: array.elements))
      }
    case .enumOrder(let labels): return labels.order
    case .enumLabel(let labels): return labels.label
    case .domain(let check): return check.body
    case .rowFromText(let readers, let types): return Self.parse(readers, types)
    case .rowFromRecord(let name, let types): return Self.retype(name, types)
    case .grouping(let places):
      return { (arguments, _) throws(SQLError) in
        guard case .int(let bits) = arguments[0] else { return .int(0) }
        return .int(places.reduce(0) { ($0 << 1) | ((bits >> $1) & 1) })
      }
    }
  }

  private static func parse(_ readers: [TypedExpression], _ types: [SQLType]) -> CallBody {
    { (arguments, evaluation) throws(SQLError) in
      guard case .text(let bytes) = arguments[0] else { return .null }
      let texts = try CompositeText.fields(bytes, count: types.count)
      var environment = EvaluationEnvironment(parameters: [], context: evaluation)
      let values = texts.map { $0.map { Value.text($0) } ?? .null }
      return .record(
        RecordValue(
          fields: try TypedExpression.evaluate(readers, values, &environment), types: types))
    }
  }

  private static func retype(_ name: String, _ types: [SQLType]) -> CallBody {
    { (arguments, _) throws(SQLError) in
      guard case .record(let record) = arguments[0] else { return .null }
      let fits =
        record.fields.count == types.count
        && zip(zip(record.types, types), record.fields).allSatisfy { pair, field in
          field.isNull || pair.0.oid == pair.1.oid || (pair.1.info == nil)
        }
      guard fits else {
        throw SQLError(.cannotCoerce, "cannot cast type record to \(name)")
      }
      return .record(RecordValue(fields: record.fields, types: types))
    }
  }
}

extension ResolvedCall {
  /// Arguments go to the body as they are.
  var isPlain: Bool { defaults.isEmpty && gatheredCount == 0 }
}

extension EnumLabels {
  fileprivate var check: CallBody {
    let known = Set(labels.map { Array($0.utf8) })
    return { [name] (arguments, _) throws(SQLError) in
      guard case .text(let label) = arguments[0], known.contains(label) else {
        let text = TypeIO.formatText(arguments[0], as: .text)
        throw SQLError(
          .invalidTextRepresentation, "invalid input value for enum \(name): \"\(text)\"")
      }
      return arguments[0]
    }
  }

  fileprivate var arrayCheck: CallBody {
    let known = Set(labels.map { Array($0.utf8) })
    return { [name, type] (arguments, _) throws(SQLError) in
      guard case .array(let array) = arguments[0] else { return .null }
      for item in array.elements {
        guard case .text(let label) = item, !known.contains(label) else { continue }
        throw SQLError(
          .invalidTextRepresentation,
          "invalid input value for enum \(name): \"\(String(decoding: label, as: UTF8.self))\"")
      }
      return .array(
        ArrayValue(elementType: type, dimensions: array.dimensions, elements: array.elements))
    }
  }

  fileprivate var order: CallBody {
    var places: [[UInt8]: Int64] = [:]
    for (place, label) in labels.enumerated() { places[Array(label.utf8)] = Int64(place) }
    let known = places
    return { (arguments, _) throws(SQLError) in
      guard case .text(let label) = arguments[0], let place = known[label] else { return .null }
      return .int(place)
    }
  }

  fileprivate var label: CallBody {
    let texts = labels.map { Value.string($0) }
    return { (arguments, _) throws(SQLError) in
      guard case .int(let number) = arguments[0], texts.indices.contains(Int(number)) else {
        return .null
      }
      return texts[Int(number)]
    }
  }
}

extension DomainCheck {
  fileprivate var body: CallBody {
    { [self] (arguments, evaluation) throws(SQLError) in
      if isNotNull && arguments[0].isNull {
        throw SQLError(.notNullViolation, "domain \(name) does not allow null values")
      }
      var environment = EvaluationEnvironment(parameters: [], context: evaluation)
      for item in tests
      where try item.test.evaluate(arguments, &environment) == .bool(false) {
        var error = SQLError(
          .checkViolation,
          "value for domain \(name) violates check constraint \"\(item.name)\"")
        error.constraint = item.name
        throw error
      }
      return arguments[0]
    }
  }
}
