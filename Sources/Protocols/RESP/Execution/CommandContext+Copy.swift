import Base
import Catalog

extension CommandContext {
  /// Makes `target`, which does not exist, what `source` is: its row with the time at which it expires,
  /// and all its elements.
  func copy(_ source: KeyState, to target: KeyState, db: Int) throws(CommandStop) {
    guard let row = source.row else { return }
    for space in row.type.elementSpaces {
      var found: [(key: [UInt8], value: [UInt8])] = []
      try rows.scan(space, lower: source.rowKey, upper: RowKey.end(of: source.rowKey)) {
        found.append((Array($0), Array($1)))
        return true
      }
      for element in found {
        let elementKey = ElementRow.renamed(
          key: element.key, in: space, from: source.rowKey.count, to: target.rowKey)
        let renamed: [UInt8]
        var expires: Timestamp?
        do throws(DecodingFault) {
          renamed = try ElementRow.renamed(element.value, db: db, key: target.name)
          if space == RedisSchema.hash {
            expires = try renamed.withUnsafeBytes { row in
              Result { () throws(DecodingFault) in try HashRows.expires(row) }
            }.get()
          }
        } catch {
          throw .damaged(error)
        }
        try rows.put(space, elementKey, renamed, expires: expires)
      }
    }
    var next = target
    next.row = row
    try save(next, db: db)
  }
}

extension ElementRow {
  /// The key of the same element's row under another key; `count`: bytes of the key's own row key.
  static func renamed(
    key: [UInt8], in space: KeyspaceID, from count: Int, to rowKey: [UInt8]
  ) -> [UInt8] {
    let rest = key.dropFirst(count)
    if space != RedisSchema.zsetByScore { return rowKey + rest }
    // Behind the score an entry of the index has the whole primary key.
    let member = rest.dropFirst(RowKey.numberBytes + count)
    return rowKey + rest.prefix(RowKey.numberBytes) + rowKey + member
  }

  /// The same element of another key; of an index's entry, which is empty, the same entry.
  static func renamed(_ row: [UInt8], db: Int, key: [UInt8]) throws(DecodingFault) -> [UInt8] {
    if row.isEmpty { return [] }
    let bytes = row.withUnsafeBytes { row in
      Result { () throws(DecodingFault) in
        var reader = ByteReader(row)
        let version: UInt8 = try reader.integer()
        let columns = try reader.varint()
        guard version == RowBytes.version, columns <= 8 else { throw .malformed("row header") }
        let nulls: UInt8 = try reader.integer()
        guard try reader.integer(UInt8.self) == RowBytes.int else { throw .malformed("database") }
        _ = try reader.signedVarint()
        guard try reader.integer(UInt8.self) == RowBytes.text else { throw .malformed("key") }
        _ = try reader.blobView()
        var out = ByteWriter(reserving: row.count + key.count + 16)
        out.integer(version)
        out.varint(columns)
        out.integer(nulls)
        out.integer(RowBytes.int)
        out.signedVarint(Int64(db))
        out.integer(RowBytes.text)
        out.blob(key)
        out.raw(try reader.view(reader.remaining))
        return out.bytes
      }
    }
    return try bytes.get()
  }
}
