import Node
import RESP
import SQL
import Types

/// A session of SQL behind a Redis client's, for keys that are rows of tables. Lives on: the shard of both.
final class RedisStatements: RowStatements {
  private let session: SQLSession
  /// Statements that have been prepared; the client's commands have few forms.
  private var prepared: [String: PreparedStatement] = [:]
  private static let preparedMax = 64

  init(_ shard: NodeShard, role: String, _ environment: SessionEnvironment) {
    session = SQLSession(shard: shard, user: role, environment: environment)
  }

  func run(_ text: String, _ parameters: [[UInt8]?]) async throws(SQLError) -> StatementResult {
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

  private func execute(_ text: String, _ parameters: [[UInt8]?])
    async throws(SQLError) -> StatementResult
  {
    let statement = try statement(text)
    var values: [Value] = []
    for (bytes, type) in zip(parameters, statement.parameterTypes) {
      values.append(try session.parameter(bytes, as: type, isBinary: false))
    }
    let portal = try session.bind(statement, values: values)
    let types = portal.columns?.map(\.type) ?? []
    let formats = session.formatSettings
    var result = StatementResult()
    _ = try await session.execute(portal, maximumRows: 0, isAlone: true) { rows in
      for row in rows {
        result.rows.append(
          zip(row, types).map { value, type -> [UInt8]? in
            if value.isNull { return nil }
            var text: [UInt8] = []
            TypeIO.formatText(value, as: type, settings: formats, into: &text)
            return text
          })
      }
      return true
    }
    result.count = portal.tagParts.count ?? 0
    return result
  }

  private func statement(_ text: String) throws(SQLError) -> PreparedStatement {
    if let known = prepared[text] { return known }
    let made = try session.prepare(Array(text.utf8), parameterTypes: [])
    if prepared.count >= Self.preparedMax { prepared = [:] }
    prepared[text] = made
    return made
  }

  func close() async { await session.close() }
}
