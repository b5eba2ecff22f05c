import Base
import Fuzzing
import Testing

@testable import CQL

/// What is read of an EXECUTE where it lies is what is read of it whole.
struct ExecuteFrameTests {
  private static func frame(_ random: inout Xoshiro256, version: UInt8) -> [UInt8] {
    func draw(_ range: ClosedRange<Int>) -> Int { .random(in: range, using: &random) }
    var out = BodyWriter()
    out.shortBytes(Array(repeating: 7, count: draw(0...3) == 0 ? draw(0...20) : 16))
    if version >= 5 { out.shortBytes(Array(repeating: 8, count: 16)) }
    out.short(draw(0...12))
    let flags = draw(0...2) == 0 ? draw(0...0x1FF) : draw(0...0x37) & 0x35
    if version >= 5 { out.int(flags) } else { out.byte(UInt8(flags & 0xFF)) }
    if flags & 1 != 0 {
      let count = draw(0...4)
      out.short(count)
      for _ in 0..<count {
        if flags & 0x40 != 0 { out.string("n") }
        let length = draw(-3...20)
        out.int(length)
        if length > 0 { out.bytes += (0..<length).map { UInt8($0) } }
      }
    }
    if flags & 4 != 0 { out.int(draw(-1...5_000)) }
    if flags & 8 != 0 { out.bytes([1, 2, 3]) }
    if flags & 0x10 != 0 { out.short(draw(7...10)) }
    if flags & 0x20 != 0 { out.long(draw(0...9) == 0 ? .min : Int64(draw(-9...9))) }
    if version >= 5, flags & 0x80 != 0 { out.string("k") }
    if version >= 5, flags & 0x100 != 0 { out.int(draw(0...100)) }
    var bytes: [UInt8] = []
    FrameHeader(
      version: version, flags: [], stream: Int16(draw(-5...500)), opcode: Opcode.execute.rawValue,
      length: out.bytes.count
    ).encode(into: &bytes)
    bytes[0] &= 0x7F
    return bytes + out.bytes
  }

  /// True: it was taken, and is what the request is.
  private func check(_ bytes: [UInt8], _ frame: ExecuteFrame, version: UInt8) throws -> Bool {
    try bytes.withUnsafeBytes { buffer in
      guard frame.read(buffer, version: version) else { return false }
      let header = try #require(try FrameHeader.decode(bytes[...]))
      #expect(header.version == version && header.flags.isEmpty && header.stream == frame.stream)
      #expect(frame.byteCount == FrameHeader.bytes + header.length)
      let body = bytes[FrameHeader.bytes..<frame.byteCount]
      guard
        case .execute(let id, let resultID, let parameters) = try Request.decode(
          header.opcode, body, version: version)
      else {
        Issue.record("another request")
        return true
      }
      var expected = QueryParameters()
      expected.consistency = frame.consistency
      expected.skipsMetadata = frame.skipsMetadata
      expected.timestamp = frame.timestamp
      expected.values = frame.values.map {
        switch $0 {
        case .bytes(let bytes): .bytes(Array(bytes))
        case .null: .null
        case .unset: .unset
        }
      }
      // What is not looked at.
      expected.pageSize = parameters.pageSize
      expected.serialConsistency = parameters.serialConsistency
      #expect(parameters == expected)
      #expect(id == Array(frame.id) && resultID == frame.resultID.map { Array($0) })
      return true
    }
  }

  @Test(arguments: [3, 4, 5] as [UInt8]) func likeTheRequest(version: UInt8) throws {
    var random = Xoshiro256(seed: UInt64(version))
    let frame = ExecuteFrame()
    var taken = 0
    for _ in 0..<3_000 {
      let bytes = Self.frame(&random, version: version)
      // With what comes behind it.
      if try check(bytes + [9, 9], frame, version: version) { taken += 1 }
      #expect(try !check(bytes, frame, version: version == 5 ? 4 : 5))
    }
    #expect((500..<2_900).contains(taken), "\(taken)")
  }

  @Test(arguments: [4, 5] as [UInt8]) func cutAtEachByte(version: UInt8) throws {
    var random = Xoshiro256(seed: 11)
    let frame = ExecuteFrame()
    for _ in 0..<50 {
      let bytes = Self.frame(&random, version: version)
      for count in 0..<bytes.count {
        #expect(try !check(Array(bytes[..<count]), frame, version: version))
        // The header says that this is all.
        guard count >= FrameHeader.bytes else { continue }
        var short = Array(bytes[..<count])
        FrameHeader.setLength(count - FrameHeader.bytes, at: 0, in: &short)
        _ = try check(short, frame, version: version)
      }
    }
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>) func garbage(seed: UInt64) throws {
    var mutator = Mutator(seed: seed)
    var random = Xoshiro256(seed: seed)
    let samples = (0..<20).map { _ in Self.frame(&random, version: 4) }
    let frame = ExecuteFrame()
    for _ in 0..<2_000 {
      _ = try check(mutator.mutate(samples), frame, version: 4)
    }
  }
}
