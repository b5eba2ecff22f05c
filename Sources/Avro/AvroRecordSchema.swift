public import Types

/// The schema of a record that has a field for each column.
///
/// | SQL | Avro |
/// | --- | --- |
/// | bool, int2 and int4, int8 and oid, float4, float8, bytea | boolean, int, long, float, double, bytes |
/// | numeric(p, s) | bytes as decimal(p, s) |
/// | date, time | int as date, long as time-micros |
/// | timestamptz, timestamp | long as timestamp-micros, as local-timestamp-micros |
/// | uuid | string as uuid |
/// | arrays | array of null or the element |
/// | all else | string: as SQL writes it |
public struct AvroRecordSchema: Sendable, Equatable {
  public struct Field: Sendable, Equatable {
    public var name: String
    /// Of built-in types; others are strings.
    public var type: SQLType
    public var isNullable: Bool

    public init(name: String, type: SQLType, isNullable: Bool) {
      self.name = name
      self.type = type
      self.isNullable = isNullable
    }
  }
  /// Each part any text.
  public var namespace: [String]
  public var name: String
  public var fields: [Field]

  /// 42701: two columns have the same name in Avro.
  public init(namespace: [String], name: String, fields: [Field]) throws(SQLError) {
    self.namespace = namespace
    self.name = name
    self.fields = fields
    var seen: [String: String] = [:]
    for field in fields {
      if let other = seen.updateValue(field.name, forKey: AvroName.escaped(field.name)) {
        throw SQLError(
          .duplicateColumn,
          "columns \"\(other)\" and \"\(field.name)\" have the same name in Avro")
      }
    }
  }

  /// As JSON. Fields that may be null are null where a reader's schema has them and a record has not.
  public var text: String {
    json { $0.isNullable ? ["\"null\"", Self.type($0.type)] : [Self.type($0.type)] }
  }

  /// The same for records that do not fit: every field may be null, or else as SQL writes it.
  public var looseText: String {
    json { field in
      let type = Self.type(field.type)
      // A union has each of Avro's types once.
      let isString = type.contains("\"string\"") && !type.contains("\"array\"")
      return ["\"null\"", type] + (isString ? [] : ["\"string\""])
    }
  }

  private func json(_ branches: (Field) -> [String]) -> String {
    let space = namespace.map(AvroName.escaped).joined(separator: ".")
    let parts = fields.map { Self.field($0, branches($0)) }.joined(separator: ",")
    return "{\"type\":\"record\",\"name\":\"\(AvroName.escaped(name))\","
      + "\"namespace\":\"\(space)\",\"fields\":[\(parts)]}"
  }

  private static func field(_ field: Field, _ types: [String]) -> String {
    let name = AvroName.escaped(field.name)
    var text = "{\"name\":\"\(name)\","
    if name != field.name { text += "\"doc\":\(quoted(field.name))," }
    if types.count == 1 { return text + "\"type\":\(types[0])}" }
    return text + "\"type\":[\(types.joined(separator: ","))],\"default\":null}"
  }

  private static func quoted(_ text: String) -> String {
    var out: [UInt8] = []
    JSONValue.writeString(Array(text.utf8), into: &out)
    return String(decoding: out, as: UTF8.self)
  }

  private static func type(_ type: SQLType) -> String {
    switch type.oid {
    case SQLType.bool.oid: return "\"boolean\""
    case SQLType.int2.oid, SQLType.int4.oid: return "\"int\""
    case SQLType.int8.oid, SQLType.oid.oid: return "\"long\""
    case SQLType.float4.oid: return "\"float\""
    case SQLType.float8.oid: return "\"double\""
    case SQLType.bytea.oid: return "\"bytes\""
    case SQLType.date.oid: return logical("int", "date")
    case SQLType.time.oid: return logical("long", "time-micros")
    case SQLType.timestamptz.oid: return logical("long", "timestamp-micros")
    case SQLType.timestamp.oid: return logical("long", "local-timestamp-micros")
    case SQLType.uuid.oid: return logical("string", "uuid")
    case SQLType.numeric.oid:
      // Avro's scale is between 0 and the precision.
      guard let limits = type.numericLimits, (0...limits.precision).contains(limits.scale) else {
        return "\"string\""
      }
      return "{\"type\":\"bytes\",\"logicalType\":\"decimal\","
        + "\"precision\":\(limits.precision),\"scale\":\(limits.scale)}"
    default:
      guard type.isArray, let element = type.elementType else { return "\"string\"" }
      return "{\"type\":\"array\",\"items\":[\"null\",\(self.type(element))]}"
    }
  }

  private static func logical(_ base: String, _ name: String) -> String {
    "{\"type\":\"\(base)\",\"logicalType\":\"\(name)\"}"
  }
}

/// Names that Avro takes: letters, digits and underscores of ASCII, no digit first.
enum AvroName {
  /// Every other character as `_u` and its number, four hexadecimal digits or more.
  static func escaped(_ name: String) -> String {
    var out = ""
    for (place, character) in name.unicodeScalars.enumerated() {
      switch character {
      case "a"..."z", "A"..."Z", "_": out.unicodeScalars.append(character)
      case "0"..."9" where place > 0: out.unicodeScalars.append(character)
      default:
        let digits = String(character.value, radix: 16)
        out += "_u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
      }
    }
    return out
  }
}
