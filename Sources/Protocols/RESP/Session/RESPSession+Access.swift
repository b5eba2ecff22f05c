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
          && PeerPlace.isLoopback(stream.peerAddress)
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
    guard access.isKnown, let rules = access.rules else { return "NOAUTH Authentication required." }
    if access.isUnrestricted { return nil }
    if access.mayNotRunScript(spec) {
      noteRefusal("command", Array(spec.name.utf8))
      return
        "NOPERM this user has no permissions to run scripts: only who may use every command and key has"
    }
    switch rules.denial(spec, command) {
    case .command:
      noteRefusal("command", Array(spec.name.utf8))
      return "NOPERM this user has no permissions to run the '\(spec.name)' command"
    case .key(let key):
      noteRefusal("key", key)
      return
        "NOPERM this user has no permissions to access one of the keys used as arguments"
    case .channel(let channel):
      noteRefusal("channel", channel)
      return
        "NOPERM this user has no permissions to access one of the channels used as arguments"
    case nil:
      guard let privilege = access.missingPrivilege(spec) else { return nil }
      noteRefusal("command", Array(spec.name.utf8))
      return "NOPERM this user lacks the privilege \(privilege) on the table redis.keys"
    }
  }

  /// The reply of a wrong name or password, or what else is wrong with it; nil: the client is that user now.
  func authenticate(_ user: String, _ password: [UInt8]) -> String? {
    guard let role = Self.role(of: user, shard.catalog), proves(password, role) else {
      noteRefusal("auth", Array("auth".utf8), user: user)
      return "WRONGPASS invalid username-password pair or user is disabled."
    }
    become(user)
    return nil
  }

  private func proves(_ password: [UInt8], _ role: RoleDescriptor) -> Bool {
    let rules = ACLRules(of: role)
    guard role.canLogin, rules.isOn, !isExpired(role) else { return false }
    guard let text = role.passwordVerifier else {
      // Without a password the role is trusted on this host only, whatever is said.
      return rules.hasNoPassword && PeerPlace.isLoopback(stream.peerAddress)
    }
    return SCRAMVerifier(text)?
      .isOf(settings.preparePassword(String(decoding: password, as: UTF8.self))) ?? false
  }

  private func isExpired(_ role: RoleDescriptor) -> Bool {
    guard let until = role.validUntil else { return false }
    // Microseconds from 2000-01-01.
    return until < Int64(shard.wallNanoseconds() / 1_000) - 946_684_800_000_000
  }

  /// CONFIG SET requirepass; an empty one takes the password away.
  func setDefaultPassword(_ password: String) async throws(KernelError) {
    let verifier =
      password.isEmpty ? nil : SCRAMVerifier(prepared: settings.preparePassword(password)).text
    let old = Self.role(of: ClientState.defaultUser, shard.catalog)?.passwordVerifier
    if verifier == nil, old == nil { return }
    try await changeCatalog { (catalog) throws(SQLError) in
      guard var role = Self.role(of: ClientState.defaultUser, catalog) else {
        throw SQLError("42704", "the first superuser has been removed")
      }
      role.passwordVerifier = verifier
      catalog.put(.role(role))
    }
  }
}
