import Base
import Catalog
import Glibc

/// For tests of a single node: with QUATRAIN_WIRE_CHECK=1 in the environment each call takes the way
/// of its bytes, as if its tablet were on another node, and so does what it gives.
enum WireCheck {
  static let isOn = getenv("QUATRAIN_WIRE_CHECK").map { String(cString: $0) == "1" } ?? false

  /// What a receiver would make of the value.
  @inline(__always)
  static func crossed<T: WireCodable>(
    _ value: T, _ catalog: @autoclosure () -> CatalogSnapshot = CatalogSnapshot()
  ) -> T {
    isOn ? cross(value, catalog()) : value
  }

  static func crossed<T: WireCodable>(_ result: Result<T, KernelError>) -> Result<T, KernelError> {
    guard isOn else { return result }
    switch result {
    case .success(let value): return .success(crossed(value))
    case .failure(.user(let error)): return .failure(.user(crossed(error)))
    case .failure(let error): return .failure(error)
    }
  }

  private static func cross<T: WireCodable>(_ value: T, _ catalog: CatalogSnapshot) -> T {
    let bytes = encode(value, catalog)
    let copy: T
    do throws(DecodingFault) {
      copy = try decode(bytes, catalog)
    } catch {
      fatalError("invariant: \(T.self) cannot be read back: \(error)")
    }
    invariant(encode(copy, catalog) == bytes, "\(T.self) comes back as another")
    return copy
  }

  private static func encode<T: WireCodable>(_ value: T, _ catalog: CatalogSnapshot) -> [UInt8] {
    var out = WireEncoder(catalog: catalog)
    value.encode(into: &out)
    return out.bytes.bytes
  }

  private static func decode<T: WireCodable>(_ bytes: [UInt8], _ catalog: CatalogSnapshot)
    throws(DecodingFault) -> T
  {
    let result: Result<T, DecodingFault> = bytes.withUnsafeBytes { buffer in
      do throws(DecodingFault) {
        var reader = WireDecoder(ByteReader(buffer), catalog: catalog)
        let value = try T(from: &reader)
        guard reader.bytes.isAtEnd else { throw .malformed("\(reader.bytes.remaining) bytes more") }
        return .success(value)
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }
}
