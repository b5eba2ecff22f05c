import Base
import Fuzzing
import Testing
import Types

@testable import Avro

struct AvroWriterTests {
  private func written(_ value: Value, _ type: SQLType, _ schema: String) throws -> [UInt8]? {
    var out: [UInt8] = [9]
    let root = try AvroSchema(Array(schema.utf8)).root
    guard AvroWriter.write(value, of: type, as: root, into: &out) else { return nil }
    return Array(out[1...])
  }

  private static let decimal = #"{"type":"bytes","logicalType":"decimal","precision":9,"scale":2}"#

  /// The specification's examples of binary encoding (1.11, "Binary Encoding"), and what follows from its words.
  @Test(
    arguments: [
      (.int(0), .int8, "\"long\"", [0]), (.int(-1), .int8, "\"long\"", [1]),
      (.int(1), .int8, "\"long\"", [2]), (.int(-2), .int8, "\"long\"", [3]),
      (.int(2), .int8, "\"long\"", [4]), (.int(-64), .int8, "\"long\"", [0x7F]),
      (.int(64), .int8, "\"long\"", [0x80, 0x01]),
      (.string("foo"), .text, "\"string\"", [0x06, 0x66, 0x6F, 0x6F]),
      (.int(27), .int4, "\"int\"", [0x36]),
      (
        .array(ArrayValue(elementType: .int8, elements: [.int(3), .int(27)])), .int8Array,
        #"{"type":"array","items":"long"}"#, [0x04, 0x06, 0x36, 0x00]
      ),
      (.null, .text, #"["null","string"]"#, [0x00]),
      (.string("a"), .text, #"["null","string"]"#, [0x02, 0x02, 0x61]),
      (.bool(true), .bool, "\"boolean\"", [1]),
      (.float(1.5), .float4, "\"float\"", [0, 0, 0xC0, 0x3F]),
      (.float(-2), .float8, "\"double\"", [0, 0, 0, 0, 0, 0, 0, 0xC0]),
      (.bytes([0, 0xFF]), .bytea, "\"bytes\"", [4, 0, 0xFF]),
      (.int(0), .date, #"{"type":"int","logicalType":"date"}"#, [0x9A, 0xAB, 0x01]),
      (
        .int(1_000_000), .time, #"{"type":"long","logicalType":"time-micros"}"#, [0x80, 0x89, 0x7A]
      ),
      (
        .int(-946_684_800_000_000), .timestamptz,
        #"{"type":"long","logicalType":"timestamp-micros"}"#, [0]
      ),
      (
        .array(ArrayValue(elementType: .text, elements: [])), .textArray,
        #"{"type":"array","items":["null","string"]}"#, [0]
      ),
    ] as [(Value, SQLType, String, [UInt8])])
  func values(value: Value, type: SQLType, schema: String, expected: [UInt8]) throws {
    #expect(try written(value, type, schema) == expected)
  }

  /// Two's complement, as short as it can be.
  @Test(
    arguments: [
      ("0", [2, 0]), ("1.27", [2, 127]), ("1.28", [4, 0, 128]), ("-1.28", [2, 128]),
      ("-1.29", [4, 0xFF, 0x7F]), ("-0.01", [2, 0xFF]), ("2.55", [4, 0, 255]), ("2.56", [4, 1, 0]),
      ("-12.34", [4, 0xFB, 0x2E]), ("10000", [6, 0x0F, 0x42, 0x40]), ("0.1", [2, 10]),
      ("1234567.89", [8, 0x07, 0x5B, 0xCD, 0x15]),
    ] as [(String, [UInt8])])
  func decimals(text: String, expected: [UInt8]) throws {
    #expect(try written(TypeIO.parseText(text, as: .numeric), .numeric, Self.decimal) == expected)
  }

  @Test(
    arguments: [
      (.null, .text, "\"string\""), (.int(1 << 31), .int8, "\"int\""),
      (.int(86_400_000_000), .time, #"{"type":"long","logicalType":"time-micros"}"#),
      (.int(.max), .timestamptz, #"{"type":"long","logicalType":"timestamp-micros"}"#),
      (.int(.min), .timestamp, #"{"type":"long","logicalType":"local-timestamp-micros"}"#),
      (.int(Int64(Int32.max)), .date, #"{"type":"int","logicalType":"date"}"#),
      (.int(Int64(Int32.min)), .date, #"{"type":"int","logicalType":"date"}"#),
      (.numeric(.nan), .numeric, AvroWriterTests.decimal),
      (.string("x"), .text, #"["null","int"]"#),
      (
        .array(
          ArrayValue(
            elementType: .int4, dimensions: [.init(count: 1), .init(count: 1)], elements: [.int(1)])
        ),
        .int4Array, #"{"type":"array","items":"int"}"#
      ),
    ] as [(Value, SQLType, String)])
  func whatDoesNotFit(value: Value, type: SQLType, schema: String) throws {
    #expect(try written(value, type, schema) == nil)
  }

  @Test func moreDigitsThanTheScale() throws {
    #expect(try written(TypeIO.parseText("0.001", as: .numeric), .numeric, Self.decimal) == nil)
    #expect(try written(TypeIO.parseText("0.00001", as: .numeric), .numeric, Self.decimal) == nil)
    #expect(
      try written(TypeIO.parseText("1.2300", as: .numeric), .numeric, Self.decimal) == [2, 123])
  }

  /// Numbers of any size come back from our own reader as they were.
  @Test func decimalsComeBack() throws {
    let failures = fuzz("AvroTests.AvroWriterTests", iterations: 300) { mutator in
      let scale = mutator.below(30)
      let digits = (0...mutator.below(60)).map { _ in String(mutator.below(10)) }.joined()
      let behind = (0..<scale).map { _ in String(mutator.below(10)) }.joined()
      let sign = mutator.oneIn(2) ? "-" : ""
      let number = try TypeIO.parseText(
        "\(sign)\(digits)\(scale > 0 ? "." : "")\(behind)", as: .numeric)
      let schema = try AvroSchema(
        Array(#"{"type":"bytes","logicalType":"decimal","precision":99,"scale":\#(scale)}"#.utf8))
      var out: [UInt8] = []
      guard AvroWriter.write(number, of: .numeric, as: schema.root, into: &out) else {
        return "\(number) does not fit"
      }
      guard case .number(let read) = try AvroReader.document(out, from: 0, schema).kind,
        case .numeric(let wanted) = number, read == wanted
      else { return "\(number) is read as something else" }
      return nil
    }
    #expect(failures == [])
  }
}

struct AvroRecordSchemaTests {
  private func record(_ fields: [(String, SQLType, Bool)]) throws -> AvroRecordSchema {
    try AvroRecordSchema(
      namespace: ["public"], name: "t",
      fields: fields.map { AvroRecordSchema.Field(name: $0.0, type: $0.1, isNullable: $0.2) })
  }

  @Test func text() throws {
    let schema = try record([("id", .int4, false), ("line", .text, true)])
    #expect(
      schema.text
        == #"{"type":"record","name":"t","namespace":"public","fields":[{"name":"id","type":"int"},{"name":"line","type":["null","string"],"default":null}]}"#
    )
    #expect(
      schema.looseText
        == #"{"type":"record","name":"t","namespace":"public","fields":[{"name":"id","type":["null","int","string"],"default":null},{"name":"line","type":["null","string"],"default":null}]}"#
    )
  }

  /// Every type of SQL's gives a schema that can be read, in both forms, and whose unions have no type twice.
  @Test func allTypes() throws {
    let types = TypeInfo.all.filter { $0.kind == "b" }.map { SQLType($0.oid) }
    let numbers = [
      SQLType.numeric(precision: 9, scale: 2), .numeric(precision: 3, scale: 5),
      .numeric(precision: 5, scale: -2),
    ]
    let schema = try record(
      (types + numbers).enumerated().map { ("c\($0)", $1, $0 % 2 == 0) })
    for text in [schema.text, schema.looseText] {
      guard case .record(let fields) = try AvroSchema(Array(text.utf8)).root else {
        Issue.record("no record")
        continue
      }
      #expect(fields.count == types.count + numbers.count)
      for field in fields {
        guard case .union(let branches) = field.kind else { continue }
        let strings = branches.filter { if case .string = $0 { true } else { false } }
        #expect(strings.count <= 1)
      }
    }
    #expect(schema.text.contains(#""precision":9,"scale":2"#))
    #expect(!schema.text.contains(#""precision":3"#) && !schema.text.contains(#""precision":5"#))
  }

  @Test func names() throws {
    let schema = try AvroRecordSchema(
      namespace: ["my schema"], name: "2·x",
      fields: [AvroRecordSchema.Field(name: "a \"b\"", type: .int4, isNullable: false)])
    #expect(
      schema.text
        == #"{"type":"record","name":"_u0032_u00b7x","namespace":"my_u0020schema","fields":[{"name":"a_u0020_u0022b_u0022","doc":"a \"b\"","type":"int"}]}"#
    )
    #expect(throws: SQLError.self) {
      try record([("a b", .int4, false), ("a_u0020b", .int4, false)])
    }
  }

  /// What does not fit the record's schema fits the loose one, and reads as it should.
  @Test func loose() throws {
    let schema = try record([("at", .timestamptz, false), ("n", .int4, false), ("u", .uuid, false)])
    let uuid = try TypeIO.parseText("00112233-4455-6677-8899-aabbccddeeff", as: .uuid)
    let row: [(Value, SQLType)] = [(.int(.max), .timestamptz), (.null, .int4), (uuid, .uuid)]
    func written(_ text: String) throws -> String? {
      let schema = try AvroSchema(Array(text.utf8))
      guard case .record(let fields) = schema.root else { return nil }
      var out: [UInt8] = []
      for (field, (value, type)) in zip(fields, row) {
        guard AvroWriter.write(value, of: type, as: field.kind, into: &out) else { return nil }
      }
      let document = try AvroReader.document(out, from: 0, schema)
      return document.description
    }
    #expect(try written(schema.text) == nil)
    #expect(
      try written(schema.looseText)
        == #"{"n": null, "u": "00112233-4455-6677-8899-aabbccddeeff", "at": "infinity"}"#)
  }
}
