/// A value in a statement.
indirect enum Term: Hashable, Sendable {
  case null
  case integer(String)
  case decimal(String)
  case string(String)
  case bool(Bool)
  case uuid(String)
  case blob([UInt8])
  case duration(String)
  /// By its place among the statement's markers.
  case marker(Int)
  case list([Term])
  case set([Term])
  /// Also a user type's, where the keys are names.
  case map([Pair])
  case userType([Field])
  case tuple([Term])
  case call(name: String, [Term])
  case cast(TypeSyntax, Term)
  case negated(Term)
  case operation(Term, String, Term)

  struct Pair: Hashable, Sendable {
    var key: Term
    var value: Term
  }
  struct Field: Hashable, Sendable {
    var name: String
    var value: Term
  }
}

/// A type as it is written: user types are looked up later.
indirect enum TypeSyntax: Hashable, Sendable {
  case named(keyspace: String?, String)
  case list(TypeSyntax)
  case set(TypeSyntax)
  case map(TypeSyntax, TypeSyntax)
  case tuple([TypeSyntax])
  case frozen(TypeSyntax)
}

/// A table, index or type; the keyspace nil: the session's.
struct ObjectName: Hashable, Sendable {
  var keyspace: String?
  var name: String
}

/// A condition of WHERE or IF.
struct Relation: Hashable, Sendable {
  enum Target: Hashable, Sendable {
    case column(String)
    case columns([String])
    case token([String])
    case element(String, Term)
    case field(String, String)
  }
  enum Comparison: String, Hashable, Sendable {
    case equal = "="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case notEqual = "!="
    case isIn = "IN"
    case isNotIn = "NOT IN"
    case contains = "CONTAINS"
    case containsKey = "CONTAINS KEY"
    case isNotNull = "IS NOT NULL"
    case like = "LIKE"
  }
  var target: Target
  var comparison: Comparison
  var values: [Term]
  /// IN with one marker for the whole list.
  var isListMarker = false
}

/// What SELECT gives for each row.
indirect enum Selector: Hashable, Sendable {
  case column(String)
  case term(Term)
  case countAll
  case call(name: String, [Selector])
  case cast(Selector, TypeSyntax)
  case writeTime(String)
  case timeToLive(String)
  /// WRITETIME and TTL (`isTime` or not) of an element, or of the field that is named.
  case timeOfPart(String, field: String?, isTime: Bool)
  case field(Selector, String)
  case element(Selector, Term)
}

extension Selector {
  /// The columns that it is made of.
  var columns: [String] {
    switch self {
    case .column(let name), .writeTime(let name), .timeToLive(let name),
      .timeOfPart(let name, _, _):
      [name]
    case .term, .countAll: []
    case .call(_, let parts): parts.flatMap(\.columns)
    case .cast(let inner, _), .field(let inner, _), .element(let inner, _): inner.columns
    }
  }
}

struct Select: Hashable, Sendable {
  struct Item: Hashable, Sendable {
    var selector: Selector
    var alias: String?
  }
  struct Order: Hashable, Sendable {
    var column: String
    var isDescending: Bool
  }
  var table: ObjectName
  /// Empty: all columns.
  var items: [Item] = []
  var isDistinct = false
  var isJSON = false
  var relations: [Relation] = []
  var groupBy: [String] = []
  var order: [Order] = []
  var perPartitionLimit: Term?
  var limit: Term?
  var allowsFiltering = false
  /// USING TIMEOUT.
  var timeout: Term?
}

/// USING of a statement that writes.
struct UsingClause: Hashable, Sendable {
  var timestamp: Term?
  var timeToLive: Term?
  /// Scylla's: how long the client waits.
  var timeout: Term?
}

/// IF of a statement that writes.
enum ConditionClause: Hashable, Sendable {
  case none
  case ifNotExists
  case ifExists
  case conditions([Relation])
  var isConditional: Bool { self != .none }
}

/// What a column becomes.
struct Assignment: Hashable, Sendable {
  enum Target: Hashable, Sendable {
    case column(String)
    case element(String, Term)
    case field(String, String)
  }
  enum Kind: Hashable, Sendable {
    case set
    /// `c = c + value`: of counters, and at the end of a list, or into a set or map.
    case add
    /// `c = c - value`
    case subtract
    /// `c = value + c`
    case prepend
  }
  var target: Target
  var kind: Kind
  var value: Term
}

/// INSERT, UPDATE or DELETE.
struct Modification: Hashable, Sendable {
  enum Body: Hashable, Sendable {
    case insert([Assignment])
    /// `defaultsUnset`: columns that are not named keep their values.
    case insertJSON(Term, defaultsUnset: Bool)
    case update([Assignment])
    /// Empty: the rows.
    case delete([Assignment.Target])
  }
  var table: ObjectName
  var body: Body
  var relations: [Relation] = []
  var using = UsingClause()
  var condition = ConditionClause.none
}

struct BatchStatement: Hashable, Sendable {
  var kind: BatchRequest.Kind
  var using: UsingClause
  var statements: [Modification]
}
