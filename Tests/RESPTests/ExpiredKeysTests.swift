import Base
import Fuzzing
import SimulatedServer
import Testing

@testable import RESP

/// Keys go by themselves when their time has come.
struct ExpiredKeysTests {
  @Test(arguments: 1..<4 as Range<UInt64>)
  func keysGoWithoutBeingAskedFor(seed: UInt64) {
    let server = SimulatedServer(seed: seed)
    defer { server.end() }
    var events: [KeyEvent] = []
    server.removeExpired { events += $0 }
    var script = "RPUSH list a b c\r\nPEXPIRE list 2000\r\nSET stays x\r\nSET later x PX 60000\r\n"
    for number in 0..<300 { script += "SET key:\(number) x PX 2000\r\n" }
    script += "SELECT 3\r\nSET other x PX 2000\r\n"
    #expect(server.serve([ScriptedStream(pieces: [Array(script.utf8)])]))
    #expect(events.isEmpty)
    server.run(milliseconds: 2_500)
    let names = (0..<300).map { "key:\($0)" } + ["list", "other"]
    #expect(events.map { String(decoding: $0.key, as: UTF8.self) }.sorted() == names.sorted())
    #expect(events.allSatisfy { $0.event == "expired" && $0.kind == .expired })
    #expect(events.filter { $0.db == 3 }.count == 1)
    events = []
    server.run(milliseconds: 50_000)
    #expect(events.isEmpty)
    server.run(milliseconds: 10_000)
    #expect(events.map(\.key) == [Array("later".utf8)])
  }
}
