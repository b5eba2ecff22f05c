import Base

/// How many entries a stream has had up to an id, as far as that can be told without counting them.
/// Lives on: one shard, within one command.
struct StreamProgress {
  private let state: StreamState
  private let count: Int64
  /// Of the first entry that is there.
  private let first: StreamID

  init(_ stream: StreamRows) throws(CommandStop) {
    self.init(stream.state, count: stream.count, first: try stream.edge() ?? .zero)
  }

  init(_ state: StreamState, count: Int64, first: StreamID) {
    self.state = state
    self.count = count
    self.first = first
  }

  private var entriesAdded: Int64 { Int64(clamping: state.entriesAdded) }

  /// Whether an entry from `start` on may have been removed.
  private func hasGaps(from start: StreamID) -> Bool {
    if count == 0 || state.maxDeletedID == .zero || first > state.maxDeletedID { return false }
    return start <= state.maxDeletedID
  }

  /// Nil: it cannot be told.
  func distance(of id: StreamID) -> Int64? {
    if entriesAdded == 0 { return 0 }
    if count == 0, id <= state.lastID { return entriesAdded }
    if id == state.lastID { return entriesAdded }
    if id > state.lastID { return nil }
    if state.maxDeletedID == .zero || state.maxDeletedID < first {
      if id < first { return entriesAdded - count }
      if id == first { return entriesAdded - count + 1 }
    }
    return nil
  }

  /// The group gets the entry, which is behind what it has had.
  func advance(_ group: inout StreamGroup, to id: StreamID) {
    if let read = group.entriesRead, !hasGaps(from: id) {
      group.entriesRead = read &+ 1
    } else if entriesAdded > 0 {
      group.entriesRead = distance(of: id)
    }
    group.lastID = id
  }

  /// Entries that the group has not had; nil: it cannot be told.
  func lag(_ group: StreamGroup) -> Int64? {
    if entriesAdded == 0 { return 0 }
    if let read = group.entriesRead, !hasGaps(from: group.lastID) { return entriesAdded &- read }
    return distance(of: group.lastID).map { entriesAdded - $0 }
  }
}
