import Types

/// A type of CQL. The catalog keeps it with a column, beside the SQL type that the column has.
enum CQLType: Hashable, Sendable {
  /// In the order of the protocol's numbers.
  enum Native: String, Sendable, CaseIterable {
    case ascii, bigint, blob, boolean, counter, decimal, double, float, int, timestamp, uuid
    case text, varint, timeuuid, inet, date, time, smallint, tinyint, duration
  }

  struct Field: Hashable, Sendable {
    var name: String
    var type: CQLType
  }

  case native(Native)
  indirect case list(CQLType)
  indirect case set(CQLType)
  indirect case map(CQLType, CQLType)
  case tuple([CQLType])
  indirect case user(keyspace: String, name: String, fields: [Field])
  indirect case frozen(CQLType)

  static let text = CQLType.native(.text)
  static let int = CQLType.native(.int)
  static let bigint = CQLType.native(.bigint)
  static let boolean = CQLType.native(.boolean)
  static let uuid = CQLType.native(.uuid)
  static let double = CQLType.native(.double)
  static let blob = CQLType.native(.blob)
  static let inet = CQLType.native(.inet)
  static let timestamp = CQLType.native(.timestamp)

  /// Without `frozen` around it.
  var thawed: CQLType { if case .frozen(let inner) = self { inner.thawed } else { self } }

  var native: Native? { if case .native(let native) = self { native } else { nil } }
  var isCounter: Bool { native == .counter }

  /// Empty bytes are a value of it, and not null.
  var hasEmptyValue: Bool {
    switch native {
    case .ascii, .text, .blob: true
    default: false
    }
  }

  /// list, set and map, frozen or not.
  var isCollection: Bool {
    switch thawed {
    case .list, .set, .map: true
    default: false
    }
  }

  /// Elements can be written alone, and nothing is the same as an empty one.
  var isMultiCell: Bool {
    switch self {
    case .list, .set, .map, .user: true
    default: false
    }
  }

  /// As CQL writes it.
  var name: String {
    switch self {
    case .native(let native): native.rawValue
    case .list(let element): "list<\(element.name)>"
    case .set(let element): "set<\(element.name)>"
    case .map(let key, let value): "map<\(key.name), \(value.name)>"
    case .tuple(let parts): "tuple<\(parts.map(\.name).joined(separator: ", "))>"
    case .user(_, let name, _): CQLName.quoted(name)
    case .frozen(let inner):
      // A tuple is always frozen.
      if case .tuple = inner { inner.name } else { "frozen<\(inner.name)>" }
    }
  }

  /// Collections within collections are one value.
  var frozenInside: CQLType {
    func inner(_ type: CQLType) -> CQLType { type.isMultiCell ? .frozen(type) : type }
    switch self {
    case .list(let element): return .list(inner(element))
    case .set(let element): return .set(inner(element))
    case .map(let key, let value): return .map(inner(key), inner(value))
    default: return self
    }
  }

  // MARK: SQL

  /// What a column of the type is to SQL.
  var sqlType: SQLType {
    switch thawed {
    case .native(let native): Self.sqlType(native)
    case .list(let element), .set(let element):
      element.native.map { Self.sqlType($0).arrayType ?? .jsonb } ?? .jsonb
    case .map, .tuple, .user, .frozen: .jsonb
    }
  }

  private static func sqlType(_ native: Native) -> SQLType {
    switch native {
    case .ascii, .text: .text
    case .bigint, .counter: .int8
    case .blob: .bytea
    case .boolean: .bool
    case .decimal, .varint: .numeric
    case .double: .float8
    case .float: .float4
    case .int: .int4
    case .timestamp: .timestamptz
    case .uuid, .timeuuid: .uuid
    case .inet: .inet
    case .date: .date
    case .time: .time
    case .smallint, .tinyint: .int2
    case .duration: .interval
    }
  }

  /// What a column made in SQL is to CQL; nil: it has no counterpart.
  init?(_ type: SQLType) {
    if let element = type.elementType, type.isArray {
      guard let inner = CQLType(element), inner.native != nil else { return nil }
      self = .list(inner)
      return
    }
    switch type.oid {
    case SQLType.bool.oid: self = .boolean
    case SQLType.int2.oid: self = .native(.smallint)
    case SQLType.int4.oid: self = .int
    case SQLType.int8.oid: self = .bigint
    case SQLType.float4.oid: self = .native(.float)
    case SQLType.float8.oid: self = .double
    case SQLType.numeric.oid: self = .native(.decimal)
    case SQLType.text.oid, SQLType.varchar.oid: self = .text
    case SQLType.bytea.oid: self = .blob
    case SQLType.date.oid: self = .native(.date)
    case SQLType.time.oid: self = .native(.time)
    case SQLType.timestamptz.oid, SQLType.timestamp.oid: self = .timestamp
    case SQLType.uuid.oid: self = .uuid
    case SQLType.inet.oid: self = .inet
    case SQLType.interval.oid: self = .native(.duration)
    default: return nil
    }
  }

  // MARK: Protocol

  private var optionCode: Int {
    switch thawed {
    case .native(let native):
      switch native {
      case .ascii: 0x01
      case .bigint: 0x02
      case .blob: 0x03
      case .boolean: 0x04
      case .counter: 0x05
      case .decimal: 0x06
      case .double: 0x07
      case .float: 0x08
      case .int: 0x09
      case .timestamp: 0x0B
      case .uuid: 0x0C
      case .text: 0x0D
      case .varint: 0x0E
      case .timeuuid: 0x0F
      case .inet: 0x10
      case .date: 0x11
      case .time: 0x12
      case .smallint: 0x13
      case .tinyint: 0x14
      case .duration: 0x15
      }
    case .list: 0x20
    case .map: 0x21
    case .set: 0x22
    case .user: 0x30
    case .tuple: 0x31
    case .frozen: 0x00
    }
  }

  /// As results describe a column's type.
  func write(into out: inout BodyWriter) {
    out.short(optionCode)
    switch thawed {
    case .native, .frozen: break
    case .list(let element), .set(let element): element.write(into: &out)
    case .map(let key, let value):
      key.write(into: &out)
      value.write(into: &out)
    case .tuple(let parts):
      out.short(parts.count)
      for part in parts { part.write(into: &out) }
    case .user(let keyspace, let name, let fields):
      out.string(keyspace)
      out.string(name)
      out.short(fields.count)
      for field in fields {
        out.string(field.name)
        field.type.write(into: &out)
      }
    }
  }
}

/// Names as CQL writes them.
enum CQLName {
  /// In double quotes where it would be read otherwise.
  static func quoted(_ name: String) -> String {
    let isPlain =
      name.utf8.first.map { (97...122).contains($0) } ?? false
      && name.utf8.allSatisfy {
        (97...122).contains($0) || (48...57).contains($0) || $0 == UInt8(ascii: "_")
      } && !Keywords.reserved.contains(name)
    return isPlain ? name : "\"" + name.replacing("\"", with: "\"\"") + "\""
  }

  static func literal(_ text: String) -> String { "'" + text.replacing("'", with: "''") + "'" }
}
