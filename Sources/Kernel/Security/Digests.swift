import COpenSSL

/// OpenSSL's primitives over byte arrays. A failure of theirs means that memory or the library's
/// own state is broken: the process ends.
public enum Digests {
  static let sha256Bytes = 32

  public static func sha256(_ bytes: [UInt8]) -> [UInt8] {
    var result = [UInt8](repeating: 0, count: sha256Bytes)
    var length: UInt32 = 0
    let status = EVP_Digest(bytes, bytes.count, &result, &length, EVP_sha256(), nil)
    guard status == 1, length == sha256Bytes else { fatalError("EVP_Digest failed") }
    return result
  }

  static func hmac(_ bytes: [UInt8], key: [UInt8]) -> [UInt8] {
    var result = [UInt8](repeating: 0, count: sha256Bytes)
    var length: UInt32 = 0
    let done = HMAC(
      EVP_sha256(), key, Int32(key.count), bytes, bytes.count, &result, &length)
    guard done != nil, length == sha256Bytes else { fatalError("HMAC failed") }
    return result
  }

  static func pbkdf2(_ password: [UInt8], salt: [UInt8], iterations: Int) -> [UInt8] {
    var result = [UInt8](repeating: 0, count: sha256Bytes)
    let status = password.withUnsafeBytes { buffer in
      // An empty password has no address; OpenSSL takes a negative length for "until the zero".
      withUnsafePointer(to: CChar(0)) { empty in
        PKCS5_PBKDF2_HMAC(
          buffer.baseAddress?.assumingMemoryBound(to: CChar.self) ?? empty, Int32(buffer.count),
          salt, Int32(salt.count), Int32(clamping: iterations), EVP_sha256(),
          Int32(sha256Bytes), &result)
      }
    }
    guard status == 1 else { fatalError("PKCS5_PBKDF2_HMAC failed") }
    return result
  }
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
