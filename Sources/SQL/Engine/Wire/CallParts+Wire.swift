import Base
import Catalog
import Node
import Types

// Parts of calls that are about one type of the catalog or of the statement.

/// By the type's id where the catalog has it just so, else whole.
extension EnumLabels: WireCodable {
  func encode(into out: inout WireEncoder) {
    if let known = Self.known(type, out.catalog), known == self {
      out.bytes.bytes.append(1)
      return type.encode(into: &out)
    }
    out.bytes.bytes.append(0)
    type.encode(into: &out)
    out.bytes.string(name)
    out.list(labels)
  }

  init(from reader: inout WireDecoder) throws(DecodingFault) {
    let isKnown = try reader.bool()
    let type = try SQLType(from: &reader)
    if isKnown {
      guard let known = Self.known(type, reader.catalog) else {
        throw .malformed("no enum \(type)")
      }
      self = known
      return
    }
    self.init(type: type, name: try reader.bytes.string(), labels: try [String](from: &reader))
  }

  private static func known(_ type: SQLType, _ catalog: CatalogSnapshot) -> EnumLabels? {
    guard case .type(let descriptor) = catalog.objects[type.oid],
      case .enumeration(let labels) = descriptor.kind
    else { return nil }
    return EnumLabels(type: type, name: descriptor.name, labels: labels)
  }
}

extension JSONRecordReader {
  func encode(into out: inout WireEncoder, _ needs: inout EnvironmentNeeds) {
    out.bytes.varint(UInt64(fields.count))
    for field in fields {
      out.bytes.blob(field.key)
      field.type.encode(into: &out)
      field.reader.encode(into: &out, &needs)
    }
  }

  convenience init(from reader: inout WireDecoder) throws(DecodingFault) {
    self.init(
      fields: try reader.nested { (reader) throws(DecodingFault) in
        try reader.list { (reader) throws(DecodingFault) in
          (
            key: try reader.bytes.blob(), type: try SQLType(from: &reader),
            reader: try JSONFieldReader(from: &reader)
          )
        }
      })
  }
}

extension JSONFieldReader {
  func encode(into out: inout WireEncoder, _ needs: inout EnvironmentNeeds) {
    switch self {
    case .json: out.bytes.bytes.append(0)
    case .jsonb: out.bytes.bytes.append(1)
    case .scalar(let expression):
      out.bytes.bytes.append(2)
      expression.encode(into: &out, &needs)
    case .array(let element, let reader, let expression):
      out.bytes.bytes.append(3)
      element.encode(into: &out)
      reader.encode(into: &out, &needs)
      expression.encode(into: &out, &needs)
    case .row(let reader, let expression):
      out.bytes.bytes.append(4)
      reader.encode(into: &out, &needs)
      expression.encode(into: &out, &needs)
    }
  }

  init(from reader: inout WireDecoder) throws(DecodingFault) {
    self = try reader.nested { (reader) throws(DecodingFault) in
      let tag: UInt8 = try reader.bytes.integer()
      switch tag {
      case 0: return .json
      case 1: return .jsonb
      case 2: return .scalar(try TypedExpression(from: &reader))
      case 3:
        return .array(
          try SQLType(from: &reader), try JSONFieldReader(from: &reader),
          try TypedExpression(from: &reader))
      case 4:
        return .row(try JSONRecordReader(from: &reader), try TypedExpression(from: &reader))
      default: throw .malformed("JSON field \(tag)")
      }
    }
  }
}
