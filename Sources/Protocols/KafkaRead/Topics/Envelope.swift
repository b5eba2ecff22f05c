import Base
import Functions
import Node
import Types

/// Debezium's envelope, without schemas.
struct Envelope {
  private let schema: String
  private let table: String
  private static let databaseName = "quatrain"

  init(schema: String, table: String) {
    self.schema = schema
    self.table = table
  }

  /// `object` appends a row.
  func write(
    _ change: RecordView, _ before: TopicRow?, _ after: TopicRow?, into out: inout [UInt8],
    object: (TopicRow, inout [UInt8]) throws(SQLError) -> Void
  ) throws(SQLError) {
    out += Array("{\"before\":".utf8)
    for (row, next) in [(before, ",\"after\":"), (after, ",\"source\":")] {
      if let row { try object(row, &out) } else { out += Array("null".utf8) }
      out += Array(next.utf8)
    }
    let time = TopicLayout.milliseconds(change.timestamp)
    out += Array("{\"connector\":\"quatrain\",\"name\":\"\(Self.databaseName)\",".utf8)
    out += Array("\"ts_ms\":\(time),\"snapshot\":\"false\",\"db\":\"\(Self.databaseName)\",".utf8)
    out += Array("\"schema\":".utf8)
    JSONOutput.writeString(schema, into: &out)
    out += Array(",\"table\":".utf8)
    JSONOutput.writeString(table, into: &out)
    out += Array(
      ",\"txId\":\(Int64(bitPattern: change.transaction.rawValue)),\"lsn\":\(change.offset)},".utf8)
    out += Array(
      "\"op\":\"\(Self.letter(before != nil, after != nil))\",\"ts_ms\":\(time),".utf8)
    out += Array("\"transaction\":null}".utf8)
  }

  /// What the change is to who sees the topic alone.
  private static func letter(_ hasBefore: Bool, _ hasAfter: Bool) -> Character {
    switch (hasBefore, hasAfter) {
    case (false, false): "t"
    case (false, true): "c"
    case (true, false): "d"
    case (true, true): "u"
    }
  }
}
