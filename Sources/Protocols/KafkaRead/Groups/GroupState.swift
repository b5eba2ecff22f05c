import Base
import Node

/// A group as its coordinator keeps it in memory. Lives on: the shard of the group's tablet.
final class GroupState {
  enum Kind {
    /// No member has come since the group was taken over.
    case none
    case classic(ClassicGroup)
    case consumer(ConsumerGroup)
  }
  let name: String
  /// Of the tablet's leadership: what is here is true for it alone.
  let term: Term
  /// As stored; nil: there is no row.
  var stored: StoredGroup?
  var kind = Kind.none
  /// The catalog's version that the members' topics were looked up in.
  var catalogVersion: UInt64 = 0
  /// Members' roles, for what they may read.
  var roles: [String: ObjectID] = [:]
  let turn = Turn()

  init(name: String, term: Term, stored: StoredGroup?) {
    self.name = name
    self.term = term
    self.stored = stored
  }

  var generation: Int32 {
    switch kind {
    case .none: stored?.generation ?? 0
    case .classic(let group): group.generation
    case .consumer(let group): group.epoch
    }
  }

  var hasMembers: Bool {
    switch kind {
    case .none: false
    case .classic(let group): !group.isEmpty
    case .consumer(let group): !group.isEmpty
    }
  }

  func withClassic<R>(_ body: (inout ClassicGroup) -> R) -> R? {
    guard case .classic(var group) = kind else { return nil }
    kind = .none
    defer { kind = .classic(group) }
    return body(&group)
  }

  func withConsumer<R>(_ body: (inout ConsumerGroup) -> R) -> R? {
    guard case .consumer(var group) = kind else { return nil }
    kind = .none
    defer { kind = .consumer(group) }
    return body(&group)
  }
}

/// Lets one at a time go on, in the order of coming: what a group has decided is stored before the next request
/// of it is looked at. Lives on: one shard.
final class Turn {
  private(set) var isTaken = false
  private var waiting: [Reply<Void>] = []

  func enter() async {
    guard isTaken else {
      isTaken = true
      return
    }
    let reply = Reply<Void>()
    waiting.append(reply)
    await reply.get()
  }

  func leave() {
    if waiting.isEmpty { isTaken = false } else { waiting.removeFirst().fulfill(()) }
  }
}
