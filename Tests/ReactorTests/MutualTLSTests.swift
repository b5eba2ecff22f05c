import Base
import Reactor
import Testing

/// Connections between nodes: each shows a certificate of their authority.
@Suite struct MutualTLSTests {
  @Test("nodes of one authority talk, by name and by address", arguments: backends)
  func welcome(_ backend: ReactorGroup.Backend) async throws {
    try await withTemporaryDirectory { directory in
      let authority = try Authority("\(directory)/authority")
      let server = try authority.context("server", names: "DNS:node.test,IP:127.0.0.1,IP:::1")
      let client = try authority.context("client", names: "DNS:elsewhere.test")
      for peer in ["127.0.0.1", "::1", "node.test"] {
        let outcome = try await meet(backend, server, client, peer: peer)
        #expect(outcome == Outcome(client: "", server: "", heard: "hello"))
      }
    }
  }

  @Test("a certificate for another name or address is refused", arguments: backends)
  func wrongName(_ backend: ReactorGroup.Backend) async throws {
    try await withTemporaryDirectory { directory in
      let authority = try Authority("\(directory)/authority")
      let server = try authority.context("server", names: "DNS:node.test,IP:127.0.0.2")
      let client = try authority.context("client", names: "IP:127.0.0.1")
      let byAddress = try await meet(backend, server, client, peer: "127.0.0.1")
      #expect(byAddress.client.contains("IP address mismatch"))
      let byName = try await meet(backend, server, client, peer: "other.test")
      #expect(byName.client.contains("hostname mismatch"))
      for outcome in [byAddress, byName] {
        #expect(outcome.heard == "" && outcome.server != "")
      }
    }
  }

  @Test(
    "who has no certificate, one of another authority or an expired one is not heard",
    arguments: backends)
  func strangers(_ backend: ReactorGroup.Backend) async throws {
    try await withTemporaryDirectory { directory in
      let authority = try Authority("\(directory)/authority")
      let server = try authority.context("server", names: "IP:127.0.0.1")
      let other = try Authority("\(directory)/other")
      // It trusts the server, which does not trust it.
      let foreign = try other.context("client", names: "IP:127.0.0.1", trusting: authority)
      let expired = try authority.context("expired", names: "IP:127.0.0.1", days: -1)
      let anonymous = try TLSContext(
        authoritiesFile: authority.certificateFile, serverName: "127.0.0.1")
      for (client, reason) in [
        (foreign, "unable to get local issuer certificate"), (expired, "certificate has expired"),
        (anonymous, "peer did not return a certificate"),
      ] {
        let outcome = try await meet(backend, server, client, peer: "127.0.0.1")
        #expect(outcome.heard == "")
        #expect(outcome.server.contains(reason), "\(outcome)")
      }
      // The other way round: the one that opens hears of it at once.
      let opening = try authority.context("opening", names: "IP:127.0.0.1")
      let late = try await meet(backend, expired, opening, peer: "127.0.0.1")
      #expect(late.client.contains("certificate has expired") && late.heard == "")
      let untrusted = try await meet(backend, foreign, opening, peer: "127.0.0.1")
      #expect(untrusted.client.contains("unable to get local issuer certificate"))
    }
  }

  @Test("who speaks in the clear is not heard")
  func clearText() async throws {
    try await withTemporaryDirectory { directory in
      let authority = try Authority("\(directory)/authority")
      let server = try authority.context("server", names: "IP:127.0.0.1")
      let outcome = try await meet(.epoll, server, nil, peer: "127.0.0.1")
      #expect(outcome.heard == "" && outcome.server.contains("TLS handshake"))
    }
  }

  @Test("certificates are read again, both sides'")
  func reload() async throws {
    try await withTemporaryDirectory { directory in
      let authority = try Authority("\(directory)/authority")
      let server = try authority.context("server", names: "IP:127.0.0.1", days: -1)
      let client = try authority.context("client", names: "IP:127.0.0.1")
      #expect(try await meet(.epoll, server, client, peer: "127.0.0.1").heard == "")
      _ = try authority.context("server", names: "IP:127.0.0.1")
      #expect(try await meet(.epoll, server, client, peer: "127.0.0.1").heard == "")
      try server.reload()
      #expect(try await meet(.epoll, server, client, peer: "127.0.0.1").heard == "hello")
      // The client's authority changes: the server is a stranger now.
      let other = try Authority("\(directory)/other")
      try other.replace(authority)
      try client.reload()
      #expect(try await meet(.epoll, server, client, peer: "127.0.0.1").heard == "")
    }
  }

  @Test("the simulated network carries it too")
  func simulated() async throws {
    try await withTemporaryDirectory { directory in
      let two = NodeID(rawValue: 2)
      let address = SimulatedWorld.address(of: two)
      let authority = try Authority("\(directory)/authority")
      let server = try authority.context("server", names: "IP:\(address)")
      let client = try authority.context("client", names: "DNS:client.test")
      for (peer, heard) in [(address, "hello"), ("other.test", "")] {
        let world = SimulatedWorld(seed: 7)
        let seen = Seen()
        world.start(two, shards: 1) { reactor, _ in
          listen(reactor, port: 4400, server, seen)
        }
        world.start(NodeID(rawValue: 1), shards: 1) { reactor, _ in
          reactor.spawn { await speak(reactor, address, 4400, client, peer: peer, seen) }
        }
        world.run(milliseconds: 2_000)
        #expect(seen.outcome.heard == heard)
        #expect(seen.outcome.client.isEmpty == (heard != ""))
      }
    }
  }
}

/// What two that met say of it.
private struct Outcome: Sendable, Equatable {
  var client = ""
  var server = ""
  var heard = ""
}

/// Lives on: one shard.
private final class Seen { var outcome = Outcome() }

/// One says hello to the other over TLS, nil: in the clear.
private func meet(
  _ backend: ReactorGroup.Backend, _ server: TLSContext, _ client: TLSContext?, peer: String
) async throws -> Outcome {
  try await onShards(1, backend) { reactor in
    let seen = Seen()
    let port = listen(reactor, port: 0, server, seen)
    await speak(reactor, "127.0.0.1", port, client, peer: peer, seen)
    await reactor.sleep(milliseconds: 30)
    return seen.outcome
  }
}

@discardableResult
private func listen(_ reactor: any Reactor, port: Int, _ server: TLSContext, _ seen: Seen) -> Int {
  do throws(IOFault) {
    return try reactor.listen(address: "127.0.0.1", port: port) { connection in
      reactor.spawn {
        do throws(IOFault) {
          try await connection.startTLS(server)
          var bytes: [UInt8] = []
          while bytes.count < 5, try await connection.read(into: &bytes, atMost: 5) > 0 {}
          seen.outcome.heard = String(decoding: bytes, as: UTF8.self)
          connection.write(Array("welcome".utf8))
          try await connection.drain()
        } catch {
          seen.outcome.server = error.operation
        }
      }
    }.port
  } catch {
    seen.outcome.server = "\(error)"
    return 0
  }
}

private func speak(
  _ reactor: any Reactor, _ address: String, _ port: Int, _ client: TLSContext?, peer: String,
  _ seen: Seen
) async {
  do throws(IOFault) {
    let connection = try await reactor.connect(address: address, port: port)
    if let client { try await connection.startTLS(client, peer: peer) }
    connection.write(Array("hello".utf8))
    try await connection.drain()
    var bytes: [UInt8] = []
    // Under TLS 1.3 the server's refusal comes after the client's handshake.
    while bytes.count < 7, try await connection.read(into: &bytes, atMost: 7) > 0 {}
    connection.close()
  } catch {
    seen.outcome.client = error.operation
  }
}
