import Base
import Testing

@testable import RESP

struct MigrateTests {
  private static func request(_ words: String...) throws -> MigrateRequest {
    try MigrateRequest(CommandArguments(words.map { Array($0.utf8) }))
  }

  private static func positions(_ words: String...) -> [Int]? {
    MigrateRequest.keyPositions(CommandArguments(words.map { Array($0.utf8) }))
  }

  @Test func optionsAreRead() throws {
    let plain = try Self.request("MIGRATE", "host", "6379", "k", "2", "500")
    #expect(plain.host == "host")
    #expect(plain.port == 6_379)
    #expect(plain.keys == [Array("k".utf8)])
    #expect(plain.database == 2)
    #expect(plain.milliseconds == 500)
    #expect(!plain.isCopy && !plain.replaces && plain.login.isEmpty)
    let all = try Self.request(
      "migrate", "::1", "1", "", "0", "0", "copy", "replace", "auth2", "me", "keys", "keys", "a",
      "b")
    #expect(all.isCopy && all.replaces)
    #expect(all.login == [Array("me".utf8), Array("keys".utf8)])
    #expect(all.keys == [Array("a".utf8), Array("b".utf8)])
    #expect(all.milliseconds == 1_000)
  }

  @Test func wrongOptionsAreRefused() {
    #expect(throws: CommandStop.self) {
      try Self.request("MIGRATE", "h", "1", "k", "0", "10", "AUTH")
    }
    #expect(throws: CommandStop.self) {
      try Self.request("MIGRATE", "h", "1", "k", "0", "10", "AUTH2", "me")
    }
    #expect(throws: CommandStop.self) {
      try Self.request("MIGRATE", "h", "1", "k", "0", "10", "KEYS", "a")
    }
    #expect(throws: CommandStop.self) {
      try Self.request("MIGRATE", "h", "1", "k", "x", "10")
    }
    #expect(throws: CommandStop.self) {
      try Self.request("MIGRATE", "h", "1", "k", "0", "10", "FASTER")
    }
  }

  @Test func keysAreFound() {
    #expect(Self.positions("MIGRATE", "h", "1", "k", "0", "10", "COPY") == [3])
    #expect(Self.positions("MIGRATE", "h", "1", "", "0", "10", "COPY", "KEYS", "a", "b") == [8, 9])
    #expect(Self.positions("MIGRATE", "h", "1", "", "0", "10", "AUTH", "KEYS", "KEYS", "a") == [9])
    #expect(Self.positions("MIGRATE", "h", "1", "k", "0", "10", "KEYS", "a") == nil)
  }

  @Test func commandsAreWritten() throws {
    let request = try Self.request("MIGRATE", "h", "1", "k", "3", "9", "REPLACE", "AUTH", "pw")
    let parcel = MigrateCommand.Parcel(name: [107], payload: [1, 2], milliseconds: 70)
    let expected =
      "*2\r\n$4\r\nAUTH\r\n$2\r\npw\r\n*2\r\n$6\r\nSELECT\r\n$1\r\n3\r\n"
      + "*5\r\n$7\r\nRESTORE\r\n$1\r\nk\r\n$2\r\n70\r\n$2\r\n\u{1}\u{2}\r\n$7\r\nREPLACE\r\n"
    #expect(MigrateCommand.commands([parcel], request) == Array(expected.utf8))
  }
}
