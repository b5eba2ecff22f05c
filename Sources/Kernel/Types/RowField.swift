public import Base

/// A column of a stored row, where it lies: nothing is copied, and nothing counted. Valid as long as the row's
/// bytes.
public enum RowField {
  /// The row was written without the column.
  case absent
  case null
  case bool(Bool)
  case int(Int64)
  case float(Double)
  case text(UnsafeRawBufferPointer)
  case bytes(UnsafeRawBufferPointer)
  /// Anything else, from its tag on.
  case other(UnsafeRawBufferPointer)

  /// As a value of its own; `missing` where it is absent.
  public func value(_ type: SQLType, missing: Value) throws(DecodingFault) -> Value {
    switch self {
    case .absent: return missing
    case .null: return .null
    case .bool(let flag): return .bool(flag)
    case .int(let number): return .int(number)
    case .float(let number): return .float(number)
    case .text(let bytes): return .text(Array(bytes))
    case .bytes(let bytes): return .bytes(Array(bytes))
    case .other(let bytes):
      var reader = ByteReader(bytes)
      return try RowCodec.read(&reader, type, depth: 0)
    }
  }
}

extension RowCodec {
  /// The columns at `positions`, which rise, in place of what `fields` had.
  public static func fields(
    _ buffer: UnsafeRawBufferPointer, at positions: [Int], into fields: inout [RowField]
  ) throws(DecodingFault) {
    var row = try Header(buffer)
    fields.removeAll(keepingCapacity: true)
    for position in positions {
      switch try row.seek(position) {
      case .absent: fields.append(.absent)
      case .null: fields.append(.null)
      case .value: fields.append(try field(&row.reader, buffer))
      }
    }
  }

  /// One column.
  public static func field(_ buffer: UnsafeRawBufferPointer, at column: Int) throws(DecodingFault)
    -> RowField
  {
    var row = try Header(buffer)
    switch try row.seek(column) {
    case .absent: return .absent
    case .null: return .null
    case .value: return try field(&row.reader, buffer)
    }
  }

  private static func field(_ reader: inout ByteReader, _ buffer: UnsafeRawBufferPointer)
    throws(DecodingFault) -> RowField
  {
    let start = reader.offset
    guard let tag = Tag(rawValue: try reader.integer(UInt8.self)) else {
      throw .malformed("row tag")
    }
    switch tag {
    case .null: return .null
    case .false: return .bool(false)
    case .true: return .bool(true)
    case .int: return .int(try reader.signedVarint())
    case .float: return .float(Double(bitPattern: try reader.integer()))
    case .text: return .text(try reader.blobView())
    case .bytes: return .bytes(try reader.blobView())
    default:
      _ = try reader.blobView()
      return .other(UnsafeRawBufferPointer(rebasing: buffer[start..<reader.offset]))
    }
  }
}
