import Base
import Catalog
import Testing
import Types

@testable import Admin

struct SchemaRegistryAPITests {
  private static func catalog() -> CatalogSnapshot {
    var catalog = CatalogSnapshot()
    let id = catalog.allocateObjectID()
    var table = TableDescriptor(
      id: id, schema: CatalogSnapshot.publicSchema, name: "t",
      owner: CatalogSnapshot.bootstrapRole, rowType: id, columns: [], indexes: [],
      distribution: .globally)
    var topic = TopicDefinition(name: "poems", number: 1)
    topic.format = .avro
    topic.schemas = [
      TopicSchema(id: 101, part: .value, text: #"{"type":"int"}"#, isLoose: false),
      TopicSchema(id: 102, part: .value, text: "\"string\"", isLoose: true),
      TopicSchema(id: 103, part: .key, text: "\"int\"", isLoose: false),
      TopicSchema(
        id: 104, part: .value, text: #"{"type":"long","logicalType":"date"}"#, isLoose: false),
    ]
    table.put(topic: topic)
    table.put(topic: TopicDefinition(name: "plain", number: 2))
    catalog.put(.table(table))
    return catalog
  }

  private func answer(_ method: String, _ path: String, body: String = "") throws -> HTTPResponse {
    let text =
      "\(method) \(path) HTTP/1.1\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    let request = try #require(try HTTPRequest(Array(text.utf8)))
    #expect(SchemaRegistryAPI.serves(request.path))
    return SchemaRegistryAPI(Self.catalog()).answer(request)
  }

  @Test(
    arguments: [
      ("/subjects", #"["poems-key","poems-value"]"#),
      ("/subjects?subjectPrefix=poems-v", #"["poems-value"]"#),
      ("/subjects/poems-value/versions", "[1,2]"),
      (
        "/subjects/poems-value/versions/1",
        #"{"id":101,"schema":"{\"type\":\"int\"}","subject":"poems-value","version":1}"#
      ),
      (
        "/subjects/poems-value/versions/latest",
        #"{"id":104,"schema":"{\"type\":\"long\",\"logicalType\":\"date\"}","subject":"poems-value","version":2}"#
      ),
      ("/subjects/poems-key/versions/-1/schema", "\"int\""),
      ("/schemas/ids/101", #"{"schema":"{\"type\":\"int\"}"}"#),
      ("/schemas/ids/102", #"{"schema":"\"string\""}"#), ("/schemas/ids/103/schema", "\"int\""),
      ("/schemas/ids/104/versions", #"[{"subject":"poems-value","version":2}]"#),
      ("/schemas/ids/102/versions", "[]"), ("/schemas/ids/103/subjects", #"["poems-key"]"#),
      ("/schemas/types", #"["AVRO"]"#), ("/config", #"{"compatibilityLevel":"NONE"}"#),
      ("/config/poems-value", #"{"compatibilityLevel":"NONE"}"#),
      ("/mode", #"{"mode":"READONLY"}"#),
    ])
  func reading(path: String, body: String) throws {
    let found = try answer("GET", path)
    #expect(found.status == "200 OK" && found.type == SchemaRegistryAPI.type)
    #expect(found.body == body)
  }

  @Test(
    arguments: [
      ("GET", "/subjects/no-value/versions", "404", 40401),
      ("GET", "/subjects/poems-value/versions/3", "404", 40402),
      ("GET", "/subjects/poems-value/versions/first", "422", 42202),
      ("GET", "/subjects/poems-value/versions/0", "422", 42202),
      ("GET", "/schemas/ids/105", "404", 40403), ("GET", "/schemas/ids/x", "404", 40403),
      ("GET", "/schemas/ids/101/what", "404", 404), ("GET", "/schemas", "404", 404),
      ("GET", "/subjects/poems-value", "404", 404), ("DELETE", "/subjects/poems-value", "405", 405),
      ("PUT", "/config", "405", 405), ("POST", "/schemas/ids/101", "405", 405),
      ("POST", "/subjects/poems-value/versions", "403", 40301),
      ("POST", "/subjects/no-value", "404", 40401), ("POST", "/subjects/poems-value", "422", 42201),
    ])
  func refusals(method: String, path: String, status: String, code: Int) throws {
    let found = try answer(method, path)
    #expect(found.status.hasPrefix(status))
    #expect(found.body.hasPrefix("{\"error_code\":\(code),\"message\":"))
  }

  @Test func lookup() throws {
    let found = try answer(
      "POST", "/subjects/poems-value",
      body: #"{"schema": "{\"logicalType\": \"date\", \"type\": \"long\"}"}"#)
    #expect(found.body.hasPrefix(#"{"id":104,"#) && found.body.hasSuffix(#""version":2}"#))
    let other = try answer("POST", "/subjects/poems-value", body: #"{"schema": "\"string\""}"#)
    #expect(other.status == "404 Not Found" && other.body.contains("40403"))
  }
}
