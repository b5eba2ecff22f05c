public import Base

/// What is known of a built-in type: a row of pg_type, and the name that SQL shows.
public struct TypeInfo: Sendable, Hashable {
  public var oid: ObjectID
  /// pg_type.typname: `int4`, `_int4`.
  public var name: String
  /// format_type's name without modifier: `integer`.
  public var displayName: String
  /// The array type over this one; 0 when there is none.
  public var arrayOid: ObjectID
  /// What subscripting yields; 0 for types without elements.
  public var elementOid: ObjectID
  /// typcategory: N numbers, S strings, D dates, A arrays, P pseudo-types, …
  public var category: Character
  /// Bytes; −1 for variable length, −2 for C strings.
  public var length: Int
  public var isByValue: Bool
  public var isPreferred: Bool
  public var alignment: Character
  public var storage: Character
  /// typtype: b base, p pseudo.
  public var kind: Character
  public var delimiter: Character
  public var inputFunction: String
  public var outputFunction: String
  /// `-` when there is none.
  public var receiveFunction: String
  public var sendFunction: String

  /// True of the arrays that `ArrayValue` writes in braces, false of int2vector and oidvector.
  public var isArray: Bool { inputFunction == "array_in" }

  /// All built-in types, by oid.
  public static let all: [TypeInfo] = {
    var result = TypeTable.scalars
    for element in TypeTable.scalars where element.arrayOid.rawValue != 0 {
      result.append(
        TypeInfo(
          oid: element.arrayOid, name: "_" + element.name,
          displayName: element.displayName + "[]", arrayOid: ObjectID(rawValue: 0),
          elementOid: element.oid, category: element.kind == "p" ? "P" : "A", length: -1,
          isByValue: false, isPreferred: false, alignment: element.alignment == "d" ? "d" : "i",
          storage: "x", kind: element.kind, delimiter: element.delimiter,
          inputFunction: "array_in", outputFunction: "array_out", receiveFunction: "array_recv",
          sendFunction: "array_send"))
    }
    return result.sorted { $0.oid < $1.oid }
  }()

  private static let byOid: [ObjectID: TypeInfo] = Dictionary(
    uniqueKeysWithValues: all.map { ($0.oid, $0) })
  private static let byName: [String: TypeInfo] = Dictionary(
    uniqueKeysWithValues: all.map { ($0.name, $0) })

  /// The built-in type with this oid.
  public static func lookup(_ oid: ObjectID) -> TypeInfo? { byOid[oid] }
  public static func lookup(_ type: SQLType) -> TypeInfo? { byOid[type.oid] }
  /// By pg_type.typname.
  public static func lookup(name: String) -> TypeInfo? { byName[name] }
}

extension SQLType {
  public static let xid8 = SQLType(ObjectID(rawValue: 5069))
  public static let cstring = SQLType(ObjectID(rawValue: 2275))
  public static let trigger = SQLType(ObjectID(rawValue: 2279))
  public static let refcursor = SQLType(ObjectID(rawValue: 1790))
  public static let recordArray = SQLType(ObjectID(rawValue: 2287))
  public static let anycompatible = SQLType(ObjectID(rawValue: 5077))
  public static let anycompatiblearray = SQLType(ObjectID(rawValue: 5078))
  public static let boolArray = SQLType(ObjectID(rawValue: 1000))
  public static let int2Array = SQLType(ObjectID(rawValue: 1005))
  public static let int4Array = SQLType(ObjectID(rawValue: 1007))
  public static let int8Array = SQLType(ObjectID(rawValue: 1016))
  public static let textArray = SQLType(ObjectID(rawValue: 1009))
  public static let nameArray = SQLType(ObjectID(rawValue: 1003))
  public static let charArray = SQLType(ObjectID(rawValue: 1002))
  public static let oidArray = SQLType(ObjectID(rawValue: 1028))
  public static let float8Array = SQLType(ObjectID(rawValue: 1022))
  public static let numericArray = SQLType(ObjectID(rawValue: 1231))

  /// The built-in type's row; nil for users' types.
  public var info: TypeInfo? { TypeInfo.lookup(oid) }

  /// The array over this type, with its modifier; nil when there is none.
  public var arrayType: SQLType? {
    guard let info, info.arrayOid.rawValue != 0 else { return nil }
    return SQLType(info.arrayOid, modifier: modifier)
  }

  /// The type of an array's elements, with the array's modifier; nil for types without elements.
  public var elementType: SQLType? {
    guard let info, info.elementOid.rawValue != 0 else { return nil }
    return SQLType(info.elementOid, modifier: modifier)
  }

  public var isArray: Bool { info?.isArray ?? false }
  public var isPseudo: Bool { info?.kind == "p" }

  public func withModifier(_ modifier: Int32) -> SQLType { SQLType(oid, modifier: modifier) }
  public var withoutModifier: SQLType { SQLType(oid) }

  /// The largest number of characters of varchar(n) and char(n); nil without one.
  public var lengthLimit: Int? { modifier >= 4 ? Int(modifier) - 4 : nil }

  /// numeric(precision, scale); nil without a modifier.
  public var numericLimits: (precision: Int, scale: Int)? {
    guard modifier >= 4 else { return nil }
    let packed = Int(modifier) - 4
    let scale = packed & 0x7FF
    return (packed >> 16 & 0xFFFF, (scale ^ 1_024) - 1_024)
  }

  public static func numeric(precision: Int, scale: Int = 0) -> SQLType {
    SQLType.numeric.withModifier(Int32(precision << 16 | scale & 0x7FF) + 4)
  }
  public static func varchar(_ length: Int) -> SQLType {
    SQLType.varchar.withModifier(Int32(length) + 4)
  }
  public static func bpchar(_ length: Int) -> SQLType {
    SQLType.bpchar.withModifier(Int32(length) + 4)
  }

  /// The built-in type of this name: pg_type's (`int4`, `_text`) and SQL's (`integer`,
  /// `double precision`, `timestamp with time zone`), in lower case; `"char"` with its quotes is
  /// the one-byte type; `[]` at the end makes the array.
  public static func named(_ name: String) -> SQLType? {
    if name.hasSuffix("[]") {
      var base = name[...]
      while base.hasSuffix("[]") { base = base.dropLast(2) }
      return named(String(base))?.arrayType
    }
    if let alias = aliases[name] { return alias }
    if name == "character" { return bpchar(1) }
    return TypeInfo.lookup(name: name).map { SQLType($0.oid) }
  }

  private static let aliases: [String: SQLType] = [
    "boolean": .bool, "int": .int4, "integer": .int4, "bigint": .int8, "smallint": .int2,
    "real": .float4, "float": .float8, "double precision": .float8, "decimal": .numeric,
    "dec": .numeric, "character varying": .varchar, "char varying": .varchar,
    "national character varying": .varchar, "nchar varying": .varchar,
    "char": .bpchar(1), "nchar": .bpchar(1), "national character": .bpchar(1), "\"char\"": .char,
    "timestamp without time zone": .timestamp, "timestamp with time zone": .timestamptz,
    "time without time zone": .time, "time with time zone": .timetz,
  ]
}

/// PostgreSQL's format_type: the type as SQL writes it, with its modifier. Types that are not built
/// in give `???`; the catalog knows them.
public func formatType(_ type: SQLType) -> String {
  guard let info = type.info else { return "???" }
  if info.isArray { return formatType(SQLType(info.elementOid, modifier: type.modifier)) + "[]" }
  let modifier = Int(type.modifier)
  guard modifier >= 0 else {
    return type.oid == SQLType.bpchar.oid ? "bpchar" : info.displayName
  }
  switch type.oid {
  case SQLType.bpchar.oid, SQLType.varchar.oid:
    return modifier >= 4 ? "\(info.displayName)(\(modifier - 4))" : info.displayName
  case SQLType.numeric.oid:
    guard let limits = type.numericLimits else { return "numeric" }
    return "numeric(\(limits.precision),\(limits.scale))"
  case SQLType.time.oid: return "time(\(modifier)) without time zone"
  case SQLType.timestamp.oid: return "timestamp(\(modifier)) without time zone"
  case SQLType.timetz.oid: return "time(\(modifier)) with time zone"
  case SQLType.timestamptz.oid: return "timestamp(\(modifier)) with time zone"
  case SQLType.interval.oid: return "interval" + IntervalFields(modifier: type.modifier).suffix
  default: return info.displayName
  }
}

/// The fields and precision of an interval's modifier.
public struct IntervalFields: Sendable {
  /// PostgreSQL's bit mask; 0x7FFF for all.
  public let mask: Int
  /// Digits of the seconds' fraction; nil for all six.
  public let precision: Int?

  static let month = 1 << 1
  static let year = 1 << 2
  static let day = 1 << 3
  static let hour = 1 << 10
  static let minute = 1 << 11
  static let second = 1 << 12
  static let all = 0x7FFF

  public init(modifier: Int32) {
    guard modifier >= 0 else {
      mask = Self.all
      precision = nil
      return
    }
    mask = Int(modifier) >> 16 & 0x7FFF
    let digits = Int(modifier) & 0xFFFF
    precision = digits == 0xFFFF ? nil : digits
  }

  var suffix: String {
    let fields: String
    switch mask {
    case Self.year: fields = " year"
    case Self.month: fields = " month"
    case Self.day: fields = " day"
    case Self.hour: fields = " hour"
    case Self.minute: fields = " minute"
    case Self.second: fields = " second"
    case Self.year | Self.month: fields = " year to month"
    case Self.day | Self.hour: fields = " day to hour"
    case Self.day | Self.hour | Self.minute: fields = " day to minute"
    case Self.day | Self.hour | Self.minute | Self.second: fields = " day to second"
    case Self.hour | Self.minute: fields = " hour to minute"
    case Self.hour | Self.minute | Self.second: fields = " hour to second"
    case Self.minute | Self.second: fields = " minute to second"
    default: fields = ""
    }
    return fields + (precision.map { "(\($0))" } ?? "")
  }
}
