public import Base

/// A value whose bytes lie elsewhere: nothing is copied, and nothing counted. Valid as long as they are. Of the types
/// that most columns have; others are a `Value`.
public enum ValueView {
  case null
  case bool(Bool)
  case int(Int64)
  case float(Double)
  /// Of any type but char(n).
  case text(UnsafeRawBufferPointer)
  case bytes(UnsafeRawBufferPointer)
  case uuid(high: UInt64, low: UInt64)
}

extension KeyCodec {
  /// Writes what the function of the same name makes of the value.
  public static func encode(_ value: ValueView, descending: Bool, into output: inout [UInt8]) {
    if case .null = value { return output.append(2) }
    output.append(1)
    let start = output.count
    switch value {
    case .null: break
    case .bool(let flag): output.append(flag ? 1 : 0)
    case .int(let number): signed(number, into: &output)
    case .float(let number): float(number, into: &output)
    case .text(let bytes), .bytes(let bytes): escaped(bytes, into: &output)
    case .uuid(let high, let low):
      big(high, 8, into: &output)
      big(low, 8, into: &output)
    }
    if descending { for index in start..<output.count { output[index] = ~output[index] } }
  }
}

extension RowCodec {
  /// Writes what the function of the same name makes of the value.
  public static func write(_ value: ValueView, into writer: inout ByteWriter) {
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
    case .uuid(let high, let low):
      writer.bytes.append(Tag.uuid.rawValue)
      writer.varint(16)
      writer.integer(high.byteSwapped)
      writer.integer(low.byteSwapped)
    }
  }
}
