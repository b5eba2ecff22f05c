import Types

/// A partition of a topic, as groups share them out.
struct TopicPartition: Hashable, Comparable, Sendable {
  var topic: UUIDValue
  var partition: Int32

  static func < (a: TopicPartition, b: TopicPartition) -> Bool {
    a.topic == b.topic ? a.partition < b.partition : a.topic < b.topic
  }
}

/// A topic that a member wants.
struct GroupTopic: Hashable, Sendable {
  var name: String
  var id: UUIDValue
  var partitions: Int32

  var all: [TopicPartition] {
    (0..<partitions).map { TopicPartition(topic: id, partition: $0) }
  }
}

/// Ways to share partitions out among the members of a group, by the server.
enum Assignor: String, CaseIterable, Sendable {
  /// As evenly as can be, and with as few moves.
  case uniform
  /// Of each topic contiguous ranges, in the order of the members.
  case range

  struct Input {
    var id: String
    var topics: [GroupTopic]
    var current: Set<TopicPartition>
  }

  /// `members` are in an order that does not depend on anything but themselves.
  func assign(_ members: [Input]) -> [String: Set<TopicPartition>] {
    switch self {
    case .uniform: Uniform(members).assigned()
    case .range: Self.ranges(members)
    }
  }

  private static func ranges(_ members: [Input]) -> [String: Set<TopicPartition>] {
    var result: [String: Set<TopicPartition>] = [:]
    let topics = Set(members.flatMap(\.topics)).sorted { $0.name < $1.name }
    for topic in topics {
      let interested = members.filter { $0.topics.contains(topic) }.map(\.id).sorted()
      let count = Int(topic.partitions)
      for (place, id) in interested.enumerated() {
        let from = place * count / interested.count
        let to = (place + 1) * count / interested.count
        result[id, default: []].formUnion(topic.all[from..<to])
      }
    }
    return result
  }
}

/// Keeps what members have, gives what is free to who has least, then moves single partitions from those
/// with most to those with least until no move makes it more even.
private struct Uniform {
  private let ids: [String]
  private var held: [Set<TopicPartition>]
  private let wanted: [Set<UUIDValue>]
  private let all: [TopicPartition]

  init(_ members: [Assignor.Input]) {
    ids = members.map(\.id)
    wanted = members.map { Set($0.topics.map(\.id)) }
    let topics = Set(members.flatMap(\.topics)).sorted { $0.id < $1.id }
    all = topics.flatMap(\.all)
    var taken: Set<TopicPartition> = []
    let there = Set(all)
    held = []
    for (place, member) in members.enumerated() {
      let kept = member.current.filter {
        there.contains($0) && wanted[place].contains($0.topic) && !taken.contains($0)
      }
      taken.formUnion(kept)
      held.append(kept)
    }
  }

  func assigned() -> [String: Set<TopicPartition>] {
    var copy = self
    copy.giveFree()
    copy.even()
    return Dictionary(uniqueKeysWithValues: zip(ids, copy.held))
  }

  private func least(_ topic: UUIDValue) -> Int? {
    ids.indices.filter { wanted[$0].contains(topic) }.min { held[$0].count < held[$1].count }
  }

  private mutating func giveFree() {
    let taken = held.reduce(into: Set<TopicPartition>()) { $0.formUnion($1) }
    for partition in all where !taken.contains(partition) {
      if let place = least(partition.topic) { held[place].insert(partition) }
    }
  }

  /// Each move makes the sum of the squares smaller, so that it ends.
  private mutating func even() {
    var isMoving = true
    while isMoving {
      isMoving = false
      for from in ids.indices.sorted(by: { held[$0].count > held[$1].count }) {
        let count = held[from].count
        let to = ids.indices.filter { held[$0].count + 2 <= count }.min {
          (held[$0].count, $0) < (held[$1].count, $1)
        }
        guard let to else { break }
        guard let moved = held[from].filter({ wanted[to].contains($0.topic) }).max() else {
          continue
        }
        held[from].remove(moved)
        held[to].insert(moved)
        isMoving = true
        break
      }
    }
  }
}
