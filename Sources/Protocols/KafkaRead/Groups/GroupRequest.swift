import Base
import Catalog
import Node

/// A request about a group, on its way to the shard that keeps it.
struct GroupRequest: Sendable {
  var request: Request
  /// Who asks.
  var role: ObjectID
  var clientHost: String
  /// Of several groups in the request the one that is meant; the answer is then its part of the body alone.
  var index: Int?

  var client: GroupClient { GroupClient(id: request.header.clientID ?? "", host: clientHost) }

  func encoded(_ ticket: UInt64) -> [UInt8] {
    var out = WireEncoder(catalog: CatalogSnapshot())
    ticket.encode(into: &out)
    out.bytes.blob(request.bytes)
    role.encode(into: &out)
    clientHost.encode(into: &out)
    out.optional(index) { $0.encode(into: &$1) }
    return out.bytes.bytes
  }

  static func decode(_ bytes: [UInt8]) -> (UInt64, GroupRequest)? {
    bytes.withUnsafeBytes { buffer in
      var reader = WireDecoder(ByteReader(buffer), catalog: CatalogSnapshot())
      do throws(DecodingFault) {
        let ticket = try UInt64(from: &reader)
        guard let request = request(try reader.bytes.blob()) else { return nil }
        return (
          ticket,
          GroupRequest(
            request: request, role: try ObjectID(from: &reader),
            clientHost: try String(from: &reader),
            index: try reader.optional { (reader) throws(DecodingFault) in try Int(from: &reader) })
        )
      } catch {
        return nil
      }
    }
  }

  private static func request(_ bytes: [UInt8]) -> Request? {
    do throws(MessageFault) {
      let header = try RequestHeader.peek(bytes)
      guard let key = header.key else { return nil }
      return try Request(bytes, header, key)
    } catch {
      return nil
    }
  }
}

/// The answer on its way back; nil: the connection ends.
enum ForwardedAnswer {
  static func encode(_ ticket: UInt64, _ answer: [UInt8]?) -> [UInt8] {
    var out = WireEncoder(catalog: CatalogSnapshot())
    ticket.encode(into: &out)
    out.optional(answer) { $1.bytes.blob($0) }
    return out.bytes.bytes
  }

  static func decode(_ bytes: [UInt8]) -> (UInt64, [UInt8]?)? {
    bytes.withUnsafeBytes { buffer in
      var reader = WireDecoder(ByteReader(buffer), catalog: CatalogSnapshot())
      do throws(DecodingFault) {
        return (
          try UInt64(from: &reader),
          try reader.optional { (reader) throws(DecodingFault) in try reader.bytes.blob() }
        )
      } catch {
        return nil
      }
    }
  }
}
