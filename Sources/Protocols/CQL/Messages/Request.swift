/// What a client asks, read from a frame's body.
enum Request: Sendable {
  case startup([String: String])
  case options
  case query(String, QueryParameters)
  case prepare(String, keyspace: String?)
  case execute(id: [UInt8], resultID: [UInt8]?, QueryParameters)
  case batch(BatchRequest)
  case register([String])
  case authResponse([UInt8]?)
}

/// What goes with a statement.
struct QueryParameters: Equatable, Sendable {
  var consistency = Consistency.one
  var values: [BoundValue] = []
  /// As many as values, or none: by position.
  var names: [String] = []
  var skipsMetadata = false
  var pageSize: Int?
  var pagingState: [UInt8]?
  var serialConsistency = Consistency.serial
  /// Microseconds since the Unix epoch.
  var timestamp: Int64?
  var keyspace: String?
  /// Seconds since the Unix epoch, instead of the server's clock.
  var nowInSeconds: Int?
}

struct BatchRequest: Sendable {
  enum Kind: UInt8, Sendable { case logged, unlogged, counter }
  enum Item: Sendable {
    case text(String)
    case prepared([UInt8])
  }
  var kind: Kind
  var items: [(statement: Item, values: [BoundValue])]
  var parameters: QueryParameters

  /// Statements of one batch.
  static let statementsMax = 65_535
}

extension Request {
  private struct Flags: OptionSet {
    let rawValue: UInt32
    static let values = Flags(rawValue: 0x01)
    static let skipMetadata = Flags(rawValue: 0x02)
    static let pageSize = Flags(rawValue: 0x04)
    static let pagingState = Flags(rawValue: 0x08)
    static let serialConsistency = Flags(rawValue: 0x10)
    static let timestamp = Flags(rawValue: 0x20)
    static let names = Flags(rawValue: 0x40)
    static let keyspace = Flags(rawValue: 0x80)
    static let nowInSeconds = Flags(rawValue: 0x100)
  }

  /// `opcode` is one of a request's.
  static func decode(_ opcode: UInt8, _ body: ArraySlice<UInt8>, version: UInt8) throws(CQLError)
    -> Request
  {
    var reader = BodyReader(body)
    switch Opcode(rawValue: opcode) {
    case .startup: return .startup(try reader.stringMap())
    case .options: return .options
    case .query:
      return .query(try reader.longString(), try parameters(&reader, version))
    case .prepare:
      let text = try reader.longString()
      guard version >= 5, try reader.int() & 1 == 1 else { return .prepare(text, keyspace: nil) }
      return .prepare(text, keyspace: try reader.string())
    case .execute:
      let id = try reader.shortBytes()
      let resultID = version >= 5 ? try reader.shortBytes() : nil
      return .execute(id: id, resultID: resultID, try parameters(&reader, version))
    case .batch: return .batch(try batch(&reader, version))
    case .register: return .register(try reader.stringList())
    case .authResponse: return .authResponse(try reader.bytesOrNull())
    default: throw .violation("Unknown opcode \(opcode)")
    }
  }

  private static func flags(_ reader: inout BodyReader, _ version: UInt8) throws(CQLError)
    -> Flags
  {
    Flags(
      rawValue: version >= 5
        ? UInt32(truncatingIfNeeded: try reader.int()) : UInt32(try reader.byte()))
  }

  private static func parameters(_ reader: inout BodyReader, _ version: UInt8) throws(CQLError)
    -> QueryParameters
  {
    var parameters = QueryParameters()
    parameters.consistency = try reader.consistency()
    let flags = try flags(&reader, version)
    if flags.contains(.values) {
      for _ in 0..<(try reader.short()) {
        if flags.contains(.names) { parameters.names.append(try reader.string()) }
        parameters.values.append(try reader.value())
      }
    }
    parameters.skipsMetadata = flags.contains(.skipMetadata)
    if flags.contains(.pageSize) { parameters.pageSize = try reader.int() }
    if flags.contains(.pagingState) { parameters.pagingState = try reader.bytesOrNull() }
    try rest(&reader, flags, version, into: &parameters)
    return parameters
  }

  private static func rest(
    _ reader: inout BodyReader, _ flags: Flags, _ version: UInt8,
    into parameters: inout QueryParameters
  ) throws(CQLError) {
    if flags.contains(.serialConsistency) {
      parameters.serialConsistency = try reader.consistency()
    }
    if flags.contains(.timestamp) {
      let timestamp = try reader.long()
      guard timestamp != .min else {
        throw .violation(
          "Out of bound timestamp, must be in [-9223372036854775807, "
            + "9223372036854775807] (got \(timestamp))")
      }
      parameters.timestamp = timestamp
    }
    guard version >= 5 else { return }
    if flags.contains(.keyspace) { parameters.keyspace = try reader.string() }
    if flags.contains(.nowInSeconds) { parameters.nowInSeconds = try reader.int() }
  }

  private static func batch(_ reader: inout BodyReader, _ version: UInt8) throws(CQLError)
    -> BatchRequest
  {
    let code = try reader.byte()
    guard let kind = BatchRequest.Kind(rawValue: code) else {
      throw .violation("Invalid type of a batch: \(code)")
    }
    var items: [(statement: BatchRequest.Item, values: [BoundValue])] = []
    for _ in 0..<(try reader.short()) {
      let isPrepared = try reader.byte()
      let statement: BatchRequest.Item
      switch isPrepared {
      case 0: statement = .text(try reader.longString())
      case 1: statement = .prepared(try reader.shortBytes())
      default: throw .violation("Invalid kind of a batch's statement: \(isPrepared)")
      }
      var values: [BoundValue] = []
      for _ in 0..<(try reader.short()) { values.append(try reader.value()) }
      items.append((statement, values))
    }
    var parameters = QueryParameters()
    parameters.consistency = try reader.consistency()
    let flags = try flags(&reader, version)
    guard !flags.contains(.names) else {
      throw .violation("Named values are not possible in a batch")
    }
    try rest(&reader, flags, version, into: &parameters)
    return BatchRequest(kind: kind, items: items, parameters: parameters)
  }
}
