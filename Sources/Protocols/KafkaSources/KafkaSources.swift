import Base
import Catalog
public import Node
import Reactor
public import SQL
import Types

/// Sources: topics of a real Kafka, read into tables. See docs/kafka.md.
public enum KafkaSources {
  /// On each shard, once it serves.
  public static func open(on shard: NodeShard, environment: SessionEnvironment) {
    _ = shard.local(SourceShard.self) {
      let made = SourceShard(shard, environment)
      made.startRounds()
      return made
    }
  }

  /// For the statements and views of SQL. `environment`: of the sessions that read the rows of offsets.
  public static func reading(_ environment: SessionEnvironment) -> SourceReading {
    SourceReading(
      check: { (source, catalog) throws(SQLError) in try check(source, catalog) },
      statuses: { (shard) throws(SQLError) in try await statuses(shard, environment) })
  }

  private static func check(_ source: SourceDefinition, _ catalog: CatalogSnapshot) throws(SQLError)
  {
    let configuration = try BrokerConfiguration.make(source)
    BrokerConfiguration.discard(configuration)
    if let registry = source.registry { _ = try RegistryAddress(registry) }
    let table = SourceDefinition.all(in: catalog).first { $0.1.id == source.id }?.0.id
    _ = try SourcePlan(source, into: table ?? ObjectID(rawValue: 0), in: catalog)
  }

  /// What shards tell of what they read, and for the rest what the rows say.
  private static func statuses(_ shard: NodeShard, _ environment: SessionEnvironment)
    async throws(SQLError) -> [SourceStatus]
  {
    let statements = SourceStatements(shard, environment)
    var stored: [(source: Int64, partition: Int32, next: Int64?)] = []
    // Before the first source is made, the table may not be there.
    if shard.catalog.schema(named: KafkaSchema.name) != nil,
      shard.catalog.table(KafkaSchema.sourceOffsets) != nil
    {
      do throws(SQLError) {
        stored = try await statements.alone(
          """
          SELECT source, partition, next_offset FROM kafka.source_offsets WHERE partition >= 0
          ORDER BY source, partition
          """, [], []
        ).rows.map(position)
      } catch {
        await statements.close()
        throw error
      }
    }
    await statements.close()
    let reply = Reply<[[UInt8]?]>()
    shard.askEvery(SourceShard.statusName, []) { reply.fulfill($0) }
    let told = await reply.get().flatMap { $0.map(SourceStatus.decoded) ?? [] }
    return merged(told, stored)
  }

  private static func position(_ row: [Value]) -> (source: Int64, partition: Int32, next: Int64?) {
    func number(_ value: Value) -> Int64? {
      if case .int(let number) = value { number } else { nil }
    }
    return (number(row[0]) ?? 0, Int32(clamping: number(row[1]) ?? 0), number(row[2]))
  }

  /// Of two shards that both read a partition, the one that has come further is the one that does.
  static func merged(
    _ told: [SourceStatus], _ stored: [(source: Int64, partition: Int32, next: Int64?)]
  ) -> [SourceStatus] {
    struct Key: Hashable {
      var source: Int64
      var partition: Int32
    }
    var live: [Key: SourceStatus] = [:]
    for status in told {
      let key = Key(source: status.source, partition: status.partition)
      if let known = live[key], known.next ?? -1 >= status.next ?? -1 { continue }
      live[key] = status
    }
    var found = told.filter {
      $0.partition < 0 && live[Key(source: $0.source, partition: $0.partition)] == $0
    }
    for row in stored {
      var status =
        live[Key(source: row.source, partition: row.partition)]
        ?? SourceStatus(source: row.source, partition: row.partition, place: nil, state: "starting")
      status.next = row.next.map { max($0, status.next ?? $0) } ?? status.next
      found.append(status)
    }
    return found.sorted { ($0.source, $0.partition) < ($1.source, $1.partition) }
  }
}
