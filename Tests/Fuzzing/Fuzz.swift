import Glibc

/// Runs `body` with one mutator after the other; it tells what is wrong with what the code under
/// test made of the input, or throws. Returns what to say of the first failures.
///
/// `filter` is what `swift test --filter` finds the test by. A failure, and a trap too, names the
/// seed and the command that repeats it. `QUATRAIN_FUZZ_ITERATIONS` and `QUATRAIN_FUZZ_SEED`, the
/// first seed, run more or others.
public func fuzz(
  _ filter: String, iterations: Int, _ body: (inout Mutator) throws -> String?
) -> [String] {
  let count = environment("QUATRAIN_FUZZ_ITERATIONS").map { Int(clamping: $0) } ?? iterations
  let first = environment("QUATRAIN_FUZZ_SEED") ?? 1
  let report = TrapReport()
  defer { report.end() }
  var failures: [String] = []
  for iteration in 0..<UInt64(clamping: count) {
    let seed = first &+ iteration
    let command = repetition(of: filter, seed: seed)
    report.set("trapped; again: \(command)\n")
    var mutator = Mutator(seed: seed)
    var fault: String?
    do {
      fault = try body(&mutator)
    } catch {
      fault = "\(error)"
    }
    if let fault { failures.append("\(fault); again: \(command)") }
    if failures.count == 3 { break }
  }
  return failures
}

private func repetition(of filter: String, seed: UInt64) -> String {
  "QUATRAIN_FUZZ_SEED=\(seed) QUATRAIN_FUZZ_ITERATIONS=1 swift test --filter \(filter)"
}

private func environment(_ name: String) -> UInt64? {
  getenv(name).flatMap { UInt64(String(cString: $0)) }
}
