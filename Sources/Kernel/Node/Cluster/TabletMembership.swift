import Base
import Raft
import Types

/// What the balancer asks of a group's leader.

/// Changes who is in the group; answers when the change has begun.
struct ChangeMembers: TabletCommand {
  typealias Answer = Result<Bool, KernelError>
  static let name = "members.change"
  let configuration: RaftConfiguration

  func run(on tablet: Tablet, reply: @escaping (Answer) -> Void) {
    tablet.whenServing { [self] refusal in
      if let refusal { return reply(.failure(refusal)) }
      tablet.shard.changeConfiguration(tablet.id, to: configuration) { reply($0) }
    }
  }
  var isPersistent: Bool { false }

  init(configuration: RaftConfiguration) { self.configuration = configuration }
  func encode(into out: inout WireEncoder) { configuration.encode(into: &out.bytes) }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    configuration = try RaftConfiguration(from: &reader.bytes)
  }
}

/// Hands the leadership over to another voter, without an error to anybody: new transactions wait
/// until those under way have ended. Where it is forced they are not waited for in the end: what has not prepared fails
/// with 40001, what has is decided under the next leader.
struct MoveLeadership: TabletCommand {
  typealias Answer = Result<Bool, KernelError>
  static let name = "leadership.move"
  let target: ReplicaID
  let isForced: Bool

  func run(on tablet: Tablet, reply: @escaping (Answer) -> Void) {
    tablet.whenServing { [self] refusal in
      if let refusal { return reply(.failure(refusal)) }
      tablet.handOver(to: target, isForced: isForced) { reply(.success($0)) }
    }
  }
  var isPersistent: Bool { false }

  init(target: ReplicaID, isForced: Bool) {
    self.target = target
    self.isForced = isForced
  }
  /// Programs of feature level 1 neither force nor say that they don't.
  func encode(into out: inout WireEncoder) {
    out.bytes.varint(target.rawValue)
    if isForced { isForced.encode(into: &out) }
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    target = ReplicaID(rawValue: try reader.bytes.varint())
    isForced = reader.bytes.isAtEnd ? false : try Bool(from: &reader)
  }
}
