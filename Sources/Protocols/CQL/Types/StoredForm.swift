import Types

/// Values as rows hold them, and as JSON: SQL sees a list or set of scalars as an array, and every
/// other composite value as jsonb, in CQL's own form of JSON.
enum StoredForm {
  static func store(_ datum: Datum, _ type: CQLType) throws(CQLError) -> Value {
    switch datum {
    case .null: return .null
    case .scalar(let value): return value
    case .list(let elements):
      if case .native(let element)? = element(of: type) {
        return .array(
          ArrayValue(
            elementType: CQLType.native(element).sqlType,
            elements: elements.map { part in
              if case .scalar(let value) = part { value } else { .null }
            }))
      }
      return .jsonb(try json(datum, type))
    case .map: return .jsonb(try json(datum, type))
    }
  }

  private static func element(of type: CQLType) -> CQLType? {
    switch type.thawed {
    case .list(let element), .set(let element): element
    default: nil
    }
  }

  /// What SQL wrote may be no value of the type: an error says so.
  static func load(_ value: Value, _ type: CQLType) throws(CQLError) -> Datum {
    switch value {
    case .null: return .null
    case .array(let array):
      guard let element = element(of: type) else { return .scalar(value) }
      var parts: [Datum] = []
      for item in array.elements { parts.append(try load(item, element)) }
      if case .set = type.thawed { return .set(parts, element) }
      return .list(parts)
    case .jsonb(let json):
      return try read(json, type)
    case .uuid(let uuid):
      return .scalar(.uuid(type.thawed.native == .timeuuid ? TimeUUID.version1(uuid) : uuid))
    default: return .scalar(value)
    }
  }

  // MARK: JSON

  static func json(_ datum: Datum, _ type: CQLType) throws(CQLError) -> JSONValue {
    switch datum {
    case .null: return .null
    case .scalar(let value): return try json(value, type.thawed.native ?? .blob)
    case .list(let parts):
      if case .user(_, _, let fields) = type.thawed {
        var members: [JSONValue.Member] = []
        for (field, part) in zip(fields, parts) {
          members.append(
            JSONValue.Member(key: Array(field.name.utf8), value: try json(part, field.type)))
        }
        return .object(members)
      }
      var items: [JSONValue] = []
      for (place, part) in parts.enumerated() { items.append(try json(part, type.part(place))) }
      return .array(items)
    case .map(let entries):
      guard case .map(let key, let value) = type.thawed else { return .null }
      var members: [JSONValue.Member] = []
      for entry in entries {
        let text = try keyText(entry.key, key)
        members.append(JSONValue.Member(key: Array(text.utf8), value: try json(entry.value, value)))
      }
      return .object(members)
    }
  }

  /// The text of it: fields and keys in the type's order, which jsonb does not keep.
  static func jsonText(_ datum: Datum, _ type: CQLType) throws(CQLError) -> String {
    switch datum {
    case .null, .scalar: return try json(datum, type).description
    case .list(let parts):
      var texts: [String] = []
      for (place, part) in parts.enumerated() {
        var text = try jsonText(part, type.part(place))
        if case .user(_, _, let fields) = type.thawed, place < fields.count {
          text = JSONValue.string(fields[place].name).description + ": " + text
        }
        texts.append(text)
      }
      let joined = texts.joined(separator: ", ")
      if case .user = type.thawed { return "{\(joined)}" }
      return "[\(joined)]"
    case .map(let entries):
      guard case .map(let key, let value) = type.thawed else { return "null" }
      var texts: [String] = []
      for entry in entries {
        texts.append(
          JSONValue.string(try keyText(entry.key, key)).description + ": "
            + (try jsonText(entry.value, value)))
      }
      return "{" + texts.joined(separator: ", ") + "}"
    }
  }

  static func keyText(_ datum: Datum, _ type: CQLType) throws(CQLError) -> String {
    if case .scalar(let value) = datum, let native = type.thawed.native {
      return TextForm.text(value, native)
    }
    return try jsonText(datum, type)
  }

  private static func json(_ value: Value, _ native: CQLType.Native) throws(CQLError) -> JSONValue {
    switch value {
    case .bool(let flag): return .bool(flag)
    case .numeric(let number): return .number(number)
    case .float(let number) where number.isFinite:
      return .number(try BigInteger.parse(TextForm.text(value, native)))
    case .int(let number):
      switch native {
      case .timestamp, .date, .time: return .string(TextForm.text(value, native))
      default: return .number(Numeric(number))
      }
    case .text(let text): return .string(text)
    default: return .string(TextForm.text(value, native))
    }
  }

  static func read(_ json: JSONValue, _ type: CQLType) throws(CQLError) -> Datum {
    if case .null = json.kind { return .null }
    switch type.thawed {
    case .native(let native): return try scalar(json, native)
    case .list(let element), .set(let element):
      guard case .array(let items) = json.kind else { throw expected("a list", json) }
      var parts: [Datum] = []
      for item in items {
        let part = try read(item, element)
        guard !part.isNull else { throw .invalid("Invalid null element in list") }
        parts.append(part)
      }
      if case .set = type.thawed { return .set(parts, element) }
      return .list(parts)
    case .tuple(let types):
      guard case .array(let items) = json.kind, items.count <= types.count else {
        throw expected("a list representation of tuple", json)
      }
      var parts: [Datum] = []
      for (place, part) in types.enumerated() {
        parts.append(place < items.count ? try read(items[place], part) : .null)
      }
      return .list(parts)
    case .map(let key, let value):
      guard case .object(let members) = json.kind else { throw expected("a map", json) }
      var entries: [Datum.Entry] = []
      for member in members {
        entries.append(
          Datum.Entry(key: try self.key(member.key, key), value: try read(member.value, value)))
      }
      return .map(entries, key)
    case .user(_, _, let fields):
      guard case .object(let members) = json.kind else { throw expected("a map", json) }
      for member in members
      where !fields.contains(where: { member.key.elementsEqual($0.name.utf8) }) {
        throw .invalid(
          "Found field '\(String(decoding: member.key, as: UTF8.self))' that is not of the type")
      }
      var parts: [Datum] = []
      for field in fields {
        parts.append(
          try json.member(field.name).map { (found) throws(CQLError) in
            try read(found, field.type)
          } ?? .null)
      }
      return .list(parts)
    case .frozen: return .null
    }
  }

  private static func key(_ bytes: [UInt8], _ type: CQLType) throws(CQLError) -> Datum {
    if let native = type.thawed.native {
      return try TextForm.parse(String(decoding: bytes, as: UTF8.self), native)
    }
    return try read(try parse(bytes), type)
  }

  static func parse(_ bytes: [UInt8]) throws(CQLError) -> JSONValue {
    do throws(SQLError) {
      return try JSONText.parse(bytes)
    } catch {
      throw .invalid("Could not decode JSON string: \(error.detail ?? error.message)")
    }
  }

  private static func expected(_ what: String, _ json: JSONValue) -> CQLError {
    .invalid("Expected \(what), but got: \(json.description)")
  }

  private static func scalar(_ json: JSONValue, _ native: CQLType.Native) throws(CQLError) -> Datum
  {
    switch json.kind {
    case .bool(let flag):
      guard native == .boolean else { throw expected("a \(native.rawValue) value", json) }
      return .bool(flag)
    case .number(let number):
      switch native {
      case .bigint, .counter, .int, .smallint, .tinyint, .varint, .decimal, .double, .float:
        return try TextForm.number(number.description, native)
      case .timestamp: return try TextForm.parse(number.description, native)
      default: throw expected("a \(native.rawValue) value", json)
      }
    case .string(let text):
      return try TextForm.parse(String(decoding: text, as: UTF8.self), native)
    default: throw expected("a \(native.rawValue) value", json)
    }
  }
}
