import Base
import Catalog
import Node
import Reactor
import Security
import Types

/// Who the client is: a role of the catalog. Redis' user `default` is the first superuser. A role with a
/// password proves it; one without is trusted on the loopback and refused elsewhere.
extension RESPSession {
  /// The role behind a user's name.
  static func role(of user: String, _ catalog: CatalogSnapshot) -> RoleDescriptor? {
    user == ClientState.defaultUser
      ? catalog.role(CatalogSnapshot.bootstrapRole) : catalog.role(named: user)
  }

  /// A connection begins as the user `default` where that one needs no password.
  func beginAsDefaultUser() {
    let role = Self.role(of: ClientState.defaultUser, shard.catalog)
    let isTrusted =
      role.map {
        $0.passwordVerifier == nil && $0.canLogin && ACLRules(of: $0).isOn
          && stream.isFromLoopback
      } ?? false
    become(isTrusted ? ClientState.defaultUser : nil)
  }

  func become(_ user: String?) {
    client.user = user
    parser.isAuthenticated = user != nil
    access = UserAccess(user: user, shard.catalog)
  }

  /// What the client may do by the newest catalog.
  var currentAccess: UserAccess {
    if access.catalogVersion != shard.catalogVersion {
      access = UserAccess(user: client.user, shard.catalog)
    }
    return access
  }

  /// Why the client may not use the command; nil: it may.
  func denial(_ spec: CommandSpec, _ command: CommandArguments) -> String? {
    if spec.flags.contains(.noAuth) { return nil }
    let access = currentAccess
    guard access.isKnown, let rights = access.rights else {
      return "NOAUTH Authentication required."
    }
    if access.isUnrestricted { return nil }
    guard let denial = rights.denial(spec, command) else { return nil }
    noteRefusal(denial.reason, denial.object(spec))
    return denial.reply(spec)
  }

  /// The same at EXEC, of a command that was allowed when it was queued.
  func denialAtExec(_ spec: CommandSpec, _ command: CommandArguments) -> String? {
    let access = currentAccess
    if access.isKnown, access.isUnrestricted { return nil }
    let denial = access.rights?.denial(spec, command)
    if access.rights != nil, denial == nil { return nil }
    if let denial { noteRefusal(denial.reason, denial.object(spec)) }
    return
      "NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call. This command is no longer allowed for the following reason: "
      + (denial?.reasonAtExec ?? "there is no such user any more")
  }

  /// The reply of a wrong name or password, or what else is wrong with it; nil: the client is that user now.
  func authenticate(_ user: String, _ password: [UInt8]) async -> String? {
    guard let role = Self.role(of: user, shard.catalog), await proves(password, role) else {
      noteRefusal("auth", Array("auth".utf8), user: user)
      return "WRONGPASS invalid username-password pair or user is disabled."
    }
    become(user)
    return nil
  }

  /// The hash of a password takes thousands of rounds, which others on this shard do not wait for.
  private func proves(_ password: [UInt8], _ role: RoleDescriptor) async -> Bool {
    let rules = ACLRules(of: role)
    guard role.canLogin, rules.isOn, !role.isExpired(at: shard.wallNanoseconds()) else {
      return false
    }
    guard let text = role.passwordVerifier else {
      // Without a password the role is trusted on this host only, whatever is said.
      return rules.hasNoPassword && stream.isFromLoopback
    }
    guard let verifier = SCRAMVerifier(text) else { return false }
    let prepared = settings.preparePassword(String(decoding: password, as: UTF8.self))
    return await shard.reactor.compute { verifier.isOf(prepared) }
  }

  /// CONFIG SET requirepass; an empty one takes the password away.
  func setDefaultPassword(_ password: String) async throws(KernelError) {
    let prepared = settings.preparePassword(password)
    let verifiers =
      password.isEmpty
      ? nil : await shard.reactor.compute { PasswordVerifiers(prepared: prepared) }
    let old = Self.role(of: ClientState.defaultUser, shard.catalog)?.passwordVerifier
    if verifiers == nil, old == nil { return }
    try await changeCatalog { (catalog) throws(SQLError) in
      guard var role = Self.role(of: ClientState.defaultUser, catalog) else {
        throw SQLError("42704", "the first superuser has been removed")
      }
      role.password = verifiers
      catalog.put(.role(role))
    }
  }
}

extension PasswordVerifiers {
  /// Of a password that SASLprep has been applied to. Costs thousands of rounds.
  init(prepared: [UInt8]) {
    let made = SCRAMVerifier.texts(prepared: prepared)
    self.init(sha256: made.sha256, sha512: made.sha512)
  }
}
