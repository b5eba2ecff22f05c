import Base
import Catalog
import Node
import Security
import Types

/// ACL over the catalog's users: each is a role, its rules a setting of it.
enum ACLCommands {
  private static let plain: CommandFlags = [.noScript, .loading, .stale]
  private static let admin: CommandFlags = [.admin, .noScript, .loading, .stale]

  static let all: [CommandSpec] = [
    .container(
      "acl",
      [
        .session("acl|whoami", 2, plain) { session, _ in
          session.output.bulk(session.client.user ?? ClientState.defaultUser)
        },
        .session("acl|users", 2, admin) { session, _ in
          let names = users(session.shard.catalog).map(\.name)
          session.output.array(names.count)
          for name in names { session.output.bulk(name) }
        },
        .session("acl|list", 2, admin) { session, _ in
          let found = users(session.shard.catalog)
          session.output.array(found.count)
          for user in found {
            session.output.bulk("user \(user.name) \(ACLRules(of: user.role).text)")
          }
        },
        .session("acl|getuser", 3, admin) { session, command in show(session, command) },
        .session("acl|setuser", -3, admin) { session, command in
          await change(session, command)
        },
        .session("acl|deluser", -3, admin) { session, command in
          await remove(session, command)
        },
        .session("acl|cat", -2, plain) { session, command in categories(session, command) },
        .session("acl|genpass", -2, plain) { session, command in generate(session, command) },
        .session("acl|log", -2, admin) { session, command in await log(session, command) },
        .session("acl|dryrun", -4, admin) { session, command in dryRun(session, command) },
        // What is set is in the catalog at once.
        .session("acl|save", 2, admin) { session, _ in session.output.ok() },
        .session("acl|load", 2, admin) { session, _ in session.output.ok() },
        .session("acl|help", 2, [.loading, .stale]) { session, _ in
          session.output.help("ACL", helpLines)
        },
      ])
  ]

  private static let helpLines: [(syntax: String, text: String)] = [
    ("CAT [<category>]", "Lists the categories, or the commands of one."),
    ("DELUSER <username> [<username> ...]", "Removes users."),
    ("DRYRUN <username> <command> [<arg> ...]", "Whether the user could run the command."),
    ("GETUSER <username>", "Shows a user's rules."), ("GENPASS [<bits>]", "Makes a password."),
    ("LIST", "Shows all users."), ("LOAD", "Does nothing: users are in the catalog."),
    ("LOG [<count> | RESET]", "Shows what was refused."),
    ("SAVE", "Does nothing: users are in the catalog."),
    ("SETUSER <username> <rule> [<rule> ...]", "Makes or changes a user."),
    ("USERS", "Lists the names."), ("WHOAMI", "Shows who the connection is."),
  ]

  /// The first superuser first, as `default`, then the others by name.
  private static func users(_ catalog: CatalogSnapshot) -> [(name: String, role: RoleDescriptor)] {
    var found: [(name: String, role: RoleDescriptor)] = []
    for object in catalog.sortedObjects {
      guard case .role(let role) = object, role.canLogin else { continue }
      let isFirst = role.id == CatalogSnapshot.bootstrapRole
      found.append((isFirst ? ClientState.defaultUser : role.name, role))
    }
    return found.sorted { $0.name < $1.name }
  }

  // MARK: GETUSER

  private static func show(_ session: RESPSession, _ command: CommandArguments) {
    guard let role = RESPSession.role(of: command.text(2), session.shard.catalog) else {
      return session.output.null()
    }
    let rules = ACLRules(of: role)
    session.output.map(6)
    session.output.bulk("flags")
    session.output.set(rules.flags.count)
    for flag in rules.flags { session.output.bulk(flag) }
    // Verifiers are shown to nobody: that there is one is.
    session.output.bulk("passwords")
    session.output.array(role.passwordVerifier == nil ? 0 : 1)
    if role.passwordVerifier != nil { session.output.bulk("SCRAM-SHA-256") }
    show(rules.root, &session.output)
    session.output.bulk("selectors")
    session.output.array(rules.selectors.count)
    for selector in rules.selectors {
      session.output.map(3)
      show(selector, &session.output)
    }
  }

  private static func show(_ selector: ACLSelector, _ output: inout ReplyWriter) {
    for (name, text) in [
      ("commands", selector.commandsText), ("keys", selector.keysText),
      ("channels", selector.channelsText),
    ] {
      output.bulk(name)
      output.bulk(text)
    }
  }

  // MARK: SETUSER and DELUSER

  private static func change(_ session: RESPSession, _ command: CommandArguments) async {
    let name = command.text(2)
    let words = ACLRules.words(
      (3..<max(3, command.count)).map { command.text($0) }
        .joined(separator: " "))
    guard !name.contains(where: { $0 == " " || $0 == "\0" }), !name.isEmpty else {
      return session.output.error("ERR Usernames can't contain spaces or null characters")
    }
    let old = RESPSession.role(of: name, session.shard.catalog)
    var rules =
      old.map { ACLRules(of: $0) }
      ?? ACLRules(allChannels: session.state.configuration.allowsNewUsersAllChannels)
    var verifiers = old?.password
    for word in words {
      do throws(ACLFault) {
        try rules.apply(word)
        verifiers = try password(after: word, verifiers, session)
      } catch {
        return session.output.error(
          "ERR Error in ACL SETUSER modifier '\(word)': \(error.reason)")
      }
    }
    let text = rules.text
    let isOn = rules.isOn
    let settled = verifiers
    do throws(KernelError) {
      try await session.changeCatalog { (catalog) throws(SQLError) in
        var role: RoleDescriptor
        if let found = RESPSession.role(of: name, catalog) {
          role = found
        } else {
          role = RoleDescriptor(id: catalog.allocateObjectID(), name: name)
          TablePrivileges.grantAll(to: role.id, &catalog)
        }
        role.settings[ACLRules.setting] = text
        role.password = settled
        // The first superuser stays one who can log in for SQL: nobody else could undo it.
        if role.id != CatalogSnapshot.bootstrapRole { role.canLogin = isOn || role.canLogin }
        catalog.put(.role(role))
      }
      session.output.ok()
    } catch {
      session.output.bytes.append(contentsOf: session.failure(error))
    }
  }

  /// The verifiers once the rule holds.
  private static func password(
    after rule: String, _ verifiers: PasswordVerifiers?, _ session: RESPSession
  ) throws(ACLFault) -> PasswordVerifiers? {
    let word = rule.lowercased()
    if word == "nopass" || word == "resetpass" || word == "reset" { return nil }
    guard rule.first == ">" || rule.first == "<" else { return verifiers }
    let password = session.settings.preparePassword(String(rule.dropFirst()))
    if rule.first == ">" { return PasswordVerifiers(prepared: password) }
    guard let verifiers, SCRAMVerifier(verifiers.sha256)?.isOf(password) ?? false else {
      throw ACLFault(reason: "The password you are trying to remove from the user does not exist")
    }
    return nil
  }

  private static func remove(_ session: RESPSession, _ command: CommandArguments) async {
    let names = (2..<command.count).map { command.text($0) }
    if names.contains(ClientState.defaultUser) {
      return session.output.error("ERR The 'default' user cannot be removed")
    }
    do throws(KernelError) {
      var gone: [String] = []
      try await session.changeCatalog { (catalog) throws(SQLError) in
        gone = []
        for name in names {
          guard let role = catalog.role(named: name), role.id != CatalogSnapshot.bootstrapRole
          else { continue }
          if let owned = owned(by: role.id, catalog) {
            throw SQLError("2BP01", "user '\(name)' owns the relation '\(owned)'")
          }
          TablePrivileges.revokeAll(from: role.id, &catalog)
          catalog.remove(role.id)
          gone.append(name)
        }
      }
      for name in gone {
        var filter = ClientFilter()
        filter.user = name
        filter.except = session.id
        if session.client.user == name { session.isEnding = true }
        _ = await session.shard.gather(ClientQuestion.name, ClientQuestion.kill(filter).payload)
      }
      session.output.integer(gone.count)
    } catch {
      session.output.bytes.append(contentsOf: session.failure(error))
    }
  }

  /// What would be left without an owner.
  private static func owned(by role: ObjectID, _ catalog: CatalogSnapshot) -> String? {
    for object in catalog.sortedObjects {
      switch object {
      case .table(let table) where table.owner == role: return table.name
      case .view(let view) where view.owner == role: return view.name
      case .sequence(let sequence) where sequence.owner == role: return sequence.name
      case .schema(let schema) where schema.owner == role: return schema.name
      default: break
      }
    }
    return nil
  }

  // MARK: The rest

  private static func categories(_ session: RESPSession, _ command: CommandArguments) {
    guard command.count <= 3 else {
      return session.output.error("ERR wrong number of arguments for 'acl|cat' command")
    }
    var names = CommandCategories.all
    if command.count == 3 {
      let category = command.text(2).lowercased()
      guard names.contains(category) else {
        return session.output.error("ERR Unknown category '\(command.text(2).prefix(128))'")
      }
      names = CommandCategories.commands(in: category)
    }
    session.output.array(names.count)
    for name in names { session.output.bulk(name) }
  }

  private static func generate(_ session: RESPSession, _ command: CommandArguments) {
    var bits: Int64 = 256
    if command.count > 2 {
      guard let wanted = command[2].strictInteger(), (1...4_096).contains(wanted) else {
        return session.output.error(
          "ERR ACL GENPASS argument must be the number of bits for the output password, a positive number up to 4096"
        )
      }
      bits = wanted
    }
    let digits = Int((bits + 3) / 4)
    let text = SecureRandom.bytes((digits + 1) / 2).map { byte in
      (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
    session.output.bulk(String(text.prefix(digits)))
  }

  private static func log(_ session: RESPSession, _ command: CommandArguments) async {
    var limit = 10
    if command.count == 3, command.matches(2, "RESET") {
      _ = await session.shard.gatherNode(
        ServerQuestion.name, ServerQuestion.clearRefusals.payload)
      return session.output.ok()
    } else if command.count == 3 {
      guard let count = command[2].strictInteger() else {
        return session.output.error("ERR value is not an integer or out of range")
      }
      limit = Int(clamping: max(0, count))
    }
    let answers = await session.shard.gatherNode(
      ServerQuestion.name, ServerQuestion.refusals.payload)
    let entries = answers.flatMap { answer in
      Message.decode(answer) { (reader) throws(DecodingFault) in
        try [ACLLogEntry](from: &reader)
      } ?? []
    }.sorted { $0.time > $1.time }.prefix(limit)
    let now = Int64(session.shard.wallNanoseconds() / 1_000_000)
    session.output.array(entries.count)
    for entry in entries {
      session.output.map(7)
      session.output.bulk("count")
      session.output.integer(entry.count)
      session.output.bulk("reason")
      session.output.bulk(entry.reason)
      session.output.bulk("context")
      session.output.bulk(entry.context)
      session.output.bulk("object")
      session.output.bulk(entry.object)
      session.output.bulk("username")
      session.output.bulk(entry.user)
      session.output.bulk("age-seconds")
      session.output.double(Double(max(0, now - entry.time)) / 1_000)
      session.output.bulk("client-info")
      session.output.bulk(entry.client)
    }
  }

  private static func dryRun(_ session: RESPSession, _ command: CommandArguments) {
    guard let role = RESPSession.role(of: command.text(2), session.shard.catalog) else {
      return session.output.error("ERR User '\(command.text(2))' not found")
    }
    let inner = command.suffix(from: 3)
    guard let spec = CommandTable.find(inner) else {
      return session.output.error("ERR Command '\(command.text(3))' not found")
    }
    guard spec.accepts(count: inner.count) else {
      return session.output.error("ERR wrong number of arguments for '\(spec.name)' command")
    }
    switch AccessRights(of: role, session.shard.catalog).denial(spec, inner) {
    case .command:
      session.output.bulk("This user has no permissions to run the '\(spec.name)' command")
    case .key(let key):
      session.output.bulk(
        "This user has no permissions to access the '\(String(decoding: key, as: UTF8.self))' key")
    case .channel(let name):
      session.output.bulk(
        "This user has no permissions to access the '\(String(decoding: name, as: UTF8.self))' channel"
      )
    case .privilege(let privilege):
      session.output.bulk("This user lacks the privilege \(privilege) on the table redis.keys")
    case nil: session.output.ok()
    }
  }
}
