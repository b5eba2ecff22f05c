import Base
import Catalog
import Node
import Reactor
import Types

/// CONFIG: parameters of the front end, for the whole cluster.
enum ConfigCommands {
  private static let flags: CommandFlags = [.admin, .noScript, .loading, .stale]

  static let all: [CommandSpec] = [
    .container(
      "config",
      [
        .session("config|get", -3, flags, .none, get),
        .session("config|set", -4, flags, .none, set),
        .session("config|resetstat", 2, flags) { session, _ in
          _ = await session.shard.gatherNode(ServerQuestion.name, ServerQuestion.reset.payload)
          session.output.ok()
        },
        .session("config|rewrite", 2, flags) { session, _ in
          // Whatever is set is in the catalog already; there is no file.
          session.output.error("ERR The server is running without a config file")
        },
        .session("config|help", 2, [.loading, .stale]) { session, _ in
          session.output.help(
            "CONFIG",
            [
              ("GET <pattern>", "Shows the parameters whose names match, with their values."),
              ("SET <parameter> <value>", "Sets parameters, for all nodes and for good."),
              ("RESETSTAT", "Sets the counts of INFO back to zero, on this node."),
              ("REWRITE", "Refused: there is no file, what is set is kept anyway."),
            ])
        },
      ])
  ]

  // MARK: GET

  private static func get(_ session: RESPSession, _ command: CommandArguments) async {
    let patterns = (2..<command.count).map { GlobPattern(command[$0], ignoresCase: true) }
    var found: [(name: String, value: String)] = []
    for parameter in ConfigParameter.all {
      for name in [parameter.name, parameter.alias].compactMap({ $0 })
      where patterns.contains(where: { $0.matches(name.utf8) }) {
        found.append((name, value(of: parameter, session)))
      }
    }
    session.output.map(found.count)
    for (name, value) in found {
      session.output.bulk(name)
      session.output.bulk(value)
    }
  }

  /// Facts of the node first, then what has been set.
  static func value(of parameter: ConfigParameter, _ session: RESPSession) -> String {
    let place = session.state.place
    let configuration = session.state.configuration
    switch parameter.name {
    case "port": return "\(place.port ?? 0)"
    case "tls-port": return "\(place.tlsPort ?? 0)"
    case "bind": return place.address
    case "dir": return place.dataDirectory
    case "databases": return "\(session.settings.databases)"
    case "maxclients":
      return configuration.values["maxclients"] ?? "\(session.settings.connections.maximum)"
    default: return configuration.value(parameter.name)
    }
  }

  // MARK: SET

  private static func set(_ session: RESPSession, _ command: CommandArguments) async {
    guard command.count % 2 == 0 else { return session.output.error("ERR syntax error") }
    var changes: [(parameter: ConfigParameter, value: String)] = []
    for index in stride(from: 2, to: command.count, by: 2) {
      guard let parameter = ConfigParameter.named(command.text(index)) else {
        return session.output.error(
          "ERR Unknown option or number of arguments for CONFIG SET - '\(command.text(index))'")
      }
      changes.append((parameter, command.text(index + 1)))
    }
    var seen: Set<String> = []
    for (place, change) in changes.enumerated() {
      let name = command.text(2 + place * 2)
      switch change.parameter.access {
      case .fixed: return refuse(session, name, "can't set immutable config")
      case .start where value(of: change.parameter, session) != change.value:
        return refuse(
          session, name, "Unable to listen on this port: an option of the node's start")
      case .protected: return refuse(session, name, "can't set protected config")
      case .open, .secret, .start: break
      }
      if !seen.insert(change.parameter.name).inserted {
        return refuse(session, name, "duplicate parameter")
      }
    }
    var values: [String: String] = [:]
    for (parameter, value) in changes where parameter.access != .start {
      let old = session.state.configuration.value(parameter.name)
      do throws(ConfigFault) {
        values[parameter.name] = try parameter.canonical(value, old: old)
      } catch {
        return refuse(session, parameter.name, error.reason)
      }
    }
    await store(values, session)
  }

  private static func refuse(_ session: RESPSession, _ name: String, _ reason: String) {
    session.output.error(
      "ERR CONFIG SET failed (possibly related to argument '\(name)') - \(reason)")
  }

  private static func store(_ values: [String: String], _ session: RESPSession) async {
    var values = values
    let password = values.removeValue(forKey: "requirepass")
    let old = session.state.configuration
    do throws(KernelError) {
      if let password { try await session.setDefaultPassword(password) }
      if !values.allSatisfy({ old.value($0.key) == $0.value }) {
        try await session.changeCatalog { (catalog) throws(SQLError) in
          guard var schema = catalog.schema(named: RedisSchema.name) else {
            throw SQLError("3F000", "schema \"redis\" does not exist")
          }
          schema.options = (schema.options ?? [:]).merging(values) { $1 }
          catalog.put(.schema(schema))
        }
      }
      session.output.ok()
    } catch {
      session.output.bytes.append(contentsOf: session.failure(error))
    }
  }
}

extension RESPSession {
  /// Changes the catalog, and waits until every shard that can be reached goes by it.
  func changeCatalog(_ body: (inout CatalogSnapshot) throws(SQLError) -> Void)
    async throws(KernelError)
  {
    let transaction = shard.begin(isolation: .readCommitted)
    do throws(KernelError) {
      try await transaction.changeCatalog(body)
      try await transaction.commit()
    } catch {
      await transaction.rollback()
      throw error
    }
    let version = shard.catalogVersion
    for _ in 0..<Self.catalogRounds {
      let answers = await shard.gather(
        ServerQuestion.name, ServerQuestion.catalogVersion.payload)
      let versions = answers.compactMap { answer in
        Message.decode(answer) { (reader) throws(DecodingFault) in try UInt64(from: &reader) }
      }
      if versions.allSatisfy({ $0 >= version }) { return }
      await shard.reactor.sleep(milliseconds: Self.catalogRoundMilliseconds)
    }
  }

  private static let catalogRounds = 200
  private static let catalogRoundMilliseconds = 5
}
