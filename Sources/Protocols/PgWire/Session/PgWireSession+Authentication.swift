import Catalog
import Node
import Reactor
import Security
import Types

/// Who the client is. A role with a password proves it by SCRAM-SHA-256; one without is trusted on
/// the loopback and refused elsewhere.
extension PgWireSession {
  /// PostgreSQL's limit on what a client sends in an authentication.
  static let authenticationBytesMax = 65_535

  /// The role that may log in. All else ends the connection.
  func authenticate(_ user: String) async throws(SessionEnd) -> RoleDescriptor {
    let found = shard.catalog.role(named: user)
    if let role = found, let verifier = role.passwordVerifier {
      try await exchange(
        user, role.isExpired(at: shard.wallNanoseconds()) ? nil : SCRAMVerifier(verifier))
    } else if !stream.isFromLoopback {
      // Whether there is a role is for those to know who have a password.
      if found == nil { try await exchange(user, nil) }
      throw .fatal(
        SQLError(
          .invalidAuthorizationSpecification,
          "role \"\(user)\" has no password: it may connect over the loopback only"))
    }
    guard let role = found else {
      throw .fatal(
        SQLError(.invalidAuthorizationSpecification, "role \"\(user)\" does not exist"))
    }
    guard role.canLogin else {
      throw .fatal(
        SQLError(
          .invalidAuthorizationSpecification, "role \"\(user)\" is not permitted to log in"))
    }
    return role
  }

  /// The SASL exchange; without a verifier it looks the same and fails.
  private func exchange(_ user: String, _ verifier: SCRAMVerifier?) async throws(SessionEnd) {
    let expected = verifier ?? .mock(user: user, secret: settings.mockSecret)
    let endpointHash = stream.tlsServerEndpointHash
    let offered = SCRAMServer.mechanisms(endpointHash: endpointHash)
    authentication(10, offered.flatMap { Array($0.utf8) + [0] } + [0])
    let (mechanism, clientFirst) = try await clientFirst(offered)
    var server = SCRAMServer(
      verifier: expected, isMock: verifier == nil, endpointHash: endpointHash,
      isBound: mechanism == SCRAMServer.boundMechanism)
    authentication(11, try checked(user) { () throws(SCRAMFault) in try server.begin(clientFirst) })
    let clientFinal = try await response()
    authentication(
      12, try checked(user) { () throws(SCRAMFault) in try server.finish(clientFinal) })
  }

  private func checked(_ user: String, _ step: () throws(SCRAMFault) -> [UInt8])
    throws(SessionEnd) -> [UInt8]
  {
    do throws(SCRAMFault) {
      return try step()
    } catch {
      switch error {
      case .malformed(let reason):
        throw .fatal(SQLError(.protocolViolation, "malformed SCRAM message", detail: reason))
      case .bindingUnseen:
        throw .fatal(
          SQLError(
            .invalidAuthorizationSpecification, "SCRAM channel binding negotiation error",
            detail:
              "The client supports SCRAM channel binding but thinks the server does not.  However, this server does support channel binding."
          ))
      case .bindingMismatch:
        throw .fatal(
          SQLError(.invalidAuthorizationSpecification, "SCRAM channel binding check failed"))
      case .wrongPassword:
        throw .fatal(
          SQLError(.invalidPassword, "password authentication failed for user \"\(user)\""))
      }
    }
  }

  private func authentication(_ kind: Int, _ data: [UInt8]) {
    output.message("R") {
      $0.int32(kind)
      $0.bytes += data
    }
  }

  /// SASLInitialResponse: the mechanism, then the client's first message, which may come later.
  private func clientFirst(_ offered: [String]) async throws(SessionEnd)
    -> (mechanism: String, message: [UInt8])
  {
    let body = try await response()
    let mechanism: String
    let message: [UInt8]?
    do throws(MessageFault) {
      var reader = MessageReader(body)
      mechanism = try reader.text()
      let length = try reader.int32()
      message = length == -1 ? nil : try reader.take(Int(length))
      guard reader.isAtEnd else { throw .malformed }
    } catch {
      throw Self.violation("invalid message format")
    }
    guard offered.contains(mechanism) else {
      throw Self.violation("client selected an invalid SASL authentication mechanism")
    }
    if let message { return (mechanism, message) }
    authentication(11, [])
    return (mechanism, try await response())
  }

  private func response() async throws(SessionEnd) -> [UInt8] {
    let message = try await nextMessage(atMost: Self.authenticationBytesMax)
    guard case .password(let body) = message else {
      throw Self.violation("expected SASL response")
    }
    return body
  }
}
