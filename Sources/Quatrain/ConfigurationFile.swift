import ArgumentParser
import Foundation
import Yams

/// `--config FILE` and the environment as arguments of `quatrain run`: a key is an option's name
/// without its dashes (`pg-port: 5432`), a variable the same with QUATRAIN_ before it
/// (`QUATRAIN_PG_PORT`). What is on the command line wins over the environment, and that over the file.
enum ConfigurationFile {
  static let options = [
    "data-dir", "name", "listen", "shards", "io", "pg-port", "resp-port",
    "resp-tls-port", "cql-port", "cql-tls-port", "kafka-port", "kafka-tls-port", "http-port",
    "rpc-port",
    "rpc-listen", "rpc-tls-cert", "rpc-tls-key", "rpc-tls-ca", "join", "advertise", "labels",
    "tier", "compatibility-level", "durability",
    "max-connections", "authentication-timeout", "tls-cert", "tls-key", "memory-limit",
  ]
  static let flags = ["insecure"]

  /// The command line with what the file and the environment add, behind `run`.
  static func expanded(_ arguments: [String], environment: [String: String]) throws -> [String] {
    guard let place = arguments.firstIndex(of: "run") else { return arguments }
    let given = Array(arguments[(place + 1)...])
    if given.contains("--help") || given.contains("-h") { return arguments }
    var rest: [String] = []
    var file = environment["QUATRAIN_CONFIG"]
    var index = 0
    while index < given.count {
      if given[index] == "--config", index + 1 < given.count {
        file = given[index + 1]
        index += 2
      } else if given[index].hasPrefix("--config=") {
        file = String(given[index].dropFirst("--config=".count))
        index += 1
      } else {
        rest.append(given[index])
        index += 1
      }
    }
    var added: [String] = []
    if let file { added += try read(file) }
    for name in options + flags {
      let variable =
        "QUATRAIN_" + name.uppercased().map { $0 == "-" ? "_" : String($0) }.joined()
      guard let value = environment[variable] else { continue }
      added += try argument(name, value, in: "the environment's \(variable)")
    }
    return Array(arguments[...place]) + added + rest
  }

  private static func argument(_ name: String, _ value: String, in place: String) throws
    -> [String]
  {
    guard flags.contains(name) else { return ["--\(name)=\(value)"] }
    switch value.lowercased() {
    case "true", "on", "yes", "1": return ["--\(name)"]
    case "false", "off", "no", "0": return []
    default: throw ValidationError("\(place): \(name) is true or false, not \"\(value)\"")
    }
  }

  private static func read(_ path: String) throws -> [String] {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw ValidationError("--config \(path): the file cannot be read")
    }
    let node: Node?
    do {
      node = try Yams.compose(yaml: String(decoding: data, as: UTF8.self))
    } catch {
      throw ValidationError("\(path): \(error)")
    }
    guard let node else { return [] }
    guard let mapping = node.mapping else {
      throw ValidationError("\(path): one mapping of option names to values is wanted")
    }
    var arguments: [String] = []
    for (key, value) in mapping {
      let place = "\(path):\(key.mark?.line ?? 0)"
      guard let name = key.string, options.contains(name) || flags.contains(name) else {
        throw ValidationError("\(place): there is no option \"\(key.string ?? "")\"")
      }
      guard let text = value.scalar?.string else {
        throw ValidationError("\(place): \(name) wants a single value")
      }
      arguments += try argument(name, text, in: place)
    }
    return arguments
  }
}
