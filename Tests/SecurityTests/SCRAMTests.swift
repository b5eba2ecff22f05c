import Testing

@testable import Security

/// RFC 7677, section 3: user "user", password "pencil".
enum Example {
  static let clientFirst = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO"
  static let serverFirst =
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
  static let clientFinal =
    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
  static let serverFinal = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="

  static func verifier(_ password: String = "pencil") -> SCRAMVerifier {
    SCRAMVerifier(
      prepared: Array(password.utf8),
      salt: Base64.decode(Array("W22ZaJ0SNY7soEsUEjb6gQ==".utf8)) ?? [])
  }

  static func server(_ verifier: SCRAMVerifier = verifier(), isMock: Bool = false) -> SCRAMServer {
    SCRAMServer(
      verifier: verifier, isMock: isMock,
      serverNonce: Array("%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0".utf8))
  }
}

private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

@Suite struct SCRAMTests {
  @Test func `the RFC's example`() throws {
    var server = Example.server()
    #expect(try server.begin(bytes(Example.clientFirst)) == bytes(Example.serverFirst))
    #expect(try server.finish(bytes(Example.clientFinal)) == bytes(Example.serverFinal))
    #expect(throws: SCRAMFault.self) { try server.finish(bytes(Example.clientFinal)) }
    #expect(throws: SCRAMFault.self) { try server.begin(bytes(Example.clientFirst)) }
  }

  /// The same exchange with the other hash, as Python's hashlib has it.
  @Test func `SHA-512`() throws {
    let text =
      "SCRAM-SHA-512$4096:W22ZaJ0SNY7soEsUEjb6gQ==$6AAub3065EYRmyFpM2RNwqK+eGnrkYuEWbXn19LsEmBqzu"
      + "8QaCXNc1FwpnX9NhH2hK/60dzj9DoO5DvVkOHbvg==:jZHbYjC1aHh0/hKbxyBuGFjDrgjgKTT1esA7awWiKcRZ0o/0b1yWEebBeSVkkCFewf91nLDfKF24mvD5nmE6rA=="
    let verifier = try #require(SCRAMVerifier(text, hash: .sha512))
    #expect(verifier.text == text && SCRAMVerifier(text) == nil)
    #expect(verifier.isOf(bytes("pencil")) && !verifier.isOf(bytes("pencils")))
    var server = Example.server(verifier)
    #expect(try server.begin(bytes(Example.clientFirst)) == bytes(Example.serverFirst))
    let final =
      "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=gMGXRcevScNtxZ6/8l"
      + "QYpGtnsNAc3mGcmNomv+xnoOMw+3R2xNJdMNnzMlTN8PPC6wdp6dybEmDYXYTxwnYPJQ=="
    #expect(
      try server.finish(bytes(final))
        == bytes(
          "v=ZQnYEgWQMFmmsM8aQMF0nDDCy/AgCzkwk8CmMZYcMg0vSVlKDanekLtifDSeVGT4+5ZxXnJq199RVG2rR7N7Zw=="
        ))
    // A proof of the shorter hash is none.
    var other = Example.server(verifier)
    _ = try other.begin(bytes(Example.clientFirst))
    #expect(throws: SCRAMFault.self) { try other.finish(bytes(Example.clientFinal)) }
  }

  @Test func `a wrong password and a mock are refused alike`() throws {
    for (verifier, isMock) in [(Example.verifier("pencils"), false), (Example.verifier(), true)] {
      var server = Example.server(verifier, isMock: isMock)
      _ = try server.begin(bytes(Example.clientFirst))
      #expect(throws: SCRAMFault.wrongPassword) { try server.finish(bytes(Example.clientFinal)) }
    }
  }

  @Test func `a verifier that PostgreSQL 15 made`() throws {
    let text =
      "SCRAM-SHA-256$4096:IP0rKtNjO3HY2R8Ni13k0A==$gaHhR2IDWM5/x323B5a9tVINQKdbTWnFwEYgGbAVCPs=:EkzEi5A5v1tO8tyMCrIv+WTtZOWN+xrcMNAmgSfiGw0="
    let read = try #require(SCRAMVerifier(text))
    #expect(read.text == text)
    #expect(SCRAMVerifier(prepared: bytes("quatrain-password"), salt: read.salt) == read)
    #expect(SCRAMVerifier(prepared: bytes("quatrain-passwore"), salt: read.salt) != read)
    for count in 0..<text.utf8.count { #expect(SCRAMVerifier(String(text.prefix(count))) == nil) }
    for wrong in [
      text + "=", text + "$", text.replacing("4096", with: "0"),
      text.replacing("4096", with: "-1"), text.replacing("4096", with: "99999999999"),
      text.replacing("SCRAM", with: "scram"),
    ] { #expect(SCRAMVerifier(wrong) == nil) }
  }

  @Test func `messages cut at each byte`() throws {
    // Cut inside of the nonce, client-first is still a message.
    let whole = Example.clientFirst.utf8.count
    let nonceStart = "n,,n=user,r=".utf8.count
    for count in 0..<whole {
      var server = Example.server()
      let cut = Array(bytes(Example.clientFirst).prefix(count))
      if count > nonceStart {
        _ = try server.begin(cut)
      } else {
        #expect(throws: SCRAMFault.self) { try server.begin(cut) }
      }
    }
    for count in 0..<Example.clientFinal.utf8.count {
      var server = Example.server()
      _ = try server.begin(bytes(Example.clientFirst))
      #expect(throws: SCRAMFault.self) {
        try server.finish(Array(bytes(Example.clientFinal).prefix(count)))
      }
    }
  }

  @Test(arguments: [
    "p=tls-server-end-point,,n=user,r=abc", "x,,n=user,r=abc", "n,a=other,n=user,r=abc",
    "n,,m=x,n=user,r=abc", "n,,r=abc,n=user", "n,,n=user,r=", "n,,n=user,r=a c", "n,,n=user,r=ab,",
    "n,,n=user,r=ab,1=x", "n,,n=us\0er,r=abc", "n=user,r=abc",
  ])
  func `client-first of other kinds`(_ message: String) {
    var server = Example.server()
    #expect(throws: SCRAMFault.self) { try server.begin(bytes(message)) }
  }

  @Test func `the header of client-first comes back in client-final`() throws {
    var server = Example.server()
    _ = try server.begin(bytes("y,,n=,r=rOprNGfwEbeRWgbNEkqO,x=1"))
    // "biws" is "n,,".
    #expect(throws: SCRAMFault.malformed("unexpected channel-binding attribute")) {
      try server.finish(bytes(Example.clientFinal))
    }
    server = Example.server()
    _ = try server.begin(bytes(Example.clientFirst))
    #expect(throws: SCRAMFault.malformed("nonce does not match")) {
      try server.finish(bytes(Example.clientFinal.replacing("%hv", with: "%hw")))
    }
  }

  /// A client that binds its exchange to `hash`: what it sends last.
  private func boundFinal(_ server: inout SCRAMServer, _ header: String, _ hash: [UInt8]) throws
    -> [UInt8]
  {
    let bare = "n=,r=rOprNGfwEbeRWgbNEkqO"
    let first = try server.begin(bytes(header + bare))
    let nonce = first[..<(first.firstIndex(of: UInt8(ascii: ",")) ?? 0)]
    let unproved = bytes("c=") + Base64.encode(bytes(header) + hash) + bytes(",") + nonce
    let message = bytes(bare + ",") + first + bytes(",") + unproved
    let salted = Digests.pbkdf2(
      bytes("pencil"), salt: Example.verifier().salt, iterations: 4_096, .sha256)
    let key = Digests.hmac(bytes("Client Key"), key: salted, .sha256)
    let signature = Digests.hmac(message, key: Digests.sha256(key), .sha256)
    return unproved + bytes(",p=") + Base64.encode(zip(key, signature).map { $0 ^ $1 })
  }

  @Test func `an exchange bound to the certificate`() throws {
    let header = "p=tls-server-end-point,,"
    func server(_ hash: [UInt8]?, isBound: Bool = true) -> SCRAMServer {
      SCRAMServer(verifier: Example.verifier(), endpointHash: hash, isBound: isBound)
    }
    let hash = [UInt8](repeating: 7, count: 32)
    var right = server(hash)
    #expect(try right.finish(boundFinal(&right, header, hash)).starts(with: bytes("v=")))
    // Somebody between shows another certificate.
    for other in [[UInt8](repeating: 8, count: 32), [], hash + [0], Array(hash.dropLast())] {
      var wrong = server(hash)
      let final = try boundFinal(&wrong, header, other)
      #expect(throws: SCRAMFault.bindingMismatch) { try wrong.finish(final) }
    }
    // Somebody between took the bound mechanism from the offer.
    var unseen = server(hash, isBound: false)
    #expect(throws: SCRAMFault.bindingUnseen) { try unseen.begin(bytes("y,,n=,r=abc")) }
    // A client that cannot bind may go on without; over no TLS `y` is the truth.
    var without = server(hash, isBound: false)
    #expect(try without.finish(boundFinal(&without, "n,,", [])).starts(with: bytes("v=")))
    var plain = server(nil, isBound: false)
    #expect(try plain.finish(boundFinal(&plain, "y,,", [])).starts(with: bytes("v=")))
    for (wrong, isBound) in [
      ("n,,n=,r=abc", true), ("y,,n=,r=abc", true), ("p=tls-unique,,n=,r=abc", true),
      ("p=,,n=,r=abc", true), ("p,,n=,r=abc", true), ("p=tls-server-end-point", true),
      ("p=tls-server-end-point,,n=,r=abc", false),
    ] {
      var refusing = server(hash, isBound: isBound)
      do {
        _ = try refusing.begin(bytes(wrong))
        Issue.record("\(wrong) was taken")
      } catch {
        guard case .malformed = error else {
          Issue.record("\(wrong): \(error)")
          continue
        }
      }
    }
    #expect(SCRAMServer.mechanisms(endpointHash: nil) == ["SCRAM-SHA-256"])
    #expect(SCRAMServer.mechanisms(endpointHash: hash).first == "SCRAM-SHA-256-PLUS")
  }

  @Test func `a mock's salt is the same for one user of one server`() {
    func salt(_ user: String, _ secret: UInt8) -> [UInt8] {
      SCRAMVerifier.mock(user: user, secret: [secret]).salt
    }
    #expect(salt("a", 1) == salt("a", 1))
    #expect(salt("a", 1) != salt("b", 1))
    #expect(salt("a", 1) != salt("a", 2))
    #expect(salt("a", 1).count == SCRAMVerifier.saltBytes)
  }

  @Test func `base64 both ways, other spellings refused`() {
    for count in 0..<40 {
      let some = SecureRandom.bytes(count)
      #expect(Base64.decode(Base64.encode(some)) == some)
    }
    #expect(Base64.encode(bytes("fo")) == bytes("Zm8="))
    for wrong in ["Zm8", "Zm9=", "Zm8=\n", "Z===", "====", "Zm=8", "Z m8"] {
      #expect(Base64.decode(bytes(wrong)) == nil)
    }
  }

  @Test func `an empty password has a verifier too`() {
    #expect(SCRAMVerifier(prepared: [], salt: [1]) == SCRAMVerifier(prepared: [], salt: [1]))
    #expect(SCRAMVerifier(prepared: [], salt: [1]) != SCRAMVerifier(prepared: [0], salt: [2]))
  }
}
