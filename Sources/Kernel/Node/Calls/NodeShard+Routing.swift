import Base
import Reactor

/// How a command reaches its tablet: on the same shard a function call, on another one of the node a
/// message, on another node a frame. The caller cannot tell. One message per shard, however many
/// tablets; replies come back in one.
extension NodeShard {
  /// Calls one procedure on one tablet.
  func dispatch<P: Procedure>(
    _ procedure: P, _ header: CallHeader, to tablet: TabletID,
    reply: @escaping (CallReply<P.Output>) -> Void
  ) {
    let procedure = WireCheck.crossed(procedure, catalog)
    ask(tablet, ProcedureCall(procedure: procedure, header: header), reply)
  }

  /// Calls a procedure on each tablet; the results are in the order of the calls.
  func dispatch<P: Procedure>(
    _ calls: [(TabletPlace, P)], _ header: CallHeader,
    reply: @escaping ([CallReply<P.Output>]) -> Void
  ) {
    ask(
      calls.map { place, procedure in
        (
          place.tablet,
          ProcedureCall(
            procedure: WireCheck.crossed(procedure, catalog), header: header.to(place))
        )
      }, reply)
  }

  /// Asks a tablet's leader, wherever it is; the answer comes once.
  func ask<C: TabletCommand>(
    _ tablet: TabletID, _ command: C, _ reply: @escaping (C.Answer) -> Void
  ) {
    if isAlone {
      askHere(tablet, command, reply)
    } else {
      RoutedCommand(self, tablet, command, reply).send()
    }
  }

  /// On this node.
  func askHere<C: TabletCommand>(
    _ tablet: TabletID, _ command: C, _ reply: @escaping (C.Answer) -> Void
  ) {
    if let here = tablets[tablet] { return command.run(on: here, reply: reply) }
    let owner = layout.shard(of: tablet)
    if owner == id { return reply(C.failed(.leaderChanged)) }
    let home = peers[id]
    let back = ShardBound(reply)
    peers[owner].post { there in
      guard let found = there.tablets[tablet] else {
        return home.post { _ in back.value(C.failed(.leaderChanged)) }
      }
      command.run(on: found) { answer in home.post { _ in back.value(answer) } }
    }
  }

  /// Asks several; the answers are in the order of the commands.
  func ask<C: TabletCommand>(
    _ commands: [(TabletID, C)], _ completion: @escaping ([C.Answer]) -> Void
  ) {
    if commands.count == 1 {
      return ask(commands[0].0, commands[0].1) { completion([$0]) }
    }
    let gather = Gather<C.Answer>(count: commands.count, completion: completion)
    guard isAlone else {
      for (position, (tablet, command)) in commands.enumerated() {
        ask(tablet, command) { gather.add($0, at: position) }
      }
      return
    }
    for group in grouped(commands.map(\.0)) {
      send(group, group.positions.map { commands[$0] }, gather)
    }
  }

  /// The same command for each of the tablets.
  func ask<C: TabletCommand>(
    each tablets: [TabletID], _ command: C, _ completion: @escaping ([C.Answer]) -> Void
  ) {
    ask(tablets.map { ($0, command) }, completion)
  }

  private struct Group {
    var shard: ShardID
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
      groups[index].positions.append(position)
    }
    return groups
  }

  private func send<C: TabletCommand>(
    _ group: Group, _ commands: [(TabletID, C)], _ gather: Gather<C.Answer>
  ) {
    let positions = group.positions
    if group.shard == id {
      for (offset, (tablet, command)) in commands.enumerated() {
        runHere(tablet, command) { gather.add($0, at: positions[offset]) }
      }
      return
    }
    let home = peers[id]
    let back = ShardBound(gather)
    peers[group.shard].post { there in
      let local = Gather<C.Answer>(count: commands.count) { answers in
        home.post { _ in
          for (offset, answer) in answers.enumerated() {
            back.value.add(answer, at: positions[offset])
          }
        }
      }
      for (offset, (tablet, command)) in commands.enumerated() {
        there.runHere(tablet, command) { local.add($0, at: offset) }
      }
    }
  }

  /// A node alone has all tablets but those of tiers without nodes.
  private func runHere<C: TabletCommand>(
    _ tablet: TabletID, _ command: C, _ reply: @escaping (C.Answer) -> Void
  ) {
    guard let here = tablets[tablet] else { return reply(C.failed(.leaderChanged)) }
    command.run(on: here, reply: reply)
  }
}

/// A command on its way to a leader that may change, be unknown for a while, or be out of reach.
/// Lives on: the asking shard, until it is answered.
final class RoutedCommand<C: TabletCommand> {
  private unowned let shard: NodeShard
  private let tablet: TabletID
  private let command: C
  private let reply: (C.Answer) -> Void
  private let deadline: UInt64

  init(
    _ shard: NodeShard, _ tablet: TabletID, _ command: C, _ reply: @escaping (C.Answer) -> Void
  ) {
    self.shard = shard
    self.tablet = tablet
    self.command = command
    self.reply = reply
    deadline = shard.reactor.monotonicNanoseconds() + Routing.patienceNanoseconds
  }

  func send() {
    guard let cluster = shard.cluster, let leader = shard.leaders[tablet] else {
      return retryLater()
    }
    if leader.node == cluster.identity.node {
      return shard.askHere(tablet, command) { [self] in received($0) }
    }
    cluster.request(leader.node, tablet, command) { [self] outcome in
      switch outcome {
      case .answer(let answer): received(answer)
      case .notSent, .refused(CommandTable.notHere): retryLater()
      case .refused(let reason):
        reply(C.failed(.serializationFailure("node \(leader.node) could not go on: \(reason)")))
      case .lost:
        command.isIdempotent && command.isPersistent
          ? retryLater() : reply(C.failed(command.errorWhenLost))
      }
    }
  }

  private func received(_ answer: C.Answer) {
    if C.isRefused(answer) { retryLater() } else { reply(answer) }
  }

  private func retryLater() {
    if !command.isPersistent { return reply(C.failed(.leaderChanged)) }
    if let transaction = command.transaction, let error = shard.cancellation(of: transaction) {
      return reply(C.failed(error))
    }
    guard shard.reactor.monotonicNanoseconds() < deadline else {
      return reply(
        C.failed(
          .unavailable(
            "no leader of tablet \(tablet) can be reached: a majority of its replicas may be down"))
      )
    }
    shard.reactor.after(milliseconds: Routing.retryMilliseconds) { [self] in send() }
  }
}

enum Routing {
  static let retryMilliseconds = 5
  /// How long a command waits for a leader.
  static let patienceNanoseconds: UInt64 = 10_000_000_000
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
