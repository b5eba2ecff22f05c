import Base
import Catalog
import Testing

@testable import Node

/// How two nodes find out what both of them speak.
@Suite struct HelloTests {
  private func hello(level: Int) -> Hello {
    Hello(
      featureLevel: level, cluster: ClusterID(high: 1, low: 2), node: NodeID(rawValue: 3),
      incarnation: 4, target: NodeID(rawValue: 5))
  }

  private func bytes(_ hello: Hello) -> [UInt8] {
    var out = ByteWriter()
    hello.encode(into: &out)
    return out.bytes
  }

  private func read(_ bytes: [UInt8]) throws(DecodingFault) -> Hello {
    let result: Result<Hello, DecodingFault> = bytes.withUnsafeBytes {
      var reader = ByteReader($0)
      do throws(DecodingFault) {
        return .success(try Hello(from: &reader))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  @Test(
    "a hello says its versions and, from version 2 on, its level", arguments: FeatureLevel.known)
  func codec(level: Int) throws {
    let sent = hello(level: level)
    #expect(try read(bytes(sent)) == sent)
    #expect(sent.versions.upperBound == UInt16(level))
    #expect(try read(bytes(sent)).featureLevel == level)
  }

  @Test("version 1 is as it was: nothing follows the node that is meant")
  func firstVersion() {
    let old = bytes(hello(level: 1))
    let new = bytes(hello(level: 2))
    #expect(old.count + 1 == new.count)
    // Who knows version 1 only reads so far.
    let versions = Frame.magic.count + 2..<Frame.magic.count + 4
    var known = Array(new.dropLast())
    known.replaceSubrange(versions, with: old[versions])
    #expect(known == old)
  }

  @Test("every prefix of a hello is refused")
  func prefixes() {
    let whole = bytes(hello(level: FeatureLevel.newest))
    for count in 0..<whole.count {
      #expect(throws: DecodingFault.self) { try read(Array(whole[..<count])) }
    }
  }

  @Test("programs of adjacent levels have a protocol version in common")
  func adjacent() {
    for level in FeatureLevel.known.dropFirst() {
      let own = FeatureLevel.protocolVersions(at: level)
      #expect(own.overlaps(FeatureLevel.protocolVersions(at: level - 1)))
    }
  }
}
