import Base
import Catalog
import Node
import Reactor
import Security

/// One exchange of a mechanism.
enum Authentication {
  case plain
  case scram(SCRAMHash)
  /// The challenge has gone out; nil: there is no role that could pass.
  case scramChallenged(SCRAMServer, RoleDescriptor?)
}

/// Who the client is: a role of the catalog. A role with a password proves it; one without is trusted on
/// the loopback and refused elsewhere. While no role has a password, clients of this host that do not
/// authenticate are the first superuser.
extension KafkaSession {
  /// The role of a client that is not asked; nil: it is.
  var unasked: RoleDescriptor? {
    guard stream.isFromLoopback else { return nil }
    for case .role(let role) in shard.catalog.objects.values where role.passwordVerifier != nil {
      return nil
    }
    guard let role = shard.catalog.role(CatalogSnapshot.bootstrapRole), role.canLogin else {
      return nil
    }
    return role
  }

  func handshake(_ request: Request) throws(MessageFault) -> [UInt8] {
    let name = try SaslHandshake.mechanism(request)
    guard let mechanism = SASLMechanism(rawValue: name) else {
      return SaslHandshake.body(request, .unsupportedSASLMechanism)
    }
    if case .authenticating = phase { return SaslHandshake.body(request, .illegalSASLState) }
    phase = .authenticating(
      mechanism.hash.map { .scram($0) } ?? .plain, isFramed: request.version >= 1)
    return SaslHandshake.body(request, .none)
  }

  func authenticate(_ request: Request) async throws(MessageFault) -> [UInt8] {
    let token = try SaslAuthenticate.token(request)
    guard case .authenticating(let exchange, _) = phase else {
      return SaslAuthenticate.body(
        request, .illegalSASLState, "SaslAuthenticate without a SaslHandshake before it", [])
    }
    switch await step(exchange, token, isFramed: true) {
    case .success(let reply): return SaslAuthenticate.body(request, .none, nil, reply)
    case .failure:
      phase = .fresh
      endsAfterResponse = true
      return SaslAuthenticate.body(
        request, .saslAuthenticationFailed, "Authentication failed: wrong user name or password", []
      )
    }
  }

  /// The mechanism's message alone in its frame, as old clients send it. A failure ends the connection.
  func takeBareToken(_ token: [UInt8]) async throws(SessionEnd) -> [UInt8] {
    guard case .authenticating(let exchange, _) = phase,
      case .success(let reply) = await step(exchange, token, isFramed: false)
    else { throw .closed }
    var out = MessageWriter(isFlexible: false)
    out.data(reply)
    return out.bytes
  }

  private struct Refused: Error {}

  private func step(_ exchange: Authentication, _ token: [UInt8], isFramed: Bool) async
    -> Result<[UInt8], Refused>
  {
    switch exchange {
    case .plain: return await plain(token)
    case .scram(let hash): return challenge(token, hash, isFramed)
    case .scramChallenged(let server, let role): return prove(token, server, role)
    }
  }

  /// Of the role that may log in with a password; nil also where the password has run out.
  private func verifier(of role: RoleDescriptor?, _ hash: SCRAMHash = .sha256) -> SCRAMVerifier? {
    guard let role, role.canLogin, !role.isExpired(at: shard.wallNanoseconds()) else { return nil }
    let text = hash == .sha256 ? role.passwordVerifier : role.longPasswordVerifier
    return text.flatMap { SCRAMVerifier($0, hash: hash) }
  }

  /// An identity that is not used, the name and the password, with zero bytes between.
  private func plain(_ token: [UInt8]) async -> Result<[UInt8], Refused> {
    let parts = token.split(separator: 0, omittingEmptySubsequences: false)
    guard parts.count == 3 else { return .failure(Refused()) }
    guard let role = shard.catalog.role(named: String(decoding: parts[1], as: UTF8.self)),
      role.canLogin
    else { return .failure(Refused()) }
    if role.passwordVerifier == nil {
      guard stream.isFromLoopback else { return .failure(Refused()) }
    } else {
      guard let verifier = verifier(of: role) else { return .failure(Refused()) }
      let prepared = settings.preparePassword(String(decoding: parts[2], as: UTF8.self))
      // Thousands of rounds, which others on this shard do not wait for.
      guard await shard.reactor.compute({ verifier.isOf(prepared) }) else {
        return .failure(Refused())
      }
    }
    become(role)
    return .success([])
  }

  /// The client's first message names the role; whether there is one the challenge does not tell.
  private func challenge(_ token: [UInt8], _ hash: SCRAMHash, _ isFramed: Bool)
    -> Result<[UInt8], Refused>
  {
    guard let name = Self.scramName(token) else { return .failure(Refused()) }
    let role = shard.catalog.role(named: name)
    let known = verifier(of: role, hash)
    var server = SCRAMServer(
      verifier: known ?? .mock(user: name, secret: settings.mockSecret, hash: hash),
      isMock: known == nil)
    do throws(SCRAMFault) {
      let reply = try server.begin(token)
      phase = .authenticating(
        .scramChallenged(server, known == nil ? nil : role), isFramed: isFramed)
      return .success(reply)
    } catch {
      return .failure(Refused())
    }
  }

  private func prove(_ token: [UInt8], _ challenged: SCRAMServer, _ role: RoleDescriptor?)
    -> Result<[UInt8], Refused>
  {
    var server = challenged
    do throws(SCRAMFault) {
      let reply = try server.finish(token)
      guard let role else { return .failure(Refused()) }
      become(role)
      return .success(reply)
    } catch {
      return .failure(Refused())
    }
  }

  /// The name in "n,,n=name,r=nonce"; "=2C" and "=3D" stand for a comma and an equals sign.
  static func scramName(_ message: [UInt8]) -> String? {
    let parts = message.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
    guard parts.count >= 4, parts[2].starts(with: Array("n=".utf8)) else { return nil }
    var name: [UInt8] = []
    var rest = parts[2].dropFirst(2)
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "=") else {
        name.append(byte)
        continue
      }
      switch Array(rest.prefix(2)) {
      case Array("2C".utf8): name.append(UInt8(ascii: ","))
      case Array("3D".utf8): name.append(UInt8(ascii: "="))
      default: return nil
      }
      rest = rest.dropFirst(2)
    }
    return String(validating: name, as: UTF8.self)
  }
}
