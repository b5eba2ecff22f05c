import Base
import Catalog
import Node
import Types

/// A library of functions as the cluster has it.
struct FunctionLibrary {
  let name: String
  let code: [UInt8]
  /// What its code is called in interpreters.
  let sha: String
  let functions: [LibraryFunction]
}

/// The libraries of the catalog that this shard knows: they are options of the schema `redis`, one each,
/// so that they are durable and every shard of every node follows them. Lives on: its shard.
final class FunctionLibraries {
  private static let prefix = "function."

  private let shard: NodeShard
  private var version: UInt64?
  private var options: [String: String] = [:]
  /// By name.
  private(set) var all: [FunctionLibrary] = []
  /// By function in lower case: its place in `all`, and in the library.
  private var places: [String: (library: Int, function: Int)] = [:]

  private init(_ shard: NodeShard) { self.shard = shard }

  /// As the catalog has them now.
  static func of(_ shard: NodeShard) throws(CommandStop) -> FunctionLibraries {
    let libraries = shard.local(FunctionLibraries.self) { FunctionLibraries(shard) }
    try libraries.follow()
    return libraries
  }

  private func follow() throws(CommandStop) {
    guard version != shard.catalogVersion else { return }
    let newest = Self.options(shard.catalog)
    if newest != options || version == nil {
      all = try Self.list(newest, ScriptInterpreter.of(shard))
      options = newest
      places = [:]
      for (place, library) in all.enumerated() {
        for (number, function) in library.functions.enumerated() {
          places[function.name.lowercased()] = (place, number)
        }
      }
    }
    version = shard.catalogVersion
  }

  /// Whatever its letters' case.
  func find(_ function: ArraySlice<UInt8>) -> (FunctionLibrary, LibraryFunction)? {
    let name = String(decoding: function, as: UTF8.self).lowercased()
    guard let place = places[name] else { return nil }
    return (all[place.library], all[place.library].functions[place.function])
  }

  // MARK: In the catalog

  private static func options(_ catalog: CatalogSnapshot) -> [String: String] {
    (catalog.schema(named: "redis")?.options ?? [:]).filter { $0.key.hasPrefix(prefix) }
  }

  private static func list(_ options: [String: String], _ interpreter: ScriptInterpreter)
    throws(CommandStop) -> [FunctionLibrary]
  {
    var libraries: [FunctionLibrary] = []
    for (key, text) in options.sorted(by: { $0.key < $1.key }) {
      let code = bytes(text)
      let sha = ScriptHash.of(code)
      libraries.append(
        FunctionLibrary(
          name: String(key.dropFirst(prefix.count)), code: code, sha: sha,
          functions: try interpreter.load(code, sha: sha)))
    }
    return libraries
  }

  /// Each byte is a character, since options are text.
  private static func text(_ bytes: [UInt8]) -> String {
    var text = String.UnicodeScalarView()
    for byte in bytes { text.append(UnicodeScalar(byte)) }
    return String(text)
  }

  private static func bytes(_ text: String) -> [UInt8] {
    text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
  }

  /// Adds libraries, or says why not.
  struct Change {
    enum Collision { case refuse, replace }
    var added: [FunctionLibrary] = []
    var removed: String?
    var removesAll = false
    var onCollision = Collision.refuse
    /// How a refusal begins: LOAD and RESTORE word it differently.
    var isRestore = false
  }

  /// Changes the catalog's libraries; nil: it is done.
  static func change(_ change: Change, _ shard: NodeShard) async throws(KernelError) -> CommandStop?
  {
    let transaction = shard.begin(isolation: .readCommitted)
    var refusal: CommandStop?
    do throws(KernelError) {
      try await transaction.changeCatalog { (catalog) throws(SQLError) in
        if catalog.schema(named: "redis") == nil {
          for object in RedisSchema.objects() { catalog.put(object) }
        }
        guard var schema = catalog.schema(named: "redis") else {
          fatalError("invariant: the schema redis was just made")
        }
        do throws(CommandStop) {
          let present = try list(options(catalog), ScriptInterpreter.of(shard))
          var changed = schema.options ?? [:]
          try apply(change, present, &changed)
          schema.options = changed.isEmpty ? nil : changed
          catalog.put(.schema(schema))
        } catch {
          refusal = error
        }
      }
      guard refusal == nil else {
        await transaction.rollback()
        return refusal
      }
      try await transaction.commit()
      return nil
    } catch {
      await transaction.rollback()
      throw error
    }
  }

  private static func apply(
    _ change: Change, _ present: [FunctionLibrary], _ options: inout [String: String]
  ) throws(CommandStop) {
    var kept = change.removesAll ? [] : present
    if change.removesAll { for library in present { options[prefix + library.name] = nil } }
    if let removed = change.removed {
      guard kept.contains(where: { $0.name == removed }) else {
        throw .error("ERR Library not found")
      }
      options[prefix + removed] = nil
    }
    for library in change.added where kept.contains(where: { $0.name == library.name }) {
      if change.onCollision == .refuse {
        let name = change.isRestore ? library.name : "'\(library.name)'"
        throw .error("ERR Library \(name) already exists")
      }
      kept.removeAll { $0.name == library.name }
    }
    for library in change.added {
      for function in library.functions {
        let name = function.name.lowercased()
        let isTaken = kept.contains { other in
          other.functions.contains { $0.name.lowercased() == name }
        }
        if isTaken { throw .error("ERR Function \(function.name) already exists") }
      }
      options[prefix + library.name] = text(library.code)
      kept.append(library)
    }
  }
}
