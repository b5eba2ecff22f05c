import Base
import Catalog
import Syntax
public import Types

/// SET, SHOW, DISCARD, LISTEN and NOTIFY.
extension SQLSession {
  func run(_ command: SessionStatement, _ portal: Portal) async throws(SQLError) {
    switch command {
    case .set(let name, let values, let isLocal):
      try set(name, values.map { $0.map(Self.text) }, isLocal: isLocal)
      portal.tagBase = values == nil ? "RESET" : "SET"
    case .resetAll:
      for name in settings.changedNames { try set(name, nil, isLocal: false) }
      portal.tagBase = "RESET"
    case .characteristics(let options, let isSession):
      if isSession {
        try setSessionCharacteristics(options)
      } else {
        try setCharacteristics(options)
      }
      portal.tagBase = "SET"
    case .show(let name): try show(name, portal)
    case .listen(let channel):
      listenChanges.append(.listen(channel))
      portal.tagBase = "LISTEN"
      _ = current()
    case .unlisten(let channel):
      listenChanges.append(channel.map { .unlisten($0) } ?? .unlistenAll)
      portal.tagBase = "UNLISTEN"
      _ = current()
    case .notify(let channel, let payload):
      try notify(channel, payload)
      portal.tagBase = "NOTIFY"
    case .discard(let what): try await discard(what, portal)
    case .constraints(let names, let isDeferred):
      try await setConstraints(names, isDeferred: isDeferred)
      portal.tagBase = "SET CONSTRAINTS"
    }
  }

  private static func text(_ value: SettingValue) -> String {
    switch value {
    case .string(let text), .number(let text): text
    }
  }

  /// `values` nil: to the default.
  func set(_ name: String, _ values: [String]?, isLocal: Bool) throws(SQLError) {
    switch name.lowercased() {
    case "transaction_isolation":
      if let level = values?.first { try setCharacteristics([.isolation(level)]) }
      return
    case "transaction_read_only":
      if let flag = values?.first {
        try setCharacteristics([.readOnly(try SessionSettings.bool(flag, name))])
      }
      return
    case "session_authorization", "role": return try setRole(name, values?.first)
    default: break
    }
    if isLocal && !isExplicit {
      notice(
        "WARNING",
        SQLError(
          .noActiveSQLTransaction, "SET LOCAL can only be used in transaction blocks"))
      return
    }
    let before = settings
    try settings.set(name, values, isLocal: isLocal)
    tellChanges(from: before)
  }

  /// What the client asks for in its first packet: PostgreSQL's lists are one text there.
  public func adoptStartSetting(_ name: String, _ value: String) throws(SQLError) {
    let isList = name.lowercased() == "search_path"
    let parts =
      isList
      ? value.split(separator: ",").map { part in
        part.drop { $0 == " " }.filter { $0 != "\"" }
      } : [value]
    try settings.set(name, parts, isLocal: false)
  }

  private func setRole(_ name: String, _ value: String?) throws(SQLError) {
    guard let value, value != "none", value != "default" else {
      user = sessionUser
      return
    }
    guard let wanted = catalog.role(named: value) else {
      throw SQLError(.invalidParameterValue, "role \"\(value)\" does not exist")
    }
    let mine = catalog.role(named: sessionUser)
    guard
      mine?.isSuperuser == true || value == sessionUser
        || Privileges.isMember(mine, of: wanted.id, catalog)
    else {
      throw SQLError(
        .insufficientPrivilege, "permission denied to set \(name.lowercased()) \"\(value)\"")
    }
    user = value
  }

  /// Puts the settings back (ROLLBACK), and tells the client what changed by it.
  func restore(_ earlier: SessionSettings) {
    let before = settings
    settings = earlier
    tellChanges(from: before)
  }

  private func tellChanges(from before: SessionSettings) {
    if settings.planVersion == before.planVersion { return }
    for item in settings.reported where before.value(item.name) != item.value {
      client?.parameterStatus(item.name, shown(item))
    }
  }

  func shown(_ item: (name: String, value: String)) -> String {
    switch item.name {
    case "session_authorization": sessionUser
    case "is_superuser": role.isSuperuser ? "on" : "off"
    default: item.value
    }
  }

  private func setSessionCharacteristics(_ options: [TransactionOption]) throws(SQLError) {
    for option in options {
      switch option {
      case .isolation(let level):
        try set("default_transaction_isolation", [level], isLocal: false)
      case .readOnly(let flag):
        try set("default_transaction_read_only", [flag ? "on" : "off"], isLocal: false)
      case .deferrable(let flag):
        try set("default_transaction_deferrable", [flag ? "on" : "off"], isLocal: false)
      }
    }
  }

  private func show(_ name: String, _ portal: Portal) throws(SQLError) {
    portal.tagBase = "SHOW"
    if name.lowercased() == "all" {
      portal.rows = settingRows.map { row in
        [.string(row.name), .string(row.value), .string(row.description)]
      }
      return
    }
    guard
      let value = settings.shownValue(
        name, isolation: isolationName, user: sessionUser, isSuperuser: role.isSuperuser)
    else { throw SessionSettings.unknown(name) }
    portal.rows = [[.string(value)]]
  }

  /// For SHOW ALL and pg_settings, by name.
  public var settingRows: [(name: String, value: String, description: String)] {
    SettingTable.definitions.map { definition in
      (
        definition.name,
        settings.shownValue(
          definition.name, isolation: isolationName, user: sessionUser,
          isSuperuser: role.isSuperuser) ?? "", definition.description
      )
    }
  }

  private func discard(_ what: String, _ portal: Portal) async throws(SQLError) {
    portal.tagBase = "DISCARD \(what)"
    switch what {
    case "ALL":
      if isExplicit {
        throw SQLError(
          .activeSQLTransaction, "DISCARD ALL cannot run inside a transaction block")
      }
      portals.keep { $0 === portal }
      user = sessionUser
      for name in settings.changedNames { try set(name, nil, isLocal: false) }
      prepared = [:]
      stopListening()
      await engineCalls.releaseAdvisoryLocks()
      engineCalls.forgetSequences()
      try await discardTemporary()
    case "TEMP": try await discardTemporary()
    case "SEQUENCES": engineCalls.forgetSequences()
    default: for statement in prepared.values { statement.planKey = nil }
    }
  }

  private func setConstraints(_ names: [QuerySyntax.RelationName], isDeferred: Bool)
    async throws(SQLError)
  {
    if !isExplicit {
      notice(
        "WARNING",
        SQLError(
          .noActiveSQLTransaction, "SET CONSTRAINTS can only be used in transaction blocks"))
    }
    if names.isEmpty {
      deferred.modeOfAll = isDeferred ? .deferred : .immediate
      deferred.modes = [:]
      if !isDeferred { try await deferred.run() }
      return
    }
    var found: Set<ObjectID> = []
    for name in names {
      var isKnown = false
      for object in catalog.sortedObjects {
        guard case .table(let table) = object else { continue }
        for key in table.foreignKeys where key.name == name.name {
          if !key.isDeferrable {
            throw SQLError(
              .wrongObjectType, "constraint \"\(name.name)\" is not deferrable")
          }
          isKnown = true
          found.insert(key.id)
          deferred.modes[key.id] = isDeferred ? .deferred : .immediate
        }
      }
      if !isKnown {
        throw SQLError(.undefinedObject, "constraint \"\(name.name)\" does not exist")
      }
    }
    if !isDeferred { try await deferred.run(only: found) }
  }

  /// For pg_prepared_statements, by name.
  public var preparedStatements: [(name: String, text: String, types: [SQLType], isFromSQL: Bool)] {
    prepared.keys.sorted().filter { !$0.isEmpty }.compactMap { name in
      prepared[name].map {
        (name, String(decoding: $0.source, as: UTF8.self), $0.parameterTypes, $0.isFromSQL)
      }
    }
  }

  /// For pg_cursors, by name.
  public var cursors: [(name: String, text: String, isHeld: Bool, isScrollable: Bool)] {
    portals.names.compactMap { name in
      portals[name].map {
        (
          name, String(decoding: $0.statement.source, as: UTF8.self),
          $0.declared?.isHeld ?? false, $0.declared?.isScrollable ?? false
        )
      }
    }
  }
}

// MARK: - Idle sessions

extension SQLSession {
  /// How long the session may do nothing, as it is now (0: for ever), and what it hears then.
  public var idleTimeout: (milliseconds: Int, fault: SQLError) {
    isExplicit
      ? (
        settings.idleInTransactionTimeoutMilliseconds,
        SQLError("25P03", "terminating connection due to idle-in-transaction timeout")
      )
      : (
        settings.idleTimeoutMilliseconds,
        SQLError("57P05", "terminating connection due to idle-session timeout")
      )
  }
}
