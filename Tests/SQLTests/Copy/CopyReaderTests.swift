import Base
import Syntax
import Testing
import Types

@testable import SQL

@Suite struct CopyReaderTests {
  private func check(_ item: CopyCase) throws {
    let data = latin1(item.data)
    let expected = CopyOutcome(
      rows: item.rows, fails: item.fails, context: item.context, hint: item.hint)
    #expect(try outcome(item, pieces: [data]) == expected)
    // Pieces of each length, the whole in single bytes, and each cut in two.
    for length in 1...3 {
      let pieces = stride(from: 0, to: data.count, by: length).map {
        Array(data[$0..<min($0 + length, data.count)])
      }
      #expect(try outcome(item, pieces: pieces) == expected, "pieces of \(length)")
    }
    for cut in data.indices {
      let pieces = [Array(data[..<cut]), Array(data[cut...])]
      #expect(try outcome(item, pieces: pieces) == expected, "cut at \(cut)")
    }
  }

  @Test(arguments: copyTextCases) func `text as PostgreSQL reads it`(_ item: CopyCase) throws {
    try check(item)
  }
  @Test(arguments: copyLineCases) func `ends of lines and of data`(_ item: CopyCase) throws {
    try check(item)
  }
  @Test(arguments: copyCSVCases) func `CSV as PostgreSQL reads it`(_ item: CopyCase) throws {
    try check(item)
  }
  @Test(arguments: copyBinaryCases) func `binary as PostgreSQL reads it`(_ item: CopyCase) throws {
    try check(item)
  }

  @Test func `what follows the end of the data is not kept`() throws {
    var reader = CopyReader(
      try copyOptions(""), copyColumns("one"), table: "one", settings: FormatSettings())
    reader.append(Array("a\n\\.\n".utf8))
    #expect(try reader.rows(isLast: false).count == 1 && reader.isEnded)
    reader.append(Array("\u{1}\n".utf8))
    #expect(try reader.rows(isLast: true).isEmpty)
  }

  @Test func `a field of binary that says to be huge is refused before its bytes come`() throws {
    let bytes: [UInt8] =
      CopyTuples.signature + [UInt8](repeating: 0, count: 8) + [0, 1, 0x77, 0x35, 0x94, 0]
    let error = #expect(throws: SQLError.self) {
      try copyIn(copyOptions("format binary"), copyColumns("one"), table: "one", pieces: [bytes])
    }
    #expect(error?.code == .programLimitExceeded)
    #expect(error?.context == "COPY one, line 1, column a")
  }

  @Test func `integers and strings straight from the line are what TypeIO reads`() throws {
    let types: [SQLType] = [
      .int2, .int4, .int8, .oid, .text, .varchar, SQLType(SQLType.varchar.oid, modifier: 9),
      SQLType(SQLType.bpchar.oid, modifier: 9), .bpchar,
    ]
    let texts = [
      "0", "-0", "-1", "+7", "007", "32767", "32768", "-32768", "-32769", "2147483647",
      "2147483648", "4294967295", "4294967296", "-2147483648", "999999999999999999",
      "9223372036854775807", "9223372036854775808", "-9223372036854775808",
      "-9223372036854775809", "", "-", " 5", "5 ", "5a", "a", "abcde", "abcdef", "abcde  ", "é",
      "éééééé", "ééééé", "éé", "abcdefgh", "abcdefgé", "1\u{7f}",
    ]
    // A header tells how lines end; from then on plain ones take the short way.
    let options = try copyOptions("header")
    for type in types {
      for text in texts {
        let bytes = Array(text.utf8)
        let direct = Result { () throws(SQLError) in
          try copyIn(
            options, [CopyReader.Column(name: "x", type: type)], table: "t",
            pieces: [Array("#\n".utf8), bytes, [10]])[0][0]
        }
        let usual = Result { () throws(SQLError) in try TypeIO.parseText(bytes, as: type) }
        switch (direct, usual) {
        case (.success(let a), .success(let b)): #expect(a == b, "\(text) as \(type)")
        case (.failure(let a), .failure(let b)): #expect(a.message == b.message)
        default: Issue.record("\(text) as \(type): \(direct), \(usual)")
        }
      }
    }
  }

  @Test func `seeded bytes never trap, and cuts change nothing`() throws {
    var random = Xoshiro256(seed: 15)
    let alphabet = Array("\\\\.,\"\"\n\n\r\tab1'xN0".utf8) + [0, 0xC3, 0xA9, 0xFF]
    let kinds = ["", "format csv", "format csv, escape '\\'", "format binary", "header match"]
    for round in 0..<4_000 {
      let options = try copyOptions(kinds[round % kinds.count])
      let columns = copyColumns(["t", "one", "three", "zero"][round / 7 % 4])
      var bytes = (0..<Int.random(in: 0..<40, using: &random)).map { _ in
        alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
      }
      if options.format == .binary && Bool.random(using: &random) {
        bytes = CopyTuples.signature + [UInt8](repeating: 0, count: 8) + bytes
      }
      func run(_ pieces: [[UInt8]]) -> CopyOutcome {
        do throws(SQLError) {
          let rows = try copyIn(options, columns, table: "t", pieces: pieces)
          return CopyOutcome(rows: "\(rows)")
        } catch {
          return CopyOutcome(fails: error.message, context: error.context, hint: error.hint)
        }
      }
      let cut = Int.random(in: 0...bytes.count, using: &random)
      #expect(run([bytes]) == run([Array(bytes[..<cut]), Array(bytes[cut...])]), "\(bytes)")
      #expect(run([bytes]) == run(bytes.map { [$0] }), "\(bytes)")
    }
  }
}
