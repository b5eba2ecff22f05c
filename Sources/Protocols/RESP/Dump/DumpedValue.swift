import Base

/// A key's value outside of the store, as DUMP and RESTORE carry it.
enum DumpedValue: Equatable {
  case string([UInt8])
  case list([[UInt8]])
  case set([[UInt8]])
  case hash([Field])
  case zset([Member])
  case stream(DumpedStream)

  struct Field: Equatable {
    var name: [UInt8]
    var value: [UInt8]
  }

  struct Member: Equatable {
    var name: [UInt8]
    var score: Double
  }
}

struct DumpedStream: Equatable {
  struct Entry: Equatable {
    var id: StreamID
    /// Names and values by turns.
    var fields: [[UInt8]]
  }
  struct Group: Equatable {
    var group: StreamGroup
    var consumers: [StreamConsumer]
    var pending: [PendingEntry]
  }
  var entries: [Entry] = []
  var state = StreamState()
  var groups: [Group] = []
}

/// The kinds of values in Redis' files, version 10.
enum DumpKind: UInt8 {
  case string = 0
  case list = 1
  case set = 2
  case zsetOfTexts = 3
  case hash = 4
  case zset = 5
  case listOfZiplist = 10
  case intset = 11
  case zsetOfZiplist = 12
  case hashOfZiplist = 13
  case listOfZiplists = 14
  case streamOfListpacks = 15
  case hashOfListpack = 16
  case zsetOfListpack = 17
  case listOfListpacks = 18
  case streamOfListpacks2 = 19

  /// Of the format.
  static let version: UInt16 = 10
  static let footerBytes = 10
}
