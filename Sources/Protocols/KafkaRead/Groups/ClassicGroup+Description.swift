/// What a group is made of, and how it shows itself.
extension ClassicGroup {
  enum State: String {
    case empty = "Empty"
    case preparing = "PreparingRebalance"
    case completing = "CompletingRebalance"
    case stable = "Stable"
  }

  struct Member: Equatable {
    let id: String
    var instance: String?
    var client: GroupClient
    var sessionTimeout: Int64
    var rebalanceTimeout: Int64
    var strategies: [JoinGroupRequest.Strategy]
    var assignment: [UInt8] = []
    /// It is gone when nothing was heard of it until then. Does not count while it waits here.
    var deadline: Int64
    var joinTicket: Int?
    var syncTicket: Int?
    /// It has its share of this generation, or waits for it.
    var hasSynced = false
    /// Rises with each new member.
    var order: Int

    var isWaiting: Bool { joinTicket != nil || syncTicket != nil }
  }

  func described(_ name: String) -> DescribedGroup {
    DescribedGroup(
      name: name, state: state.rawValue, protocolType: protocolType ?? "",
      strategy: state == .stable ? strategy ?? "" : "",
      members: sortedMembers.map { member in
        DescribedGroup.Member(
          id: member.id, instance: member.instance, clientID: member.client.id,
          clientHost: "/" + member.client.host,
          metadata: state == .stable
            ? member.strategies.first { $0.name == strategy }?.metadata ?? [] : [],
          assignment: state == .stable ? member.assignment : [])
      })
  }
}
