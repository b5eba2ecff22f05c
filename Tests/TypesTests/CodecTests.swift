import Base
import Testing

@testable import Types

/// Text forms that PostgreSQL 15 prints as they stand, by type.
let codecSamples: [(SQLType, [String])] = [
  (.bool, ["t", "f"]),
  (.int2, ["-32768", "0", "32767"]),
  (.int4, ["-2147483648", "-1", "42"]),
  (.int8, ["-9223372036854775808", "9223372036854775807"]),
  (.float8, ["-Infinity", "-1.5", "0", "1e-05", "0.0001", "1.5", "1e+15", "1e+20", "NaN"]),
  (.float4, ["-1.5", "0.1", "1e+06", "123456"]),
  (
    .numeric,
    [
      "-Infinity", "-123456789012345678901234567890.5", "-1", "-0.0001", "0", "0.00001", "1.10",
      "9999", "10000", "123456.7890", "Infinity", "NaN",
    ]
  ),
  (.text, ["", "a", "a b", "b", "é"]),
  (.bytea, ["\\x", "\\x00", "\\x0001", "\\xff"]),
  (.date, ["4714-11-24 BC", "0001-01-01", "1999-12-31", "2000-02-29", "infinity"]),
  (.time, ["00:00:00", "12:34:56.789", "24:00:00"]),
  (.timetz, ["12:00:00+02", "12:00:00+00", "12:00:00-05:30"]),
  (.timestamp, ["-infinity", "0044-03-15 12:00:00 BC", "2024-01-02 03:04:05.000006", "infinity"]),
  (.timestamptz, ["1999-12-31 23:59:59.999999+00", "2024-07-01 00:00:00+00"]),
  (.interval, ["-1 days", "00:00:01", "1 day -00:00:01", "1 year 2 mons 3 days 04:05:06.7"]),
  (.uuid, ["00000000-0000-0000-0000-000000000001", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"]),
  (
    .jsonb,
    ["[]", "null", "\"a\"", "1.50", "true", "[1, null]", "{}", "{\"a\": [1], \"bb\": \"\\n\"}"]
  ),
  (.inet, ["10.0.0.0/8", "10.0.0.0/16", "10.0.0.1", "::1", "2001:db8::/32"]),
  (.int4Array, ["{}", "{1,NULL}", "{{1,2},{3,4}}", "[0:1]={5,6}"]),
  (.textArray, ["{\"\",\"NULL\",\"a b\",\"q\\\"\"}"]),
]

@Suite struct CodecTests {
  @Test(arguments: [
    ("plain", "plain"), ("é中", "é中"), ("", ""),
  ])
  func validTextStays(_ text: String, _ expected: String) {
    var bytes = Array("head".utf8) + Array(text.utf8)
    InvalidText.escape(&bytes, from: 4)
    #expect(bytes == Array("head".utf8) + Array(expected.utf8))
  }

  @Test func invalidTextIsEscaped() {
    var bytes: [UInt8] = [0xFF] + Array("a".utf8) + [0xC3, 0xFF] + Array("é".utf8) + [0xFF, 0x80, 0xE4]
    InvalidText.escape(&bytes, from: 1)
    #expect(bytes == [0xFF] + Array("a\\xc3\\xffé\\xff\\x80\\xe4".utf8))
  }

  @Test func valueIsSixteenBytes() { #expect(MemoryLayout<Value>.stride == 16) }

  @Test func roundTrips() throws {
    for (type, texts) in codecSamples {
      for text in texts {
        let value = try TypeIO.parseText(text, as: type)
        #expect(TypeIO.formatText(value, as: type) == text)
        var binary: [UInt8] = []
        TypeIO.encodeBinary(value, as: type, into: &binary)
        let fromBinary = try TypeIO.decodeBinary(binary, as: type)
        #expect(TypeIO.formatText(fromBinary, as: type) == text)
        for cut in binary.indices { _ = try? TypeIO.decodeBinary(Array(binary[..<cut]), as: type) }
        var row: [UInt8] = []
        RowCodec.encode([.null, value], [.int4, type], into: &row)
        let columns = try RowCodec.decode(row, [.int4, type, .text])
        #expect(columns[0].isNull && columns[2].isNull)
        #expect(TypeIO.formatText(columns[1], as: type) == text)
        for cut in row.indices {
          #expect(throws: DecodingFault.self) {
            _ = try RowCodec.decode(Array(row[..<cut]), [.int4, type])
          }
        }
      }
    }
  }

  @Test func keysKeepOrder() throws {
    for (type, texts) in codecSamples {
      let values = try texts.map { text throws(SQLError) in try TypeIO.parseText(text, as: type) }
      for descending in [false, true] {
        let keys = values.map { value in
          var key: [UInt8] = []
          KeyCodec.encode(value, type: type, descending: descending, into: &key)
          return key
        }
        for i in values.indices {
          let decoded = try decodeKey(keys[i], type, descending)
          #expect(decoded == values[i], "\(texts[i])")
          for cut in keys[i].indices {
            _ = try? decodeKey(Array(keys[i][..<cut]), type, descending)
          }
          for j in values.indices {
            let order = compare(values[i], values[j], as: type) * (descending ? -1 : 1)
            #expect(compareBytes(keys[i], keys[j]) == order, "\(texts[i]) \(texts[j])")
          }
        }
      }
    }
  }

  private func decodeKey(_ key: [UInt8], _ type: SQLType, _ descending: Bool) throws -> Value {
    try key.withUnsafeBytes { buffer in
      var reader = ByteReader(buffer)
      return try KeyCodec.decode(&reader, type: type, descending: descending)
    }
  }

  @Test func knownHashes() {
    #expect(DistributionHash.crc16("123456789".utf8) == 0x31C3)
    #expect(DistributionHash.token(Array("123".utf8)) == -7_468_325_962_851_647_638)
    #expect(
      DistributionHash.token([UInt8](repeating: 0xFE, count: 8)) == -8_927_430_733_708_461_935)
    #expect(DistributionHash.token([UInt8](repeating: 0x10, count: 8)) == 1_446_172_840_243_228_796)
    #expect(
      DistributionHash.slot(Array("{user}.a".utf8)) == DistributionHash.slot(Array("user".utf8)))
    #expect(DistributionHash.bucket(token: .max).rawValue == 16_383)
  }

  @Test func errors() {
    func error(_ text: String, _ type: SQLType) -> SQLError? {
      do throws(SQLError) {
        _ = try TypeIO.parseText(text, as: type)
        return nil
      } catch { return error }
    }
    #expect(error("abc", .int4)?.message == "invalid input syntax for type integer: \"abc\"")
    #expect(error("99999999999", .int4)?.code == .numericValueOutOfRange)
    #expect(error("2024-02-30", .date)?.code == .datetimeFieldOverflow)
    #expect(error("x", .timestamp)?.message == "invalid input syntax for type timestamp: \"x\"")
    #expect(
      error("abcd", .varchar(3))?.message == "value too long for type character varying(3)")
    #expect(error("{1", .int4Array)?.detail == "Unexpected end of input.")
  }

  @Test func arithmetic() throws {
    func number(_ text: String) throws -> Numeric { try Numeric.parse(text) }
    #expect(try number("1").divided(by: number("3")).description == "0.33333333333333333333")
    #expect(try number("2").squareRoot().description == "1.414213562373095")
    #expect(try number("1").exponential().description == "2.7182818284590452")
    #expect(try number("10").naturalLogarithm().description == "2.3025850929940457")
    #expect(try number("2").power(number("0.5")).description == "1.4142135623730950")
    #expect(try number("0.5").power(number("-3")).description == "8.0000000000000000")
    #expect(try number("-5.5").exponential().description == "0.004086771438464067")
    #expect(try number("10").logarithm(base: number("2.0")).description == "3.3219280948873623")
    #expect(try number("12345678").squareRoot().description == "3513.6417005722140")
    #expect(try number("7.5").modulo(number("-2")).description == "1.5")
    #expect(try number("1.0") == number("1.00"))
    #expect(formatType(.numeric(precision: 10, scale: 2)) == "numeric(10,2)")
  }
}
