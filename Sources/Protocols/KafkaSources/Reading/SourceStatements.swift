import Base
import Catalog
import Node
import SQL
import Types

/// A session of SQL with the statements that it has prepared; several make a transaction, which `commit`
/// ends. One statement at a time. Lives on: its shard.
final class SourceStatements {
  let session: SQLSession
  private var prepared: [String: PreparedStatement] = [:]
  /// More would be of tables that have changed meanwhile.
  private static let preparedMax = 256

  /// Acts as the first superuser: offsets are nobody else's, and what the source's owner may do is asked
  /// where the rows are made.
  init(_ shard: NodeShard, _ environment: SessionEnvironment) {
    session = SQLSession(
      shard: shard, user: shard.catalog.role(CatalogSnapshot.bootstrapRole)?.name ?? "",
      environment: environment)
  }

  /// In the transaction that is open, or a new one. `types`: of the parameters, so that the statement means
  /// the same whatever becomes of the table.
  func run(_ text: String, _ parameters: [Value], _ types: [SQLType]) async throws(SQLError)
    -> (rows: [[Value]], count: Int)
  {
    let statement = try statement(text, types)
    let portal = try session.bind(statement, values: parameters)
    var rows: [[Value]] = []
    _ = try await session.execute(portal, maximumRows: 0, isAlone: false) { found in
      rows += found
      return true
    }
    return (rows, portal.tagParts.count ?? 0)
  }

  func commit() async throws(SQLError) { try await session.sync(failed: false) }

  func rollback() async {
    do throws(SQLError) {
      try await session.sync(failed: true)
    } catch {
      // What a rollback cannot end is ended by the tablets themselves.
    }
  }

  /// One statement as a transaction of its own.
  func alone(_ text: String, _ parameters: [Value], _ types: [SQLType]) async throws(SQLError)
    -> (rows: [[Value]], count: Int)
  {
    do throws(SQLError) {
      let result = try await run(text, parameters, types)
      try await commit()
      return result
    } catch {
      await rollback()
      throw error
    }
  }

  private func statement(_ text: String, _ types: [SQLType]) throws(SQLError) -> PreparedStatement {
    if let known = prepared[text] { return known }
    let made = try session.prepare(Array(text.utf8), parameterTypes: types.map(\.oid))
    if prepared.count >= Self.preparedMax { prepared = [:] }
    prepared[text] = made
    return made
  }

  func close() async { await session.close() }
}

/// What kind of fault an error of SQL is for who writes records.
enum SourceErrorKind {
  /// The record is to blame: it would fail again.
  case record
  /// It may work in a moment: conflicts, leaders that move, a node that has no memory left.
  case passing
  /// The source or its table is to blame: somebody has to change something.
  case lasting

  init(_ code: SQLState) {
    switch code.text.prefix(2) {
    case "22", "23", "54": self = .record
    case "08", "25", "40", "53", "55", "57", "58": self = .passing
    default: self = .lasting
    }
  }
}
