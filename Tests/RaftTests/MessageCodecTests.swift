import Base
import Testing

@testable import Raft

@Suite struct MessageCodecTests {
  private static let position = RaftMessage.LogPosition(
    index: LogIndex(rawValue: 300), term: Term(rawValue: 7))
  private static let entries = [
    RaftEntry(
      index: LogIndex(rawValue: 301), term: Term(rawValue: 7), kind: .normal, payload: [1, 2]),
    RaftEntry(index: LogIndex(rawValue: 302), term: Term(rawValue: 8), kind: .empty, payload: []),
  ]
  private static let bodies: [RaftMessage.Body] = [
    .appendRequest(.init(previous: position, commit: LogIndex(rawValue: 299), entries: entries)),
    .appendRequest(.init(previous: position, commit: .zero, entries: [])),
    .appendResponse(match: LogIndex(rawValue: 5)),
    .appendRejection(previous: LogIndex(rawValue: 9), hint: position),
    .preVoteRequest(position), .preVoteResponse(granted: true),
    .voteRequest(position, transfer: true), .voteResponse(granted: false),
    .heartbeat(commit: LogIndex(rawValue: 1), round: 2, tick: 3),
    .heartbeatResponse(round: 4, tick: 1 << 40),
    .snapshot(
      RaftSnapshotDescriptor(
        index: LogIndex(rawValue: 8), term: Term(rawValue: 2),
        configuration: RaftConfiguration(
          voters: [ReplicaID(rawValue: 1), ReplicaID(rawValue: 300)],
          votersOutgoing: [ReplicaID(rawValue: 2)], learners: [ReplicaID(rawValue: 4)]))),
    .timeoutNow, .readIndexRequest(context: 6),
    .readIndexResponse(context: 6, index: nil),
    .readIndexResponse(context: 6, index: LogIndex(rawValue: 3)), .staleTerm,
  ]

  private static func encoded(_ body: RaftMessage.Body) -> (RaftMessage, [UInt8]) {
    let message = RaftMessage(
      from: ReplicaID(rawValue: 1), to: ReplicaID(rawValue: 500), term: Term(rawValue: 9),
      body: body)
    var out = ByteWriter()
    message.encode(into: &out)
    return (message, out.bytes)
  }

  private static func decoded(_ bytes: [UInt8]) throws(DecodingFault) -> RaftMessage {
    let result: Result<RaftMessage, DecodingFault> = bytes.withUnsafeBytes { buffer in
      var reader = ByteReader(buffer)
      do throws(DecodingFault) {
        let message = try RaftMessage(from: &reader)
        return reader.isAtEnd ? .success(message) : .failure(.malformed("more follows"))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  @Test(arguments: bodies.indices)
  func `a message comes back, and every cut of it is refused`(index: Int) throws {
    let (message, bytes) = Self.encoded(Self.bodies[index])
    #expect(try Self.decoded(bytes) == message)
    for count in 0..<bytes.count {
      #expect(throws: DecodingFault.self) { try Self.decoded(Array(bytes.prefix(count))) }
    }
  }

  @Test func `mutated messages are refused or read, never a trap`() {
    var random = Xoshiro256(seed: 11)
    for body in Self.bodies {
      let bytes = Self.encoded(body).1
      for _ in 0..<2_000 {
        var mutated = bytes
        for _ in 0...(random.next() % 3) {
          let place = Int(random.next() % UInt64(mutated.count))
          mutated[place] = UInt8(truncatingIfNeeded: random.next())
        }
        _ = try? Self.decoded(mutated)
      }
    }
  }

  @Test func `an append's bytes are as documented`() {
    let bytes = Self.encoded(Self.bodies[0]).1
    #expect(
      bytes == [1, 0xF4, 3, 9, 1, 0xAC, 2, 7, 0xAB, 2, 2, 7, 0, 2, 1, 2, 8, 2, 0])
  }
}
