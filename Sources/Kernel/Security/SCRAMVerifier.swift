/// What a server keeps of a password for SCRAM (RFC 5802, 7677): enough to check a proof,
/// not enough to give one.
public struct SCRAMVerifier: Sendable, Equatable {
  public let hash: SCRAMHash
  public let iterations: Int
  public let salt: [UInt8]
  public let storedKey: [UInt8]
  public let serverKey: [UInt8]

  /// PostgreSQL's.
  public static let defaultIterations = 4_096
  public static let saltBytes = 16

  /// The verifier of a password; `prepared` is what SASLprep (RFC 4013) makes of it, in UTF-8.
  public init(
    prepared password: [UInt8], salt: [UInt8] = SecureRandom.bytes(SCRAMVerifier.saltBytes),
    iterations: Int = defaultIterations, hash: SCRAMHash = .sha256
  ) {
    let salted = Digests.pbkdf2(password, salt: salt, iterations: iterations, hash)
    let clientKey = Digests.hmac(Array("Client Key".utf8), key: salted, hash)
    self.hash = hash
    self.iterations = iterations
    self.salt = salt
    storedKey = Digests.digest(clientKey, hash)
    serverKey = Digests.hmac(Array("Server Key".utf8), key: salted, hash)
  }

  /// What is kept of a password for all mechanisms.
  public static func texts(prepared password: [UInt8]) -> (sha256: String, sha512: String) {
    (
      SCRAMVerifier(prepared: password).text,
      SCRAMVerifier(prepared: password, hash: .sha512).text
    )
  }

  /// Reads PostgreSQL's form `SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey`, with the name of the hash;
  /// nil if it is not.
  public init?(_ text: String, hash: SCRAMHash = .sha256) {
    let parts = Array(text.utf8).split(
      separator: UInt8(ascii: "$"), omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0].elementsEqual(hash.rawValue.utf8) else { return nil }
    let colon = UInt8(ascii: ":")
    let first = parts[1].split(separator: colon, omittingEmptySubsequences: false)
    let second = parts[2].split(separator: colon, omittingEmptySubsequences: false)
    guard first.count == 2, second.count == 2,
      first[0].allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }),
      let iterations = Int32(String(decoding: first[0], as: UTF8.self)), iterations > 0,
      let salt = Base64.decode(first[1]), !salt.isEmpty,
      let storedKey = Base64.decode(second[0]), storedKey.count == hash.bytes,
      let serverKey = Base64.decode(second[1]), serverKey.count == hash.bytes
    else { return nil }
    self.hash = hash
    self.iterations = Int(iterations)
    self.salt = salt
    self.storedKey = storedKey
    self.serverKey = serverKey
  }

  /// PostgreSQL's form.
  public var text: String {
    func base64(_ bytes: [UInt8]) -> String {
      String(decoding: Base64.encode(bytes), as: UTF8.self)
    }
    return
      "\(hash.rawValue)$\(iterations):\(base64(salt))$\(base64(storedKey)):\(base64(serverKey))"
  }

  private init(
    hash: SCRAMHash, iterations: Int, salt: [UInt8], storedKey: [UInt8], serverKey: [UInt8]
  ) {
    self.hash = hash
    self.iterations = iterations
    self.salt = salt
    self.storedKey = storedKey
    self.serverKey = serverKey
  }

  /// Whether it is the verifier of this password, in the same form as for `init(prepared:)`. Costs as much
  /// as making one.
  public func isOf(_ password: [UInt8]) -> Bool {
    let other = SCRAMVerifier(prepared: password, salt: salt, iterations: iterations, hash: hash)
    return isEqualInConstantTime(other.storedKey, storedKey)
  }

  /// Stands in for a user who has none. The salt follows from the name and a secret of the server,
  /// so that asking again gives the same one, as with a real user. No proof may be taken against
  /// it: `SCRAMServer` needs to know that it is one.
  public static func mock(user: String, secret: [UInt8], hash: SCRAMHash = .sha256)
    -> SCRAMVerifier
  {
    SCRAMVerifier(
      hash: hash, iterations: defaultIterations,
      salt: Array(Digests.hmac(Array(user.utf8), key: secret, hash).prefix(saltBytes)),
      storedKey: SecureRandom.bytes(hash.bytes), serverKey: SecureRandom.bytes(hash.bytes))
  }
}
