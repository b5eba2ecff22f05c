import ArgumentParser
import Reactor

/// Where the node listens, and its certificates.
extension Run {
  func validateListening() throws {
    guard (tlsCert == nil) == (tlsKey == nil) else {
      throw ValidationError("--tls-cert and --tls-key go together")
    }
    let nodeFiles = [rpcTlsCert, rpcTlsKey, rpcTlsCa].compactMap { $0 }
    guard nodeFiles.isEmpty || nodeFiles.count == 3 else {
      throw ValidationError("--rpc-tls-cert, --rpc-tls-key and --rpc-tls-ca go together")
    }
    if insecure { return }
    let danger = "what others send could be read by anybody in between"
    guard Self.isLoopback(listen) || tlsCert != nil else {
      throw ValidationError(
        "--listen \(listen): \(danger); give --tls-cert and --tls-key, or --insecure to listen "
          + "without TLS")
    }
    let nodes = rpcListen ?? listen
    guard Self.isLoopback(nodes) || rpcTlsCert != nil else {
      throw ValidationError(
        "--\(rpcListen == nil ? "listen" : "rpc-listen") \(nodes): anybody could pass for a node, and "
          + "\(danger); give --rpc-tls-cert, --rpc-tls-key and --rpc-tls-ca, --rpc-listen 127.0.0.1 "
          + "for a node alone, or --insecure to do without TLS")
    }
  }

  private static func isLoopback(_ address: String) -> Bool {
    address == "::1" || address == "localhost" || address.hasPrefix("127.")
  }

  func openTLS() throws -> TLSContext? {
    guard let tlsCert, let tlsKey else { return nil }
    return try opened("the certificate") { () throws(TLSFault) in
      try TLSContext(certificateFile: tlsCert, keyFile: tlsKey)
    }
  }

  func openNodeTLS() throws -> TLSContext? {
    guard let rpcTlsCert, let rpcTlsKey, let rpcTlsCa else { return nil }
    return try opened("the certificate for nodes") { () throws(TLSFault) in
      try TLSContext(
        certificateFile: rpcTlsCert, keyFile: rpcTlsKey, authoritiesFile: rpcTlsCa)
    }
  }

  private func opened(_ what: String, _ open: () throws(TLSFault) -> TLSContext) throws
    -> TLSContext
  {
    do throws(TLSFault) {
      return try open()
    } catch {
      throw ValidationError("cannot use \(what): \(error)")
    }
  }

  /// Connections to come get the new certificate; on a fault they get the old one.
  func reload(_ tls: TLSContext?, _ what: String) {
    guard let tls else { return }
    do throws(TLSFault) {
      try tls.reload()
      Messages.write("the \(what) has been read again")
    } catch {
      Messages.write("the \(what) stays as it was: \(error)")
    }
  }
}
