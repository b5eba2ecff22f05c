public import Base

/// Rows as stored: a version byte, the count of columns, a bitmap of nulls, then each other column's
/// tag and payload. Columns lie in the order of their ids. Values describe themselves: integers of
/// all widths are zigzag varints, so widening a column rewrites nothing; a column beyond the count
/// is absent (it was added later), which decodes as nil.
public enum RowCodec {
  static let version: UInt8 = 1
  static let columnsMax = 1_600 * 4

  public static func encode(_ values: [Value], _ types: [SQLType], into output: inout [UInt8]) {
    invariant(values.count == types.count, "a type for each column")
    // The output's own memory: a row is copied nowhere.
    var writer = ByteWriter()
    swap(&writer.bytes, &output)
    writer.bytes.reserveCapacity(writer.count + bytesMin(of: values))
    writer.bytes.append(version)
    writer.varint(UInt64(values.count))
    let bitmap = writer.count
    for _ in 0..<(values.count + 7) / 8 { writer.bytes.append(0) }
    for index in values.indices {
      if values[index].isNull {
        writer.bytes[bitmap + index / 8] |= 1 << UInt8(index % 8)
      } else {
        write(values[index], into: &writer)
      }
    }
    swap(&writer.bytes, &output)
  }

  /// About what the row takes; texts, which make the difference, are counted whole.
  private static func bytesMin(of values: [Value]) -> Int {
    values.reduce(16) { sum, value in
      switch value {
      case .text(let bytes), .bytes(let bytes): sum + bytes.count + 4
      default: sum + 9
      }
    }
  }

  /// All columns of `types`; those the row lacks are null.
  public static func decode(
    _ buffer: UnsafeRawBufferPointer, _ types: [SQLType]
  ) throws(DecodingFault) -> [Value] {
    var row = try Header(buffer)
    var result: [Value] = []
    result.reserveCapacity(types.count)
    for (index, type) in types.enumerated() {
      let present = index < row.count && !row.isNull(index)
      result.append(present ? try read(&row.reader, type, depth: 0) : .null)
    }
    return result
  }

  /// The columns at `positions`, which rise; those that the row lacks are as in `missing`.
  public static func decode(
    _ buffer: UnsafeRawBufferPointer, _ types: [SQLType], at positions: [Int], missing: [Value]
  ) throws(DecodingFault) -> [Value] {
    var row = try Header(buffer)
    var result: [Value] = []
    result.reserveCapacity(positions.count)
    for position in positions {
      switch try row.seek(position) {
      case .absent: result.append(missing[position])
      case .null: result.append(.null)
      case .value: result.append(try read(&row.reader, types[position], depth: 0))
      }
    }
    return result
  }

  /// One column, skipping those before it; nil when the row was written without it.
  public static func decodeColumn(
    _ buffer: UnsafeRawBufferPointer, _ column: Int, _ type: SQLType
  ) throws(DecodingFault) -> Value? {
    var row = try Header(buffer)
    guard column >= 0 else { return nil }
    switch try row.seek(column) {
    case .absent: return nil
    case .null: return .null
    case .value: return try read(&row.reader, type, depth: 0)
    }
  }

  /// How many columns the row has.
  public static func columnCount(_ buffer: UnsafeRawBufferPointer) throws(DecodingFault) -> Int {
    try Header(buffer).count
  }

  public static func decode(_ bytes: [UInt8], _ types: [SQLType]) throws(DecodingFault) -> [Value] {
    let result: Result<[Value], DecodingFault> = bytes.withUnsafeBytes { buffer in
      do throws(DecodingFault) { return .success(try decode(buffer, types)) } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  struct Header {
    var reader: ByteReader
    let count: Int
    let bitmap: UnsafeRawBufferPointer

    init(_ buffer: UnsafeRawBufferPointer) throws(DecodingFault) {
      reader = ByteReader(buffer)
      let version = try reader.integer(UInt8.self)
      guard version == RowCodec.version else { throw .malformed("row version \(version)") }
      let count = try reader.varint()
      guard count <= UInt64(RowCodec.columnsMax) else {
        throw .malformed("row of \(count) columns")
      }
      self.count = Int(count)
      bitmap = try reader.view((Int(count) + 7) / 8)
    }

    func isNull(_ column: Int) -> Bool { bitmap[column / 8] >> UInt8(column % 8) & 1 == 1 }

    enum Place {
      /// The row was written without the column.
      case absent
      case null
      /// The reader is there.
      case value
    }
    private var next = 0

    /// Goes on to the column; columns asked for one after the other rise, and each value is read.
    mutating func seek(_ column: Int) throws(DecodingFault) -> Place {
      guard column < count else { return .absent }
      while next < column {
        if !isNull(next) { try skip(&reader) }
        next += 1
      }
      next = column + 1
      return isNull(column) ? .null : .value
    }
  }

  enum Tag: UInt8 {
    case `false` = 0
    case `true`, int, float, text, bytes, numeric, uuid, inet, timetz, interval, json, array
    case record, null
  }

  /// One value, which describes itself.
  public static func write(_ value: Value, into writer: inout ByteWriter) {
    func nested(_ tag: Tag, _ body: (inout ByteWriter) -> Void) {
      var inner = ByteWriter()
      body(&inner)
      writer.bytes.append(tag.rawValue)
      writer.blob(inner.bytes)
    }
    switch value {
    case .null: writer.bytes.append(Tag.null.rawValue)
    case .bool(let flag): writer.bytes.append(flag ? Tag.true.rawValue : Tag.false.rawValue)
    case .int(let number):
      writer.bytes.append(Tag.int.rawValue)
      writer.signedVarint(number)
    case .float(let number):
      writer.bytes.append(Tag.float.rawValue)
      writer.integer(number.bitPattern)
    case .text(let text):
      writer.bytes.append(Tag.text.rawValue)
      writer.blob(text)
    case .bytes(let bytes):
      writer.bytes.append(Tag.bytes.rawValue)
      writer.blob(bytes)
    case .numeric(let number): nested(.numeric) { for word in number.words { $0.integer(word) } }
    case .uuid(let uuid): nested(.uuid) { $0.raw(uuid.bytes) }
    case .inet(let inet):
      nested(.inet) {
        $0.bytes.append(UInt8(inet.prefixLength))
        $0.raw(inet.address)
      }
    case .timetz(let time):
      nested(.timetz) {
        $0.integer(time.microseconds)
        $0.integer(time.secondsWest)
      }
    case .interval(let interval):
      nested(.interval) {
        $0.signedVarint(Int64(interval.months))
        $0.signedVarint(Int64(interval.days))
        $0.signedVarint(interval.microseconds)
      }
    case .jsonb(let json): nested(.json) { writeJSON(json, into: &$0) }
    case .array(let array):
      nested(.array) {
        $0.varint(UInt64(array.elementType.oid.rawValue))
        $0.signedVarint(Int64(array.elementType.modifier))
        $0.varint(UInt64(array.dimensions.count))
        for dimension in array.dimensions {
          $0.varint(UInt64(dimension.count))
          $0.signedVarint(Int64(dimension.lowerBound))
        }
        $0.varint(UInt64(array.elements.count))
        for element in array.elements { write(element, into: &$0) }
      }
    case .record(let record):
      nested(.record) {
        $0.varint(UInt64(record.fields.count))
        for (index, field) in record.fields.enumerated() {
          let type = index < record.types.count ? record.types[index] : .text
          $0.varint(UInt64(type.oid.rawValue))
          $0.signedVarint(Int64(type.modifier))
          write(field, into: &$0)
        }
      }
    }
  }

  private static func writeJSON(_ json: JSONValue, into writer: inout ByteWriter) {
    switch json.kind {
    case .null: writer.bytes.append(0)
    case .bool(let flag): writer.bytes.append(flag ? 2 : 1)
    case .number(let number):
      writer.bytes.append(3)
      writer.varint(UInt64(number.words.count))
      for word in number.words { writer.integer(word) }
    case .string(let text):
      writer.bytes.append(4)
      writer.blob(text)
    case .array(let elements):
      writer.bytes.append(5)
      writer.varint(UInt64(elements.count))
      for element in elements { writeJSON(element, into: &writer) }
    case .object(let members):
      writer.bytes.append(6)
      writer.varint(UInt64(members.count))
      for member in members {
        writer.blob(member.key)
        writeJSON(member.value, into: &writer)
      }
    }
  }

  static func skip(_ reader: inout ByteReader) throws(DecodingFault) {
    switch Tag(rawValue: try reader.integer(UInt8.self)) {
    case nil: throw .malformed("row tag")
    case .false, .true, .null: break
    case .int: _ = try reader.varint()
    case .float: _ = try reader.view(8)
    default: _ = try reader.blobView()
    }
  }

  /// What `write` wrote.
  public static func read(
    _ reader: inout ByteReader, _ type: SQLType, depth: Int
  ) throws(DecodingFault) -> Value {
    guard depth < 32 else { throw .malformed("value nests too deeply") }
    guard let tag = Tag(rawValue: try reader.integer(UInt8.self)) else {
      throw .malformed("row tag")
    }
    switch tag {
    case .null: return .null
    case .false: return .bool(false)
    case .true: return .bool(true)
    case .int: return .int(try reader.signedVarint())
    case .float: return .float(Double(bitPattern: try reader.integer()))
    case .text: return .text(try reader.blob())
    case .bytes: return .bytes(try reader.blob())
    default: break
    }
    var inner = ByteReader(try reader.blobView())
    switch tag {
    case .numeric: return .numeric(try readNumeric(&inner, words: inner.remaining / 2))
    case .uuid:
      guard let uuid = UUIDValue(bytes: Array(try inner.view(16))) else {
        throw .malformed("uuid")
      }
      return .uuid(uuid)
    case .inet:
      let prefix = Int(try inner.integer(UInt8.self))
      let address = Array(try inner.view(inner.remaining))
      guard let inet = InetValue(address: address, prefixLength: prefix) else {
        throw .malformed("inet")
      }
      return .inet(inet)
    case .timetz:
      return .timetz(
        TimeTZValue(microseconds: try inner.integer(), secondsWest: try inner.integer()))
    case .interval:
      guard let months = Int32(exactly: try inner.signedVarint()),
        let days = Int32(exactly: try inner.signedVarint())
      else { throw .malformed("interval") }
      return .interval(
        IntervalValue(months: months, days: days, microseconds: try inner.signedVarint()))
    case .json: return .jsonb(try readJSON(&inner, depth: 1))
    case .array:
      let element = try readType(&inner)
      let rank = try inner.varint()
      guard rank <= UInt64(ArrayValue.dimensionsMax) else { throw .malformed("array rank") }
      var dimensions: [ArrayValue.Dimension] = []
      for _ in 0..<rank {
        let count = try inner.varint()
        guard count <= UInt64(ArrayValue.elementsMax) else { throw .malformed("array size") }
        let lower = try inner.signedVarint()
        guard Int32(exactly: lower) != nil else { throw .malformed("array bound") }
        dimensions.append(.init(count: Int(count), lowerBound: Int(lower)))
      }
      let count = try inner.varint()
      let product = dimensions.reduce(dimensions.isEmpty ? 0 : 1) {
        $0.multipliedReportingOverflow(by: $1.count).partialValue
      }
      guard count <= UInt64(inner.remaining), product == Int(count) else {
        throw .malformed("array size")
      }
      var elements: [Value] = []
      for _ in 0..<count { elements.append(try read(&inner, element, depth: depth + 1)) }
      return .array(ArrayValue(elementType: element, dimensions: dimensions, elements: elements))
    default:
      let count = try inner.varint()
      guard count <= UInt64(inner.remaining) else { throw .malformed("record size") }
      var (fields, types): ([Value], [SQLType]) = ([], [])
      for _ in 0..<count {
        let field = try readType(&inner)
        types.append(field)
        fields.append(try read(&inner, field, depth: depth + 1))
      }
      return .record(RecordValue(fields: fields, types: types))
    }
  }

  private static func readType(_ reader: inout ByteReader) throws(DecodingFault) -> SQLType {
    guard let oid = UInt32(exactly: try reader.varint()),
      let modifier = Int32(exactly: try reader.signedVarint())
    else { throw .malformed("type") }
    return SQLType(ObjectID(rawValue: oid), modifier: modifier)
  }

  private static func readNumeric(
    _ reader: inout ByteReader, words count: Int
  ) throws(DecodingFault) -> Numeric {
    guard count >= 3, count <= reader.remaining / 2 else { throw .malformed("numeric") }
    var words: [UInt16] = []
    words.reserveCapacity(count)
    for _ in 0..<count { words.append(try reader.integer()) }
    guard Numeric.Class(rawValue: words[0]) != nil, words[2] <= UInt16(Numeric.storedScaleMax),
      words[3...].allSatisfy({ $0 < 10_000 }), count == 3 || (words[3] != 0 && words.last != 0)
    else { throw .malformed("numeric") }
    return Numeric(words: words)
  }

  private static func readJSON(
    _ reader: inout ByteReader, depth: Int
  ) throws(DecodingFault) -> JSONValue {
    guard depth <= JSONValue.depthMax else { throw .malformed("JSON nests too deeply") }
    let tag = try reader.integer(UInt8.self)
    switch tag {
    case 0: return .null
    case 1: return .false
    case 2: return .true
    case 3:
      let count = try reader.varint()
      guard count <= UInt64(reader.remaining) else { throw .malformed("numeric") }
      return .number(try readNumeric(&reader, words: Int(count)))
    case 4: return .string(try reader.blob())
    case 5:
      let count = try reader.varint()
      guard count <= UInt64(reader.remaining) else { throw .malformed("JSON array") }
      var elements: [JSONValue] = []
      for _ in 0..<count { elements.append(try readJSON(&reader, depth: depth + 1)) }
      return .array(elements)
    case 6:
      let count = try reader.varint()
      guard count <= UInt64(reader.remaining) else { throw .malformed("JSON object") }
      var members: [JSONValue.Member] = []
      for _ in 0..<count {
        let key = try reader.blob()
        members.append(JSONValue.Member(key: key, value: try readJSON(&reader, depth: depth + 1)))
      }
      return .object(members)
    default: throw .malformed("JSON tag \(tag)")
    }
  }
}
