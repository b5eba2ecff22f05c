import ArgumentParser
import Foundation
import Glibc
import Security

/// A node's data directory: its lock and what must not change between starts.
final class DataDirectory {
  struct Identity: Codable {
    var format = 1
    var shards: Int
  }

  let shards: Int
  /// Known to this node only, and the same at each start.
  let secret: [UInt8]
  private let lock: Int32

  private init(shards: Int, secret: [UInt8], lock: Int32) {
    self.shards = shards
    self.secret = secret
    self.lock = lock
  }

  deinit { close(lock) }

  /// Makes the directory where it is missing; refuses one that another process uses or that was
  /// made with another number of shards.
  static func open(_ path: String, shards: Int?) throws -> DataDirectory {
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    let lock = Glibc.open(path + "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard lock >= 0, flock(lock, LOCK_EX | LOCK_NB) == 0 else {
      throw ValidationError("--data-dir \(path): another process uses it")
    }
    let secret = try openSecret(path + "/secret")
    let file = URL(fileURLWithPath: path + "/node.json")
    if let data = try? Data(contentsOf: file) {
      let identity = try JSONDecoder().decode(Identity.self, from: data)
      if identity.format != 1 {
        throw ValidationError("--data-dir \(path): format \(identity.format) is not known")
      }
      if let shards, shards != identity.shards {
        throw ValidationError(
          "--shards \(shards): \(path) was made with \(identity.shards), which cannot change")
      }
      return DataDirectory(shards: identity.shards, secret: secret, lock: lock)
    }
    let identity = Identity(shards: shards ?? ProcessInfo.processInfo.activeProcessorCount)
    try JSONEncoder().encode(identity).write(to: file, options: .atomic)
    return DataDirectory(shards: identity.shards, secret: secret, lock: lock)
  }

  private static func openSecret(_ path: String) throws -> [UInt8] {
    let count = 32
    if let data = FileManager.default.contents(atPath: path), data.count == count {
      return Array(data)
    }
    let secret = SecureRandom.bytes(count)
    let temporary = path + ".new"
    guard
      FileManager.default.createFile(
        atPath: temporary, contents: Data(secret), attributes: [.posixPermissions: 0o600]),
      rename(temporary, path) == 0
    else { throw ValidationError("--data-dir: cannot write \(path)") }
    return secret
  }
}
