import Base
import SQL
import Types

/// CQL's own functions of scalars.
struct CQLFunction {
  /// Nil: any type, as the argument has it.
  var parameters: [CQLType?]
  var result: CQLType
  var isUsers = false
  var body: (Call) throws(CQLError) -> Datum

  struct Call {
    var arguments: [Datum]
    var types: [CQLType]
    var context: Arguments
  }
}

enum Functions {
  private static let timeuuid = CQLType.native(.timeuuid)
  private static let date = CQLType.native(.date)

  static func find(_ name: String, count: Int, returning wanted: CQLType?) throws(CQLError)
    -> CQLFunction
  {
    if ["count", "min", "max", "sum", "avg"].contains(name) {
      throw .invalid("Aggregation functions are not supported in the where clause or for values")
    }
    guard let found = lookup(name, wanted) else { throw .invalid("Unknown function '\(name)'") }
    guard found.parameters.count == count else {
      throw .invalid(
        "Invalid number of arguments in call to function \(name): \(found.parameters.count) "
          + "required but \(count) provided")
    }
    return found
  }

  /// `token(…)` of values: its parameters are the columns of the partition key.
  static func token(of table: CQLTable, count: Int) throws(CQLError) -> CQLFunction {
    guard let stored = table.stored else {
      throw .invalid("token() is not supported for table \(table.keyspace).\(table.name)")
    }
    guard count == table.partitionCount else {
      throw .invalid(
        "Invalid number of arguments in call to function token: \(table.partitionCount) required but "
          + "\(count) provided")
    }
    return CQLFunction(parameters: table.partitionColumns.map(\.type), result: .bigint) {
      (call) throws(CQLError) in
      var key: [Value] = []
      for (datum, column) in zip(call.arguments, table.partitionColumns) {
        if datum.isNull { throw .invalid("Invalid null value for column \(column.name)") }
        key.append(try column.store(datum))
      }
      return .int(stored.rows.token(key))
    }
  }

  private static func lookup(_ name: String, _ wanted: CQLType?) -> CQLFunction? {
    switch name {
    case "now", "currenttimeuuid":
      return CQLFunction(parameters: [], result: timeuuid) { call in
        .scalar(.uuid(now(call.context)))
      }
    case "uuid":
      return CQLFunction(parameters: [], result: .uuid) { call in
        .scalar(
          .uuid(
            UUIDValue(
              high: call.context.random() & ~0xF000 | 0x4000,
              low: call.context.random() & (UInt64.max >> 2) | 1 << 63)))
      }
    case "currenttimestamp":
      return CQLFunction(parameters: [], result: .timestamp) { (call) throws(CQLError) in
        .int(try Times.sql(unixMilliseconds: call.context.now / 1_000))
      }
    case "currentdate":
      return CQLFunction(parameters: [], result: date) { (call) throws(CQLError) in
        .int(Int64(Calendar.split(try Times.sql(unixMilliseconds: call.context.now / 1_000)).days))
      }
    case "currenttime":
      return CQLFunction(parameters: [], result: .native(.time)) { (call) throws(CQLError) in
        .int(Calendar.split(try Times.sql(unixMilliseconds: call.context.now / 1_000)).time)
      }
    case "mintimeuuid", "maxtimeuuid": return bound(isMinimum: name == "mintimeuuid")
    case "totimestamp", "dateof", "todate", "tounixtimestamp", "unixtimestampof":
      return moment(name)
    case "tojson":
      return CQLFunction(parameters: [nil], result: .text) { _ in .null }
    default: return blob(name)
    }
  }

  private static func now(_ context: Arguments) -> UUIDValue {
    let ticks =
      TimeUUID.ticks(unixMilliseconds: 0) + UInt64(bitPattern: context.now) &* 10
      + context.random() % 10
    return TimeUUID.make(
      ticks: ticks & 0x0FFF_FFFF_FFFF_FFFF,
      low: context.random() & (UInt64.max >> 2) | 1 << 63 | 1 << 40)
  }

  private static func bound(isMinimum: Bool) -> CQLFunction {
    CQLFunction(parameters: [.timestamp], result: timeuuid) { call in
      guard let micros = call.arguments[0].int else { return .null }
      let ticks = TimeUUID.ticks(unixMilliseconds: Times.unixMilliseconds(sql: micros))
      return .scalar(
        .uuid(
          TimeUUID.make(
            ticks: isMinimum ? ticks : ticks + 9_999,
            low: isMinimum ? 0x8080_8080_8080_8080 : 0x7F7F_7F7F_7F7F_7F7F)))
    }
  }

  /// From timeuuid, timestamp or date to one of those.
  private static func moment(_ name: String) -> CQLFunction {
    let result: CQLType =
      name == "todate" ? date : ["totimestamp", "dateof"].contains(name) ? .timestamp : .bigint
    return CQLFunction(parameters: [nil], result: result) {
      (call) throws(CQLError) in
      let micros: Int64
      switch call.arguments[0] {
      case .scalar(.uuid(let uuid)):
        micros = try Times.sql(unixMilliseconds: TimeUUID.unixMilliseconds(uuid))
      case .scalar(.int(let number)):
        micros = call.types[0] == date ? number &* Calendar.microsecondsPerDay : number
      default: return .null
      }
      switch result {
      case .timestamp: return .int(micros)
      case .bigint: return .int(Times.unixMilliseconds(sql: micros))
      default: return .int(Int64(Calendar.split(micros).days))
      }
    }
  }

  /// `intasblob`, `blobasint` and the like.
  private static func blob(_ name: String) -> CQLFunction? {
    func native(_ text: Substring) -> CQLType.Native? {
      text == "varchar" ? .text : CQLType.Native(rawValue: String(text))
    }
    if name.hasPrefix("blobas"), let type = native(name.dropFirst(6)), type != .blob {
      return CQLFunction(parameters: [.blob], result: .native(type)) {
        (call) throws(CQLError) in
        guard case .scalar(.bytes(let bytes)) = call.arguments[0] else { return .null }
        do throws(CQLError) {
          return try ValueCodec.decode(bytes, .native(type))
        } catch {
          throw .invalid(
            "In call to function system.\(name), value 0x\(HexText.text(bytes)) is not a valid binary representation for type \(type.rawValue)"
          )
        }
      }
    }
    if name.hasSuffix("asblob"), let type = native(name.dropLast(6)), type != .blob {
      return CQLFunction(parameters: [.native(type)], result: .blob) { call in
        ValueCodec.encode(call.arguments[0], .native(type)).map { .scalar(.bytes($0)) } ?? .null
      }
    }
    return nil
  }
}
