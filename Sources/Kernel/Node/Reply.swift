/// One answer that may come at once or later. Lives on: one shard. A call that is answered before
/// anybody waits does not suspend.
final class Reply<Output> {
  private var result: Output?
  private var continuation: UnsafeContinuation<Void, Never>?

  func fulfill(_ value: Output) {
    result = value
    if let waiting = continuation {
      continuation = nil
      waiting.resume()
    }
  }

  func get() async -> Output {
    while true {
      if let value = result {
        result = nil
        return value
      }
      await withUnsafeContinuation { continuation = $0 }
    }
  }
}

/// Carries a reference to its own shard through another one, which never looks inside.
///
/// `@unchecked Sendable`: `value` is touched only by closures that run on the shard that made it.
struct ShardBound<Value>: @unchecked Sendable {
  let value: Value
  init(_ value: Value) { self.value = value }
}
