/// Why an exchange failed.
public enum SCRAMFault: Error, Equatable, Sendable {
  /// Not a message of the mechanism, or one that asks for what is not offered.
  case malformed(String)
  /// The client believes that the server cannot bind the channel, which it has offered: somebody
  /// between them may have taken it from the offer.
  case bindingUnseen
  /// The client sees another certificate than the server has shown.
  case bindingMismatch
  /// The proof is not one of the password.
  case wrongPassword
}

/// The server's side of one SCRAM exchange, of the verifier's hash: client-first → server-first → client-final →
/// server-final. Over TLS the channel may be bound to the server's certificate ("tls-server-end-point",
/// RFC 5929), so that nobody between the two can pass the exchange on.
public struct SCRAMServer {
  public static let mechanism = "SCRAM-SHA-256"
  public static let boundMechanism = "SCRAM-SHA-256-PLUS"
  private static let bindingType = "tls-server-end-point"

  private enum State {
    case start
    case challenged(nonce: [UInt8], header: [UInt8], clientFirst: [UInt8], serverFirst: [UInt8])
    case ended
  }

  private let verifier: SCRAMVerifier
  private let isMock: Bool
  private let serverNonce: [UInt8]
  private let endpointHash: [UInt8]?
  private let isBound: Bool
  private var state = State.start

  /// With `isMock` no proof is right. `endpointHash`: that of the certificate the server has shown;
  /// nil without TLS. `isBound`: the client has picked `boundMechanism`.
  public init(
    verifier: SCRAMVerifier, isMock: Bool = false, endpointHash: [UInt8]? = nil,
    isBound: Bool = false
  ) {
    self.init(
      verifier: verifier, isMock: isMock, endpointHash: endpointHash, isBound: isBound,
      serverNonce: Base64.encode(SecureRandom.bytes(18)))
  }

  init(
    verifier: SCRAMVerifier, isMock: Bool = false, endpointHash: [UInt8]? = nil,
    isBound: Bool = false, serverNonce: [UInt8]
  ) {
    self.verifier = verifier
    self.isMock = isMock
    self.endpointHash = endpointHash
    self.isBound = isBound
    self.serverNonce = serverNonce
  }

  /// What to offer to a client, the best first.
  public static func mechanisms(endpointHash: [UInt8]?) -> [String] {
    endpointHash == nil ? [mechanism] : [boundMechanism, mechanism]
  }

  /// Takes client-first, gives server-first. The user's name in it is not used: the protocol that
  /// carries the exchange has told it.
  public mutating func begin(_ message: [UInt8]) throws(SCRAMFault) -> [UInt8] {
    guard case .start = state else { throw .malformed("unexpected message") }
    state = .ended
    var reader = SCRAMReader(message)
    let header = try reader.header()
    try checkBinding(header.binding)
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
    state = .challenged(nonce: nonce, header: header.bytes, clientFirst: bare, serverFirst: reply)
    return reply
  }

  private func checkBinding(_ binding: SCRAMReader.Binding) throws(SCRAMFault) {
    switch binding {
    case .bound(let type):
      guard isBound, endpointHash != nil else {
        throw .malformed("the mechanism is without channel binding, but the message has it")
      }
      if !type.elementsEqual(Self.bindingType.utf8) {
        throw .malformed("unsupported channel-binding type")
      }
    case .none, .notOffered:
      if isBound { throw .malformed("the mechanism binds the channel, but the message does not") }
      if binding == .notOffered && endpointHash != nil { throw .bindingUnseen }
    }
  }

  /// Takes client-final, gives server-final, which also proves that the server knows the verifier.
  public mutating func finish(_ message: [UInt8]) throws(SCRAMFault) -> [UInt8] {
    guard case .challenged(let nonce, let header, let clientFirst, let serverFirst) = state else {
      throw .malformed("unexpected message")
    }
    state = .ended
    var reader = SCRAMReader(message)
    let binding = try reader.attribute("c")
    let bound = isBound ? endpointHash ?? [] : []
    guard isEqualInConstantTime(binding, Base64.encode(header + bound)) else {
      throw isBound ? .bindingMismatch : .malformed("unexpected channel-binding attribute")
    }
    guard isEqualInConstantTime(try reader.attribute("r"), nonce) else {
      throw .malformed("nonce does not match")
    }
    let withoutProof = try reader.untilProof()
    guard let proof = Base64.decode(try reader.attribute("p")),
      proof.count == verifier.hash.bytes, reader.isAtEnd
    else { throw .malformed("malformed proof") }

    let comma = UInt8(ascii: ",")
    let authMessage = clientFirst + [comma] + serverFirst + [comma] + withoutProof
    let hash = verifier.hash
    let signature = Digests.hmac(authMessage, key: verifier.storedKey, hash)
    let clientKey = zip(proof, signature).map { $0 ^ $1 }
    let isRight = isEqualInConstantTime(Digests.digest(clientKey, hash), verifier.storedKey)
    guard isRight, !isMock else { throw .wrongPassword }
    return Array("v=".utf8)
      + Base64.encode(Digests.hmac(authMessage, key: verifier.serverKey, hash))
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

  /// What the client says of channel binding.
  enum Binding: Equatable {
    /// It cannot.
    case none
    /// It could, but the server did not offer it.
    case notOffered
    case bound(type: [UInt8])
  }

  /// The gs2 header, with its commas: whether the channel is bound, and for whom the user acts.
  mutating func header() throws(SCRAMFault) -> (binding: Binding, bytes: [UInt8]) {
    let binding: Binding
    if isNext("p") {
      position += 1
      try skip("=")
      binding = .bound(type: try value())
    } else if isNext("n") || isNext("y") {
      binding = isNext("y") ? .notOffered : .none
      position += 1
    } else {
      throw .malformed("unexpected channel-binding flag")
    }
    try skip(",")
    if isNext("a") { throw .malformed("authorization identity is not supported") }
    try skip(",")
    return (binding, Array(bytes[..<position]))
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
