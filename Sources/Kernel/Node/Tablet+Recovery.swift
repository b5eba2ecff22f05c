import Base
import Raft
import Storage

/// Rebuilding a tablet from its log at start. With one voter every entry in the log is committed.
extension Tablet {
  /// Applies one entry of the log, in order; passes over what the checkpoint has.
  func replay(index: LogIndex, term: Term, payload: [UInt8]) throws(DecodingFault) {
    replication.recovered(index: index, term: term)
    store.settle(upTo: index)
    try apply(index, term, payload, .recovery)
  }

  /// The same for one that changes who belongs to the group.
  func replay(configuration payload: [UInt8], index: LogIndex, term: Term) throws(DecodingFault) {
    replication.recovered(index: index, term: term)
    guard replication.recovered(configuration: payload, at: index) else {
      throw .malformed("a group's configuration")
    }
    store.settle(upTo: index)
  }

  /// Takes one entry of a group with other members: it is applied when these say that it has committed.
  func replay(
    pending index: LogIndex, term: Term, payload: [UInt8], isConfiguration: Bool
  ) throws(DecodingFault) {
    let kind: RaftEntry.Kind =
      isConfiguration ? .configuration : payload.isEmpty ? .empty : .normal
    let entry = RaftEntry(index: index, term: term, kind: kind, payload: payload)
    guard replication.recovered(pending: entry) else { throw .malformed("out of place") }
  }

  /// What has been prepared and not ended, in the order of its entries; a payload that is damaged is
  /// reported here, before anything is made of it.
  func undecidedRecords() throws(DecodingFault) -> [(
    index: LogIndex, record: PrepareRecord, writes: [WriteRecord]
  )] {
    var found: [(index: LogIndex, record: PrepareRecord, writes: [WriteRecord])] = []
    for entry in applied.undecided.values.sorted(by: { $0.index < $1.index }) {
      switch try TabletEntry(decoding: entry.payload) {
      case .prepare(let record, let writes): found.append((entry.index, record, writes))
      case .decision(let record, let writes): found.append((entry.index, record.prepare, writes))
      default: throw .malformed("not a prepare entry")
      }
    }
    return found
  }
}
