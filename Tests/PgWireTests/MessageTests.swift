import Base
import Testing

@testable import PgWire

private func text(_ value: String) -> [UInt8] { Array(value.utf8) + [0] }

@Suite struct MessageTests {
  private static let samples: [(UInt8, [UInt8])] = [
    (UInt8(ascii: "Q"), text("select 1")),
    (UInt8(ascii: "P"), text("s") + text("select $1") + [0, 1, 0, 0, 0, 23]),
    (
      UInt8(ascii: "B"),
      text("p") + text("s") + [0, 1, 0, 1] + [0, 2, 0, 0, 0, 2, 7, 8, 255, 255, 255, 255]
        + [0, 1, 0, 1]
    ),
    (UInt8(ascii: "D"), [UInt8(ascii: "S")] + text("s")),
    (UInt8(ascii: "C"), [UInt8(ascii: "P")] + text("p")),
    (UInt8(ascii: "E"), text("p") + [0, 0, 0, 9]),
  ]

  @Test func `each message is read as it was written`() throws {
    let read = try Self.samples.map { try FrontendMessage(type: $0.0, body: $0.1) }
    #expect(
      read == [
        .query(Array("select 1".utf8)),
        .parse(name: "s", sql: Array("select $1".utf8), types: [ObjectID(rawValue: 23)]),
        .bind(
          FrontendMessage.Bind(
            portal: "p", statement: "s", parameterFormats: [1], values: [[7, 8], nil],
            resultFormats: [1])),
        .describeStatement("s"), .closePortal("p"), .execute(portal: "p", maximumRows: 9),
      ])
  }

  @Test func `each message cut at every byte, or with one too many, is refused`() {
    for (type, body) in Self.samples {
      for count in 0..<body.count {
        #expect(throws: MessageFault.malformed) {
          try FrontendMessage(type: type, body: Array(body.prefix(count)))
        }
      }
      #expect(throws: MessageFault.malformed) {
        try FrontendMessage(type: type, body: body + [1])
      }
    }
  }

  @Test func `seeded bytes never trap`() {
    var random = Xoshiro256(seed: 3)
    for _ in 0..<20_000 {
      var (type, body) = Self.samples[Int.random(in: 0..<Self.samples.count, using: &random)]
      for _ in 0..<3 {
        body[Int.random(in: 0..<body.count, using: &random)] = UInt8.random(
          in: 0...255, using: &random)
      }
      if Bool.random(using: &random) { type = UInt8.random(in: 0...255, using: &random) }
      do throws(MessageFault) { _ = try FrontendMessage(type: type, body: body) } catch { continue }
    }
  }

  @Test func `startup packets`() throws {
    let startup: [UInt8] = [0, 3, 0, 0] + text("user") + text("quatrain") + [0]
    #expect(
      try StartupPacket(startup) == .startup(minor: 0, parameters: ["user": "quatrain"]))
    for count in 0..<startup.count {
      #expect(throws: MessageFault.malformed) { try StartupPacket(Array(startup.prefix(count))) }
    }
    #expect(try StartupPacket([4, 210, 22, 47]) == .sslRequest)
    #expect(try StartupPacket([0, 2, 0, 0]) == .unsupported(version: 131_072))
  }
}
