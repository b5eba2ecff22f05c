import Testing
import Types

@testable import Avro

struct AvroReaderTests {
  private func document(_ schema: String, _ bytes: [UInt8]) throws -> String {
    let json = try AvroReader.document(bytes, from: 0, AvroSchema(Array(schema.utf8)))
    var text: [UInt8] = []
    json.write(into: &text)
    return String(decoding: text, as: UTF8.self)
  }

  @Test(
    arguments: [
      ("\"int\"", [0x02], "1"), ("\"int\"", [0x01], "-1"), ("\"long\"", [0x80, 0x01], "64"),
      ("\"boolean\"", [1], "true"), ("\"null\"", [], "null"),
      ("\"string\"", [6, 0x66, 0x6f, 0x6f], "\"foo\""),
      ("\"bytes\"", [4, 0, 0xff], "\"\\\\x00ff\""),
      ("\"float\"", [0, 0, 0xc0, 0x3f], "1.5"),
      ("\"double\"", [0, 0, 0, 0, 0, 0, 0xf8, 0x7f], "\"NaN\""),
      (#"{"type":"array","items":"int"}"#, [4, 2, 4, 2, 6, 0], "[1, 2, 3]"),
      // A block that says its bytes.
      (#"{"type":"array","items":"int"}"#, [3, 4, 2, 4, 0], "[1, 2]"),
      (#"{"type":"map","values":"long"}"#, [2, 2, 0x61, 2, 0], #"{"a": 1}"#),
      (#"["null","string"]"#, [2, 2, 0x61], "\"a\""), (#"["null","string"]"#, [0], "null"),
      (#"{"type":"enum","name":"e","symbols":["A","B"]}"#, [2], "\"B\""),
      (#"{"type":"fixed","name":"f","size":2}"#, [1, 2], "\"\\\\x0102\""),
      (#"{"type":"int","logicalType":"date"}"#, [0], "\"1970-01-01\""),
      (#"{"type":"int","logicalType":"time-millis"}"#, [0xd0, 0x0f], "\"00:00:01\""),
      (#"{"type":"long","logicalType":"timestamp-millis"}"#, [0], "\"1970-01-01 00:00:00+00\""),
      (
        #"{"type":"bytes","logicalType":"decimal","precision":5,"scale":2}"#, [4, 0xff, 0x85],
        "-1.23"
      ),
      (#"{"type":"bytes","logicalType":"decimal","precision":5,"scale":2}"#, [2, 5], "0.05"),
      (
        #"{"type":"record","name":"r","fields":[{"name":"n","type":"int"},{"name":"next","type":["null","r"]}]}"#,
        [2, 2, 4, 0], #"{"n": 1, "next": {"n": 2, "next": null}}"#
      ),
    ] as [(String, [UInt8], String)])
  func values(schema: String, bytes: [UInt8], expected: String) throws {
    #expect(try document(schema, bytes) == expected)
  }

  @Test(
    arguments: [
      ("\"int\"", []), ("\"int\"", [2, 2]), ("\"string\"", [8, 0x61]), ("\"string\"", [1]),
      ("\"boolean\"", [2]), (#"["null"]"#, [2]), ("\"string\"", [2, 0xff]),
      ("\"long\"", [UInt8](repeating: 0xff, count: 11)),
      (#"{"type":"array","items":"null"}"#, [0xfe, 0xff, 0xff, 0xff, 0xff, 0x0f, 0]),
      (#"{"type":"enum","name":"e","symbols":["A"]}"#, [2]),
      (
        #"{"type":"long","logicalType":"timestamp-millis"}"#,
        [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]
      ),
    ] as [(String, [UInt8])])
  func badValues(schema: String, bytes: [UInt8]) {
    #expect(throws: SQLError.self) { try document(schema, bytes) }
  }

  @Test func recursionEnds() {
    let schema = #"{"type":"record","name":"r","fields":[{"name":"r","type":"r"}]}"#
    #expect(throws: SQLError.self) { try document(schema, []) }
  }

  @Test(arguments: [
    "", "{}", "\"what\"", #"{"type":"record","name":"r"}"#, #"{"type":"fixed","name":"f"}"#, "1",
    #"{"type":"array"}"#, #"{"type":"record","name":"r","fields":[{"name":"a"}]}"#,
  ])
  func badSchemas(text: String) {
    #expect(throws: SQLError.self) { try AvroSchema(Array(text.utf8)) }
  }
}
