import ArgumentParser
import Foundation
import Glibc

/// One request over a socket of its own.
struct StatusClient {
  let host: String
  let port: Int

  func get(_ path: String) throws -> Data {
    let (status, body) = try send("GET", path)
    guard status == 200 else {
      throw ValidationError("\(host):\(port) is no node's port for HTTP")
    }
    return body
  }

  /// Throws what the node says where it refuses.
  func post(_ path: String) throws {
    let (status, body) = try send("POST", path)
    if status == 200 { return }
    let answer = try? JSONSerialization.jsonObject(with: body) as? [String: Any]
    let parts = ["error", "detail", "hint"].compactMap { answer?[$0] as? String }
    throw ValidationError(
      parts.isEmpty ? "the node answers \(status)" : parts.joined(separator: " "))
  }

  private func send(_ method: String, _ path: String) throws -> (Int, Data) {
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
    let request = Array(
      "\(method) \(path) HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\r\n".utf8)
    guard Glibc.send(socket, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
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
    guard text.hasPrefix("HTTP/1.1 "), let cut = text.range(of: "\r\n\r\n"),
      let status = Int(text.dropFirst(9).prefix(3))
    else {
      throw ValidationError("\(host):\(port) is no node's port for HTTP")
    }
    return (status, Data(text[cut.upperBound...].utf8))
  }
}
