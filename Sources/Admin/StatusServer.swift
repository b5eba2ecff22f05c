public import Node
public import Reactor

/// What a node tells over HTTP/1.1: `GET /status`, for `quatrain status` and for whoever watches the node, the
/// schemas of topics (`SchemaRegistryAPI`), and what operators wish (`OperatorWish`), which only this machine
/// may ask for. It runs on the shard's own reactor, so that it answers whenever the node works. Lives on: the
/// shard that accepted.
public struct StatusServer {
  private let shard: NodeShard
  private let facts: NodeFacts
  private static let secondsMax = 10
  /// How long a schema's number may be ahead of what this node has heard of the catalog.
  private static let schemaMilliseconds = 1_000
  private static let schemaPollMilliseconds = 20

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
      let response: HTTPResponse
      do throws(HTTPRequest.Fault) {
        if let asked = try await request(connection) {
          response = await answer(asked, isLocal: isLocal)
        } else {
          response = Self.refusal("400 Bad Request", "not an HTTP request")
        }
      } catch {
        response =
          error == .tooLong
          ? Self.refusal("413 Content Too Large", "the request is too long")
          : Self.refusal("400 Bad Request", "not an HTTP request")
      }
      connection.write(response.bytes)
      try await connection.drain()
    } catch {
      // The peer is gone; there is nobody to tell.
    }
    connection.close()
  }

  /// Nil: the peer ends, or is gone, before it has said all.
  private func request(_ connection: Connection) async throws(HTTPRequest.Fault) -> HTTPRequest? {
    var bytes: [UInt8] = []
    while true {
      do throws(IOFault) {
        if try await connection.read(into: &bytes, atMost: 4_096) == 0 { return nil }
      } catch {
        return nil
      }
      if let request = try HTTPRequest(bytes) { return request }
    }
  }

  private func answer(_ request: HTTPRequest, isLocal: Bool) async -> HTTPResponse {
    if SchemaRegistryAPI.serves(request.path) { return await registry(request) }
    if request.method == "POST" {
      guard isLocal else { return Self.refusal("403 Forbidden", "only from this machine") }
      return await carryOut(request.path)
    }
    guard request.method == "GET" else {
      return Self.refusal("405 Method Not Allowed", "only GET and POST")
    }
    guard request.path == ["status"] else {
      return Self.refusal("404 Not Found", "try /status or /subjects")
    }
    return HTTPResponse(
      status: "200 OK",
      body: StatusJSON.text(await shard.nodeStatus(), facts, await shard.clusterStatus()))
  }

  /// A consumer may have heard of a schema from a node that knows more of the catalog than this one.
  private func registry(_ request: HTTPRequest) async -> HTTPResponse {
    var version = shard.catalogVersion
    var api = SchemaRegistryAPI(shard.catalog)
    if let id = SchemaRegistryAPI.schemaID(request.path) {
      for _ in 0..<Self.schemaMilliseconds / Self.schemaPollMilliseconds where !api.has(id) {
        await shard.reactor.sleep(milliseconds: Self.schemaPollMilliseconds)
        if version == shard.catalogVersion { continue }
        version = shard.catalogVersion
        api = SchemaRegistryAPI(shard.catalog)
      }
    }
    return api.answer(request)
  }

  private func carryOut(_ path: [String]) async -> HTTPResponse {
    guard let wish = OperatorWish.parse(path) else {
      return Self.refusal("404 Not Found", "there is no such wish")
    }
    do throws(KernelError) {
      try await shard.change(wish)
      return HTTPResponse(status: "200 OK", body: "{}")
    } catch {
      return HTTPResponse(status: "409 Conflict", body: StatusJSON.error(error))
    }
  }

  private static func refusal(_ status: String, _ text: String) -> HTTPResponse {
    HTTPResponse(status: status, body: "{\"error\":\"\(text)\"}")
  }
}
