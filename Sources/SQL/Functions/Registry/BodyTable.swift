import Types

/// Where a function's computation comes from: fixed, or made for the types of a call.
enum BodyProvider: Sendable {
  case fixed(FunctionBody)
  case typed(@Sendable (CallTypes) -> FunctionBody)

  func body(for types: CallTypes) -> FunctionBody {
    switch self {
    case .fixed(let body): body
    case .typed(let make): make(types)
    }
  }
}

/// Bodies by the name of PostgreSQL's C function, under which pg_proc lists them; of functions
/// written in SQL there, by `sql name(types)`; of aggregates by `agg name(types)` or `agg name`;
/// else by `fn name` for all functions of a name.
struct BodyTable {
  private(set) var providers: [String: BodyProvider] = [:]

  mutating func unary(_ names: String..., body: @escaping UnaryBody) {
    for name in names { providers[name] = .fixed(.unary(body)) }
  }
  mutating func binary(_ names: String..., body: @escaping BinaryBody) {
    for name in names { providers[name] = .fixed(.binary(body)) }
  }
  mutating func scalar(_ names: String..., body: @escaping ScalarBody) {
    for name in names { providers[name] = .fixed(.scalar(body)) }
  }
  /// A set that is built whole.
  mutating func set(
    _ names: String...,
    body: @escaping @Sendable ([Value], inout EvaluationContext) throws(SQLError) -> [[Value]]
  ) {
    for name in names {
      providers[name] = .fixed(
        .set { (arguments, context) throws(SQLError) in rowStream(try body(arguments, &context)) })
    }
  }
  /// A set whose rows are made one by one as they are asked for.
  mutating func stream(_ names: String..., body: @escaping SetBody) {
    for name in names { providers[name] = .fixed(.set(body)) }
  }
  mutating func typed(
    _ names: String..., make: @escaping @Sendable (CallTypes) -> FunctionBody
  ) {
    for name in names { providers[name] = .typed(make) }
  }
  mutating func aggregate(
    _ names: String..., make: @escaping @Sendable (CallTypes) -> AggregateDescriptor
  ) {
    for name in names { providers["agg \(name)"] = .typed { .aggregate(make($0)) } }
  }
  mutating func engine(_ key: String, name: String) { providers[key] = .fixed(.engine(name)) }
  mutating func window(_ key: String, _ kind: WindowFunction) {
    providers[key] = .fixed(.window(kind))
  }
  /// The same body under another name.
  mutating func alias(_ name: String, of other: String) { providers[name] = providers[other] }
}
