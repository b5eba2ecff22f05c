public import Types

/// A schema of Avro, as a registry has it. Lives on: any thread.
public final class AvroSchema: Sendable {
  public indirect enum Kind: Sendable {
    case null, boolean, int, long, float, double, bytes, string
    case fixed(Int)
    case enumeration([String])
    case array(Kind)
    case map(Kind)
    case union([Kind])
    case record([(name: [UInt8], kind: Kind)])
    case logical(Logical, Kind)
    /// A type that was named before, itself included.
    case named(String)
  }

  public enum Logical: Sendable, Equatable {
    case date, timeMillis, timeMicros
    case timestamp(perSecond: Int64, isLocal: Bool)
    case decimal(scale: Int)
  }

  public let root: Kind
  let names: [String: Kind]

  /// 22023: it is none, or has what is not read.
  public init(_ text: [UInt8]) throws(SQLError) {
    var parser = Parser()
    root = try parser.kind(try JSONText.parse(text), namespace: "", depth: 0)
    names = parser.names
  }

  private struct Parser {
    var names: [String: Kind] = [:]
    private static let depthMax = 100

    static func fault(_ text: String) -> SQLError {
      SQLError(.invalidParameterValue, "invalid Avro schema: \(text)")
    }

    mutating func kind(_ json: JSONValue, namespace: String, depth: Int) throws(SQLError) -> Kind {
      guard depth < Self.depthMax else { throw Self.fault("nested too deeply") }
      switch json.kind {
      case .string(let name): return try named(String(decoding: name, as: UTF8.self), namespace)
      case .array(let branches):
        var kinds: [Kind] = []
        for branch in branches {
          kinds.append(try kind(branch, namespace: namespace, depth: depth + 1))
        }
        return .union(kinds)
      case .object: return try object(json, namespace, depth)
      default: throw Self.fault("neither a name, a list nor an object")
      }
    }

    private func named(_ name: String, _ namespace: String) throws(SQLError) -> Kind {
      switch name {
      case "null": return .null
      case "boolean": return .boolean
      case "int": return .int
      case "long": return .long
      case "float": return .float
      case "double": return .double
      case "bytes": return .bytes
      case "string": return .string
      default:
        let full = Self.full(name, namespace)
        if names[full] != nil { return .named(full) }
        guard names[name] != nil else { throw Self.fault("type \"\(name)\" is not known") }
        return .named(name)
      }
    }

    private static func full(_ name: String, _ namespace: String) -> String {
      name.contains(".") || namespace.isEmpty ? name : "\(namespace).\(name)"
    }

    private mutating func object(_ json: JSONValue, _ namespace: String, _ depth: Int)
      throws(SQLError) -> Kind
    {
      guard let type = json.member("type") else { throw Self.fault("an object without a type") }
      guard let word = type.text else {
        return try kind(type, namespace: namespace, depth: depth + 1)
      }
      switch word {
      case "record", "error": return try record(json, namespace, depth)
      case "enum":
        guard case .array(let items)? = json.member("symbols")?.kind else {
          throw Self.fault("an enum without symbols")
        }
        return try define(json, namespace, .enumeration(items.compactMap(\.text)))
      case "fixed":
        guard let size = json.member("size")?.number, (0...1 << 20).contains(size) else {
          throw Self.fault("a fixed without a size")
        }
        return try define(json, namespace, logical(json, .fixed(size)))
      case "array", "map":
        guard let inner = json.member(word == "array" ? "items" : "values") else {
          throw Self.fault("\(word) without a type of its elements")
        }
        let element = try kind(inner, namespace: namespace, depth: depth + 1)
        return word == "array" ? .array(element) : .map(element)
      default: return logical(json, try named(word, namespace))
      }
    }

    private mutating func record(_ json: JSONValue, _ namespace: String, _ depth: Int)
      throws(SQLError) -> Kind
    {
      guard case .array(let items)? = json.member("fields")?.kind else {
        throw Self.fault("a record without fields")
      }
      let full = try name(json, namespace)
      let inner = full.split(separator: ".").dropLast().joined(separator: ".")
      // Fields may be of the type itself.
      names[full] = .record([])
      var fields: [(name: [UInt8], kind: Kind)] = []
      for item in items {
        guard let name = item.member("name")?.text, let type = item.member("type") else {
          throw Self.fault("a field without a name or a type")
        }
        fields.append((Array(name.utf8), try kind(type, namespace: inner, depth: depth + 1)))
      }
      names[full] = .record(fields)
      return .record(fields)
    }

    private func name(_ json: JSONValue, _ namespace: String) throws(SQLError) -> String {
      guard let name = json.member("name")?.text else { throw Self.fault("a type without a name") }
      return Self.full(name, json.member("namespace")?.text ?? namespace)
    }

    private mutating func define(_ json: JSONValue, _ namespace: String, _ kind: Kind)
      throws(SQLError) -> Kind
    {
      names[try name(json, namespace)] = kind
      return kind
    }

    /// Those that are not known are read as what they are made of, as Avro says.
    private func logical(_ json: JSONValue, _ base: Kind) -> Kind {
      let found: Logical?
      switch (json.member("logicalType")?.text, base) {
      case ("date", .int): found = .date
      case ("time-millis", .int): found = .timeMillis
      case ("time-micros", .long): found = .timeMicros
      case ("timestamp-millis", .long): found = .timestamp(perSecond: 1_000, isLocal: false)
      case ("timestamp-micros", .long): found = .timestamp(perSecond: 1_000_000, isLocal: false)
      case ("timestamp-nanos", .long): found = .timestamp(perSecond: 1_000_000_000, isLocal: false)
      case ("local-timestamp-millis", .long): found = .timestamp(perSecond: 1_000, isLocal: true)
      case ("local-timestamp-micros", .long):
        found = .timestamp(perSecond: 1_000_000, isLocal: true)
      case ("local-timestamp-nanos", .long):
        found = .timestamp(perSecond: 1_000_000_000, isLocal: true)
      case ("decimal", .bytes), ("decimal", .fixed):
        let scale = json.member("scale")?.number ?? 0
        found = (0...1_000).contains(scale) ? .decimal(scale: scale) : nil
      default: found = nil
      }
      return found.map { .logical($0, base) } ?? base
    }
  }
}

extension JSONValue {
  /// A string's; nil of anything else.
  public var text: String? {
    if case .string(let bytes) = kind { String(decoding: bytes, as: UTF8.self) } else { nil }
  }

  /// A whole number; nil of anything else.
  public var number: Int? {
    guard case .number = kind else { return nil }
    var bytes: [UInt8] = []
    write(into: &bytes)
    return Int(String(decoding: bytes, as: UTF8.self))
  }
}
