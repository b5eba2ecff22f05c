import Base
import Catalog
import Testing
import Types

@testable import RESP

/// Streams: their rows, their ids, and what they know of themselves.
struct StreamTests {
  private static let now = 1_700_000_000_000

  @Test func rowsAreThoseOfSQL() throws {
    let run = CommandRun(keys: ["x"])
    try run("XADD", "x", "5-7", "f\u{0}", "é", "g", "")
    try run("XGROUP", "CREATE", "x", "grp", "0", "ENTRIESREAD", "3")
    try run("XREADGROUP", "GROUP", "grp", "me", "STREAMS", "x", ">")
    let key = Array("x".utf8)
    let id = Value.uuid(UUIDValue(high: 5, low: 7))
    let seen = Value.int(Int64(Self.now - 946_684_800_000) * 1_000)
    let fields = ["f\u{0}", "é", "g", ""].map { Value.text(Array($0.utf8)) }
    let group = Value.text(Array("grp".utf8))
    let consumer = Value.text(Array("me".utf8))
    let expected: [(KeyspaceID, String, [Value], keyColumns: Int)] = [
      (
        RedisSchema.stream, "stream",
        [
          .int(0), .text(key), id, .array(ArrayValue(elementType: .text, elements: fields)),
        ], 3
      ),
      (RedisSchema.streamGroup, "stream_group", [.int(0), .text(key), group, id, .int(4)], 3),
      (
        RedisSchema.streamConsumer, "stream_consumer",
        [.int(0), .text(key), group, consumer, seen, .null], 4
      ),
      (
        RedisSchema.streamPending, "stream_pending",
        [.int(0), .text(key), group, id, consumer, seen, .int(1)], 4
      ),
    ]
    for (space, table, values, keyColumns) in expected {
      let types = RedisSchema.types(of: table)
      var (rowKey, row): ([UInt8], [UInt8]) = ([], [])
      for column in 0..<keyColumns {
        KeyCodec.encode(values[column], type: types[column], into: &rowKey)
      }
      RowCodec.encode(values, types, into: &row)
      #expect(run.rows(space).map(\.key) == [rowKey], "\(table)")
      #expect(run.rows(space).map(\.value) == [row], "\(table)")
    }
  }

  @Test func stateComesBack() throws {
    var state = StreamState()
    state.lastID = StreamID(milliseconds: .max, sequence: 3)
    state.entriesAdded = 77
    state.maxDeletedID = StreamID(milliseconds: 1, sequence: .max)
    let bytes = state.encoded
    #expect(try bytes.withUnsafeBytes { try StreamState($0) } == state)
    for count in 0..<bytes.count {
      #expect(throws: DecodingFault.self) {
        try bytes.prefix(count).withUnsafeBytes { try StreamState($0) }
      }
    }
  }

  @Test func ids() {
    func id(_ text: String) -> StreamID? { StreamID(Array(text.utf8)[...], missing: 9) }
    #expect(id("5-7") == StreamID(milliseconds: 5, sequence: 7))
    #expect(id("5") == StreamID(milliseconds: 5, sequence: 9))
    #expect(
      id("18446744073709551615-18446744073709551615") == .max)
    for text in ["", "-", "+", "5-", "-5", "a", "5-x", "5-*", "18446744073709551616", "1-2-3"] {
      #expect(id(text) == nil, "\(text)")
    }
    #expect(StreamID.max.next == nil)
    #expect(StreamID.zero.previous == nil)
    #expect(
      StreamID(milliseconds: 1, sequence: .max).next == StreamID(milliseconds: 2, sequence: 0))
    #expect(NewStreamID.next.id(after: .max, now: 5) == nil)
    let last = StreamID(milliseconds: 9, sequence: 4)
    #expect(NewStreamID.next.id(after: last, now: 5)?.text == "9-5")
    #expect(NewStreamID.next.id(after: last, now: 10)?.text == "10-0")
    #expect(NewStreamID.at(milliseconds: 9).id(after: last, now: 0)?.text == "9-5")
  }

  @Test func approximateTrimmingLeavesWholeBlocks() throws {
    let run = CommandRun(keys: ["x"])
    for number in 1...250 { try run("XADD", "x", "\(number)-0", "f", "v") }
    #expect(try run("XTRIM", "x", "MAXLEN", "~", "120") == ":100\r\n")
    #expect(try run("XTRIM", "x", "MAXLEN", "~", "120") == ":0\r\n")
    #expect(try run("XTRIM", "x", "MINID", "=", "111") == ":10\r\n")
    #expect(try run("XLEN", "x") == ":140\r\n")
    // Of the second block 90 are left; the last is not full, but there is nothing else in it.
    #expect(try run("XTRIM", "x", "MAXLEN", "~", "60") == ":0\r\n")
    #expect(try run("XTRIM", "x", "MAXLEN", "~", "50") == ":90\r\n")
    #expect(try run("XTRIM", "x", "MAXLEN", "~", "0", "LIMIT", "49") == ":0\r\n")
    #expect(try run("XTRIM", "x", "MAXLEN", "~", "0") == ":50\r\n")
  }

  @Test func lagIsToldWhereItIsKnown() {
    var state = StreamState()
    state.lastID = StreamID(milliseconds: 9, sequence: 0)
    state.entriesAdded = 5
    let first = StreamID(milliseconds: 3, sequence: 0)
    let whole = StreamProgress(state, count: 3, first: first)
    func group(_ last: UInt64, _ read: Int64?) -> StreamGroup {
      StreamGroup(
        name: [], lastID: StreamID(milliseconds: last, sequence: 0), entriesRead: read)
    }
    #expect(whole.lag(group(5, 4)) == 1)
    #expect(whole.lag(group(1, nil)) == 3)
    #expect(whole.lag(group(3, nil)) == 2)
    #expect(whole.lag(group(5, nil)) == nil)
    #expect(whole.lag(group(9, nil)) == 0)
    state.maxDeletedID = StreamID(milliseconds: 6, sequence: 0)
    let gaps = StreamProgress(state, count: 3, first: first)
    #expect(gaps.lag(group(5, 4)) == nil)
    #expect(gaps.lag(group(7, 4)) == 1)
  }

  @Test func waitingReadersKeepTheirStart() throws {
    let run = CommandRun(keys: ["x"])
    run.options.mayBlock = true
    try run("XADD", "x", "5-7", "f", "v")
    try run("XREAD", "BLOCK", "0", "STREAMS", "x", "$")
    let next = try #require(run.block?.next)
    #expect(run.block?.isReader == true)
    #expect(
      (0..<next.count).map { next.text($0) } == [
        "XREAD", "BLOCK", "0", "COUNT", "1000", "STREAMS", "x", "5-7",
      ])
    run.options.hasWaited = true
    try run("DEL", "x")
    #expect(
      try run("XREADGROUP", "GROUP", "g", "c", "BLOCK", "0", "STREAMS", "x", ">")
        == "-UNBLOCKED the stream key no longer exists\r\n")
  }
}
