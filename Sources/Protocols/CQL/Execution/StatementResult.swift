import Types

/// What a statement gives.
enum StatementResult: Sendable {
  case void
  case rows(ResultRows)
  case keyspace(String)
  case schemaChange(SchemaChange)
}

struct ResultColumn: Sendable, Hashable {
  var keyspace: String
  var table: String
  var name: String
  var type: CQLType
}

struct ResultRows: Sendable {
  var columns: [ResultColumn]
  var rows: [[Datum]]
  /// Where the next page begins; nil: there is none.
  var pagingState: [UInt8]?

  init(_ columns: [ResultColumn], _ rows: [[Datum]], pagingState: [UInt8]? = nil) {
    self.columns = columns
    self.rows = rows
    self.pagingState = pagingState
  }
}

/// What clients are told of a definition, in the reply and as an event.
struct SchemaChange: Sendable, Hashable {
  enum Change: String, Sendable {
    case created = "CREATED"
    case updated = "UPDATED"
    case dropped = "DROPPED"
  }
  enum Target: String, Sendable {
    case keyspace = "KEYSPACE"
    case table = "TABLE"
    case type = "TYPE"
    case function = "FUNCTION"
    case aggregate = "AGGREGATE"
  }
  var change: Change
  var target: Target
  var keyspace: String
  var name = ""
  /// Types of a function's.
  var arguments: [String] = []

  func write(into out: inout BodyWriter) {
    out.string(change.rawValue)
    out.string(target.rawValue)
    out.string(keyspace)
    if target != .keyspace { out.string(name) }
    if target == .function || target == .aggregate { out.stringList(arguments) }
  }
}
