import Base
import Catalog
import Foundation
import Types

/// Group 0 keeps the catalog as rows: key = the object's id, value = its JSON. One more row holds
/// the version and the counters, and is the lock of whoever changes the catalog.
enum CatalogRows {
  static let objects = KeyspaceID(rawValue: 1)
  static let state = KeyspaceID(rawValue: 2)
  static let stateKey: [UInt8] = [0]

  struct State: Codable {
    var version: UInt64
    var nextObjectID: UInt32
    var nextKeyspaceID: UInt32
  }

  static func key(_ id: ObjectID) -> [UInt8] {
    withUnsafeBytes(of: id.rawValue.bigEndian) { Array($0) }
  }

  /// Keys sorted, so that the same catalog has the same bytes on every node.
  static func encode(_ value: some Encodable) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    do {
      return Array(try encoder.encode(value))
    } catch {
      fatalError("a catalog object cannot be encoded: \(error)")
    }
  }

  static func decode<T: Decodable>(_: T.Type, _ bytes: [UInt8]) throws(DecodingFault) -> T {
    do {
      return try JSONDecoder().decode(T.self, from: Data(bytes))
    } catch {
      throw .malformed("catalog row: \(error)")
    }
  }

  /// The catalog's version that these writes make.
  static func version(in writes: [WriteRecord]) -> UInt64? {
    guard let bytes = writes.first(where: { $0.space == state })?.value else { return nil }
    do throws(DecodingFault) {
      return try decode(State.self, bytes).version
    } catch {
      fatalError("the catalog's own log entry cannot be read: \(error)")
    }
  }

  /// The snapshot that these writes lead to from `base`; nil where they do not touch the catalog.
  static func apply(_ writes: [WriteRecord], to base: CatalogSnapshot) -> CatalogSnapshot? {
    guard let stateRow = writes.first(where: { $0.space == state }), let bytes = stateRow.value
    else { return nil }
    do {
      let state = try decode(State.self, bytes)
      var change = CatalogChange(
        version: state.version, put: [], removed: [], nextObjectID: state.nextObjectID,
        nextKeyspaceID: state.nextKeyspaceID)
      for write in writes where write.space == objects {
        if let value = write.value {
          change.put.append(try decode(CatalogObject.self, value))
        } else {
          let raw = write.key.withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) }
          change.removed.append(ObjectID(rawValue: UInt32(bigEndian: raw)))
        }
      }
      var next = base
      next.apply(change)
      return next
    } catch {
      fatalError("the catalog's own log entry cannot be read: \(error)")
    }
  }

  /// Reads the whole catalog back from its rows, after recovery.
  static func load(_ transaction: TabletTransaction) throws(ProcedureError) -> CatalogChange? {
    guard let stateBytes = try transaction.get(state, stateKey) else { return nil }
    var put: [CatalogObject] = []
    var fault: DecodingFault?
    try transaction.scan(objects, lower: [], upper: nil, reverse: false) { _, value in
      do throws(DecodingFault) {
        put.append(try decode(CatalogObject.self, Array(value)))
        return true
      } catch {
        fault = error
        return false
      }
    }
    do throws(DecodingFault) {
      if let fault { throw fault }
      let state = try decode(State.self, stateBytes)
      return CatalogChange(
        version: state.version, put: put, removed: [], nextObjectID: state.nextObjectID,
        nextKeyspaceID: state.nextKeyspaceID)
    } catch {
      throw .user(SQLError(.dataCorrupted, "the catalog cannot be read: \(error)"))
    }
  }
}

/// Takes the catalog's lock: one transaction at a time changes it, others wait in order.
struct LockCatalog: Procedure, WithoutArguments {
  static let name = "catalog.lock"

  /// The newest version, which the caller waits to hear of before it builds on it.
  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> UInt64 {
    try transaction.lockLatest(
      LockRequest(space: CatalogRows.state, key: CatalogRows.stateKey, mode: .update))
    // The newest state counts, not the snapshot's: waiting is over when the earlier change is done.
    guard let bytes = try transaction.latest(CatalogRows.state, CatalogRows.stateKey) else {
      return 0
    }
    do throws(DecodingFault) {
      return try CatalogRows.decode(CatalogRows.State.self, bytes).version
    } catch {
      throw .user(SQLError(.dataCorrupted, "the catalog cannot be read: \(error)"))
    }
  }
}

/// Writes a catalog change; the lock is held, so the version can only be the next.
struct WriteCatalogChange: Procedure {
  static let name = "catalog.change"
  let change: CatalogChange

  init(change: CatalogChange) { self.change = change }
  func encode(into out: inout WireEncoder) { change.encode(into: &out) }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    change = try CatalogChange(from: &reader)
  }

  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> Bool {
    for object in change.put {
      try transaction.putLatest(
        CatalogRows.objects, CatalogRows.key(object.id), CatalogRows.encode(object))
    }
    for id in change.removed {
      try transaction.deleteLatest(CatalogRows.objects, CatalogRows.key(id))
    }
    let state = CatalogRows.State(
      version: change.version, nextObjectID: change.nextObjectID,
      nextKeyspaceID: change.nextKeyspaceID)
    try transaction.putLatest(
      CatalogRows.state, CatalogRows.stateKey, CatalogRows.encode(state))
    return true
  }
}
