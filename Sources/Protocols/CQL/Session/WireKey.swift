import Base
import Catalog
import SQL
import Types

/// A primary key that a statement's markers give, of types that are taken as they come: its stored bytes and its
/// partition's place are made of the values where they lie.
struct WireKey {
  private struct Part {
    var marker: Int
    var form: WireForm
    var isDescending: Bool
  }
  private let parts: [Part]
  /// The partition's.
  private let markers: [Int]
  private let tier: TierID

  /// `markers`: for each column of the primary key. Nil: the key is made of more than the values' bytes.
  init?(_ table: CQLTable, _ rows: TableRows, markers: [Int]) {
    var parts: [Part] = []
    for (place, marker) in markers.enumerated() {
      let column = table.columns[place]
      guard let form = WireForm(column), place >= table.partitionCount || form.isHashedAsSent else {
        return nil
      }
      parts.append(Part(marker: marker, form: form, isDescending: column.isDescending))
    }
    self.parts = parts
    self.markers = Array(markers.prefix(table.partitionCount))
    tier = rows.table.tier
  }

  /// Writes the row's key. False: the usual way has to be gone, which also says what is wrong with values.
  func write(_ values: [BoundSlice], into key: inout [UInt8]) -> Bool {
    key.removeAll(keepingCapacity: true)
    for part in parts {
      guard case .bytes(let bytes) = values[part.marker], (1...0xFFFF).contains(bytes.count),
        let value = part.form.view(bytes)
      else { return false }
      KeyCodec.encode(value, descending: part.isDescending, into: &key)
    }
    return true
  }

  /// Where the partition is, of a key that has been written. Nil: its key is too long.
  func bucket(_ values: [BoundSlice], _ scratch: inout [UInt8]) -> Bucket? {
    if markers.count == 1, case .bytes(let bytes) = values[markers[0]] {
      return DistributionHash.bucket(token: DistributionHash.token(bytes)).of(tier)
    }
    writePartition(values, into: &scratch)
    guard scratch.count <= 0xFFFF else { return nil }
    return DistributionHash.bucket(token: DistributionHash.token(scratch)).of(tier)
  }

  /// The partition's key as CQL serialises it: one value bare, several each between its length and a zero.
  func writePartition(_ values: [BoundSlice], into output: inout [UInt8]) {
    output.removeAll(keepingCapacity: true)
    for marker in markers {
      guard case .bytes(let bytes) = values[marker] else { continue }
      if markers.count == 1 { return output.append(contentsOf: bytes) }
      output.append(UInt8(truncatingIfNeeded: bytes.count >> 8))
      output.append(UInt8(truncatingIfNeeded: bytes.count))
      output.append(contentsOf: bytes)
      output.append(0)
    }
  }
}
