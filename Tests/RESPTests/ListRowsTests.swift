import Base
import Catalog
import Testing
import Types

@testable import RESP

/// Lists keep their elements at positions without gaps, whatever happens to them.
struct ListRowsTests {
  @Test(arguments: 0..<8)
  func randomCommandsAgainstAnArray(seed: Int) throws {
    var random = Xoshiro256(seed: UInt64(seed))
    func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &random) }
    let run = CommandRun(keys: ["l"])
    var model: [String] = []
    for step in 0..<400 {
      let value = "v\(below(6))"
      switch below(9) {
      case 0:
        try run("LPUSH", "l", value, "w\(step)")
        model.insert(contentsOf: ["w\(step)", value], at: 0)
      case 1, 2:
        try run("RPUSH", "l", value)
        model.append(value)
      case 3:
        try run("LPOP", "l")
        if !model.isEmpty { model.removeFirst() }
      case 4:
        try run("RPOP", "l", "2")
        model.removeLast(min(2, model.count))
      case 5:
        try run("LINSERT", "l", "AFTER", value, "x\(step)")
        if let place = model.firstIndex(of: value) { model.insert("x\(step)", at: place + 1) }
      case 6:
        try run("LREM", "l", "2", value)
        for _ in 0..<2 {
          if let place = model.firstIndex(of: value) { model.remove(at: place) }
        }
      case 7:
        try run("LREM", "l", "-1", value)
        if let place = model.lastIndex(of: value) { model.remove(at: place) }
      default:
        let drop = below(3)
        try run("LTRIM", "l", "\(drop)", "-\(drop + 1)")
        model = Array(model.dropFirst(drop).dropLast(drop))
      }
      try check(run, model)
    }
  }

  private func check(_ run: CommandRun, _ model: [String]) throws {
    let bulks = model.map { "$\($0.utf8.count)\r\n\($0)\r\n" }
    #expect(try run("LRANGE", "l", "0", "-1") == "*\(model.count)\r\n" + bulks.joined())
    #expect(try run("LLEN", "l") == ":\(model.count)\r\n")
    if let last = bulks.last { #expect(try run("LINDEX", "l", "-1") == last) }
    #expect(run.rows(RedisSchema.list).count == model.count)
    #expect(run.rows(RedisSchema.keys).isEmpty == model.isEmpty)
  }

  @Test func pushWritesTwoRows() throws {
    let run = CommandRun(keys: ["l"])
    try run("RPUSH", "l", "a")
    #expect(run.rows.changes.count == 2)
  }

  @Test func shorterSideMoves() throws {
    let run = CommandRun(keys: ["l"])
    try run("RPUSH", "l", "a", "b", "c", "d", "e")
    let first = try #require(run.rows(RedisSchema.list).first?.key)
    // Behind the first: the first element moves down, and the others stay.
    try run("LINSERT", "l", "AFTER", "a", "x")
    #expect(run.rows(RedisSchema.list)[1].key == first)
    try run("LINSERT", "l", "BEFORE", "e", "y")
    #expect(run.rows(RedisSchema.list)[1].key == first)
  }

  @Test func elementRows() throws {
    let bytes = ListRows.encoded(
      db: 2, key: "k\u{0}".utf8, position: -7, value: "v\u{0}é".utf8)
    let values: [Value] = [
      .int(2), .text(Array("k\u{0}".utf8)), .int(-7), .text(Array("v\u{0}é".utf8)),
    ]
    var expected: [UInt8] = []
    RowCodec.encode(values, RedisSchema.types(of: "list"), into: &expected)
    #expect(bytes == expected)
    let run = CommandRun(keys: ["l"])
    try run("LPUSH", "l", "a")
    var key = RowKey.key(db: 0, "l".utf8)
    KeyCodec.encode(.int(-1), type: .int8, into: &key)
    #expect(run.rows(RedisSchema.list).map(\.key) == [key])
  }

  @Test func nothingToTakeWaits() throws {
    let run = CommandRun(keys: ["l", "m"])
    #expect(try run("BLPOP", "l", "m", "0.25") == "*-1\r\n")
    #expect(run.block == nil)
    run.options.mayBlock = true
    #expect(try run("BLPOP", "l", "m", "0.25") == "")
    #expect(run.block?.keys == [Array("l".utf8), Array("m".utf8)])
    #expect(run.block?.milliseconds == 250)
    // To a new command a key of another type is an error, to one that waits it is nothing.
    try run("SET", "l", "a")
    #expect(try run("BLPOP", "l", "0").hasPrefix("-WRONGTYPE"))
    run.options.hasWaited = true
    #expect(try run("BLPOP", "l", "0") == "")
    #expect(run.block != nil)
    #expect(try run("BLPOP", "l", "-1") == "-ERR timeout is negative\r\n")
    #expect(try run("BLPOP", "l", "x").hasPrefix("-ERR timeout is not a float"))
  }
}
