public import Base
public import Types

extension SQLError: WireCodable {
  public func encode(into out: inout WireEncoder) {
    code.text.encode(into: &out)
    message.encode(into: &out)
    for text in [detail, hint, context, schema, table, column, dataType, constraint] {
      text.encode(into: &out)
    }
    position.encode(into: &out)
  }
  public init(from reader: inout WireDecoder) throws(DecodingFault) {
    let code = try String(from: &reader)
    self.init(SQLState(stringLiteral: code), try String(from: &reader))
    detail = try Optional(from: &reader)
    hint = try Optional(from: &reader)
    context = try Optional(from: &reader)
    schema = try Optional(from: &reader)
    table = try Optional(from: &reader)
    column = try Optional(from: &reader)
    dataType = try Optional(from: &reader)
    constraint = try Optional(from: &reader)
    position = try Optional(from: &reader)
  }
}
