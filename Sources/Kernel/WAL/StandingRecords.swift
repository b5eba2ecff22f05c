import Base

/// What of a tablet holds until something newer replaces it, whatever becomes of the segment that it
/// was written to: each new segment begins with a copy.
///
/// A copy says no more than its original at that place: entries that were written in between still
/// count when it is read.
struct StandingRecords {
  private struct OfTablet {
    var replica: UInt64?
    var hardState: (term: Term, vote: UInt64)?
    var installed: LogIndex?
  }
  private var tablets: [TabletID: OfTablet] = [:]

  mutating func note(_ record: LogRecord) {
    switch record {
    case .replica(let tablet, let id):
      // Another replica begins with nothing.
      if tablets[tablet]?.replica != id { tablets[tablet] = OfTablet(replica: id) }
    case .hardState(let tablet, let term, let vote):
      tablets[tablet, default: OfTablet()].hardState = (term, vote)
    case .installed(let tablet, let index):
      tablets[tablet, default: OfTablet()].installed = index
    case .entry, .configuration, .truncated: break
    }
  }

  /// All of them: of each tablet first which replica it is.
  var records: [LogRecord] {
    tablets.sorted { $0.key < $1.key }.flatMap { id, tablet in
      var records: [LogRecord] = []
      if let replica = tablet.replica { records.append(.replica(tablet: id, id: replica)) }
      if let state = tablet.hardState {
        records.append(.hardState(tablet: id, term: state.term, vote: state.vote))
      }
      if let index = tablet.installed { records.append(.installed(tablet: id, index: index)) }
      return records
    }
  }
}
