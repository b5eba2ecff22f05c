import Base
import Testing

@testable import CQL

/// Changes that are committed as they are made do what they do on the usual way, which USING TIMEOUT makes them take.
struct ChangesAtOnceTests {
  private static let tables = ["a", "b"].map {
    "CREATE TABLE \($0) (p int, q int, v int, w text, s set<int>, PRIMARY KEY (p, q))"
  }

  @Test(arguments: 1...12 as ClosedRange<UInt64>) func likeTheUsualWay(seed: UInt64) {
    let server = SimulatedServer(seed: seed)
    defer { server.end() }
    var maker = ChangeMaker(seed: seed)
    let setup = Dialogue(
      [Wire.startup] + ([Script.keyspace, "USE k"] + Self.tables).map { Wire.query($0) })
    #expect(server.serve([setup]))
    let before = server.changesAtOnce
    var expected = 0
    for _ in 0..<12 {
      var requests = [Wire.startup, Wire.query("USE k")]
      var changes: [String] = []
      for _ in 0..<8 {
        let change = maker.next()
        changes.append(change.usual)
        requests += change.atOnce + [Wire.query(change.usual)]
        expected += 1
      }
      requests += ["a", "b"].map { Wire.query(Self.read($0)) }
      let client = Dialogue(requests)
      #expect(server.serve([client]))
      let replies = client.replies.map { Wire.text($0) }
      #expect(replies.count == requests.count)
      #expect(!replies.contains { $0.hasPrefix("ERROR") }, "\(replies)")
      #expect(replies[replies.count - 2] == replies[replies.count - 1], "\(changes)")
    }
    #expect(server.changesAtOnce - before == expected)
    // What was to expire has.
    server.run(milliseconds: 400_000)
    let late = Dialogue(
      [Wire.startup, Wire.query("USE k")] + ["a", "b"].map { Wire.query(Self.read($0)) })
    #expect(server.serve([late]))
    #expect(Wire.text(late.replies[2]) == Wire.text(late.replies[3]))
  }

  private static func read(_ table: String) -> String {
    "SELECT p, q, v, w, s, writetime(v), writetime(w) FROM \(table)"
  }
}

/// Random changes of few rows, at few times.
private struct ChangeMaker {
  private var random: Xoshiro256

  init(seed: UInt64) { random = Xoshiro256(seed: seed) }

  private mutating func draw(_ range: ClosedRange<Int>) -> Int {
    .random(in: range, using: &random)
  }

  mutating func next() -> (usual: String, atOnce: [(Opcode, [UInt8])]) {
    let (row, time) = (row(), draw(1...12))
    switch draw(0...9) {
    case 0...2: return insert(row, time)
    case 3...4: return update(row, time)
    case 5:
      return texts("UPDATE ? USING TIMESTAMP \(time)! SET s = s + {\(draw(1...4))} WHERE \(row)")
    case 6: return texts("DELETE v FROM ? USING TIMESTAMP \(time)! WHERE \(row)")
    case 7: return deletion(row, time)
    case 8:
      let range = ["", " AND q > 1", " AND q = 2"][draw(0...2)]
      return texts("DELETE FROM ? USING TIMESTAMP \(time)! WHERE p = \(row.p)\(range)")
    default: return batch(row.p, time)
    }
  }

  private struct Row: CustomStringConvertible {
    var p: Int
    var q: Int
    var description: String { "p = \(p) AND q = \(q)" }
  }

  private mutating func row() -> Row { Row(p: draw(1...2), q: draw(1...3)) }

  /// Of a text with ? for the table, and ! where USING ends.
  private func texts(_ text: String) -> (usual: String, atOnce: [(Opcode, [UInt8])]) {
    func of(_ table: String, _ end: String) -> String {
      text.map { $0 == "?" ? table : $0 == "!" ? end : String($0) }.joined()
    }
    return (of("b", " AND TIMEOUT 9s"), [Wire.query(of("a", ""))])
  }

  /// Executions of what is prepared, with whole numbers and texts.
  private func prepared(_ text: String, _ values: [BoundValue]) -> [(Opcode, [UInt8])] {
    var prepare = BodyWriter()
    prepare.int(text.utf8.count)
    prepare.bytes += Array(text.utf8)
    let id = CQLSession.identifier("k", text)
    var out = BodyWriter()
    out.shortBytes(id)
    out.consistency(.one)
    out.byte(1)
    out.short(values.count)
    for value in values {
      switch value {
      case .bytes(let bytes): out.bytes(bytes)
      case .null: out.int(-1)
      case .unset: out.int(-2)
      }
    }
    return [(.prepare, prepare.bytes), (.execute, out.bytes)]
  }

  private func int(_ number: Int) -> BoundValue { .bytes([0, 0, 0, UInt8(number)]) }
  private func long(_ number: Int) -> BoundValue { .bytes([0, 0, 0, 0, 0, 0, 0, UInt8(number)]) }

  private mutating func insert(_ row: Row, _ time: Int) -> (String, [(Opcode, [UInt8])]) {
    let seconds = [0, 100, 250][draw(0...2)]
    let number = draw(0...3)
    let (v, w) = (number == 0 ? "null" : "\(number)", draw(0...2) == 0 ? "null" : "'w\(time)'")
    let isWhole = draw(0...1) == 0
    let (columns, values) = isWhole ? ("v, w, s", "\(v), \(w), {7}") : ("v", v)
    let made = texts(
      "INSERT INTO ? (p, q, \(columns)) VALUES (\(row.p), \(row.q), \(values)) USING TIMESTAMP \(time) AND TTL \(seconds)!"
    )
    if isWhole || draw(0...1) == 0 { return made }
    return (
      made.usual,
      prepared(
        "INSERT INTO a (p, q, v) VALUES (?, ?, ?) USING TIMESTAMP ? AND TTL ?",
        [int(row.p), int(row.q), number == 0 ? .null : int(number), long(time), int(seconds)])
    )
  }

  private mutating func update(_ row: Row, _ time: Int) -> (String, [(Opcode, [UInt8])]) {
    let number = draw(1...4)
    let made = texts(
      "UPDATE ? USING TIMESTAMP \(time)! SET v = \(number), w = 'x' WHERE \(row)")
    if draw(0...1) == 0 { return made }
    return (
      made.usual,
      prepared(
        "UPDATE a USING TIMESTAMP ? SET v = ?, w = 'x' WHERE p = ? AND q = ?",
        [long(time), int(number), int(row.p), int(row.q)])
    )
  }

  private mutating func deletion(_ row: Row, _ time: Int) -> (String, [(Opcode, [UInt8])]) {
    let made = texts("DELETE FROM ? USING TIMESTAMP \(time)! WHERE \(row)")
    if draw(0...1) == 0 { return made }
    return (
      made.usual,
      prepared(
        "DELETE FROM a USING TIMESTAMP ? WHERE p = ? AND q = ?",
        [long(time), int(row.p), int(row.q)])
    )
  }

  /// Of one partition.
  private mutating func batch(_ p: Int, _ time: Int) -> (String, [(Opcode, [UInt8])]) {
    var parts: [String] = []
    for _ in 0..<draw(2...4) {
      let q = draw(1...3)
      parts.append(
        draw(0...2) == 0
          ? "DELETE FROM ? WHERE p = \(p) AND q = \(q)"
          : "INSERT INTO ? (p, q, v) VALUES (\(p), \(q), \(draw(1...4)))")
    }
    return texts(
      "BEGIN UNLOGGED BATCH USING TIMESTAMP \(time)! \(parts.joined(separator: "; ")) APPLY BATCH")
  }
}
