import Base
import Functions
import Testing
import Types

/// Aggregates over no row, over rows, and over rows split in two partial states.
@Suite struct AggregateTests {
  struct Case: Sendable {
    var name: String
    var types: [SQLType]
    var rows: [[Value]]
    var empty: String?
    var expected: String
  }

  static func ints(_ values: [Int64?]) -> [[Value]] {
    values.map { [$0.map { .int($0) } ?? .null] }
  }
  static func floats(_ values: [Double]) -> [[Value]] { values.map { [.float($0)] } }

  static let cases: [Case] = [
    Case(name: "count", types: [.int4], rows: ints([1, nil, 3]), empty: "0", expected: "2"),
    Case(name: "sum", types: [.int4], rows: ints([1, nil, 3]), empty: nil, expected: "4"),
    Case(
      name: "sum", types: [.int8], rows: ints([.max, .max]), empty: nil,
      expected: "18446744073709551614"),
    Case(
      name: "avg", types: [.int4], rows: ints([1, 2, 4]), empty: nil,
      expected: "2.3333333333333333"),
    Case(name: "min", types: [.int4], rows: ints([3, 1, 2]), empty: nil, expected: "1"),
    Case(
      name: "max", types: [.text], rows: [[.string("a")], [.string("c")], [.null]], empty: nil,
      expected: "c"),
    Case(
      name: "bool_and", types: [.bool], rows: [[.bool(true)], [.bool(false)]], empty: nil,
      expected: "f"),
    Case(
      name: "string_agg", types: [.text, .text],
      rows: [[.string("a"), .string(",")], [.null, .string(",")], [.string("b"), .string(";")]],
      empty: nil, expected: "a;b"),
    Case(
      name: "array_agg", types: [.int4], rows: ints([1, nil, 3]), empty: nil,
      expected: "{1,NULL,3}"),
    Case(
      name: "stddev", types: [.int4], rows: ints([2, 4, 4, 4, 5, 5, 7, 9]), empty: nil,
      expected: "2.1380899352993951"),
    Case(
      name: "var_pop", types: [.float8], rows: floats([1, 2, 3, 4]), empty: nil, expected: "1.25"),
    Case(
      name: "jsonb_agg", types: [.int4], rows: ints([1, 2]), empty: nil, expected: "[1, 2]"),
    Case(name: "bit_or", types: [.int4], rows: ints([1, 4]), empty: nil, expected: "5"),
  ]

  @Test(arguments: cases) func folds(_ test: Case) throws {
    let call = try FunctionRegistry.builtin.resolveFunction(test.name, test.types)
    guard case .aggregate(let descriptor) = call.body else {
      Issue.record("\(test.name) is no aggregate")
      return
    }
    var context = EvaluationContext()
    let empty = try descriptor.makeState().finish(&context)
    #expect(shown(empty, call.result) == test.empty)
    for split in 0...test.rows.count {
      var left = descriptor.makeState()
      var right = descriptor.makeState()
      for (index, row) in test.rows.enumerated() {
        if index < split {
          try left.accumulate(row, &context)
        } else {
          try right.accumulate(row, &context)
        }
      }
      let partial = try right.partial()
      #expect(partial.count == descriptor.partialTypes.count)
      try left.combine(partial, &context)
      #expect(shown(try left.finish(&context), call.result) == test.expected)
    }
  }

  private func shown(_ value: Value, _ type: SQLType) -> String? {
    value.isNull ? nil : TypeIO.formatText(value, as: type)
  }
}
