import Base
import Functions
import Node
import Types

/// How expressions cross to another node: a tag for each case, then its parts. What they refer to
/// in the environment is noted on the way, so that nothing else of it needs to go along.
/// Tags are never given to something else.
private enum ExpressionTag: UInt8 {
  /// Only a plan node computes it: never in a fragment.
  case none = 0
  case constant, parameter, variable, slot, external
  case operation, call
  case and, or, not, isNull, booleanTest, distinct, conditional, coalesce, nullIf, extremum
  case row, field, array, element, anyArray, inList, rowCompare, anySubquery
}

extension TypedExpression {
  func encode(into out: inout WireEncoder, _ needs: inout EnvironmentNeeds) {
    func begin(_ tag: ExpressionTag) { out.bytes.bytes.append(tag.rawValue) }
    switch self {
    case .constant(let value, let type):
      begin(.constant)
      type.encode(into: &out)
      value.encode(into: &out)
    case .parameter(let index, let type):
      needs.parameters.append(index)
      Self.encode(.parameter, index, type, into: &out)
    case .variable(let id, let type):
      needs.variables.append(id)
      Self.encode(.variable, id, type, into: &out)
    case .slot(let index, let type): Self.encode(.slot, index, type, into: &out)
    case .external(let id, let type):
      needs.externals.append(id)
      Self.encode(.external, id, type, into: &out)
    case .call(let call):
      begin(call.isOperation ? .operation : .call)
      call.encode(into: &out, &needs)
    case .and(let list):
      begin(.and)
      out.expressions(list, &needs)
    case .or(let list):
      begin(.or)
      out.expressions(list, &needs)
    case .not(let inner):
      begin(.not)
      inner.encode(into: &out, &needs)
    case .isNull(let inner, let negated):
      begin(.isNull)
      negated.encode(into: &out)
      inner.encode(into: &out, &needs)
    case .booleanTest(let inner, let wanted, let negated):
      begin(.booleanTest)
      wanted.encode(into: &out)
      negated.encode(into: &out)
      inner.encode(into: &out, &needs)
    case .distinct(let left, let right, let comparison, let negated):
      begin(.distinct)
      negated.encode(into: &out)
      comparison.encode(into: &out, &needs)
      left.encode(into: &out, &needs)
      right.encode(into: &out, &needs)
    case .conditional(let cases, let otherwise, let type):
      begin(.conditional)
      type.encode(into: &out)
      out.bytes.varint(UInt64(cases.count))
      for item in cases {
        item.condition.encode(into: &out, &needs)
        item.result.encode(into: &out, &needs)
      }
      otherwise.encode(into: &out, &needs)
    case .coalesce(let list, let type):
      begin(.coalesce)
      type.encode(into: &out)
      out.expressions(list, &needs)
    case .nullIf(let left, let right, let comparison):
      begin(.nullIf)
      comparison.encode(into: &out, &needs)
      left.encode(into: &out, &needs)
      right.encode(into: &out, &needs)
    case .extremum(let list, let type, let isGreatest):
      begin(.extremum)
      isGreatest.encode(into: &out)
      type.encode(into: &out)
      out.expressions(list, &needs)
    default: encodeComposite(into: &out, &needs)
    }
  }

  private static func encode(
    _ tag: ExpressionTag, _ number: Int, _ type: SQLType, into out: inout WireEncoder
  ) {
    out.bytes.bytes.append(tag.rawValue)
    out.bytes.signedVarint(Int64(number))
    type.encode(into: &out)
  }

  private func encodeComposite(into out: inout WireEncoder, _ needs: inout EnvironmentNeeds) {
    func begin(_ tag: ExpressionTag) { out.bytes.bytes.append(tag.rawValue) }
    switch self {
    case .row(let list, let type):
      begin(.row)
      type.encode(into: &out)
      out.expressions(list, &needs)
    case .field(let inner, let index, let type):
      begin(.field)
      out.bytes.varint(UInt64(index))
      type.encode(into: &out)
      inner.encode(into: &out, &needs)
    case .array(let list, let element, let type, let isNested):
      begin(.array)
      isNested.encode(into: &out)
      element.encode(into: &out)
      type.encode(into: &out)
      out.expressions(list, &needs)
    case .element(let base, let subscripts, let type):
      begin(.element)
      type.encode(into: &out)
      base.encode(into: &out, &needs)
      out.bytes.varint(UInt64(subscripts.count))
      for item in subscripts {
        item.isSlice.encode(into: &out)
        out.expression(item.lower, &needs)
        out.expression(item.upper, &needs)
      }
    case .anyArray(let left, let right, let comparison, let isAll):
      begin(.anyArray)
      isAll.encode(into: &out)
      comparison.encode(into: &out, &needs)
      left.encode(into: &out, &needs)
      right.encode(into: &out, &needs)
    case .inList(let left, let list, let comparison):
      begin(.inList)
      comparison.encode(into: &out, &needs)
      left.encode(into: &out, &needs)
      out.expressions(list, &needs)
    case .rowCompare(let left, let right, let comparisons, let name):
      begin(.rowCompare)
      out.bytes.string(name)
      out.expressions(left, &needs)
      out.expressions(right, &needs)
      for comparison in comparisons { comparison.encode(into: &out, &needs) }
    case .anySubquery(let list, let id, let comparisons, let name, let isAll):
      begin(.anySubquery)
      needs.externals.append(id)
      isAll.encode(into: &out)
      out.bytes.signedVarint(Int64(id))
      out.bytes.string(name)
      out.expressions(list, &needs)
      for comparison in comparisons { comparison.encode(into: &out, &needs) }
    // The receiver refuses what has not been planned.
    default: begin(.none)
    }
  }

  init(from reader: inout WireDecoder) throws(DecodingFault) {
    self = try reader.nested { (reader) throws(DecodingFault) in
      let raw: UInt8 = try reader.bytes.integer()
      guard let tag = ExpressionTag(rawValue: raw) else { throw .malformed("expression \(raw)") }
      return try Self.decode(tag, &reader)
    }
  }

  private static func decode(_ tag: ExpressionTag, _ reader: inout WireDecoder)
    throws(DecodingFault) -> TypedExpression
  {
    switch tag {
    case .constant:
      let type = try SQLType(from: &reader)
      return .constant(try Value(from: &reader), type)
    case .parameter: return .parameter(try number(&reader), try SQLType(from: &reader))
    case .variable:
      return .variable(try Int(from: &reader), try SQLType(from: &reader))
    case .slot: return .slot(try number(&reader), try SQLType(from: &reader))
    case .external: return .external(try Int(from: &reader), try SQLType(from: &reader))
    case .operation: return .call(try BoundCall(operation: &reader))
    case .call: return .call(try BoundCall(from: &reader))
    case .and: return .and(try reader.expressions())
    case .or: return .or(try reader.expressions())
    case .not: return .not(try TypedExpression(from: &reader))
    case .isNull:
      let negated = try reader.bool()
      return .isNull(try TypedExpression(from: &reader), negated: negated)
    case .booleanTest:
      let wanted = try Bool?(from: &reader)
      let negated = try reader.bool()
      return .booleanTest(try TypedExpression(from: &reader), wanted, negated: negated)
    case .distinct:
      let negated = try reader.bool()
      let comparison = try BoundComparison(from: &reader)
      return .distinct(
        try TypedExpression(from: &reader), try TypedExpression(from: &reader), comparison,
        negated: negated)
    case .conditional:
      let type = try SQLType(from: &reader)
      let cases = try reader.list { (reader) throws(DecodingFault) in
        BoundCase(
          condition: try TypedExpression(from: &reader), result: try TypedExpression(from: &reader))
      }
      return .conditional(cases, otherwise: try TypedExpression(from: &reader), type)
    case .coalesce:
      let type = try SQLType(from: &reader)
      return .coalesce(try reader.expressions(), type)
    case .nullIf:
      let comparison = try BoundComparison(from: &reader)
      return .nullIf(
        try TypedExpression(from: &reader), try TypedExpression(from: &reader), comparison)
    case .extremum:
      let isGreatest = try reader.bool()
      let type = try SQLType(from: &reader)
      return .extremum(try reader.expressions(), type, isGreatest: isGreatest)
    default: return try decodeComposite(tag, &reader)
    }
  }

  /// Of a slot or a parameter.
  private static func number(_ reader: inout WireDecoder) throws(DecodingFault) -> Int {
    let number = try Int(from: &reader)
    guard number >= 0, number <= Int(Int32.max) else { throw .malformed("position \(number)") }
    return number
  }

  private static func decodeComposite(_ tag: ExpressionTag, _ reader: inout WireDecoder)
    throws(DecodingFault) -> TypedExpression
  {
    switch tag {
    case .row:
      let type = try SQLType(from: &reader)
      return .row(try reader.expressions(), type)
    case .field:
      let index = try reader.place()
      let type = try SQLType(from: &reader)
      return .field(try TypedExpression(from: &reader), index, type)
    case .array:
      let isNested = try reader.bool()
      let element = try SQLType(from: &reader)
      let type = try SQLType(from: &reader)
      return .array(try reader.expressions(), element: element, type, isNested: isNested)
    case .element:
      let type = try SQLType(from: &reader)
      let base = try TypedExpression(from: &reader)
      let subscripts = try reader.list { (reader) throws(DecodingFault) in
        let isSlice = try reader.bool()
        return BoundSubscript(
          lower: try reader.expression(), upper: try reader.expression(), isSlice: isSlice)
      }
      return .element(base, subscripts, type)
    case .anyArray:
      let isAll = try reader.bool()
      let comparison = try BoundComparison(from: &reader)
      return .anyArray(
        try TypedExpression(from: &reader), try TypedExpression(from: &reader), comparison,
        isAll: isAll)
    case .inList:
      let comparison = try BoundComparison(from: &reader)
      let left = try TypedExpression(from: &reader)
      return .inList(left, try reader.expressions(), comparison)
    case .rowCompare:
      let name = try reader.bytes.string()
      let left = try reader.expressions()
      let right = try reader.expressions()
      guard !left.isEmpty, left.count == right.count else {
        throw .malformed("rows of \(left.count) and \(right.count) fields")
      }
      return .rowCompare(left, right, try comparisons(left.count, &reader), name)
    case .anySubquery:
      let isAll = try reader.bool()
      let id = try Int(from: &reader)
      let name = try reader.bytes.string()
      let left = try reader.expressions()
      guard !left.isEmpty else { throw .malformed("a comparison of nothing") }
      return .anySubquery(left, id, try comparisons(left.count, &reader), name, isAll: isAll)
    default: throw .malformed("an expression that only a plan node can compute")
    }
  }

  private static func comparisons(_ count: Int, _ reader: inout WireDecoder)
    throws(DecodingFault) -> [BoundComparison]
  {
    var list: [BoundComparison] = []
    for _ in 0..<count { list.append(try BoundComparison(from: &reader)) }
    return list
  }
}

extension WireEncoder {
  mutating func expressions(_ list: [TypedExpression], _ needs: inout EnvironmentNeeds) {
    bytes.varint(UInt64(list.count))
    for item in list { item.encode(into: &self, &needs) }
  }

  mutating func expression(_ item: TypedExpression?, _ needs: inout EnvironmentNeeds) {
    bytes.bytes.append(item == nil ? 0 : 1)
    item?.encode(into: &self, &needs)
  }

  mutating func sortKeys(_ keys: [BoundSortKey], _ needs: inout EnvironmentNeeds) {
    bytes.varint(UInt64(keys.count))
    for key in keys {
      bytes.bytes.append((key.isDescending ? 1 : 0) | (key.nullsFirst ? 2 : 0))
      key.expression.encode(into: &self, &needs)
    }
  }
}

extension WireDecoder {
  mutating func expressions() throws(DecodingFault) -> [TypedExpression] {
    try list { (reader) throws(DecodingFault) in try TypedExpression(from: &reader) }
  }

  mutating func expression() throws(DecodingFault) -> TypedExpression? {
    try bool() ? try TypedExpression(from: &self) : nil
  }

  mutating func sortKeys() throws(DecodingFault) -> [BoundSortKey] {
    try list { (reader) throws(DecodingFault) in
      let flags: UInt8 = try reader.bytes.integer()
      guard flags < 4 else { throw .malformed("sort key \(flags)") }
      return BoundSortKey(
        expression: try TypedExpression(from: &reader), isDescending: flags & 1 != 0,
        nullsFirst: flags & 2 != 0)
    }
  }
}
