import Base
import Testing

@testable import Node

@Suite struct TabletEntryTests {
  private static let writes = [
    WriteRecord(space: KeyspaceID(rawValue: 7), key: [1, 2], value: [3]),
    WriteRecord(space: KeyspaceID(rawValue: 8), key: [], value: nil),
  ]
  private static let transaction = TransactionID(rawValue: 99)
  private static let samples: [TabletEntry] = [
    .commit(transaction: transaction, timestamp: Timestamp(rawValue: 5), writes: writes),
    .prepare(
      PrepareRecord(
        transaction: transaction, timestamp: Timestamp(rawValue: 6),
        decider: TabletID(rawValue: 3), writes: writes,
        locks: [LockRequest(space: KeyspaceID(rawValue: 7), key: [9], mode: .share)],
        ranges: [
          ReadRange(space: KeyspaceID(rawValue: 7), lower: [1], upper: nil),
          ReadRange(space: KeyspaceID(rawValue: 7), lower: [], upper: [4]),
        ])),
    .decision(
      DecisionRecord(
        transaction: transaction, commitTimestamp: nil, participants: [TabletID(rawValue: 4)],
        writes: writes)),
    .resolve(transaction: transaction, commitTimestamp: Timestamp(rawValue: 8)),
    .forget(transaction: transaction), .dropSpaces([KeyspaceID(rawValue: 1)]),
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
}
