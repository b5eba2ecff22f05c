import ArgumentParser
import Foundation
import Glibc

/// `quatrain status`: asks a running node.
struct Status: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show a running node's shards, tablets and memory.")

  @Option(help: "The node's address.")
  var host = "127.0.0.1"

  @Option(help: "The node's port for HTTP.")
  var httpPort = 8080

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    let body = try StatusClient(host: host, port: httpPort).get("/status")
    if json { return print(String(decoding: body, as: UTF8.self)) }
    guard let status = try JSONSerialization.jsonObject(with: body) as? [String: Any],
      let nodes = status["nodes"] as? [[String: Any]]
    else { throw ValidationError("the node's answer is not a status") }
    func number(_ value: Any?) -> Int { (value as? NSNumber)?.intValue ?? 0 }
    func mebibytes(_ value: Any?) -> String {
      String(format: "%.1f", Double(number(value)) / 1_048_576)
    }
    print(
      "tablets \(number(status["tablets"])), under-replicated \(number(status["underReplicated"])), leaderless \(number(status["leaderless"]))"
    )
    for node in nodes {
      print(
        "node \(node["name"] as? String ?? "") \(node["version"] as? String ?? ""): \(node["state"] as? String ?? "")"
      )
      print("  shard  tablets        rows  memory MiB  of MiB  log MiB  transactions  checkpoints")
      for shard in node["shards"] as? [[String: Any]] ?? [] {
        let cells = [
          (String(number(shard["shard"])), 5), (String(number(shard["tablets"])), 7),
          (String(number(shard["rows"])), 10), (mebibytes(shard["memoryUsedBytes"]), 10),
          (String(number(shard["memoryLimitBytes"]) >> 20), 6), (mebibytes(shard["logBytes"]), 7),
          (String(number(shard["activeTransactions"])), 12),
          (String(number(shard["checkpoints"])), 11),
        ]
        print(
          "  "
            + cells.map { String(repeating: " ", count: max($0.1 - $0.0.count, 0)) + $0.0 }
            .joined(separator: "  "))
        for key in ["logFailure", "checkpointFailure"] {
          if let text = shard[key] as? String { print("         \(key): \(text)") }
        }
      }
    }
  }
}

/// One GET over a socket of its own.
private struct StatusClient {
  let host: String
  let port: Int

  func get(_ path: String) throws -> Data {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, String(port), &hints, &found) == 0, let address = found else {
      throw ValidationError("--host \(host): no such address")
    }
    defer { freeaddrinfo(found) }
    let socket = Glibc.socket(address.pointee.ai_family, address.pointee.ai_socktype, 0)
    defer { close(socket) }
    var limit = timeval(tv_sec: 10, tv_usec: 0)
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    guard connect(socket, address.pointee.ai_addr, address.pointee.ai_addrlen) == 0 else {
      throw ValidationError(
        "no node answers at \(host):\(port): \(String(cString: strerror(errno)))")
    }
    let request = Array("GET \(path) HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\r\n".utf8)
    guard send(socket, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
      throw ValidationError("the node at \(host):\(port) closed the connection")
    }
    var answer: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = recv(socket, &chunk, chunk.count, 0)
      if count <= 0 { break }
      answer += chunk[..<count]
    }
    let text = String(decoding: answer, as: UTF8.self)
    guard text.hasPrefix("HTTP/1.1 200"), let cut = text.range(of: "\r\n\r\n") else {
      throw ValidationError("\(host):\(port) is no node's port for HTTP")
    }
    return Data(text[cut.upperBound...].utf8)
  }
}
