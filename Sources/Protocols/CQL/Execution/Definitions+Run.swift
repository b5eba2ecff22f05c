import Base
import Catalog
import Node
import SQL
import Types

/// Keyspaces, tables, types and indexes: changes of the catalog, most by the statements of SQL that do
/// the same, so that privileges, dependencies and building in the background are SQL's.
extension StatementRunner {
  /// SQL under the client's role, as one transaction.
  func sql(
    _ statements: [String], _ define: ((inout CatalogSnapshot) throws(SQLError) -> Void)? = nil
  )
    async throws(CQLError)
  {
    try await inSession { (session) async throws(SQLError) in
      try await run(statements, session, isWhole: define == nil)
      if let define { try await session.define(define) }
    }
  }

  /// A definition that nobody works on the table beside: whoever comes later sees it.
  func sql(
    locking table: String, _ define: (inout CatalogSnapshot) throws(SQLError) -> Void
  ) async throws(CQLError) {
    try await inSession { (session) async throws(SQLError) in
      try await run(
        ["BEGIN", "LOCK TABLE \(table) IN ACCESS EXCLUSIVE MODE"], session, isWhole: false)
      try await session.define(define)
      try await run(["COMMIT"], session, isWhole: false)
    }
  }

  /// A definition, and statements that see it, as one transaction.
  func sql(
    after define: (inout CatalogSnapshot) throws(SQLError) -> Void, _ statements: [String]
  ) async throws(CQLError) {
    try await inSession { (session) async throws(SQLError) in
      try await run(["BEGIN"], session, isWhole: false)
      try await session.define(define)
      try await run(statements + ["COMMIT"], session, isWhole: false)
    }
  }

  private func run(_ statements: [String], _ session: SQLSession, isWhole: Bool)
    async throws(SQLError)
  {
    let parsed = try session.parse(Array(statements.joined(separator: "; ").utf8))
    for statement in parsed {
      let portal = try session.bind(statement, values: [])
      _ = try await session.execute(
        portal, maximumRows: 0, isAlone: parsed.count == 1 && isWhole, onRows: { _ in true })
    }
  }

  private func inSession(_ body: (SQLSession) async throws(SQLError) -> Void)
    async throws(CQLError)
  {
    let session = SQLSession(
      shard: shard, user: role.name, environment: state.settings.environment)
    do throws(SQLError) {
      try await body(session)
      try await session.sync(failed: false)
      await session.close()
    } catch {
      await abandon(session)
      throw KernelFaults.error(error)
    }
  }

  /// What went wrong is told already.
  private func abandon(_ session: SQLSession) async {
    do throws(SQLError) {
      try await session.sync(failed: true)
    } catch {
      // The transaction is gone one way or the other.
    }
    await session.close()
  }

  static func quoted(_ name: String) -> String {
    "\"" + name.replacing("\"", with: "\"\"") + "\""
  }
  func quoted(_ keyspace: String, _ name: String) -> String {
    Self.quoted(keyspace) + "." + Self.quoted(name)
  }

  static let nameBytesMax = 48

  func checkName(_ name: String, _ what: String, bytesMax: Int = Self.nameBytesMax)
    throws(CQLError)
  {
    guard (1...bytesMax).contains(name.utf8.count),
      name.utf8.allSatisfy({
        (97...122).contains($0) || (65...90).contains($0) || (48...57).contains($0)
          || $0 == UInt8(ascii: "_")
      })
    else {
      throw .invalid(
        "\(what) name must not be empty, more than \(bytesMax) characters long, or contain non-alphanumeric-underscore characters (got \"\(name)\")"
      )
    }
  }

  func checkWritable(_ keyspace: String) throws(CQLError) {
    guard !SystemTables.keyspaces.contains(keyspace), CQLCatalog.isKeyspace(keyspace) else {
      throw CQLError(.unauthorized, "\(keyspace) keyspace is not user-modifiable.")
    }
  }
}

enum SQLTypeName {
  static func text(_ type: SQLType) -> String { formatType(type) }
}
