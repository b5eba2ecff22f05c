/// Queries as the binder takes them: what the grammar knows of SELECT, VALUES and the statements
/// that change rows, without names looked up. Positions are bytes of the text, from 1; an error's
/// position becomes characters where it leaves the engine.
public enum QuerySyntax {
  public enum Literal: Sendable, Hashable {
    case null
    case bool(Bool)
    case integer(Int64)
    /// Beyond int4 or with a point: int8 where it fits, else numeric.
    case number(String)
    case string(String)
    case bits(String)
  }

  public struct TypeName: Sendable, Hashable {
    public var schema: String?
    public var name: String
    public var modifiers: [Int32] = []
    public var arrayDimensions = 0
    public var position: Int?
    public init(
      _ name: String, schema: String? = nil, modifiers: [Int32] = [], arrayDimensions: Int = 0,
      position: Int? = nil
    ) {
      self.name = name
      self.schema = schema
      self.modifiers = modifiers
      self.arrayDimensions = arrayDimensions
      self.position = position
    }
  }

  public enum SubqueryKind: Sendable {
    case scalar, exists, array
    /// left op ANY/ALL (…); IN is `= ANY`.
    case any(operator: String)
    case all(operator: String)
  }

  public struct Subscript: Sendable {
    public var lower: Expression?
    public var upper: Expression?
    public var isSlice: Bool
    public init(lower: Expression?, upper: Expression?, isSlice: Bool) {
      self.lower = lower
      self.upper = upper
      self.isSlice = isSlice
    }
  }

  public struct Call: Sendable {
    public var schema: String?
    public var name: String
    public var arguments: [Expression] = []
    /// Of `name => value`, for each argument; empty where none has a name.
    public var argumentNames: [String?] = []
    public var isStar = false
    public var isDistinct = false
    public var isVariadic = false
    public var order: [SortKey] = []
    public var filter: Expression?
    public var window: Window?
    public var position: Int?
    public init(_ name: String, _ arguments: [Expression] = [], position: Int? = nil) {
      self.name = name
      self.arguments = arguments
      self.position = position
    }
  }

  public struct Window: Sendable {
    /// OVER name, or the window that this one starts from.
    public var base: String?
    public var partition: [Expression] = []
    public var order: [SortKey] = []
    public var frame: WindowFrame?
    public init() {}
  }

  public indirect enum Expression: Sendable {
    case literal(Literal, position: Int?)
    /// From 1.
    case parameter(Int, position: Int?)
    /// Names from the outermost; `*` last for a whole row in the target list.
    case column([String], position: Int?)
    case binary(String, Expression, Expression, position: Int?)
    case prefix(String, Expression, position: Int?)
    case and([Expression])
    case or([Expression])
    case not(Expression)
    case isNull(Expression, negated: Bool)
    case booleanTest(Expression, Bool?, negated: Bool)
    case distinct(Expression, Expression, negated: Bool, position: Int?)
    case inList(Expression, [Expression], negated: Bool, position: Int?)
    case between(
      Expression, Expression, Expression, negated: Bool, isSymmetric: Bool, position: Int?)
    case anyArray(Expression, String, Expression, isAll: Bool, position: Int?)
    case call(Call)
    case cast(Expression, TypeName, position: Int?)
    case conditional(
      operand: Expression?, [(condition: Expression, result: Expression)], otherwise: Expression?,
      position: Int?)
    case coalesce([Expression], position: Int?)
    case nullIf(Expression, Expression, position: Int?)
    case extremum([Expression], isGreatest: Bool, position: Int?)
    case row([Expression], position: Int?)
    case field(Expression, String, position: Int?)
    case element(Expression, [Subscript], position: Int?)
    case array([Expression], position: Int?)
    case subquery(SubqueryKind, left: Expression?, Query, position: Int?)
    case grouping([Expression], position: Int?)
    case defaultValue(position: Int?)
  }

  public struct SortKey: Sendable {
    public var expression: Expression
    public var isDescending: Bool
    /// Nil: by the direction.
    public var nullsFirst: Bool?
    public init(_ expression: Expression, isDescending: Bool = false, nullsFirst: Bool? = nil) {
      self.expression = expression
      self.isDescending = isDescending
      self.nullsFirst = nullsFirst
    }
  }

  public struct Target: Sendable {
    public var expression: Expression
    public var alias: String?
    public init(_ expression: Expression, alias: String? = nil) {
      self.expression = expression
      self.alias = alias
    }
  }

  public struct RelationName: Sendable {
    public var schema: String?
    public var name: String
    public var position: Int?
    /// Of what is created: CREATE TEMP … and SELECT INTO TEMP.
    public var isTemporary = false
    public init(_ name: String, schema: String? = nil, position: Int? = nil) {
      self.name = name
      self.schema = schema
      self.position = position
    }
  }

  public struct Alias: Sendable {
    public var name: String
    public var columns: [String] = []
    public init(_ name: String, columns: [String] = []) {
      self.name = name
      self.columns = columns
    }
  }

  public enum JoinType: Sendable { case inner, left, right, full, cross }

  public enum JoinCondition: Sendable {
    case none
    case on(Expression)
    case using([String], alias: String?)
    case natural
  }

  public indirect enum FromItem: Sendable {
    case relation(RelationName, Alias?)
    case subquery(Query, Alias?, isLateral: Bool, position: Int?)
    /// Several functions: ROWS FROM.
    case functions(
      [(call: Expression, columns: [(name: String, type: TypeName)])], Alias?,
      columns: [(name: String, type: TypeName)], hasOrdinality: Bool, position: Int?)
    case join(JoinType, FromItem, FromItem, JoinCondition, Alias?, position: Int?)
  }

  public indirect enum GroupItem: Sendable {
    case expression(Expression)
    case rollup([[Expression]])
    case cube([[Expression]])
    case sets([[Expression]])
  }

  public struct Select: Sendable {
    public var isDistinct = false
    public var distinctOn: [Expression] = []
    public var targets: [Target] = []
    public var from: [FromItem] = []
    public var filter: Expression?
    public var groups: [GroupItem] = []
    public var having: Expression?
    public var windows: [String: Window] = [:]
    public init() {}
  }

  public indirect enum Body: Sendable {
    case select(Select)
    case values([[Expression]])
    case set(SetKind, isAll: Bool, Query, Query)
  }
  public enum SetKind: Sendable { case union, intersect, except }

  public struct CommonTable: Sendable {
    public var name: String
    public var columns: [String]
    /// Of no meaning where there is a `change`.
    public var query: Query
    /// INSERT, UPDATE or DELETE in place of a query.
    public var change: Statement?
    public var position: Int?
    public init(
      _ name: String, columns: [String] = [], change: Statement, position: Int? = nil
    ) {
      self.init(name, columns: columns, query: Query(.values([])), position: position)
      self.change = change
    }
    public init(_ name: String, columns: [String] = [], query: Query, position: Int? = nil) {
      self.name = name
      self.columns = columns
      self.query = query
      self.position = position
    }
  }

  public enum LockStrength: Sendable { case keyShare, share, noKeyUpdate, update }
  public enum LockWaiting: Sendable { case wait, noWait, skipLocked }
  public struct Locking: Sendable {
    public var strength: LockStrength
    public var waiting: LockWaiting
    /// Empty: all tables.
    public var tables: [String]
    public init(_ strength: LockStrength, _ waiting: LockWaiting = .wait, tables: [String] = []) {
      self.strength = strength
      self.waiting = waiting
      self.tables = tables
    }
  }

  public struct Query: Sendable {
    public var with: [CommonTable] = []
    public var isRecursive = false
    public var body: Body
    public var order: [SortKey] = []
    public var limit: Expression?
    public var offset: Expression?
    public var withTies = false
    public var locking: [Locking] = []
    public init(_ body: Body) { self.body = body }
  }

  public struct Assignment: Sendable {
    /// One column, or several for (a, b) = (…).
    public var columns: [String]
    public var value: Expression
    public var position: Int?
    public init(_ columns: [String], _ value: Expression, position: Int? = nil) {
      self.columns = columns
      self.value = value
      self.position = position
    }
  }

  public struct OnConflict: Sendable {
    public var columns: [String] = []
    public var constraint: String?
    /// Of a partial index that is inferred.
    public var filter: Expression?
    /// Nil: DO NOTHING.
    public var assignments: [Assignment]?
    /// DO UPDATE … WHERE.
    public var updateFilter: Expression?
    public var position: Int?
    public init() {}
  }

  public struct Insert: Sendable {
    public enum Overriding: Sendable { case none, system, user }
    public var with: [CommonTable] = []
    public var isRecursive = false
    public var table: RelationName
    public var alias: String?
    public var columns: [(name: String, position: Int?)] = []
    /// Nil: DEFAULT VALUES.
    public var source: Query?
    public var overriding = Overriding.none
    public var onConflict: OnConflict?
    public var returning: [Target]?
    public init(_ table: RelationName) { self.table = table }
  }

  public struct Update: Sendable {
    public var with: [CommonTable] = []
    public var isRecursive = false
    public var table: RelationName
    public var alias: String?
    public var assignments: [Assignment] = []
    public var from: [FromItem] = []
    public var filter: Expression?
    public var returning: [Target]?
    public init(_ table: RelationName) { self.table = table }
  }

  public struct Delete: Sendable {
    public var with: [CommonTable] = []
    public var isRecursive = false
    public var table: RelationName
    public var alias: String?
    public var using: [FromItem] = []
    public var filter: Expression?
    public var returning: [Target]?
    public init(_ table: RelationName) { self.table = table }
  }

  public indirect enum Statement: Sendable {
    case query(Query)
    case insert(Insert)
    case update(Update)
    case delete(Delete)
    case explain(Statement, isAnalyze: Bool)
  }
}
