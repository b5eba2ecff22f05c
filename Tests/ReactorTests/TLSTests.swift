import Base
import Glibc
import Reactor
import Testing

/// A fresh self-signed certificate for "localhost" in `directory`.
private func makeCertificate(_ directory: String, digest: String = "sha256") throws {
  let status = shell(
    """
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -\(digest) \
      -keyout \(directory)/key.pem -out \(directory)/certificate.pem -days 2 -subj /CN=localhost \
      -addext subjectAltName=DNS:localhost >/dev/null 2>&1
    """)
  try #require(status == 0)
}

/// The certificate's hash by another program, as hexadecimal text.
private func fingerprint(_ directory: String, digest: String = "sha256") throws -> String {
  let path = "\(directory)/fingerprint"
  let status = shell(
    """
    openssl x509 -in \(directory)/certificate.pem -outform DER | \
      openssl dgst -\(digest) -r | cut -d' ' -f1 | tr -d '\\n' >\(path)
    """)
  try #require(status == 0)
  return try readText(path)
}

private func readText(_ path: String) throws -> String {
  let file = try #require(fopen(path, "r"))
  defer { fclose(file) }
  var bytes = [UInt8](repeating: 0, count: 65_536)
  let count = fread(&bytes, 1, bytes.count, file)
  return String(decoding: bytes[..<count], as: UTF8.self)
}

private func hexadecimal(_ bytes: [UInt8]) -> String {
  bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

@Suite struct TLSTests {
  @Test("handshake, large echo, channel binding on both sides", arguments: backends)
  func handshake(_ backend: ReactorGroup.Backend) async throws {
    try await withTemporaryDirectory { directory in
      try makeCertificate(directory, digest: "sha384")
      let server = try TLSContext(
        certificateFile: "\(directory)/certificate.pem", keyFile: "\(directory)/key.pem")
      let client = try TLSContext(
        authoritiesFile: "\(directory)/certificate.pem", serverName: "localhost")
      let (isEqual, ours, theirs, atEnd) = try await onShards(1, backend) { reactor in
        let serverHash = Bytes()
        let listener = try reactor.listen(address: "127.0.0.1", port: 0) { connection in
          reactor.spawn {
            do { try await connection.startTLS(server) } catch { return }
            serverHash.value = connection.tlsServerEndpointHash ?? []
            await echo(connection)
          }
        }
        let connection = try await reactor.connect(address: "127.0.0.1", port: listener.port)
        try await connection.startTLS(client)
        let sent = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        reactor.spawn {
          for start in stride(from: 0, to: sent.count, by: 100_000) {
            connection.write(Array(sent[start..<start + 100_000]))
            connection.flush()
            do { try await connection.drain() } catch { return }
          }
        }
        let heard = try await readExactly(connection, sent.count)
        connection.close()
        let clientHash = connection.tlsServerEndpointHash ?? []
        return (heard == sent, serverHash.value, clientHash, true)
      }
      #expect(isEqual && atEnd)
      #expect(ours == theirs)
      #expect(hexadecimal(ours) == (try fingerprint(directory, digest: "sha384")))
    }
  }

  @Test("openssl s_client speaks to us", arguments: backends)
  func outsideClient(_ backend: ReactorGroup.Backend) async throws {
    try await withTemporaryDirectory { directory in
      try makeCertificate(directory)
      let context = try TLSContext(
        certificateFile: "\(directory)/certificate.pem", keyFile: "\(directory)/key.pem")
      let box = ResultBox<Int>()
      let group = try ReactorGroup.start(count: 1, backend: backend, pinned: false) { reactor, _ in
        do {
          let listener = try reactor.listen(address: "127.0.0.1", port: 0) { connection in
            reactor.spawn {
              do { try await connection.startTLS(context) } catch { return }
              await echo(connection)
            }
          }
          box.set(.success(listener.port))
        } catch {
          box.set(.failure(error))
        }
      }
      let port = try await box.wait().get()
      let status = shell(
        """
        (echo hello; sleep 0.3) | timeout 5 openssl s_client -connect 127.0.0.1:\(port) \
          -CAfile \(directory)/certificate.pem -verify_return_error -quiet \
          >\(directory)/heard 2>/dev/null
        """)
      _ = status
      #expect(try readText("\(directory)/heard") == "hello\n")
      // Below our least version.
      let old = shell(
        """
        timeout 5 openssl s_client -connect 127.0.0.1:\(port) -tls1_1 -cipher ALL:@SECLEVEL=0 \
          </dev/null >/dev/null 2>&1
        """)
      #expect(old != 0)
      group.stop()
      group.join()
    }
  }

  @Test("reload: new connections see the new certificate; a bad file changes nothing")
  func reload() async throws {
    try await withTemporaryDirectory { directory in
      try makeCertificate(directory)
      let context = try TLSContext(
        certificateFile: "\(directory)/certificate.pem", keyFile: "\(directory)/key.pem")
      let first = try await presentedHash(context)
      #expect(hexadecimal(first) == (try fingerprint(directory)))
      try makeCertificate(directory)
      #expect(try await presentedHash(context) == first)
      try context.reload()
      let second = try await presentedHash(context)
      #expect(second != first)
      #expect(hexadecimal(second) == (try fingerprint(directory)))
      #expect(shell("echo rubbish >\(directory)/certificate.pem") == 0)
      #expect(throws: TLSFault.self) { try context.reload() }
      #expect(try await presentedHash(context) == second)
    }
  }

  @Test("a missing file is named")
  func missingFile() {
    let fault = #expect(throws: TLSFault.self) {
      try TLSContext(certificateFile: "/nowhere/certificate.pem", keyFile: "/nowhere/key.pem")
    }
    #expect(fault?.text.contains("/nowhere/certificate.pem") == true)
  }

  @Test("an untrusted server is refused; rubbish ends the handshake", arguments: backends)
  func refusals(_ backend: ReactorGroup.Backend) async throws {
    try await withTemporaryDirectory { directory in
      try makeCertificate(directory)
      let server = try TLSContext(
        certificateFile: "\(directory)/certificate.pem", keyFile: "\(directory)/key.pem")
      try makeCertificate(directory)
      let client = try TLSContext(
        authoritiesFile: "\(directory)/certificate.pem", serverName: "localhost")
      let (clientFault, serverFaults) = try await onShards(1, backend) { reactor in
        let serverFaults = Log()
        let listener = try reactor.listen(address: "127.0.0.1", port: 0) { connection in
          reactor.spawn {
            do throws(IOFault) {
              try await connection.startTLS(server)
              var buffer: [UInt8] = []
              _ = try await connection.read(into: &buffer, atMost: 10)
            } catch {
              serverFaults.add(Int(error.errno))
            }
          }
        }
        let connection = try await reactor.connect(address: "127.0.0.1", port: listener.port)
        var clientFault: Int32 = 0
        do throws(IOFault) {
          try await connection.startTLS(client)
        } catch {
          clientFault = error.errno
        }
        let rude = try await reactor.connect(address: "127.0.0.1", port: listener.port)
        rude.write(Array("GET / HTTP/1.1\r\n\r\n".utf8))
        rude.flush()
        await reactor.sleep(milliseconds: 50)
        return (clientFault, serverFaults.values)
      }
      #expect(clientFault == EPROTO)
      #expect(serverFaults.count == 2)
      #expect(serverFaults.last == Int(EPROTO))
    }
  }
}

private func presentedHash(_ context: TLSContext) async throws -> [UInt8] {
  let client = try TLSContext(authoritiesFile: nil, serverName: "localhost")
  return try await onShards(1, .epoll) { reactor in
    let listener = try reactor.listen(address: "127.0.0.1", port: 0) { connection in
      reactor.spawn { do { try await connection.startTLS(context) } catch { return } }
    }
    let connection = try await reactor.connect(address: "127.0.0.1", port: listener.port)
    try await connection.startTLS(client)
    return connection.tlsServerEndpointHash ?? []
  }
}

/// A box for one value. Lives on: one shard.
private final class Bytes { var value: [UInt8] = [] }
