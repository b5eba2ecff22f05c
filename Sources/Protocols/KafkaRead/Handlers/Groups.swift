import Base
import Catalog
import Node
import Reactor
import Types

/// Requests about groups go to the shard of this node that keeps them; one about several goes to each of theirs,
/// and the answers are put together.
extension KafkaSession {
  private var clientHost: String {
    String(stream.peerAddress.split(separator: ":").dropLast().joined(separator: ":"))
  }

  func group(_ request: Request, _ role: RoleDescriptor) async throws(MessageFault) -> [UInt8]? {
    switch request.key {
    case .offsetFetch:
      let names = try OffsetFetchRequest(request).groups.map(\.name)
      if request.version <= 7 { return await ask(request, role, names, 0) }
      return await together(request, role, names) { $0.int32(0) }
    case .describeGroups:
      let names = try DescribeGroupsRequest(request).groups
      return await together(request, role, names) { out in
        if request.version >= 1 { out.int32(0) }
      }
    case .consumerGroupDescribe:
      return await together(request, role, try ConsumerGroupDescribe.groups(request)) {
        $0.int32(0)
      }
    case .deleteGroups:
      return await together(request, role, try DeleteGroups.groups(request)) { $0.int32(0) }
    case .listGroups: return try await listGroups(request, role)
    default:
      // The group is the first field of all others.
      var reader = request.body
      return await ask(request, role, [try reader.string()], nil)
    }
  }

  private func owner(of group: String) -> ShardID {
    shard.layout.shard(of: shard.tablet(of: KafkaSchema.bucket(of: group)))
  }

  private func ask(_ request: Request, _ role: RoleDescriptor, _ names: [String], _ index: Int?)
    async -> [UInt8]?
  {
    let asked = GroupRequest(
      request: request, role: role.id, clientHost: clientHost, index: index)
    return await state.onGroupShard(asked, owner(of: names[index ?? 0]))
  }

  private func together(
    _ request: Request, _ role: RoleDescriptor, _ names: [String],
    _ start: (inout MessageWriter) -> Void
  ) async -> [UInt8]? {
    var parts: [[UInt8]] = []
    for index in names.indices {
      guard let part = await ask(request, role, names, index) else { return nil }
      parts.append(part)
    }
    var out = request.answer
    start(&out)
    out.array(parts) { $1.bytes += $0 }
    out.tags()
    return out.bytes
  }

  private func listGroups(_ request: Request, _ role: RoleDescriptor) async throws(MessageFault)
    -> [UInt8]?
  {
    _ = try ListGroupsRequest(request)
    var parts: [[UInt8]] = []
    var error = KafkaError.none
    for number in 0..<shard.layout.shardCount {
      let asked = GroupRequest(request: request, role: role.id, clientHost: clientHost, index: nil)
      guard
        let answer = await state.onGroupShard(asked, ShardID(rawValue: UInt16(number)))
      else {
        error = .coordinatorNotAvailable
        continue
      }
      var reader = MessageReader(answer, isFlexible: false)
      while !reader.isAtEnd { parts.append(try reader.data()) }
    }
    var out = request.answer
    if request.version >= 1 { out.int32(0) }
    out.error(error)
    out.array(parts) { $1.bytes += $0 }
    out.tags()
    return out.bytes
  }
}
