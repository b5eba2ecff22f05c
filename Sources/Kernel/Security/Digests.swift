import COpenSSL

/// OpenSSL's primitives over byte arrays. A failure of theirs means that memory or the library's
/// own state is broken: the process ends.
public enum Digests {
  public static func sha256(_ bytes: [UInt8]) -> [UInt8] { digest(bytes, .sha256) }

  static func digest(_ bytes: [UInt8], _ hash: SCRAMHash) -> [UInt8] {
    var result = [UInt8](repeating: 0, count: hash.bytes)
    var length: UInt32 = 0
    let status = EVP_Digest(bytes, bytes.count, &result, &length, hash.function, nil)
    guard status == 1, length == hash.bytes else { fatalError("EVP_Digest failed") }
    return result
  }

  static func hmac(_ bytes: [UInt8], key: [UInt8], _ hash: SCRAMHash) -> [UInt8] {
    var result = [UInt8](repeating: 0, count: hash.bytes)
    var length: UInt32 = 0
    let done = HMAC(
      hash.function, key, Int32(key.count), bytes, bytes.count, &result, &length)
    guard done != nil, length == hash.bytes else { fatalError("HMAC failed") }
    return result
  }

  static func pbkdf2(_ password: [UInt8], salt: [UInt8], iterations: Int, _ hash: SCRAMHash)
    -> [UInt8]
  {
    var result = [UInt8](repeating: 0, count: hash.bytes)
    let status = password.withUnsafeBytes { buffer in
      // An empty password has no address; OpenSSL takes a negative length for "until the zero".
      withUnsafePointer(to: CChar(0)) { empty in
        PKCS5_PBKDF2_HMAC(
          buffer.baseAddress?.assumingMemoryBound(to: CChar.self) ?? empty, Int32(buffer.count),
          salt, Int32(salt.count), Int32(clamping: iterations), hash.function,
          Int32(hash.bytes), &result)
      }
    }
    guard status == 1 else { fatalError("PKCS5_PBKDF2_HMAC failed") }
    return result
  }
}

/// The hash of a SCRAM mechanism. PostgreSQL's clients know the first; Kafka's use both.
public enum SCRAMHash: String, Sendable, CaseIterable {
  case sha256 = "SCRAM-SHA-256"
  case sha512 = "SCRAM-SHA-512"

  var bytes: Int { self == .sha256 ? 32 : 64 }
  fileprivate var function: OpaquePointer? { self == .sha256 ? EVP_sha256() : EVP_sha512() }
}

/// Random bytes that nobody can foretell: for salts, nonces and keys. Any thread.
public enum SecureRandom {
  public static func bytes(_ count: Int) -> [UInt8] {
    var result = [UInt8](repeating: 0, count: count)
    guard RAND_bytes(&result, Int32(count)) == 1 else { fatalError("no random bytes") }
    return result
  }

  public static func int32() -> Int32 {
    bytes(4).reduce(0) { $0 << 8 | Int32($1) }
  }
}

/// Whether the secrets are equal, in a time that tells only whether their lengths are.
public func isEqualInConstantTime(_ a: [UInt8], _ b: [UInt8]) -> Bool {
  a.count == b.count && CRYPTO_memcmp(a, b, a.count) == 0
}
