import Catalog
import Types

/// A function that a user has defined. The catalog keeps it with its keyspace's options.
struct UserFunction: Sendable, Hashable {
  enum Language: String, Sendable { case lua, sql }

  struct Parameter: Sendable, Hashable {
    var name: String
    /// As CQL writes it.
    var type: String
  }

  var name: String
  var parameters: [Parameter]
  var returns: String
  var language: Language
  var body: String
  /// It is called with nulls too; else null comes of them.
  var isCalledOnNull: Bool

  var signature: String { Self.signature(name, parameters.map(\.type)) }
  static func signature(_ name: String, _ types: [String]) -> String {
    "\(name)(\(types.joined(separator: ", ")))"
  }
}

/// A function over groups of rows that a user has made of others.
struct UserAggregate: Sendable, Hashable {
  var name: String
  var parameters: [String]
  var stateFunction: String
  var stateType: String
  var finalFunction: String?
  /// A value of the state's type, as CQL writes it.
  var initial: String?
  var returns: String

  var signature: String { UserFunction.signature(name, parameters) }
}

/// As options of a schema: one for each, named by its signature.
enum UserFunctionOptions {
  private static let functionPrefix = "cql_function "
  private static let aggregatePrefix = "cql_aggregate "

  static func key(_ function: UserFunction) -> String { functionPrefix + function.signature }
  static func key(_ aggregate: UserAggregate) -> String { aggregatePrefix + aggregate.signature }

  static func text(_ function: UserFunction) -> String {
    object([
      ("name", .string(function.name)),
      ("names", .array(function.parameters.map { .string($0.name) })),
      ("types", .array(function.parameters.map { .string($0.type) })),
      ("returns", .string(function.returns)), ("language", .string(function.language.rawValue)),
      ("body", .string(function.body)), ("null", .bool(function.isCalledOnNull)),
    ])
  }

  static func text(_ aggregate: UserAggregate) -> String {
    object([
      ("name", .string(aggregate.name)),
      ("types", .array(aggregate.parameters.map { .string($0) })),
      ("step", .string(aggregate.stateFunction)), ("state", .string(aggregate.stateType)),
      ("final", aggregate.finalFunction.map { .string($0) } ?? .null),
      ("initial", aggregate.initial.map { .string($0) } ?? .null),
      ("returns", .string(aggregate.returns)),
    ])
  }

  private static func object(_ members: [(String, JSONValue)]) -> String {
    JSONValue.object(members.map { JSONValue.Member(key: Array($0.0.utf8), value: $0.1) })
      .description
  }

  /// By their signatures. What another program has written and cannot be read is not there.
  static func functions(_ schema: SchemaDescriptor) -> [UserFunction] {
    values(schema, functionPrefix).compactMap { json in
      guard let name = text(json, "name"), let returns = text(json, "returns"),
        let language = text(json, "language").flatMap(UserFunction.Language.init(rawValue:)),
        let body = text(json, "body"), let names = texts(json, "names"),
        let types = texts(json, "types"), names.count == types.count
      else { return nil }
      return UserFunction(
        name: name, parameters: zip(names, types).map { .init(name: $0, type: $1) },
        returns: returns, language: language, body: body,
        isCalledOnNull: json.member("null") == JSONValue.true)
    }
  }

  static func aggregates(_ schema: SchemaDescriptor) -> [UserAggregate] {
    values(schema, aggregatePrefix).compactMap { json in
      guard let name = text(json, "name"), let types = texts(json, "types"),
        let step = text(json, "step"), let state = text(json, "state"),
        let returns = text(json, "returns")
      else { return nil }
      return UserAggregate(
        name: name, parameters: types, stateFunction: step, stateType: state,
        finalFunction: text(json, "final"), initial: text(json, "initial"), returns: returns)
    }
  }

  private static func values(_ schema: SchemaDescriptor, _ prefix: String) -> [JSONValue] {
    (schema.options ?? [:]).filter { $0.key.hasPrefix(prefix) }.sorted { $0.key < $1.key }
      .compactMap { entry in
        let parsed = Result<JSONValue, CQLError> { () throws(CQLError) in
          try StoredForm.parse(Array(entry.value.utf8))
        }
        guard case .success(let json) = parsed else { return nil }
        return json
      }
  }

  private static func text(_ json: JSONValue, _ member: String) -> String? {
    guard case .string(let bytes)? = json.member(member)?.kind else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func texts(_ json: JSONValue, _ member: String) -> [String]? {
    guard case .array(let items)? = json.member(member)?.kind else { return nil }
    return items.compactMap { item in
      guard case .string(let bytes) = item.kind else { return nil }
      return String(decoding: bytes, as: UTF8.self)
    }
  }
}
