import Base
import Functions
import Testing
import Types

/// Runs every line of `functionCases` against the registry.
@Suite struct FunctionTableTests {
  static let lines = functionCases.split(separator: "\n").map(String.init)

  @Test(arguments: lines) func matchesPostgreSQL(line: String) {
    let halves = line.split(separator: "⇒", maxSplits: 1, omittingEmptySubsequences: false)
    let expected = String(halves[1]).replacing("\\n", with: "\n")
    let fields = halves[0].split(separator: "¦").map(String.init)
    var actual: String
    do throws(SQLError) {
      actual = try evaluate(fields[0], Array(fields.dropFirst()))
    } catch {
      actual = "!\(error.code)"
    }
    #expect(actual == expected, "\(halves[0])")
  }

  private func evaluate(_ name: String, _ texts: [String]) throws(SQLError) -> String {
    let registry = FunctionRegistry.builtin
    var context = EvaluationContext()
    var types: [SQLType] = []
    var values: [Value] = []
    for text in texts {
      let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      let type = parts[0] == "?" ? SQLType.unknown : SQLType.named(String(parts[0])) ?? .text
      types.append(type.withoutModifier)
      values.append(
        type == .unknown
          ? .string(String(parts[1]))
          : try TypeIO.parseText(String(parts[1]), as: type.withoutModifier))
    }
    if name.hasPrefix("op ") {
      let resolved = try registry.resolveOperator(String(name.dropFirst(3)), types[0], types[1])
      let left = try registry.coercion(
        from: types[0], to: resolved.left ?? types[0], context: .implicit)
      let right = try registry.coercion(from: types[1], to: resolved.right, context: .implicit)
      let value = try resolved.evaluate(
        left.apply(values[0], &context), right.apply(values[1], &context), &context)
      return shown(value, resolved.result, asText: true)
    }
    let call = try registry.resolveFunction(name, types)
    var arguments: [Value] = []
    for (index, value) in values.enumerated() {
      let path = try registry.coercion(
        from: types[index], to: call.argumentTypes[index], context: .implicit)
      arguments.append(try path.apply(value, &context))
    }
    let columns =
      call.signature.columns.isEmpty ? [call.result] : call.signature.columns.map(\.type)
    let stream = try call.rows(arguments, &context)
    var rows: [[Value]] = []
    while let row = try stream(&context) { rows.append(row) }
    return rows.map { row in
      zip(row, columns).map { shown($0, $1, asText: false) }.joined(separator: "~")
    }.joined(separator: ";")
  }

  private func shown(_ value: Value, _ type: SQLType, asText: Bool) -> String {
    if asText, case .bool(let flag) = value { return flag ? "true" : "false" }
    return TypeIO.formatText(value, as: type)
  }
}
