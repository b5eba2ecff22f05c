public import Base

/// One replica of one group, unique for the group's life: a replica that comes back without its
/// log is another replica with another number, because it has forgotten its votes.
public struct ReplicaID: Identifier {
  public let rawValue: UInt64
  public init(rawValue: UInt64) { self.rawValue = rawValue }
}

/// Who votes, and who only listens. A replica uses the newest configuration in its log, committed
/// or not (Ongaro's dissertation, section 4.1), and goes back to the one before when that entry is
/// truncated. While `votersOutgoing` is not empty the group is *joint*: elections, commits, leases
/// and reads need a majority of `voters` and one of `votersOutgoing` (section 4.3).
public struct RaftConfiguration: Sendable, Equatable {
  /// Sorted, without repeats. Empty only in a replica that has not heard of its group yet: such a
  /// replica never campaigns.
  public var voters: [ReplicaID]
  /// The voters before a change, sorted; empty when no change is under way.
  public var votersOutgoing: [ReplicaID]
  /// Replicas that receive the log without voting, sorted, none of them in `voters`. A voter that
  /// is to become a learner stands here and in `votersOutgoing`; it votes until the change ends.
  public var learners: [ReplicaID]

  public init(
    voters: [ReplicaID], votersOutgoing: [ReplicaID] = [], learners: [ReplicaID] = []
  ) {
    self.voters = voters.sorted()
    self.votersOutgoing = votersOutgoing.sorted()
    self.learners = learners.sorted()
  }

  public var isJoint: Bool { !votersOutgoing.isEmpty }

  public func isVoter(_ replica: ReplicaID) -> Bool {
    voters.contains(replica) || votersOutgoing.contains(replica)
  }

  public func contains(_ replica: ReplicaID) -> Bool {
    isVoter(replica) || learners.contains(replica)
  }

  /// Whether the lists keep the rules stated on the fields.
  public var isValid: Bool {
    func ascends(_ list: [ReplicaID]) -> Bool { zip(list, list.dropFirst()).allSatisfy { $0 < $1 } }
    return !voters.isEmpty && ascends(voters) && ascends(votersOutgoing) && ascends(learners)
      && !learners.contains { voters.contains($0) }
  }

  /// Every replica once, sorted.
  public var everyone: [ReplicaID] {
    var all = voters
    for replica in votersOutgoing where !all.contains(replica) { all.append(replica) }
    for replica in learners where !all.contains(replica) { all.append(replica) }
    return all.sorted()
  }
}

/// What the votes counted so far decide.
enum VoteResult { case won, lost, pending }

extension RaftConfiguration {
  /// The largest value that a majority of each voting half has reached. Quadratic in the number of
  /// voters, which is small, so that it needs no memory of its own.
  func quorumValue(_ value: (ReplicaID) -> UInt64) -> UInt64 {
    if voters.isEmpty { return 0 }
    let incoming = Self.majorityValue(voters, value)
    return votersOutgoing.isEmpty
      ? incoming : min(incoming, Self.majorityValue(votersOutgoing, value))
  }

  private static func majorityValue(_ half: [ReplicaID], _ value: (ReplicaID) -> UInt64) -> UInt64 {
    let needed = half.count / 2 + 1
    var best: UInt64 = 0
    for candidate in half {
      let reached = value(candidate)
      if reached <= best { continue }
      var count = 0
      for other in half where value(other) >= reached { count += 1 }
      if count >= needed { best = reached }
    }
    return best
  }

  /// `vote` tells what a voter answered, nil when it has not.
  func voteResult(_ vote: (ReplicaID) -> Bool?) -> VoteResult {
    let incoming = Self.result(voters, vote)
    if votersOutgoing.isEmpty || incoming == .lost { return incoming }
    let outgoing = Self.result(votersOutgoing, vote)
    if outgoing == .lost { return .lost }
    return incoming == .won && outgoing == .won ? .won : .pending
  }

  private static func result(_ half: [ReplicaID], _ vote: (ReplicaID) -> Bool?) -> VoteResult {
    let needed = half.count / 2 + 1
    var granted = 0
    var refused = 0
    for voter in half {
      switch vote(voter) {
      case true?: granted += 1
      case false?: refused += 1
      case nil: break
      }
    }
    if granted >= needed { return .won }
    return half.count - refused < needed ? .lost : .pending
  }
}

extension RaftConfiguration {
  /// More replicas than any sane group has; a longer list is malformed.
  static let replicasMax = 1_024

  /// The bytes of a configuration entry and of a snapshot's header: three counted lists of varints.
  public func encode(into writer: inout ByteWriter) {
    for list in [voters, votersOutgoing, learners] {
      writer.varint(UInt64(list.count))
      for replica in list { writer.varint(replica.rawValue) }
    }
  }

  public init(from reader: inout ByteReader) throws(DecodingFault) {
    voters = try Self.list(&reader)
    votersOutgoing = try Self.list(&reader)
    learners = try Self.list(&reader)
    if self != RaftConfiguration(voters: []) && !isValid {
      throw .malformed("group configuration breaks its rules")
    }
  }

  private static func list(_ reader: inout ByteReader) throws(DecodingFault) -> [ReplicaID] {
    let count = try reader.varint()
    if count > UInt64(replicasMax) { throw .malformed("\(count) replicas") }
    var list: [ReplicaID] = []
    for _ in 0..<count { list.append(ReplicaID(rawValue: try reader.varint())) }
    return list
  }

  /// Nil where the bytes are not a whole configuration.
  public init?(decoding payload: [UInt8]) {
    guard let found = Self.decoded(payload) else { return nil }
    self = found
  }

  var encoded: [UInt8] {
    var writer = ByteWriter()
    encode(into: &writer)
    return writer.bytes
  }

  /// Nil when the payload is not a whole configuration.
  static func decoded(_ payload: [UInt8]) -> RaftConfiguration? {
    payload.withUnsafeBytes { bytes in
      var reader = ByteReader(bytes)
      guard let configuration = try? RaftConfiguration(from: &reader), reader.isAtEnd else {
        return nil
      }
      return configuration
    }
  }
}
