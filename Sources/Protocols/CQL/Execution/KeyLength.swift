import Types

/// The protocol has two bytes for the length of a key.
enum KeyLength {
  static func check(_ key: [Value], _ table: CQLTable) throws(CQLError) {
    for (value, column) in zip(key, table.columns) {
      let length: Int
      switch value {
      case .text(let bytes), .bytes(let bytes): length = bytes.count
      default: continue
      }
      guard length > 0xFFFF else { continue }
      throw .invalid("Key length of \(length) is longer than maximum of 65535 (\(column.name))")
    }
    try checkPartition(key, table)
  }

  /// A partition key of several columns is one value, with three bytes beside each of them.
  private static func checkPartition(_ key: [Value], _ table: CQLTable) throws(CQLError) {
    guard table.partitionCount > 1, key.count >= table.partitionCount else { return }
    var total = 0
    for (value, column) in zip(key, table.partitionColumns) {
      switch value {
      case .text(let bytes), .bytes(let bytes): total += bytes.count + 3
      default:
        let bytes = ValueCodec.encode(try StoredForm.load(value, column.type), column.type)
        total += (bytes?.count ?? 0) + 3
      }
    }
    guard total <= 0xFFFF else {
      throw .invalid("Key length of \(total) is longer than maximum of 65535")
    }
  }
}
