import Base
import Reactor
import Types

@testable import KafkaRead

/// A member of a group that reads, commits and rebalances, as real clients do, and tells what it sees.
///
/// `+Classic` and `+Heartbeats`: membership in either protocol. `+Fetch`: records. `+Offsets`: where it begins,
/// and what it commits. Lives on: the clients' reactor.
final class KafkaConsumer {
  enum GroupProtocol { case classic, consumer }

  let number: Int
  let group: String
  let groupProtocol: GroupProtocol
  /// Of a static member.
  let instance: String?
  let reactor: any Reactor
  unowned let work: KafkaWork
  let client: KafkaClient
  var random: Xoshiro256

  // MARK: Membership
  var member = ""
  /// Or the member's epoch.
  var generation: Int32 = -1
  var isMember = false
  var nextBeat: UInt64 = 0
  /// Of KIP-848: the last heartbeat may not have been heard.
  var tellsAll = true

  // MARK: Its partitions
  /// Where the next record of each is; nil: not known yet.
  var positions: [Int32: Int64?] = [:]
  var committed: [Int32: Int64] = [:]

  private(set) var isKilled = false
  private(set) var isLeaving = false
  private(set) var hasEnded = false

  static let requestMilliseconds = 1_500
  static let beatNanoseconds: UInt64 = 200_000_000

  init(
    _ work: KafkaWork, number: Int, group: String, _ groupProtocol: GroupProtocol,
    instance: String?, on reactor: any Reactor, seed: UInt64
  ) {
    self.work = work
    self.number = number
    self.group = group
    self.groupProtocol = groupProtocol
    self.instance = instance
    self.reactor = reactor
    random = Xoshiro256(seed: seed)
    client = KafkaClient(
      reactor, topic: KafkaWork.topic, seed: seed &+ 1, seeds: { [unowned work] in work.seeds() },
      fault: { [unowned work] in work.fault("consumer \(number): \($0)") })
    if groupProtocol == .consumer { member = "member-\(number)" }
  }

  var isNew: Bool { groupProtocol == .consumer }

  /// Its process ends without a word.
  func kill() {
    isKilled = true
    client.close()
  }

  /// It leaves when it comes to it.
  func leaveGroup() { isLeaving = true }

  var ends: Bool { isKilled || isLeaving }

  func run() async {
    while !ends {
      if isMember { await beat() } else { await join() }
      if isMember, !ends { await locate() }
      if isMember, !ends { await poll() }
      if isMember, !ends, wantsCommit { await commit() }
      await reactor.sleep(nanoseconds: UInt64(draw(1...20)) * 1_000_000)
    }
    if !isKilled, isMember {
      if draw(0...1) == 0 { await commit() }
      await leave()
    }
    client.close()
    hasEnded = true
  }

  func draw(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

  func note(_ text: String) { work.note("consumer \(number) of \(group): \(text)") }
  func fault(_ text: String) { work.fault("consumer \(number) of \(group): \(text)") }

  // MARK: Membership

  private func join() async { if isNew { await joinNew() } else { await joinClassic() } }
  private func beat() async { if isNew { await beatNew() } else { await beatClassic() } }

  private func leave() async {
    if isNew { await leaveNew() } else { await leaveClassic() }
  }

  /// The group goes on without it: what it had is others'.
  func lose(_ reason: KafkaError) {
    note("is out: \(reason)")
    isMember = false
    positions = [:]
    committed = [:]
    generation = isNew ? 0 : -1
  }

  /// What it has from now on.
  func assign(_ partitions: Set<Int32>) {
    note("has \(partitions.sorted()) in \(generation)")
    for partition in positions.keys.sorted() where !partitions.contains(partition) {
      positions[partition] = nil
      committed[partition] = nil
    }
    for partition in partitions.sorted() where positions[partition] == nil {
      positions[partition] = .some(nil)
      work.commits.told(group, partition, number)
    }
  }

  /// It has a share, and knows where in it it is.
  var isSettled: Bool { isMember && positions.values.allSatisfy { $0 != nil } }

  /// Whoever keeps the group is not who was asked: it is looked for again. False: it is another error.
  func isAway(_ error: KafkaError) -> Bool {
    switch error {
    case .notCoordinator, .coordinatorNotAvailable, .coordinatorLoadInProgress, .requestTimedOut:
      client.forgetCoordinator()
      return true
    default: return false
    }
  }
}
