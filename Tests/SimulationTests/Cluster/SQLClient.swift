import Node
import SQL
import Types

/// A client that sends statements one by one. Lives on: its shard.
final class SQLClient {
  private let session: SQLSession

  init(_ shard: NodeShard) {
    session = SQLSession(shard: shard, user: "quatrain", database: "quatrain")
  }

  /// The statement's rows as text. Without BEGIN it is a transaction of its own.
  @discardableResult
  func run(_ sql: String) async throws(SQLError) -> [[String]] {
    do throws(SQLError) {
      var lines: [[String]] = []
      let statement = try session.prepare(Array(sql.utf8), parameterTypes: [])
      let portal = try session.bind(statement, values: [])
      _ = try await session.execute(portal, maximumRows: 0, isAlone: true) { rows in
        for row in rows {
          lines.append(
            zip(row, portal.columns ?? []).map { TypeIO.formatText($0, as: $1.type) })
        }
        return true
      }
      try await session.sync(failed: false)
      return lines
    } catch {
      do throws(SQLError) {
        try await session.sync(failed: true)
      } catch let ending {
        throw ending
      }
      throw error
    }
  }

  func close() async { await session.close() }
}
