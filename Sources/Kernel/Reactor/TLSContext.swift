import COpenSSL
import Glibc
import Synchronization

/// Why certificates could not be used; `text` names the file and OpenSSL's reason.
public struct TLSFault: Error, Equatable, Sendable, CustomStringConvertible {
  public let text: String
  public var description: String { text }
}

/// Certificates and rules for TLS connections: TLS 1.2 at least. Lives on: any thread.
public final class TLSContext: Sendable {
  enum Role: Sendable {
    case server(certificateFile: String, keyFile: String)
    /// `nil` authorities: the peer is not checked.
    case client(authoritiesFile: String?, serverName: String)
    /// Both sides of connections between equals, each of which must show a certificate.
    case mutual(certificateFile: String, keyFile: String, authoritiesFile: String)
  }

  let role: Role
  private let current: Mutex<Settings>

  /// A server's side: a PEM chain, the leaf first, and its key.
  public init(certificateFile: String, keyFile: String) throws(TLSFault) {
    role = .server(certificateFile: certificateFile, keyFile: keyFile)
    current = Mutex(try Settings(role))
  }

  /// A client's side: the server must show a certificate for `serverName` that leads to one of the
  /// authorities. Without a file of authorities nothing is checked.
  public init(authoritiesFile: String?, serverName: String) throws(TLSFault) {
    role = .client(authoritiesFile: authoritiesFile, serverName: serverName)
    current = Mutex(try Settings(role))
  }

  /// Either side of connections on which both must show certificates that lead to one of the
  /// authorities; whoever opens one says which name or address the other's must be for.
  public init(
    certificateFile: String, keyFile: String, authoritiesFile: String
  ) throws(TLSFault) {
    role = .mutual(
      certificateFile: certificateFile, keyFile: keyFile, authoritiesFile: authoritiesFile)
    current = Mutex(try Settings(role))
  }

  /// Reads the files again, for connections to come. On a fault the old ones stay in use.
  public func reload() throws(TLSFault) {
    let fresh = try Settings(role)
    current.withLock { $0 = fresh }
  }

  /// `peer`: the name or address that a client knows the server by; nil: the role's own name, or the
  /// server's side.
  func makeSession(peer: String?) throws(IOFault) -> TLSSession {
    let settings = current.withLock { $0 }
    let side: TLSSession.Side =
      switch role {
      case .server: .server
      case .client(let authorities, let name):
        .client(serverName: peer ?? name, isChecked: authorities != nil)
      case .mutual: peer.map { .client(serverName: $0, isChecked: true) } ?? .server
      }
    return try TLSSession(settings, side)
  }

  /// Owner of one SSL_CTX.
  ///
  /// `@unchecked Sendable`: OpenSSL's contexts may be shared by threads once set up.
  final class Settings: @unchecked Sendable {
    let pointer: OpaquePointer

    init(_ role: Role) throws(TLSFault) {
      ERR_clear_error()
      let method =
        switch role {
        case .server: TLS_server_method()
        case .client: TLS_client_method()
        case .mutual: TLS_method()
        }
      guard let pointer = SSL_CTX_new(method) else { throw TLSFault.last("SSL_CTX_new") }
      self.pointer = pointer
      _ = SSL_CTX_ctrl(pointer, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(TLS1_2_VERSION), nil)
      // Idle sessions give their buffers back.
      _ = SSL_CTX_ctrl(pointer, SSL_CTRL_MODE, Int(SSL_MODE_RELEASE_BUFFERS), nil)
      _ = SSL_CTX_ctrl(pointer, SSL_CTRL_SET_SESS_CACHE_MODE, Int(SSL_SESS_CACHE_OFF), nil)
      // A key under a passphrase is a fault, not a question on the terminal.
      SSL_CTX_set_default_passwd_cb(pointer) { _, _, _, _ in 0 }
      switch role {
      case .server(let certificateFile, let keyFile):
        try use(certificateFile, keyFile)
      case .client(let authoritiesFile, _):
        guard let authoritiesFile else { return }
        try trust(authoritiesFile, SSL_VERIFY_PEER)
      case .mutual(let certificateFile, let keyFile, let authoritiesFile):
        try use(certificateFile, keyFile)
        try trust(authoritiesFile, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT)
      }
    }

    private func use(_ certificateFile: String, _ keyFile: String) throws(TLSFault) {
      if SSL_CTX_use_certificate_chain_file(pointer, certificateFile) != 1 {
        throw TLSFault.last("certificate \(certificateFile)")
      }
      if SSL_CTX_use_PrivateKey_file(pointer, keyFile, SSL_FILETYPE_PEM) != 1 {
        throw TLSFault.last("key \(keyFile)")
      }
      if SSL_CTX_check_private_key(pointer) != 1 {
        throw TLSFault.last("key \(keyFile) does not belong to \(certificateFile)")
      }
    }

    /// The peer must show a certificate that leads to one of these.
    private func trust(_ authoritiesFile: String, _ mode: Int32) throws(TLSFault) {
      if SSL_CTX_load_verify_locations(pointer, authoritiesFile, nil) != 1 {
        throw TLSFault.last("authorities \(authoritiesFile)")
      }
      SSL_CTX_set_verify(pointer, mode, nil)
    }

    deinit { SSL_CTX_free(pointer) }
  }
}

extension TLSFault {
  /// `context`, then the oldest reason in OpenSSL's queue, which is emptied.
  static func last(_ context: String) -> TLSFault {
    let code = ERR_get_error()
    ERR_clear_error()
    if code == 0 { return TLSFault(text: context) }
    var text = [CChar](repeating: 0, count: 256)
    ERR_error_string_n(code, &text, text.count)
    let reason = text.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    return TLSFault(text: "\(context): \(reason)")
  }
}
