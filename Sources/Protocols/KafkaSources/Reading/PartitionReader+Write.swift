import Base
import Catalog
import Node
import SQL
import Types

/// Records into rows. Lives on: its shard.
extension PartitionReader {
  /// A record with what was made of it.
  struct Decoded {
    enum Outcome {
      case change(RecordMapping.Change)
      case bad(SQLError)
    }
    var record: SourceRecord
    var outcome: Outcome
  }

  func write(_ records: [SourceRecord], end: Int64?) async throws(ReaderFault) {
    let plan = try currentPlan()
    // What was fetched before a seek, and is not wanted.
    let wanted = records.filter { $0.offset >= (next ?? 0) }
    try await decoder.prepare(for: wanted, plan.mapping)
    let decoded = wanted.map { decode($0, plan) }
    try await write(decoded[...], plan)
    if let end, end > next ?? 0 { try await commit([], to: end, plan) }
  }

  private func decode(_ record: SourceRecord, _ plan: SourcePlan) -> Decoded {
    do throws(SQLError) {
      let change = try plan.mapping.change(record, partition: partition, statements.session) {
        (value) throws(SQLError) in try decoder.document(value)
      }
      return Decoded(record: record, outcome: .change(change))
    } catch {
      return Decoded(record: record, outcome: .bad(error))
    }
  }

  /// In one transaction, or where a record is to blame in halves, down to the one that it is.
  private func write(_ part: ArraySlice<Decoded>, _ plan: SourcePlan) async throws(ReaderFault) {
    guard let last = part.last else { return }
    if plan.deadLetters == nil, let place = part.firstIndex(where: { $0.error != nil }) {
      try await write(part[..<place], plan)
      throw refused(part[place])
    }
    do throws(SQLError) {
      return try await commitRows(part, to: last.record.offset + 1, plan)
    } catch {
      guard SourceErrorKind(error.code) == .record else { throw Self.fault(error) }
      if part.count > 1 {
        let middle = part.startIndex + part.count / 2
        try await write(part[..<middle], plan)
        return try await write(part[middle...], plan)
      }
      var blamed = last
      // The table for dead letters has refused it too.
      if blamed.error != nil { throw .fails("dead letters: \(error.shownForSource)") }
      blamed.outcome = .bad(error)
      try await write([blamed], plan)
    }
  }

  private func refused(_ decoded: Decoded) -> ReaderFault {
    .fails("offset \(decoded.record.offset): \(decoded.error?.shownForSource ?? "")")
  }

  static func fault(_ error: SQLError) -> ReaderFault {
    if error == Self.moved { return .lost }
    return SourceErrorKind(error.code) == .passing
      ? .waits(error.shownForSource) : .fails(error.shownForSource)
  }

  /// The transaction has found the partition, or the table, somewhere else.
  private static let moved = SQLError("40001", "the partition is not where it was")

  private func commit(_ part: ArraySlice<Decoded>, to end: Int64, _ plan: SourcePlan)
    async throws(ReaderFault)
  {
    do throws(SQLError) {
      try await commitRows(part, to: end, plan)
    } catch {
      throw Self.fault(error)
    }
  }

  private func commitRows(_ part: ArraySlice<Decoded>, to end: Int64, _ plan: SourcePlan)
    async throws(SQLError)
  {
    do throws(SQLError) {
      // First the offset: who is not the reader any more waits here, and writes nothing.
      guard
        try await store.advance(partition, from: next ?? 0, to: end, epoch: source.epoch)
      else { throw Self.moved }
      let changes = part.compactMap { item in
        if case .change(let change) = item.outcome { change } else { nil }
      }
      try await plan.rows.write(changes, statements)
      for item in part {
        guard case .bad(let error) = item.outcome else { continue }
        try await plan.deadLetters?.write(
          item.record, error, source, partition: partition, statements)
      }
      // A table that was renamed meanwhile: another one may have its name.
      guard plan.holds(in: statements.session.shard.catalog) else { throw Self.moved }
      try await statements.commit()
    } catch {
      await statements.rollback()
      throw error
    }
    wrote(part, to: end)
  }
}

extension PartitionReader.Decoded {
  var error: SQLError? { if case .bad(let error) = outcome { error } else { nil } }
}
