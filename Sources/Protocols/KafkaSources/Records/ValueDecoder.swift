import Avro
import Base
import Catalog
import Reactor
import Types

/// Reads values, and keys that have parts, by a source's format. Lives on: its shard.
final class ValueDecoder {
  private let format: SourceFormat
  private let registry: SchemaRegistry?

  /// 22023, 0A000: the registry's address is none that can be used.
  init(_ source: SourceDefinition, _ reactor: any Reactor) throws(SQLError) {
    format = source.format
    registry = try source.registry.map { (text) throws(SQLError) in
      SchemaRegistry(try RegistryAddress(text), reactor)
    }
  }

  /// Gets the schemas that reading these needs.
  func prepare(for records: [SourceRecord], _ mapping: RecordMapping) async throws(ReaderFault) {
    guard let registry else { return }
    var ids: Set<UInt32> = []
    for record in records {
      if mapping.needsDocument, let id = Self.schema(of: record.value) { ids.insert(id) }
      if mapping.needsKey, let id = Self.schema(of: record.key) { ids.insert(id) }
    }
    try await registry.prepare(ids.sorted())
  }

  func document(_ bytes: [UInt8]) throws(SQLError) -> JSONValue {
    switch format {
    case .json: return try JSONText.parse(bytes)
    case .raw: throw SQLError(.featureNotSupported, "values of format raw have no fields")
    case .avro:
      guard let registry, let id = Self.schema(of: bytes) else {
        throw SQLError(
          .invalidBinaryRepresentation, "the value does not begin with the number of a schema")
      }
      return try AvroReader.document(bytes, from: Self.headBytes, try registry.schema(id))
    }
  }

  /// A zero, and the schema's number, the first byte first.
  private static let headBytes = 5

  private static func schema(of bytes: [UInt8]?) -> UInt32? {
    guard let bytes, bytes.count >= headBytes, bytes[0] == 0 else { return nil }
    return bytes[1..<headBytes].reduce(0) { $0 << 8 | UInt32($1) }
  }
}
