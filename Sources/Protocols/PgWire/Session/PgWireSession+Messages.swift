import Base
import SQL
import Types

/// What each message does.
extension PgWireSession {
  func handle(_ message: FrontendMessage) async {
    guard let session else { return }
    if isSkipping && message != .sync { return }
    switch message {
    case .query(let sql): await query(sql, session)
    case .sync: await sync(session)
    case .flush, .terminate: break
    case .copyMessage:
      // What a client sends behind a failed COPY is ignored, as PostgreSQL does.
      break
    case .password:
      output.fault(
        "E", severity: "ERROR", SQLError(.protocolViolation, "unexpected password message"))
    case .functionCall:
      output.fault(
        "E", severity: "ERROR",
        SQLError(.featureNotSupported, "function call messages are not supported"))
      output.ready(session.status)
    default:
      do throws(SQLError) {
        try await extended(message, session)
      } catch {
        output.fault("E", severity: "ERROR", error)
        isSkipping = true
      }
    }
  }

  private func query(_ sql: [UInt8], _ session: SQLSession) async {
    portals[""] = nil
    var hasFailed = false
    do throws(SQLError) {
      let statements = try session.parse(sql)
      if statements.isEmpty { output.message("I") }
      for statement in statements {
        let portal = try session.bind(statement, values: [])
        let result = try await session.execute(
          portal, maximumRows: 0, isAlone: statements.count == 1)
        if let columns = statement.columns {
          output.rowDescription(columns, formats: [])
          await rows(result.rows, columns, formats: [], session)
        }
        ended(result.ending)
      }
    } catch {
      output.fault("E", severity: "ERROR", error)
      hasFailed = true
    }
    await endImplicit(session, failed: hasFailed)
    output.ready(session.status)
  }

  private func sync(_ session: SQLSession) async {
    await endImplicit(session, failed: isSkipping)
    isSkipping = false
    output.ready(session.status)
  }

  private func endImplicit(_ session: SQLSession, failed: Bool) async {
    do throws(SQLError) {
      try await session.sync(failed: failed)
    } catch {
      output.fault("E", severity: "ERROR", error)
    }
    if session.status == .idle { portals.removeAll() }
  }

  private func rows(
    _ rows: [[Value]], _ columns: [ResultColumn], formats: [Int16], _ session: SQLSession
  ) async {
    let settings = session.formatSettings
    for row in rows {
      output.dataRow(row, columns, formats: formats, settings: settings)
      guard await sendChunk() else { return }
    }
  }

  private func ended(_ ending: ExecutionResult.Ending) {
    switch ending {
    case .completed(let tag): output.commandComplete(tag)
    case .suspended: output.message("s")
    case .emptyQuery: output.message("I")
    }
  }

  private func extended(_ message: FrontendMessage, _ session: SQLSession) async throws(SQLError) {
    switch message {
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
      let entry = try portal(name)
      describe(entry.portal.statement.columns, formats: entry.formats)
    case .execute(let name, let maximumRows):
      let entry = try portal(name)
      let result = try await session.execute(
        entry.portal, maximumRows: max(maximumRows, 0), isAlone: false)
      await rows(result.rows, entry.portal.statement.columns ?? [], formats: entry.formats, session)
      ended(result.ending)
    case .closeStatement(let name):
      session.closeNamed(name)
      output.message("3")
    case .closePortal(let name):
      portals[name] = nil
      output.message("3")
    default: break
    }
  }

  private func describe(_ columns: [ResultColumn]?, formats: [Int16]) {
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

  private func portal(_ name: String) throws(SQLError) -> (portal: Portal, formats: [Int16]) {
    guard let found = portals[name] else {
      throw SQLError(.invalidCursorName, "portal \"\(name)\" does not exist")
    }
    return found
  }

  private func bind(_ bind: FrontendMessage.Bind, _ session: SQLSession) throws(SQLError) {
    let statement = try statement(bind.statement, session)
    if !bind.portal.isEmpty && portals[bind.portal] != nil {
      throw SQLError(.duplicateCursor, "cursor \"\(bind.portal)\" already exists")
    }
    try checkFormats(bind.parameterFormats, count: bind.values.count, "parameters")
    try checkFormats(bind.resultFormats, count: statement.columns?.count ?? 0, "columns")
    var values: [Value] = []
    for (index, bytes) in bind.values.enumerated() where index < statement.parameterTypes.count {
      let type = statement.parameterTypes[index]
      guard let bytes else {
        values.append(.null)
        continue
      }
      values.append(
        format(bind.parameterFormats, index) == 1
          ? try TypeIO.decodeBinary(bytes, as: type)
          : try TypeIO.parseText(bytes, as: type, settings: session.formatSettings))
    }
    // A wrong count is the session's error to tell.
    while values.count < bind.values.count { values.append(.null) }
    portals[bind.portal] = (try session.bind(statement, values: values), bind.resultFormats)
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
