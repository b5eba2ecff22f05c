import Base
import COpenSSL
import Glibc

/// One TLS connection between two memory BIOs: it never touches a socket. Lives on: its shard.
final class TLSSession {
  enum Progress { case done, wantsInput }
  enum Input {
    case bytes(Int)
    case end
    case wantsInput
  }

  enum Side {
    case server
    case client(serverName: String, isChecked: Bool)
  }

  private let ssl: OpaquePointer
  /// Ciphertext from the peer; owned by `ssl`.
  private let incoming: OpaquePointer
  /// Ciphertext for the peer; owned by `ssl`.
  private let outgoing: OpaquePointer

  init(_ settings: TLSContext.Settings, _ side: Side) throws(IOFault) {
    let outOfMemory = IOFault(errno: ENOMEM, operation: "TLS session")
    guard let ssl = SSL_new(settings.pointer) else { throw outOfMemory }
    guard let incoming = BIO_new(BIO_s_mem()) else {
      SSL_free(ssl)
      throw outOfMemory
    }
    guard let outgoing = BIO_new(BIO_s_mem()) else {
      BIO_free(incoming)
      SSL_free(ssl)
      throw outOfMemory
    }
    SSL_set_bio(ssl, incoming, outgoing)
    self.ssl = ssl
    self.incoming = incoming
    self.outgoing = outgoing
    switch side {
    case .server:
      SSL_set_accept_state(ssl)
    case .client(let serverName, let isChecked):
      SSL_set_connect_state(ssl)
      // Takes addresses too, and has them compared with a certificate's addresses.
      if isChecked && SSL_set1_host(ssl, serverName) != 1 { throw outOfMemory }
      // An address is no name to ask for (RFC 6066, section 3).
      if isAddress(serverName) { return }
      var name = Array(serverName.utf8CString)
      _ = name.withUnsafeMutableBytes {
        SSL_ctrl(
          ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, Int(TLSEXT_NAMETYPE_host_name), $0.baseAddress)
      }
    }
  }

  private func isAddress(_ name: String) -> Bool {
    var address = in6_addr()
    return inet_pton(AF_INET, name, &address) == 1 || inet_pton(AF_INET6, name, &address) == 1
  }

  deinit { SSL_free(ssl) }

  /// What the peer sent.
  func feed(_ bytes: UnsafeRawBufferPointer) {
    // A memory BIO takes everything; what it holds is bounded by one receive.
    let count = BIO_write(incoming, bytes.baseAddress, Int32(bytes.count))
    invariant(Int(count) == bytes.count, "memory BIO took \(count) of \(bytes.count) bytes")
  }

  func handshake() throws(IOFault) -> Progress {
    ERR_clear_error()
    let result = SSL_do_handshake(ssl)
    if result == 1 { return .done }
    if SSL_get_error(ssl, result) == SSL_ERROR_WANT_READ { return .wantsInput }
    throw protocolFault("TLS handshake")
  }

  func decrypt(into memory: UnsafeMutableRawBufferPointer) throws(IOFault) -> Input {
    ERR_clear_error()
    let result = SSL_read(ssl, memory.baseAddress, Int32(clamping: memory.count))
    if result > 0 { return .bytes(Int(result)) }
    switch SSL_get_error(ssl, result) {
    case SSL_ERROR_WANT_READ: return .wantsInput
    case SSL_ERROR_ZERO_RETURN: return .end
    default: throw protocolFault("TLS read")
    }
  }

  func encrypt(_ bytes: UnsafeRawBufferPointer, into output: inout [UInt8]) throws(IOFault) {
    var start = 0
    while start < bytes.count {
      ERR_clear_error()
      // In portions, so that the BIO stays small beside a large result.
      let portion = UnsafeRawBufferPointer(
        rebasing: bytes[start..<min(bytes.count, start + 1 << 16)])
      let result = SSL_write(ssl, portion.baseAddress, Int32(portion.count))
      if result <= 0 { throw protocolFault("TLS write") }
      start += Int(result)
      takeCiphertext(into: &output)
    }
  }

  var hasCiphertext: Bool { BIO_ctrl(outgoing, BIO_CTRL_PENDING, 0, nil) > 0 }

  /// Moves what TLS made for the peer.
  func takeCiphertext(into output: inout [UInt8]) {
    let pending = BIO_ctrl(outgoing, BIO_CTRL_PENDING, 0, nil)
    if pending <= 0 { return }
    let taken = [UInt8](unsafeUninitializedCapacity: pending) { memory, count in
      count = max(0, Int(BIO_read(outgoing, memory.baseAddress, Int32(pending))))
    }
    output.append(contentsOf: taken)
  }

  /// Makes the close_notify alert.
  func beginClose() {
    ERR_clear_error()
    if SSL_is_init_finished(ssl) == 1 { _ = SSL_shutdown(ssl) }
  }

  /// RFC 5929: the server certificate's hash by its signature's own digest, SHA-256 in place of
  /// MD5 and SHA-1. Nil for signatures that have none, as Ed25519's: there is nothing to bind to.
  func serverEndpointHash() -> [UInt8]? {
    let isServer = SSL_is_server(ssl) == 1
    let certificate = isServer ? SSL_get_certificate(ssl) : SSL_get1_peer_certificate(ssl)
    guard let certificate else { return nil }
    defer { if !isServer { X509_free(certificate) } }
    var digestName = NID_undef
    guard X509_get_signature_info(certificate, &digestName, nil, nil, nil) == 1,
      digestName != NID_undef
    else { return nil }
    let isWeak = digestName == NID_md5 || digestName == NID_sha1
    guard let digest = isWeak ? EVP_sha256() : EVP_get_digestbyname(OBJ_nid2sn(digestName)) else {
      return nil
    }
    var hash = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var length: UInt32 = 0
    if X509_digest(certificate, digest, &hash, &length) != 1 { return nil }
    return Array(hash[..<Int(length)])
  }

  private func protocolFault(_ operation: String) -> IOFault {
    let text = TLSFault.last(operation).text
    let verdict = SSL_get_verify_result(ssl)
    guard verdict != X509_V_OK, let reason = X509_verify_cert_error_string(verdict) else {
      return IOFault(errno: EPROTO, operation: text)
    }
    return IOFault(errno: EPROTO, operation: "\(text): \(String(cString: reason))")
  }
}
