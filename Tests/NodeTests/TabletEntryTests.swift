import Base
import Raft
import Storage
import Testing

@testable import Node

@Suite struct TabletEntryTests {
  private static let writes = [
    WriteRecord(space: KeyspaceID(rawValue: 7), key: [1, 2], value: [3]),
    WriteRecord(space: KeyspaceID(rawValue: 8), key: [], value: nil),
  ]
  private static let transaction = TransactionID(rawValue: 99)
  private static let prepare = PrepareRecord(
    transaction: transaction, timestamp: Timestamp(rawValue: 6),
    decider: TabletID(rawValue: 3),
    locks: [LockRequest(space: KeyspaceID(rawValue: 7), key: [9], mode: .share)],
    ranges: [
      ReadRange(space: KeyspaceID(rawValue: 7), lower: [1], upper: nil),
      ReadRange(space: KeyspaceID(rawValue: 7), lower: [], upper: [4]),
    ])
  private static let participant = Participant(
    tablet: TabletID(rawValue: 4),
    place: LogPlace(index: LogIndex(rawValue: 300), term: Term(rawValue: 2)))
  static let samples: [TabletEntry] = [
    .commit(transaction: transaction, timestamp: Timestamp(rawValue: 5), writes: writes),
    .prepare(prepare, writes: writes),
    .decision(
      DecisionRecord(prepare: prepare, participants: [participant]), writes: writes),
    .abort(transaction: transaction),
    .resolve(transaction: transaction, commitTimestamp: Timestamp(rawValue: 8)),
    .forget(transaction: transaction), .dropSpaces([KeyspaceID(rawValue: 1)]),
    .split(
      since: Timestamp(rawValue: 9), keys: [MovedKey(space: KeyspaceID(rawValue: 7), key: [1, 2])]),
    .fill(
      FillPart(
        attempt: FillAttempt(term: Term(rawValue: 3), since: Timestamp(rawValue: 9)), number: 1,
        isLast: true,
        rows: [
          FillPart.Row(
            space: KeyspaceID(rawValue: 7), key: [1], value: [2, 3],
            timestamp: Timestamp(rawValue: 5), expires: Timestamp(rawValue: 6))
        ])),
  ]

  @Test(arguments: samples.indices)
  func `an entry comes back, and every cut of it is refused`(index: Int) throws {
    let entry = Self.samples[index]
    let bytes = entry.encoded()
    #expect(try TabletEntry(decoding: bytes) == entry)
    for count in 0..<bytes.count {
      #expect(throws: DecodingFault.self) {
        try TabletEntry(decoding: Array(bytes.prefix(count)))
      }
    }
  }

  /// Checkpoints of earlier builds must stay readable: the bytes of each kind of block.
  @Test func `a checkpoint's contents are as documented`() throws {
    let store = Store(memory: MemoryAccount())
    let space = KeyspaceID(rawValue: 300)
    [UInt8]([1, 2]).withUnsafeBytes { key in
      [UInt8]([3]).withUnsafeBytes { value in
        store.put(
          space, key, value: value, at: Timestamp(rawValue: 5), index: LogIndex(rawValue: 7),
          expires: Timestamp(rawValue: 9))
      }
      store.put(
        space, key, value: nil, at: Timestamp(rawValue: 6), index: LogIndex(rawValue: 8))
    }
    var rows = ByteWriter()
    let cursor = store.snapshotCursor(at: LogIndex(rawValue: 8), horizon: .zero)
    while cursor.next(budget: 1, { ImageCodec.encode($0, into: &rows) }) {}
    #expect(
      rows.bytes == [
        0xAC, 2, 3, 5, 0, 0, 0, 0, 0, 0, 0, 7, 2, 1, 2, 1, 3, 9, 0, 0, 0, 0, 0, 0, 0,
        0xAC, 2, 0, 6, 0, 0, 0, 0, 0, 0, 0, 8, 2, 1, 2,
      ])
    let decision = DecisionImage(
      transaction: Self.transaction, isCommitted: true, commitTimestamp: Timestamp(rawValue: 8),
      index: LogIndex(rawValue: 130), participants: [Self.participant])
    let bytes = ImageCodec.encode([decision])
    #expect(
      bytes == [
        99, 0, 0, 0, 0, 0, 0, 0, 1, 8, 0, 0, 0, 0, 0, 0, 0, 0x82, 1, 1, 4, 0, 0, 0, 0, 0, 0, 0,
        0xAC, 2, 2,
      ])
    #expect(try bytes.withUnsafeBytes { try ImageCodec.decisions($0) } == [decision])
    let history = [
      RaftTermRun(first: LogIndex(rawValue: 1), term: Term(rawValue: 1)),
      RaftTermRun(first: LogIndex(rawValue: 300), term: Term(rawValue: 4)),
    ]
    let terms = ImageCodec.encode(history)
    #expect(terms == [1, 1, 0xAC, 2, 4])
    #expect(try terms.withUnsafeBytes { try ImageCodec.history($0) } == history)
    #expect(throws: DecodingFault.self) {
      try [UInt8]([2, 1, 1, 2]).withUnsafeBytes { _ = try ImageCodec.history($0) }
    }
    guard case .prepare(let record, let writes) = Self.samples[1] else { return }
    let prepared = ImageCodec.encode(LogIndex(rawValue: 3), record, reserving: 0) {
      $0.writes(writes)
    }
    // Version and kind of the entry aside, its fields are the same.
    #expect(prepared == [3] + Self.samples[1].encoded().dropFirst(2))
    let back = try prepared.withUnsafeBytes { try ImageCodec.prepared($0) }
    #expect(back.index.rawValue == 3 && back.record == record && back.writes == writes)
    for count in 0..<prepared.count {
      #expect(throws: DecodingFault.self) {
        try Array(prepared.prefix(count)).withUnsafeBytes { _ = try ImageCodec.prepared($0) }
      }
    }
  }
}
