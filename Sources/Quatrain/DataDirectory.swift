import ArgumentParser
import Foundation
import Glibc

/// A node's data directory: its lock and what must not change between starts.
final class DataDirectory {
  struct Identity: Codable {
    var format = 1
    var shards: Int
  }

  let shards: Int
  private let lock: Int32

  private init(shards: Int, lock: Int32) {
    self.shards = shards
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
      return DataDirectory(shards: identity.shards, lock: lock)
    }
    let identity = Identity(shards: shards ?? ProcessInfo.processInfo.activeProcessorCount)
    try JSONEncoder().encode(identity).write(to: file, options: .atomic)
    return DataDirectory(shards: identity.shards, lock: lock)
  }
}
