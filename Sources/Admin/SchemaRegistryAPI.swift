import Base
import Catalog
import Foundation
import Types

/// The part of the Schema Registry's API that reads: what topics of format avro have for schemas, out of the
/// catalog, so that every node answers the same. Lives on: its shard.
///
/// | path | |
/// | --- | --- |
/// | `/subjects` | `TOPIC-key` and `TOPIC-value` of each topic |
/// | `/subjects/S/versions`, `/subjects/S/versions/V`, `…/V/schema` | V: a number, `latest` or -1 |
/// | `/schemas/ids/N`, `…/N/schema`, `…/N/subjects`, `…/N/versions` | |
/// | `/schemas/types`, `/config`, `/config/S`, `/mode`, `/mode/S` | |
/// | POST `/subjects/S` | the version that has the schema |
struct SchemaRegistryAPI {
  /// A subject is one part of a topic's records.
  private struct Subject {
    var name: String
    var versions: [TopicSchema]
  }
  private let subjects: [Subject]
  /// Those that are no versions too.
  private let schemas: [UInt32: TopicSchema]

  static let type = "application/vnd.schemaregistry.v1+json"

  static func serves(_ path: [String]) -> Bool {
    path.first.map { ["subjects", "schemas", "config", "mode"].contains($0) } ?? false
  }

  /// The number of the schema that is asked for.
  static func schemaID(_ path: [String]) -> UInt32? {
    path.count >= 3 && path[0] == "schemas" && path[1] == "ids" ? UInt32(path[2]) : nil
  }

  init(_ catalog: CatalogSnapshot) {
    var subjects: [Subject] = []
    var schemas: [UInt32: TopicSchema] = [:]
    // A table whose stream is off keeps its topics.
    for case .table(let table) in catalog.sortedObjects {
      for topic in TopicDefinition.all(of: table) {
        for schema in topic.schemas ?? [] { schemas[schema.id] = schema }
        for part in [TopicSchema.Part.key, .value] {
          let versions = topic.versions(part)
          if versions.isEmpty { continue }
          subjects.append(Subject(name: topic.subject(part), versions: versions))
        }
      }
    }
    self.subjects = subjects.sorted { $0.name < $1.name }
    self.schemas = schemas
  }

  func has(_ id: UInt32) -> Bool { schemas[id] != nil }

  func answer(_ request: HTTPRequest) -> HTTPResponse {
    switch request.method {
    case "GET": return read(request)
    case "POST" where request.path.count == 2 && request.path[0] == "subjects":
      return lookUp(request.path[1], request.body)
    case "POST" where request.path.last == "versions":
      return Self.fault(
        "403 Forbidden", 40301,
        "Schemas are those of tables: CREATE TOPIC and ALTER TABLE make them")
    default: return Self.fault("405 Method Not Allowed", 405, "HTTP 405 Method Not Allowed")
    }
  }

  private func read(_ request: HTTPRequest) -> HTTPResponse {
    let path = request.path
    switch (path[0], path.count) {
    case ("subjects", 1):
      let prefix = request.query["subjectPrefix"] ?? ""
      return Self.json(subjects.map(\.name).filter { $0.hasPrefix(prefix) })
    case ("subjects", 3...5) where path[2] == "versions": return subject(path)
    case ("schemas", 2) where path[1] == "types": return Self.json(["AVRO"])
    case ("schemas", 3...4) where path[1] == "ids": return schema(path)
    case ("config", 1...2): return Self.json(Level())
    case ("mode", 1...2): return Self.json(Mode())
    default: return Self.fault("404 Not Found", 404, "HTTP 404 Not Found")
    }
  }

  // MARK: Subjects

  private func subject(_ path: [String]) -> HTTPResponse {
    guard let subject = subjects.first(where: { $0.name == path[1] }) else {
      return Self.unknownSubject(path[1])
    }
    if path.count == 3 { return Self.json(Array(1...subject.versions.count)) }
    let number: Int
    switch path[3] {
    case "latest", "-1": number = subject.versions.count
    case let text:
      guard let given = Int(text), given > 0 else {
        return Self.fault(
          "422 Unprocessable Entity", 42202,
          "The specified version '\(text)' is not a valid version id. Allowed values are between [1, 2^31-1] and the string \"latest\""
        )
      }
      number = given
    }
    guard number <= subject.versions.count else {
      return Self.fault("404 Not Found", 40402, "Version \(number) not found.")
    }
    let schema = subject.versions[number - 1]
    if path.count == 4 { return Self.json(Registered(subject.name, number, schema)) }
    guard path[4] == "schema" else {
      return Self.fault("404 Not Found", 404, "HTTP 404 Not Found")
    }
    return HTTPResponse(status: "200 OK", type: Self.type, body: schema.text)
  }

  /// The newest version whose schema is the same, but for the order of members and blanks.
  private func lookUp(_ name: String, _ body: [UInt8]) -> HTTPResponse {
    guard let subject = subjects.first(where: { $0.name == name }) else {
      return Self.unknownSubject(name)
    }
    let wanted: JSONValue
    do throws(SQLError) {
      guard case .string(let text)? = try JSONText.parse(body).member("schema")?.kind else {
        return Self.invalid
      }
      wanted = try JSONText.parse(text)
    } catch {
      return Self.invalid
    }
    let found = subject.versions.lastIndex { schema in
      (try? JSONText.parse(Array(schema.text.utf8))) == wanted
    }
    guard let found else { return Self.fault("404 Not Found", 40403, "Schema not found") }
    return Self.json(Registered(name, found + 1, subject.versions[found]))
  }

  // MARK: Schemas

  private func schema(_ path: [String]) -> HTTPResponse {
    guard let id = Self.schemaID(path), let schema = schemas[id] else {
      return Self.fault("404 Not Found", 40403, "Schema \(path[2]) not found")
    }
    let places = subjects.flatMap { subject in
      subject.versions.indices.filter { subject.versions[$0].id == id }.map {
        Place(subject: subject.name, version: $0 + 1)
      }
    }
    switch path.count == 3 ? "" : path[3] {
    case "": return Self.json(["schema": schema.text])
    case "schema": return HTTPResponse(status: "200 OK", type: Self.type, body: schema.text)
    case "subjects": return Self.json(places.map(\.subject))
    case "versions": return Self.json(places)
    default: return Self.fault("404 Not Found", 404, "HTTP 404 Not Found")
    }
  }

  // MARK: Answers

  private struct Registered: Encodable {
    var subject: String
    var version: Int
    var id: UInt32
    var schema: String

    init(_ subject: String, _ version: Int, _ schema: TopicSchema) {
      self.subject = subject
      self.version = version
      id = schema.id
      self.schema = schema.text
    }
  }
  private struct Place: Encodable {
    var subject: String
    var version: Int
  }
  /// ALTER TABLE does what it is told, and asks no readers.
  private struct Level: Encodable { var compatibilityLevel = "NONE" }
  private struct Mode: Encodable { var mode = "READONLY" }

  private static func unknownSubject(_ name: String) -> HTTPResponse {
    fault("404 Not Found", 40401, "Subject '\(name)' not found.")
  }

  private static var invalid: HTTPResponse {
    fault("422 Unprocessable Entity", 42201, "Invalid schema")
  }

  static func fault(_ status: String, _ code: Int, _ message: String) -> HTTPResponse {
    struct Fault: Encodable {
      var errorCode: Int
      var message: String
      enum CodingKeys: String, CodingKey {
        case errorCode = "error_code"
        case message
      }
    }
    return json(Fault(errorCode: code, message: message), status)
  }

  private static func json(_ value: some Encodable, _ status: String = "200 OK") -> HTTPResponse {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return HTTPResponse(
        status: status, type: type, body: String(decoding: try encoder.encode(value), as: UTF8.self)
      )
    } catch {
      fatalError("invariant: an answer of the registry cannot be encoded: \(error)")
    }
  }
}
