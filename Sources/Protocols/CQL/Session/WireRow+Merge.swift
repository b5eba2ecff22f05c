import Base
import Node
import SQL
import Types

/// Writes that leave some of the old row as it is, or that expire.
extension WireRow {
  /// Makes the bytes of the row as it will be. Gives when it expires.
  func merge(
    _ frame: ExecuteFrame, _ place: Place, _ summary: Deletions.Summary?,
    _ transaction: TabletTransaction
  ) throws(ProcedureError) -> Int64? {
    // What is kept lies in the old row: it is copied before that can change.
    try transaction.withValue(rows.keyspace, frame.key) { bytes in
      Result<Int64?, ProcedureError> { () throws(ProcedureError) in
        var times = try old(bytes, frame)
        let written = try written(place, over: times.newest, summary, transaction)
        let now = Int64(transaction.snapshot.rawValue / 1_000_000_000)
        let stamp = CellTimes.Cell(written: written, expires: place.seconds.map { now + $0 })
        if isInsert { times.marker = stamp }
        note(stamp, of: frame, in: &times)
        frame.times.removeAll(keepingCapacity: true)
        frame.times.append(contentsOf: times.encoded)
        try encode(frame)
        return times.expiry(columns: rows.cellPositions) { isNull($0, frame) }
      }
    }.get()
  }

  /// The old row's fields, where they lie, and its times.
  private func old(_ bytes: UnsafeRawBufferPointer?, _ frame: ExecuteFrame) throws(ProcedureError)
    -> CellTimes
  {
    frame.fields.removeAll(keepingCapacity: true)
    guard let bytes else { return CellTimes() }
    let read = Result<CellTimes?, DecodingFault> { () throws(DecodingFault) in
      try RowCodec.fields(bytes, at: positions, into: &frame.fields)
      for case .absent in frame.fields { return nil }
      for (column, field) in zip(columns, frame.fields) {
        if case .times = column, case .bytes(let times) = field { return try CellTimes(times) }
      }
      return nil
    }
    // From before a column or the times were there, or damaged: the usual way knows what to make of it.
    guard case .success(let times?) = read else { throw .conflict }
    return times
  }

  /// What the statement gives is written now; what it deletes does not expire.
  private func note(_ stamp: CellTimes.Cell, of frame: ExecuteFrame, in times: inout CellTimes) {
    for (position, column) in columns.enumerated() {
      guard case .value(let marker, _, isKey: false) = column else { continue }
      switch frame.values[marker] {
      case .unset: break
      case .null: times[position] = CellTimes.Cell(written: stamp.written)
      case .bytes: times[position] = stamp
      }
    }
  }

  /// Of the row as it will be.
  private func isNull(_ position: Int, _ frame: ExecuteFrame) -> Bool {
    if case .value(let marker, _, _) = columns[position] {
      switch frame.values[marker] {
      case .null: return true
      case .bytes: return false
      case .unset: break
      }
    }
    guard !frame.fields.isEmpty, case .null = frame.fields[position] else {
      return frame.fields.isEmpty
    }
    return true
  }
}
