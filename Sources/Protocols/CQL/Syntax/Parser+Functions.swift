// Functions and aggregates of users.

struct CreateFunctionStatement: Hashable, Sendable {
  var name: ObjectName
  var parameters: [TypedName]
  var isCalledOnNull: Bool
  var returns: TypeSyntax
  var language: String
  var body: String
  var replaces = false
  var ifNotExists = false
}

struct CreateAggregateStatement: Hashable, Sendable {
  var name: ObjectName
  var types: [TypeSyntax]
  var stateFunction: String
  var stateType: TypeSyntax
  var finalFunction: String?
  var initial: Term?
  var replaces = false
  var ifNotExists = false
}

/// Also of an aggregate.
struct DropFunctionStatement: Hashable, Sendable {
  var name: ObjectName
  /// Nil: whatever its arguments are.
  var types: [TypeSyntax]?
  var ifExists: Bool
}

extension Parser {
  private mutating func listed<T>(_ item: (inout Parser) throws(CQLError) -> T) throws(CQLError)
    -> [T]
  {
    try expect(sign: "(")
    if take(sign: ")") { return [] }
    let items = try list(item)
    try expect(sign: ")")
    return items
  }

  mutating func createFunction(replaces: Bool) throws(CQLError) -> Statement {
    let ifNotExists = try ifNotExists()
    let name = try objectName()
    let parameters = try listed { (parser) throws(CQLError) in try parser.typedName() }
    let isCalledOnNull: Bool
    if take("called") {
      isCalledOnNull = true
    } else {
      try expect("returns", "null")
      isCalledOnNull = false
    }
    try expect("on", "null", "input", "returns")
    let returns = try type()
    try expect("language")
    let language = try self.name()
    try expect("as")
    return .createFunction(
      CreateFunctionStatement(
        name: name, parameters: parameters, isCalledOnNull: isCalledOnNull, returns: returns,
        language: language.lowercased(), body: try string(), replaces: replaces,
        ifNotExists: ifNotExists))
  }

  mutating func createAggregate(replaces: Bool) throws(CQLError) -> Statement {
    let ifNotExists = try ifNotExists()
    let name = try objectName()
    let types = try listed { (parser) throws(CQLError) in try parser.type() }
    try expect("sfunc")
    let step = try self.name()
    try expect("stype")
    var aggregate = CreateAggregateStatement(
      name: name, types: types, stateFunction: step, stateType: try type(), replaces: replaces,
      ifNotExists: ifNotExists)
    if take("finalfunc") { aggregate.finalFunction = try self.name() }
    if take("initcond") { aggregate.initial = try term() }
    return .createAggregate(aggregate)
  }

  mutating func dropFunction() throws(CQLError) -> DropFunctionStatement {
    let ifExists = try ifExists()
    let name = try objectName()
    var types: [TypeSyntax]?
    if isSign("(") { types = try listed { (parser) throws(CQLError) in try parser.type() } }
    return DropFunctionStatement(name: name, types: types, ifExists: ifExists)
  }
}
