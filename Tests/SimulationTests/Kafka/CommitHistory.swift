/// What consumers committed and read back, by group and partition, and who had which partition when. A committed
/// offset is a register that only the partition's holder writes.
struct CommitHistory {
  enum Outcome { case unknown, done, refused }

  private struct Place: Hashable {
    var group: String
    var partition: Int32
  }
  private struct Commit {
    var ticket: Int
    var consumer: Int
    var offset: Int64
    var began: Int
    var ended = Int.max
    var outcome = Outcome.unknown
  }
  private struct Holder {
    var consumer: Int
    var since: Int
  }
  private struct Generation: Hashable {
    var group: String
    var number: Int32
  }

  private(set) var faults: [String] = []
  private(set) var done = 0
  private(set) var refused = 0
  /// Partitions that consumers were told of.
  private(set) var assignments = 0
  private var commits: [Place: [Commit]] = [:]
  private var holders: [Place: [Holder]] = [:]
  /// Of a generation of the classic protocol.
  private var shares: [Generation: [Int32: String]] = [:]
  private var now = 0

  private mutating func tick() -> Int {
    now += 1
    return now
  }

  // MARK: Members

  /// The consumer was told that the partition is its.
  mutating func told(_ group: String, _ partition: Int32, _ consumer: Int) {
    assignments += 1
    holders[Place(group: group, partition: partition), default: []].append(
      Holder(consumer: consumer, since: tick()))
  }

  /// A member's share of a generation of the classic protocol: nobody else's, whichever node gave it. A static
  /// member is the same one when it comes again.
  mutating func shared(
    _ group: String, _ generation: Int32, _ partitions: Set<Int32>, _ member: String
  ) {
    let key = Generation(group: group, number: generation)
    for partition in partitions.sorted() {
      let other = shares[key, default: [:]].updateValue(member, forKey: partition)
      if let other, other != member {
        faults.append(
          "\(group): in generation \(generation) \(partition) is of \(other) and \(member)")
      }
    }
  }

  // MARK: Commits

  mutating func begin(_ group: String, _ consumer: Int, _ offsets: [Int32: Int64]) -> Int {
    let ticket = tick()
    for (partition, offset) in offsets {
      commits[Place(group: group, partition: partition), default: []].append(
        Commit(ticket: ticket, consumer: consumer, offset: offset, began: ticket))
    }
    return ticket
  }

  mutating func end(_ group: String, _ ticket: Int, _ partition: Int32, _ outcome: Outcome) {
    let ended = tick()
    let place = Place(group: group, partition: partition)
    guard let index = commits[place]?.lastIndex(where: { $0.ticket == ticket }) else {
      return faults.append("\(group): an answer for \(partition), which was not committed")
    }
    commits[place]?[index].outcome = outcome
    if outcome == .refused { refused += 1 }
    guard outcome == .done, let commit = commits[place]?[index] else { return }
    commits[place]?[index].ended = ended
    done += 1
    let holder = holders[place]?.last { $0.since < commit.began }
    if let holder, holder.consumer != commit.consumer {
      faults.append(
        "\(group): \(commit.consumer) commits \(partition)/\(commit.offset), which \(holder.consumer) has"
      )
    }
  }

  // MARK: Reading

  mutating func beginReading() -> Int { tick() }

  /// A reading that began then says that the offset is committed; nil: none is.
  mutating func read(_ group: String, _ partition: Int32, began: Int, _ offset: Int64?) {
    let place = Place(group: group, partition: partition)
    let all = commits[place] ?? []
    let before = all.filter { $0.outcome == .done && $0.ended < began }
    guard let offset else {
      if let lost = before.first {
        faults.append("\(group): \(partition)/\(lost.offset) was committed, and nothing is there")
      }
      return
    }
    let candidates = all.filter { $0.offset == offset && $0.outcome != .refused }
    let isPossible = candidates.contains { candidate in
      let end = lastMoment(of: candidate, place)
      return !before.contains { $0.began > end }
    }
    if isPossible { return }
    faults.append(
      "\(group): partition \(partition) has \(offset) committed, expected is one of "
        + "\(Set(before.suffix(3).map(\.offset)).sorted()) or what was begun since")
  }

  /// When it took effect at the latest: whoever is told of a partition comes after all that holders before it
  /// have committed.
  private func lastMoment(of commit: Commit, _ place: Place) -> Int {
    let next = holders[place]?.first { $0.since > commit.began && $0.consumer != commit.consumer }
    return min(commit.ended, next?.since ?? .max)
  }
}
