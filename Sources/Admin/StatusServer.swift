public import Node
public import Reactor

/// `GET /status` over HTTP/1.1, for `quatrain status` and for whoever watches the node, and what
/// operators wish (`OperatorWish`), which only this machine may ask for. It runs on the
/// shard's own reactor, so that it answers whenever the node works. Lives on: the shard that accepted.
public struct StatusServer {
  private let shard: NodeShard
  private let facts: NodeFacts
  /// A request's line and headers.
  private static let requestBytesMax = 8_192
  private static let secondsMax = 10

  public init(shard: NodeShard, facts: NodeFacts) {
    self.shard = shard
    self.facts = facts
  }

  /// Serves one request and closes. Bytes that are no request get 400.
  public func serve(_ connection: Connection) async {
    let limit = shard.reactor.after(milliseconds: Self.secondsMax * 1_000) { connection.close() }
    defer { shard.reactor.cancel(limit) }
    do throws(IOFault) {
      let peer = connection.peerAddress
      let isLocal =
        peer.hasPrefix("127.") || peer.hasPrefix("[::1]") || peer.hasPrefix("::1")
      let answer = await answer(try await request(connection), isLocal: isLocal)
      connection.write(Array(answer.utf8))
      try await connection.drain()
    } catch {
      // The peer is gone; there is nobody to tell.
    }
    connection.close()
  }

  /// The request's first line; nil for what is none.
  private func request(_ connection: Connection) async throws(IOFault) -> String? {
    var bytes: [UInt8] = []
    while bytes.count < Self.requestBytesMax {
      if try await connection.read(into: &bytes, atMost: 4_096) == 0 { return nil }
      let text = String(decoding: bytes, as: UTF8.self)
      if text.contains("\r\n\r\n") || text.contains("\n\n") {
        return text.split(whereSeparator: \.isNewline).first.map(String.init)
      }
    }
    return nil
  }

  private func answer(_ line: String?, isLocal: Bool) async -> String {
    let words = (line ?? "").split(separator: " ")
    guard words.count == 3, words[2].hasPrefix("HTTP/1.") else {
      return Self.response("400 Bad Request", "{\"error\":\"not an HTTP request\"}")
    }
    if words[0] == "POST" {
      guard isLocal else {
        return Self.response("403 Forbidden", "{\"error\":\"only from this machine\"}")
      }
      return await carryOut(String(words[1]))
    }
    guard words[0] == "GET" else {
      return Self.response("405 Method Not Allowed", "{\"error\":\"only GET and POST\"}")
    }
    guard words[1] == "/status" else {
      return Self.response("404 Not Found", "{\"error\":\"try /status\"}")
    }
    return Self.response(
      "200 OK", StatusJSON.text(await shard.nodeStatus(), facts, await shard.clusterStatus()))
  }

  private func carryOut(_ path: String) async -> String {
    guard let wish = OperatorWish.parse(path) else {
      return Self.response("404 Not Found", "{\"error\":\"there is no such wish\"}")
    }
    do throws(KernelError) {
      try await shard.change(wish)
      return Self.response("200 OK", "{}")
    } catch {
      return Self.response("409 Conflict", StatusJSON.error(error))
    }
  }

  private static func response(_ status: String, _ body: String) -> String {
    "HTTP/1.1 \(status)\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n"
      + "Connection: close\r\n\r\n\(body)"
  }
}
