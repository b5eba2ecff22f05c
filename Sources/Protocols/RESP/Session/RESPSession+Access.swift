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
        $0.passwordVerifier == nil && $0.canLogin && PeerPlace.isLoopback(stream.peerAddress)
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
    if !currentAccess.isKnown { return "NOAUTH Authentication required." }
    return nil
  }

  /// The reply of a wrong name or password, or what else is wrong with it; nil: the client is that user now.
  func authenticate(_ user: String, _ password: [UInt8]) -> String? {
    let wrong = "WRONGPASS invalid username-password pair or user is disabled."
    guard let role = Self.role(of: user, shard.catalog), role.canLogin, !isExpired(role) else {
      return wrong
    }
    if let text = role.passwordVerifier {
      guard let verifier = SCRAMVerifier(text),
        verifier.isOf(settings.preparePassword(String(decoding: password, as: UTF8.self)))
      else { return wrong }
    } else if !PeerPlace.isLoopback(stream.peerAddress) {
      return wrong
    }
    become(user)
    return nil
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

/// What a user may do, by one version of the catalog. Lives on: a session.
struct UserAccess {
  let catalogVersion: UInt64
  /// The client has said who it is, and there is still such a role.
  let isKnown: Bool
  /// It may do everything.
  let isUnrestricted: Bool

  init(user: String?, _ catalog: CatalogSnapshot) {
    catalogVersion = catalog.version
    let role = user.flatMap { RESPSession.role(of: $0, catalog) }
    isKnown = role != nil
    isUnrestricted = role?.isSuperuser ?? false
  }
}
