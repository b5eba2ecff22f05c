import Base
import Types

/// One system catalog or system view: its columns as PostgreSQL 15 has them.
struct SystemRelation: Sendable {
  var schema: String
  var name: String
  /// pg_class.relkind: r or v.
  var kind: Character
  var id: ObjectID
  var columns: [(name: String, type: SQLType)]
  private var places: [String: Int]
  private let defaults: [Value]

  /// All of them, by qualified name and by oid.
  static let byName: [String: SystemRelation] = Dictionary(
    uniqueKeysWithValues: all.map { ("\($0.schema).\($0.name)", $0) })
  static let all: [SystemRelation] = parsed(SystemColumns.text)

  private static func parsed(_ text: String) -> [SystemRelation] {
    var relations: [SystemRelation] = []
    var words = text.split(whereSeparator: \.isWhitespace)[...]
    while let head = words.popFirst(), let kind = words.popFirst()?.first,
      let oid = words.popFirst().flatMap({ UInt32($0) })
    {
      let names = head.split(separator: ".")
      var columns: [(name: String, type: SQLType)] = []
      while let word = words.first, let cut = word.lastIndex(of: ":") {
        words.removeFirst()
        columns.append((String(word[..<cut]), type(String(word[word.index(after: cut)...]))))
      }
      relations.append(
        SystemRelation(
          schema: String(names[0]), name: String(names[1]), kind: kind,
          id: ObjectID(rawValue: oid), columns: columns))
    }
    return relations.sorted { $0.id < $1.id }
  }

  /// Types that we do not have are shown as text.
  private static func type(_ name: String) -> SQLType {
    guard let info = TypeInfo.lookup(name: name), info.kind != "p" else {
      return name.hasPrefix("_") ? SQLType.text.arrayType ?? .text : .text
    }
    return SQLType(info.oid)
  }

  init(
    schema: String, name: String, kind: Character, id: ObjectID,
    columns: [(name: String, type: SQLType)]
  ) {
    self.schema = schema
    self.name = name
    self.kind = kind
    self.id = id
    self.columns = columns
    places = [:]
    for (place, column) in columns.enumerated() { places[column.name] = place }
    defaults = columns.map { column in
      // Catalogs have few nulls; views have them.
      guard kind == "r" else { return .null }
      switch column.type.oid {
      case SQLType.bool.oid: return .bool(false)
      case SQLType.int2.oid, SQLType.int4.oid, SQLType.int8.oid, SQLType.oid.oid,
        SQLType.regproc.oid, SQLType.xid.oid:
        return .int(0)
      case SQLType.float4.oid: return .float(0)
      default: return .null
      }
    }
  }

  /// A row of these values; the other columns are 0, false or null.
  func row(_ values: KeyValuePairs<String, Value>) -> [Value] {
    var row = defaults
    for (name, value) in values {
      guard let place = places[name] else {
        fatalError("invariant: \(self.schema).\(self.name) has no column \(name)")
      }
      row[place] = value
    }
    return row
  }
}

extension Value {
  static func oid(_ id: ObjectID) -> Value { .int(Int64(id.rawValue)) }
  static func optional(_ text: String?) -> Value { text.map { .string($0) } ?? .null }

  static func vector(_ numbers: [Int], _ element: SQLType) -> Value {
    .array(
      ArrayValue(
        elementType: element,
        dimensions: [ArrayValue.Dimension(count: numbers.count, lowerBound: 0)],
        elements: numbers.map { .int(Int64($0)) }))
  }
  static func list(_ numbers: [Int], _ element: SQLType) -> Value {
    .array(ArrayValue(elementType: element, elements: numbers.map { .int(Int64($0)) }))
  }
  static func texts(_ items: [String], _ element: SQLType = .text) -> Value {
    .array(ArrayValue(elementType: element, elements: items.map { .string($0) }))
  }
}
