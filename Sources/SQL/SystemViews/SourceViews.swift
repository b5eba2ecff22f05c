import Base
import Catalog
import Node
import SQL
import Types

/// quatrain.sources and quatrain.source_partitions: what is read of other Kafkas, and how far.
enum SourceViews {
  private static let firstID: UInt32 = 12_510

  static func sources(_ session: SQLSession) -> VirtualTable {
    VirtualTable(
      id: ObjectID(rawValue: firstID),
      columns: [
        ("source", .text), ("schema_name", .text), ("table_name", .text), ("owner", .text),
        ("brokers", .text), ("topic", .text), ("format", .text), ("state", .text),
        ("partitions", .int4), ("lag", .int8), ("last_error", .text),
      ]
    ) { [unowned session] (_) throws(SQLError) in
      let statuses = try await statuses(session)
      let catalog = session.currentCatalog
      return SourceDefinition.all(in: catalog).map { table, source in
        row(table, source, statuses.filter { $0.source == source.id }, catalog)
      }
    }
  }

  private static func row(
    _ table: TableDescriptor, _ source: SourceDefinition, _ statuses: [SourceStatus],
    _ catalog: CatalogSnapshot
  ) -> [Value] {
    let partitions = statuses.filter { $0.partition >= 0 }
    let failed = statuses.first { $0.state == "failed" } ?? statuses.first { $0.error != nil }
    var state = "running"
    if source.isPaused {
      state = "paused"
    } else if let failed {
      state = failed.state
    } else if partitions.isEmpty || partitions.contains(where: { $0.state != "running" }) {
      state = "starting"
    }
    let lags = partitions.compactMap(\.lag)
    return [
      .string(source.name), .string(catalog.objects[table.schema]?.name ?? ""),
      .string(table.name), .optional(catalog.role(source.owner)?.name), .string(source.brokers),
      .string(source.topic), .string(source.format.rawValue), .string(state),
      .int(Int64(partitions.count)),
      lags.isEmpty || lags.count < partitions.count ? .null : .int(lags.reduce(0, +)),
      .optional(failed?.error),
    ]
  }

  static func partitions(_ session: SQLSession) -> VirtualTable {
    VirtualTable(
      id: ObjectID(rawValue: firstID + 1),
      columns: [
        ("source", .text), ("partition", .int4), ("state", .text), ("node", .int4),
        ("shard", .int4), ("next_offset", .int8), ("high_watermark", .int8), ("lag", .int8),
        ("records", .int8), ("dead_letters", .int8), ("last_error", .text),
        ("last_error_at", .timestamptz),
      ]
    ) { [unowned session] (_) throws(SQLError) in
      let statuses = try await statuses(session)
      var sources: [Int64: SourceDefinition] = [:]
      for (_, source) in SourceDefinition.all(in: session.currentCatalog) {
        sources[source.id] = source
      }
      return statuses.compactMap { status in
        guard status.partition >= 0, let source = sources[status.source] else { return nil }
        return row(status, source)
      }
    }
  }

  private static func row(_ status: SourceStatus, _ source: SourceDefinition) -> [Value] {
    func number(_ value: Int64?) -> Value { value.map { .int($0) } ?? .null }
    // PostgreSQL's time begins in 2000.
    let errorAt = status.errorAt.map { Value.int($0 * 1_000 - 946_684_800_000_000) }
    return [
      .string(source.name), .int(Int64(status.partition)),
      .string(source.isPaused ? "paused" : status.state),
      status.place.map { .int(Int64($0.node.rawValue)) } ?? .null,
      status.place.map { .int(Int64($0.shard.rawValue)) } ?? .null, number(status.next),
      number(status.high), number(status.lag), .int(status.records), .int(status.deadLetters),
      .optional(status.error), errorAt ?? .null,
    ]
  }

  private static func statuses(_ session: SQLSession) async throws(SQLError) -> [SourceStatus] {
    try await session.environment.sources?.statuses(session.shard) ?? []
  }
}
