import Base
import Node
import Types

/// What the values of a statement are taken from: its markers' values, the time, a source of UUIDs.
struct Arguments {
  var values: [BoundValue]
  /// Microseconds since the Unix epoch.
  var now: Int64
  /// For uuid() and now().
  var random: () -> UInt64
  var catalog: CQLCatalog
  var keyspace: String?
  /// What each marker stands for, where it was noted (`Markers`).
  var markers: Markers?
  /// Where users' functions run; nil: they are not called here.
  var shard: NodeShard?
  var lua: LuaRunner? { shard.map { LuaRunner.of($0) } }
}

/// What clients are told of a prepared statement's markers. Filled by evaluating the statement without
/// values.
final class Markers {
  struct Spec {
    var name: String
    var type: CQLType
    var keyspace: String
    var table: String
  }
  private(set) var specs: [Int: Spec] = [:]
  /// Where there are partition key columns: the markers that give them, by component.
  var partition: [Int: Int] = [:]

  func note(_ marker: Int, _ spec: Spec) { if specs[marker] == nil { specs[marker] = spec } }
}

/// A place that a value goes to.
struct Receiver {
  var name: String
  var type: CQLType
  var keyspace: String
  var table: String

  init(_ column: CQLColumn, of table: CQLTable) {
    name = column.name
    type = column.type
    keyspace = table.keyspace
    self.table = table.name
  }
  /// Of no table.
  init(_ name: String, _ type: CQLType, keyspace: String) {
    self.name = name
    self.type = type
    self.keyspace = keyspace
    table = ""
  }
  init(_ name: String, _ type: CQLType, of table: CQLTable) {
    self.name = name
    self.type = type
    keyspace = table.keyspace
    self.table = table.name
  }

  func named(_ name: String, _ type: CQLType) -> Receiver {
    var copy = self
    copy.name = name
    copy.type = type
    return copy
  }
}

extension Arguments {
  /// The value; nil: unset. Where markers are being noted, every marker is unset.
  func value(_ term: Term, _ receiver: Receiver) throws(CQLError) -> Datum? {
    if case .marker(let place) = term { return try marker(place, receiver) }
    return try constant(term, receiver)
  }

  /// The value, where unset makes no sense.
  func set(_ term: Term, _ receiver: Receiver) throws(CQLError) -> Datum {
    guard let value = try value(term, receiver) else {
      if markers != nil { return .null }
      throw .invalid("Invalid unset value for column \(receiver.name)")
    }
    return value
  }

  /// The values of IN with one marker for all; nil: null.
  func members(_ term: Term, _ receiver: Receiver, _ name: String, _ type: CQLType)
    throws(CQLError) -> [Datum]?
  {
    if case .marker(let place) = term, markers == nil, place < values.count,
      case .bytes(let bytes) = values[place]
    {
      return try ValueCodec.members(bytes, type)
    }
    guard case .list(let items) = try set(term, receiver.named(name, .list(type))) else {
      return nil
    }
    return items
  }

  private func marker(_ place: Int, _ receiver: Receiver) throws(CQLError) -> Datum? {
    if let markers {
      markers.note(
        place,
        .init(
          name: receiver.name, type: receiver.type, keyspace: receiver.keyspace,
          table: receiver.table))
      return nil
    }
    guard place < values.count else {
      throw .invalid("Invalid amount of bind variables")
    }
    switch values[place] {
    case .unset: return nil
    case .null: return .null
    case .bytes(let bytes):
      // Empty bytes are null where the type has no empty value.
      if bytes.isEmpty {
        switch receiver.type.thawed {
        case .native(.ascii), .native(.text), .native(.blob): break
        case .native: return .null
        default: break
        }
      }
      return try ValueCodec.decode(bytes, receiver.type)
    }
  }

  private func constant(_ term: Term, _ receiver: Receiver) throws(CQLError) -> Datum {
    func wrong(_ what: String) -> CQLError {
      .invalid(
        "Invalid \(what) constant for \"\(receiver.name)\" of type \(receiver.type.name)")
    }
    switch term {
    case .null: return .null
    case .marker: return .null
    case .string(let text):
      guard let native = receiver.type.thawed.native else { throw wrong("STRING") }
      switch native {
      case .ascii, .text, .timestamp, .date, .time, .inet:
        return try TextForm.parse(text, native)
      default: throw wrong("STRING")
      }
    case .integer(let digits):
      guard let native = receiver.type.thawed.native else { throw wrong("INTEGER") }
      switch native {
      case .bigint, .int, .smallint, .tinyint, .varint, .counter, .decimal, .double, .float:
        return try TextForm.number(digits, native)
      case .timestamp, .date, .time: return try TextForm.parse(digits, native)
      default: throw wrong("INTEGER")
      }
    case .decimal(let digits):
      guard let native = receiver.type.thawed.native, [.decimal, .double, .float].contains(native)
      else { throw wrong("FLOAT") }
      return try TextForm.number(digits, native)
    case .bool(let flag):
      guard receiver.type.thawed.native == .boolean else { throw wrong("BOOLEAN") }
      return .bool(flag)
    case .uuid(let text):
      guard let native = receiver.type.thawed.native, [.uuid, .timeuuid].contains(native) else {
        throw wrong("UUID")
      }
      return try TextForm.parse(text, native)
    case .blob(let bytes):
      guard receiver.type.thawed.native == .blob else { throw wrong("HEX") }
      return .scalar(.bytes(bytes))
    case .duration(let text):
      guard receiver.type.thawed.native == .duration else { throw wrong("DURATION") }
      return .scalar(.interval(try DurationText.parse(text)))
    case .list, .set, .map, .userType, .tuple: return try composite(term, receiver)
    case .call(let name, let arguments): return try call(name, arguments, receiver)
    case .cast(let syntax, let inner):
      let type = try catalog.type(syntax, keyspace)
      guard type.thawed == receiver.type.thawed else {
        throw .invalid(
          "Cannot assign value of type \(type.name) to \(receiver.name) of type "
            + receiver.type.name)
      }
      return try set(inner, receiver.named(receiver.name, type))
    case .negated(let inner):
      return try arithmetic(.integer("0"), "-", inner, receiver)
    case .operation(let left, let sign, let right):
      return try arithmetic(left, sign, right, receiver)
    }
  }

  // MARK: Composites

  private func composite(_ term: Term, _ receiver: Receiver) throws(CQLError) -> Datum {
    func wrong(_ what: String) -> CQLError {
      .invalid(
        "Invalid \(what) literal for \(receiver.name) of type \(receiver.type.name)")
    }
    func element(_ term: Term, _ type: CQLType) throws(CQLError) -> Datum {
      let value = try set(term, receiver.named("value(\(receiver.name))", type))
      if value.isNull, markers == nil {
        throw .invalid("null is not supported inside collections")
      }
      return value
    }
    switch (term, receiver.type.thawed) {
    case (.list(let items), .list(let type)):
      var list: [Datum] = []
      for item in items { list.append(try element(item, type)) }
      return .list(list)
    case (.set(let items), .set(let type)):
      var list: [Datum] = []
      for item in items { list.append(try element(item, type)) }
      return .set(list, type)
    case (.set([]), .map): return .map([])
    case (.set([]), .user(_, _, let fields)): return .list(fields.map { _ in .null })
    case (.map(let pairs), .map(let key, let type)):
      var entries: [Datum.Entry] = []
      for pair in pairs {
        entries.append(
          Datum.Entry(key: try element(pair.key, key), value: try element(pair.value, type)))
      }
      return .map(entries, key)
    case (.userType(let given), .user(_, let name, let fields)):
      for field in given where !fields.contains(where: { $0.name == field.name }) {
        throw .invalid(
          "Unknown field '\(field.name)' in value of user defined type \(name)")
      }
      var parts: [Datum] = []
      for field in fields {
        guard let value = given.first(where: { $0.name == field.name })?.value else {
          parts.append(.null)
          continue
        }
        parts.append(try set(value, receiver.named("\(receiver.name).\(field.name)", field.type)))
      }
      return .list(parts)
    case (.tuple(let items), .tuple(let types)):
      guard items.count <= types.count else {
        throw .invalid(
          "Invalid tuple literal for \(receiver.name): too many elements. Type "
            + "\(receiver.type.name) expects \(types.count) but got \(items.count)")
      }
      var parts: [Datum] = []
      for (place, type) in types.enumerated() {
        parts.append(
          place < items.count
            ? try set(items[place], receiver.named("\(receiver.name)[\(place)]", type)) : .null)
      }
      return .list(parts)
    case (.tuple(let items), _) where items.count == 1:
      return try set(items[0], receiver)
    case (.list, _): throw wrong("list")
    case (.set, _): throw wrong("set")
    case (.map, _): throw wrong("map")
    case (.userType, _): throw wrong("user type")
    default: throw wrong("tuple")
    }
  }

  private func arithmetic(_ left: Term, _ sign: String, _ right: Term, _ receiver: Receiver)
    throws(CQLError) -> Datum
  {
    guard let native = receiver.type.thawed.native else {
      throw .invalid("The operation '\(sign)' is not supported for \(receiver.type.name)")
    }
    let a = try set(left, receiver)
    let b = try set(right, receiver)
    return try Arithmetic.apply(sign, a, b, native)
  }

  // MARK: Functions

  private func call(_ name: String, _ terms: [Term], _ receiver: Receiver) throws(CQLError)
    -> Datum
  {
    if name == "fromjson" {
      guard terms.count == 1 else {
        throw .invalid("Invalid number of arguments in call to function fromjson")
      }
      let text = try set(terms[0], receiver.named("fromjson", .text))
      guard case .scalar(.text(let bytes)) = text else { return .null }
      do throws(CQLError) {
        return try StoredForm.read(try StoredForm.parse(bytes), receiver.type)
      } catch {
        throw CQLError(
          .functionFailure, "execution of 'system.fromjson[text]' failed: \(error.message)",
          .functionFailure(name: "fromjson", arguments: ["text"]))
      }
    }
    let function =
      name == "token"
      ? try token(receiver, count: terms.count)
      : try function(name, count: terms.count, returning: receiver.type)
    var arguments: [Datum] = []
    var types: [CQLType] = []
    for (place, term) in terms.enumerated() {
      let type: CQLType
      if let known = function.parameters[place] { type = known } else { type = try typeOf(term) }
      types.append(type)
      arguments.append(try set(term, receiver.named("arg\(place)(\(name))", type)))
    }
    // The bytes of any scalar will do for a blob.
    if receiver.type.native == .blob, function.result.native != nil, function.result != .blob {
      if markers != nil { return .null }
      let value = try function.body(.init(arguments: arguments, types: types, context: self))
      return ValueCodec.encode(value, function.result).map { .scalar(.bytes($0)) } ?? .null
    }
    guard
      function.result.thawed == receiver.type.thawed
        || Set([function.result.native, receiver.type.native]) == [.text, .ascii]
        || function.result.native == .timeuuid && receiver.type == .uuid
    else {
      throw .invalid(
        "Type error: cannot assign result of function \(name) (type \(function.result.name)) to "
          + "\(receiver.name) (type \(receiver.type.name))")
    }
    if markers != nil, arguments.contains(where: \.isNull) { return .null }
    return try function.body(.init(arguments: arguments, types: types, context: self))
  }

  /// `token(…)` of values of the partition key of the table that the receiver is of.
  private func token(_ receiver: Receiver, count: Int) throws(CQLError) -> CQLFunction {
    guard !receiver.table.isEmpty else { throw .invalid("Unknown function 'token'") }
    return try Functions.token(
      of: try catalog.table(receiver.keyspace, receiver.table), count: count)
  }

  /// The type that a term has by itself.
  func typeOf(_ term: Term) throws(CQLError) -> CQLType {
    switch term {
    case .string: return .text
    case .integer(let digits): return Int32(digits) == nil ? .bigint : .int
    case .decimal: return .double
    case .bool: return .boolean
    case .uuid: return .uuid
    case .blob: return .blob
    case .duration: return .native(.duration)
    case .cast(let syntax, _): return try catalog.type(syntax, keyspace)
    case .call(let name, let terms):
      return try function(name, count: terms.count, returning: nil).result
    case .operation(let left, _, _): return try typeOf(left)
    case .negated(let inner): return try typeOf(inner)
    default:
      throw .invalid("Ambiguous value: its type cannot be told, use a type cast such as (int)?")
    }
  }
}

/// `+ - * / %` of numbers.
enum Arithmetic {
  static func apply(_ sign: String, _ a: Datum, _ b: Datum, _ native: CQLType.Native)
    throws(CQLError) -> Datum
  {
    switch (a, b) {
    case (.null, _), (_, .null): return .null
    case (.scalar(.int(let x)), .scalar(.int(let y))):
      if ["/", "%"].contains(sign), y == 0 {
        throw .invalid("The operation '\(x) \(sign) \(y)' failed: / by zero")
      }
      let result: Int64
      switch sign {
      case "+": result = x &+ y
      case "-": result = x &- y
      case "*": result = x &* y
      case "/": result = x.dividedReportingOverflow(by: y).partialValue
      default: result = x.remainderReportingOverflow(dividingBy: y).partialValue
      }
      return .int(try TextForm.ranged(result, native))
    case (.scalar(.float(let x)), .scalar(.float(let y))):
      switch sign {
      case "+": return .scalar(.float(x + y))
      case "-": return .scalar(.float(x - y))
      case "*": return .scalar(.float(x * y))
      case "/": return .scalar(.float(x / y))
      default: return .scalar(.float(x.truncatingRemainder(dividingBy: y)))
      }
    case (.scalar(.numeric(let x)), .scalar(.numeric(let y))):
      do throws(SQLError) {
        switch sign {
        case "+": return .scalar(.numeric(try x.adding(y)))
        case "-": return .scalar(.numeric(try x.subtracting(y)))
        case "*": return .scalar(.numeric(try x.multiplied(by: y)))
        case "/" where native == .varint: return .scalar(.numeric(try x.dividedTruncating(by: y)))
        case "/": return .scalar(.numeric(try x.divided(by: y)))
        default: return .scalar(.numeric(try x.modulo(y)))
        }
      } catch {
        throw .invalid("The operation '\(sign)' failed: \(error.message)")
      }
    default:
      throw .invalid(
        "The operation '\(sign)' is not supported for values of type \(native.rawValue)")
    }
  }
}
