import Base
public import Catalog
import Functions
public import Types

/// An index of what a column's value is made of: an entry for each element, key or pair. Made by an operator
/// class, since SQL has no other name for it: `CREATE INDEX ON t (tags cql_values)`. Front ends look it
/// up; the planner does not.
public enum IndexElements: String, Sendable {
  /// Of an array or of jsonb, the elements or the members' values.
  case values = "cql_values"
  /// Of a jsonb object.
  case keys = "cql_keys"
  /// The same: members as `[key, value]`.
  case entries = "cql_entries"

  /// Of an entry's key; nil: values of the type have no such elements.
  func type(in column: SQLType) -> SQLType? {
    if column == .jsonb { return .jsonb }
    guard self == .values, column.isArray else { return nil }
    return column.elementType
  }

  /// Each once is not promised: equal ones make one entry.
  public func elements(of value: Value) -> [Value] {
    switch value {
    case .array(let array): return self == .values ? array.elements.filter { !$0.isNull } : []
    case .jsonb(let json): return elements(of: json).map { .jsonb($0) }
    default: return []
    }
  }

  private func elements(of json: JSONValue) -> [JSONValue] {
    switch json.kind {
    case .array(let items): self == .values ? items : []
    case .object(let members):
      members.map { member in
        switch self {
        case .values: member.value
        case .keys: .string(member.key)
        case .entries: .array([.string(member.key), member.value])
        }
      }
    default: []
    }
  }
}

extension IndexColumn {
  /// Nil: it is an index of the column's values.
  public var elements: IndexElements? { operatorClass.flatMap { IndexElements(rawValue: $0) } }
}

extension StoredTable {
  /// The row's entries in an index: one, or one for each element; none where the predicate leaves it out.
  func entries(_ index: Int, of row: [Value], _ environment: inout EvaluationEnvironment)
    throws(SQLError) -> [IndexEntry]
  {
    guard let elements = indexes[index].elements else {
      return try entry(index, of: row, &environment).map { [$0] } ?? []
    }
    let part = indexes[index].parts[0]
    let primary = key(of: row)
    var keys: Set<[UInt8]> = []
    for element in elements.kind.elements(of: row[elements.position]) {
      var key: [UInt8] = []
      part.encode(element, into: &key)
      keys.insert(key + primary)
    }
    return keys.sorted { $0.lexicographicallyPrecedes($1) }.map {
      IndexEntry(key: $0, value: [], isExclusive: false, bucket: Bucket(slot: 0))
    }
  }
}
