import Base
import Fuzzing
import Syntax
import Testing
import Types

@testable import SQL

/// What the hand-made cases copy, changed: rows or an error, the same however the bytes are cut.
@Suite struct CopyFuzzTests {
  private struct Input {
    let options: CopyOptions
    let columns: [CopyReader.Column]
    let samples: [[UInt8]]
  }

  private func input(_ cases: [CopyCase]) throws -> [Input] {
    let samples = cases.map { latin1($0.data) }
    return try cases.map { item in
      let copy = try copyStatement(item.sql)
      return Input(
        options: try CopyOptions(copy.options, isFrom: true),
        columns: copyColumns(copy.table?.name ?? ""), samples: samples + [latin1(item.data)])
    }
  }

  private func run(_ cases: [CopyCase], _ name: String) throws {
    let inputs = try input(cases)
    let words = [
      "\\N", "\\.", "\n", "\r\n", "\r", "\t", ",", "\"", "\"\"", "\\x", "\\0", "\\", "é",
    ]
    .map { Array($0.utf8) }
    let failures = fuzz("CopyFuzzTests.\(name)", iterations: 4_000) { mutator in
      let input = mutator.pick(inputs)
      let bytes = mutator.mutate(input.samples, words: words)
      let cut = mutator.below(bytes.count + 1)
      let whole = read(input, [bytes])
      for pieces in [[Array(bytes[..<cut]), Array(bytes[cut...])], bytes.map { [$0] }] {
        let found = read(input, pieces)
        if found != whole { return "cut at \(cut): \(found) instead of \(whole) for \(bytes)" }
      }
      return nil
    }
    #expect(failures == [])
  }

  private func read(_ input: Input, _ pieces: [[UInt8]]) -> CopyOutcome {
    do throws(SQLError) {
      let rows = try copyIn(input.options, input.columns, table: "t", pieces: pieces)
      return CopyOutcome(rows: "\(rows)")
    } catch {
      return CopyOutcome(
        fails: "\(error.code) \(error.message)", context: error.context, hint: error.hint)
    }
  }

  @Test func text() throws { try run(copyTextCases + copyLineCases, "text") }
  @Test func csv() throws { try run(copyCSVCases, "csv") }
  @Test func binary() throws { try run(copyBinaryCases, "binary") }
}
