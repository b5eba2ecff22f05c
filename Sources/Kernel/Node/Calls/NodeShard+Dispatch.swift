import Base
import Reactor

/// How calls reach their tablet: on the same shard a function call, on another one a message. The
/// caller cannot tell. One message per shard, however many tablets; replies come back in one.
extension NodeShard {
  /// Calls one procedure on one tablet.
  func dispatch<P: Procedure>(
    _ procedure: P, _ header: CallHeader, to tablet: TabletID,
    reply: @escaping (CallReply<P.Output>) -> Void
  ) {
    let procedure = WireCheck.crossed(procedure, catalog)
    ask([tablet]) { (tablet: Tablet, done: @escaping (CallReply<P.Output>) -> Void) in
      tablet.submit(procedure, header) {
        done(CallReply(result: WireCheck.crossed($0), term: tablet.replication.term))
      }
    } completion: {
      reply($0[0])
    }
  }

  /// Calls a procedure on each tablet; the results are in the order of the calls.
  func dispatch<P: Procedure>(
    _ calls: [(TabletID, P)], _ header: CallHeader,
    reply: @escaping ([CallReply<P.Output>]) -> Void
  ) {
    let gather = Gather<CallReply<P.Output>>(count: calls.count, completion: reply)
    for group in grouped(calls.map(\.0)) {
      let procedures = group.positions.map { WireCheck.crossed(calls[$0].1, catalog) }
      send(group, gather) { (tablet: Tablet, position: Int, done) in
        tablet.submit(procedures[position], header) {
          done(CallReply(result: WireCheck.crossed($0), term: tablet.replication.term))
        }
      }
    }
  }

  /// Asks each tablet on its own shard; the answers are in the order of `tablets`.
  func ask<Answer: Sendable>(
    _ tablets: [TabletID],
    _ body: @escaping @Sendable (Tablet, @escaping (Answer) -> Void) -> Void,
    completion: @escaping ([Answer]) -> Void
  ) {
    if tablets.count == 1 {
      // Nothing to group and to gather: most calls are so.
      let only = tablets[0]
      if let here = self.tablets[only] {
        body(here) { completion([$0]) }
        return
      }
      let home = peers[id]
      let back = ShardBound(completion)
      peers[layout.shard(of: only)].post { there in
        body(there.hosted(only)) { answer in home.post { _ in back.value([answer]) } }
      }
      return
    }
    let gather = Gather<Answer>(count: tablets.count, completion: completion)
    for group in grouped(tablets) {
      send(group, gather) { (tablet: Tablet, _: Int, done) in body(tablet, done) }
    }
  }

  func onTablets(
    _ tablets: [TabletID], _ body: @escaping @Sendable (Tablet, @escaping () -> Void) -> Void,
    completion: @escaping () -> Void
  ) {
    ask(tablets) { (tablet: Tablet, done: @escaping (Bool) -> Void) in
      body(tablet) { done(true) }
    } completion: { _ in
      completion()
    }
  }

  private struct Group {
    var shard: ShardID
    var tablets: [TabletID] = []
    /// Where each tablet's answer belongs in the caller's order.
    var positions: [Int] = []
  }

  private func grouped(_ tablets: [TabletID]) -> [Group] {
    var groups: [Group] = []
    for (position, tablet) in tablets.enumerated() {
      let owner = layout.shard(of: tablet)
      let found = groups.firstIndex { $0.shard == owner }
      let index = found ?? groups.count
      if found == nil { groups.append(Group(shard: owner)) }
      groups[index].tablets.append(tablet)
      groups[index].positions.append(position)
    }
    return groups
  }

  private func send<Answer: Sendable>(
    _ group: Group, _ gather: Gather<Answer>,
    _ body: @escaping @Sendable (Tablet, Int, @escaping (Answer) -> Void) -> Void
  ) {
    if group.shard == id {
      for (offset, tablet) in group.tablets.enumerated() {
        let position = group.positions[offset]
        body(hosted(tablet), offset) { gather.add($0, at: position) }
      }
      return
    }
    let home = peers[self.id]
    let back = ShardBound(gather)
    let tablets = group.tablets
    let positions = group.positions
    peers[group.shard].post { there in
      let local = Gather<Answer>(count: tablets.count) { answers in
        home.post { _ in
          for (offset, answer) in answers.enumerated() {
            back.value.add(answer, at: positions[offset])
          }
        }
      }
      for (offset, tablet) in tablets.enumerated() {
        body(there.hosted(tablet), offset) { local.add($0, at: offset) }
      }
    }
  }
}

/// What a call came to, and the term of the leader that carried it out.
struct CallReply<Output: Sendable>: Sendable {
  var result: Result<Output, KernelError>
  var term: Term
}

/// Collects a known number of answers. Lives on: one shard.
final class Gather<Answer> {
  private var answers: [Answer?]
  private var missing: Int
  private let completion: ([Answer]) -> Void

  init(count: Int, completion: @escaping ([Answer]) -> Void) {
    answers = Array(repeating: nil, count: count)
    missing = count
    self.completion = completion
    if count == 0 { completion([]) }
  }

  func add(_ answer: Answer, at position: Int) {
    invariant(answers[position] == nil, "answer \(position) came twice")
    answers[position] = answer
    missing -= 1
    if missing == 0 { completion(answers.compactMap { $0 }) }
  }
}
