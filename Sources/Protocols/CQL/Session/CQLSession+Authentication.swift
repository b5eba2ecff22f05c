import Catalog
import Node
import Reactor
import Security
import Types

/// Who the client is: a role of the catalog. A role with a password proves it; one without is trusted on
/// the loopback and refused elsewhere. While no role has a password, clients of this host are the first
/// superuser without being asked, as a Cassandra without authentication takes them.
extension CQLSession {
  static let authenticator = "org.apache.cassandra.auth.PasswordAuthenticator"

  /// The role of a client that is not asked; nil: it is.
  private var unasked: RoleDescriptor? {
    guard stream.isFromLoopback else { return nil }
    for case .role(let role) in shard.catalog.objects.values where role.passwordVerifier != nil {
      return nil
    }
    guard let role = shard.catalog.role(CatalogSnapshot.bootstrapRole), role.canLogin else {
      return nil
    }
    return role
  }

  func setUp(_ request: Request, _ number: Int16) async {
    switch request {
    case .options: supported(number)
    case .startup(let options): startup(options, number)
    case .authResponse(let token): await authenticate(token, number)
    case .register(let names):
      for name in names
      where !["TOPOLOGY_CHANGE", "STATUS_CHANGE", "SCHEMA_CHANGE"].contains(name) {
        return reply(.violation("Unknown type of event: \(name)"), stream: number)
      }
      guard phase == .ready else {
        return reply(.violation("Unexpected REGISTER"), stream: number)
      }
      register(names)
      reply(.ready, [], stream: number)
    default: break
    }
  }

  private func supported(_ number: Int16) {
    var body = BodyWriter()
    body.stringMultimap(
      [
        ("COMPRESSION", version >= 5 ? ["lz4"] : ["lz4", "snappy"]),
        ("CQL_VERSION", [SystemTables.cqlVersion]),
        ("PROTOCOL_VERSIONS", ["3/v3", "4/v4", "5/v5"]),
      ] + TabletRouting.supported(by: shard))
    reply(.supported, body.bytes, stream: number)
  }

  private func startup(_ options: [String: String], _ number: Int16) {
    guard phase == .fresh else {
      return reply(.violation("Unexpected STARTUP: the connection is set up"), stream: number)
    }
    guard let language = options["CQL_VERSION"], language.hasPrefix("3.") else {
      return reply(
        .violation("CQL_VERSION is missing or not supported: 3.x is"), stream: number)
    }
    if let name = options["COMPRESSION"], !name.isEmpty {
      guard let codec = Compression(rawValue: name.lowercased()), version < 5 || codec == .lz4
      else {
        return reply(.violation("Unknown compression algorithm: \(name)"), stream: number)
      }
      compression = codec
    }
    // Payloads came with version 4.
    routesTablets = version >= 4 && options[TabletRouting.option] != nil
    if let role = unasked {
      reply(.ready, [], stream: number)
      become(role)
    } else {
      phase = .authenticating
      var body = BodyWriter()
      body.string(Self.authenticator)
      reply(.authenticate, body.bytes, stream: number)
    }
    beginSegments()
  }

  /// SASL PLAIN: an identity that is not used, the name and the password, with zero bytes between.
  private func authenticate(_ token: [UInt8]?, _ number: Int16) async {
    guard phase == .authenticating else {
      return reply(.violation("Unexpected AUTH_RESPONSE"), stream: number)
    }
    let parts = (token ?? []).split(separator: 0, omittingEmptySubsequences: false)
    guard parts.count == 3 else {
      return reply(
        CQLError(.badCredentials, "Password must not be null"), stream: number)
    }
    let name = String(decoding: parts[1], as: UTF8.self)
    guard let role = shard.catalog.role(named: name),
      await proves(String(decoding: parts[2], as: UTF8.self), role)
    else {
      return reply(
        CQLError(.badCredentials, "Provided username \(name) and/or password are incorrect"),
        stream: number)
    }
    guard role.canLogin else {
      return reply(
        CQLError(.badCredentials, "\(name) is not permitted to log in"), stream: number)
    }
    var body = BodyWriter()
    body.bytes(nil)
    reply(.authSuccess, body.bytes, stream: number)
    become(role)
  }

  /// The hash of a password takes thousands of rounds, which others on this shard do not wait for.
  private func proves(_ password: String, _ role: RoleDescriptor) async -> Bool {
    if role.isExpired(at: shard.wallNanoseconds()) { return false }
    guard let text = role.passwordVerifier else { return stream.isFromLoopback }
    guard let verifier = SCRAMVerifier(text) else { return false }
    let prepared = settings.preparePassword(password)
    return await shard.reactor.compute { verifier.isOf(prepared) }
  }
}
