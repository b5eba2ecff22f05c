import Base
import Fuzzing
import SimulatedServer
import Testing

@testable import RESP

/// Whole sessions of a simulated node.
struct SessionTests {
  private static func replies(to commands: String, pieces: Int = 1_000_000, seed: UInt64 = 1)
    -> String
  {
    let server = SimulatedServer(seed: seed)
    defer { server.end() }
    let bytes = Array(commands.replacing("\n", with: "\r\n").utf8)
    let cuts = stride(from: 0, to: bytes.count, by: pieces).map {
      Array(bytes[$0..<min($0 + pieces, bytes.count)])
    }
    let client = ScriptedStream(pieces: cuts)
    #expect(server.serve([client]))
    return String(decoding: client.received, as: UTF8.self).replacing("\r\n", with: "\n")
  }

  @Test func pipelinesKeepTheirOrder() {
    let script = """
      SET a 1
      GET a
      INCR a
      SET b x
      INCR b
      MGET a b c
      INCR a
      DEL a b
      GET a

      """
    let expected = """
      +OK
      $1
      1
      :2
      +OK
      -ERR value is not an integer or out of range
      *3
      $1
      2
      $1
      x
      $-1
      :3
      :2
      $-1

      """
    for pieces in [1, 5, 17, 1_000] {
      #expect(Self.replies(to: script, pieces: pieces) == expected)
    }
  }

  @Test func transactionsOverSlots() {
    let script = """
      MULTI
      SET a 1
      SET b 2
      SET c 3
      INCR a
      EXEC
      MGET a b c
      MULTI
      GET
      EXEC
      DISCARD
      EXEC
      MULTI
      MULTI
      NOSUCH
      DISCARD
      WATCH a
      SET a 5
      MULTI
      SET a 6
      EXEC
      GET a

      """
    let expected = """
      +OK
      +QUEUED
      +QUEUED
      +QUEUED
      +QUEUED
      *4
      +OK
      +OK
      +OK
      :2
      *3
      $1
      2
      $1
      2
      $1
      3
      +OK
      -ERR wrong number of arguments for 'get' command
      -EXECABORT Transaction discarded because of previous errors.
      -ERR DISCARD without MULTI
      -ERR EXEC without MULTI
      +OK
      -ERR MULTI calls can not be nested
      -ERR unknown command 'NOSUCH', with args beginning with:\u{20}
      +OK
      +OK
      +OK
      +OK
      +QUEUED
      *-1
      $1
      5

      """
    #expect(Self.replies(to: script) == expected)
  }

  @Test func badBytesEndTheirConnectionAlone() {
    let server = SimulatedServer(seed: 2)
    defer { server.end() }
    let bad = ScriptedStream(pieces: [Array("*1\r\n:3\r\n".utf8), Array("PING\r\n".utf8)])
    let good = ScriptedStream(pieces: [Array("PING\r\n".utf8), Array("SET a 1\r\n".utf8)])
    #expect(server.serve([bad, good]))
    #expect(bad.received == Array("-ERR Protocol error: expected '$', got ':'\r\n".utf8))
    #expect(good.received == Array("+PONG\r\n+OK\r\n".utf8))
  }

  private static let samples: [[UInt8]] =
    CommandTable.all.map { spec in
      let words = [spec.name, "k", "1", "0", "v"].prefix(max(2, abs(spec.arity) + 1))
      return "*\(words.count)\r\n" + words.map { "$\($0.utf8.count)\r\n\($0)\r\n" }.joined()
    }.map { Array($0.utf8) }
    + ["SET k v\r\n", "MULTI\r\nSET a 1\r\nSET b 2\r\nEXEC\r\n", "GET k\r\n"].map { Array($0.utf8) }

  /// Whatever comes, the session ends with its client, and the next client is served.
  @Test func sessions() {
    let failures = fuzz("RESPTests.SessionTests.sessions", iterations: 60) { mutator in
      let server = SimulatedServer(seed: UInt64(mutator.below(1 << 30)))
      defer { server.end() }
      let clients = (0..<3).map { _ in
        ScriptedStream(pieces: (0..<12).map { _ in mutator.mutate(Self.samples) })
      }
      guard server.serve(clients) else { return "a session does not end" }
      let last = ScriptedStream(pieces: [Array("PING\r\n".utf8)])
      guard server.serve([last]), last.received == Array("+PONG\r\n".utf8) else {
        return "the next client is not served"
      }
      return nil
    }
    #expect(failures == [])
  }
}
