import Functions
import Testing
import Types

@Suite struct ResolutionTests {
  private let registry = FunctionRegistry.builtin

  @Test func `an exact match wins, a literal takes its neighbour's type`() throws {
    #expect(try registry.resolveOperator("+", .int4, .int4).result == .int4)
    #expect(try registry.resolveOperator("+", .int4, .int8).result == .int8)
    #expect(try registry.resolveOperator("+", .numeric, .unknown).result == .numeric)
    #expect(try registry.resolveFunction("abs", [.numeric]).result == .numeric)
    #expect(try registry.resolveFunction("lower", [.unknown]).result == .text)
  }

  @Test func `what does not exist is named with its types`() {
    #expect {
      try registry.resolveFunction("nope", [.int4, .text])
    } throws: { error in
      (error as? SQLError)?.message == "function nope(integer, text) does not exist"
        && (error as? SQLError)?.code == .undefinedFunction
    }
    #expect {
      try registry.resolveOperator("+", .int4, .bool)
    } throws: { error in
      (error as? SQLError)?.message == "operator does not exist: integer + boolean"
    }
  }

  @Test func `a strict function of a null is null`() throws {
    var context = EvaluationContext()
    let call = try registry.resolveFunction("replace", [.text, .text, .text])
    #expect(try call.evaluate([.string("a"), .null, .string("b")], &context).isNull)
    #expect(
      try call.evaluate([.string("aXa"), .string("X"), .string("-")], &context)
        == .string("a-a"))
  }

  @Test func `a regular expression that backtracks without end is stopped`() throws {
    var context = EvaluationContext()
    let match = try registry.resolveOperator("~", .text, .text)
    let text = Value.string(String(repeating: "a", count: 60) + "b")
    do throws(SQLError) {
      let found = try match.evaluate(text, .string("^(a+)+$"), &context)
      #expect(found == .bool(false))
    } catch {
      #expect(error.code.text.hasPrefix("5") || error.code.text == "2201B")
    }
  }
}
