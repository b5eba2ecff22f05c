import Base
import Foundation
import Types

/// Where a schema registry is: `http://user:password@host:port/path`, of which the host is needed.
struct RegistryAddress: Sendable, Equatable {
  var host: String
  var port: Int
  /// Without a slash at its end.
  var path: String
  /// Of the header that says who asks.
  var authorization: String?

  /// 22023, and 0A000 for https.
  init(_ text: String) throws(SQLError) {
    // It may have a password in it.
    let invalid = SQLError(
      .invalidParameterValue, "invalid address of a schema registry",
      hint: "http://host:port is wanted.")
    guard let parts = URLComponents(string: text), let host = parts.host, !host.isEmpty,
      parts.query == nil, parts.fragment == nil
    else { throw invalid }
    switch parts.scheme?.lowercased() {
    case "http": break
    case "https":
      throw SQLError(
        .featureNotSupported, "schema registries over https are not supported",
        hint: "A proxy on this host can speak it.")
    default: throw invalid
    }
    self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
    port = parts.port ?? 80
    guard (1...65_535).contains(port) else { throw invalid }
    path = parts.percentEncodedPath
    while path.hasSuffix("/") { path.removeLast() }
    if let user = parts.user {
      let pair = Array("\(user):\(parts.password ?? "")".utf8)
      authorization = "Basic " + Data(pair).base64EncodedString()
    }
  }

  /// What asks for a schema.
  func request(_ id: UInt32) -> [UInt8] {
    let name = host.contains(":") ? "[\(host)]" : host
    var lines = [
      "GET \(path)/schemas/ids/\(id) HTTP/1.1", "Host: \(name):\(port)",
      "Accept: application/vnd.schemaregistry.v1+json, application/json", "Connection: close",
    ]
    if let authorization { lines.append("Authorization: \(authorization)") }
    return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
  }
}
