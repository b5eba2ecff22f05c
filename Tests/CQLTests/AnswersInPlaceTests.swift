import Base
import Testing

@testable import CQL

/// Requests that are answered from where they lie in the input have the answers and the effect that they have when they
/// are read whole, which an empty custom payload makes them be: two servers are asked the same.
struct AnswersInPlaceTests {
  private static let tables = [
    "CREATE TABLE one (a int PRIMARY KEY, v blob)",
    """
    CREATE TABLE many (p text, r bigint, q timeuuid, d timestamp, i int, t text, b blob, u uuid, f double, g float,
    z boolean, s smallint, y tinyint, n ascii, w timeuuid, PRIMARY KEY ((p, r), q, d))
    WITH CLUSTERING ORDER BY (q DESC, d ASC)
    """,
    "CREATE TABLE odd (a tinyint, c varint, v int, PRIMARY KEY (a, c)) WITH default_time_to_live = 100",
    "CREATE TABLE counts (a int PRIMARY KEY, n counter)",
  ]

  private struct Column {
    var name: String
    var type: CQLType.Native
  }

  private struct Table {
    var name: String
    var key: [Column]
    var cells: [Column]
  }

  private static let shapes = [
    Table(name: "one", key: [.init(name: "a", type: .int)], cells: [.init(name: "v", type: .blob)]),
    Table(
      name: "many",
      key: [
        .init(name: "p", type: .text), .init(name: "r", type: .bigint),
        .init(name: "q", type: .timeuuid), .init(name: "d", type: .timestamp),
      ],
      cells: [
        .init(name: "i", type: .int), .init(name: "t", type: .text), .init(name: "b", type: .blob),
        .init(name: "u", type: .uuid), .init(name: "f", type: .double),
        .init(name: "g", type: .float), .init(name: "z", type: .boolean),
        .init(name: "s", type: .smallint), .init(name: "y", type: .tinyint),
        .init(name: "n", type: .ascii), .init(name: "w", type: .timeuuid),
      ]),
    Table(
      name: "odd", key: [.init(name: "a", type: .tinyint), .init(name: "c", type: .varint)],
      cells: [.init(name: "v", type: .int)]),
  ]

  /// Requests of random statements on few rows. `times`: writes say when they are written.
  private struct Maker {
    var random: Xoshiro256
    let times: Bool

    mutating func draw(_ range: ClosedRange<Int>) -> Int { .random(in: range, using: &random) }

    mutating func value(_ type: CQLType.Native, isKey: Bool) -> BoundValue {
      let odd = draw(0...(isKey ? 120 : 60))
      switch odd {
      case 0: return .null
      case 1: return .unset
      case 2: return .bytes([])
      case 3: return .bytes([0xFF])
      case 4: return .bytes([0xFF, 0xFF, 1, 2, 3, 4, 5, 6])
      case 5...8 where !isKey: return .null
      default: break
      }
      let number = UInt8(draw(1...(isKey ? 2 : 250)))
      switch type {
      case .text, .ascii: return .bytes(type == .text ? Array("é\(number)".utf8) : [number & 0x7F])
      case .blob: return .bytes(Array(repeating: number, count: Int(number)))
      case .int, .float: return .bytes([number, 0, 0, number])
      case .bigint, .timestamp: return .bytes([0, 0, 1, 0x6D, 0, 0, 0, number])
      case .double: return .bytes([0x40, 9, 0x21, 0, 0, 0, 0, number])
      case .uuid, .timeuuid:
        return .bytes([1, 2, 3, 4, 5, number, 0x11, 7] + Array(repeating: number, count: 8))
      case .smallint: return .bytes([0xFF, number])
      default: return .bytes([number])
      }
    }

    /// A statement, and what its markers are given.
    mutating func statement() -> (text: String, values: [BoundValue]) {
      let table = AnswersInPlaceTests.shapes[draw(0...9) == 0 ? 2 : draw(0...1)]
      let whole = table.key.map { "\($0.name) = ?" }.joined(separator: " AND ")
      var values: [BoundValue] = []
      func give(_ columns: [Column], isKey: Bool) {
        for column in columns { values.append(value(column.type, isKey: isKey)) }
      }
      let expires = draw(0...3) == 0
      let parts = (times ? ["TIMESTAMP ?"] : []) + (expires ? ["TTL ?"] : [])
      let using = parts.isEmpty ? "" : "USING " + parts.joined(separator: " AND ")
      func giveTime() {
        if times {
          values.append(
            draw(0...40) == 0 ? .unset : .bytes([0, 0, 0, 0, 0, 0, 0, UInt8(draw(1...200))]))
        }
        guard expires else { return }
        switch draw(0...20) {
        case 0: values.append(.unset)
        case 1: values.append(.null)
        case 2: values.append(.bytes([0xFF, 0, 0, 0]))
        case 3: values.append(.bytes([1]))
        case 4...6: values.append(.bytes([0, 0, 0, 0]))
        default: values.append(.bytes([0, 0, UInt8(draw(0...1)), 90]))
        }
      }
      switch draw(0...9) {
      case 0...2:
        give(table.key, isKey: true)
        let columns = draw(0...1) == 0 ? "*" : table.cells.map(\.name).joined(separator: ", ")
        return ("SELECT \(columns) FROM \(table.name) WHERE \(whole)", values)
      case 3...5:
        let cells = draw(0...2) == 0 ? Array(table.cells.suffix(2)) : table.cells
        let columns = cells + table.key
        give(cells, isKey: false)
        give(table.key, isKey: true)
        giveTime()
        let names = columns.map(\.name).joined(separator: ", ")
        let markers = columns.map { _ in "?" }.joined(separator: ", ")
        return ("INSERT INTO \(table.name) (\(names)) VALUES (\(markers)) \(using)", values)
      case 6...7:
        giveTime()
        let cells = draw(0...2) == 0 ? [table.cells[0]] : table.cells
        give(cells, isKey: false)
        give(table.key, isKey: true)
        let sets = cells.map { "\($0.name) = ?" }.joined(separator: ", ")
        return ("UPDATE \(table.name) \(using) SET \(sets) WHERE \(whole)", values)
      case 8:
        if times { values.append(.bytes([0, 0, 0, 0, 0, 0, 0, UInt8(draw(1...100))])) }
        give(table.key, isKey: true)
        return (
          "DELETE FROM \(table.name) \(times ? "USING TIMESTAMP ?" : "") WHERE \(whole)", values
        )
      default:
        return (
          "UPDATE counts SET n = n + ? WHERE a = ?",
          [.bytes([0, 0, 0, 0, 0, 0, 0, 3]), value(.int, isKey: true)]
        )
      }
    }

    mutating func requests(version: UInt8) -> [(Opcode, [UInt8])] {
      var (text, values) = statement()
      if draw(0...50) == 0 { values.append(.null) }
      if draw(0...50) == 0 { values.removeLast() }
      var prepare = BodyWriter()
      prepare.int(text.utf8.count)
      prepare.bytes += Array(text.utf8)
      let id = CQLSession.identifier("k", text)
      var out = BodyWriter()
      out.shortBytes(draw(0...60) == 0 ? Array(id.reversed()) : id)
      out.short(draw(0...60) == 0 ? 99 : draw(1...10))
      let isDated = times && draw(0...3) == 0
      var flags = 1
      if draw(0...1) == 0 { flags |= 2 }
      if draw(0...2) == 0 { flags |= 4 }
      if draw(0...2) == 0 { flags |= 0x10 }
      if isDated { flags |= 0x20 }
      out.byte(UInt8(flags))
      out.short(values.count)
      for value in values {
        switch value {
        case .bytes(let bytes): out.bytes(bytes)
        case .null: out.int(-1)
        case .unset: out.int(-2)
        }
      }
      if flags & 4 != 0 { out.int(10) }
      if flags & 0x10 != 0 { out.short(8) }
      if isDated { out.long(Int64(draw(1...200))) }
      return [(.prepare, prepare.bytes), (.execute, out.bytes)]
    }
  }

  private func run(
    _ server: SimulatedServer, _ requests: [(Opcode, [UInt8])], whole: Bool, pieceBytes: Int
  ) -> Dialogue {
    let client =
      whole
      ? Dialogue(
        requests.map { ($0.0, [0, 0] + $0.1) }, pieceBytes: pieceBytes, flags: .customPayload)
      : Dialogue(requests, pieceBytes: pieceBytes)
    #expect(server.serve([client]))
    #expect(client.replies.count == requests.count)
    return client
  }

  private func compare(seed: UInt64, shards: Int, pieceBytes: Int, compresses: Bool) {
    let servers = (0..<2).map { _ in SimulatedServer(seed: seed, shards: shards) }
    defer { for server in servers { server.end() } }
    let times = seed % 2 == 0
    var maker = Maker(random: Xoshiro256(seed: seed), times: times)
    var startup = BodyWriter()
    startup.short(compresses ? 2 : 1)
    startup.string("CQL_VERSION")
    startup.string("3.4.5")
    if compresses {
      startup.string("COMPRESSION")
      startup.string("lz4")
    }
    let begin = [(Opcode.startup, startup.bytes), Wire.query("USE k")]
    let setup =
      [Wire.startup] + ([Script.keyspace, "USE k"] + Self.tables).map { Wire.query($0) }
    for server in servers { _ = run(server, setup, whole: false, pieceBytes: 1 << 20) }
    for _ in 0..<6 {
      var requests = begin
      for _ in 0..<50 { requests += maker.requests(version: 4) }
      for table in Self.shapes {
        let columns =
          times ? ", " + table.cells.map { "writetime(\($0.name))" }.joined(separator: ", ") : ""
        let names = (table.key + table.cells).map(\.name).joined(separator: ", ")
        requests.append(Wire.query("SELECT \(names)\(columns) FROM \(table.name)"))
      }
      let (mine, usual) = (
        run(servers[0], requests, whole: false, pieceBytes: pieceBytes),
        run(servers[1], requests, whole: true, pieceBytes: pieceBytes)
      )
      for (place, (a, b)) in zip(mine.replies, usual.replies).enumerated() {
        #expect(a.opcode == b.opcode && a.body == b.body, "\(place): \(requests[place])")
      }
      #expect(mine.flags == usual.flags)
      // Some of it expires.
      for server in servers { server.run(milliseconds: 50_000) }
    }
    #expect(servers[1].answersInPlace == 0)
    let least = shards == 1 ? 60 : 30
    #expect((least..<300).contains(servers[0].answersInPlace), "\(servers[0].answersInPlace)")
  }

  @Test(arguments: 1...12 as ClosedRange<UInt64>) func likeTheUsualWay(seed: UInt64) {
    compare(seed: seed, shards: 1, pieceBytes: 1 << 20, compresses: false)
  }

  @Test func inPieces() { compare(seed: 20, shards: 1, pieceBytes: 3, compresses: false) }

  @Test func compressed() { compare(seed: 21, shards: 1, pieceBytes: 1 << 20, compresses: true) }

  @Test(arguments: [22, 23] as [UInt64]) func onTwoShards(seed: UInt64) {
    compare(seed: seed, shards: 2, pieceBytes: 1 << 20, compresses: false)
  }
}
