import Base
import Fuzzing
import Testing

@testable import RESP

/// What clients send, and what the parser makes of it.
struct RequestParserTests {
  /// The commands in the bytes, given in pieces of this size, and the fault that ended them.
  private static func parse(_ bytes: [UInt8], pieces: Int, isAuthenticated: Bool = true)
    -> (commands: [CommandArguments], fault: String?)
  {
    var parser = RequestParser()
    parser.isAuthenticated = isAuthenticated
    var commands: [CommandArguments] = []
    var start = 0
    while start < bytes.count {
      let end = min(start + pieces, bytes.count)
      parser.input += bytes[start..<end]
      start = end
      do throws(ProtocolFault) {
        while let command = try parser.next() { commands.append(command) }
      } catch {
        return (commands, error.message)
      }
      parser.compact()
    }
    return (commands, nil)
  }

  private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

  @Test(arguments: [
    ("*1\r\n$4\r\nPING\r\n", [["PING"]]),
    ("*2\r\n$4\r\nECHO\r\n$0\r\n\r\nPING\r\n", [["ECHO", ""], ["PING"]]),
    ("*0\r\n*-1\r\n\r\nPING\r\n", [["PING"]]),
    ("SET a \"b c\\n\\x41\"\r\n", [["SET", "a", "b c\nA"]]),
    ("SET 'it\\'s' \"\" x\n", [["SET", "it's", "", "x"]]),
    ("  GET   a  \r\n", [["GET", "a"]]),
  ])
  func commands(_ text: String, _ expected: [[String]]) {
    let wanted = expected.map { CommandArguments($0.map { Array($0.utf8) }) }
    for pieces in 1...text.utf8.count {
      let found = Self.parse(Self.bytes(text), pieces: pieces)
      #expect(found.commands == wanted)
      #expect(found.fault == nil)
    }
  }

  @Test(arguments: [
    ("*1\r\n:4\r\n", "expected '$', got ':'"),
    ("*x\r\n", "invalid multibulk length"),
    ("*1048577\r\n", "invalid multibulk length"),
    ("*1\r\n$-2\r\n", "invalid bulk length"),
    ("*1\r\n$536870913\r\n", "invalid bulk length"),
    ("*1\r\n$x\r\n", "invalid bulk length"),
    ("SET 'a\r\n", "unbalanced quotes in request"),
    ("SET \"a\"b\r\n", "unbalanced quotes in request"),
    ("*" + String(repeating: "1", count: 70_000), "too big mbulk count string"),
    ("*1\r\n$" + String(repeating: "1", count: 70_000), "too big bulk count string"),
    (String(repeating: "a", count: 70_000), "too big inline request"),
  ])
  func faults(_ text: String, _ message: String) {
    let found = Self.parse(Self.bytes(text), pieces: 4_096)
    #expect(found.fault == "Protocol error: " + message)
  }

  @Test func limitsOfWhoHasNotSaidWho() {
    let many = Self.parse(Self.bytes("*11\r\n"), pieces: 64, isAuthenticated: false)
    #expect(many.fault == "Protocol error: unauthenticated multibulk length")
    let long = Self.parse(Self.bytes("*1\r\n$16385\r\n"), pieces: 64, isAuthenticated: false)
    #expect(long.fault == "Protocol error: unauthenticated bulk length")
  }

  @Test func bytesInAnyCut() {
    let samples = [
      "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$5\r\nhe\r\nl\r\n", "*2\r\n$3\r\nGET\r\n$1\r\na\r\n",
      "SET a \"b\\x00\"\r\n", "*1\r\n$4\r\nPING\r\n",
    ].map(Self.bytes)
    let failures = fuzz("RESPTests.RequestParserTests.bytesInAnyCut", iterations: 20_000) {
      mutator in
      let input = mutator.mutate(samples) + mutator.pick(samples)
      let whole = Self.parse(input, pieces: input.count)
      let cut = Self.parse(input, pieces: 1 + mutator.below(7))
      guard whole.commands == cut.commands, whole.fault == cut.fault else {
        return "cut bytes are read otherwise than whole ones: \(whole), \(cut)"
      }
      return nil
    }
    #expect(failures == [])
  }

  @Test(arguments: [
    ("0", 0), ("-1", -1), ("9223372036854775807", Int64.max), ("-9223372036854775808", Int64.min),
  ])
  func integers(_ text: String, _ value: Int64) { #expect(text.utf8.strictInteger() == value) }

  @Test(arguments: [
    "", "-", "+1", "01", "-0", " 1", "1 ", "9223372036854775808", "-9223372036854775809", "1.0",
    "a",
  ])
  func notIntegers(_ text: String) { #expect(text.utf8.strictInteger() == nil) }

  @Test(arguments: [
    (3.0, "3"), (3.1, "3.1000000000000001"), (-0.0, "-0"), (1e15, "1000000000000000"),
    (1e17, "1e+17"), (0.1, "0.10000000000000001"), (.infinity, "inf"), (-.infinity, "-inf"),
  ])
  func doubles(_ value: Double, _ text: String) { #expect(value.redisText == text) }
}
