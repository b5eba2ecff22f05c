import Base
import Catalog
import Node
import SQL

extension SourceStatus {
  /// What one shard tells the others.
  static func encoded(_ statuses: [SourceStatus]) -> [UInt8] {
    var out = WireEncoder(catalog: CatalogSnapshot())
    out.list(statuses) { status, out in
      status.source.encode(into: &out)
      Int64(status.partition).encode(into: &out)
      status.place.encode(into: &out)
      status.state.encode(into: &out)
      status.error.encode(into: &out)
      status.errorAt.encode(into: &out)
      status.next.encode(into: &out)
      status.high.encode(into: &out)
      status.records.encode(into: &out)
      status.deadLetters.encode(into: &out)
    }
    return out.bytes.bytes
  }

  /// Nothing of an answer that cannot be read: a shard with a fault is shown as one that reads nothing.
  static func decoded(_ bytes: [UInt8]) -> [SourceStatus] {
    bytes.withUnsafeBytes { buffer in
      var reader = WireDecoder(ByteReader(buffer), catalog: CatalogSnapshot())
      do throws(DecodingFault) {
        return try reader.list { (reader) throws(DecodingFault) in
          let source = try Int64(from: &reader)
          let partition = Int32(clamping: try Int64(from: &reader))
          let place = try ShardPlace?(from: &reader)
          var status = SourceStatus(
            source: source, partition: partition, place: place, state: try String(from: &reader))
          status.error = try String?(from: &reader)
          status.errorAt = try Int64?(from: &reader)
          status.next = try Int64?(from: &reader)
          status.high = try Int64?(from: &reader)
          status.records = try Int64(from: &reader)
          status.deadLetters = try Int64(from: &reader)
          return status
        }
      } catch {
        return []
      }
    }
  }
}
