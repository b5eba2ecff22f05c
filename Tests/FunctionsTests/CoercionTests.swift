import Base
import Functions
import Testing
import Types

/// Casts with modifiers, common types, errors of resolution.
@Suite struct CoercionTests {
  let registry = FunctionRegistry.builtin

  private func cast(_ text: String, _ from: SQLType, _ to: SQLType, _ isExplicit: Bool) -> String {
    var context = EvaluationContext()
    do throws(SQLError) {
      let value = try TypeIO.parseText(text, as: from)
      let result = try registry.coerce(
        value, from: from, to: to, isExplicit: isExplicit, context: &context)
      return TypeIO.formatText(result, as: to)
    } catch {
      return "!\(error.code)"
    }
  }

  @Test func modifiers() {
    #expect(cast("hello", .text, .varchar(3), true) == "hel")
    #expect(cast("hello", .text, .varchar(3), false) == "!22001")
    #expect(cast("hi  ", .text, .varchar(3), false) == "hi ")
    #expect(cast("hi", .text, .bpchar(4), false) == "hi  ")
    #expect(cast("1.239", .numeric, .numeric(precision: 3, scale: 2), false) == "1.24")
    #expect(cast("123.4", .numeric, .numeric(precision: 3, scale: 1), true) == "!22003")
    #expect(cast("1.5", .numeric, .int4, false) == "2")
    #expect(cast("2.5", .float8, .int4, false) == "2")
    #expect(cast("300000", .int4, .int2, false) == "!22003")
    #expect(cast("1", .int4, .bool, false) == "!42846")
    #expect(cast("1", .int4, .bool, true) == "t")
    #expect(cast("12", .text, .int4, false) == "!42846")
    #expect(cast("12", .text, .int4, true) == "12")
    #expect(cast("{1,2}", .int4Array, .textArray, true) == "{1,2}")
    #expect(cast("1", .int4, .date, true) == "!42846")
  }

  @Test func commonTypes() throws {
    #expect(try registry.commonType([.int4, .numeric, .unknown], context: "CASE") == .numeric)
    #expect(try registry.commonType([.unknown, .unknown], context: "UNION") == .text)
    #expect(try registry.commonType([.varchar(3), .varchar(3)], context: "UNION") == .varchar(3))
    #expect(throws: SQLError.self) {
      try self.registry.commonType([.int4, .text], context: "UNION")
    }
  }

  @Test func resolutionErrors() {
    do throws(SQLError) {
      _ = try registry.resolveFunction("foo", [.int4])
      Issue.record("foo resolved")
    } catch {
      #expect(error.message == "function foo(integer) does not exist")
    }
    do throws(SQLError) {
      _ = try registry.resolveOperator("+", .int4, .bool)
      Issue.record("+ resolved")
    } catch {
      #expect(error.message == "operator does not exist: integer + boolean")
    }
    #expect(throws: SQLError.self) {
      try self.registry.resolveOperator("+", .unknown, .unknown)
    }
  }

  @Test func matchersStayFast() throws {
    var context = EvaluationContext()
    let text = Value.string(String(repeating: "a", count: 300))
    let like = try registry.resolveOperator("~~", .text, .text)
    let pattern = Value.string(String(repeating: "%a", count: 40) + "b")
    #expect(try like.evaluate(text, pattern, &context) == .bool(false))
    let regex = try registry.resolveOperator("~", .text, .text)
    #expect(try regex.evaluate(text, .string("^(a|a?)+(a+)+b$"), &context) == .bool(false))
  }
}
