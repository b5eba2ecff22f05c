import Types

/// A partition as a client names it: the topic by name or by id.
struct FetchPlace: Hashable, Sendable {
  var name: String
  var id: UUIDValue?
  var partition: Int32
}

/// The partitions that a client reads again and again: it then tells only what changes, and hears only of
/// partitions with news (KIP-227). One for each connection: a client that comes back begins a new one.
struct FetchSession {
  struct Entry {
    var place: FetchPlace
    var wanted: FetchRequest.Partition
    /// What the client has heard of the partition; nil: nothing yet.
    var told: (highWatermark: Int64, logStart: Int64)?
  }
  let id: Int32
  /// Of the request that comes next.
  private(set) var epoch: Int32 = 1
  private var entries: [FetchPlace: Entry] = [:]
  /// The order in which partitions are served: those that got records go to the end.
  private var order: [FetchPlace] = []

  init(id: Int32) { self.id = id }

  var places: [Entry] { order.compactMap { entries[$0] } }

  /// The request's epoch was the right one.
  mutating func advance() { epoch = epoch == .max ? 1 : epoch + 1 }

  mutating func update(_ topics: [FetchRequest.Topic], forgotten: [FetchRequest.Topic]) {
    for place in Self.places(forgotten) { entries[place.0] = nil }
    if !forgotten.isEmpty { order.removeAll { entries[$0] == nil } }
    for (place, wanted) in Self.places(topics) {
      if entries[place] == nil {
        entries[place] = Entry(place: place, wanted: wanted)
        order.append(place)
      } else {
        entries[place]?.wanted = wanted
      }
    }
  }

  static func places(_ topics: [FetchRequest.Topic]) -> [(FetchPlace, FetchRequest.Partition)] {
    topics.flatMap { topic in
      topic.partitions.map {
        (FetchPlace(name: topic.name, id: topic.id, partition: $0.index), $0)
      }
    }
  }

  /// Whether the client must hear of the partition; then it counts as heard.
  mutating func isNews(_ partition: FetchResponse.Partition, at place: FetchPlace) -> Bool {
    guard var entry = entries[place] else { return false }
    let isNews =
      !partition.records.isEmpty || partition.error != .none
      || entry.told.map { $0 != (partition.highWatermark, partition.logStart) } ?? true
    entry.told =
      partition.error == .none ? (partition.highWatermark, partition.logStart) : nil
    entries[place] = entry
    return isNews
  }

  /// The partitions got records: others come before them next time.
  mutating func rotate(_ served: Set<FetchPlace>) {
    guard !served.isEmpty, served.count < order.count else { return }
    order = order.filter { !served.contains($0) } + order.filter(served.contains)
  }
}
