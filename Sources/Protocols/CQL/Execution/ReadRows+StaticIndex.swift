import Base
import Node
import SQL
import Types

/// Where a reading of the partitions that an index of static columns names goes on.
struct PartitionPlace {
  var entry: [UInt8]
  var row: [UInt8]

  init(entry: [UInt8], row: [UInt8]) {
    self.entry = entry
    self.row = row
  }

  /// Nil: bytes that are no place. Clients give them back, and may give others.
  init?(_ bytes: [UInt8]) {
    let read = bytes.withUnsafeBytes { buffer in
      Result<PartitionPlace, DecodingFault> { () throws(DecodingFault) in
        var reader = ByteReader(buffer)
        let entry = try reader.blob()
        return PartitionPlace(entry: entry, row: Array(buffer[reader.offset...]))
      }
    }
    guard case .success(let place) = read else { return nil }
    self = place
  }

  var bytes: [UInt8] {
    var out = ByteWriter()
    out.blob(entry)
    return out.bytes + row
  }
}

extension ReadRows.Reading {
  /// All rows of the partitions whose static columns have the value.
  mutating func readPartitions(_ index: ReadRows.IndexUse) throws(ProcedureError) {
    guard let statics = request.statics else { return }
    let prefix = statics.indexPrefix(index.number, index.value)
    let from = request.resume.flatMap { PartitionPlace($0.key) }
    if request.resume != nil, from == nil { return }
    let lower = from?.entry ?? prefix
    guard lower.lexicographicallyPrecedes(prefix + [0xFF]) else { return }
    var found: [(entry: [UInt8], partition: [UInt8])] = []
    var isCut = false
    try transaction.scan(
      statics.indexKeyspace(index.number), lower: lower, upper: prefix + [0xFF], reverse: false
    ) { (key, value) throws(ProcedureError) in
      found.append(
        (Array(key), try statics.primaryKey(ofEntry: key, value: value, index.number)))
      isCut = found.count >= min(request.limit, ReadRows.visitedMax)
      return !isCut
    }
    for (entry, partition) in found {
      self.entry = entry
      resumed = from?.entry == entry ? from?.row : nil
      let first = resumed.map { $0 + [0] } ?? partition
      let range = ReadRows.Range(lower: first, upper: partition + [0xFF], isWhole: true)
      if try !read(range, 0) { return }
    }
    // Behind all rows of the last one.
    output.resume =
      isCut
      ? found.last.map {
        .init(range: 0, key: PartitionPlace(entry: $0.entry, row: $0.partition + [0xFF]).bytes)
      } : nil
  }
}
