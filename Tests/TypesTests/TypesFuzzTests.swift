import Base
import Fuzzing
import Testing

@testable import Types

/// A type with good input for it.
private struct Seeds {
  var type: SQLType
  var texts: [[UInt8]] = []
  var binaries: [[UInt8]] = []
  var rows: [[UInt8]] = []
  var keys: [[UInt8]] = []
}

/// More that is particular to a type; the codec tests have the plain ones.
private let moreTexts: [(SQLType, [String])] = [
  (SQLType(SQLType.varchar.oid, modifier: 9), ["", "abc", "ééééé", "ab   "]),
  (SQLType(SQLType.bpchar.oid, modifier: 9), ["", "abc", "ééééé", "ab   "]),
  (.numeric(precision: 10, scale: 2), ["1.5", "-99999999.99", "1e7", "0x1F", "1_000"]),
  (.numeric, ["1e131071", "1e-16383", "1e-20000", "+.5", "5.", "-0", " 12 ", "0.00000000000001"]),
  (.float8, ["1e308", "4.9e-324", "0x1p3", "infinity", "-inf", " 5 ", "1e400"]),
  (
    .json,
    ["{\"a\":[1,2,{\"b\":null}],\"c\":\"\\u00e9\\ud83d\\ude00\"}", "[]", " 1e5 ", "\"\\\\\""]
  ),
  (
    .jsonb,
    ["{\"a\":[1,2,{\"b\":null}],\"c\":\"\\u00e9\\ud83d\\ude00\"}", "[[[[[[]]]]]]", "-1.5e-10"]
  ),
  (
    .interval,
    [
      "1-2 3 4:05:06.7", "P1Y2M3DT4H5M6.7S", "1.5 years ago", "@ 1 mon -1 sec", "-178000000 years",
      "P0001-02-03T04:05:06", "1 millennium 2 centuries 3 decades", "9223372036854775807 us",
      "infinity",
    ]
  ),
  (SQLType(SQLType.interval.oid, modifier: 0x7FFF_0002), ["1.23456 s", "1 day"]),
  (
    .timestamp,
    [
      "2024-01-02T03:04:05", "Jan 8, 1999 04:05 pm", "J2451187", "19990108 040506", "294276-12-31",
      "now", "tomorrow", "epoch", "20240102T030405.123456789", "4714-11-24 00:00:00 BC",
    ]
  ),
  (
    SQLType(SQLType.timestamp.oid, modifier: 0),
    ["2024-01-02 03:04:05.9", "294276-12-31 23:59:59.9"]
  ),
  (
    .timestamptz,
    [
      "2024-01-02 03:04:05 Europe/Berlin", "2024-01-02 03:04:05+15:59:59", "1/2/2003 EST",
      "2024-01-02 03:04:05 PST8PDT", "2024-01-02 03:04:05-1559",
    ]
  ),
  (.date, ["5874897-12-31", "J0", "1999.008", "99-Jan-08", "20240101"]),
  (.time, ["040506", "04:05 AM", "23:59:60", "24:00:00", "12:00:00.9999999"]),
  (.timetz, ["04:05:06 PST", "24:00:00-15:59:59", "04:05:06+1530"]),
  (.cidr, ["10", "10.1/16", "192.168/24", "2001:db8::/32", "::ffff:1.2.3.0/120"]),
  (.inet, ["1.2.3.4/0", "::ffff:1.2.3.4/128", "1::", "::1:2:3:4:5:6:7"]),
  (
    .int4Array,
    ["[-2147483648:-2147483647]={1,2}", "[1:1][-2:-1][3:4]={{{1,2},{3,4}}}", " { 1 , 2 } "]
  ),
  (.textArray, ["{a,\"b\\\"c\",NULL,{}}", "{{a},{b}}", "{\"\\\\\"}"]),
  (.numericArray, ["{1.5,NaN,Infinity}"]), (.boolArray, ["{t,f}"]),
  (.int2vector, ["1 2 3", ""]), (.oidvector, ["1 2 3", ""]),
  (.name, ["abc", String(repeating: "é", count: 40)]), (.char, ["a", "", "é"]),
  (.oid, ["0", "4294967295", "-1"]), (.xid8, ["18446744073709551615", "0"]),
  (.regclass, ["123", "-"]), (.regtype, ["integer", "23"]),
  (.bytea, ["\\000\\\\abc", "\\xDEADbeef", "\\x 12"]),
]

private let words: [[UInt8]] = [
  "infinity", "-infinity", "NaN", "BC", "e", "E-", "+", "-", ".", "::", "/", ":", "0x", "\\", "\"",
  "{", "}", "[", "]", ",", "=", "NULL", "\\u", "\\ud800", "\\u0000", " ", "99999999999999999999",
  "9223372036854775807", "-9223372036854775808", "2147483648", "1e400", "e1000000000", "ago",
  "months", "days", "us", "P", "T", "Y", "M", "D", "S", "PM", "J", "Z", "UTC", "America/New_York",
  "24:00:00", "-15:59:59", "\0", "\u{1}", "é", "\u{10FFFF}",
].map { Array($0.utf8) }

private let seeds: [Seeds] = {
  var all: [Seeds] = []
  for (type, texts) in codecSamples + moreTexts {
    var item = Seeds(type: type)
    for text in texts {
      item.texts.append(Array(text.utf8))
      guard let value = try? TypeIO.parseText(text, as: type) else { continue }
      var (binary, row, key): ([UInt8], [UInt8], [UInt8]) = ([], [], [])
      TypeIO.encodeBinary(value, as: type, into: &binary)
      RowCodec.encode([.null, value], [.int4, type], into: &row)
      KeyCodec.encode(value, type: type, into: &key)
      item.binaries.append(binary)
      item.rows.append(row)
      item.keys.append(key)
    }
    all.append(item)
  }
  let record = RecordValue(
    fields: [.int(5), .null, .string("x")], types: [.int4, .text, .text])
  var nested = Seeds(type: .record)
  nested.texts = [Array("(5,,x)".utf8)]
  var (binary, row, key): ([UInt8], [UInt8], [UInt8]) = ([], [], [])
  TypeIO.encodeBinary(.record(record), as: .record, into: &binary)
  RowCodec.encode([.null, .record(record)], [.int4, .record], into: &row)
  KeyCodec.encode(.record(record), type: .record, into: &key)
  (nested.binaries, nested.rows, nested.keys) = ([binary], [row], [key])
  return all + [nested]
}()

/// Good input of any type, for splices.
private let everyBinary = seeds.flatMap(\.binaries)

/// What the node does with a value that a client has sent. Returns what is wrong.
private func use(_ value: Value, as type: SQLType) throws -> String? {
  let text = TypeIO.formatText(value, as: type)
  var other = FormatSettings()
  other.intervalStyle = .iso8601
  other.byteaOutput = .escape
  other.extraFloatDigits = 0
  _ = TypeIO.formatText(value, as: type, settings: other)
  if compare(value, value, as: type) != 0 { return "\(text) of \(type) is not equal to itself" }
  _ = value.hashValue
  var binary: [UInt8] = []
  TypeIO.encodeBinary(value, as: type, into: &binary)
  let sent = try TypeIO.decodeBinary(binary, as: type)
  if TypeIO.formatText(sent, as: type) != text { return "\(text) of \(type), sent and received" }
  var row: [UInt8] = []
  RowCodec.encode([value], [type], into: &row)
  let stored = try RowCodec.decode(row, [type])[0]
  if TypeIO.formatText(stored, as: type) != text { return "\(text) of \(type), stored" }
  for descending in [false, true] {
    var key: [UInt8] = []
    KeyCodec.encode(value, type: type, descending: descending, into: &key)
    let found = try key.withUnsafeBytes { buffer in
      var reader = ByteReader(buffer)
      let found = try KeyCodec.decode(&reader, type: type, descending: descending)
      return reader.isAtEnd ? found : nil
    }
    guard let found, type == .record || compare(found, value, as: type) == 0 else {
      return "\(text) of \(type), as a key"
    }
  }
  return nil
}

@Suite struct TypesFuzzTests {
  @Test func binaryReceive() {
    let types = TypeInfo.all.map { SQLType($0.oid) }
    let failures = fuzz("TypesFuzzTests.binaryReceive", iterations: 60_000) { mutator in
      let item = mutator.pick(seeds)
      let samples = item.binaries.isEmpty || mutator.oneIn(8) ? everyBinary : item.binaries
      let bytes = mutator.mutate(samples)
      let type = mutator.oneIn(4) ? mutator.pick(types) : item.type
      let value: Value
      do throws(SQLError) {
        value = try TypeIO.decodeBinary(bytes, as: type)
      } catch {
        return nil
      }
      return try use(value, as: type)
    }
    #expect(failures == [])
  }

  @Test func textInput() {
    let failures = fuzz("TypesFuzzTests.textInput", iterations: 60_000) { mutator in
      let item = mutator.pick(seeds)
      let bytes = mutator.mutate(item.texts, words: words)
      let value: Value
      do throws(SQLError) {
        value = try TypeIO.parseText(bytes, as: item.type)
      } catch {
        return nil
      }
      let text = TypeIO.formatText(value, as: item.type)
      let input = String(decoding: bytes, as: UTF8.self)
      do throws(SQLError) {
        let again = try TypeIO.parseText(text, as: item.type)
        if TypeIO.formatText(again, as: item.type) != text {
          return "\(input) gives \(text), and that another \(item.type)"
        }
      } catch {
        return "\(input) gives \(text), which is no \(item.type)"
      }
      return try use(value, as: item.type)
    }
    #expect(failures == [])
  }

  @Test func rows() {
    let failures = fuzz("TypesFuzzTests.rows", iterations: 40_000) { mutator in
      let item = mutator.pick(seeds)
      let bytes = mutator.mutate(item.rows.isEmpty ? seeds[0].rows : item.rows)
      do throws(DecodingFault) {
        _ = try RowCodec.decode(bytes, [.int4, item.type, .text])
      } catch {}
      for column in [-1, 0, 1, 7] {
        let result: Result<Value?, DecodingFault> = bytes.withUnsafeBytes { buffer in
          do throws(DecodingFault) {
            return .success(try RowCodec.decodeColumn(buffer, column, item.type))
          } catch {
            return .failure(error)
          }
        }
        _ = result
      }
      return nil
    }
    #expect(failures == [])
  }

  /// Columns read in place are those that are read into values, of whole rows and of broken ones.
  @Test func fieldsOfRows() {
    let missing = [Value.int(1), .int(2), .int(3), .int(4)]
    let places = [[0, 1, 2], [1], [2], [0, 2], [1, 3], []]
    let failures = fuzz("TypesFuzzTests.fieldsOfRows", iterations: 40_000) { mutator in
      let item = mutator.pick(seeds)
      let whole = item.rows.isEmpty ? seeds[0].rows : item.rows
      let bytes = mutator.oneIn(4) ? mutator.pick(whole) : mutator.mutate(whole)
      let types = [.int4, item.type, .text, .text]
      let positions = mutator.pick(places)
      return bytes.withUnsafeBytes { buffer -> String? in
        let values: [Value]?
        do throws(DecodingFault) {
          values = try RowCodec.decode(buffer, types, at: positions, missing: missing)
        } catch {
          values = nil
        }
        var fields: [RowField] = []
        var found: [Value]? = []
        do throws(DecodingFault) {
          try RowCodec.fields(buffer, at: positions, into: &fields)
          for (field, position) in zip(fields, positions) {
            found?.append(try field.value(types[position], missing: missing[position]))
          }
        } catch {
          found = nil
        }
        if found != nil, fields.count != positions.count { return "\(fields.count) fields" }
        return "\(found as Any)" == "\(values as Any)"
          ? nil : "in place \(found as Any), as values \(values as Any)"
      }
    }
    #expect(failures == [])
  }

  @Test func keys() {
    let failures = fuzz("TypesFuzzTests.keys", iterations: 40_000) { mutator in
      let item = mutator.pick(seeds)
      let bytes = mutator.mutate(item.keys.isEmpty ? seeds[0].keys : item.keys)
      let descending = mutator.oneIn(2)
      let result: Result<Value, DecodingFault> = bytes.withUnsafeBytes { buffer in
        var reader = ByteReader(buffer)
        do throws(DecodingFault) {
          return .success(try KeyCodec.decode(&reader, type: item.type, descending: descending))
        } catch {
          return .failure(error)
        }
      }
      // What is read as a key can be written as one.
      if case .success(let value) = result {
        var key: [UInt8] = []
        KeyCodec.encode(value, type: item.type, into: &key)
      }
      return nil
    }
    #expect(failures == [])
  }

  @Test func textCutAtEachByte() {
    for item in seeds {
      for text in item.texts {
        for count in text.indices {
          guard let value = try? TypeIO.parseText(Array(text[..<count]), as: item.type) else {
            continue
          }
          _ = TypeIO.formatText(value, as: item.type)
        }
      }
    }
  }

  @Test func keysCutAtEachByte() {
    for item in seeds where item.type != .record {
      for key in item.keys {
        for count in key.indices {
          let isRefused = key[..<count].withUnsafeBytes { buffer in
            var reader = ByteReader(buffer)
            return (try? KeyCodec.decode(&reader, type: item.type)) == nil
          }
          #expect(isRefused, "\(count) of \(key), \(item.type)")
        }
      }
    }
  }

  @Test func readerOfBytes() {
    let failures = fuzz("TypesFuzzTests.readerOfBytes", iterations: 4_000) { mutator in
      var writer = ByteWriter()
      writer.string("text")
      writer.signedVarint(-1_000_000)
      writer.varint(.max)
      writer.integer(UInt64(7))
      writer.blob([1, 2, 3])
      let bytes = mutator.mutate([writer.bytes])
      let left = bytes.withUnsafeBytes { buffer in
        var reader = ByteReader(buffer)
        do throws(DecodingFault) {
          while !reader.isAtEnd {
            switch mutator.below(6) {
            case 0: _ = try reader.string()
            case 1: _ = try reader.signedVarint()
            case 2: _ = try reader.integer(UInt64.self)
            case 3: _ = try reader.blob()
            case 4: _ = try reader.view(Int(truncatingIfNeeded: reader.varint()))
            default: _ = try reader.integer(UInt16.self)
            }
          }
        } catch {}
        return reader.remaining
      }
      return (0...bytes.count).contains(left) ? nil : "\(left) bytes left"
    }
    #expect(failures == [])
  }
}
