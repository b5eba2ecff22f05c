import Base

/// What the other replicas of a tablet have of a partition from before the records of its leader, which came by a
/// snapshot. Who does not answer, or lags behind where the leader's records begin, may have some that nobody else
/// has: as long as that could change the result, there is none.
struct HistorySearch {
  /// Where the leader's records begin.
  private let end: Int64
  private var earliest: Int64
  private var best: StreamAnswer?
  /// Everybody has told.
  private var isWhole = true

  init(before end: Int64) {
    self.end = end
    earliest = end
  }

  mutating func add(_ answer: ReadStream.Answer) {
    guard case .success(let answer) = answer else {
      isWhole = false
      return
    }
    if answer.position.next < end { isWhole = false }
    guard answer.position.earliest < end else { return }
    earliest = min(earliest, answer.position.earliest)
    if isBetter(answer) { best = answer }
  }

  /// One that lags may have the oldest records, and not come to the wanted ones yet.
  private func isBetter(_ answer: StreamAnswer) -> Bool {
    guard let best else { return true }
    if answer.isOutOfRange { return false }
    return best.isOutOfRange || answer.position.earliest < best.position.earliest
  }

  /// Nil: nobody has any. Beginnings are the oldest one's.
  func result(for wish: ReadStream.Wish) throws(FollowError) -> StreamAnswer? {
    var found = best
    found?.position.earliest = earliest
    // Everybody has been asked.
    found?.elders = []
    // Records are the same wherever they are.
    if case .records = wish, let found, !found.records.isEmpty { return found }
    guard isWhole else {
      throw .kernel(
        .unavailable("a node that may have the change stream's older records cannot be reached"))
    }
    return found
  }
}
