import Base
import Functions
import Node
import Types

/// What follows a call's tag. Operators have a tag of their own among expressions: most calls are
/// theirs. Tags are never given to something else.
private enum OriginTag: UInt8 {
  case function = 1
  case typeFunction, records, coercion, relabel, enumCheck, enumArrayCheck, enumArrayTexts
  case enumOrder, enumLabel, domain, rowFromText, rowFromRecord, grouping
}

extension BoundCall {
  var isOperation: Bool { if case .operation = origin { true } else { false } }

  func encode(into out: inout WireEncoder, _ needs: inout EnvironmentNeeds) {
    if case .operation(let operation) = origin {
      operation.encode(flag: false, into: &out, &needs)
      for argument in arguments { argument.encode(into: &out, &needs) }
      return
    }
    out.bytes.bytes.append(origin.tag.rawValue)
    if case .function(let call) = origin {
      call.encode(count: arguments.count, into: &out, &needs)
    } else {
      type.encode(into: &out)
      origin.encode(type, into: &out, &needs)
    }
    for argument in arguments { argument.encode(into: &out, &needs) }
  }

  convenience init(operation reader: inout WireDecoder) throws(DecodingFault) {
    let (operation, _) = try ResolvedOperator.decode(&reader)
    var arguments: [TypedExpression] = []
    if operation.left != nil { arguments.append(try TypedExpression(from: &reader)) }
    arguments.append(try TypedExpression(from: &reader))
    self.init(.operation(operation), arguments, type: operation.result)
  }

  convenience init(from reader: inout WireDecoder) throws(DecodingFault) {
    let raw: UInt8 = try reader.bytes.integer()
    guard let tag = OriginTag(rawValue: raw) else { throw .malformed("call \(raw)") }
    var count = 1
    var type = SQLType.unknown
    let origin: CallOrigin
    switch tag {
    case .function, .typeFunction:
      let call: ResolvedCall
      (call, count) = try ResolvedCall.decode(&reader, isType: tag == .typeFunction)
      guard call.body.isScalar else { throw .malformed("\(call.signature.name) is not scalar") }
      type = call.result
      origin = .function(call)
    default:
      type = try SQLType(from: &reader)
      origin = try CallOrigin.decode(tag, type, &reader)
      if case .records(let records) = origin { count = records.hasBase ? 2 : 1 }
    }
    var arguments: [TypedExpression] = []
    arguments.reserveCapacity(count)
    for _ in 0..<count { arguments.append(try TypedExpression(from: &reader)) }
    self.init(origin, arguments, type: type)
  }
}

extension BoundComparison {
  func encode(into out: inout WireEncoder, _ needs: inout EnvironmentNeeds) {
    operation.encode(flag: isPlain, into: &out, &needs)
  }

  convenience init(from reader: inout WireDecoder) throws(DecodingFault) {
    let (operation, isPlain) = try ResolvedOperator.decode(&reader)
    guard operation.left != nil else { throw .malformed("a comparison with one side") }
    self.init(operation, isPlain: isPlain)
  }
}

extension ResolvedOperator {
  fileprivate func encode(
    flag: Bool, into out: inout WireEncoder, _ needs: inout EnvironmentNeeds
  ) {
    needs.context.formUnion(signature.asks)
    let isTyped = signature.takesManyTypes
    out.bytes.varint(
      UInt64(signature.oid.rawValue) << 2 | (flag ? 2 : 0) | (isTyped ? 1 : 0))
    guard isTyped else { return }
    left?.encode(into: &out)
    right.encode(into: &out)
  }

  fileprivate static func decode(_ reader: inout WireDecoder) throws(DecodingFault)
    -> (ResolvedOperator, flag: Bool)
  {
    let head = try reader.bytes.varint()
    let registry = FunctionRegistry.builtin
    guard let oid = UInt32(exactly: head >> 2),
      let signature = registry.operation(ObjectID(rawValue: oid)),
      signature.takesManyTypes == (head & 1 == 1)
    else { throw .malformed("operator \(head >> 2)") }
    var types: [SQLType]?
    if signature.takesManyTypes {
      var given: [SQLType] = []
      if signature.left != nil { given.append(try SQLType(from: &reader)) }
      given.append(try SQLType(from: &reader))
      types = given
    }
    let operation = try asDecoding { () throws(SQLError) in
      try registry.operation(signature.oid, types)
    }
    guard operation.body.isScalar else { throw .malformed("operator \(oid) is not scalar") }
    return (operation, head & 2 == 2)
  }
}

extension ResolvedCall {
  fileprivate var isTypeFunction: Bool { signature.oid.rawValue == 0 }

  /// `count`: of the arguments that were written.
  func encode(count: Int, into out: inout WireEncoder, _ needs: inout EnvironmentNeeds) {
    if isTypeFunction {
      let source = argumentTypes[0]
      needs.context.formUnion(Coercion.asks(from: source, to: result))
      out.bytes.string(signature.name)
      source.encode(into: &out)
      return
    }
    needs.context.formUnion(signature.asks)
    let isTyped = signature.takesManyTypes
    out.bytes.varint(UInt64(signature.oid.rawValue))
    out.bytes.bytes.append(
      (types.isExplicitlyVariadic ? 1 : 0) | (types.fieldNames.isEmpty ? 0 : 2))
    out.bytes.varint(UInt64(count))
    if isTyped { for type in argumentTypes { type.encode(into: &out) } }
    guard !types.fieldNames.isEmpty else { return }
    let named = types.fieldNames.sorted { $0.key < $1.key }
    out.list(named) { item, out in
      out.bytes.varint(UInt64(item.key))
      out.list(item.value)
    }
  }

  static func decode(_ reader: inout WireDecoder, isType: Bool = false) throws(DecodingFault)
    -> (ResolvedCall, count: Int)
  {
    let registry = FunctionRegistry.builtin
    if isType {
      let name = try reader.bytes.string()
      let source = try SQLType(from: &reader)
      let call = try asDecoding { () throws(SQLError) in
        try registry.call(ofType: name, source)
      }
      return (call, 1)
    }
    let oid = try ObjectID(from: &reader)
    let flags: UInt8 = try reader.bytes.integer()
    let count = try reader.count()
    guard let signature = registry.function(oid), flags < 4 else {
      throw .malformed("function \(oid)")
    }
    var types: [SQLType]?
    if signature.takesManyTypes {
      var given: [SQLType] = []
      for _ in 0..<count { given.append(try SQLType(from: &reader)) }
      types = given
    }
    var fieldNames: [Int: [String]] = [:]
    if flags & 2 != 0 {
      for _ in 0..<(try reader.count(bytesEach: 2)) {
        let place = try reader.place(below: count)
        fieldNames[place] = try [String](from: &reader)
      }
    }
    let call = try asDecoding { () throws(SQLError) in
      try registry.call(
        of: oid, count: count, types, isVariadicCall: flags & 1 != 0, fieldNames: fieldNames)
    }
    return (call, count)
  }
}

extension CallOrigin {
  fileprivate var tag: OriginTag {
    switch self {
    case .function(let call): call.isTypeFunction ? .typeFunction : .function
    case .operation: fatalError("invariant: operators have their own tag")
    case .records: .records
    case .coercion: .coercion
    case .relabel: .relabel
    case .enumCheck: .enumCheck
    case .enumArrayCheck: .enumArrayCheck
    case .enumArrayTexts: .enumArrayTexts
    case .enumOrder: .enumOrder
    case .enumLabel: .enumLabel
    case .domain: .domain
    case .rowFromText: .rowFromText
    case .rowFromRecord: .rowFromRecord
    case .grouping: .grouping
    }
  }

  fileprivate func encode(
    _ type: SQLType, into out: inout WireEncoder, _ needs: inout EnvironmentNeeds
  ) {
    switch self {
    case .operation, .function, .relabel, .enumArrayTexts: break
    case .records(let records):
      out.bytes.string(records.name)
      let flags = [records.isSet, records.hasBase, records.givesRows]
      for flag in flags { flag.encode(into: &out) }
      records.reader.encode(into: &out, &needs)
    case .coercion(_, let source, let context):
      needs.context.formUnion(Coercion.asks(from: source, to: type))
      context.wireCode.encode(into: &out)
      source.encode(into: &out)
    case .enumCheck(let labels), .enumArrayCheck(let labels), .enumOrder(let labels),
      .enumLabel(let labels):
      labels.encode(into: &out)
    case .domain(let check):
      out.bytes.string(check.name)
      check.isNotNull.encode(into: &out)
      out.bytes.varint(UInt64(check.tests.count))
      for item in check.tests {
        out.bytes.string(item.name)
        item.test.encode(into: &out, &needs)
      }
    case .rowFromText(let readers, let types):
      out.list(types)
      for reader in readers { reader.encode(into: &out, &needs) }
    case .rowFromRecord(let name, let types):
      out.bytes.string(name)
      out.list(types)
    case .grouping(let places): out.list(places)
    }
  }

  fileprivate static func decode(
    _ tag: OriginTag, _ type: SQLType, _ reader: inout WireDecoder
  ) throws(DecodingFault) -> CallOrigin {
    switch tag {
    case .function, .typeFunction: throw .malformed("call")
    case .relabel: return .relabel
    case .enumArrayTexts: return .enumArrayTexts
    case .records:
      let name = try reader.bytes.string()
      return .records(
        JSONRecords(
          name: name, isSet: try reader.bool(), hasBase: try reader.bool(),
          givesRows: try reader.bool(), reader: try JSONRecordReader(from: &reader)))
    case .coercion:
      let context = try CastContext(wireCode: &reader)
      let source = try SQLType(from: &reader)
      let coercion = try asDecoding { () throws(SQLError) in
        try FunctionRegistry.builtin.coercion(from: source, to: type, context: context)
      }
      return .coercion(coercion, from: source, context)
    case .enumCheck: return .enumCheck(try EnumLabels(from: &reader))
    case .enumArrayCheck: return .enumArrayCheck(try EnumLabels(from: &reader))
    case .enumOrder: return .enumOrder(try EnumLabels(from: &reader))
    case .enumLabel: return .enumLabel(try EnumLabels(from: &reader))
    case .domain:
      let name = try reader.bytes.string()
      let isNotNull = try reader.bool()
      let tests = try reader.list { (reader) throws(DecodingFault) in
        (name: try reader.bytes.string(), test: try TypedExpression(from: &reader))
      }
      return .domain(DomainCheck(name: name, isNotNull: isNotNull, tests: tests))
    case .rowFromText:
      let types = try [SQLType](from: &reader)
      var readers: [TypedExpression] = []
      for _ in types { readers.append(try TypedExpression(from: &reader)) }
      return .rowFromText(readers, types)
    case .rowFromRecord:
      let name = try reader.bytes.string()
      return .rowFromRecord(name: name, try [SQLType](from: &reader))
    case .grouping:
      return .grouping(try [Int64](from: &reader))
    }
  }
}

extension CastContext {
  fileprivate var wireCode: UInt8 {
    switch self {
    case .implicit: 0
    case .assignment: 1
    case .explicit: 2
    }
  }

  fileprivate init(wireCode reader: inout WireDecoder) throws(DecodingFault) {
    let code: UInt8 = try reader.bytes.integer()
    switch code {
    case 0: self = .implicit
    case 1: self = .assignment
    case 2: self = .explicit
    default: throw .malformed("cast \(code)")
    }
  }
}

/// What the receiver's own tables refuse was not written by a node that has the same.
func asDecoding<R>(_ body: () throws(SQLError) -> R) throws(DecodingFault) -> R {
  do throws(SQLError) { return try body() } catch { throw .malformed(error.message) }
}
