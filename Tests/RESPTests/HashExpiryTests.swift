import Base
import Fuzzing
import Testing

@testable import RESP

/// Whatever is done to the fields of a hash, and whichever have expired: HLEN counts those that are
/// there, and a hash without any is not there. All three are asked at the same moment (MULTI).
struct HashExpiryTests {
  @Test(arguments: [UInt64(1), 2, 3])
  func countsStayRight(seed: UInt64) {
    var random = Xoshiro256(seed: seed)
    var commands: [String] = []
    for _ in 0..<300 {
      commands.append(Self.command(&random))
      commands += ["MULTI", "HLEN h", "HKEYS h", "EXISTS h", "EXEC"]
    }
    let server = SimulatedServer(seed: seed)
    defer { server.end() }
    let input = commands.map { $0 + "\r\n" }.joined()
    let client = ScriptedStream(pieces: [Array(input.utf8)])
    #expect(server.serve([client]))
    var replies = Replies(lines: String(decoding: client.received, as: UTF8.self))
    var (empty, some) = (0, 0)
    for number in stride(from: 0, to: commands.count, by: 6) {
      for _ in 0..<5 { _ = replies.next() }
      guard case .array(let state) = replies.next(), state.count == 3,
        case .integer(let length) = state[0], case .array(let names) = state[1],
        case .integer(let exists) = state[2]
      else {
        Issue.record("no reply to the check after \(commands[number])")
        return
      }
      #expect(length == names.count, "after \(commands[number])")
      #expect(exists == (names.isEmpty ? 0 : 1), "after \(commands[number])")
      if names.isEmpty { empty += 1 } else { some += 1 }
    }
    #expect(empty > 5 && some > 50)
  }

  private static func command(_ random: inout Xoshiro256) -> String {
    func field() -> String { "f\(Int.random(in: 0..<5, using: &random))" }
    func time() -> Int { Int.random(in: 1...120, using: &random) }
    switch Int.random(in: 0..<12, using: &random) {
    case 0, 1: return "HSET h \(field()) 1 \(field()) 2"
    case 2, 3: return "HDEL h \(field()) \(field())"
    case 4, 5, 6: return "HPEXPIRE h \(time()) FIELDS 2 \(field()) \(field())"
    case 7: return "HPERSIST h FIELDS 1 \(field())"
    case 8: return "HINCRBY h \(field()) 1"
    case 9: return "HPEXPIRE h \(time()) FIELDS 5 f0 f1 f2 f3 f4"
    case 10: return "BZPOPMIN none 1.2"
    default: return "BZPOPMIN none 0.05"
    }
  }
}

/// RESP2's replies, one after the other.
private struct Replies {
  enum Reply: Equatable {
    case integer(Int)
    case array([Reply])
    case text(String)
    case none
  }
  private var lines: ArraySlice<Substring>

  init(lines text: String) {
    lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)[...]
  }

  /// Nil: there are no more.
  mutating func next() -> Reply? {
    guard let line = lines.popFirst(), let kind = line.first else { return nil }
    let rest = String(line.dropFirst())
    switch kind {
    case ":": return Int(rest).map { .integer($0) }
    case "*":
      guard let count = Int(rest), count >= 0 else { return Reply.none }
      return .array((0..<count).compactMap { _ in next() })
    case "$":
      guard let count = Int(rest), count >= 0 else { return Reply.none }
      return lines.popFirst().map { .text(String($0)) }
    default: return .text(rest)
    }
  }
}
