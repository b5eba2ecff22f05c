import Base
import Catalog
import Types

/// Reads values by a source's format. Lives on: its shard.
final class ValueDecoder {
  private let format: SourceFormat

  init(_ source: SourceDefinition) { format = source.format }

  /// Gets what reading these needs.
  func prepare(for records: [SourceRecord]) async throws(ReaderFault) {}

  func document(_ value: [UInt8]) throws(SQLError) -> JSONValue {
    switch format {
    case .json: return try JSONText.parse(value)
    case .avro, .raw:
      throw SQLError(.featureNotSupported, "values of format \(format.rawValue) have no fields")
    }
  }
}
