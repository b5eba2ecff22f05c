/// Why an exchange failed.
public enum SCRAMFault: Error, Equatable, Sendable {
  /// Not a message of the mechanism, or one that asks for what is not offered.
  case malformed(String)
  /// The proof is not one of the password.
  case wrongPassword
}

/// The server's side of one SCRAM-SHA-256 exchange: client-first → server-first → client-final →
/// server-final. Channel binding is not offered.
public struct SCRAMServer {
  public static let mechanism = "SCRAM-SHA-256"

  private enum State {
    case start
    case challenged(nonce: [UInt8], header: [UInt8], clientFirst: [UInt8], serverFirst: [UInt8])
    case ended
  }

  private let verifier: SCRAMVerifier
  private let isMock: Bool
  private let serverNonce: [UInt8]
  private var state = State.start

  /// With `isMock` no proof is right.
  public init(verifier: SCRAMVerifier, isMock: Bool = false) {
    self.init(
      verifier: verifier, isMock: isMock, serverNonce: Base64.encode(SecureRandom.bytes(18)))
  }

  init(verifier: SCRAMVerifier, isMock: Bool = false, serverNonce: [UInt8]) {
    self.verifier = verifier
    self.isMock = isMock
    self.serverNonce = serverNonce
  }

  /// Takes client-first, gives server-first. The user's name in it is not used: the protocol that
  /// carries the exchange has told it.
  public mutating func begin(_ message: [UInt8]) throws(SCRAMFault) -> [UInt8] {
    guard case .start = state else { throw .malformed("unexpected message") }
    state = .ended
    var reader = SCRAMReader(message)
    let header = try reader.header()
    let bare = reader.rest
    if reader.isNext("m") { throw .malformed("client requires an unsupported extension") }
    _ = try reader.attribute("n")
    let clientNonce = try reader.attribute("r")
    guard !clientNonce.isEmpty, clientNonce.allSatisfy({ 0x21...0x7E ~= $0 }) else {
      throw .malformed("non-printable characters in nonce")
    }
    try reader.extensions()
    let nonce = clientNonce + serverNonce
    let reply =
      Array("r=".utf8) + nonce + Array(",s=".utf8) + Base64.encode(verifier.salt)
      + Array(",i=\(verifier.iterations)".utf8)
    state = .challenged(nonce: nonce, header: header, clientFirst: bare, serverFirst: reply)
    return reply
  }

  /// Takes client-final, gives server-final, which also proves that the server knows the verifier.
  public mutating func finish(_ message: [UInt8]) throws(SCRAMFault) -> [UInt8] {
    guard case .challenged(let nonce, let header, let clientFirst, let serverFirst) = state else {
      throw .malformed("unexpected message")
    }
    state = .ended
    var reader = SCRAMReader(message)
    guard try reader.attribute("c") == Base64.encode(header) else {
      throw .malformed("unexpected channel-binding attribute")
    }
    guard isEqualInConstantTime(try reader.attribute("r"), nonce) else {
      throw .malformed("nonce does not match")
    }
    let withoutProof = try reader.untilProof()
    guard let proof = Base64.decode(try reader.attribute("p")),
      proof.count == Digests.sha256Bytes, reader.isAtEnd
    else { throw .malformed("malformed proof") }

    let comma = UInt8(ascii: ",")
    let authMessage = clientFirst + [comma] + serverFirst + [comma] + withoutProof
    let signature = Digests.hmac(authMessage, key: verifier.storedKey)
    let clientKey = zip(proof, signature).map { $0 ^ $1 }
    let isRight = isEqualInConstantTime(Digests.sha256(clientKey), verifier.storedKey)
    guard isRight, !isMock else { throw .wrongPassword }
    return Array("v=".utf8) + Base64.encode(Digests.hmac(authMessage, key: verifier.serverKey))
  }
}

/// Takes a SCRAM message apart: `name=value` separated by commas.
struct SCRAMReader {
  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var rest: [UInt8] { Array(bytes[position...]) }
  var isAtEnd: Bool { position >= bytes.count }

  func isNext(_ name: Character) -> Bool {
    position < bytes.count && bytes[position] == name.asciiValue
  }

  private mutating func skip(_ letter: Character) throws(SCRAMFault) {
    guard isNext(letter) else { throw .malformed("expected \"\(letter)\"") }
    position += 1
  }

  /// The value, without the comma behind it. Zero bytes are in none.
  private mutating func value() throws(SCRAMFault) -> [UInt8] {
    let end = bytes[position...].firstIndex(of: UInt8(ascii: ",")) ?? bytes.count
    let value = Array(bytes[position..<end])
    if value.contains(0) { throw .malformed("zero byte in a value") }
    position = end
    return value
  }

  /// The next attribute, which must be this one; the comma before the one behind it is taken too.
  mutating func attribute(_ name: Character) throws(SCRAMFault) -> [UInt8] {
    try skip(name)
    try skip("=")
    let value = try value()
    if !isAtEnd {
      try skip(",")
      if isAtEnd { throw .malformed("attribute expected") }
    }
    return value
  }

  /// The gs2 header, with its commas: whether the channel is bound, and for whom the user acts.
  mutating func header() throws(SCRAMFault) -> [UInt8] {
    if isNext("p") {
      throw .malformed("channel binding is not offered with this mechanism")
    }
    guard isNext("n") || isNext("y") else {
      throw .malformed("unexpected channel-binding flag")
    }
    position += 1
    try skip(",")
    if isNext("a") { throw .malformed("authorization identity is not supported") }
    try skip(",")
    return Array(bytes[..<position])
  }

  /// Optional attributes, which mean nothing here.
  mutating func extensions() throws(SCRAMFault) {
    while !isAtEnd { try anExtension() }
  }

  private mutating func anExtension() throws(SCRAMFault) {
    guard let name = bytes[position...].first,
      UInt8(ascii: "a")...UInt8(ascii: "z") ~= name || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= name
    else { throw .malformed("attribute expected") }
    _ = try attribute(Character(Unicode.Scalar(name)))
  }

  /// Skips extensions before the proof; what the proof covers.
  mutating func untilProof() throws(SCRAMFault) -> [UInt8] {
    while !isAtEnd && !isNext("p") { try anExtension() }
    guard isNext("p") else { throw .malformed("proof expected") }
    return Array(bytes[..<(position - 1)])
  }
}
