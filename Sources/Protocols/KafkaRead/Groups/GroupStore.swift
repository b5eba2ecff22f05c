import Base
import Catalog
import Node
import SQL
import Types

/// A group's row.
struct StoredGroup: Equatable {
  /// "classic" or "consumer".
  var kind: String
  var protocolType: String
  var generation: Int32
  /// The role that made it.
  var owner: String
}

/// How far a group has come in one partition.
struct StoredOffset: Equatable {
  var topic: String
  var partition: Int32
  var offset: Int64
  var epoch: Int32?
  var metadata: String?
}

/// Groups and offsets as rows of `kafka.groups` and `kafka.offsets`, by SQL's own statements, so that indexes,
/// change streams and whoever looks see them as any other rows. Lives on: its shard.
final class GroupStore {
  private let shard: NodeShard
  private let environment: SessionEnvironment
  /// Sessions that nobody uses now.
  private var idle: [Statements] = []
  private static let idleMax = 8

  init(_ shard: NodeShard, _ environment: SessionEnvironment) {
    self.shard = shard
    self.environment = environment
  }

  private func run(_ text: String, _ parameters: [String?]) async throws(SQLError)
    -> (rows: [[String?]], count: Int)
  {
    let statements =
      idle.popLast()
      ?? Statements(
        shard, role: shard.catalog.role(CatalogSnapshot.bootstrapRole)?.name ?? "", environment)
    do throws(SQLError) {
      let result = try await statements.run(text, parameters)
      if idle.count < Self.idleMax { idle.append(statements) } else { await statements.close() }
      return result
    } catch {
      await statements.close()
      throw error
    }
  }

  // MARK: Groups

  func load(_ group: String) async throws(SQLError) -> StoredGroup? {
    let found = try await run(
      "SELECT kind, protocol_type, generation, owner FROM kafka.groups WHERE group_id = $1", [group]
    )
    return found.rows.first.map { row in
      StoredGroup(
        kind: row[0] ?? "", protocolType: row[1] ?? "",
        generation: row[2].flatMap { Int32($0) } ?? 0,
        owner: row[3] ?? "")
    }
  }

  /// Stores the group's row if it still is as `known` has it; nil: there was none. False: somebody else has changed
  /// it, and nothing is stored.
  func save(_ name: String, _ group: StoredGroup, insteadOf known: StoredGroup?)
    async throws(SQLError) -> Bool
  {
    let fields = [name, group.kind, group.protocolType, "\(group.generation)"]
    guard let known else {
      return try await run(
        """
        INSERT INTO kafka.groups VALUES ($1, $2, $3, $4::int4, $5, now()) ON CONFLICT (group_id) DO NOTHING
        """, fields + [group.owner]
      ).count == 1
    }
    return try await run(
      """
      UPDATE kafka.groups SET kind = $2, protocol_type = $3, generation = $4::int4, changed_at = now()
      WHERE group_id = $1 AND kind = $5 AND generation = $6::int4
      """, fields + [known.kind, "\(known.generation)"]
    ).count == 1
  }

  /// The rows of groups whose coordinator may be this shard: whoever asks sorts out.
  func all() async throws(SQLError) -> [(name: String, group: StoredGroup)] {
    let found = try await run(
      "SELECT group_id, kind, protocol_type, generation, owner FROM kafka.groups ORDER BY group_id",
      [])
    return found.rows.map { row in
      (
        row[0] ?? "",
        StoredGroup(
          kind: row[1] ?? "", protocolType: row[2] ?? "",
          generation: row[3].flatMap { Int32($0) } ?? 0, owner: row[4] ?? "")
      )
    }
  }

  /// The group with its offsets.
  func delete(_ group: String) async throws(SQLError) {
    _ = try await run(
      """
      WITH gone AS (DELETE FROM kafka.offsets WHERE group_id = $1)
      DELETE FROM kafka.groups WHERE group_id = $1
      """, [group])
  }

  // MARK: Offsets

  /// Stores the offsets if the group's row still has the generation: another node that has taken the group over
  /// has raised it. False: it has, and nothing is stored.
  func commit(_ group: String, generation: Int32, _ offsets: [StoredOffset]) async throws(SQLError)
    -> Bool
  {
    if offsets.isEmpty { return true }
    let found = try await run(
      """
      WITH held AS (SELECT generation FROM kafka.groups WHERE group_id = $1 FOR SHARE)
      INSERT INTO kafka.offsets
      SELECT $1, v.t, v.p, v.o, v.e, v.m, now()
      FROM unnest($2::text[], $3::int4[], $4::int8[], $5::int4[], $6::text[]) AS v (t, p, o, e, m), held
      WHERE held.generation = $7::int4
      ON CONFLICT (group_id, topic, partition) DO UPDATE SET committed_offset = excluded.committed_offset,
      leader_epoch = excluded.leader_epoch, metadata = excluded.metadata,
      committed_at = excluded.committed_at
      """,
      [
        group, Self.array(offsets.map(\.topic)), Self.array(offsets.map { "\($0.partition)" }),
        Self.array(offsets.map { "\($0.offset)" }),
        Self.array(offsets.map { $0.epoch.map { "\($0)" } }),
        Self.array(offsets.map(\.metadata)), "\(generation)",
      ])
    return found.count == offsets.count
  }

  func offsets(_ group: String) async throws(SQLError) -> [StoredOffset] {
    let found = try await run(
      """
      SELECT topic, partition, committed_offset, leader_epoch, metadata FROM kafka.offsets
      WHERE group_id = $1 ORDER BY topic, partition
      """, [group])
    return found.rows.map { row in
      StoredOffset(
        topic: row[0] ?? "", partition: row[1].flatMap { Int32($0) } ?? 0,
        offset: row[2].flatMap { Int64($0) } ?? -1, epoch: row[3].flatMap { Int32($0) },
        metadata: row[4])
    }
  }

  func deleteOffsets(_ group: String, _ places: [(topic: String, partition: Int32)])
    async throws(SQLError)
  {
    _ = try await run(
      """
      DELETE FROM kafka.offsets WHERE group_id = $1 AND (topic, partition) IN
      (SELECT * FROM unnest($2::text[], $3::int4[]))
      """,
      [
        group, Self.array(places.map(\.topic)), Self.array(places.map { "\($0.partition)" }),
      ])
  }

  /// SQL's text form of an array.
  static func array(_ items: [String?]) -> String {
    let parts = items.map { item -> String in
      guard let item else { return "NULL" }
      let quoted = item.flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : [$0] }
      return "\"\(String(quoted))\""
    }
    return "{\(parts.joined(separator: ","))}"
  }
}

/// A session of SQL with the statements that it has prepared. One statement at a time.
private final class Statements {
  private let session: SQLSession
  private var prepared: [String: PreparedStatement] = [:]

  init(_ shard: NodeShard, role: String, _ environment: SessionEnvironment) {
    session = SQLSession(shard: shard, user: role, environment: environment)
  }

  func run(_ text: String, _ parameters: [String?]) async throws(SQLError)
    -> (rows: [[String?]], count: Int)
  {
    do throws(SQLError) {
      let result = try await execute(text, parameters)
      try await session.sync(failed: false)
      return result
    } catch {
      do throws(SQLError) {
        try await session.sync(failed: true)
      } catch {
        // The statement has failed already, with the error that counts.
      }
      throw error
    }
  }

  private func execute(_ text: String, _ parameters: [String?]) async throws(SQLError)
    -> (rows: [[String?]], count: Int)
  {
    let statement = try statement(text)
    var values: [Value] = []
    for (parameter, type) in zip(parameters, statement.parameterTypes) {
      values.append(
        try session.parameter(parameter.map { Array($0.utf8) }, as: type, isBinary: false))
    }
    let portal = try session.bind(statement, values: values)
    let types = portal.columns?.map(\.type) ?? []
    let formats = session.formatSettings
    var rows: [[String?]] = []
    _ = try await session.execute(portal, maximumRows: 0, isAlone: true) { found in
      for row in found {
        rows.append(
          zip(row, types).map { value, type -> String? in
            if value.isNull { return nil }
            var text: [UInt8] = []
            TypeIO.formatText(value, as: type, settings: formats, into: &text)
            return String(decoding: text, as: UTF8.self)
          })
      }
      return true
    }
    return (rows, portal.tagParts.count ?? 0)
  }

  private func statement(_ text: String) throws(SQLError) -> PreparedStatement {
    if let known = prepared[text] { return known }
    let made = try session.prepare(Array(text.utf8), parameterTypes: [])
    prepared[text] = made
    return made
  }

  func close() async { await session.close() }
}
