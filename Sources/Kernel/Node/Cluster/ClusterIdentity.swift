import Base
import Reactor

/// The file that says who a node is: made when it bootstraps or joins, read at each start.
enum IdentityFile {
  static func path(_ directory: String) -> String { directory + "/cluster.json" }

  /// Nil: the node belongs to no cluster yet.
  static func read(_ files: any FileSystem, _ directory: String) throws(IdentityFault)
    -> ClusterIdentity?
  {
    let bytes: [UInt8]
    do throws(IOFault) {
      try files.makeDirectory(directory)
      guard try files.list(directory).contains("cluster.json") else { return nil }
      bytes = try files.readAll(path(directory))
    } catch {
      throw IdentityFault("\(path(directory)): \(error)")
    }
    do throws(DecodingFault) {
      return try CatalogRows.decode(ClusterIdentity.self, bytes)
    } catch {
      throw IdentityFault("\(path(directory)): \(error)")
    }
  }

  /// Blocking; durable when it returns.
  static func write(
    _ identity: ClusterIdentity, _ files: any FileSystem, _ directory: String
  ) throws(IdentityFault) {
    let bytes = CatalogRows.encode(identity)
    do throws(IOFault) {
      try files.makeDirectory(directory)
      let temporary = path(directory) + ".new"
      let file = try files.open(temporary, create: true, direct: false)
      defer { file.close() }
      try file.truncate(to: 0)
      let written: Result<Void, IOFault> = bytes.withUnsafeBytes { buffer in
        do throws(IOFault) {
          return .success(try file.writeBlocking(buffer, at: 0))
        } catch {
          return .failure(error)
        }
      }
      try written.get()
      try file.syncBlocking()
      try files.rename(temporary, to: path(directory))
      try files.syncDirectory(directory)
    } catch {
      throw IdentityFault("\(path(directory)): \(error)")
    }
  }
}

struct IdentityFault: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
