import Base
import Fuzzing
import SimulatedServer
import Testing

@testable import PgWire

private func text(_ value: String) -> [UInt8] { Array(value.utf8) + [0] }

private func number(_ value: Int, _ width: Int) -> [UInt8] {
  (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * (width - 1 - $0))) }
}

private func packet(_ body: [UInt8]) -> [UInt8] { number(body.count + 4, 4) + body }

private func letter(_ character: Character) -> UInt8 { character.asciiValue ?? 0 }

/// What clients send: a type and a body.
private typealias Sample = (type: UInt8, body: [UInt8])

private func parse(_ name: String, _ sql: String, _ types: [Int] = []) -> Sample {
  let oids = types.flatMap { number($0, 4) }
  return (letter("P"), text(name) + text(sql) + number(types.count, 2) + oids)
}

private func bind(_ statement: String, _ formats: [Int], _ values: [[UInt8]?], _ results: [Int])
  -> Sample
{
  var body = text("") + text(statement) + number(formats.count, 2)
  for format in formats { body += number(format, 2) }
  body += number(values.count, 2)
  for value in values { body += number(value?.count ?? -1, 4) + (value ?? []) }
  body += number(results.count, 2)
  for format in results { body += number(format, 2) }
  return (letter("B"), body)
}

private let queries = [
  "select 1", "", ";", "select 1; select 'a' || 'b'; select", "begin", "commit", "rollback",
  "savepoint a", "rollback to a", "create table t (id int primary key, b text, c numeric(5,2))",
  "drop table t", "insert into t values (1, 'x', 1.5), (2, null, null)",
  "insert into t select g, g::text, g / 3.0 from generate_series(1, 50) g on conflict do nothing",
  "select * from t where id between 1 and 5 order by b desc nulls first limit 3 offset 1",
  "update t set b = upper(b) where id = any ('{1,2}') returning *", "delete from t where id = 1",
  "with recursive r(n) as (select 1 union all select n + 1 from r where n < 9) select sum(n) from r",
  "select a, count(*) over (partition by a) from (values (1), (2), (1)) v(a) group by a",
  "select '{\"a\":[1,2]}'::jsonb -> 'a' ->> 0, date '2024-02-30', interval '1 mon' * 1e9",
  "set statement_timeout = '5s'", "show all", "declare c cursor for select * from t", "fetch 2 c",
  "prepare p(int) as select $1 + 1", "execute p(2147483647)", "deallocate all", "listen a",
  "notify a, 'b'", "copy t from stdin", "copy t to stdout (format csv, header)",
  "copy t from stdin (format binary)", "explain select * from t join t u using (id)",
  "select 1 / 0", "select '\\xFF'::bytea, e'\\u00e9', $$a$$, U&'\\0041', B'101', x'1F'",
  "select (((((((((1 + 2) * 3))))))))::numeric ^ 5000 % 7", "select 'a' ~ '(a|b)*c+[^d]{2,3}$'",
  "select substring('abc' from 2 for 1), format('%s %I', 1, 'a'), to_char(now(), 'YYYY-MM')",
]

private let sqlWords: [[UInt8]] = [
  "select ", " from t ", " where ", " and ", " or ", " not ", " in (", "(", ")", ",", "'", "\"",
  ";",
  "$1", "$2", "$65535", "::int", "::text", "::numeric", "[", "]", "null", " union ", " join ",
  " group by 1 ", " order by 9 ", "*", "--", "/*", "*/", "$$", "99999999999999999999", "1e999", "-",
  "9223372036854775807", "0x7fffffff", " as ", " case when ", " end ", "array[", "row(", "\\", "\0",
  "é", "\u{FFFF}", " with ", " values ", " default ", " lateral ", " exists (", " limit -1 ",
].map { Array($0.utf8) }

private let samples: [Sample] =
  queries.map { (letter("Q"), text($0)) }
  + [
    parse("", "select $1 + $2", [23, 0]), parse("s", "insert into t values ($1, $2, $3)"),
    parse("q", "select $1::int4[], $2::jsonb, $3::interval", [1007, 3802, 1186]),
    parse("", "select * from t"),
    bind("", [], [Array("1".utf8), nil], []), bind("", [1], [number(1, 4), number(2, 4)], [1]),
    bind(
      "s", [1, 0, 0], [number(7, 4), Array("x".utf8), Array("1.25".utf8)], []),
    bind(
      "q", [1, 1, 1],
      [
        number(1, 4) + number(0, 4) + number(23, 4) + number(1, 4) + number(1, 4) + number(4, 4)
          + number(5, 4), [1] + Array("{\"a\":1}".utf8), number(1, 8) + number(2, 4) + number(3, 4),
      ], [1, 0, 1]),
    (letter("D"), [letter("S")] + text("s")), (letter("D"), [letter("P")] + text("")),
    (letter("E"), text("") + number(0, 4)), (letter("E"), text("") + number(1, 4)),
    (letter("C"), [letter("S")] + text("s")), (letter("C"), [letter("P")] + text("")),
    (letter("S"), []), (letter("H"), []), (letter("S"), []),
    (letter("d"), Array("5\thello\t1.5\n6\t\\N\t\\N\n".utf8)), (letter("c"), []),
    (letter("f"), text("no more")), (letter("F"), number(1, 4)), (letter("p"), text("secret")),
    (
      letter("d"),
      Array("PGCOPY\n".utf8) + [0xFF, 13, 10, 0] + number(0, 8) + number(3, 2) + number(4, 4)
        + number(9, 4) + number(1, 4) + [65] + number(-1, 4) + number(-1, 2)
    ),
  ]

private let startups: [[UInt8]] = [
  number(196_608, 4) + text("user") + text("quatrain") + text("database") + text("quatrain") + [0],
  number(196_610, 4) + text("user") + text("quatrain") + text("options")
    + text("-c search_path=a\\ b --work_mem=4MB -c") + text("_pq_.x") + text("1") + [0],
  number(80_877_103, 4), number(80_877_104, 4), number(80_877_102, 4) + number(1, 4) + number(2, 4),
]

@Suite struct PgWireFuzzTests {
  @Test func frontendMessages() {
    let bodies = samples.map(\.body)
    let types = Array("QPBDECHSXdcfFp".utf8)
    let failures = fuzz("PgWireFuzzTests.frontendMessages", iterations: 30_000) { mutator in
      let body = mutator.mutate(bodies)
      let type = mutator.oneIn(8) ? UInt8(mutator.below(256)) : mutator.pick(types)
      do throws(MessageFault) {
        let message = try FrontendMessage(type: type, body: body)
        if case .bind(let bind) = message,
          bind.values.reduce(0, { $0 + ($1?.count ?? 0) }) > body.count
        {
          return "more values than bytes"
        }
      } catch {}
      return nil
    }
    #expect(failures == [])
  }

  @Test func startupPackets() {
    let failures = fuzz("PgWireFuzzTests.startupPackets", iterations: 20_000) { mutator in
      do throws(MessageFault) {
        let packet = try StartupPacket(mutator.mutate(startups))
        if case .startup(_, let parameters) = packet {
          _ = StartupPacket.options(parameters["options"] ?? "")
        }
      } catch {}
      return nil
    }
    #expect(failures == [])
  }

  @Test func `each packet and message cut at every byte`() {
    for packet in startups {
      for count in packet.indices {
        #expect(throws: MessageFault.self) {
          let found = try StartupPacket(Array(packet[..<count]))
          // The code alone is a whole packet of another kind.
          if case .unsupported = found { throw MessageFault.malformed }
        }
      }
    }
    let free = Array("dFp".utf8)
    for (type, body) in samples where !free.contains(type) {
      for count in body.indices {
        #expect(throws: MessageFault.malformed) {
          try FrontendMessage(type: type, body: Array(body[..<count]))
        }
      }
    }
  }

  /// Whole sessions of a node whose clients send bad bytes, several at a time: each ends with the
  /// client, answers in whole messages and with no internal error, and who comes after is served.
  @Test func sessions() {
    let failures = fuzz("PgWireFuzzTests.sessions", iterations: 40) { mutator in
      let server = SimulatedServer(seed: UInt64(mutator.below(1 << 40)))
      defer { server.end() }
      for _ in 0..<6 {
        let clients = (0..<3).map { _ in client(&mutator) }
        guard server.serve(clients) else { return "a session does not end" }
        for client in clients {
          if let fault = fault(client.received) { return fault }
        }
      }
      let query = [letter("Q")] + packet(text("select 40 + 2"))
      let last = ScriptedStream(pieces: [packet(startups[0]), query, [letter("X")] + packet([])])
      guard server.serve([last]) else { return "the last session does not end" }
      let row = [letter("D")] + packet(number(1, 2) + number(2, 4) + Array("42".utf8))
      return contains(last.received, row) ? nil : "the last session is not served"
    }
    #expect(failures == [])
  }

  private func client(_ mutator: inout Mutator) -> ScriptedStream {
    let isStranger = mutator.oneIn(8)
    var bytes: [UInt8] = []
    if mutator.oneIn(6) { bytes += packet(mutator.pick(startups)) }
    if isStranger {
      bytes += packet(number(196_608, 4) + text("user") + text("nobody") + [0])
      let first = text("SCRAM-SHA-256") + packet(Array("n,,n=,r=abcdef".utf8))
      bytes += [letter("p")] + packet(mutator.mutate([first, startups[0]]))
    } else {
      bytes += packet(mutator.oneIn(8) ? mutator.mutate(startups) : startups[0])
    }
    for _ in 0..<1 + mutator.below(12) {
      let sample = mutator.pick(samples)
      var body = sample.body
      switch mutator.below(4) {
      case 0: body = mutator.mutate([body, mutator.pick(samples).body])
      case 1:
        if sample.type == letter("Q") {
          let others = [Array(body.dropLast()), Array(mutator.pick(queries).utf8)]
          body = mutator.mutate(others, words: sqlWords).filter { $0 != 0 } + [0]
        }
      default: break
      }
      bytes += [sample.type] + packet(body)
      if mutator.oneIn(3) { bytes += [letter("S")] + packet([]) }
    }
    if mutator.oneIn(6) { bytes = mutator.mutate([bytes]) }
    if mutator.oneIn(4) { bytes.removeSubrange(mutator.below(bytes.count + 1)...) }
    var pieces: [[UInt8]] = []
    let pieceMax = mutator.pick([1, 7, 100, 100_000])
    while !bytes.isEmpty {
      let count = min(bytes.count, 1 + mutator.below(pieceMax))
      pieces.append(Array(bytes[..<count]))
      bytes.removeSubrange(..<count)
    }
    return ScriptedStream(pieces: pieces, peerAddress: isStranger ? "10.0.0.9:1" : "127.0.0.1:1")
  }

  /// What is wrong with what the server sent.
  private func fault(_ bytes: [UInt8]) -> String? {
    // Answers to requests for encryption have no length.
    var position = bytes.firstIndex { $0 != letter("N") } ?? bytes.count
    while position < bytes.count {
      guard position + 5 <= bytes.count else { return "half a message at \(position)" }
      let length = bytes[position + 1..<position + 5].reduce(0) { $0 << 8 | Int($1) }
      guard length >= 4, position + 1 + length <= bytes.count else {
        return "a message of \(length) bytes at \(position) of \(bytes.count)"
      }
      let body = bytes[position + 5..<position + 1 + length]
      if bytes[position] == letter("E"), contains(Array(body), Array("\0CXX".utf8)) {
        return String(decoding: body.map { $0 == 0 ? 10 : $0 }, as: UTF8.self)
      }
      position += 1 + length
    }
    return nil
  }

  private func contains(_ bytes: [UInt8], _ piece: [UInt8]) -> Bool {
    bytes.count >= piece.count
      && (0...bytes.count - piece.count).contains { bytes[$0...].starts(with: piece) }
  }
}
