import Base
import SQL
import Types

/// What each message does.
extension PgWireSession {
  /// Handles what needs no waiting, without suspending. False: `handle` has to.
  func handleAtOnce(_ message: FrontendMessage) -> Bool {
    guard let session else { return true }
    switch message {
    case .sync:
      guard !isSkipping, session.syncAtOnce() else { return false }
      ready(session)
      return true
    case _ where isSkipping: return true
    case .query(let sql): return queryAtOnce(sql, session)
    default: break
    }
    do throws(SQLError) {
      return try extendedAtOnce(message, session)
    } catch {
      report(error)
      isSkipping = true
      return true
    }
  }

  func handle(_ message: FrontendMessage) async {
    guard let session else { return }
    if isSkipping && message != .sync { return }
    switch message {
    case .query(let sql): await query(sql, session)
    case .sync: await sync(session)
    case .flush, .terminate: break
    case .copyData, .copyDone, .copyFail:
      // What a client sends behind a failed COPY is ignored, as PostgreSQL does.
      break
    case .password:
      output.fault(
        "E", severity: "ERROR", SQLError(.protocolViolation, "unexpected password message"))
    case .functionCall:
      output.fault(
        "E", severity: "ERROR",
        SQLError(.featureNotSupported, "function call messages are not supported"))
      ready(session)
    default:
      do throws(SQLError) {
        try await extended(message, session)
      } catch {
        report(error)
        isSkipping = true
      }
    }
  }

  /// The end of a session that was told to end is told once, by that alone.
  private func report(_ error: SQLError) {
    if ending == nil { output.fault("E", severity: "ERROR", error) }
  }

  private func ready(_ session: SQLSession) {
    if ending == nil { output.ready(session.status) }
  }

  private func query(_ sql: [UInt8], _ session: SQLSession) async {
    let parsed = begunQuery.take() ?? parse(sql, session)
    var hasFailed = false
    do throws(SQLError) {
      let statements = try parsed.get()
      if statements.isEmpty { output.message("I") }
      for statement in statements {
        let portal = try session.bind(statement, values: [])
        try await run(portal, maximumRows: 0, isAlone: statements.count == 1, session) { [self] in
          if portal.columns != nil { describe(portal) }
        }
      }
    } catch {
      report(error)
      hasFailed = true
    }
    await endImplicit(session, failed: hasFailed)
    ready(session)
  }

  private func parse(_ sql: [UInt8], _ session: SQLSession) -> Result<
    [PreparedStatement], SQLError
  > {
    session.closePortal("")
    return Result { () throws(SQLError) in try session.parse(sql) }
  }

  /// A query of one statement that reads one row at hand. Otherwise what it was parsed to is kept.
  private func queryAtOnce(_ sql: [UInt8], _ session: SQLSession) -> Bool {
    var parsed = parse(sql, session)
    if case .success(let statements) = parsed, statements.count == 1 {
      do throws(SQLError) {
        let portal = try session.bind(statements[0], values: [])
        if let rows = try session.readAtOnce(portal, isAlone: true), session.syncAtOnce() {
          describe(portal)
          write(rows, of: portal, session)
          output.commandComplete(portal.tagParts)
          ready(session)
          return true
        }
      } catch {
        // The transaction has failed: another attempt would only meet that.
        parsed = .failure(error)
      }
    }
    begunQuery = parsed
    return false
  }

  private func sync(_ session: SQLSession) async {
    await endImplicit(session, failed: isSkipping)
    isSkipping = false
    ready(session)
  }

  private func endImplicit(_ session: SQLSession, failed: Bool) async {
    do throws(SQLError) {
      try await session.sync(failed: failed)
    } catch {
      report(error)
    }
  }

  /// Runs the portal and sends its rows as they come; `describe` writes what stands before them.
  private func run(
    _ portal: Portal, maximumRows: Int, isAlone: Bool, _ session: SQLSession,
    describe: () -> Void
  ) async throws(SQLError) {
    if let transfer = try await session.startCopy(portal) {
      return try await session.limitingTime { () async throws(SQLError) in
        try await copy(transfer)
      }
    }
    var isDescribed = false
    let ending = try await session.execute(
      portal, maximumRows: maximumRows, isAlone: isAlone
    ) { rows in
      if !isDescribed {
        describe()
        isDescribed = true
      }
      return await send(rows, of: portal, session)
    }
    if !isDescribed { describe() }
    switch ending {
    case .completed(let tag): output.commandComplete(tag)
    case .suspended: output.message("s")
    case .emptyQuery: output.message("I")
    }
  }

  /// False when the client is gone.
  private func send(_ rows: [[Value]], of portal: Portal, _ session: SQLSession) async -> Bool {
    let settings = session.formatSettings
    let columns = portal.columns ?? []
    for row in rows {
      output.dataRow(row, columns, formats: portal.formats, settings: settings)
      guard await sendChunk() else { return false }
    }
    return true
  }

  private func write(_ rows: [[Value]], of portal: Portal, _ session: SQLSession) {
    let columns = portal.columns ?? []
    for row in rows {
      output.dataRow(row, columns, formats: portal.formats, settings: session.formatSettings)
    }
  }

  private func extended(_ message: FrontendMessage, _ session: SQLSession) async throws(SQLError) {
    guard case .execute(let name, let maximumRows) = message else { return }
    let portal = try session.portal(name)
    try await run(portal, maximumRows: max(maximumRows, 0), isAlone: isNextSync, session) {}
  }

  /// False: nothing was done, `extended` has to.
  private func extendedAtOnce(_ message: FrontendMessage, _ session: SQLSession) throws(SQLError)
    -> Bool
  {
    switch message {
    case .execute(let name, let maximumRows):
      guard maximumRows <= 0 else { return false }
      let portal = try session.portal(name)
      guard let rows = try session.readAtOnce(portal, isAlone: isNextSync) else { return false }
      write(rows, of: portal, session)
      output.commandComplete(portal.tagParts)
    case .parse(let name, let sql, let types):
      if name.isEmpty { session.closeNamed("") }
      try session.setNamed(name, session.prepare(sql, parameterTypes: types))
      output.message("1")
    case .bind(let bind): try self.bind(bind, session)
    case .describeStatement(let name):
      let statement = try statement(name, session)
      output.parameterDescription(statement.parameterTypes)
      describe(statement.columns, formats: [])
    case .describePortal(let name):
      let portal = try session.portal(name)
      describe(portal)
    case .closeStatement(let name):
      session.closeNamed(name)
      output.message("3")
    case .closePortal(let name):
      session.closePortal(name)
      output.message("3")
    default: return false
    }
    return true
  }

  /// A plan's columns are described again and again, so their description is kept with it.
  private func describe(_ portal: Portal) {
    guard let columns = portal.columns else { return output.message("n") }
    if let known = portal.describedColumns, known.formats == portal.formats {
      return output.bytes.append(contentsOf: known.message)
    }
    let start = output.bytes.count
    output.rowDescription(columns, formats: portal.formats)
    portal.describedColumns = (portal.formats, Array(output.bytes[start...]))
  }

  private func describe(_ columns: [OutputColumn]?, formats: [Int16]) {
    if let columns {
      output.rowDescription(columns, formats: formats)
    } else {
      output.message("n")
    }
  }

  private func statement(_ name: String, _ session: SQLSession) throws(SQLError)
    -> PreparedStatement
  {
    guard let found = session.named(name) else {
      throw SQLError(
        .invalidSQLStatementName,
        name.isEmpty
          ? "unnamed prepared statement does not exist"
          : "prepared statement \"\(name)\" does not exist")
    }
    return found
  }

  private func bind(_ bind: FrontendMessage.Bind, _ session: SQLSession) throws(SQLError) {
    let statement = try statement(bind.statement, session)
    try checkFormats(bind.parameterFormats, count: bind.values.count, "parameters")
    try checkFormats(bind.resultFormats, count: statement.columns?.count ?? 0, "columns")
    var values: [Value] = []
    for (index, bytes) in bind.values.enumerated() where index < statement.parameterTypes.count {
      values.append(
        try session.parameter(
          bytes, as: statement.parameterTypes[index],
          isBinary: format(bind.parameterFormats, index) == 1))
    }
    // A wrong count is the session's error to tell.
    while values.count < bind.values.count { values.append(.null) }
    let portal = try session.bind(statement, values: values)
    portal.formats = bind.resultFormats
    try session.setPortal(bind.portal, portal)
    output.message("2")
  }

  private func checkFormats(_ formats: [Int16], count: Int, _ what: String) throws(SQLError) {
    if formats.count > 1 && formats.count != count {
      throw SQLError(
        .protocolViolation,
        "bind message has \(formats.count) format codes but \(count) \(what)")
    }
    if let unknown = formats.first(where: { $0 != 0 && $0 != 1 }) {
      throw SQLError(.invalidParameterValue, "unsupported format code: \(unknown)")
    }
  }
}
