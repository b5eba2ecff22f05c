import Fuzzing
import Testing

@testable import Security

@Suite struct SecurityFuzzTests {
  /// Only the messages as the client made them prove the password.
  @Test func exchange() {
    let first = Array(Example.clientFirst.utf8)
    let final = Array(Example.clientFinal.utf8)
    let verifier = Example.verifier()
    let words = ["n,,", "y,,", "p=tls-server-end-point,,", ",", "=", "m=", "a=", ",x=y", "\0"].map {
      Array($0.utf8)
    }
    let failures = fuzz("SecurityFuzzTests.exchange", iterations: 12_000) { mutator in
      let changed = mutator.oneIn(2) ? first : mutator.mutate([first, final], words: words)
      let ended = mutator.oneIn(8) ? final : mutator.mutate([final, first], words: words)
      for (hash, isBound) in [(nil, false), ([UInt8](repeating: 7, count: 32), mutator.oneIn(2))] {
        var server = SCRAMServer(
          verifier: verifier, endpointHash: hash, isBound: isBound,
          serverNonce: Array("%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0".utf8))
        do throws(SCRAMFault) {
          _ = try server.begin(changed)
          _ = try server.finish(ended)
        } catch {
          continue
        }
        if changed != first || ended != final { return "a changed message proved the password" }
      }
      return nil
    }
    #expect(failures == [])
  }

  @Test func verifiersAndBase64() {
    let stored = Array(
      "SCRAM-SHA-256$4096:IP0rKtNjO3HY2R8Ni13k0A==$gaHhR2IDWM5/x323B5a9tVINQKdbTWnFwEYgGbAVCPs=:EkzEi5A5v1tO8tyMCrIv+WTtZOWN+xrcMNAmgSfiGw0="
        .utf8)
    let words = ["=", "$", ":", "==", "99999999999999999999", "-1"].map { Array($0.utf8) }
    let failures = fuzz("SecurityFuzzTests.verifiersAndBase64", iterations: 6_000) { mutator in
      let bytes = mutator.mutate([stored], words: words)
      let text = String(decoding: bytes, as: UTF8.self)
      if let verifier = SCRAMVerifier(text), verifier.text != text {
        return "\(text) read as \(verifier.text)"
      }
      if let data = Base64.decode(bytes), Base64.encode(data) != bytes {
        return "\(text) is not how base64 is written"
      }
      return nil
    }
    #expect(failures == [])
  }
}
