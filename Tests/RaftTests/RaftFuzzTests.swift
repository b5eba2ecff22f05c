import Base
import Fuzzing
import Testing

@testable import Raft

@Suite struct RaftFuzzTests {
  private static func replicas(_ numbers: UInt64...) -> [ReplicaID] {
    numbers.map { ReplicaID(rawValue: $0) }
  }

  private static let samples = [
    RaftConfiguration(voters: replicas(1)), RaftConfiguration(voters: []),
    RaftConfiguration(
      voters: replicas(1, 200, .max), votersOutgoing: replicas(1, 2), learners: replicas(2, 1_000)),
  ]

  private static func decode(_ bytes: [UInt8]) -> (RaftConfiguration, left: Int)? {
    bytes.withUnsafeBytes { buffer in
      var reader = ByteReader(buffer)
      guard let found = try? RaftConfiguration(from: &reader) else { return nil }
      return (found, reader.remaining)
    }
  }

  @Test func `configurations cut at each byte are refused`() {
    for sample in Self.samples {
      let bytes = sample.encoded
      #expect(Self.decode(bytes)?.0 == sample)
      for count in bytes.indices { #expect(Self.decode(Array(bytes[..<count])) == nil) }
    }
  }

  /// What is read keeps the rules on which elections and commits rest.
  @Test func configurations() {
    let samples = Self.samples.map(\.encoded)
    let failures = fuzz("RaftFuzzTests.configurations", iterations: 20_000) { mutator in
      let bytes = mutator.mutate(samples)
      guard let (found, left) = Self.decode(bytes) else { return nil }
      if found != RaftConfiguration(voters: []) && !found.isValid { return "\(found) is not valid" }
      if Self.decode(found.encoded)?.0 != found { return "\(found) does not come back" }
      return (0...bytes.count).contains(left) ? nil : "\(left) bytes left"
    }
    #expect(failures == [])
  }

  /// Log entries as a damaged log could give them: a state of the log, or none.
  @Test func replayedEntries() {
    let samples = Self.samples.map(\.encoded)
    let numbers: [UInt64] = [0, 1, 2, 3, 4, 5, .max - 1, .max]
    let failures = fuzz("RaftFuzzTests.replayedEntries", iterations: 10_000) { mutator in
      var entries: [RaftEntry] = []
      for number in 1...UInt64(1 + mutator.below(6)) {
        let isOdd = mutator.oneIn(4)
        entries.append(
          RaftEntry(
            index: LogIndex(rawValue: isOdd ? mutator.pick(numbers) : number),
            term: Term(rawValue: mutator.oneIn(4) ? mutator.pick(numbers) : 3),
            kind: mutator.oneIn(3) ? .configuration : .normal, payload: mutator.mutate(samples)))
      }
      let compacted = mutator.oneIn(4) ? mutator.pick(numbers) : 0
      let state = RaftLogState(
        compactedIndex: LogIndex(rawValue: compacted), compactedTerm: Term(rawValue: 1),
        replaying: entries)
      guard let state else { return nil }
      let indexes = state.recent.map(\.index.rawValue)
      for (earlier, later) in zip(indexes, indexes.dropFirst()) where later != earlier + 1 {
        return "a gap in \(indexes)"
      }
      return state.configurations.allSatisfy {
        $0.configuration.voters.isEmpty || $0.configuration.isValid
      }
        ? nil : "an invalid configuration"
    }
    #expect(failures == [])
  }
}
