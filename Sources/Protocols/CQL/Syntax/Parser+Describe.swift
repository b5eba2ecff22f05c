// DESCRIBE.

extension Parser {
  mutating func describe() throws(CQLError) -> DescribeStatement {
    var subject = try subject()
    let withInternals = take("with", "internals")
    if case .keyspace(nil, let isOnly) = subject, !isOnly {
      subject = .keyspace(nil, isOnly: false)
    }
    return DescribeStatement(subject: subject, withInternals: withInternals)
  }

  private mutating func subject() throws(CQLError) -> DescribeStatement.Subject {
    guard case .name(let word, let isQuoted) = current else { throw unexpected() }
    if isQuoted { return .any(try objectName()) }
    switch word {
    case "keyspaces", "tables", "types", "functions", "aggregates", "cluster":
      advance()
      switch word {
      case "keyspaces": return .keyspaces
      case "tables": return .tables
      case "types": return .types
      case "functions": return .functions
      case "aggregates": return .aggregates
      default: return .cluster
      }
    case "full":
      advance()
      try expect("schema")
      return .schema(isFull: true)
    case "schema":
      advance()
      return .schema(isFull: false)
    case "only":
      advance()
      _ = take("keyspace")
      return .keyspace(try optionalName(), isOnly: true)
    case "keyspace":
      advance()
      return .keyspace(try optionalName(), isOnly: false)
    case "table", "columnfamily":
      advance()
      return .table(try objectName())
    case "index":
      advance()
      return .index(try objectName())
    case "type":
      advance()
      return .type(try objectName())
    case "function":
      advance()
      return .function(try objectName())
    case "aggregate":
      advance()
      return .aggregate(try objectName())
    case "materialized":
      advance()
      try expect("view")
      return .view(try objectName())
    default: return .any(try objectName())
    }
  }

  private mutating func optionalName() throws(CQLError) -> String? {
    if current == .end || isSign(";") || isWord("with") { return nil }
    return try name()
  }
}
