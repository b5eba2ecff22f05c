import Testing

@testable import Reactor

@Suite struct PeerAddressTests {
  @Test(arguments: ["127.0.0.1:5", "127.9.9.9:65535", "[::1]:80", "[::ffff:127.0.0.1]:80"])
  func `loopback`(_ address: String) { #expect(PeerAddress.isLoopback(address)) }

  @Test(arguments: [
    "10.0.0.1:127", "[fe80::1]:80", "[::12]:1", "128.0.0.1:1", "", "[::ffff:10.127.0.1]:1",
    "1127.0.0.1:1",
  ])
  func `others`(_ address: String) { #expect(!PeerAddress.isLoopback(address)) }
}
