import Base
import Reactor
import Types

@testable import KafkaRead

/// KIP-848's protocol: everything by ConsumerGroupHeartbeat. The server shares the partitions out.
extension KafkaConsumer {
  private static let rebalanceMilliseconds: Int32 = 2_000

  private struct Beat {
    var error: KafkaError
    var message: String?
    var epoch: Int32
    var assignment: [(topic: UUIDValue, partitions: [Int32])]?
  }

  func joinNew() async {
    generation = 0
    tellsAll = true
    guard let answer = await tell(0, owned: []) else { return }
    guard answer.error == .none else { return refused(answer) }
    isMember = true
    follow(answer)
  }

  func beatNew() async {
    guard reactor.monotonicNanoseconds() >= nextBeat else { return }
    guard let answer = await tell(generation, owned: positions.keys.sorted()) else {
      tellsAll = true
      return
    }
    guard answer.error == .none else { return refused(answer) }
    if let assignment = answer.assignment {
      let left = Set(assignment.flatMap(\.partitions))
      // What goes is committed before it is given back, mostly.
      if !left.isSuperset(of: positions.keys), draw(0...3) > 0 { await commit() }
    }
    if isMember { follow(answer) }
  }

  private func follow(_ answer: Beat) {
    nextBeat = reactor.monotonicNanoseconds() + Self.beatNanoseconds
    tellsAll = false
    generation = answer.epoch
    guard let assignment = answer.assignment else { return }
    let partitions = Set(assignment.flatMap(\.partitions))
    assign(partitions)
  }

  private func refused(_ answer: Beat) {
    tellsAll = true
    switch answer.error {
    case .unknownMemberID, .fencedMemberEpoch: lose(answer.error)
    default:
      if !isAway(answer.error) {
        fault("ConsumerGroupHeartbeat: \(answer.error) \(answer.message ?? "")")
      }
    }
  }

  func leaveNew() async {
    let answer = await tell(ConsumerGroupHeartbeatRequest.leaves, owned: [])
    note("leaves: \(answer.map { "\($0.error)" } ?? "unheard")")
  }

  /// Nil: there is no answer.
  private func tell(_ epoch: Int32, owned: [Int32]) async -> Beat? {
    guard let coordinator = await client.coordinator(of: group),
      let metadata = await client.metadata()
    else { return nil }
    let answer = await coordinator.ask(.consumerGroupHeartbeat, 1) { out in
      out.string(group)
      out.string(member)
      out.int32(epoch)
      out.nullableString(nil)
      out.nullableString(nil)
      out.int32(tellsAll ? Self.rebalanceMilliseconds : -1)
      out.array(tellsAll ? [KafkaWork.topic] : nil) { $1.string($0) }
      out.nullableString(nil)
      out.nullableString(tellsAll ? "uniform" : nil)
      out.array(owned.isEmpty ? [] : [owned]) { owned, out in
        out.uuid(metadata.topic)
        out.int32s(owned)
        out.tags()
      }
    } _: { (reader) throws(MessageFault) in
      _ = try reader.int32()
      var beat = Beat(
        error: try reader.error(), message: try reader.nullableString(), epoch: -1, assignment: nil)
      _ = try reader.nullableString()
      beat.epoch = try reader.int32()
      _ = try reader.int32()
      if try reader.int8() == 1 {
        beat.assignment = try reader.array { (reader) throws(MessageFault) in
          let item = (try reader.uuid(), try reader.int32s())
          try reader.tags()
          return item
        }
        try reader.tags()
      }
      return beat
    }
    if answer == nil { client.forgetCoordinator() }
    return answer
  }
}
